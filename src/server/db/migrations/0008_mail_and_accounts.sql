-- Since when the address is known to be the owner's, by a link that was mailed to it.
ALTER TABLE accounts ADD COLUMN email_verified_at BIGINT;
-- Set by the operator: no one can sign in.
ALTER TABLE accounts ADD COLUMN disabled_at BIGINT;
-- The owner wants it deleted: it is gone from then on, unless the owner signs in before.
ALTER TABLE accounts ADD COLUMN delete_at BIGINT;
-- At the last sign-in, the password was on the list of common and breached ones.
ALTER TABLE accounts ADD COLUMN password_is_common BIGINT NOT NULL DEFAULT 0;
-- The owner has said that someone else knows the password: it opens nothing until another is chosen.
ALTER TABLE accounts ADD COLUMN password_is_blocked BIGINT NOT NULL DEFAULT 0;
-- The owner has looked at all events up to then.
ALTER TABLE accounts ADD COLUMN reviewed_at BIGINT NOT NULL DEFAULT 0;

CREATE INDEX accounts_by_deletion ON accounts (delete_at) WHERE delete_at IS NOT NULL;
CREATE INDEX accounts_by_creation ON accounts (created_at, id);

-- Who has registered and not opened the link in the mail yet: no account, and nothing that signs in.
CREATE TABLE registrations (
    email_key     TEXT   NOT NULL PRIMARY KEY,
    email         TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    created_at    BIGINT NOT NULL
);

CREATE INDEX registrations_by_age ON registrations (created_at);

-- The links in mails.
CREATE TABLE mailed_tokens (
    -- SHA-256 of the purpose and the token, base64url. The token itself is nowhere but in the mail.
    token_hash TEXT   NOT NULL PRIMARY KEY,
    purpose    TEXT   NOT NULL,
    -- What it is for: an account, an address or a session. The next token of the purpose for it takes its place.
    subject    TEXT   NOT NULL,
    -- NULL before there is one.
    account_id TEXT,
    -- The address that it was mailed to; and as addresses are compared.
    email      TEXT   NOT NULL,
    email_key  TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX mailed_tokens_by_subject ON mailed_tokens (purpose, subject);
CREATE INDEX mailed_tokens_by_account ON mailed_tokens (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX mailed_tokens_by_expiry ON mailed_tokens (expires_at);

-- Mails that are to be sent. Their text and their links are made when they are sent, so no token is in here.
CREATE TABLE mails (
    id         TEXT   NOT NULL PRIMARY KEY,
    -- What it is about, as JSON.
    content    TEXT   NOT NULL,
    -- NULL if it is not known yet whether there is an account.
    account_id TEXT,
    recipient  TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    attempts   BIGINT NOT NULL DEFAULT 0,
    -- When it is tried next; NULL if it has been given up.
    next_at    BIGINT,
    -- Why the last attempt failed.
    error      TEXT
);

CREATE INDEX mails_to_send ON mails (next_at, created_at) WHERE next_at IS NOT NULL;
CREATE INDEX mails_given_up ON mails (created_at) WHERE next_at IS NULL;
CREATE INDEX mails_by_account ON mails (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX mails_by_recipient ON mails (recipient);

-- To find what is left of the sessions of an account that is deleted.
CREATE INDEX sessions_ended_by_account ON sessions (account_id) WHERE ended_at IS NOT NULL;

-- Events of an account that does not exist any more lose what says whose they were: address, browser, and what they
-- have in common with repeats. All else stays as it was.
DROP TRIGGER events_are_only_counted; -- sqlite
CREATE TRIGGER events_are_only_counted BEFORE UPDATE ON events -- sqlite
WHEN (NEW.number IS NOT OLD.number OR NEW.at IS NOT OLD.at OR NEW.account_id IS NOT OLD.account_id -- sqlite
    OR NEW.session IS NOT OLD.session OR NEW.address IS NOT OLD.address -- sqlite
    OR NEW.user_agent IS NOT OLD.user_agent OR NEW.kind IS NOT OLD.kind OR NEW.details IS NOT OLD.details -- sqlite
    OR NEW.repeat_key IS NOT OLD.repeat_key OR NEW.count <= OLD.count -- sqlite
    OR coalesce(NEW.last_at, 0) < coalesce(OLD.last_at, OLD.at)) -- sqlite
    AND (NEW.number IS NOT OLD.number OR NEW.at IS NOT OLD.at OR NEW.account_id IS NOT OLD.account_id -- sqlite
    OR NEW.session IS NOT OLD.session OR NEW.kind IS NOT OLD.kind OR NEW.count IS NOT OLD.count -- sqlite
    OR NEW.last_at IS NOT OLD.last_at OR NEW.address <> '' OR NEW.user_agent <> '' -- sqlite
    OR NEW.repeat_key IS NOT NULL OR coalesce(json_extract(NEW.details, '$.user_agent'), '') <> '' -- sqlite
    OR json_remove(NEW.details, '$.user_agent') <> json_remove(OLD.details, '$.user_agent') -- sqlite
    OR OLD.account_id IS NULL OR EXISTS (SELECT 1 FROM accounts WHERE id = OLD.account_id)) -- sqlite
BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END; -- sqlite
CREATE OR REPLACE FUNCTION keep_events() RETURNS trigger LANGUAGE plpgsql AS $$ -- postgres
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
    IF TG_OP = 'UPDATE' AND NEW.address = '' AND NEW.user_agent = '' AND NEW.repeat_key IS NULL -- postgres
        AND coalesce(NEW.details::jsonb ->> 'user_agent', '') = '' -- postgres
        AND NEW.details::jsonb - 'user_agent' = OLD.details::jsonb - 'user_agent' -- postgres
        AND (NEW.number, NEW.at, NEW.account_id, NEW.session, NEW.kind, NEW.count, NEW.last_at) -- postgres
        IS NOT DISTINCT FROM (OLD.number, OLD.at, OLD.account_id, OLD.session, OLD.kind, OLD.count, OLD.last_at) -- postgres
        AND OLD.account_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM accounts WHERE id = OLD.account_id) THEN -- postgres
        RETURN NEW; -- postgres
    END IF; -- postgres
    RAISE EXCEPTION 'the audit log is only ever added to'; -- postgres
END $$; -- postgres
