/** Who is banned: found by name, by token subject, and by the networks that an address is in. Pure. */
import { createHash } from 'node:crypto';
import type { Ban, BanTerms } from '../../conference/policies';
import { networkAround, partsOf } from '../../listening/network-names';

/** Whoever asks to join, or is a member. */
export interface Person {
  readonly room: string;
  readonly streamName: string;
  readonly address: string;
  /** Whose token it has. */
  readonly subject?: string | undefined;
}

/** The same terms have the same id, so that a ban replaces the one before. */
export function banId({ by, value, room }: BanTerms): string {
  return createHash('sha256')
    .update(JSON.stringify([by, value, room ?? null]))
    .digest('hex')
    .slice(0, 16);
}

export class Bans {
  readonly #byId = new Map<string, Ban>();
  /** What is banned → bans of it, for one room or all. */
  readonly #byValue = new Map<string, Set<Ban>>();
  /** Kinds and lengths of the networks that are banned → how many bans have them. */
  readonly #lengths = new Map<string, number>();

  get size(): number {
    return this.#byId.size;
  }

  values(): Iterable<Ban> {
    return this.#byId.values();
  }

  get(id: string): Ban | undefined {
    return this.#byId.get(id);
  }

  /** In place of the one with the same id. */
  put(ban: Ban): void {
    this.delete(ban.id);
    const key = keyOf(ban);
    const others = this.#byValue.get(key);
    if (others === undefined) this.#byValue.set(key, new Set([ban]));
    else others.add(ban);
    this.#byId.set(ban.id, ban);
    this.#countLength(ban, 1);
  }

  delete(id: string): void {
    const ban = this.#byId.get(id);
    if (ban === undefined) return;
    this.#byId.delete(id);
    this.#countLength(ban, -1);
    const key = keyOf(ban);
    const others = this.#byValue.get(key);
    others?.delete(ban);
    if (others?.size === 0) this.#byValue.delete(key);
  }

  /** The ban that keeps somebody out now. */
  find(person: Person, now: number): Ban | undefined {
    for (const key of this.#keysOf(person)) {
      for (const ban of this.#byValue.get(key) ?? []) {
        if (ban.until > now && (ban.room === undefined || ban.room === person.room)) return ban;
      }
    }
    return undefined;
  }

  *#keysOf({ streamName, address, subject }: Person): Iterable<string> {
    yield keyOf({ by: 'name', value: streamName });
    if (subject !== undefined) yield keyOf({ by: 'subject', value: subject });
    for (const length of this.#lengths.keys()) {
      const { kind, bits } = partsOf(length);
      const network = networkAround(address, kind, bits);
      if (network !== undefined) yield keyOf({ by: 'address', value: network });
    }
  }

  #countLength({ by, value }: Ban, step: 1 | -1): void {
    if (by !== 'address') return;
    const { kind, bits } = partsOf(value);
    const length = `${kind === 'ipv4' ? '0.0.0.0' : '::'}/${bits}`;
    const count = (this.#lengths.get(length) ?? 0) + step;
    if (count === 0) this.#lengths.delete(length);
    else this.#lengths.set(length, count);
  }
}

function keyOf({ by, value }: Pick<Ban, 'by' | 'value'>): string {
  return `${by} ${value}`;
}
