/** Who may see what the host knows: whoever brings the admin token. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Next } from 'hono';
import type { RequestContext } from './parts';
import { problem } from './problem';

/** Lets requests pass that carry `Authorization: Bearer` with the token. */
export function requireToken(token: string) {
  const wanted = digest(token);
  return async (context: RequestContext, next: Next): Promise<Response | undefined> => {
    const [, given] = /^Bearer +(\S+) *$/i.exec(context.req.header('authorization') ?? '') ?? [];
    if (given === undefined || !timingSafeEqual(digest(given), wanted)) {
      context.header('WWW-Authenticate', 'Bearer');
      return problem(context, 401, 'unauthorised', 'this takes the admin token: Authorization: Bearer …');
    }
    context.header('Cache-Control', 'no-store');
    await next();
    return undefined;
  };
}

/** All digests have one length, so that comparing them tells nothing of the token's. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
