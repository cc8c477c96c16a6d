-- Ends a live session: its values and what is about a person are removed, and what is left is its tombstone. Returns the fields that it had.
-- KEYS: session, expiry indexes, index of what is to be forgotten. ARGV: now, hash of the id, reason.
local fields = redis.call('HGETALL', KEYS[1])
local ended_at, expires_at, forgotten_at =
  unpack(redis.call('HMGET', KEYS[1], 'ended_at', 'expires_at', 'forgotten_at'))
if ended_at or not expires_at or (tonumber(expires_at) or 0) <= tonumber(ARGV[1]) then
  return {}
end
redis.call('HSET', KEYS[1], 'ended_at', ARGV[1], 'end_reason', ARGV[3])
for i = 1, #fields, 2 do
  if string.sub(fields[i], 1, 6) == 'value:' or fields[i] == 'user_agent' or fields[i] == 'address' then
    redis.call('HDEL', KEYS[1], fields[i])
  end
end
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('ZREM', KEYS[3], ARGV[2])
redis.call('ZADD', KEYS[4], forgotten_at, ARGV[2])
return fields
