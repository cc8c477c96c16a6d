-- Removes a tombstone, or an anonymous session that has expired. The server would do so itself, by its own clock.
-- KEYS: session, index of what is to be forgotten. ARGV: now, hash of the id.
local forgotten_at = redis.call('HGET', KEYS[1], 'forgotten_at')
if forgotten_at and tonumber(forgotten_at) > tonumber(ARGV[1]) then
  return 0
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
return 1
