//! Bugs that a store can have.

/// One bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// `merge` and `touch` make an ended or unknown session live.
    UpsertInSave,
    /// The key is the id itself.
    RawIds,
    /// Ended sessions are deleted.
    NoTombstone,
    /// `merge` replaces all values by those of the request.
    WholeBlobWrites,
    /// `merge` reads all values and writes them back, which loses concurrent changes.
    ReadsThenWrites,
    UpsertInCreate,
    LosesColumns,
    LoadsManyInAnotherOrder,
    /// `load_many` returns nothing for an unknown id.
    LoadsManyWithoutUnknown,
    LoadsManyExpiredAsUnknown,
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
    LeastRecentlyUsedEndsItself,
    EndsMostRecentlyUsed,
    AllAccountsEndsAnonymous,
    /// `end` ends more than it was asked to.
    EndsInOneBatch,
    /// `end` does not say that there are more.
    EndsOneBatch,
    ListsEndedSessions,
    ListIgnoresAccount,
    ListsWithoutBound,
    AlwaysExpiresIdle,
    RotationKeepsOldId,
    /// The new session gets the values that the request has loaded.
    RotatesStaleValues,
    RotatesEndedSessions,
    RotationOverwrites,
    /// The old session ends even if the new one cannot be inserted.
    RotationIsNotAtomic,
    NoEvents,
    RecordsTwice,
    RecordsFailures,
    /// Also replaced and anonymous sessions.
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
    /// All live sessions expire at the limit, also those that would expire before it.
    ShortensAll,
}

impl Mutation {
    /// Bugs of published stores.
    pub const IN_PUBLISHED_STORES: [Mutation; 4] =
        [Mutation::UpsertInSave, Mutation::RawIds, Mutation::NoTombstone, Mutation::WholeBlobWrites];

    pub const ALL: [Mutation; 48] = [
        Mutation::UpsertInSave,
        Mutation::RawIds,
        Mutation::NoTombstone,
        Mutation::WholeBlobWrites,
        Mutation::ReadsThenWrites,
        Mutation::UpsertInCreate,
        Mutation::LosesColumns,
        Mutation::LoadsManyInAnotherOrder,
        Mutation::LoadsManyWithoutUnknown,
        Mutation::LoadsManyExpiredAsUnknown,
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
        Mutation::LeastRecentlyUsedEndsItself,
        Mutation::EndsMostRecentlyUsed,
        Mutation::AllAccountsEndsAnonymous,
        Mutation::EndsInOneBatch,
        Mutation::EndsOneBatch,
        Mutation::ListsEndedSessions,
        Mutation::ListIgnoresAccount,
        Mutation::ListsWithoutBound,
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
