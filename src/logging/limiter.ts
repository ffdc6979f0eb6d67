/**
 * Limits log lines that strangers can trigger: the first few of a kind in full, then a summary every ten seconds with
 * how many more there were, from how many addresses. A kind starts over after ten seconds without any.
 */
import type { BaseLogger } from 'pino';
import type { Clock } from '../clock';
import { limitKey } from '../listening/networks';

/** Lines of a kind written in full. */
export const IN_FULL = 5;
/** Milliseconds. */
export const INTERVAL = 10_000;
/** Beyond this many addresses, the count is a lower bound. */
const MOST_ADDRESSES = 1_000;

/** Pino's loggers fit, and so do others that take an object first. */
export type Logger = Pick<BaseLogger, 'debug' | 'info' | 'warn' | 'error'>;

/** The facts of a line, with the client's address if there is one. */
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

  /** @param kind one of a few; never chosen by a client */
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

  /** Writes the remaining summaries. */
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

  /** @returns whether there was anything to log */
  #sumUp(kind: Kind): boolean {
    if (kind.more === 0) return false;
    const facts = { kind: kind.name, more: kind.more, addresses: kind.addresses.size };
    this.#logger[kind.level](facts, `${kind.message}, and more like it`);
    kind.more = 0;
    kind.addresses.clear();
    return true;
  }
}
