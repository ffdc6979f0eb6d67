/** What an operator may order: rules for a room and bans, each until some time. The port by which it is done. */

/** Seconds that an order may last at most: 30 days. */
export const LONGEST_ORDER = 30 * 86_400;

/** Who may be in a room. */
export interface RoomRules {
  /** Sockets, on all nodes together. */
  readonly maxSize?: number | undefined;
  /** Nobody new. */
  readonly locked?: true | undefined;
  /** Stream names; nobody else. */
  readonly names?: readonly string[] | undefined;
}

export const RULES = ['maxSize', 'locked', 'names'] as const;
export type Rule = (typeof RULES)[number];

/** Times are milliseconds since the epoch. */
export interface Held<T> {
  readonly value: T;
  readonly until: number;
}

export type RoomPolicy = { readonly [R in Rule]?: Held<NonNullable<RoomRules[R]>> };

export const BAN_KINDS = ['name', 'address', 'subject'] as const;
export type BanKind = (typeof BAN_KINDS)[number];

export interface BanTerms {
  readonly by: BanKind;
  /** A stream name; an address or a network, as `readNetwork` gives it; or whose token it is. */
  readonly value: string;
  /** Only from this room. */
  readonly room?: string | undefined;
  /** What those who are banned are told. */
  readonly reason?: string | undefined;
}

export interface Ban extends BanTerms {
  readonly id: string;
  readonly until: number;
}

/** `redis`: whatever becomes of this node; `node`: as long as this node runs, or another one has heard of it. */
export type HeldBy = 'redis' | 'node';

/** An order that counts on this node already. */
export interface Ordered {
  /** Whether it outlives this node. */
  readonly heldBy: Promise<HeldBy>;
}

export interface Banned extends Ordered {
  readonly ban: Ban;
  /** Members of this node that it has closed. */
  readonly removed: number;
  /** The order as other nodes take it. */
  readonly order: readonly [key: string, entry: string];
}

export interface Policies {
  of(room: string): RoomPolicy;
  /** Of all its rules, now. */
  heldBy(room: string): HeldBy;
  /** @param isWhole what is not given is opened. @returns undefined where there are too many */
  set(room: string, rules: RoomRules, until: number, isWhole: boolean): Ordered | undefined;
  /** @param rules all without it. @returns undefined where there was nothing to open */
  open(room: string, rules?: readonly Rule[]): Ordered | undefined;
  bans(): readonly Ban[];
  /** @returns undefined where there are too many */
  ban(terms: BanTerms, until: number): Banned | undefined;
  /** @returns undefined where there is no such ban */
  unban(id: string): (Ordered & { readonly ban: Ban }) | undefined;
  /** Another node's order. @returns how many members of this node it has closed, now or when it was first heard */
  take(key: string, entry: string): number;
}
