-- Changes values of a live session.
-- KEYS: session. ARGV: now, number of fields to set, those fields and their values, then fields to remove.
local ended_at, expires_at = unpack(redis.call('HMGET', KEYS[1], 'ended_at', 'expires_at'))
if ended_at or not expires_at or (tonumber(expires_at) or 0) <= tonumber(ARGV[1]) then
  return 0
end
local last = 2 + 2 * tonumber(ARGV[2])
for i = 3, last, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
for i = last + 1, #ARGV do
  redis.call('HDEL', KEYS[1], ARGV[i])
end
return 1
