/** Serves the built pages and the client library from memory. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { extname, join } from 'node:path';
import { mayBeSecure } from './arrival';
import type { App, RequestContext } from './parts';
import type { KnownAddress } from './shapes';

/** Also right under ts-node, where this file is in src/. */
const BUILT = join(__dirname, '..', '..', 'dist');

const ASSETS: Readonly<Record<string, string>> = {
  '/': 'pages/landing.html',
  '/dashboard': 'pages/dashboard.html',
  '/client.js': 'client/browser.mjs',
  '/client.js.map': 'client/browser.mjs.map',
  '/pages/landing.js': 'pages/landing.js',
  '/pages/landing.css': 'pages/landing.css',
  '/pages/dashboard.js': 'pages/dashboard.js',
  '/pages/dashboard.css': 'pages/dashboard.css',
  '/pages/icon.svg': 'pages/icon.svg',
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
};

/** @param connect what else the page may connect to */
const policy = (connect: readonly string[] = []) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    ["connect-src 'self'", ...connect].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const HEADERS = {
  /** Revalidated each time, so that a new version shows at once. */
  'Cache-Control': 'no-cache',
  'Content-Security-Policy': policy(),
  'Referrer-Policy': 'no-referrer',
};

/** Browsers complain of it in a page that is not secure, and ignore it there. */
const SECURE_HEADERS = { 'Cross-Origin-Opener-Policy': 'same-origin' };

/** Pages of other origins import the client library. */
const LIBRARY_HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  SourceMap: 'client.js.map',
};

/** The dashboard's views of a room have addresses of their own, and the way from there to `/pages`. */
const VIEWS: Readonly<Record<string, string>> = {
  '/dashboard/rooms': '../',
  '/dashboard/rooms/:room': '../../',
};

/** @param addressesFor where the start page may try to connect, besides the address that it came from */
export function addAssets(app: App, addressesFor: (request: IncomingMessage) => KnownAddress[]): void {
  app.use('/', async (context, next) => {
    await next();
    // A policy cannot name an IPv6 address.
    const addresses = addressesFor(context.env.incoming).filter(({ host }) => !host.startsWith('['));
    const connect = addresses.flatMap(({ host }) => [`ws://${host}`, `wss://${host}`]);
    context.header('Content-Security-Policy', policy(connect));
  });
  for (const [path, file] of Object.entries(ASSETS)) {
    app.get(path, assetHandler(join(BUILT, file), path === '/client.js' ? LIBRARY_HEADERS : {}));
  }
  for (const [path, up] of Object.entries(VIEWS)) {
    app.get(path, assetHandler(join(BUILT, 'pages/dashboard.html'), {}, up));
  }
}

/** @param up put before the page's relative links */
function assetHandler(
  file: string,
  headers: Record<string, string>,
  up = '',
): (context: RequestContext) => Response {
  if (!existsSync(file)) return notBuilt;
  const content = readFileSync(file);
  const body = new Uint8Array(
    up === '' ? content : Buffer.from(`${content}`.replaceAll('="pages/', `="${up}pages/`)),
  );
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const type = TYPES[extname(file)] ?? 'application/octet-stream';
  const plain = { ...HEADERS, ...headers, ETag: etag };
  const secure = { ...plain, ...SECURE_HEADERS };
  return (context: RequestContext) => {
    const all = mayBeSecure(context.env.incoming) ? secure : plain;
    if (holds(context.req.header('if-none-match'), etag)) return context.body(null, 304, all);
    return context.body(body, 200, { ...all, 'Content-Type': type });
  };
}

/** Whether the client already has it (RFC 9110, section 13.1.2). */
function holds(ifNoneMatch: string | undefined, etag: string): boolean {
  const held = ifNoneMatch?.split(',').map((entry) => entry.trim().replace(/^W\//, '')) ?? [];
  return held.includes(etag) || held.includes('*');
}

function notBuilt(context: RequestContext): Response {
  return context.text('the pages are not built: npm run build\n', 503);
}
