//! What can go wrong in a store.

/// A way of doing one thing wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// `merge` and `touch` make an ended or unknown session live.
    UpsertInSave,
    /// The key is the id itself.
    RawIds,
    /// What ends is deleted.
    NoTombstone,
    /// `merge` replaces all values by those of the request.
    WholeBlobWrites,
    /// `merge` writes back all that it had read, and others write in between.
    ReadsThenWrites,
    UpsertInCreate,
    LosesColumns,
    ExpiresTooLate,
    IgnoresTouch,
    /// `touch` stores the idle expiry alone.
    TouchesOnlyIdleExpiry,
    IgnoresEndReason,
    LastReasonWins,
    KeepsValues,
    EndsExpiredSessions,
    ByIdSelectsAll,
    ByHandleIgnoresAccount,
    AllExceptSelectsAll,
    AllIgnoresAccount,
    ListsEndedSessions,
    ListIgnoresAccount,
    AlwaysExpiresIdle,
    RotationKeepsOldId,
    /// The new session gets the values that the request had seen.
    RotatesStaleValues,
    RotatesEndedSessions,
    RotationOverwrites,
    /// The old session ends although the new one cannot begin.
    RotationIsNotAtomic,
    NoEvents,
    RecordsTwice,
    RecordsFailures,
    /// What was replaced, and what was nobody's.
    RecordsEverything,
    ForgetsLiveSessions,
    NoRetention,
    ForgetsNothing,
    KeepsAnonymousSessions,
    IgnoresBatchSize,
    /// `expire` leaves no tombstone.
    ExpiresNothing,
    /// `expire` ends live sessions as well.
    ExpiresLiveSessions,
    ShortensNothing,
    /// Live sessions expire at the latest expiry, also those that expire before.
    ShortensAll,
}

impl Mutation {
    /// Those that published stores have; they come first in every list.
    pub const IN_PUBLISHED_STORES: [Mutation; 4] =
        [Mutation::UpsertInSave, Mutation::RawIds, Mutation::NoTombstone, Mutation::WholeBlobWrites];

    pub const ALL: [Mutation; 39] = [
        Mutation::UpsertInSave,
        Mutation::RawIds,
        Mutation::NoTombstone,
        Mutation::WholeBlobWrites,
        Mutation::ReadsThenWrites,
        Mutation::UpsertInCreate,
        Mutation::LosesColumns,
        Mutation::ExpiresTooLate,
        Mutation::IgnoresTouch,
        Mutation::TouchesOnlyIdleExpiry,
        Mutation::IgnoresEndReason,
        Mutation::LastReasonWins,
        Mutation::KeepsValues,
        Mutation::EndsExpiredSessions,
        Mutation::ByIdSelectsAll,
        Mutation::ByHandleIgnoresAccount,
        Mutation::AllExceptSelectsAll,
        Mutation::AllIgnoresAccount,
        Mutation::ListsEndedSessions,
        Mutation::ListIgnoresAccount,
        Mutation::AlwaysExpiresIdle,
        Mutation::RotationKeepsOldId,
        Mutation::RotatesStaleValues,
        Mutation::RotatesEndedSessions,
        Mutation::RotationOverwrites,
        Mutation::RotationIsNotAtomic,
        Mutation::NoEvents,
        Mutation::RecordsTwice,
        Mutation::RecordsFailures,
        Mutation::RecordsEverything,
        Mutation::ForgetsLiveSessions,
        Mutation::NoRetention,
        Mutation::ForgetsNothing,
        Mutation::KeepsAnonymousSessions,
        Mutation::IgnoresBatchSize,
        Mutation::ExpiresNothing,
        Mutation::ExpiresLiveSessions,
        Mutation::ShortensNothing,
        Mutation::ShortensAll,
    ];
}
