/** Which primary of a Redis Cluster has which slots, as its servers tell it. Pure. */
import type { RedisAddress } from '../redis-addresses';
import type { SlotRange } from './slots';

export interface Primary {
  /** The cluster's name for the server. */
  readonly id: string;
  readonly address: RedisAddress;
  /** In ascending order. */
  readonly ranges: readonly SlotRange[];
}

export interface ClusterMap {
  /** In the order of their first slots. */
  readonly primaries: readonly Primary[];
  /** Addresses of their replicas, which know the map too. */
  readonly replicas: readonly RedisAddress[];
}

/**
 * @param reply to `CLUSTER SLOTS`: `[[from, to, [host, port, id], [host, port, id]…]…]`, the primary first
 * @param asked who has replied: the others are reached with its user and password, and by TLS where it is
 * @throws where no slot has a primary
 */
export function clusterMapOf(reply: unknown, asked: RedisAddress): ClusterMap {
  const primaries = new Map<string, { id: string; address: RedisAddress; ranges: SlotRange[] }>();
  const replicas: RedisAddress[] = [];
  for (const [from, to, ...servers] of listsIn(reply)) {
    const [first, ...others] = listsIn(servers).map(([host, port, id]) => ({
      id: String(id),
      address: addressLike(asked, host, Number(port)),
    }));
    if (first === undefined) continue;
    const primary = primaries.get(first.id) ?? { ...first, ranges: [] };
    primaries.set(first.id, primary);
    primary.ranges.push([Number(from), Number(to)]);
    replicas.push(...others.map(({ address }) => address));
  }
  if (primaries.size === 0) throw new Error('the Redis Cluster has given its slots to nobody yet');
  const start = ({ ranges }: Primary) => ranges[0]?.[0] ?? 0;
  for (const { ranges } of primaries.values()) ranges.sort(([a], [b]) => a - b);
  return { primaries: [...primaries.values()].sort((a, b) => start(a) - start(b)), replicas };
}

/** A server that does not know its own host is where it was asked. */
function addressLike({ url }: RedisAddress, host: unknown, port: number): RedisAddress {
  const { protocol, hostname, username, password } = new URL(url);
  const known = typeof host === 'string' && host !== '' ? host : hostname;
  const place = `${known.includes(':') && !known.startsWith('[') ? `[${known}]` : known}:${port}`;
  const credentials = username === '' && password === '' ? '' : `${username}:${password}@`;
  return { url: `${protocol}//${credentials}${place}`, place, database: 0 };
}

function listsIn(value: unknown): unknown[][] {
  return Array.isArray(value) ? value.filter((item) => Array.isArray(item)) : [];
}
