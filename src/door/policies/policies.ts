/**
 * An operator's policies on this node: who may join a room now. Each order counts here before the call that gives it
 * returns, and goes to the other nodes from there. Without any, a join costs two looks at what is undefined.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../clock';
import type {
  Ban,
  Banned,
  BanTerms,
  HeldBy,
  Ordered,
  RoomPolicy,
  RoomRules,
  Rule,
  Policies as ThePolicies,
} from '../../conference/policies';
import { RULES } from '../../conference/policies';
import {
  decodeEntry,
  type Entry,
  encodeEntry,
  Register,
  type SharedRegister,
} from '../../conference/register';
import { type Close, refusals, withReason } from '../refusals';
import { Bans, banId, type Person } from './bans';
import { InForce } from './in-force';
import { LockedRooms } from './locked-rooms';
import { banKey, encodeBan, parseValue, readBan, readKey, ruleKey } from './orders';
import { isInForce, rulesRefusal } from './rules';

/** Rooms with rules, and bans, that an operator may set. */
export const MOST_POLICIES = 1_000;
export const MOST_BANS = 5_000;
/** Milliseconds between two looks at what is over. */
const SWEEP = 60_000;
/** Keys that nobody needs any more which one message names. */
const MOST_FORGOTTEN = 500;

export interface PoliciesParts {
  readonly clock: Clock;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Undefined where there are no other nodes. */
  readonly shared: SharedRegister | undefined;
  /** Sockets in a room now, for who would join it under this name. */
  readonly roomSize: (room: string, newcomer: string) => number;
  /** The members of a room on this node. */
  readonly members: (room: string) => Iterable<Person>;
  /** Closes members of this node, those of one room or all. @returns how many */
  readonly evict: (isMeant: (member: Person) => boolean, refusal: Close, room: string | undefined) => number;
}

export class Policies implements ThePolicies {
  readonly #parts: PoliciesParts;
  readonly #register = new Register();
  readonly #locked: LockedRooms;
  readonly #inForce = new InForce();
  /** Key of a ban → when it was written, and how many members of this node it has closed. */
  readonly #evicted = new Map<string, { readonly stamp: number; readonly removed: number }>();
  #forgotten: string[] = [];
  /** When what is over is to be forgotten next. */
  #sweepAt = 0;

  constructor(parts: PoliciesParts) {
    const { clock, now, members, shared } = parts;
    this.#parts = parts;
    this.#locked = new LockedRooms({
      ...{ clock, now, members },
      node: randomBytes(6).toString('base64url'),
      isLocked: (room) => isInForce(this.#inForce.rulesOf(room)?.locked, now()),
      tell: shared && ((key, value, ends) => void this.#write(key, value, ends)),
    });
  }

  /** Done when it is known what the other nodes hold, or cannot be known now. */
  async start(): Promise<void> {
    await this.#parts.shared?.start(
      () => this.#register.entries(),
      (key, entry) => this.#hear(key, entry),
    );
  }

  stop(): void {
    this.#locked.stop();
    this.#parts.shared?.stop();
  }

  /** @returns why somebody may not join now; undefined where nothing is against it */
  check(person: Person): Close | undefined {
    const ban = this.#inForce.bans?.find(person, this.#parts.now());
    if (ban !== undefined) return refusalOf(ban);
    const rules = this.#inForce.rulesOf(person.room);
    if (rules === undefined) return undefined;
    const state = {
      roomSize: this.#parts.roomSize,
      isGuest: (asked: Person) => this.#locked.isGuest(asked),
    };
    return rulesRefusal(rules, person, state, this.#parts.now());
  }

  joined(member: Person): void {
    this.#locked.joined(member);
  }

  /** @param isRemoved by an operator, which makes it new to a locked room */
  left(member: Person, isRemoved = false): void {
    this.#locked.left(member, isRemoved);
  }

  of(room: string): RoomPolicy {
    return this.#inForce.of(room, this.#parts.now());
  }

  heldBy(room: string): HeldBy {
    const set = RULES.filter((rule) => this.of(room)[rule] !== undefined);
    return set.every((rule) => this.#parts.shared?.keeps(ruleKey(rule, room))) ? 'redis' : 'node';
  }

  set(room: string, rules: RoomRules, until: number, isWhole: boolean): Ordered | undefined {
    const inForce = this.#inForce;
    const isFull = () => inForce.rulesOf(room) === undefined && inForce.roomCount >= MOST_POLICIES;
    if (!this.#hasPlace(isFull)) return undefined;
    const open = isWhole ? RULES.filter((rule) => rules[rule] === undefined && this.of(room)[rule]) : [];
    const set = RULES.filter((rule) => rules[rule] !== undefined);
    return this.#ordered([
      ...set.map((rule) => this.#write(ruleKey(rule, room), JSON.stringify(rules[rule]), until)),
      ...open.map((rule) => this.#takeBack(ruleKey(rule, room))),
    ]);
  }

  open(room: string, rules: readonly Rule[] = RULES): Ordered | undefined {
    const policy = this.of(room);
    const set = rules.filter((rule) => policy[rule] !== undefined);
    if (set.length === 0) return undefined;
    return this.#ordered(set.map((rule) => this.#takeBack(ruleKey(rule, room))));
  }

  bans(): readonly Ban[] {
    const now = this.#parts.now();
    return [...(this.#inForce.bans?.values() ?? [])].filter(({ until }) => until > now);
  }

  ban(terms: BanTerms, until: number): Banned | undefined {
    const id = banId(terms);
    const key = banKey(id);
    const inForce = this.#inForce;
    const isFull = () => inForce.bans?.get(id) === undefined && inForce.banCount >= MOST_BANS;
    if (!this.#hasPlace(isFull)) return undefined;
    const { heldBy } = this.#ordered([this.#write(key, encodeBan(terms), until)]);
    const entry = this.#register.get(key);
    return {
      ban: { ...terms, id, until },
      removed: this.#evicted.get(key)?.removed ?? 0,
      order: [key, entry === undefined ? '' : encodeEntry(entry)],
      heldBy,
    };
  }

  unban(id: string): (Ordered & { readonly ban: Ban }) | undefined {
    const ban = this.#inForce.bans?.get(id);
    if (ban === undefined || ban.until <= this.#parts.now()) return undefined;
    return { ban, ...this.#ordered([this.#takeBack(banKey(id))]) };
  }

  take(key: string, text: string): number {
    const entry = decodeEntry(text);
    if (entry === undefined) return 0;
    this.#hear(key, entry);
    const evicted = this.#evicted.get(key);
    return evicted?.stamp === entry.stamp ? evicted.removed : 0;
  }

  /** @returns whether the other nodes hold it as well */
  #write(key: string, value: string | undefined, ends: number): Promise<boolean> {
    const entry = this.#register.write(key, value, ends, this.#parts.now());
    this.#apply(key, entry);
    const forgotten = this.#forgotten.splice(0, MOST_FORGOTTEN);
    return this.#parts.shared?.tell(key, entry, forgotten) ?? Promise.resolve(false);
  }

  /** Where there was nothing to do, that is held as well as anything. */
  #ordered(told: readonly Promise<boolean>[]): Ordered {
    const isShared = this.#parts.shared !== undefined;
    const heldBy = Promise.all(told).then((stored): HeldBy => {
      return isShared && stored.every(Boolean) ? 'redis' : 'node';
    });
    return { heldBy };
  }

  #takeBack(key: string): Promise<boolean> {
    return this.#write(key, undefined, this.#parts.now());
  }

  #hear(key: string, entry: Entry): void {
    if (this.#register.merge(key, entry, this.#parts.now())) this.#apply(key, entry);
  }

  #apply(key: string, { stamp, value, ends }: Entry): void {
    const order = readKey(key);
    if (order?.kind === 'ban') {
      this.#applyBan(key, stamp, order.id, readBan(order.id, parseValue(value), ends));
    } else if (order?.kind === 'rule') {
      this.#applyRule(order.rule, order.room, parseValue(value), ends);
    } else if (order?.kind === 'guests') {
      this.#locked.hear(order.node, order.room, value, ends);
    }
  }

  #applyBan(key: string, stamp: number, id: string, ban: Ban | undefined): void {
    const now = this.#parts.now();
    this.#evicted.delete(key);
    this.#inForce.deleteBan(id);
    if (ban === undefined || ban.until <= now) return;
    this.#inForce.putBan(ban);
    const alone = new Bans();
    alone.put(ban);
    const isMeant = (member: Person) => alone.find(member, now) !== undefined;
    this.#evicted.set(key, { stamp, removed: this.#parts.evict(isMeant, refusalOf(ban), ban.room) });
  }

  #applyRule(rule: Rule, room: string, value: unknown, until: number): void {
    this.#inForce.putRule(rule, room, value, until);
    if (rule !== 'locked') return;
    if (isInForce(this.#inForce.rulesOf(room)?.locked, this.#parts.now())) this.#locked.lock(room);
    else this.#locked.unlock(room);
  }

  /** What is over takes no place: it is forgotten from time to time, and where there would be no place. */
  #hasPlace(isFull: () => boolean): boolean {
    const now = this.#parts.now();
    const hasPlace = () => !this.#register.isFull && !isFull();
    if (!hasPlace() || now >= this.#sweepAt) this.#forgetWhatIsOver(now);
    return hasPlace();
  }

  #forgetWhatIsOver(now: number): void {
    this.#sweepAt = now + SWEEP;
    for (const id of this.#inForce.sweep(now)) this.#evicted.delete(banKey(id));
    this.#forgotten.push(...this.#register.forget(now));
  }
}

function refusalOf({ reason }: Ban): Close {
  return reason === undefined || reason.trim() === '' ? refusals.banned : withReason(refusals.banned, reason);
}
