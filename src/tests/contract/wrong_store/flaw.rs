//! What can go wrong in a store.

/// A way of doing one thing wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
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
}

impl Flaw {
    /// Those that published stores have; they come first in every list.
    pub const SEEN_ELSEWHERE: [Flaw; 4] =
        [Flaw::UpsertInSave, Flaw::RawIds, Flaw::NoTombstone, Flaw::WholeBlobWrites];

    pub const ALL: [Flaw; 34] = [
        Flaw::UpsertInSave,
        Flaw::RawIds,
        Flaw::NoTombstone,
        Flaw::WholeBlobWrites,
        Flaw::ReadsThenWrites,
        Flaw::UpsertInCreate,
        Flaw::LosesColumns,
        Flaw::LivesAMomentLonger,
        Flaw::TouchesNothing,
        Flaw::OneReason,
        Flaw::LastReasonWins,
        Flaw::KeepsValues,
        Flaw::EndsTheExpired,
        Flaw::ThisMeansEverything,
        Flaw::HandleAcrossAccounts,
        Flaw::OthersMeansAll,
        Flaw::AllMeansEverybody,
        Flaw::ListsTheDead,
        Flaw::ListsEverybody,
        Flaw::OneExpiry,
        Flaw::RotationLeavesOld,
        Flaw::RotatesASnapshot,
        Flaw::RotatesTheDead,
        Flaw::RotatesOntoOthers,
        Flaw::RotatesHalfWay,
        Flaw::NoEvents,
        Flaw::WritesDownTwice,
        Flaw::WritesDownFailures,
        Flaw::WritesDownEverything,
        Flaw::ForgetsTheLiving,
        Flaw::ForgetsAtOnce,
        Flaw::ForgetsNothing,
        Flaw::KeepsStrangers,
        Flaw::NoBatches,
    ];
}
