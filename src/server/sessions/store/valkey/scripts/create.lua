-- Inserts a session, and only inserts.
-- KEYS: session, expiry index of its kind. ARGV: time to live, hash of the id, expiry ("" if it is in no index),
-- then fields and their values.
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
for i = 4, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
if ARGV[3] ~= '' then
  redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2])
end
return 1
