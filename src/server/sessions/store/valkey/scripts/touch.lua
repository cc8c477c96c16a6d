-- Stores the times of a live session that was seen again. The tombstone is kept longer by the same time.
-- KEYS: session, expiry index of its kind, index of what is to be forgotten. ARGV: now, hash of the id, expiry, absolute expiry, time of the
-- authentication ("" if none).
local ended_at, expires_at, forgotten_at =
  unpack(redis.call('HMGET', KEYS[1], 'ended_at', 'expires_at', 'forgotten_at'))
local now, expiry = tonumber(ARGV[1]), tonumber(ARGV[3])
if ended_at or not expires_at or (tonumber(expires_at) or 0) <= now then
  return 0
end
-- Damaged times must not remove the session.
local forgotten = math.max((tonumber(forgotten_at) or 0) + expiry - tonumber(expires_at), expiry)
redis.call('HSET', KEYS[1], 'seen_at', ARGV[1], 'expires_at', ARGV[3], 'absolute_expires_at', ARGV[4],
  'forgotten_at', string.format('%.0f', forgotten))
if ARGV[5] == '' then
  redis.call('HDEL', KEYS[1], 'authenticated_at')
else
  redis.call('HSET', KEYS[1], 'authenticated_at', ARGV[5])
end
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.max(forgotten - now, 1)))
redis.call('ZADD', KEYS[2], 'XX', ARGV[3], ARGV[2])
redis.call('ZADD', KEYS[3], 'XX', string.format('%.0f', forgotten), ARGV[2])
return 1
