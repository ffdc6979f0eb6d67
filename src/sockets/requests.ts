/** What members that speak `conference.2` may say, and how often. */
import type { Clock } from '../clock';
import { ByteBudget, type ByteRate } from './byte-budget';

/** What they ask for. */
export type RequestType = 'beat' | 'roster';

export interface Request {
  readonly type: RequestType;
}

/** Bytes. Clients of this kind have something to say, though not much. */
export const FROM_ASKING: ByteRate = { burst: 16 * 1024, rate: 8 * 1024 };

/** Frames, pings and pongs included, over which a client floods. A page that is used says one in a few seconds. */
const FRAMES: ByteRate = { burst: 200, rate: 20 };
/** Requests; of more, the rest is ignored. */
const REQUESTS: ByteRate = { burst: 20, rate: 5 };
/** Whole lists, which may be long. */
const ROSTERS: ByteRate = { burst: 4, rate: 0.5 };

/** What one member may still ask. */
export class Requests {
  readonly #clock: Clock;
  readonly #frames: ByteBudget;
  readonly #requests: ByteBudget;
  readonly #rosters: ByteBudget;

  constructor(clock: Clock) {
    const now = clock.now();
    this.#clock = clock;
    this.#frames = new ByteBudget(FRAMES, now);
    this.#requests = new ByteBudget(REQUESTS, now);
    this.#rosters = new ByteBudget(ROSTERS, now);
  }

  /** Counts a frame of any kind. @returns whether it may send so many */
  countFrame(): boolean {
    return this.#frames.spend(1, this.#clock.now());
  }

  /** What a message asks for; undefined where that is nothing that is known, or is asked for too often. */
  read(message: string): Request | undefined {
    if (!this.#take(this.#requests)) return undefined;
    const request = readRequest(message);
    if (request?.type === 'roster' && !this.#take(this.#rosters)) return undefined;
    return request;
  }

  #take(budget: ByteBudget): boolean {
    const now = this.#clock.now();
    return budget.left(now) >= 1 && budget.spend(1, now);
  }
}

function readRequest(message: string): Request | undefined {
  const type = typeOf(message);
  return type === 'beat' || type === 'roster' ? { type } : undefined;
}

function typeOf(message: string): unknown {
  try {
    return JSON.parse(message)?.type;
  } catch {
    return undefined;
  }
}
