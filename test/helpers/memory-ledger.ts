/** A ledger in memory, which several simulated nodes share: it keeps the promises of the one in Redis. */

import type { Clock } from '../../src/clock';
import type { Account, Ledger, LedgerListener, Orphan } from '../../src/conference/ledger';
import type { ManualClock } from './manual-clock';

const LEASE = 15_000;
const BEAT = 2_000;
const SPEAKS_FOR = 7_000;
/** Milliseconds that a question takes there and back. */
const WAY = 2;

export class LedgerStore {
  readonly owners = new Map<string, string>();
  readonly accounts = new Map<string, string>();
  readonly living = new Map<string, number>();
  readonly notices: string[] = [];
  readonly nodes = new Set<MemoryLedger>();
  readonly clock: ManualClock;

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  tell(room: string): void {
    for (const node of this.nodes) node.hear(room);
  }
}

export class MemoryLedger implements Ledger {
  readonly #store: LedgerStore;
  /** Of the node's process. */
  readonly #clock: Clock;
  #isLive = false;
  #lastBeat = 0;
  readonly #node: string;
  #self = '';
  #links = 0;
  #listener: LedgerListener | undefined;

  constructor(store: LedgerStore, self: string, clock: Clock = store.clock) {
    this.#store = store;
    this.#clock = clock;
    this.#node = self;
  }

  get isLinked(): boolean {
    return this.#isLive && this.#clock.now() - this.#lastBeat < SPEAKS_FOR;
  }

  start(listener: LedgerListener): void {
    this.#listener = listener;
    this.#store.nodes.add(this);
    this.link();
    this.#beat();
  }

  /** The link is lost, with what is on its way. */
  cut(): void {
    this.#isLive = false;
  }

  link(): void {
    this.#isLive = true;
    this.#lastBeat = this.#clock.now();
    this.#store.living.delete(this.#self);
    this.#self = `${this.#node}.${++this.#links}`;
    this.#store.living.set(this.#self, this.#store.clock.now() + LEASE);
    this.#listener?.linked();
  }

  hear(room: string): void {
    this.#clock.schedule(() => {
      if (this.#isLive) this.#listener?.released(room);
    }, WAY);
  }

  claim(room: string) {
    return this.#ask(() => {
      const { owners, living, accounts, clock } = this.#store;
      const owner = owners.get(room) ?? '';
      if (owner !== this.#self && (living.get(owner) ?? 0) > clock.now()) return undefined;
      owners.set(room, this.#self);
      const account = accounts.get(room);
      return { account: account === undefined ? undefined : (JSON.parse(account) as Account) };
    });
  }

  save(room: string, account: Account) {
    return this.#ask(() => {
      if (this.#store.owners.get(room) !== this.#self) return false;
      this.#store.accounts.set(room, JSON.stringify(account));
      return true;
    });
  }

  settle(room: string, account: Account) {
    return this.#ask(() => {
      if (this.#store.owners.get(room) !== this.#self) return;
      this.#store.owners.delete(room);
      this.#store.accounts.set(room, JSON.stringify(account));
      this.#store.tell(room);
    });
  }

  release(rooms: readonly string[]) {
    return this.#ask(() => {
      for (const room of rooms) {
        if (this.#store.owners.get(room) !== this.#self) continue;
        this.#store.owners.set(room, `@${this.#store.clock.now()}`);
        this.#store.tell(room);
      }
    });
  }

  orphans() {
    return this.#ask(() => {
      const { owners, living, clock } = this.#store;
      return [...owners].flatMap(([room, owner]): Orphan[] => {
        const left = owner.startsWith('@') ? Number(owner.slice(1)) : (living.get(owner) ?? 0);
        return left <= clock.now() ? [{ room, age: clock.now() - left }] : [];
      });
    });
  }

  leave(notices: readonly string[]) {
    return this.#ask(() => void this.#store.notices.push(...notices));
  }

  takeOver() {
    return this.#ask(() => this.#store.notices.splice(0));
  }

  stop(): void {
    this.#isLive = false;
    this.#store.nodes.delete(this);
  }

  #beat(): void {
    this.#clock.schedule(() => {
      if (!this.#store.nodes.has(this)) return;
      if (this.#isLive) this.#live();
      this.#beat();
    }, BEAT);
  }

  #live(): void {
    const wasLate = !this.isLinked;
    this.#store.living.set(this.#self, this.#clock.now() + LEASE);
    this.#lastBeat = this.#clock.now();
    if (wasLate) this.#listener?.linked();
  }

  /** What is asked is done half way, whether or not the answer arrives. */
  #ask<T>(act: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error('the link is lost'));
      if (!this.#isLive) return fail();
      this.#store.clock.schedule(() => {
        const result = act();
        this.#clock.schedule(() => (this.#isLive ? resolve(result) : fail()), WAY / 2);
      }, WAY / 2);
    });
  }
}
