/** The addresses under which clients reach this host. */
import type { AddressInfo } from 'node:net';
import { isIPv6 } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

const ALL_INTERFACES = new Set(['0.0.0.0', '::']);

/** Interfaces of containers, virtual machines and tunnels, behind which there is no phone. */
const VIRTUAL =
  /^(?:br-|cni|docker|flannel|ifb|podman|tailscale|tap|tun|utun|vboxnet|vethernet|veth|virbr|vmnet|wg|zt)/i;
/** Addresses that a machine gives to itself when nobody else does (RFC 3927). */
const SELF_ASSIGNED = '169.254.';

export function isOnAllInterfaces({ address }: AddressInfo): boolean {
  return ALL_INTERFACES.has(address);
}

export function isVirtual(network: string): boolean {
  return VIRTUAL.test(network);
}

/** This machine's IPv4 addresses in its local networks, under which phones reach it. */
export function localAddresses(
  interfaces: Readonly<NodeJS.Dict<NetworkInterfaceInfo[]>> = networkInterfaces(),
): string[] {
  return Object.entries(interfaces)
    .filter(([network]) => !isVirtual(network))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address)
    .filter((address) => !address.startsWith(SELF_ASSIGNED));
}

/**
 * The URLs to give to clients: the bound address or, if that is all interfaces, localhost and the machine's addresses,
 * which phones need. Without IPv6 link-local ones, which browsers do not accept.
 */
export function clientUrls(bound: AddressInfo, scheme: string): string[] {
  const hosts = isOnAllInterfaces(bound)
    ? ['localhost', ...interfaceAddresses(bound.family)]
    : [bound.address];
  return hosts.map((host) => `${scheme}://${hostAndPort(host, bound.port)}`);
}

/** As URLs write it. */
export function hostAndPort(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** The pages at these addresses: the landing page, and the dashboard if a token opens it. */
export function pageUrls(clientUrls: readonly string[], hasDashboard: boolean): string[] {
  const paths = hasDashboard ? ['/', '/dashboard'] : ['/'];
  return clientUrls.flatMap((url) => paths.map((path) => url.replace(/^ws/, 'http') + path));
}

/** Without IPv6 ones if the bound family is IPv4. */
export function interfaceAddresses(boundFamily: string): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) => usable(addresses, boundFamily));
}

/** Of one interface, those that browsers accept. */
export function usable(addresses: readonly NetworkInterfaceInfo[] = [], boundFamily: string): string[] {
  return addresses
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .filter(({ family }) => family === 'IPv4' || boundFamily === 'IPv6')
    .map(({ address }) => address);
}
