/** The addresses of this host with the network of each, for people to choose from. */
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { hostAndPort, isOnAllInterfaces, isVirtual, usable } from './addresses';

export interface KnownAddress {
  /** With the port, as URLs write it. */
  readonly host: string;
  /** The name of its network interface; empty if it has none of its own. */
  readonly network: string;
}

/** Those that phones reach come first, then those in virtual networks, then `localhost`. */
export function knownAddresses(bound: AddressInfo): KnownAddress[] {
  const at = (host: string, network = '') => ({ host: hostAndPort(host, bound.port), network });
  if (!isOnAllInterfaces(bound)) return [at(bound.address)];
  const networks = Object.entries(networkInterfaces()).sort(
    ([one], [other]) => Number(isVirtual(one)) - Number(isVirtual(other)),
  );
  const addresses = networks.flatMap(([network, found]) =>
    usable(found, bound.family).map((address) => at(address, network)),
  );
  return [...addresses, at('localhost')];
}
