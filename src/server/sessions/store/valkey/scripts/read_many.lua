-- The fields of several sessions, in the same order.
-- KEYS: sessions of one shard.
local found = {}
for i, key in ipairs(KEYS) do
  found[i] = redis.call('HGETALL', key)
end
return found
