/** What each Lua script of the backplane does, in the words of the simulated Redis. */
import { DELETE_IF, HEARTBEAT, LEAVE, STORE, TAKE_OUT } from '../src/backplane/scripts';
import type { SimulatedRedis } from './redis';

type Meaning = (redis: SimulatedRedis, keys: readonly string[], args: readonly string[]) => unknown;

/** By the text of the script. */
export const MEANINGS: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  [HEARTBEAT, heartbeat],
  [LEAVE, leave],
  [STORE, store],
  [TAKE_OUT, takeOut],
  [DELETE_IF, deleteIf],
]);

function heartbeat(
  redis: SimulatedRedis,
  [living = '', facts = '']: readonly string[],
  args: readonly string[],
) {
  const [node = '', expiry = '', text = ''] = args;
  const now = redis.now();
  for (const [dead, score] of redis.range(living)) {
    if (score > now) continue;
    redis.removeFromSet(living, dead);
    redis.deleteFields(facts, [dead]);
  }
  const before = redis.scoreOf(living, node) === undefined ? 0 : 1;
  redis.addToSet(living, node, now + Number(expiry));
  redis.setField(facts, node, text);
  redis.expire(living, Number(expiry));
  redis.expire(facts, Number(expiry));
  const names = redis.range(living).map(([name]) => name);
  return [before, names, Object.entries(redis.readHash(facts)).flat()];
}

function leave(redis: SimulatedRedis, [living = '', facts = '']: readonly string[], args: readonly string[]) {
  const [node = '', grace = ''] = args;
  if (Number(grace) > 0) {
    if (redis.scoreOf(living, node) !== undefined) redis.addToSet(living, node, redis.now() + Number(grace));
    return 0;
  }
  redis.deleteFields(facts, [node]);
  return redis.removeFromSet(living, node) ? 1 : 0;
}

function store(redis: SimulatedRedis, [key = '']: readonly string[], args: readonly string[]) {
  const [node = '', text = '', keptFor = '', channel = ''] = args;
  const isNew = redis.setField(key, node, text);
  redis.expire(key, Number(keptFor));
  redis.publish(channel, text);
  return isNew ? 1 : 0;
}

function takeOut(redis: SimulatedRedis, [key = '']: readonly string[], args: readonly string[]) {
  const [node = '', text = '', channel = ''] = args;
  redis.deleteFields(key, [node]);
  redis.publish(channel, text);
  return 1;
}

function deleteIf(redis: SimulatedRedis, [key = '']: readonly string[], args: readonly string[]) {
  const [field = '', expected = ''] = args;
  return redis.getField(key, field) === expected ? redis.deleteFields(key, [field]) : 0;
}
