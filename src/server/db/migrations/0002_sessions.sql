CREATE TABLE sessions (
    -- SHA-256 of the id in the cookie, base64url. The id itself is nowhere but in the cookie.
    id_hash             TEXT   NOT NULL PRIMARY KEY,
    -- The name of the session in logs and on pages; gives no access.
    handle              TEXT   NOT NULL UNIQUE,
    -- NULL before sign-in.
    account_id          TEXT,
    -- How the account was proved, and when.
    methods             TEXT   NOT NULL,
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
    -- Set once, never unset: an ended session stays ended.
    ended_at            BIGINT,
    end_reason          TEXT
);

CREATE INDEX sessions_by_account ON sessions (account_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
