//! The SQL of the session store. A test looks at the plan of every statement.
//!
//! In SQLite a transaction has the whole database to itself. In PostgreSQL it locks what it is about to change,
//! in an order that cannot end in a deadlock: first the account, then one session or, of many, those that no
//! other transaction has locked.
//!
//! PostgreSQL soon plans for parameters of any value, and for a small LIMIT it would rather begin to read the whole
//! table. So where there is a LIMIT, the order of the rows is that of an index.

use super::super::row::session_columns;
use crate::server::db::Statement;

/// A statement for both databases, of which that for PostgreSQL has a locking clause at its end.
macro_rules! locking {
    ($clause:literal, $($sql:expr),+) => {
        Statement::per_dialect(concat!($($sql),+), concat!($($sql),+, $clause))
    };
}

pub const INSERT: Statement = Statement::new(concat!(
    "INSERT INTO sessions (",
    session_columns!(),
    ", forgotten_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
));
macro_rules! load {
    () => {
        concat!(
            "SELECT ",
            session_columns!(),
            ", ended_at, end_reason, a.name, a.email, a.admin, a.version FROM sessions LEFT JOIN \
             (SELECT id, name, email, admin, credentials AS version FROM accounts) a ON a.id = account_id WHERE "
        )
    };
}
/// A session with its account.
pub const LOAD: Statement = Statement::new(concat!(load!(), "id_hash = $1"));
/// The sessions with these ids, a JSON array, with their accounts.
pub const LOAD_MANY: Statement = Statement::per_dialect(
    concat!(load!(), "id_hash IN (SELECT value FROM json_each($1))"),
    concat!(load!(), "id_hash = ANY (ARRAY(SELECT json_array_elements_text($1::text::json)))"),
);
pub const LOAD_DATA: Statement = locking!(
    " FOR UPDATE",
    "SELECT data FROM sessions WHERE id_hash = $1 AND ended_at IS NULL AND expires_at > $2"
);
pub const SAVE_DATA: Statement = Statement::new(
    "UPDATE sessions SET data = $3 WHERE id_hash = $1 AND ended_at IS NULL AND expires_at > $2",
);
/// The tombstone is kept longer by the same time.
pub const TOUCH: Statement = Statement::new(
    "UPDATE sessions SET seen_at = $2, forgotten_at = forgotten_at + $3 - expires_at, \
     expires_at = $3, absolute_expires_at = $4, authenticated_at = $5 \
     WHERE id_hash = $1 AND ended_at IS NULL AND expires_at > $2",
);
pub const LIST: Statement = Statement::new(concat!(
    "SELECT ",
    session_columns!(),
    " FROM sessions WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY seen_at DESC LIMIT $3"
));
macro_rules! end {
    ($which:literal) => {
        Statement::new(concat!(
            "UPDATE sessions SET ended_at = $1, end_reason = $2, data = '{}' WHERE ",
            $which,
            " AND ended_at IS NULL AND expires_at > $1 RETURNING ",
            session_columns!()
        ))
    };
}
pub const END_BY_ID: Statement = end!("id_hash = $3");
pub const END_BY_HANDLE: Statement = end!("account_id = $3 AND handle = $4");
/// In PostgreSQL a row that another transaction is just changing is waited for, so that as many are ended as there are.
macro_rules! end_batch {
    ($which:literal, $order:literal) => {
        Statement::per_dialect(
            concat!(
                "UPDATE sessions SET ended_at = $1, end_reason = $2, data = '{}' WHERE id_hash IN \
                 (SELECT id_hash FROM sessions WHERE ",
                $which,
                " AND ended_at IS NULL AND expires_at > $1 ",
                $order,
                ") RETURNING ",
                session_columns!()
            ),
            concat!(
                "UPDATE sessions SET ended_at = $1, end_reason = $2, data = '{}' WHERE id_hash = ANY (ARRAY\
                 (SELECT id_hash FROM sessions WHERE ",
                $which,
                " AND ended_at IS NULL AND expires_at > $1 ",
                $order,
                " FOR UPDATE)) RETURNING ",
                session_columns!()
            ),
        )
    };
}
pub const END_ALL: Statement = end_batch!("account_id = $4", "ORDER BY account_id LIMIT $3");
pub const END_ALL_EXCEPT: Statement =
    end_batch!("account_id = $4 AND handle <> $5", "ORDER BY account_id LIMIT $3");
pub const END_LEAST_RECENTLY_USED: Statement = end_batch!(
    "account_id = $4 AND handle <> $5",
    "ORDER BY seen_at DESC, created_at DESC LIMIT $3 OFFSET $6"
);
/// Of these accounts, a JSON array.
pub const END_OF_ACCOUNTS: Statement = Statement::per_dialect(
    concat!(
        "UPDATE sessions SET ended_at = $1, end_reason = $2, data = '{}' WHERE id_hash IN \
         (SELECT id_hash FROM sessions WHERE account_id IN (SELECT value FROM json_each($4)) \
         AND ended_at IS NULL AND expires_at > $1 LIMIT $3) RETURNING ",
        session_columns!()
    ),
    concat!(
        "UPDATE sessions SET ended_at = $1, end_reason = $2, data = '{}' WHERE id_hash = ANY (ARRAY\
         (SELECT id_hash FROM sessions WHERE account_id = ANY (ARRAY(SELECT json_array_elements_text($4::text::json))) \
         AND ended_at IS NULL AND expires_at > $1 ORDER BY account_id LIMIT $3 FOR UPDATE)) RETURNING ",
        session_columns!()
    ),
);
/// The accounts of some live sessions.
pub const SOME_ACCOUNTS: Statement = Statement::new(
    "SELECT account_id FROM sessions WHERE remembered IN (0, 1) AND expires_at > $1 \
     AND ended_at IS NULL AND account_id IS NOT NULL ORDER BY remembered, expires_at LIMIT $2",
);
pub const ANY_EXPIRED: Statement = Statement::new(
    "SELECT 1 FROM sessions WHERE remembered IN (0, 1) AND expires_at <= $1 \
     AND ended_at IS NULL AND account_id IS NOT NULL ORDER BY remembered, expires_at LIMIT 1",
);
pub const EXPIRED: Statement = locking!(
    " FOR UPDATE SKIP LOCKED",
    "SELECT ",
    session_columns!(),
    " FROM sessions WHERE remembered IN (0, 1) AND expires_at <= $1 \
     AND ended_at IS NULL AND account_id IS NOT NULL ORDER BY remembered, expires_at LIMIT $2"
);
pub const EXPIRED_BY_ID: Statement = locking!(
    " FOR UPDATE",
    "SELECT ",
    session_columns!(),
    " FROM sessions WHERE id_hash = $1 AND expires_at <= $2 AND ended_at IS NULL"
);
pub const EXPIRE: Statement = Statement::new(
    "UPDATE sessions SET ended_at = expires_at, end_reason = $2, data = '{}' \
     WHERE id_hash = $1 AND ended_at IS NULL",
);
macro_rules! too_late {
    () => {
        "FROM sessions WHERE remembered = $1 AND expires_at > $2 AND ended_at IS NULL \
         AND account_id IS NOT NULL ORDER BY expires_at LIMIT "
    };
}
pub const TOO_LATE: Statement = Statement::new(concat!("SELECT 1 ", too_late!(), "1"));
/// A change of the sessions that a query selects.
macro_rules! change_selected {
    ($change:literal, $($query:expr),+) => {
        Statement::per_dialect(
            concat!($change, " WHERE id_hash IN (", $($query),+, ")"),
            concat!($change, " WHERE id_hash = ANY (ARRAY(", $($query),+, " FOR UPDATE SKIP LOCKED))"),
        )
    };
}
pub const SHORTEN: Statement = change_selected!(
    "UPDATE sessions SET forgotten_at = forgotten_at + $2 - expires_at, expires_at = $2, \
     absolute_expires_at = CASE WHEN absolute_expires_at > $3 THEN $3 ELSE absolute_expires_at END",
    "SELECT id_hash ",
    too_late!(),
    "$4"
);
pub const FORGET: Statement = change_selected!(
    "DELETE FROM sessions",
    "SELECT id_hash FROM sessions WHERE forgotten_at <= $1 \
     AND (ended_at IS NOT NULL OR account_id IS NULL) ORDER BY forgotten_at LIMIT $2"
);

/// Every statement in this file.
pub const STATEMENTS: &[Statement] = &[
    INSERT,
    LOAD,
    LOAD_MANY,
    LOAD_DATA,
    SAVE_DATA,
    TOUCH,
    LIST,
    END_BY_ID,
    END_BY_HANDLE,
    END_ALL,
    END_ALL_EXCEPT,
    END_LEAST_RECENTLY_USED,
    END_OF_ACCOUNTS,
    SOME_ACCOUNTS,
    ANY_EXPIRED,
    EXPIRED,
    EXPIRED_BY_ID,
    EXPIRE,
    TOO_LATE,
    SHORTEN,
    FORGET,
];
