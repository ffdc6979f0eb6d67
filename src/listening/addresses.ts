/** The addresses under which clients reach this host. */
import type { AddressInfo } from 'node:net';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

const ANY = new Set(['0.0.0.0', '::']);

/**
 * The URLs to give to clients: the address that was bound or, where that is every interface, localhost and
 * the machine's addresses, since phones cannot reach a localhost that is not theirs. IPv6 link-local ones
 * are left out, because a browser takes none.
 */
export function clientUrls(bound: AddressInfo, scheme: string): string[] {
  const hosts = ANY.has(bound.address) ? ['localhost', ...interfaceAddresses(bound.family)] : [bound.address];
  return hosts.map((host) => `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${bound.port}`);
}

/** The pages at these addresses, for people: the page to try the host, and the dashboard where a token opens it. */
export function pageUrls(clientUrls: readonly string[], hasDashboard: boolean): string[] {
  const paths = hasDashboard ? ['/', '/dashboard'] : ['/'];
  return clientUrls.flatMap((url) => paths.map((path) => url.replace(/^ws/, 'http') + path));
}

function interfaceAddresses(boundFamily: string): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .filter(({ family }) => family === 'IPv4' || boundFamily === 'IPv6')
    .map(({ address }) => address);
}
