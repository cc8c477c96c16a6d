//! The SQL of the session store. A test compares every statement with its indexes.

use super::row::session_columns;

pub const INSERT: &str = concat!(
    "INSERT INTO sessions (",
    session_columns!(),
    ", forgotten_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
);
/// A session with its account.
pub const LOAD: &str = concat!(
    "SELECT ",
    session_columns!(),
    ", ended_at, end_reason, a.name, a.email, a.admin, a.version FROM sessions LEFT JOIN \
     (SELECT id, name, email, admin, credentials AS version FROM accounts) a ON a.id = account_id \
     WHERE id_hash = $1"
);
pub const LOAD_DATA: &str =
    "SELECT data FROM sessions WHERE id_hash = $1 AND ended_at IS NULL AND expires_at > $2";
pub const SAVE_DATA: &str =
    "UPDATE sessions SET data = $3 WHERE id_hash = $1 AND ended_at IS NULL AND expires_at > $2";
/// The tombstone is kept longer by the same time.
pub const TOUCH: &str = "UPDATE sessions SET seen_at = $2, forgotten_at = forgotten_at + $3 - expires_at, \
    expires_at = $3, absolute_expires_at = $4, authenticated_at = $5 WHERE id_hash = $1 AND ended_at IS NULL AND expires_at > $2";
pub const LIST: &str = concat!(
    "SELECT ",
    session_columns!(),
    " FROM sessions WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2"
);
macro_rules! end {
    ($which:literal) => {
        concat!(
            "UPDATE sessions SET ended_at = $1, end_reason = $2, data = '{}' WHERE ",
            $which,
            " AND ended_at IS NULL AND expires_at > $1 RETURNING ",
            session_columns!()
        )
    };
}
pub const END_BY_ID: &str = end!("id_hash = $3");
pub const END_BY_HANDLE: &str = end!("account_id = $3 AND handle = $4");
pub const END_ALL_EXCEPT: &str = end!("account_id = $3 AND handle <> $4");
pub const END_ALL: &str = end!("account_id = $3");
pub const EXPIRED: &str = concat!(
    "SELECT ",
    session_columns!(),
    " FROM sessions WHERE remembered IN (0, 1) AND expires_at <= $1 \
     AND ended_at IS NULL AND account_id IS NOT NULL LIMIT $2"
);
pub const EXPIRED_BY_ID: &str = concat!(
    "SELECT ",
    session_columns!(),
    " FROM sessions WHERE id_hash = $1 AND expires_at <= $2 AND ended_at IS NULL"
);
pub const EXPIRE: &str = "UPDATE sessions SET ended_at = expires_at, end_reason = $2, data = '{}' \
    WHERE id_hash = $1 AND ended_at IS NULL";
pub const TOO_LATE: &str = "SELECT 1 FROM sessions WHERE remembered = $1 AND expires_at > $2 \
    AND ended_at IS NULL AND account_id IS NOT NULL LIMIT 1";
pub const SHORTEN: &str = "UPDATE sessions SET forgotten_at = forgotten_at + $2 - expires_at, expires_at = $2, \
    absolute_expires_at = min(absolute_expires_at, $3) WHERE id_hash IN (SELECT id_hash FROM sessions \
    WHERE remembered = $1 AND expires_at > $2 AND ended_at IS NULL AND account_id IS NOT NULL LIMIT $4)";
pub const FORGET: &str = "DELETE FROM sessions WHERE id_hash IN (SELECT id_hash FROM sessions \
    WHERE forgotten_at <= $1 AND (ended_at IS NOT NULL OR account_id IS NULL) LIMIT $2)";
