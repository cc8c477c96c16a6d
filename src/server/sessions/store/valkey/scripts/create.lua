-- Inserts a session, and only inserts.
-- KEYS: session, the index that it belongs to. ARGV: time to live, hash of the id, its score in the index, then
-- fields and their values.
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 0
end
for i = 4, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2])
return 1
