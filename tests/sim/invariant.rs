//! What must hold, by name.

use std::fmt;

/// One rule of the design.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Invariant {
    /// Nothing is answered or broadcast before its row is in the log.
    DurableBeforeTold,
    /// Nothing is submitted before storage has it, or has said that it cannot have it.
    StoredBeforeSent,
    /// What is in the log is what was stored under that number.
    AsStored,
    /// A number is given to one edit.
    NumberOnce,
    /// No edit is applied twice, under whichever numbers.
    Once,
    /// The operations of one client come into a board's log by rising number.
    Fifo,
    /// A replica is the board after the log's first so many events.
    Replica,
    /// What a tab shows is the confirmed board with its own edits on top, each once.
    Screen,
    /// What users are told of an edit is what became of it.
    Told,
    /// The end of an edit is told once, in one tab.
    ToldOnce,
    /// Every edit comes to an end.
    Ends,
    /// Storage forgets an edit only once it is decided or taken back.
    Kept,
    /// No durable edit vanishes.
    Lost,
    /// The server is allowed to forget only what is decided.
    Settled,
    /// One tab of a browser has a socket, and it has one.
    OneSocket,
    /// Taking an edit back overwrites nothing that others wrote.
    WayBack,
    /// Queues stay within their limits.
    Bounded,
    /// Once nothing goes wrong any more, everything settles: all live, nothing pending, nothing stored.
    Quiet,
    /// Once quiet, every tab shows what the server has.
    Equal,
    /// Nothing panics.
    NoPanic,
}

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Breach {
    pub(crate) invariant: Invariant,
    pub(crate) what: String,
}

/// A step that broke no rule, or the rule that it broke.
pub(crate) type Checked<T = ()> = Result<T, Breach>;

impl Invariant {
    pub(crate) fn broken(self, what: impl Into<String>) -> Breach {
        Breach { invariant: self, what: what.into() }
    }

    /// Fails with `what` unless it holds.
    pub(crate) fn holds(self, is_so: bool, what: impl FnOnce() -> String) -> Checked {
        if is_so { Ok(()) } else { Err(self.broken(what())) }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invariant {:?} is broken: {}", self.invariant, self.what)
    }
}
