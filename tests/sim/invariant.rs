//! Invariants that must hold, by name.

use std::fmt;

/// Rule of the design.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Invariant {
    /// Answers and broadcasts follow their row's entry in the log.
    DurableBeforeTold,
    /// Edits are submitted once storage has them, or has said that it cannot have them.
    StoredBeforeSent,
    /// Operations in the log are those stored under their numbers.
    AsStored,
    /// A number is given to one edit.
    NumberOnce,
    /// No edit is applied twice, under whichever numbers.
    Once,
    /// The operations of one client come into a board's log by rising number.
    Fifo,
    /// A replica is the board after the log's first so many events.
    Replica,
    /// Tabs show the confirmed board with their own edits on top, each once.
    Screen,
    /// Users are told of an edit only the truth.
    Told,
    /// The end of an edit is told once, in one tab.
    ToldOnce,
    /// Every edit comes to an end.
    Ends,
    /// Storage forgets an edit only once it is decided or taken back; one that was taken back too late, once its tab has
    /// seen its event.
    Kept,
    /// No durable edit vanishes.
    Lost,
    /// The server is allowed to forget only what is decided.
    Settled,
    /// A browser has a single socket, in a single tab.
    OneSocket,
    /// The tab with the newest term leads until it is told to follow.
    Leads,
    /// Taking an edit back overwrites nothing that others wrote.
    WayBack,
    /// An edit overwrites what others wrote after its base only if it says so.
    Unasked,
    /// Queues stay within their limits.
    Bounded,
    /// Once nothing goes wrong any more, everything settles: all live, nothing pending, nothing stored.
    Quiet,
    /// Once quiet, every tab shows what the server has.
    Equal,
    /// No panic.
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
