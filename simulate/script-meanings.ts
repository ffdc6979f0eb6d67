/** What each Lua script of the backplane does, in the words of the simulated Redis. */
import {
  APPEND,
  DELETE_IF,
  EXCHANGE,
  HEARTBEAT,
  KEEP,
  LEAVE,
  STORE,
  TAKE_OUT,
} from '../src/backplane/scripts';
import { LONGEST_GRACE } from '../src/backplane/timing';
import type { SimulatedRedis } from './redis';

type Meaning = (redis: SimulatedRedis, keys: readonly string[], args: readonly string[]) => unknown;

/** By the text of the script. */
export const MEANINGS: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  [HEARTBEAT, heartbeat],
  [LEAVE, leave],
  [STORE, store],
  [APPEND, append],
  [KEEP, keep],
  [TAKE_OUT, takeOut],
  [DELETE_IF, deleteIf],
  [EXCHANGE, exchange],
]);

function heartbeat(
  redis: SimulatedRedis,
  [living = '', facts = '']: readonly string[],
  args: readonly string[],
) {
  const [node = '', expiry = '', text = ''] = args;
  const now = redis.now();
  redis.setField(facts, node, text);
  redis.expire(facts, Number(expiry));
  const latest = now + Math.max(Number(expiry), LONGEST_GRACE);
  for (const [other, score] of redis.range(living)) {
    if (score <= now) redis.removeFromSet(living, other);
    else if (score > latest) redis.addToSet(living, other, now + Number(expiry));
  }
  const before = redis.scoreOf(living, node) === undefined ? 0 : 1;
  redis.addToSet(living, node, now + Number(expiry));
  redis.expire(living, Number(expiry));
  const names = redis.range(living).map(([name]) => name);
  const all = Object.entries(redis.readHash(facts));
  const listed = all.filter(([name]) => names.includes(name));
  redis.deleteFields(
    facts,
    all.map(([name]) => name).filter((name) => !names.includes(name)),
  );
  return [before, names, listed.flat()];
}

function leave(redis: SimulatedRedis, [living = '', facts = '']: readonly string[], args: readonly string[]) {
  const [node = '', grace = '', text = ''] = args;
  if (Number(grace) > 0) {
    redis.setField(facts, node, text);
    redis.addToSet(living, node, redis.now() + Number(grace));
    for (const key of [living, facts])
      if ((redis.timeLeft(key) ?? -1) < Number(grace)) redis.expire(key, Number(grace));
    return 1;
  }
  redis.deleteFields(facts, [node]);
  return redis.removeFromSet(living, node) ? 1 : 0;
}

function store(redis: SimulatedRedis, [key = '']: readonly string[], args: readonly string[]) {
  const [node = '', text = '', keptFor = '', channel = '', told = text] = args;
  const isNew = redis.setField(key, node, text);
  redis.deleteFields(key, [`${node}+`]);
  redis.expire(key, Number(keptFor));
  redis.publish(channel, told);
  return isNew ? 1 : 0;
}

function versionOf(redis: SimulatedRedis, key: string, node: string): string | null {
  const journal = redis.getField(key, `${node}+`);
  return headVersion(journal?.slice(journal.lastIndexOf('\n') + 1) ?? redis.getField(key, node));
}

function headVersion(text = ''): string | null {
  return /^\[\d+,"[^"]*",(\d+),/.exec(text)?.[1] ?? null;
}

function append(redis: SimulatedRedis, [key = '']: readonly string[], args: readonly string[]) {
  const [node = '', base = '', text = '', keptFor = '', channel = ''] = args;
  if (versionOf(redis, key, node) !== base) return 0;
  redis.setField(key, `${node}+`, `${redis.getField(key, `${node}+`) ?? ''}\n${text}`);
  redis.expire(key, Number(keptFor));
  redis.publish(channel, text);
  return 1;
}

function keep(redis: SimulatedRedis, [key = '']: readonly string[], args: readonly string[]) {
  const [node = '', keptFor = ''] = args;
  redis.expire(key, Number(keptFor));
  const [version, whole] = [versionOf(redis, key, node), headVersion(redis.getField(key, node))];
  return version !== null && whole !== null && Number(whole) > Number(version) ? whole : version;
}

function takeOut(redis: SimulatedRedis, [key = '']: readonly string[], args: readonly string[]) {
  const [node = '', text = '', channel = ''] = args;
  redis.deleteFields(key, [node, `${node}+`]);
  redis.publish(channel, text);
  return 1;
}

function deleteIf(redis: SimulatedRedis, [key = '']: readonly string[], args: readonly string[]) {
  const [node = '', text = '', journal = ''] = args;
  if ((redis.getField(key, node) ?? '') !== text) return 0;
  if ((redis.getField(key, `${node}+`) ?? '') !== journal) return 0;
  return redis.deleteFields(key, [node, `${node}+`]);
}

function exchange(
  redis: SimulatedRedis,
  [digests = '', living = '']: readonly string[],
  args: readonly string[],
) {
  const [node = '', digest = '', keptFor = ''] = args;
  const others: string[] = [];
  for (const [other, text] of Object.entries(redis.readHash(digests))) {
    if (redis.scoreOf(living, other) === undefined) redis.deleteFields(digests, [other]);
    else if (other !== node) others.push(other, text);
  }
  redis.setField(digests, node, digest);
  redis.expire(digests, Number(keptFor));
  return others;
}
