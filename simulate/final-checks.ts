/** What must be when all has been quiet for long enough, and when all nodes have stopped. */
import type { Keys } from '../src/backplane/keys';
import type { SimulatedNode } from './node';
import { ROOMS } from './plan';
import type { SimulatedRedis } from './redis';
import type { Presence } from './witness';

/** Who has never lived. */
export const NOBODY = 'nobody';

/** After quiet every node lists exactly the truth, in one order, and follows the rooms of its members only. */
export function findUntruth(
  nodes: readonly SimulatedNode[],
  presences: readonly Presence[],
  keys: Keys,
  redis: SimulatedRedis,
): string | undefined {
  for (const room of ROOMS) {
    const truth = presences.filter((presence) => presence.room === room).map(({ name }) => name);
    const wanted = JSON.stringify(truth.sort());
    const lists = nodes.map((node) => node.roster(room)).filter((roster) => roster !== undefined);
    if (lists.some((list) => JSON.stringify(list.toSorted()) !== wanted))
      return `after quiet, in ${room} are ${wanted}, and listed are ${JSON.stringify(lists)}`;
    if (new Set(lists.map((list) => JSON.stringify(list))).size > 1)
      return `after quiet, in ${room} the order differs: ${JSON.stringify(lists)}`;
  }
  const dead = findDead(nodes, keys, redis);
  if (dead.length > 0) return `after quiet, lists of the dead are left: ${dead}`;
  const followed = [...redis.sessions].flatMap(({ channels }) => [...channels]);
  const wanted = nodes.flatMap((node) => [...node.rooms.values()].map(({ name }) => keys.room(name).channel));
  const [is, should] = [followed, wanted].map((channels) => JSON.stringify(channels.sort()));
  if (is !== should) return `after quiet, subscribed are ${is}, and should be ${should}`;
  if (redis.sessions.size !== nodes.length)
    return `${redis.sessions.size} connections of ${nodes.length} nodes`;
  return undefined;
}

/** Lists of nodes that are no more, in rooms that somebody reads. */
function findDead(nodes: readonly SimulatedNode[], keys: Keys, redis: SimulatedRedis): string[] {
  // What nobody has ever stored is not looked for, and stays until the room is read.
  const living = new Set([...nodes.map(({ name }) => name), NOBODY]);
  const read = ROOMS.filter((room) => nodes.some((node) => node.rooms.get(room) !== undefined));
  return read.flatMap((room) =>
    Object.keys(redis.readHash(keys.room(room).hash)).filter((field) => !living.has(field.replace('+', ''))),
  );
}

/** When all nodes have stopped nothing is left of them but what expires. */
export function findLeftovers(nodes: readonly SimulatedNode[], redis: SimulatedRedis): string | undefined {
  const timers = nodes
    .filter(({ clock }) => clock.waiting > 0)
    .map(({ name, clock }) => `${name}: ${clock.waiting}`);
  if (timers.length > 0) return `timers are left over: ${timers}`;
  if (nodes.some(({ ended }) => !ended)) return 'a node has not stopped';
  if (redis.sessions.size > 0) return `${redis.sessions.size} connections are left over`;
  const everlasting = redis.keys().filter((key) => redis.timeLeft(key) === undefined);
  if (everlasting.length > 0) return `${everlasting.length} keys never expire, such as ${everlasting[0]}`;
  return undefined;
}
