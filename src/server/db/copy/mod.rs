//! Copies accounts, sessions and the audit log into another database, of either kind.
//!
//! Rows travel as JSON, a batch in a statement and a transaction of its own. A mark in the target says that not
//! all of them are there yet. A copy that was stopped is done again from the start, as accounts and sessions may
//! have changed since then; only the audit log is continued, unless entries were removed or counted meanwhile.

mod error;
mod mark;
mod tables;

pub use self::{
    error::{CopyError, Side},
    tables::Counts,
};
use self::{
    mark::Mark,
    tables::{Batch, EVENTS, TABLES, Table},
};
use super::{Database, DatabaseError, processes};
use crate::server::domain::Clock;

/// How far a table is copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub table: &'static str,
    /// Rows that are there.
    pub rows: u64,
    /// Rows that there will be.
    pub of: u64,
}

/// Copies a database to an empty one, or to one where a copy of it was stopped. Dropped, it stops. `source_name`
/// is for messages; `report` is called before the first batch of each table, and after each.
///
/// # Errors
/// If a server uses one of the databases, the target is not empty, or a database fails. The target is still
/// marked as part of a copy then, unless nothing was copied to it.
pub async fn copy(
    source: &Database,
    target: &Database,
    source_name: &str,
    clock: &dyn Clock,
    mut report: impl FnMut(Progress),
) -> Result<Counts, CopyError> {
    refuse_if_in_use(source, Side::Source, clock).await?;
    refuse_if_in_use(target, Side::Target, clock).await?;
    refuse_other_data(target).await?;
    let mark = Mark::new(clock.now(), source_name);
    begin(source, target, &mark).await?;
    for table in &TABLES {
        copy_table(table, source, target, &mark, &mut report).await?;
    }
    refuse_if_in_use(source, Side::Source, clock).await?;
    refuse_if_in_use(target, Side::Target, clock).await?;
    complete(source, target, &mark).await
}

/// What the database is an incomplete copy of, if it is one.
///
/// # Errors
/// If the database fails.
pub async fn incomplete_copy_of(db: &Database) -> Result<Option<String>, DatabaseError> {
    Mark::source_name(db).await
}

async fn refuse_if_in_use(db: &Database, side: Side, clock: &dyn Clock) -> Result<(), CopyError> {
    let serving = processes::fingerprints(db, clock.now()).await;
    if serving.map_err(|error| CopyError::Database(side, error))?.is_empty() {
        Ok(())
    } else {
        Err(CopyError::InUse(side))
    }
}

/// What the target has must be from a copy that was stopped.
async fn refuse_other_data(target: &Database) -> Result<(), CopyError> {
    let counts = Counts::of(target).await.map_err(CopyError::of_target)?;
    let copied_from = incomplete_copy_of(target).await.map_err(CopyError::of_target)?;
    if copied_from.is_none() && !counts.are_zero() {
        return Err(CopyError::NotEmpty(counts));
    }
    Ok(())
}

/// Whether the events in the target are those that the source begins with.
async fn is_part_of_audit_log(source: &Database, target: &Database) -> Result<bool, CopyError> {
    let last = EVENTS.extent(target).await.map_err(CopyError::of_target)?.last_key;
    let Some(number) = last else { return Ok(true) };
    let original = tables::events_up_to(source, &number).await.map_err(CopyError::of_source)?;
    let copied = tables::events_up_to(target, &number).await.map_err(CopyError::of_target)?;
    Ok(original == copied)
}

/// Marks the target, and removes what a copy that was stopped has left there.
async fn begin(source: &Database, target: &Database, mark: &Mark) -> Result<(), CopyError> {
    let continues = is_part_of_audit_log(source, target).await?;
    let begun = async {
        let mut transaction = target.begin().await?;
        mark.set(&mut transaction).await?;
        tables::clear(&mut transaction, target.dialect()).await?;
        if !continues {
            tables::clear_events(&mut transaction).await?;
        }
        transaction.commit().await
    };
    begun.await.map_err(CopyError::of_target)
}

/// Copies the rows that come after the last one in the target.
async fn copy_table(
    table: &Table,
    source: &Database,
    target: &Database,
    mark: &Mark,
    report: &mut impl FnMut(Progress),
) -> Result<(), CopyError> {
    let there = table.extent(target).await.map_err(CopyError::of_target)?;
    let of = table.extent(source).await.map_err(CopyError::of_source)?.rows;
    let mut rows = there.rows;
    report(Progress { table: table.name, rows, of });
    let start = there.last_key.as_deref().unwrap_or(table.start);
    let mut next = table.read(source, start).await.map_err(CopyError::of_source)?;
    while let Some(batch) = next {
        // The next batch is read while this one is written.
        let (written, read) =
            tokio::join!(insert(table, target, mark, &batch), table.read(source, &batch.last_key));
        written?;
        next = read.map_err(CopyError::of_source)?;
        rows += batch.rows;
        report(Progress { table: table.name, rows, of });
    }
    Ok(())
}

async fn insert(table: &Table, target: &Database, mark: &Mark, batch: &Batch) -> Result<(), CopyError> {
    let inserted = async {
        let mut transaction = target.begin().await?;
        if !mark.hold(&mut transaction).await? {
            return Ok(false);
        }
        table.insert(&mut transaction, batch).await?;
        transaction.commit().await?;
        Ok(true)
    };
    if inserted.await.map_err(CopyError::of_target)? { Ok(()) } else { Err(CopyError::Replaced) }
}

/// Removes the mark if all rows are there.
async fn complete(source: &Database, target: &Database, mark: &Mark) -> Result<Counts, CopyError> {
    let source_counts = Counts::of(source).await.map_err(CopyError::of_source)?;
    let target_counts = Counts::of(target).await.map_err(CopyError::of_target)?;
    if source_counts != target_counts {
        return Err(CopyError::CountsDiffer { source_counts, target_counts });
    }
    let completed = async {
        let mut transaction = target.begin().await?;
        if !mark.remove(&mut transaction).await? {
            return Ok(false);
        }
        tables::continue_numbers(&mut transaction).await?;
        transaction.commit().await?;
        Ok(true)
    };
    if completed.await.map_err(CopyError::of_target)? { Ok(target_counts) } else { Err(CopyError::Replaced) }
}
