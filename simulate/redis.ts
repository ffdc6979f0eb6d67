/** What Redis does, as far as the backplane asks it: hashes, sorted sets, expiry and sharded pub/sub. */
import { MEANINGS } from './script-meanings';

type Value =
  | { readonly type: 'hash'; readonly fields: Map<string, string> }
  | { readonly type: 'set'; readonly scores: Map<string, number> }
  | { readonly type: 'text'; readonly text: string };

interface Stored {
  value: Value;
  /** By the clock of Redis; undefined where it stays for ever. */
  expiresAt: number | undefined;
}

/** A connection as Redis sees it. */
export interface Session {
  readonly channels: Set<string>;
  deliver(channel: string, message: string): void;
}

const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';

export class SimulatedRedis {
  readonly sessions = new Set<Session>();
  readonly #now: () => number;
  #keys = new Map<string, Stored>();
  /** `maxmemory-policy`. */
  policy = 'noeviction';

  /** @param now milliseconds since the epoch, by the clock of Redis */
  constructor(now: () => number) {
    this.#now = now;
  }

  setField(key: string, field: string, value: string): boolean {
    const { fields } = this.#hash(key) ?? this.#put(key, { type: 'hash', fields: new Map<string, string>() });
    const isNew = !fields.has(field);
    fields.set(field, value);
    return isNew;
  }

  getField(key: string, field: string): string | undefined {
    return this.#hash(key)?.fields.get(field);
  }

  deleteFields(key: string, names: readonly string[]): number {
    const hash = this.#hash(key);
    if (hash === undefined) return 0;
    const deleted = names.filter((name) => hash.fields.delete(name)).length;
    if (hash.fields.size === 0) this.#keys.delete(key);
    return deleted;
  }

  readHash(key: string): Record<string, string> {
    return Object.fromEntries(this.#hash(key)?.fields ?? []);
  }

  addToSet(key: string, member: string, score: number): void {
    const { scores } = this.#set(key) ?? this.#put(key, { type: 'set', scores: new Map<string, number>() });
    scores.set(member, score);
  }

  removeFromSet(key: string, member: string): boolean {
    const set = this.#set(key);
    if (set === undefined || !set.scores.delete(member)) return false;
    if (set.scores.size === 0) this.#keys.delete(key);
    return true;
  }

  scoreOf(key: string, member: string): number | undefined {
    return this.#set(key)?.scores.get(member);
  }

  /** The members with their scores, the smallest first, ties by name. */
  range(key: string): [string, number][] {
    const members = [...(this.#set(key)?.scores ?? [])];
    return members.sort(([a, s], [b, t]) => s - t || (a < b ? -1 : 1));
  }

  expire(key: string, milliseconds: number): boolean {
    const stored = this.#find(key);
    if (stored === undefined) return false;
    stored.expiresAt = this.#now() + milliseconds;
    return true;
  }

  /** @returns to how many it went */
  publish(channel: string, message: string): number {
    const followers = [...this.sessions].filter(({ channels }) => channels.has(channel));
    for (const session of followers) session.deliver(channel, message);
    return followers.length;
  }

  now(): number {
    return this.#now();
  }

  /** Runs the script with this text. */
  run(script: string, keys: readonly string[], args: readonly string[]): unknown {
    const meaning = MEANINGS.get(script);
    if (meaning === undefined) throw new Error('ERR a script that the simulation does not know');
    return meaning(this, keys, args);
  }

  /** What another program writes. */
  setText(key: string, text: string): void {
    this.#keys.set(key, { value: { type: 'text', text }, expiresAt: undefined });
  }

  deleteKey(key: string): void {
    this.#keys.delete(key);
  }

  flush(): void {
    this.#keys.clear();
  }

  /** A copy of the data, as a replica has it. */
  copy(): Map<string, Stored> {
    return structuredClone(this.#keys);
  }

  restore(data: Map<string, Stored>): void {
    this.#keys = structuredClone(data);
  }

  keys(): string[] {
    return [...this.#keys.keys()].filter((key) => this.#find(key) !== undefined);
  }

  /** Milliseconds that a key has left; undefined where it stays for ever, or is none. */
  timeLeft(key: string): number | undefined {
    const at = this.#find(key)?.expiresAt;
    return at === undefined ? undefined : at - this.#now();
  }

  typeOf(key: string): Value['type'] | undefined {
    return this.#find(key)?.value.type;
  }

  #find(key: string): Stored | undefined {
    const stored = this.#keys.get(key);
    if (stored?.expiresAt === undefined || stored.expiresAt > this.#now()) return stored;
    this.#keys.delete(key);
    return undefined;
  }

  #put<V extends Value>(key: string, value: V): V {
    this.#keys.set(key, { value, expiresAt: undefined });
    return value;
  }

  #hash(key: string) {
    const value = this.#find(key)?.value;
    if (value !== undefined && value.type !== 'hash') throw new Error(WRONG_TYPE);
    return value;
  }

  #set(key: string) {
    const value = this.#find(key)?.value;
    if (value !== undefined && value.type !== 'set') throw new Error(WRONG_TYPE);
    return value;
  }
}
