/** The addresses of this host with the network of each, for people to choose from. */
import { type AddressInfo, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

const ANY = new Set(['0.0.0.0', '::']);

/** Networks of containers, virtual machines and tunnels, which phones do not reach. */
const VIRTUAL =
  /^(?:br-|cni|docker|flannel|ifb|podman|tailscale|tap|tun|utun|vboxnet|vethernet|veth|virbr|vmnet|wg|zt)/i;

export interface KnownAddress {
  /** With the port, as URLs write it. */
  readonly host: string;
  /** The name of its network interface; empty if it has none of its own. */
  readonly network: string;
}

/** Those that phones reach come first, then those in virtual networks, then `localhost`. */
export function knownAddresses({ address, family, port }: AddressInfo): KnownAddress[] {
  const at = (host: string, network = '') => ({
    host: `${isIPv6(host) ? `[${host}]` : host}:${port}`,
    network,
  });
  if (!ANY.has(address)) return [at(address)];
  const networks = Object.entries(networkInterfaces()).sort(
    ([one], [other]) => Number(VIRTUAL.test(one)) - Number(VIRTUAL.test(other)),
  );
  const addresses = networks.flatMap(([network, found = []]) =>
    found
      .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
      .filter((one) => one.family === 'IPv4' || family === 'IPv6')
      .map(({ address }) => at(address, network)),
  );
  return [...addresses, at('localhost')];
}
