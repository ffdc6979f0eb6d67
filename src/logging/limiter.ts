/**
 * Bounds what strangers can cause to be logged: the first few of a kind in full, then a line every ten seconds that
 * says how many more there were, from how many addresses. A kind is forgotten after ten seconds without any.
 */
import type { BaseLogger } from 'pino';
import type { Clock } from '../clock';
import { limitKey } from '../listening/networks';

/** Lines of a kind that are written in full. */
export const IN_FULL = 5;
/** Milliseconds. */
export const INTERVAL = 10_000;
/** Addresses that are told apart; beyond that, the number is a lower bound. */
const MOST_ADDRESSES = 1_000;

/** What the host asks of a logger; pino's fit, and so do console-like ones that take an object first. */
export type Logger = Pick<BaseLogger, 'debug' | 'info' | 'warn' | 'error'>;

/** What a line says, and of whom where that is known. */
interface StrangerFacts {
  readonly address?: string;
  readonly [fact: string]: unknown;
}

interface Kind {
  readonly name: string;
  readonly message: string;
  readonly level: keyof Logger;
  written: number;
  more: number;
  readonly addresses: Set<string>;
  cancel: () => void;
}

export class LogLimiter {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #kinds = new Map<string, Kind>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** @param kind one of a few: nothing that a client can choose */
  tell(level: keyof Logger, kind: string, facts: StrangerFacts, message: string): void {
    const known = this.#kinds.get(`${message} ${kind}`) ?? this.#begin(level, kind, message);
    if (known.written < IN_FULL) {
      known.written++;
      this.#logger[level](facts, message);
      return;
    }
    known.more++;
    const { address } = facts;
    if (address !== undefined && known.addresses.size < MOST_ADDRESSES)
      known.addresses.add(limitKey(address));
  }

  /** Says what is left to be said. */
  close(): void {
    for (const kind of this.#kinds.values()) {
      kind.cancel();
      this.#sumUp(kind);
    }
    this.#kinds.clear();
  }

  #begin(level: keyof Logger, name: string, message: string): Kind {
    const kind: Kind = { level, name, message, written: 0, more: 0, addresses: new Set(), cancel: () => {} };
    this.#kinds.set(`${message} ${name}`, kind);
    this.#schedule(kind);
    return kind;
  }

  #schedule(kind: Kind): void {
    kind.cancel = this.#clock.schedule(() => {
      if (this.#sumUp(kind)) this.#schedule(kind);
      else this.#kinds.delete(`${kind.message} ${kind.name}`);
    }, INTERVAL);
  }

  /** @returns whether there was anything to say */
  #sumUp(kind: Kind): boolean {
    if (kind.more === 0) return false;
    const facts = { kind: kind.name, more: kind.more, addresses: kind.addresses.size };
    this.#logger[kind.level](facts, `${kind.message}, and more like it`);
    kind.more = 0;
    kind.addresses.clear();
    return true;
  }
}
