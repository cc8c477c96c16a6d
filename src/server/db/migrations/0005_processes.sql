-- Tasks of which one process at a time does each. A lease that is not renewed expires.
CREATE TABLE leases (
    task       TEXT   NOT NULL PRIMARY KEY,
    -- The id of the process that does it.
    process    TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);

-- The processes that serve, to notice when they sign cookies with different keys.
CREATE TABLE processes (
    id          TEXT   NOT NULL PRIMARY KEY,
    -- Of the key that it signs with; tells nothing about the key.
    fingerprint TEXT   NOT NULL,
    seen_at     BIGINT NOT NULL
);

-- Sessions that were ended while they were stored outside of this database: whatever is restored there, these
-- stay ended.
CREATE TABLE ended_sessions (
    id_hash      TEXT   NOT NULL PRIMARY KEY,
    end_reason   TEXT   NOT NULL,
    -- From then on the session cannot be live any more.
    forgotten_at BIGINT NOT NULL
);

CREATE INDEX ended_sessions_by_forgetting ON ended_sessions (forgotten_at);
