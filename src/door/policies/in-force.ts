/** The orders that a node holds, as a join looks for them. Nothing is there until there is an order. */
import type { Ban, RoomPolicy, Rule } from '../../conference/policies';
import { Bans } from './bans';
import { readMaxSize, readNames } from './orders';
import { isInForce, type Rules } from './rules';

export class InForce {
  #rooms: Map<string, Rules> | undefined;
  #bans: Bans | undefined;

  /** How many rooms have rules, those that are over included until they are swept. */
  get roomCount(): number {
    return this.#rooms?.size ?? 0;
  }

  get banCount(): number {
    return this.#bans?.size ?? 0;
  }

  /** Undefined where there are none. */
  get bans(): Bans | undefined {
    return this.#bans;
  }

  rulesOf(room: string): Rules | undefined {
    return this.#rooms?.get(room);
  }

  /** What counts now. */
  of(room: string, now: number): RoomPolicy {
    const { names, ...rules } = inForce(this.#rooms?.get(room) ?? {}, now);
    return { ...rules, ...(names && { names: { value: [...names.value], until: names.until } }) };
  }

  /** @param value undefined, or what is no such rule, opens it */
  putRule(rule: Rule, room: string, value: unknown, until: number): void {
    const rules: Rules = { ...this.#rooms?.get(room) };
    delete rules[rule];
    const maxSize = rule === 'maxSize' ? readMaxSize(value) : undefined;
    const names = rule === 'names' ? readNames(value) : undefined;
    if (maxSize !== undefined) rules.maxSize = { value: maxSize, until };
    if (names !== undefined) rules.names = { value: names, until };
    if (rule === 'locked' && value === true) rules.locked = { value, until };
    this.#keepRules(room, rules);
  }

  putBan(ban: Ban): void {
    this.#bans ??= new Bans();
    this.#bans.put(ban);
  }

  deleteBan(id: string): void {
    this.#bans?.delete(id);
    if (this.#bans?.size === 0) this.#bans = undefined;
  }

  /** Drops what is over. @returns the ids of such bans */
  sweep(now: number): string[] {
    for (const [room, rules] of [...(this.#rooms ?? [])]) this.#keepRules(room, inForce(rules, now));
    const over = [...(this.#bans?.values() ?? [])].filter(({ until }) => until <= now).map(({ id }) => id);
    for (const id of over) this.deleteBan(id);
    return over;
  }

  #keepRules(room: string, rules: Rules): void {
    if (Object.keys(rules).length > 0) {
      this.#rooms ??= new Map();
      this.#rooms.set(room, rules);
      return;
    }
    this.#rooms?.delete(room);
    if (this.#rooms?.size === 0) this.#rooms = undefined;
  }
}

function inForce({ maxSize, locked, names }: Rules, now: number): Rules {
  return {
    ...(isInForce(maxSize, now) && { maxSize }),
    ...(isInForce(locked, now) && { locked }),
    ...(isInForce(names, now) && { names }),
  };
}
