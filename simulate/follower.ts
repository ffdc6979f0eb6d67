/** A member that speaks `conference.2`: it keeps the list that the host's frames make. */
import { RoomChanges } from '../src/conference/changes';
import { encodeName } from '../src/conference/protocol';
import type { RosterStream } from '../src/conference/rooms';

interface Frame {
  readonly type: 'roster' | 'changes';
  readonly seq: number;
  readonly since?: number;
  readonly streams?: readonly string[];
  readonly left?: readonly string[];
  readonly joined?: readonly string[];
}

export class Follower {
  readonly #changes: RoomChanges;
  #list: readonly string[] = [];
  #seq: number | undefined;

  constructor(room: string, streams: () => Iterable<RosterStream>) {
    this.#changes = new RoomChanges({
      room: encodeName(room),
      streams,
      encode: (json) => Buffer.from(json),
    });
  }

  /** The list, once what is new has been heard. @throws where a frame does not fit to what was heard before */
  list(): string[] {
    this.#changes.changed();
    const news = this.#changes.seq === this.#seq ? undefined : this.#changes.news(this.#seq, false);
    if (news !== undefined) this.#hear(JSON.parse(Buffer.from(news).toString()));
    return [...this.#list];
  }

  #hear({ type, seq, since = seq - 1, streams = [], left = [], joined = [] }: Frame): void {
    const lost = new Set(left);
    const staying = this.#list.filter((name) => !lost.has(name));
    const isMisfit = since !== this.#seq || staying.length + lost.size !== this.#list.length;
    if (type === 'changes' && isMisfit) throw new Error(`changes since ${since} do not fit to ${this.#seq}`);
    this.#list = type === 'roster' ? streams : [...staying, ...joined];
    this.#seq = seq;
  }
}
