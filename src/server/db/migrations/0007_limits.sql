-- How often passwords were tried and accounts created lately: by an address, on an account, in a browser.
CREATE TABLE limits (
    -- A keyed hash of what is counted: neither addresses nor emails can be read here.
    key      TEXT   NOT NULL PRIMARY KEY,
    -- Each attempt moves this on; from then on nothing is counted any more, and the row says nothing.
    empty_at BIGINT NOT NULL,
    -- The next attempt must wait until then.
    next_at  BIGINT NOT NULL
);

CREATE INDEX limits_by_emptying ON limits (empty_at);
