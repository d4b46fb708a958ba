//! Deliberate breaks of the world around the engines and the room: what a bug there would look like from outside.
//!
//! Each is done at a border: in the model of the server, the disk or the network, or to what goes in and out of an engine.
//! Never: a hook in what is tested.

/// Break of a named kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// The room does not remember what it has decided.
    SkipDedupe,
    /// Outcomes are told before the row is in the log.
    AckBeforeCommit,
    /// Events are told before the row is in the log.
    BroadcastBeforeCommit,
    /// The log loses its last row when a node is killed.
    LogForgetsItsLastRow,
    /// The log takes a row that does not follow, and has only the one that was there.
    LogWithoutRaces,
    /// A submitted operation is moved to the newest base, without another look at what it overwrites.
    NewestBase,
    /// News of a replaced socket arrives as if it were of the current one.
    StaleEpoch,
    /// The disk says that an edit is stored before it is.
    SendBeforeDurable,
    /// The disk gives a number out again.
    NumberTwice,
    /// An event is not what was applied.
    EventInAnothersPlace,
    /// A resumed subscription lacks an event and says that it is whole.
    PartialReplay,
    /// The server is told that it may forget outcomes that are not known yet.
    ForgetTooEarly,
    /// The disk forgets the next edit too.
    ForgetAnothers,
    /// A reload does not find the newest edit.
    LoseRowOnReload,
    /// A reload finds its edits under new numbers.
    ReplayUnderNewNumber,
    /// Two tabs are given the lead, and neither hears of the other.
    TwoLeaders,
    /// Two outcomes of a submit are exchanged.
    OutcomeOfAnother,
    /// The server applies what is in conflict.
    ServerIgnoresConflicts,
    /// A snapshot says that fewer operations of the client are in it than are.
    SnapshotWithStaleN,
}
