/** What a node needs to read rooms, and all that it asks of Redis. */
import type { Connection } from '../../src/backplane/connection';
import { encodeDigest, numberOf, SentLately } from '../../src/backplane/digest';
import { DigestExchange } from '../../src/backplane/digest-exchange';
import { Keys } from '../../src/backplane/keys';
import { Membership } from '../../src/backplane/membership';
import { FOREIGN_FACTS } from '../../src/backplane/node-facts';
import { RoomReader } from '../../src/backplane/room-reader';
import { EXCHANGE } from '../../src/backplane/scripts';
import { defaultTiming } from '../../src/backplane/timing';
import { observed } from './observed-room';

export function readingNode() {
  const { clock, connection: sending, done, link, newRoom } = observed();
  const asked: string[] = [];
  const redis = {
    exchange: [] as string[],
    readError: undefined as Error | undefined,
    exchangeError: undefined as Error | undefined,
    whileReading: () => {},
  };
  const newConnection = (): Connection => ({
    ...sending,
    destroy: ({ message }) => asked.push(`destroyed: ${message}`),
    subscribe: async (channels) => {
      asked.push(`subscribe ${channels.length}`);
    },
    readHash: async (key) => {
      asked.push(`read ${key}`);
      redis.whileReading();
      if (redis.readError !== undefined) throw redis.readError;
      return {};
    },
    run: async (script) => {
      if (script !== EXCHANGE) return sending.run(script, [], []);
      asked.push('exchange');
      if (redis.exchangeError !== undefined) throw redis.exchangeError;
      return redis.exchange;
    },
  });
  const membership = new Membership({
    ...{ self: 'self', keys: () => new Keys('p').nodes(), clock, timing: defaultTiming },
    ...{ facts: () => FOREIGN_FACTS, onDead: () => {}, onForgotten: () => {}, onBeat: () => {} },
  });
  const reader = new RoomReader('self', membership, clock, defaultTiming);
  const newRooms = (count: number, name = 'r') =>
    Array.from({ length: count }, (_, index) => newRoom(`${name}${index}`));
  /** What was asked since the last call; many in a row of one kind are counted. */
  const happened = () => {
    const kinds: [string, number][] = [];
    for (const what of asked.splice(0)) {
      const kind = what.startsWith('read ') ? 'read' : what;
      const last = kinds.at(-1);
      if (last?.[0] === kind) last[1]++;
      else kinds.push([kind, 1]);
    }
    return kinds.map(([kind, count]) => (kind === 'read' ? `${kind} ${count}` : kind));
  };
  return { clock, asked, redis, done, link, newRoom, newRooms, newConnection, membership, reader, happened };
}

/** Everything that needs no time is done. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What another node says of the lists that it has sent lately: room → version. */
export const digest = (from: number, to: number, versions: Record<string, number> = {}) =>
  encodeDigest({
    ...{ from, to },
    versions: new Map(Object.entries(versions).map(([name, version]) => [numberOf(name), version])),
  });

/** One that has rooms, and exchanges digests. */
export function exchanging(count: number) {
  const node = readingNode();
  const sent = new SentLately(defaultTiming.reread);
  const rooms = new Map(node.newRooms(count).map((room) => [room.name, room]));
  const keys = new Keys('p').nodes();
  const digests = new DigestExchange({
    ...{ self: 'self', keys: () => keys, rooms, sent, timing: defaultTiming },
  });
  return { ...node, sent, rooms, keys, digests, connection: node.newConnection() };
}
