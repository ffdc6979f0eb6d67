/** What is known of one room's media, from hints and answers, and whom that lists. Pure: time is an argument. */
import { encodeName } from '../conference/protocol';
import type { RosterStream } from '../conference/rooms';
import { GRACE, KnownStream } from './known-stream';

/** Milliseconds that a socket has until its media must be live. */
export const TIME_TO_PUBLISH = 15_000;
/** Streams that are known of a room at most. */
export const MOST_STREAMS = 5_000;

export type RosterKind = 'sockets' | 'live' | 'both';

/** What a hint or an answer did. */
export interface MediaChange {
  /** Whether the roster is another one. */
  readonly rosterChanged: boolean;
  /** Streams of which something else had been believed. */
  readonly corrected: number;
  /** Whether a second answer is needed to be sure. */
  readonly unsure: boolean;
}

const NO_CHANGE: MediaChange = { rosterChanged: false, corrected: 0, unsure: false };

export class RoomMedia {
  readonly #kind: RosterKind;
  readonly #known = new Map<string, KnownStream>();
  /** When the sockets of each stream were first seen. */
  readonly #heldSince = new Map<string, number>();
  /** When an operator ended these streams, until an answer does not have them: an older question had them still. */
  readonly #endedAt = new Map<string, number>();
  /** The roster, in its order. */
  #listed = new Map<string, RosterStream>();
  #isForgettable = false;
  /** When the question of the last answer was asked. */
  #answeredTo: number | undefined;

  constructor(kind: RosterKind) {
    this.#kind = kind;
  }

  /** Whether the server knows this room, or somebody has published in it: only then can it forget it. */
  get isForgettable(): boolean {
    return this.#isForgettable;
  }

  /** The names that are listed, in their order. */
  get order(): string[] {
    return [...this.#listed.keys()];
  }

  /** Whom the roster lists. Whoever is listed keeps its place, whether it is its socket or its media that stays. */
  streams(held: Iterable<RosterStream>, now: number): Iterable<RosterStream> {
    const sockets = this.#look(held, now);
    if (this.#kind === 'sockets') return sockets.values();
    const next = new Map<string, RosterStream>();
    for (const [name, stream] of this.#listed) if (this.#isListed(name)) next.set(name, stream);
    for (const [name, stream] of sockets) if (this.#isListed(name) && !next.has(name)) next.set(name, stream);
    for (const name of this.#known.keys()) {
      if (this.#isListed(name) && !next.has(name)) next.set(name, { name, encoded: encodeName(name) });
    }
    this.#listed = next;
    return next.values();
  }

  /** Takes over the order in which another node lists; those that it does not know stand behind. */
  adoptOrder(names: Iterable<string>): boolean {
    const before = this.order;
    const next = new Map<string, RosterStream>();
    for (const name of names) {
      const stream = this.#listed.get(name);
      if (stream !== undefined) next.set(name, stream);
    }
    for (const [name, stream] of this.#listed) if (!next.has(name)) next.set(name, stream);
    this.#listed = next;
    const after = this.order;
    return before.some((name, index) => name !== after[index]);
  }

  /** @returns undefined where the room has too many streams already */
  published(name: string, now: number): MediaChange | undefined {
    if (!this.#hasPlaceFor(name)) return undefined;
    this.#endedAt.delete(name);
    return this.#change(() => this.#stream(name).published(now), [name]);
  }

  /** @returns whether that is news: it is to be looked at when the grace is over */
  unpublished(name: string, now: number): boolean {
    if (this.#heldSince.has(name)) return this.#stream(name).unpublished(now);
    return this.#known.get(name)?.unpublished(now) ?? false;
  }

  /** An operator has ended this stream, and the server has said so. */
  ended(name: string, now: number): MediaChange {
    this.#endedAt.set(name, now);
    return this.#change(() => this.#goAway(name), [name]);
  }

  /**
   * @param present whom the server lists
   * @param askedAt when it was asked
   */
  answered(present: ReadonlySet<string>, askedAt: number, now: number): MediaChange {
    if (this.#answeredTo !== undefined && askedAt < this.#answeredTo) return NO_CHANGE;
    const isFirst = this.#answeredTo === undefined;
    this.#answeredTo = askedAt;
    this.#isForgettable = true;
    if (!isFirst && this.#isNoNews(present)) return NO_CHANGE;
    const absent = [...this.#known].filter(([name, { isLive }]) => isLive && !present.has(name));
    const unpublishing = [...this.#heldSince].filter(
      ([name, since]) => !this.#known.has(name) && !present.has(name) && askedAt >= since + TIME_TO_PUBLISH,
    );
    const names = [...present, ...absent.map(([name]) => name), ...unpublishing.map(([name]) => name)];
    this.#forgetEnded(present, askedAt);
    let unsure = false;
    const change = this.#change(() => {
      for (const name of present) this.#seen(name, askedAt);
      for (const [name, stream] of absent) {
        const missed = stream.missed(askedAt, now);
        if (missed === 'gone') this.#goAway(name);
        unsure ||= missed === 'unsure';
      }
      for (const [name] of unpublishing) this.#goAway(name);
    }, names);
    return { ...change, corrected: isFirst ? 0 : change.corrected, unsure };
  }

  /** Takes away those whose grace is over, where an answer has confirmed it. */
  graceIsOver(now: number): MediaChange {
    const names = [...this.#known].filter(([, stream]) => stream.isOver(now)).map(([name]) => name);
    return this.#change(() => {
      for (const name of names) this.#goAway(name);
    }, names);
  }

  /** Since when a stream's media is live; undefined where it is not known to be. */
  liveSince(name: string): number | undefined {
    const stream = this.#known.get(name);
    return stream?.isLive ? stream.since : undefined;
  }

  /** Those known to be live. */
  get live(): string[] {
    return [...this.#known].filter(([, { isLive }]) => isLive).map(([name]) => name);
  }

  /** As it mostly is, two hundred times a second: these are known to be live, and nobody else is there. */
  #isNoNews(present: ReadonlySet<string>): boolean {
    if (present.size !== this.#known.size || this.#endedAt.size > 0) return false;
    for (const name of this.#heldSince.keys()) if (!this.#known.has(name)) return false;
    for (const name of present) if (!this.#known.get(name)?.isUndisputed) return false;
    return true;
  }

  #isListed(name: string): boolean {
    const stream = this.#known.get(name);
    if (this.#heldSince.has(name)) return this.#kind === 'sockets' || stream === undefined || stream.isLive;
    return this.#kind === 'both' && stream !== undefined && stream.isLive;
  }

  /** Notes who has a socket. One that comes back has its time to publish anew. */
  #look(held: Iterable<RosterStream>, now: number): Map<string, RosterStream> {
    const sockets = new Map<string, RosterStream>();
    for (const stream of held) {
      sockets.set(stream.name, stream);
      if (!this.#heldSince.has(stream.name)) this.#heldSince.set(stream.name, now);
    }
    if (sockets.size === this.#heldSince.size) return sockets;
    for (const name of this.#heldSince.keys()) {
      if (sockets.has(name)) continue;
      this.#heldSince.delete(name);
      if (this.#known.get(name)?.isLive === false) this.#known.delete(name);
    }
    return sockets;
  }

  #change(act: () => void, names: readonly string[]): MediaChange {
    const before = names.map((name) => [name, this.#isListed(name), this.#isLive(name)] as const);
    act();
    const rosterChanged = before.some(([name, was]) => this.#isListed(name) !== was);
    const corrected = before.filter(([name, , was]) => this.#isLive(name) !== was).length;
    return { rosterChanged, corrected, unsure: false };
  }

  /** Undefined where nothing is known. */
  #isLive(name: string): boolean | undefined {
    return this.#known.get(name)?.isLive;
  }

  #hasPlaceFor(name: string): boolean {
    return this.#known.has(name) || this.#known.size < MOST_STREAMS;
  }

  /** Somebody has published it, or has said so. */
  #stream(name: string): KnownStream {
    const stream = this.#known.get(name) ?? new KnownStream();
    this.#known.set(name, stream);
    this.#isForgettable = true;
    return stream;
  }

  /** What has a socket is remembered as gone; of others nothing is left. */
  #goAway(name: string): void {
    if (!this.#heldSince.has(name)) this.#known.delete(name);
    else this.#stream(name).gone();
  }

  #seen(name: string, askedAt: number): void {
    if (this.#hasPlaceFor(name) && !this.#endedAt.has(name)) this.#stream(name).seen(askedAt);
  }

  /** The server may have an ended stream on its list for a moment. */
  #forgetEnded(present: ReadonlySet<string>, askedAt: number): void {
    for (const [name, endedAt] of this.#endedAt) {
      if (askedAt >= endedAt + (present.has(name) ? GRACE : 0)) this.#endedAt.delete(name);
    }
  }
}
