/**
 * What is sent to one address. A few hundred sockets of one stranger in one room, with long names, make the host send
 * many thousand times what they send; so the members of an address share a budget of bytes. Beyond it they are
 * behind, and get the newest roster when it has filled up again. Nobody else waits.
 */
import type { Clock } from '../clock';
import { type Share, sharesOf } from '../listening/networks';
import { ByteBudget, type ByteRate } from './byte-budget';

/**
 * The size of a budget: an office of 200 people behind one address, in a room of 250 that they enter within ten
 * seconds, just about fits (`npm run attacks -- --only office`), and no second takes more than 24 MB.
 */
export const EGRESS: ByteRate = { burst: 16e6, rate: 8e6 };

/** Milliseconds: members that wait are told in batches, not one timer each. */
const LEAST_WAIT = 10;

const NONE: readonly Account[] = [];

/** A member that waits for the budget of its address. */
export interface Waiter {
  /** There is something in the budget again. */
  resume(): void;
}

/** The budgets of the addresses that have members, or had some a moment ago. */
export class Egress {
  readonly #clock: Clock;
  readonly #accounts = new Map<string, Account>();
  /** Those without members, the one that has been so for the longest first. */
  readonly #idle = new Set<Account>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A member joins. @returns the accounts that all it is sent goes to; none where no limit applies */
  join(address: string): readonly Account[] {
    const shares = sharesOf(address);
    if (shares.length === 0) return NONE;
    const accounts = shares.map((share) => this.#open(share));
    for (const account of accounts) {
      account.members++;
      this.#idle.delete(account);
    }
    return accounts;
  }

  leave(accounts: readonly Account[]): void {
    for (const account of accounts) {
      account.members--;
      if (account.members === 0) this.#idle.add(account);
    }
  }

  #open({ key, times }: Share): Account {
    const known = this.#accounts.get(key);
    if (known !== undefined) return known;
    this.#forgetFull();
    const account = new Account(key, this.#clock, { burst: EGRESS.burst * times, rate: EGRESS.rate * times });
    this.#accounts.set(key, account);
    return account;
  }

  /** Whoever leaves and comes back finds the budget as it was, until it would be full anyway. */
  #forgetFull(): void {
    const now = this.#clock.now();
    for (const account of this.#idle) {
      if (!account.isFull(now)) return;
      this.#idle.delete(account);
      this.#accounts.delete(account.key);
    }
  }
}

/** The budget of one address, or of one network. */
export class Account {
  readonly key: string;
  members = 0;
  readonly #clock: Clock;
  readonly #limits: ByteRate;
  readonly #budget: ByteBudget;
  readonly #waiters = new Set<Waiter>();
  #cancel: (() => void) | undefined;

  constructor(key: string, clock: Clock, limits: ByteRate) {
    this.key = key;
    this.#clock = clock;
    this.#limits = limits;
    this.#budget = new ByteBudget(limits, clock.now());
  }

  /** Whether anything may be sent now; a roster may be larger than what is left, and the rest is owed. */
  get hasSome(): boolean {
    return this.#budget.left(this.#clock.now()) > 0;
  }

  isFull(now: number): boolean {
    return this.#budget.left(now) >= this.#limits.burst;
  }

  spend(bytes: number): void {
    this.#budget.spend(bytes, this.#clock.now());
  }

  /** To be told once there is something; the first who waits is the first who is told. */
  wait(waiter: Waiter): void {
    this.#waiters.add(waiter);
    this.#cancel ??= this.#schedule();
  }

  forget(waiter: Waiter): void {
    this.#waiters.delete(waiter);
    if (this.#waiters.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #schedule(): () => void {
    const delay = Math.max(this.#budget.wait(this.#clock.now()), LEAST_WAIT);
    return this.#clock.schedule(() => this.#timerOnRefill(), delay);
  }

  #timerOnRefill(): void {
    this.#cancel = undefined;
    for (const waiter of this.#waiters) {
      if (!this.hasSome) break;
      this.#waiters.delete(waiter);
      waiter.resume();
    }
    if (this.#waiters.size > 0) this.#cancel ??= this.#schedule();
  }
}
