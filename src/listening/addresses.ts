/** The addresses under which clients reach this host. */
import type { AddressInfo } from 'node:net';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

const ANY = new Set(['0.0.0.0', '::']);

/**
 * The URLs to give to clients: the bound address or, if that is all interfaces, localhost and the machine's addresses,
 * which phones need. Without IPv6 link-local ones, which browsers do not accept.
 */
export function clientUrls(bound: AddressInfo, scheme: string): string[] {
  const hosts = ANY.has(bound.address) ? ['localhost', ...interfaceAddresses(bound.family)] : [bound.address];
  return hosts.map((host) => `${scheme}://${isIPv6(host) ? `[${host}]` : host}:${bound.port}`);
}

/** The pages at these addresses: the landing page, and the dashboard if a token opens it. */
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
