/** Which web pages may connect (RFC 6455, section 10.2). Only browsers send an Origin. */
import type { IncomingMessage } from 'node:http';
import type { IsOwn } from './own-origin';
import { type HttpRefusal, refusals, withReason } from './refusals';
import type { Check } from './upgrade';

/** How many bytes of an origin a message shows. */
const SHOWN = 200;

/** Why a page of this origin, loaded with such a request, may not connect; undefined if it may. */
export type PageCheck = (request: IncomingMessage, origin: string) => HttpRefusal | undefined;

/**
 * @param allowed `*` (every page), origins, origins whose host starts with `*.` (every subdomain), or `null` (pages
 *   without an origin)
 * @param settingName the setting to change to let a page in
 * @param isOwn whether a page is one of the host's own, which may always connect
 */
export function pageCheck(allowed: readonly string[], settingName: string, isOwn: IsOwn): PageCheck {
  if (allowed.includes('*')) return () => undefined;
  const matchers = allowed.map(originMatcher);

  return (request, origin) => {
    const asked = origin.toLowerCase();
    if (matchers.some((matches) => matches(asked)) || isOwn(request, asked)) return undefined;
    const shown = origin.slice(0, SHOWN).replace(/[^\x21-\x7E]/g, '?');
    return withReason(
      refusals.foreignOrigin,
      `pages from ${shown} may not connect: add ${shown} to ${settingName} to let them in`,
    );
  };
}

export function originCheck(checkPage: PageCheck): Check {
  return (request) => {
    const { origin } = request.headers;
    return origin === undefined ? undefined : checkPage(request, origin);
  };
}

function originMatcher(pattern: string): (origin: string) => boolean {
  const [scheme, parent] = pattern.toLowerCase().split('://*');
  if (scheme === undefined || parent === undefined) {
    const only = normalOrigin(pattern);
    return (origin) => origin === only;
  }
  const prefix = `${scheme}://`;
  const suffix = normalOrigin(`${prefix}below${parent}`).slice(`${prefix}below`.length);
  return (origin) =>
    origin.startsWith(prefix) &&
    origin.endsWith(suffix) &&
    /^[a-z0-9_.-]+$/.test(origin.slice(prefix.length, -suffix.length));
}

/** As browsers write it: no default port, international names in ASCII (RFC 6454, section 6). */
function normalOrigin(text: string): string {
  const { origin } = URL.canParse(text) ? new URL(text) : { origin: 'null' };
  return origin === 'null' ? text.toLowerCase() : origin;
}
