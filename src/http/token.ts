/** Who may see what the host knows, and change it: whoever brings a token that opens it. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Next } from 'hono';
import type { GuessFacts, OperationFacts } from '../events';
import { isLimited } from '../listening/networks';
import { WindowLimit } from '../listening/window-limit';
import type { App, HttpParts, RequestContext } from './parts';
import { problem } from './problem';
import type { Access } from './shapes';

type Area = GuessFacts['area'];

/** Methods that change nothing (RFC 9110, section 9.2.1), of those that the host answers. */
const READING = new Set(['GET', 'HEAD']);

/** Wrong tokens from one address within a second; here near addresses count as well. */
const MOST_WRONG = 20;

/** What is to be removed by a request, or undefined where nothing is. */
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
   * Lets requests under this path pass that may do what they ask for.
   * @param askedOf what they want to be removed, for the log
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
   * What the request's token opens: undefined where it brings none, the answer where it is wrong. After too many wrong
   * ones from an address none is even looked at, so that nobody finds the right one among them; but where many may
   * share an address, the right one always opens.
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

  /** Compares with each, whatever comes of it: the time that it takes tells nothing. */
  #accessOf(given: string): Access | undefined {
    const digested = digest(given);
    const [found] = this.#known.filter(([, wanted]) => timingSafeEqual(digested, wanted));
    return found?.[0];
  }

  #forbid(context: RequestContext, asked: ReturnType<AskedOf>): Response {
    const { clientAddress, events } = this.#parts;
    const facts = { address: clientAddress(context.env.incoming), method: context.req.method };
    if (asked !== undefined)
      events.emit('operated', { ...facts, ...asked, outcome: 'forbidden', removed: 0 });
    return problem(
      context,
      403,
      'forbidden',
      'this token is for reading: anything else takes the admin token',
    );
  }
}

function unauthorised(context: RequestContext): Response {
  context.header('WWW-Authenticate', 'Bearer');
  return problem(context, 401, 'unauthorised', 'this takes a token of the host: Authorization: Bearer …');
}

function tooManyGuesses(context: RequestContext): Response {
  context.header('Retry-After', '1');
  return problem(context, 429, 'too_many_guesses', 'too many wrong tokens came from this address');
}

function known(access: Access, token: string | undefined): [Access, Buffer][] {
  return token === undefined ? [] : [[access, digest(token)]];
}

/** All digests have one length, so that comparing them tells nothing of the token's. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
