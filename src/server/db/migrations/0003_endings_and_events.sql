-- Sessions keep why they ended, are forgotten some time after they expire, and keep their handle
-- when they move to a new id: it is unique among those that have not ended.
CREATE TABLE sessions_next (
    -- SHA-256 of the id in the cookie, base64url. The id itself is nowhere but in the cookie.
    id_hash             TEXT   NOT NULL PRIMARY KEY,
    -- The name of the session in logs and on pages; gives no access.
    handle              TEXT   NOT NULL,
    -- NULL before sign-in.
    account_id          TEXT,
    -- How the account was proved, against which version of its credentials, and when the last time.
    methods             TEXT   NOT NULL,
    credentials         BIGINT NOT NULL,
    authenticated_at    BIGINT,
    remembered          BIGINT NOT NULL,
    user_agent          TEXT   NOT NULL,
    address             TEXT   NOT NULL,
    -- A JSON object: what the application keeps in the session.
    data                TEXT   NOT NULL,
    created_at          BIGINT NOT NULL,
    seen_at             BIGINT NOT NULL,
    -- The earlier of idle and absolute expiry.
    expires_at          BIGINT NOT NULL,
    absolute_expires_at BIGINT NOT NULL,
    -- From then on nothing is kept, not even the tombstone.
    forgotten_at        BIGINT NOT NULL,
    -- Set once, never unset: an ended session stays ended.
    ended_at            BIGINT,
    end_reason          TEXT
);

-- 604800000 milliseconds are the seven days that the tombstone of an account's session is kept.
INSERT INTO sessions_next
SELECT id_hash, handle, account_id, methods, 0, authenticated_at, remembered, user_agent, address, data,
       created_at, seen_at, expires_at, absolute_expires_at,
       expires_at + CASE WHEN account_id IS NULL THEN 0 ELSE 604800000 END, ended_at, end_reason
FROM sessions;

DROP TABLE sessions;
ALTER TABLE sessions_next RENAME TO sessions;

CREATE UNIQUE INDEX sessions_by_handle ON sessions (handle) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_account ON sessions (account_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at) WHERE ended_at IS NULL AND account_id IS NOT NULL;
CREATE INDEX sessions_by_forgetting ON sessions (forgotten_at);

-- Moves on with every change of the password: sessions that were proved against an older version
-- are over in the same transaction.
ALTER TABLE accounts ADD COLUMN credentials BIGINT NOT NULL DEFAULT 0;

-- The audit log: rows are added, and never changed or removed.
CREATE TABLE events (
    number     INTEGER PRIMARY KEY AUTOINCREMENT, -- sqlite
    number     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- postgres
    at         BIGINT NOT NULL,
    -- NULL where there is no such account.
    account_id TEXT,
    -- The public handle of the session.
    session    TEXT,
    address    TEXT   NOT NULL,
    user_agent TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    -- A JSON object: what else belongs to this kind.
    details    TEXT   NOT NULL
);

CREATE INDEX events_by_account ON events (account_id, at, number);

CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events -- sqlite
BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END; -- sqlite
CREATE TRIGGER events_are_not_removed BEFORE DELETE ON events -- sqlite
BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END; -- sqlite
CREATE FUNCTION refuse_to_change_events() RETURNS trigger LANGUAGE plpgsql AS $$ -- postgres
BEGIN RAISE EXCEPTION 'the audit log is only ever added to'; END $$; -- postgres
CREATE TRIGGER events_are_not_changed BEFORE UPDATE OR DELETE ON events -- postgres
FOR EACH ROW EXECUTE FUNCTION refuse_to_change_events(); -- postgres
CREATE TRIGGER events_are_not_emptied BEFORE TRUNCATE ON events -- postgres
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_events(); -- postgres
