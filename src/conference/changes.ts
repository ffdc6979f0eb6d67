/**
 * What those members of a room are told that speak `conference.2`: a list with a number once, and from then on what has
 * changed since. Each frame is made once, for all who were told the same before. Pure.
 */
import { difference, ListHistory } from './list-history';
import type { RosterStream } from './rooms';

export interface ChangesParts {
  /** The room's name as JSON. */
  readonly room: string;
  /** Whom the room's roster lists now. */
  readonly streams: () => Iterable<RosterStream>;
  /** Makes of a frame's JSON the bytes that every receiver takes as they are. */
  readonly encode: (json: string) => Uint8Array;
}

export class RoomChanges {
  readonly #parts: ChangesParts;
  readonly #history = new ListHistory();
  /** Encoded names. */
  #list: readonly string[] = [];
  #seq = 0;
  #isStale = true;
  /** What is told to those whose list has this number; undefined where they are told the whole one. */
  readonly #frames = new Map<number, Uint8Array | undefined>();
  #roster: Uint8Array | undefined;

  constructor(parts: ChangesParts) {
    this.#parts = parts;
  }

  /** The room has changed, though its list may be the same. */
  changed(): void {
    this.#isStale = true;
  }

  /** The number of the present list. */
  get seq(): number {
    if (this.#isStale) this.#refresh();
    return this.#seq;
  }

  /**
   * The frame for a member whose list has this number; the whole list where it has none, or where it is too long ago.
   * @param seq less than the present one
   */
  since(seq: number | undefined): Uint8Array {
    const changes = seq === undefined ? undefined : this.#changesSince(seq);
    if (changes !== undefined) return changes;
    this.#roster ??= this.#parts.encode(this.#rosterWith(''));
    return this.#roster;
  }

  /** The whole list for a member that has just come. @param more keys of the frame, as JSON */
  first(more: string): Uint8Array {
    return this.#parts.encode(this.#rosterWith(`,${more}`));
  }

  #refresh(): void {
    this.#isStale = false;
    const list = Array.from(this.#parts.streams(), encodedName);
    const step = difference(this.#list, list);
    if (step.left.length + step.joined.length === 0) return;
    this.#list = list;
    this.#seq++;
    this.#history.add(this.#seq, step, list.length);
    this.#frames.clear();
    this.#roster = undefined;
  }

  #changesSince(seq: number): Uint8Array | undefined {
    if (this.#frames.has(seq)) return this.#frames.get(seq);
    const step = this.#history.since(seq);
    const frame = step && this.#parts.encode(encodeChanges(this.#seq, seq, step));
    this.#frames.set(seq, frame);
    return frame;
  }

  #rosterWith(more: string): string {
    const { room } = this.#parts;
    return `{"type":"roster","room":${room},"seq":${this.#seq},"streams":[${this.#list.join()}]${more}}`;
  }
}

function encodedName({ encoded }: RosterStream): string {
  return encoded;
}

/** The number of the list before is left out where it is the one just before. */
function encodeChanges(seq: number, since: number, { left, joined }: ReturnType<typeof difference>): string {
  let more = since === seq - 1 ? '' : `,"since":${since}`;
  if (left.length > 0) more += `,"left":[${left.join()}]`;
  if (joined.length > 0) more += `,"joined":[${joined.join()}]`;
  return `{"type":"changes","seq":${seq}${more}}`;
}
