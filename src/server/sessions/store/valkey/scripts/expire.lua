-- Leaves the tombstone of a session that has expired.
-- KEYS: session, expiry indexes, index of what is to be forgotten. ARGV: now, hash of the id, reasons of the idle
-- and of the absolute timeout.
local fields = redis.call('HGETALL', KEYS[1])
local ended_at, expires_at, absolute, forgotten_at =
  unpack(redis.call('HMGET', KEYS[1], 'ended_at', 'expires_at', 'absolute_expires_at', 'forgotten_at'))
-- A damaged session is none, and must not stop the purge of others.
local expiry = tonumber(expires_at or '')
if expiry and not ended_at and expiry > tonumber(ARGV[1]) then
  return 0
end
redis.call('ZREM', KEYS[2], ARGV[2])
redis.call('ZREM', KEYS[3], ARGV[2])
if ended_at or not expiry then
  return 0
end
local reason = expiry >= (tonumber(absolute or '') or expiry) and ARGV[4] or ARGV[3]
redis.call('HSET', KEYS[1], 'ended_at', expires_at, 'end_reason', reason)
redis.call('ZADD', KEYS[4], tonumber(forgotten_at or '') and forgotten_at or expires_at, ARGV[2])
for i = 1, #fields, 2 do
  if string.sub(fields[i], 1, 6) == 'value:' or fields[i] == 'user_agent' or fields[i] == 'address' then
    redis.call('HDEL', KEYS[1], fields[i])
  end
end
return 1
