/** The Lua scripts that run inside Redis: each is one step, that happens as a whole or not at all. */
import { LONGEST_GRACE } from './timing';

/**
 * Says that a node lives, by the clock of Redis, and forgets those that have not said so for their expiry, and facts of
 * whoever is not listed. Nobody is listed for longer than the longest grace, whoever has said so and whatever Redis'
 * clock was set to. What fails for what a key holds fails before anything stays without an expiry.
 * KEYS: the set of the living, the hash of their facts. ARGV: node, expiry in milliseconds, the node's facts.
 * Replies whether the node was there before, the living, and facts as field, value, field, …
 */
export const HEARTBEAT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], dead)
end
local latest = now + math.max(ARGV[2], ${LONGEST_GRACE})
for _, late in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. latest, '+inf')) do
  redis.call('ZADD', KEYS[1], now + ARGV[2], late)
end
local before = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local living = redis.call('ZRANGE', KEYS[1], 0, -1)
local isListed = {}
for _, node in ipairs(living) do isListed[node] = true end
local facts = {}
local all = redis.call('HGETALL', KEYS[2])
for at = 1, #all, 2 do
  if isListed[all[at]] then
    facts[#facts + 1] = all[at]
    facts[#facts + 1] = all[at + 1]
  else
    redis.call('HDEL', KEYS[2], all[at])
  end
end
return { before and 1 or 0, living, facts }
`;

/**
 * The last word of a node that stops: it is waited for until its grace is over, though Redis has just been emptied, and
 * its facts say so to whoever misses its messages.
 * KEYS: the set of the living, the hash of their facts. ARGV: node, grace in milliseconds, its facts.
 */
export const LEAVE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if tonumber(ARGV[2]) > 0 then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
  redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
  for _, key in ipairs(KEYS) do
    redis.call('PEXPIRE', key, ARGV[2], 'NX')
    redis.call('PEXPIRE', key, ARGV[2], 'GT')
  end
  return 1
end
redis.call('HDEL', KEYS[2], ARGV[1])
return redis.call('ZREM', KEYS[1], ARGV[1])
`;

/** The version of a message: of a whole list, or of the last line of a journal. No message has a line feed of its own. */
const VERSION = { whole: '^%[%d+,"[^"]*",(%d+),', last: '.*\\n%[%d+,"[^"]*",(%d+),' };

/**
 * Stores a whole list, keeps the room, and tells it. KEYS: hash. ARGV: node, list, milliseconds to keep, channel, and
 * what is told where that is not the list. Replies 1 where the node had no list there.
 */
export const STORE = `
local created = redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('HDEL', KEYS[1], ARGV[1] .. '+')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('SPUBLISH', ARGV[4], ARGV[5] or ARGV[2])
return created
`;

/**
 * Adds a delta to the journal of a list, keeps the room, and tells it. KEYS: hash. ARGV: node, the version that the
 * delta is about, delta, milliseconds to keep, channel. Replies 0 where the list is not of that version: nothing is
 * done then.
 */
export const APPEND = `
local field = ARGV[1] .. '+'
local journal = redis.call('HGET', KEYS[1], field)
local version
if journal then
  version = string.match(journal, '${VERSION.last}')
else
  version = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '${VERSION.whole}')
end
if version ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], field, (journal or '') .. '\\n' .. ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('SPUBLISH', ARGV[5], ARGV[3])
return 1
`;

/**
 * Keeps a room. KEYS: hash. ARGV: node, milliseconds. Replies the version of the node's list; nil where there is none. A
 * whole list that is newer than its journal is none of the node's: its version is told then.
 */
export const KEEP = `
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local whole = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '${VERSION.whole}')
local journal = redis.call('HGET', KEYS[1], ARGV[1] .. '+')
if not journal then return whole end
local version = string.match(journal, '${VERSION.last}')
if version and whole and tonumber(whole) > tonumber(version) then return whole end
return version
`;

/** Takes a list out, and tells that it is empty. KEYS: hash. ARGV: node, text, channel. */
export const TAKE_OUT = `
redis.call('HDEL', KEYS[1], ARGV[1], ARGV[1] .. '+')
redis.call('SPUBLISH', ARGV[3], ARGV[2])
return 1
`;

/** Deletes a node's list if it is the expected one. KEYS: hash. ARGV: node, list, journal; empty where there is none. */
export const DELETE_IF = `
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
if (redis.call('HGET', KEYS[1], ARGV[1] .. '+') or '') ~= ARGV[3] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1], ARGV[1] .. '+')
`;

/**
 * Says which lists a node has sent lately, and hears it of the others; what dead nodes have said is dropped.
 * KEYS: the hash of the digests, the set of the living. ARGV: node, its digest, milliseconds to keep.
 * Replies the others' as node, digest, node, …
 */
export const EXCHANGE = `
local others = {}
local all = redis.call('HGETALL', KEYS[1])
for at = 1, #all, 2 do
  if not redis.call('ZSCORE', KEYS[2], all[at]) then
    redis.call('HDEL', KEYS[1], all[at])
  elseif all[at] ~= ARGV[1] then
    others[#others + 1] = all[at]
    others[#others + 1] = all[at + 1]
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return others
`;

/**
 * Keeps an entry of a register unless there is a newer one, tells it, and drops entries that nobody needs any more.
 * KEYS: hash. ARGV: key, entry, its stamp, milliseconds to keep, milliseconds since the epoch, channel, what is told, and
 * keys to drop where it is time.
 */
export const RECORD = `
local left = redis.call('PTTL', KEYS[1])
local held = redis.call('HGET', KEYS[1], ARGV[1])
local stamp = held and tonumber(string.match(held, '^%[%d+,(%d+),'))
if not stamp or stamp <= tonumber(ARGV[3]) then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
for at = 8, #ARGV do
  local old = redis.call('HGET', KEYS[1], ARGV[at])
  local kept = old and tonumber(string.match(old, '^%[%d+,%d+,%d+,(%d+),'))
  if kept and kept <= tonumber(ARGV[5]) then redis.call('HDEL', KEYS[1], ARGV[at]) end
end
if left < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
redis.call('SPUBLISH', ARGV[6], ARGV[7])
return 1
`;

/** Tells all who listen to a channel. KEYS: channel. ARGV: text. */
export const TELL = `
return redis.call('SPUBLISH', KEYS[1], ARGV[1])
`;
