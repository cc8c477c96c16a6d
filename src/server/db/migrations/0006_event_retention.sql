-- Repeats of an event within a while are counted in the row of the first.
ALTER TABLE events ADD COLUMN count BIGINT NOT NULL DEFAULT 1;
-- The time of the last of them; NULL as long as there is one only.
ALTER TABLE events ADD COLUMN last_at BIGINT;
-- What repeats have in common; NULL for an event that is not counted.
ALTER TABLE events ADD COLUMN repeat_key TEXT;

CREATE UNIQUE INDEX events_by_repeat_key ON events (repeat_key) WHERE repeat_key IS NOT NULL;
-- To find what has been kept for long enough.
CREATE INDEX events_by_age ON events (at);
CREATE INDEX events_by_kind ON events (kind, at);
CREATE INDEX events_without_account ON events (at) WHERE account_id IS NULL;
-- An account's owner looks for these among all others.
CREATE INDEX events_of_sign_ins ON events (account_id, at, number) WHERE kind = 'signed_in';

-- A row is evidence: who, what, when and where never change, its repeats are only counted up, and it is not removed
-- before it is seven days older than the newest, which is the shortest retention that can be configured. (604800000
-- milliseconds; the newest row is the clock here, so that one that is wrong for a moment does not open a gap.) Only
-- while the database is being copied to, and no server uses it, what is there already may be replaced.
DROP TRIGGER events_are_not_changed; -- sqlite
DROP TRIGGER events_are_not_removed; -- sqlite
CREATE TRIGGER events_are_only_counted BEFORE UPDATE ON events -- sqlite
WHEN NEW.number IS NOT OLD.number OR NEW.at IS NOT OLD.at OR NEW.account_id IS NOT OLD.account_id -- sqlite
    OR NEW.session IS NOT OLD.session OR NEW.address IS NOT OLD.address -- sqlite
    OR NEW.user_agent IS NOT OLD.user_agent OR NEW.kind IS NOT OLD.kind OR NEW.details IS NOT OLD.details -- sqlite
    OR NEW.repeat_key IS NOT OLD.repeat_key OR NEW.count <= OLD.count -- sqlite
    OR coalesce(NEW.last_at, 0) < coalesce(OLD.last_at, OLD.at) -- sqlite
BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END; -- sqlite
CREATE TRIGGER events_are_kept BEFORE DELETE ON events -- sqlite
WHEN OLD.at > (SELECT max(at) FROM events) - 604800000 -- sqlite
    AND NOT EXISTS (SELECT 1 FROM leases WHERE task = 'copy') -- sqlite
BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END; -- sqlite
DROP TRIGGER events_are_not_changed ON events; -- postgres
CREATE FUNCTION keep_events() RETURNS trigger LANGUAGE plpgsql AS $$ -- postgres
BEGIN -- postgres
    IF TG_OP = 'DELETE' AND (OLD.at <= (SELECT max(at) FROM events) - 604800000 -- postgres
        OR EXISTS (SELECT 1 FROM leases WHERE task = 'copy')) THEN -- postgres
        RETURN OLD; -- postgres
    END IF; -- postgres
    IF TG_OP = 'UPDATE' AND NEW.count > OLD.count AND NEW.last_at >= coalesce(OLD.last_at, OLD.at) -- postgres
        AND (NEW.number, NEW.at, NEW.account_id, NEW.session, NEW.address, NEW.user_agent, NEW.kind, NEW.details, -- postgres
        NEW.repeat_key) IS NOT DISTINCT FROM (OLD.number, OLD.at, OLD.account_id, OLD.session, OLD.address, -- postgres
        OLD.user_agent, OLD.kind, OLD.details, OLD.repeat_key) THEN -- postgres
        RETURN NEW; -- postgres
    END IF; -- postgres
    RAISE EXCEPTION 'the audit log is only ever added to'; -- postgres
END $$; -- postgres
CREATE TRIGGER events_are_kept BEFORE UPDATE OR DELETE ON events -- postgres
FOR EACH ROW EXECUTE FUNCTION keep_events(); -- postgres
