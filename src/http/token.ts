/** Access to API, metrics and health details by bearer token. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Next } from 'hono';
import type { GuessFacts, OperationFacts } from '../events';
import { isLimited } from '../listening/networks';
import { WindowLimit } from '../listening/window-limit';
import type { App, HttpParts, RequestContext } from './parts';
import { problem } from './problem';
import type { Access } from './shapes';

type Area = GuessFacts['area'];

/** Safe methods (RFC 9110, section 9.2.1) that the host supports. */
const READING = new Set(['GET', 'HEAD']);

/** Wrong tokens per second from one address, including loopback and private ones. */
const MOST_WRONG = 20;

/** Returns what a request asks to remove; undefined if nothing. */
export type AskedOf = (context: RequestContext) => Pick<OperationFacts, 'room' | 'member'> | undefined;

export class Tokens {
  readonly #parts: HttpParts;
  readonly #known: readonly (readonly [Access, Buffer])[];
  readonly #guesses = new WindowLimit(MOST_WRONG);

  constructor(parts: HttpParts) {
    this.#parts = parts;
    this.#known = [...known('everything', parts.adminToken), ...known('reading', parts.metricsToken)];
  }

  /**
   * Requires a token with sufficient access for requests under this path.
   * @param askedOf what a request asks to remove, for the log
   */
  guard(app: App, path: string, area: Area, askedOf: AskedOf = () => undefined): void {
    app.use(path, async (context: RequestContext, next: Next): Promise<Response | undefined> => {
      const access = this.judge(context, area) ?? unauthorised(context);
      if (access instanceof Response) return access;
      if (access === 'reading' && !READING.has(context.req.method))
        return this.#forbid(context, askedOf(context));
      context.set('access', access);
      context.header('Cache-Control', 'no-store');
      await next();
      return undefined;
    });
  }

  /**
   * The access that the request's token gives, undefined without a token, or the response if it is wrong. After too
   * many wrong ones from an address no more are checked, so that guessing is useless. Only where many may share an
   * address does the right one always work.
   */
  judge(context: RequestContext, area: Area): Access | Response | undefined {
    const [, given] = /^Bearer +(\S+) *$/i.exec(context.req.header('authorization') ?? '') ?? [];
    if (given === undefined) return undefined;
    const { clientAddress, events } = this.#parts;
    const address = clientAddress(context.env.incoming);
    const tooMany = this.#guesses.isReached(address);
    const access = tooMany && isLimited(address) ? undefined : this.#accessOf(given);
    if (access !== undefined) return access;
    events.emit('guessed', { address, area, outcome: tooMany ? 'too_many' : 'wrong' });
    if (tooMany) return tooManyGuesses(context);
    this.#guesses.count(address);
    return unauthorised(context);
  }

  /** Always compares with every token, so that timing reveals nothing. */
  #accessOf(given: string): Access | undefined {
    const digested = digest(given);
    const [found] = this.#known.filter(([, wanted]) => timingSafeEqual(digested, wanted));
    return found?.[0];
  }

  #forbid(context: RequestContext, asked: ReturnType<AskedOf>): Response {
    const { clientAddress, events } = this.#parts;
    const facts = {
      address: clientAddress(context.env.incoming),
      method: context.req.method,
      by: 'viewer',
    } as const;
    if (asked !== undefined)
      events.emit('operated', { ...facts, ...asked, outcome: 'forbidden', removed: 0 });
    return problem(context, 403, 'forbidden', 'this token is read-only: use the admin token');
  }
}

function unauthorised(context: RequestContext): Response {
  context.header('WWW-Authenticate', 'Bearer');
  return problem(context, 401, 'unauthorised', 'a valid token is required: Authorization: Bearer …');
}

function tooManyGuesses(context: RequestContext): Response {
  context.header('Retry-After', '1');
  return problem(context, 429, 'too_many_guesses', 'too many wrong tokens from this address');
}

function known(access: Access, token: string | undefined): [Access, Buffer][] {
  return token === undefined ? [] : [[access, digest(token)]];
}

/** Digests all have the same length, so that comparing them does not reveal the token's. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
