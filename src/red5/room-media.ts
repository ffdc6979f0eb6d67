/**
 * What is known of one room's media, from hints and answers, and whom that lists. Pure: time is an argument.
 *
 * | a stream is | until |
 * | --- | --- |
 * | not known | a hint or an answer has it (live), or it has a socket for 15 s and an answer does not have it (gone) |
 * | live | an answer does not have it, and neither has one to a later question (gone) |
 * | live, unpublished by a hint | an answer does not have it, and 3 s are over (gone); a hint publishes it anew, or an answer after these 3 s has it (live) |
 * | gone | a hint or an answer has it (live), or its socket leaves (not known) |
 *
 * An answer says nothing of a stream about which a hint came after the question.
 */
import { encodeName } from '../conference/protocol';
import type { RosterStream } from '../conference/rooms';

/** Milliseconds that an unpublished stream stays listed: a publisher that reconnects unpublishes first. */
export const GRACE = 3_000;
/** Milliseconds that a socket has until its media must be live. */
export const TIME_TO_PUBLISH = 15_000;
/** Streams that are known of a room at most. */
export const MOST_STREAMS = 5_000;

export type RosterKind = 'sockets' | 'live' | 'both';

interface Known {
  live: boolean;
  /** By the clock on the wall, for people. */
  since: number;
  /** When a hint said so last. */
  publishedAt: number;
  unpublishedAt: number | undefined;
  /** An answer to a question after the hint did not have it. */
  confirmed: boolean;
  /** When an answer that did not have it had come. */
  missedAt: number | undefined;
}

const NOTHING_KNOWN = {
  publishedAt: Number.NEGATIVE_INFINITY,
  unpublishedAt: undefined,
  confirmed: false,
  missedAt: undefined,
};

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
  readonly #known = new Map<string, Known>();
  /** When the sockets of each stream were first seen. */
  readonly #heldSince = new Map<string, number>();
  /** The roster, in its order. */
  #listed = new Map<string, RosterStream>();
  /** Whether anybody has published in this room: only then can the server forget it. */
  #hadPublisher = false;
  #wasAnswered = false;

  constructor(kind: RosterKind) {
    this.#kind = kind;
  }

  get hadPublisher(): boolean {
    return this.#hadPublisher;
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
    return before.some((name, index) => name !== [...next.keys()][index]);
  }

  /** @returns undefined where the room has too many streams already */
  published(name: string, now: number): MediaChange | undefined {
    if (!this.#known.has(name) && this.#known.size >= MOST_STREAMS) return undefined;
    return this.#change(() => {
      const known = this.#goLive(name);
      known.publishedAt = now;
      known.unpublishedAt = undefined;
    }, [name]);
  }

  /** @returns whether that is news: it is to be looked at when the grace is over */
  unpublished(name: string, now: number): boolean {
    const known = this.#known.get(name) ?? (this.#heldSince.has(name) ? this.#goLive(name) : undefined);
    if (known === undefined || !known.live || known.unpublishedAt !== undefined) return false;
    known.unpublishedAt = now;
    known.confirmed = false;
    return true;
  }

  /** The server has said that it ended this stream. */
  ended(name: string): MediaChange {
    return this.#change(() => this.#goAway(name), [name]);
  }

  /**
   * @param present whom the server lists
   * @param askedAt when it was asked
   */
  answered(present: ReadonlySet<string>, askedAt: number, now: number): MediaChange {
    if (this.#isNoNews(present)) return NO_CHANGE;
    const absent = [...this.#known].filter(([name, { live }]) => live && !present.has(name));
    const unpublishing = [...this.#heldSince].filter(
      ([name, since]) => !this.#known.has(name) && !present.has(name) && askedAt >= since + TIME_TO_PUBLISH,
    );
    const names = [...present, ...absent.map(([name]) => name), ...unpublishing.map(([name]) => name)];
    let unsure = false;
    const change = this.#change(() => {
      for (const name of present) this.#seen(name, askedAt);
      for (const [name, known] of absent) unsure = this.#missed(name, known, askedAt, now) || unsure;
      for (const [name] of unpublishing) this.#goAway(name);
    }, names);
    const corrected = this.#wasAnswered ? change.corrected : 0;
    this.#wasAnswered = true;
    return { ...change, corrected, unsure };
  }

  /** Takes away those whose grace is over, where an answer has confirmed it. */
  graceIsOver(now: number): MediaChange {
    const over = [...this.#known].filter(
      ([, { live, unpublishedAt, confirmed }]) =>
        live && confirmed && unpublishedAt !== undefined && now >= unpublishedAt + GRACE,
    );
    const names = over.map(([name]) => name);
    return this.#change(() => {
      for (const name of names) this.#goAway(name);
    }, names);
  }

  /** Since when a stream's media is live; undefined where it is not known to be. */
  liveSince(name: string): number | undefined {
    const known = this.#known.get(name);
    return known?.live ? known.since : undefined;
  }

  /** Those known to be live. */
  get live(): string[] {
    return [...this.#known].filter(([, { live }]) => live).map(([name]) => name);
  }

  /** As it mostly is, two hundred times a second: these are known to be live, and nobody else is there. */
  #isNoNews(present: ReadonlySet<string>): boolean {
    if (present.size !== this.#known.size) return false;
    for (const name of this.#heldSince.keys()) if (!this.#known.has(name)) return false;
    for (const name of present) {
      const known = this.#known.get(name);
      if (!known?.live || known.unpublishedAt !== undefined || known.missedAt !== undefined) return false;
    }
    return this.#wasAnswered;
  }

  #isListed(name: string): boolean {
    const known = this.#known.get(name);
    if (this.#heldSince.has(name)) return this.#kind === 'sockets' || known === undefined || known.live;
    return this.#kind === 'both' && known !== undefined && known.live;
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
      if (this.#known.get(name)?.live === false) this.#known.delete(name);
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
    return this.#known.get(name)?.live;
  }

  #goLive(name: string): Known {
    const known = this.#known.get(name);
    const since = known?.live ? known.since : Date.now();
    const next = { ...NOTHING_KNOWN, ...known, live: true, since, confirmed: false, missedAt: undefined };
    this.#known.set(name, next);
    this.#hadPublisher = true;
    return next;
  }

  /** What has a socket is remembered as gone; of others nothing is left. */
  #goAway(name: string): void {
    if (!this.#heldSince.has(name)) this.#known.delete(name);
    else this.#known.set(name, { ...NOTHING_KNOWN, live: false, since: Date.now() });
  }

  #seen(name: string, askedAt: number): void {
    const { unpublishedAt } = this.#known.get(name) ?? {};
    if (unpublishedAt !== undefined && unpublishedAt > askedAt) return;
    if (unpublishedAt === undefined && !this.#known.has(name) && this.#known.size >= MOST_STREAMS) return;
    const known = this.#goLive(name);
    // The server may tell of an end before it has taken the stream off its list: the hint counts until the grace is over.
    if (unpublishedAt !== undefined && askedAt >= unpublishedAt + GRACE) known.unpublishedAt = undefined;
  }

  /** @returns whether a second answer is needed */
  #missed(name: string, known: Known, askedAt: number, now: number): boolean {
    if (known.publishedAt > askedAt) return false;
    if (known.unpublishedAt !== undefined) {
      if (known.unpublishedAt > askedAt) return false;
      known.confirmed = true;
      if (now >= known.unpublishedAt + GRACE) this.#goAway(name);
      return false;
    }
    if (known.missedAt === undefined) known.missedAt = now;
    if (askedAt <= known.missedAt) return true;
    this.#goAway(name);
    return false;
  }
}
