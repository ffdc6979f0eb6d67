/**
 * What an application was told, in Redis. One node at a time speaks for a room: who that is stands in `owners`, as the
 * node's name, or as `@` and when the last one left. It counts for as long as the node lives.
 *
 * KEYS: living (sorted set: node → when it expires, by the clock of Redis), owners (hash: room → node), accounts (hash:
 * room → what was told), the channel on which rooms are released, and where one room is meant, its last account once the
 * room is closed.
 */

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** ARGV: node, milliseconds that it lives from now on, another one that does not any more. */
export const LIVE = `${NOW}
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[3])
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - 86400000)) do redis.call('ZREM', KEYS[1], dead) end
return 1
`;

/** Uses what the others use later, so that a missing permission is found at the start. KEYS: owners, one that is left empty. */
export const TRY = `
redis.call('HSCAN', KEYS[1], '0', 'COUNT', 1)
redis.call('RPUSH', KEYS[2], '')
redis.call('LTRIM', KEYS[2], -1, -1)
return redis.call('LPOP', KEYS[2], 1)
`;

/** ARGV: node, room. @returns the account, '' for a new one, nil where another node speaks for the room */
export const CLAIM = `${NOW}
local owner = redis.call('HGET', KEYS[2], ARGV[2])
if owner and owner ~= ARGV[1] and tonumber(redis.call('ZSCORE', KEYS[1], owner) or '0') > now then return nil end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[1])
return redis.call('HGET', KEYS[3], ARGV[2]) or redis.call('HGET', KEYS[5], 'a') or ''
`;

/** ARGV: node, room, account. @returns 0 where the node does not speak for the room */
export const SAVE = `
if redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
return 1
`;

/** ARGV: node, room, account, milliseconds for which it is kept. */
export const SETTLE = `
if redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[2], ARGV[2])
redis.call('HDEL', KEYS[3], ARGV[2])
redis.call('HSET', KEYS[5], 'a', ARGV[3])
redis.call('PEXPIRE', KEYS[5], ARGV[4])
redis.call('SPUBLISH', KEYS[4], ARGV[2])
return 1
`;

/** ARGV: node, rooms. */
export const RELEASE = `${NOW}
for index = 2, #ARGV do
  if redis.call('HGET', KEYS[2], ARGV[index]) == ARGV[1] then
    redis.call('HSET', KEYS[2], ARGV[index], '@' .. now)
    redis.call('SPUBLISH', KEYS[4], ARGV[index])
  end
end
return 1
`;

/** ARGV: cursor, how many to look at. @returns the next cursor, and rooms with milliseconds for which nobody speaks for them */
export const ORPHANS = `${NOW}
local found = redis.call('HSCAN', KEYS[2], ARGV[1], 'COUNT', ARGV[2])
local reply = {found[1]}
local ends = {}
for index = 1, #found[2], 2 do
  local owner = found[2][index + 1]
  local left = string.sub(owner, 1, 1) == '@' and tonumber(string.sub(owner, 2))
  if not left then
    if ends[owner] == nil then ends[owner] = tonumber(redis.call('ZSCORE', KEYS[1], owner) or '0') end
    left = ends[owner]
  end
  if left <= now then
    reply[#reply + 1] = found[2][index]
    reply[#reply + 1] = tostring(now - left)
  end
end
return reply
`;

/** KEYS: notices. ARGV: how many are kept, notices. */
export const LEAVE_NOTICES = `
for index = 2, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[index]) end
redis.call('LTRIM', KEYS[1], -ARGV[1], -1)
return 1
`;

/** KEYS: notices. ARGV: how many to take. */
export const TAKE_NOTICES = `
return redis.call('LPOP', KEYS[1], ARGV[1]) or {}
`;
