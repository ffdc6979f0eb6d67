/** The Lua scripts that run inside Redis: each is one step, that happens as a whole or not at all. */

/**
 * Says that a node lives, by the clock of Redis, and forgets those that have not said so for their expiry.
 * KEYS: the set of the living, the hash of their facts. ARGV: node, expiry in milliseconds, the node's facts.
 * Replies whether the node was there before, the living, and facts as field, value, field, …
 */
export const HEARTBEAT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('ZREM', KEYS[1], dead)
  redis.call('HDEL', KEYS[2], dead)
end
local before = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
return { before and 1 or 0, redis.call('ZRANGE', KEYS[1], 0, -1), redis.call('HGETALL', KEYS[2]) }
`;

/**
 * The last word of a node that stops: it is waited for until its grace is over.
 * KEYS: the set of the living, the hash of their facts. ARGV: node, grace in milliseconds.
 */
export const LEAVE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if tonumber(ARGV[2]) > 0 then return redis.call('ZADD', KEYS[1], 'XX', now + ARGV[2], ARGV[1]) end
redis.call('HDEL', KEYS[2], ARGV[1])
return redis.call('ZREM', KEYS[1], ARGV[1])
`;

/**
 * Stores a list, keeps the room, and tells it. KEYS: hash. ARGV: node, text, milliseconds to keep, channel.
 * Replies 1 where the node had no list there.
 */
export const STORE = `
local created = redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('SPUBLISH', ARGV[4], ARGV[2])
return created
`;

/** Takes a list out, and tells that it is empty. KEYS: hash. ARGV: node, text, channel. */
export const TAKE_OUT = `
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('SPUBLISH', ARGV[3], ARGV[2])
return 1
`;

/** Deletes a hash's field if its value is the expected one. KEYS: hash. ARGV: field, expected value. */
export const DELETE_IF = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
`;

/** Tells all who listen to a channel. KEYS: channel. ARGV: text. */
export const TELL = `
return redis.call('SPUBLISH', KEYS[1], ARGV[1])
`;
