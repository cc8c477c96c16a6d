//! The limit of open files. Without descriptors left, connections cannot be accepted, files cannot be served and the
//! database cannot be opened.

/// A connection, and the file that is sent over it.
const FILES_PER_CONNECTION: usize = 2;
/// For the database, its connections, the log and what else is open.
const RESERVE: usize = 128;

/// Raises the soft limit to the hard one, and returns how many connections there may be: as many as are asked for, if
/// they leave a reserve.
pub fn max_connections(asked: usize) -> usize {
    let limit = match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => usize::try_from(limit).unwrap_or(usize::MAX),
        Err(error) => {
            tracing::warn!(%error, "the limit of open files is not known: http.max_connections may be too many");
            return asked;
        }
    };
    let possible = (limit.saturating_sub(RESERVE) / FILES_PER_CONNECTION).max(1);
    if possible < asked {
        tracing::warn!(
            "only {possible} of http.max_connections = {asked} are possible with a limit of {limit} open files: raise \
             it (ulimit -n, LimitNOFILE= of systemd), or lower http.max_connections"
        );
    }
    asked.min(possible)
}
