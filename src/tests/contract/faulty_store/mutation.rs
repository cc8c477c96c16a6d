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
    LivesAMomentLonger,
    TouchesNothing,
    /// `touch` stores the idle expiry alone.
    TouchesIdleExpiryAlone,
    OneReason,
    LastReasonWins,
    KeepsValues,
    EndsTheExpired,
    ThisMeansEverything,
    HandleAcrossAccounts,
    OthersMeansAll,
    AllMeansEverybody,
    ListsTheDead,
    ListsEverybody,
    OneExpiry,
    RotationLeavesOld,
    /// The new session gets the values that the request had seen.
    RotatesASnapshot,
    RotatesTheDead,
    RotatesOntoOthers,
    /// The old session ends although the new one cannot begin.
    RotatesHalfWay,
    NoEvents,
    WritesDownTwice,
    WritesDownFailures,
    /// What was replaced, and what was nobody's.
    WritesDownEverything,
    ForgetsTheLiving,
    ForgetsAtOnce,
    ForgetsNothing,
    KeepsStrangers,
    NoBatches,
    /// `expire` leaves no tombstone.
    ExpiresNothing,
    /// `expire` ends live sessions as well.
    ExpiresTheLiving,
    ShortensNothing,
    /// Live sessions expire at the latest expiry, also those that expire before.
    ShortensAll,
}

impl Mutation {
    /// Those that published stores have; they come first in every list.
    pub const SEEN_ELSEWHERE: [Mutation; 4] =
        [Mutation::UpsertInSave, Mutation::RawIds, Mutation::NoTombstone, Mutation::WholeBlobWrites];

    pub const ALL: [Mutation; 39] = [
        Mutation::UpsertInSave,
        Mutation::RawIds,
        Mutation::NoTombstone,
        Mutation::WholeBlobWrites,
        Mutation::ReadsThenWrites,
        Mutation::UpsertInCreate,
        Mutation::LosesColumns,
        Mutation::LivesAMomentLonger,
        Mutation::TouchesNothing,
        Mutation::TouchesIdleExpiryAlone,
        Mutation::OneReason,
        Mutation::LastReasonWins,
        Mutation::KeepsValues,
        Mutation::EndsTheExpired,
        Mutation::ThisMeansEverything,
        Mutation::HandleAcrossAccounts,
        Mutation::OthersMeansAll,
        Mutation::AllMeansEverybody,
        Mutation::ListsTheDead,
        Mutation::ListsEverybody,
        Mutation::OneExpiry,
        Mutation::RotationLeavesOld,
        Mutation::RotatesASnapshot,
        Mutation::RotatesTheDead,
        Mutation::RotatesOntoOthers,
        Mutation::RotatesHalfWay,
        Mutation::NoEvents,
        Mutation::WritesDownTwice,
        Mutation::WritesDownFailures,
        Mutation::WritesDownEverything,
        Mutation::ForgetsTheLiving,
        Mutation::ForgetsAtOnce,
        Mutation::ForgetsNothing,
        Mutation::KeepsStrangers,
        Mutation::NoBatches,
        Mutation::ExpiresNothing,
        Mutation::ExpiresTheLiving,
        Mutation::ShortensNothing,
        Mutation::ShortensAll,
    ];
}
