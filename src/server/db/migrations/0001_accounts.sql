CREATE TABLE accounts (
    id            TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    -- As it was typed, for mail and for display.
    email         TEXT   NOT NULL,
    -- As it is compared: lower case, NFC.
    email_key     TEXT   NOT NULL UNIQUE,
    -- A PHC string; it carries its own parameters.
    password_hash TEXT   NOT NULL,
    admin         BIGINT NOT NULL DEFAULT 0,
    created_at    BIGINT NOT NULL
);
