/**
 * Which lists a node has sent lately, in short: a number for each room, and the version. The others compare it with
 * what they have heard, and read only the rooms that differ: so rooms in which nothing happens cost nothing. Pure.
 */

/** All lists of versions above `from`, up to `to`: of each room the newest one. */
export interface Digest {
  readonly from: number;
  readonly to: number;
  /** Number of a room → version. */
  readonly versions: ReadonlyMap<number, number>;
}

/** What a room is called in digests (FNV-1a, 31 bits). Two rooms may have one number: then both are read. */
export function numberOf(room: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < room.length; at++) hash = Math.imul(hash ^ room.charCodeAt(at), 0x01000193);
  return hash >>> 1;
}

/** What this node has sent in the time for which the others may need to hear of it. */
export class SentLately {
  readonly #keptFor: number;
  /** The longest ago comes first. */
  readonly #sent = new Map<number, { readonly version: number; readonly at: number }>();
  #from = 0;
  #to = 0;

  /** @param keptFor milliseconds */
  constructor(keptFor: number) {
    this.#keptFor = keptFor;
  }

  add(room: string, version: number, now: number): void {
    const number = numberOf(room);
    this.#sent.delete(number);
    this.#sent.set(number, { version, at: now });
    this.#to = Math.max(this.#to, version);
    this.#forget(now);
  }

  digest(now: number): Digest {
    this.#forget(now);
    const versions = new Map<number, number>();
    for (const [number, { version }] of this.#sent) versions.set(number, version);
    return { from: this.#from, to: this.#to, versions };
  }

  #forget(now: number): void {
    for (const [number, { version, at }] of this.#sent) {
      if (now - at <= this.#keptFor) break;
      this.#from = Math.max(this.#from, version);
      this.#sent.delete(number);
    }
  }
}

export function encodeDigest({ from, to, versions }: Digest): string {
  return JSON.stringify([from, to, [...versions].flat()]);
}

/** @returns undefined where the text is none */
export function decodeDigest(text: string): Digest | undefined {
  const [from, to, pairs]: unknown[] = parseList(text);
  if (!isCount(from) || !isCount(to) || !Array.isArray(pairs) || !pairs.every(isCount)) return undefined;
  const versions = new Map<number, number>();
  for (let at = 0; at + 1 < pairs.length; at += 2) versions.set(pairs[at] ?? 0, pairs[at + 1] ?? 0);
  return { from, to, versions };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function parseList(text: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}
