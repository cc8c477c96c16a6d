-- Brings a live session that expires later than it can down to the latest expiry.
-- KEYS: session, expiry index of its kind. ARGV: now, hash of the id, latest expiry, latest absolute expiry.
local ended_at, expires_at, absolute, forgotten_at =
  unpack(redis.call('HMGET', KEYS[1], 'ended_at', 'expires_at', 'absolute_expires_at', 'forgotten_at'))
-- A damaged session is none, and must not stop the purge of others.
if ended_at or not tonumber(expires_at or '') then
  redis.call('ZREM', KEYS[2], ARGV[2])
  return 0
end
local latest = tonumber(ARGV[3])
if tonumber(expires_at) <= latest then
  return 0
end
-- Damaged times must not remove the session.
local forgotten = math.max((tonumber(forgotten_at or '') or 0) + latest - tonumber(expires_at), latest)
redis.call('HSET', KEYS[1], 'expires_at', ARGV[3], 'forgotten_at', string.format('%.0f', forgotten))
if (tonumber(absolute or '') or 0) > tonumber(ARGV[4]) then
  redis.call('HSET', KEYS[1], 'absolute_expires_at', ARGV[4])
end
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.max(forgotten - tonumber(ARGV[1]), 1)))
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2])
return 1
