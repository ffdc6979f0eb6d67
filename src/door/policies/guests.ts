/**
 * Who is not new in a locked room: whoever is in it, or was within the last minute, on any node. A guest is known by its
 * stream name together with its token's subject or, without one, its address, so that no stranger can take the name. Nodes
 * tell each other digests only. Pure.
 */
import { createHash } from 'node:crypto';
import { limitKey } from '../../listening/networks';
import type { Person } from './bans';

/** Milliseconds for which somebody who has left may come back. */
export const AWAY = 60_000;
/** Milliseconds after which a node tells its guests again, and for which others believe it. */
export const TELL = 20_000;
export const BELIEVED = AWAY + TELL;
/** Guests of one node that it tells the others. */
const MOST_TOLD = 10_000;
/** Characters of base64: 72 bits. */
const DIGEST = 12;

interface Guest {
  sockets: number;
  /** When the last of them has left. */
  leftAt: number;
}

interface Told {
  readonly until: number;
  readonly present: ReadonlySet<string>;
  readonly left: ReadonlyMap<string, number>;
  readonly removed: ReadonlyMap<string, number>;
}

export class Guests {
  readonly #here = new Map<string, Guest>();
  /** Whom an operator has removed here → when: what was known of them before does not count. */
  readonly #removed = new Map<string, number>();
  readonly #elsewhere = new Map<string, Told>();

  joined(person: Person): void {
    const digest = digestOf(person);
    const guest = this.#here.get(digest);
    if (guest === undefined) this.#here.set(digest, { sockets: 1, leftAt: 0 });
    else guest.sockets++;
  }

  /** @param at when, in milliseconds since the epoch */
  left(person: Person, at: number): void {
    const guest = this.#here.get(digestOf(person));
    if (guest === undefined) return;
    guest.sockets--;
    guest.leftAt = at;
  }

  /** Somebody had left when the room was locked. */
  leftBefore(person: Person, at: number): void {
    const digest = digestOf(person);
    const guest = this.#here.get(digest);
    if (guest === undefined) this.#here.set(digest, { sockets: 0, leftAt: at });
    else guest.leftAt = Math.max(guest.leftAt, at);
  }

  /** An operator has removed somebody, at some time. */
  removed(person: Person, at: number): void {
    this.#removed.set(digestOf(person), at);
  }

  isKnown(person: Person, now: number): boolean {
    const digest = digestOf(person);
    const guest = this.#here.get(digest);
    if (guest !== undefined && guest.sockets > 0) return true;
    const removedAt = this.#removedAt(digest);
    const isLately = (leftAt = 0) => leftAt > removedAt && leftAt + AWAY > now;
    if (isLately(guest?.leftAt)) return true;
    for (const { until, present, left } of this.#elsewhere.values()) {
      if (until > now && until - BELIEVED > removedAt && present.has(digest)) return true;
      if (isLately(left.get(digest))) return true;
    }
    return false;
  }

  #removedAt(digest: string): number {
    const elsewhere = Array.from(this.#elsewhere.values(), ({ removed }) => removed.get(digest) ?? 0);
    return Math.max(this.#removed.get(digest) ?? 0, ...elsewhere);
  }

  /** What the other nodes are told of those who were here; undefined where that is nobody. */
  told(now: number): string | undefined {
    const present: string[] = [];
    const left: Record<string, number> = {};
    let count = 0;
    for (const [digest, { sockets, leftAt }] of this.#here) {
      if (sockets === 0 && leftAt + AWAY <= now) this.#here.delete(digest);
      else if (count++ >= MOST_TOLD) break;
      else if (sockets > 0) present.push(digest);
      else left[digest] = leftAt;
    }
    for (const [digest, at] of this.#removed) if (at + BELIEVED <= now) this.#removed.delete(digest);
    const removed = Object.fromEntries([...this.#removed].slice(-MOST_TOLD));
    return count + this.#removed.size === 0 ? undefined : JSON.stringify([present, left, removed]);
  }

  /** @param told undefined where the node has nobody any more @param until when it is to be believed */
  hear(node: string, told: string | undefined, until: number): void {
    const read = told === undefined ? undefined : readTold(told);
    if (read === undefined) this.#elsewhere.delete(node);
    else this.#elsewhere.set(node, { ...read, until });
  }
}

function digestOf({ room, streamName, address, subject }: Person): string {
  const who = subject === undefined ? `address ${limitKey(address)}` : `subject ${subject}`;
  const all = JSON.stringify([room, streamName, who]);
  return createHash('sha256').update(all).digest('base64url').slice(0, DIGEST);
}

function readTold(text: string): Omit<Told, 'until'> | undefined {
  try {
    const [present, left, removed]: unknown[] = JSON.parse(text);
    if (!Array.isArray(present) || typeof left !== 'object' || left === null) return undefined;
    return { present: new Set(present), left: timesIn(left), removed: timesIn(removed) };
  } catch {
    return undefined;
  }
}

function timesIn(times: unknown): Map<string, number> {
  const entries: [string, unknown][] = Object.entries(Object(times));
  return new Map(entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}
