/** Which web pages may connect (RFC 6455, section 10.2). Only browsers send an Origin. */
import type { IsOwn } from './own-origin';
import { refusals, withReason } from './refusals';
import type { Check } from './upgrade';

/** How many bytes of an origin a message shows. */
const SHOWN = 200;

/**
 * @param allowed `*` (every page), origins, origins whose host starts with `*.` (every subdomain), or `null` (pages
 *   without an origin)
 * @param settingName the setting to change to let a page in
 * @param isOwn whether a page is one of the host's own, which may always connect
 */
export function originCheck(allowed: readonly string[], settingName: string, isOwn: IsOwn): Check {
  if (allowed.includes('*')) return () => undefined;
  const matchers = allowed.map(originMatcher);

  return (request) => {
    const { origin } = request.headers;
    if (origin === undefined) return undefined;
    const asked = origin.toLowerCase();
    if (matchers.some((matches) => matches(asked)) || isOwn(request, asked)) return undefined;
    const shown = origin.slice(0, SHOWN).replace(/[^\x21-\x7E]/g, '?');
    return withReason(
      refusals.foreignOrigin,
      `pages from ${shown} may not connect: add ${shown} to ${settingName} to let them in`,
    );
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
