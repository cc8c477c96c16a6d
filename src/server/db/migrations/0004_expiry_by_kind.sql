-- Sessions whose idle timeouts differ are looked for separately: those that have expired, and those that
-- expire later than a session can, because they were used while the clock was ahead of time.
DROP INDEX sessions_by_expiry;
CREATE INDEX sessions_by_expiry ON sessions (remembered, expires_at) WHERE ended_at IS NULL AND account_id IS NOT NULL;
