/**
 * What those members of a room are told that speak `conference.2`: a list with a number once, and from then on what has
 * changed since. Each frame is made once, for all who were told the same before. Pure.
 */
import { type Difference, difference, ListHistory } from './list-history';
import { NoteHistory } from './note-history';
import type { RosterStream } from './rooms';

export interface ChangesParts {
  /** The room's name as JSON. */
  readonly room: string;
  /** Whom the room's roster lists now. */
  readonly streams: () => Iterable<RosterStream>;
  /** Makes of a frame's JSON the bytes that every receiver takes as they are. */
  readonly encode: (json: string) => Uint8Array;
}

/** Frames by the number of the list that their receivers have. */
type Frames = Map<number | undefined, Uint8Array | undefined>;

export class RoomChanges {
  readonly #parts: ChangesParts;
  readonly #history = new ListHistory();
  /** Encoded names. */
  #list: readonly string[] = [];
  #seq = 0;
  /** The number with which the list has changed last; after that, only metadata has. */
  #listSeq = 0;
  /** None until somebody asks for metadata. */
  #notes: NoteHistory | undefined;
  #isStale = true;
  readonly #frames: Frames = new Map();
  readonly #framesWithNotes: Frames = new Map();

  constructor(parts: ChangesParts) {
    this.#parts = parts;
  }

  /** The room has changed, though its list may be the same. */
  changed(): void {
    this.#isStale = true;
  }

  /** From now on there is somebody who asks for metadata. */
  followNotes(): void {
    if (this.#notes !== undefined) return;
    this.#notes = new NoteHistory();
    this.#isStale = true;
  }

  /** The number of the present list. */
  get seq(): number {
    if (this.#isStale) this.#refresh();
    return this.#seq;
  }

  /**
   * What is new to a member, as a frame; undefined where nothing is.
   * @param since the number of the list that it has. Where it has none, or that is too long ago, it is told the whole one.
   * @param tells whether it is told metadata as well
   */
  news(since: number | undefined, tells: boolean): Uint8Array | undefined {
    const { seq } = this;
    if (since !== undefined && since >= (tells ? seq : this.#listSeq)) return undefined;
    const frames = tells ? this.#framesWithNotes : this.#frames;
    if (frames.has(since)) return frames.get(since);
    const changes = since === undefined ? undefined : this.#changesSince(since, tells);
    const frame = changes === undefined ? this.#roster(frames, tells) : this.#parts.encode(changes);
    frames.set(since, frame);
    return frame;
  }

  /** The whole list for a member that has just come. @param more keys of the frame, as JSON */
  first(more: string, tells: boolean): Uint8Array {
    return this.#parts.encode(this.#rosterWith(tells, `,${more}`));
  }

  #refresh(): void {
    this.#isStale = false;
    const streams = [...this.#parts.streams()];
    const list = streams.map(({ encoded }) => encoded);
    const step = difference(this.#list, list);
    const isOtherList = step.left.length + step.joined.length > 0;
    const next = this.#seq + 1;
    const hasOtherNotes = this.#notes?.update(notesOf(streams), list, next) ?? false;
    if (!isOtherList && !hasOtherNotes) return;
    this.#seq = next;
    this.#frames.clear();
    this.#framesWithNotes.clear();
    if (!isOtherList) return;
    this.#list = list;
    this.#listSeq = next;
    this.#history.add(next, step, list.length);
  }

  #changesSince(seq: number, tells: boolean): string | undefined {
    const step = this.#history.since(seq);
    const notes = tells ? (this.#notes?.since(seq) ?? '') : '';
    return step && encodeChanges(this.#seq, seq, step, notes);
  }

  #roster(frames: Frames, tells: boolean): Uint8Array {
    const known = frames.get(undefined);
    if (known !== undefined) return known;
    const roster = this.#parts.encode(this.#rosterWith(tells, ''));
    frames.set(undefined, roster);
    return roster;
  }

  #rosterWith(tells: boolean, more: string): string {
    const seq = this.seq;
    const notes = tells ? (this.#notes?.all() ?? '') : '';
    const metadata = notes === '' ? '' : `,"metadata":${notes}`;
    const list = this.#list.join();
    return `{"type":"roster","room":${this.#parts.room},"seq":${seq},"streams":[${list}]${metadata}${more}}`;
  }
}

function notesOf(streams: readonly RosterStream[]): Map<string, string> {
  const notes = new Map<string, string>();
  for (const { encoded, note } of streams) if (note !== undefined) notes.set(encoded, note);
  return notes;
}

/** The number of the list before is left out where it is the one just before. */
function encodeChanges(seq: number, since: number, { left, joined }: Difference, notes: string): string {
  let more = since === seq - 1 ? '' : `,"since":${since}`;
  if (left.length > 0) more += `,"left":[${left.join()}]`;
  if (joined.length > 0) more += `,"joined":[${joined.join()}]`;
  if (notes !== '') more += `,"metadata":${notes}`;
  return `{"type":"changes","seq":${seq}${more}}`;
}
