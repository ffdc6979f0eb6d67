/** The addresses under which clients reach this host. */
import type { AddressInfo } from 'node:net';
import { isIPv6 } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

const ANY = new Set(['0.0.0.0', '::']);

/** Networks inside this machine, which phones do not reach. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|vEthernet|cni|podman|lxc|utun|tun|tap)/;

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

/** Where clients reach this host, with the network interface of each address; real networks first. */
export function knownAddresses({ address, family, port }: AddressInfo): { host: string; network: string }[] {
  const at = (host: string, network = '') => ({
    host: `${isIPv6(host) ? `[${host}]` : host}:${port}`,
    network,
  });
  if (!ANY.has(address)) return [at(address)];
  const networks = Object.entries(networkInterfaces()).sort(
    ([one], [other]) => Number(VIRTUAL.test(one)) - Number(VIRTUAL.test(other)),
  );
  const addresses = networks.flatMap(([network, found = []]) =>
    found.filter((one) => isForClients(one, family)).map(({ address }) => at(address, network)),
  );
  return [...addresses, at('localhost')];
}

function interfaceAddresses(boundFamily: string): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => isForClients(address, boundFamily))
    .map(({ address }) => address);
}

function isForClients({ internal, address, family }: NetworkInterfaceInfo, boundFamily: string): boolean {
  return !internal && !address.startsWith('fe80:') && (family === 'IPv4' || boundFamily === 'IPv6');
}
