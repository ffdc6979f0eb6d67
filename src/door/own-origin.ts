/**
 * Whether a page came from this host. A page of any site can have the host's address under a name of that site (DNS
 * rebinding), where origin and Host agree. So a name counts only with TLS, for which that site has no certificate, or
 * if it is one that only this machine has.
 */
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { readAddress } from '../listening/networks';
import { isOwnName } from '../listening/own-names';
import type { IsProxy } from './client-address';

/** @param origin in lower case, as browsers send it */
export type IsOwn = (request: IncomingMessage, origin: string) => boolean;

/** `X-Forwarded-Proto` and `X-Forwarded-Host` count from trusted proxies only. */
export function ownOrigin(isProxy: IsProxy): IsOwn {
  return ({ headers, socket }, origin) => {
    const trusted = isProxy(readAddress(socket.remoteAddress ?? '') ?? '');
    const forwarded = (name: string) => (trusted ? first(headers[name]) : undefined);
    const isEncrypted = (socket as TLSSocket).encrypted || forwarded('x-forwarded-proto') === 'https';
    const host = forwarded('x-forwarded-host') ?? headers.host;
    const url = `${isEncrypted ? 'https' : 'http'}://${host}`;
    if (host === undefined || !URL.canParse(url)) return false;
    const own = new URL(url);
    return own.origin === origin && (isEncrypted || isOwnName(own.hostname));
  };
}

/** The first proxy on the way has added the first item. */
function first(header: string | string[] | undefined): string | undefined {
  return header?.toString().split(',', 1)[0]?.trim();
}
