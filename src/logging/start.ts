/** The start on a terminal, in five lines: what runs, the page to open, phones, who may do what, how to stop. */
import { localAddresses } from '../listening/addresses';
import { isOnAllInterfaces } from '../settings/doors';
import type { Settings } from '../settings/table';

/** What the log line `listening` says. */
export interface Listening {
  /** For clients. */
  readonly urls: readonly string[];
  readonly pages: readonly string[];
}

/** Origins that are shown. */
const SHOWN = 3;

const LOOPBACK = /^(?:localhost|127\..*|\[::1\])$/;

/** @param local this machine's addresses, the best one for phones first */
export function startLines(
  { urls, pages }: Listening,
  settings: Settings,
  version: string,
  local: readonly string[] = localAddresses(),
): string {
  const [page = '', dashboard] = pages;
  const more = dashboard?.includes('/dashboard') ? `, ${dashboard} to watch it` : '';
  return `conference-host ${version} is running
  Open    ${page} to try it and to connect your Testbed${more}
  Phones  ${phones(urls, settings, local)}
  Access  ${access(settings)}
  Stop    Ctrl+C
`;
}

function phones(urls: readonly string[], settings: Settings, local: readonly string[]): string {
  const reachable = urls.filter((url) => !LOOPBACK.test(new URL(url).hostname));
  const url = reachable.find((url) => local.includes(new URL(url).hostname)) ?? reachable[0];
  if (url !== undefined)
    return `${url.replace(/^ws/, 'http')} as conference_host, or ${url} in your own client`;
  if (isOnAllInterfaces(settings)) return 'cannot reach it: this machine has no network';
  return `cannot reach it: HOST=${settings.host} is this machine only`;
}

function access(settings: Settings): string {
  const { host } = settings;
  const network = isOnAllInterfaces(settings) ? 'on all interfaces' : `only on ${host}`;
  return `${network} (HOST), ${joining(settings)}, from ${pages(settings)} (ALLOWED_ORIGINS)`;
}

function joining({ jwtSecret, jwtJwksUrl, authUrl }: Settings): string {
  if (authUrl !== undefined) return 'if your backend agrees (AUTH_URL)';
  if (jwtSecret !== undefined) return 'with a token (JWT_SECRET)';
  return jwtJwksUrl === undefined ? 'without a token (JWT_SECRET)' : 'with a token (JWT_JWKS_URL)';
}

function pages({ allowedOrigins }: Settings): string {
  if (allowedOrigins.includes('*')) return 'pages of any site';
  const more = allowedOrigins.length - SHOWN;
  return `pages of ${allowedOrigins.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
