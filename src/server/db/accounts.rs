//! The `accounts` table. What disables and deletes accounts is in `account_status`.

use super::{Database, DatabaseError, Row, Statement, Transaction};
use crate::server::domain::{Account, AccountId, Timestamp};

/// A row to insert.
#[derive(Debug)]
pub struct NewAccount<'a> {
    pub id: &'a AccountId,
    pub name: &'a str,
    pub email: &'a str,
    pub email_key: &'a str,
    /// Keys that the same address had in earlier versions.
    pub earlier_email_keys: &'a [String],
    /// `None` if the address is not known to be the owner's.
    pub email_verified_at: Option<Timestamp>,
    pub password_hash: &'a str,
    pub created_at: Timestamp,
}

/// An account with what only sign-in and the operator need to know.
#[derive(Debug)]
pub struct StoredAccount {
    pub account: Account,
    pub password_hash: String,
    pub created_at: Timestamp,
    pub email_verified_at: Option<Timestamp>,
    /// Since when no one can sign in.
    pub disabled_at: Option<Timestamp>,
    /// When it will be deleted, unless the owner signs in before.
    pub delete_at: Option<Timestamp>,
    pub password_is_common: bool,
    /// It opens nothing: someone else knows it.
    pub password_is_blocked: bool,
}

macro_rules! select {
    ($($which:literal),+) => {
        concat!(
            "SELECT id, name, email, admin, credentials, password_hash, created_at, email_verified_at, disabled_at, \
             delete_at, password_is_common, password_is_blocked FROM accounts ",
            $($which),+
        )
    };
}
const BY_EMAIL: Statement = Statement::new(select!("WHERE email_key = $1"));
const BY_ID: Statement = Statement::new(select!("WHERE id = $1"));
const LOCK: Statement = Statement::per_dialect(select!("WHERE id = $1"), select!("WHERE id = $1 FOR UPDATE"));
const PAGE: Statement = Statement::new(select!(
    "WHERE created_at <= $1 AND (created_at, id) < ($1, $2) ORDER BY created_at DESC, id DESC LIMIT $3"
));
const INSERT: Statement = Statement::new(
    "INSERT INTO accounts (id, name, email, email_key, password_hash, created_at, email_verified_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email_key) DO NOTHING",
);
const UPGRADE_HASH: Statement =
    Statement::new("UPDATE accounts SET password_hash = $3 WHERE id = $1 AND password_hash = $2");
const CHANGE_PASSWORD: Statement = Statement::new(
    "UPDATE accounts SET password_hash = $3, credentials = credentials + 1, password_is_common = 0, \
     password_is_blocked = 0 WHERE id = $1 AND credentials = $2 RETURNING credentials",
);
/// The mail with the link has shown whose the address is.
const RESET_PASSWORD: Statement = Statement::new(
    "UPDATE accounts SET password_hash = $3, credentials = credentials + 1, password_is_common = 0, \
     password_is_blocked = 0, email_verified_at = coalesce(email_verified_at, $4) \
     WHERE id = $1 AND email = $2 AND disabled_at IS NULL",
);
const MARK_PASSWORD_AS_COMMON: Statement =
    Statement::new("UPDATE accounts SET password_is_common = 1 WHERE id = $1 AND credentials = $2");
const BLOCK_PASSWORD: Statement = Statement::new("UPDATE accounts SET password_is_blocked = 1 WHERE id = $1");
const END_SESSIONS: Statement =
    Statement::new("UPDATE accounts SET credentials = credentials + 1 WHERE id = $1");
const RENAME: Statement = Statement::new("UPDATE accounts SET name = $2 WHERE id = $1");
const VERIFY_EMAIL: Statement =
    Statement::new("UPDATE accounts SET email_verified_at = $3 WHERE id = $1 AND email = $2");
const CHANGE_EMAIL: Statement = Statement::new(
    "UPDATE accounts SET email = $2, email_key = $3, email_verified_at = $4 WHERE id = $1 \
     AND NOT EXISTS (SELECT 1 FROM accounts other WHERE other.email_key = $3 AND other.id <> $1)",
);
/// Every statement in this file.
pub const STATEMENTS: &[Statement] = &[
    BY_EMAIL,
    BY_ID,
    LOCK,
    PAGE,
    INSERT,
    UPGRADE_HASH,
    CHANGE_PASSWORD,
    RESET_PASSWORD,
    MARK_PASSWORD_AS_COMMON,
    BLOCK_PASSWORD,
    END_SESSIONS,
    RENAME,
    VERIFY_EMAIL,
    CHANGE_EMAIL,
];

/// The account with the first of these keys that there is. It takes as long whether there is one or not.
///
/// # Errors
/// If the database fails.
pub async fn by_emails<'a>(
    db: &Database,
    email_keys: impl Iterator<Item = &'a str>,
) -> Result<Option<StoredAccount>, DatabaseError> {
    let mut first = None;
    for key in email_keys {
        let row = BY_EMAIL.bind(key).fetch_optional(db.reader()).await?;
        first = first.or(row.map(|row| stored(&row)).transpose()?);
    }
    Ok(first)
}

/// The account with this id.
///
/// # Errors
/// If the database fails.
pub async fn by_id(db: &Database, id: &AccountId) -> Result<Option<StoredAccount>, DatabaseError> {
    let row = BY_ID.bind(id.as_str()).fetch_optional(db.reader()).await?;
    row.map(|row| stored(&row)).transpose()
}

/// The account with this id, which no other transaction changes until this one ends.
///
/// # Errors
/// If the database fails.
pub async fn lock(
    transaction: &mut Transaction,
    id: &AccountId,
) -> Result<Option<StoredAccount>, DatabaseError> {
    let row = LOCK.bind(id.as_str()).fetch_optional(transaction).await?;
    row.map(|row| stored(&row)).transpose()
}

/// Up to `limit` accounts that were created before `before`, the newest first.
///
/// # Errors
/// If the database fails.
pub async fn page(
    db: &Database,
    before: Option<&StoredAccount>,
    limit: u32,
) -> Result<Vec<StoredAccount>, DatabaseError> {
    let before = before.map(|last| (last.created_at.millis(), last.account.id.as_str()));
    let (created_at, id) = before.unwrap_or((i64::MAX, ""));
    let rows = PAGE.bind(created_at).bind(id).bind(i64::from(limit)).fetch_all(db.reader()).await?;
    rows.iter().map(stored).collect()
}

/// Inserts an account; `false` if the email is taken.
///
/// # Errors
/// If the database fails.
pub async fn insert(transaction: &mut Transaction, new: &NewAccount<'_>) -> Result<bool, DatabaseError> {
    for earlier in new.earlier_email_keys {
        if BY_EMAIL.bind(earlier.as_str()).fetch_optional(&mut *transaction).await?.is_some() {
            return Ok(false);
        }
    }
    let inserted = INSERT
        .bind(new.id.as_str())
        .bind(new.name)
        .bind(new.email)
        .bind(new.email_key)
        .bind(new.password_hash)
        .bind(new.created_at.millis())
        .bind(new.email_verified_at.map(Timestamp::millis))
        .execute(transaction)
        .await?;
    Ok(inserted > 0)
}

/// Replaces the password of an account whose credentials are of this version. Every session that was authenticated
/// with that version is over when the transaction is. Returns the next version, or `None` if another change came
/// first.
///
/// # Errors
/// If the database fails.
pub async fn change_password(
    transaction: &mut Transaction,
    id: &AccountId,
    credential_version: i64,
    new_hash: &str,
) -> Result<Option<i64>, DatabaseError> {
    let query = CHANGE_PASSWORD.bind(id.as_str()).bind(credential_version).bind(new_hash);
    query.fetch_optional(transaction).await?.map(|row| row.integer(0)).transpose()
}

/// Replaces the password of an account that still has this email address, which is verified thereby; `false` if it
/// has not, or is disabled. Every session is over when the transaction is.
///
/// # Errors
/// If the database fails.
pub async fn reset_password(
    transaction: &mut Transaction,
    id: &AccountId,
    email: &str,
    new_hash: &str,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    let query = RESET_PASSWORD.bind(id.as_str()).bind(email).bind(new_hash).bind(now.millis());
    Ok(query.execute(transaction).await? > 0)
}

/// Notes that the password of this version of the credentials is on the list of common ones.
///
/// # Errors
/// If the database fails.
pub async fn mark_password_as_common(
    db: &Database,
    id: &AccountId,
    credential_version: i64,
) -> Result<(), DatabaseError> {
    let query = MARK_PASSWORD_AS_COMMON.bind(id.as_str()).bind(credential_version);
    query.execute(db.unsynced_writer()).await.map(drop)
}

/// The password opens nothing until another is chosen.
///
/// # Errors
/// If the database fails.
pub async fn block_password(transaction: &mut Transaction, id: &AccountId) -> Result<(), DatabaseError> {
    BLOCK_PASSWORD.bind(id.as_str()).execute(transaction).await.map(drop)
}

/// Moves the version of the credentials on: every session is over when the transaction is.
///
/// # Errors
/// If the database fails.
pub async fn end_sessions(transaction: &mut Transaction, id: &AccountId) -> Result<(), DatabaseError> {
    END_SESSIONS.bind(id.as_str()).execute(transaction).await.map(drop)
}

/// Changes the name.
///
/// # Errors
/// If the database fails.
pub async fn rename(transaction: &mut Transaction, id: &AccountId, name: &str) -> Result<(), DatabaseError> {
    RENAME.bind(id.as_str()).bind(name).execute(transaction).await.map(drop)
}

/// The address is the owner's; `false` if the account has another one by now.
///
/// # Errors
/// If the database fails.
pub async fn verify_email(
    transaction: &mut Transaction,
    id: &AccountId,
    email: &str,
    now: Timestamp,
) -> Result<bool, DatabaseError> {
    let query = VERIFY_EMAIL.bind(id.as_str()).bind(email).bind(now.millis());
    Ok(query.execute(transaction).await? > 0)
}

/// Gives the account another address, which was shown to be the owner's at a time, or not yet; `false` if another account has it. Then nothing else of
/// the transaction can be committed: of two accounts that want the address at the same moment, the second one has
/// failed.
///
/// # Errors
/// If the database fails.
pub async fn change_email(
    transaction: &mut Transaction,
    id: &AccountId,
    email: &str,
    email_key: &str,
    verified_at: Option<Timestamp>,
) -> Result<bool, DatabaseError> {
    let verified_at = verified_at.map(Timestamp::millis);
    let query = CHANGE_EMAIL.bind(id.as_str()).bind(email).bind(email_key).bind(verified_at);
    match query.execute(transaction).await {
        Err(error) if error.is_unique_violation() => Ok(false),
        changed => Ok(changed? > 0),
    }
}

/// Replaces a hash with one of the same password under newer parameters, unless the password
/// has been changed in between.
///
/// # Errors
/// If the database fails.
pub async fn upgrade_hash(db: &Database, id: &AccountId, old: &str, new: &str) -> Result<(), DatabaseError> {
    UPGRADE_HASH.bind(id.as_str()).bind(old).bind(new).execute(db.writer()).await.map(drop)
}

/// Reads `name`, `email`, `admin` and `credentials`, which begin at this column; `None` where a join has found no
/// account.
///
/// # Errors
/// If one of them is not what it should be.
pub fn account_at(row: &dyn Row, first: usize, id: AccountId) -> Result<Option<Account>, DatabaseError> {
    let Some(name) = row.text_or_null(first)? else { return Ok(None) };
    Ok(Some(Account {
        id,
        name,
        email: row.text(first + 1)?,
        admin: row.integer(first + 2)? != 0,
        credential_version: row.integer(first + 3)?,
    }))
}

fn stored(row: &impl Row) -> Result<StoredAccount, DatabaseError> {
    let account = account_at(row, 1, AccountId::new(row.text(0)?))?.ok_or(DatabaseError::Null(1))?;
    let time = |column| row.integer_or_null(column).map(|millis| millis.map(Timestamp::from_millis));
    Ok(StoredAccount {
        account,
        password_hash: row.text(5)?,
        created_at: Timestamp::from_millis(row.integer(6)?),
        email_verified_at: time(7)?,
        disabled_at: time(8)?,
        delete_at: time(9)?,
        password_is_common: row.integer(10)? != 0,
        password_is_blocked: row.integer(11)? != 0,
    })
}
