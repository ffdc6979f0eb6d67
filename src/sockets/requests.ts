/** What members that speak `conference.2` may say, and how often. */
import type { Clock } from '../clock';
import { type ReadMetadata, readMetadata } from '../conference/metadata';
import { ByteBudget, type ByteRate } from './byte-budget';

export type Request =
  | { readonly type: 'beat' | 'roster' }
  /** It waits for so many milliseconds. */
  | { readonly type: 'metadata'; readonly read: ReadMetadata; readonly wait: number };

export type RequestType = Request['type'];

/** Bytes. Clients of this kind have something to say, though not much. */
export const FROM_ASKING: ByteRate = { burst: 16 * 1024, rate: 8 * 1024 };

/** Frames, pings and pongs included, over which a client floods. A page that is used says one in a few seconds. */
const FRAMES: ByteRate = { burst: 200, rate: 20 };

/** How often each may be asked for, at once and a second. A whole list may be long. */
const RATES: Readonly<Record<RequestType, ByteRate>> = {
  beat: { burst: 10, rate: 2 },
  roster: { burst: 4, rate: 0.5 },
  metadata: { burst: 10, rate: 5 },
};

/** What one member may still ask. */
export class Requests {
  readonly #clock: Clock;
  readonly #frames: ByteBudget;
  readonly #budgets = new Map<RequestType, ByteBudget>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#frames = new ByteBudget(FRAMES, clock.now());
  }

  /** Counts a frame of any kind. @returns whether it may send so many */
  countFrame(): boolean {
    return this.#frames.spend(1, this.#clock.now());
  }

  /**
   * What a message asks for; undefined where that is nothing that is known, or is asked for too often. Metadata that comes
   * too often waits, as the last that a member says of itself must count.
   */
  read(message: string): Request | undefined {
    const said = parse(message);
    const { type } = said;
    if (type === 'metadata') return { type, read: readMetadata(said.metadata), wait: this.#waitFor(type) };
    return (type === 'beat' || type === 'roster') && this.#take(type) ? { type } : undefined;
  }

  #take(type: RequestType): boolean {
    const now = this.#clock.now();
    const budget = this.#budgetOf(type);
    return budget.left(now) >= 1 && budget.spend(1, now);
  }

  /** Milliseconds until it may be done, which is counted as if it was. */
  #waitFor(type: RequestType): number {
    const now = this.#clock.now();
    const budget = this.#budgetOf(type);
    if (budget.left(now) >= 0) budget.spend(1, now);
    return budget.wait(now);
  }

  #budgetOf(type: RequestType): ByteBudget {
    const budget = this.#budgets.get(type) ?? new ByteBudget(RATES[type], this.#clock.now());
    this.#budgets.set(type, budget);
    return budget;
  }
}

interface Said {
  readonly type?: unknown;
  readonly metadata?: unknown;
}

function parse(message: string): Said {
  try {
    return JSON.parse(message) ?? {};
  } catch {
    return {};
  }
}
