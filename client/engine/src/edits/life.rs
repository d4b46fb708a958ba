//! An edit's life: its stages, and every step from one to the next.
//!
//! ```text
//!   apply ───► Manual ───── the application confirms it or takes it back ─────────────────────────────► end
//!
//!   apply ───► Storing ──── numbered ───► Queued ────── applied ────► Applied ─── event or snapshot ──► end
//!              ▲ ▲  │                     ▲ ▲ │ │ │                      └─ taken back: a revert is made
//!              │ │  └─ gone ─► Superseded ┘ │ │ │ └─ rejected ─► Aside ── sent again or discarded ────► end
//!              │ │        another tab's no. │ │ │
//!              │ │                     kept │ │ └─── conflict ─► Asking ── theirs ─► GivenUp ─ dropped ► end
//!              │ │                          │ │                     │
//!              │ └───── sent again ─────────│─┤                     │
//!              └─────── mine, or fields ────│─│─────────────────────┘
//!                                           │ └─ taken back ─► Dropping ── dropped ───────────────────► end
//!                                           └─────────────────────┘
//! ```
//!
//! An edit of which only this tab knows ends at once when it is taken back unsent; one that other tabs may go on with
//! is `Dropping` or `GivenUp` first, and storage decides between them. `Gone` in the place of `Dropped` makes it
//! `Superseded`, or lets it wait as it is. In every stage the edit may also be ended by another tab. All that is kept
//! for an edit is cleared away in one place, [`super::Edits::take`].

use std::{fmt, num::NonZeroU64, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tideboard_shared::{Action, BoardId, Conflict, Entity, Epoch, Operation, Position, Seq, UnixMs, board::Side};

use super::{ConflictStrategy, Refused};
use crate::peers::Author;

/// Number of a stored operation, from 1: the `N` of `CLIENT/N`. Given out by storage, to each operation its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OpNo(NonZeroU64);

impl OpNo {
    /// The number that is written `n`; `None` for 0, which no operation has.
    #[must_use]
    pub const fn new(n: u64) -> Option<Self> {
        match NonZeroU64::new(n) {
            Some(n) => Some(Self(n)),
            None => None,
        }
    }

    /// The number after the first `last_n`.
    #[must_use]
    pub const fn after(last_n: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(last_n))
    }

    /// The number as it is written.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for OpNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An edit, from the user's hand until nothing is owed to anybody for it.
#[derive(Debug, Clone)]
pub(crate) struct Tracked {
    pub(crate) board: BoardId,
    /// Operation as it goes to the server. Carries its number from [`Life::Queued`] on; until then its `n` is 0.
    pub(crate) op: Arc<Operation>,
    pub(crate) strategy: ConflictStrategy,
    pub(crate) created: UnixMs,
    /// `None` until the edit is numbered, and again once it is applied.
    pub(crate) provenance: Option<Provenance>,
    pub(crate) life: Life,
    /// History that the operation's `base` is of.
    pub(crate) made_in: MadeIn,
    /// Bytes in the outbox. Not counted while the edit waits for the user.
    pub(crate) bytes: usize,
    /// Submits so far, under whichever numbers.
    pub(crate) attempts: u32,
    /// Time at which the outcome becomes overdue; `None` where another tab watches that.
    pub(crate) deadline: Option<Duration>,
    pub(crate) is_overdue: bool,
    /// Confirmed entity that the user saw.
    pub(crate) seen: Option<Arc<Entity>>,
    /// Action that takes the edit back, by what the user saw. The event says it exactly, where one comes.
    pub(crate) inverse: Option<Action>,
}

/// Origin of an edit that has been given a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Provenance {
    /// First number of the edit: its name in every tab.
    pub(crate) first: OpNo,
    /// `None` when nobody noted it.
    pub(crate) author: Option<Author>,
    /// True if storage has the edit. One that it could not take is lost with the tabs that know it.
    pub(crate) is_stored: bool,
    /// True if another tab may have submitted the edit.
    pub(crate) may_be_sent: bool,
    /// Read of storage that will tell what became of the edit, where nothing else can.
    pub(crate) doubt: Option<u64>,
}

/// Stage of an edit. The module's head has a picture of the steps between them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Life {
    /// Taken to the server by the application itself. Never stored, never numbered.
    Manual,
    /// Being written to storage, which gives it a number.
    Storing {
        /// Row that goes in the same transaction: the edit's own former one, or that of the edit that it reverts.
        replaces: Option<OpNo>,
        /// Never [`Sight::InBoard`].
        sight: Sight,
    },
    /// Stored under a number, and in its board's lane until the server has decided it.
    Queued {
        /// Number that goes to the server.
        n: OpNo,
        sight: Sight,
    },
    /// Settled or replaced in storage by another tab. A read of storage, or that tab, says which.
    Superseded {
        /// Number that it had.
        n: OpNo,
        sight: Sight,
    },
    /// Taken back unsent by the tab that leads. Storage, which has it, drops it, unless a later leader may have sent it.
    Dropping { n: OpNo },
    /// In the log. Stays on top until the event arrives, or its effect would vanish for a moment.
    Applied { n: OpNo, at: Landed, still: Still },
    /// In conflict with what others wrote. Waits for the user to choose.
    Asking { n: OpNo, conflict: Conflict },
    /// Conflict in which the user has chosen theirs. Storage drops it, unless another tab has gone on with it.
    GivenUp { n: OpNo, conflict: Conflict },
    /// Refused, and set aside where it blocks nothing. Waits for the user to send it again or discard it.
    Aside { n: OpNo, why: Refused },
}

/// Visibility of an edit that the server has not decided, as far as this tab knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Run again on top of the confirmed board.
    OnTop,
    /// In the confirmed board, by a snapshot that overtook its outcome; or refused, by the same.
    InBoard,
    /// Taken back by the user while it may be on its way. Reverted, should it turn out to be applied.
    TakenBack,
}

/// History in which an edit was made, with the board's position then, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MadeIn {
    /// The history that the board here is of.
    Here(Option<Position>),
    /// That of another page's board, which may be another one.
    Elsewhere(Option<Position>),
}

impl MadeIn {
    /// Position of the board when the edit was made.
    pub(crate) fn position(&self) -> Option<&Position> {
        let (Self::Here(position) | Self::Elsewhere(position)) = self;
        position.as_ref()
    }
}

/// Place of an applied edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Landed {
    pub(crate) seq: Seq,
    /// Position that the board had reached with it: tells in which log the place is. `None` where the server did not
    /// say.
    pub(crate) log: Option<Position>,
}

/// Wish of the user for an applied edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Still {
    /// The edit stands. Storage has forgotten it.
    Wanted,
    /// Taken back while it was on its way. Its row waits for the edit that reverts it; `None` where storage had none.
    TakenBackBefore { row: Option<OpNo> },
    /// Taken back once its outcome was known. Storage has forgotten it.
    TakenBackAfter,
}

impl Landed {
    /// True if the place is in another log than this one.
    pub(crate) fn is_elsewhere(&self, epoch: Option<&Epoch>) -> bool {
        self.log.as_ref().zip(epoch).is_some_and(|(log, epoch)| log.epoch != *epoch)
    }
}

impl Tracked {
    /// A new edit, as if there had been no others.
    pub(crate) fn new(board: BoardId, op: Operation, strategy: ConflictStrategy, created: UnixMs, life: Life) -> Self {
        let bytes = tideboard_shared::encode(&op).len();
        let op = Arc::new(op);
        Self {
            board,
            op,
            strategy,
            created,
            provenance: None,
            life,
            made_in: MadeIn::Here(None),
            bytes,
            attempts: 0,
            deadline: None,
            is_overdue: false,
            seen: None,
            inverse: None,
        }
    }

    /// A conflict with what the client knows by itself: the values that the user saw, exactly, however far back; and of
    /// what the server did not tell, the values that the user set and those of the entity that stands.
    pub(crate) fn complete_conflict(&self, mut conflict: Conflict, standing: Option<&Entity>) -> Conflict {
        let value = |entity: &Entity, name: &str| entity.fields.get(name).cloned();
        for field in &mut conflict.fields {
            let name = field.name.clone();
            if let Some(seen) = &self.seen {
                field.fill(Side::Base, value(seen, &name));
            }
            if field.untold.contains(&Side::Yours)
                && let Action::Patch { set, .. } = &self.op.action
            {
                field.fill(Side::Yours, set.get(&name).cloned());
            }
            if field.untold.contains(&Side::Theirs)
                && let Some(standing) = standing
            {
                field.fill(Side::Theirs, value(standing, &name));
            }
        }
        conflict
    }

    /// True if storage has the edit, or will have it.
    pub(crate) fn is_stored(&self) -> bool {
        self.provenance.as_ref().is_none_or(|provenance| provenance.is_stored)
    }

    /// True if no tab has submitted the edit, as far as this one can know.
    pub(crate) fn is_unsent(&self) -> bool {
        self.attempts == 0 && !self.provenance.as_ref().is_some_and(|provenance| provenance.may_be_sent)
    }

    /// Storing → Queued: storage has numbered the edit. The row that it replaced, if any.
    pub(crate) fn handle_numbered(&mut self, n: OpNo) -> Option<OpNo> {
        let Life::Storing { replaces, sight } = self.life else { return None };
        self.life = Life::Queued { n, sight };
        self.carry(Some(n));
        replaces
    }

    /// Queued or Asking → Storing: the edit is sent again as a new operation, of what its user saw. The number that it
    /// had.
    pub(crate) fn renumber(&mut self) -> Option<OpNo> {
        let old = match self.life {
            Life::Queued { n, .. } | Life::Asking { n, .. } => n,
            Life::Manual
            | Life::Storing { .. }
            | Life::Superseded { .. }
            | Life::Dropping { .. }
            | Life::Applied { .. }
            | Life::GivenUp { .. }
            | Life::Aside { .. } => return None,
        };
        self.life = Life::Storing { replaces: Some(old), sight: Sight::OnTop };
        self.carry(None);
        Some(old)
    }

    /// Storing or Dropping → Superseded: the row `old` was not there any more to be replaced, or dropped.
    pub(crate) fn handle_superseded(&mut self, old: OpNo) {
        let sight = if self.life.is_taken_back() { Sight::TakenBack } else { Sight::OnTop };
        self.life = Life::Superseded { n: old, sight };
        self.carry(Some(old));
    }

    /// Queued or Superseded → Dropping: nobody has sent the edit, and its user does not want it any more.
    pub(crate) fn drop_unsent(&mut self) -> Option<OpNo> {
        let (Life::Queued { n, .. } | Life::Superseded { n, .. }) = self.life else { return None };
        self.life = Life::Dropping { n };
        Some(n)
    }

    /// Dropping → Queued: another tab may have sent the edit. It goes on as any edit that was taken back on its way.
    pub(crate) fn handle_kept(&mut self) -> Option<OpNo> {
        let Life::Dropping { n } = self.life else { return None };
        self.life = Life::Queued { n, sight: Sight::TakenBack };
        if let Some(provenance) = &mut self.provenance {
            provenance.may_be_sent = true;
        }
        Some(n)
    }

    /// Asking → GivenUp: the user has chosen theirs.
    pub(crate) fn give_up(&mut self) -> Option<OpNo> {
        let Life::Asking { n, conflict } = &self.life else { return None };
        let n = *n;
        self.life = Life::GivenUp { n, conflict: conflict.clone() };
        Some(n)
    }

    /// Storing, Queued, Superseded or Dropping → Queued: another tab goes on with the edit, under this number.
    pub(crate) fn handle_taken_over(&mut self, n: OpNo, op: Operation, made_in: MadeIn) {
        let sight = if self.life.is_taken_back() { Sight::TakenBack } else { Sight::OnTop };
        self.life = Life::Queued { n, sight };
        self.op = Arc::new(op);
        self.made_in = made_in;
    }

    /// The board is of another history: whatever others touched counts as changed since the edit was made.
    pub(crate) fn forget_base(&mut self) {
        Arc::make_mut(&mut self.op).base = Seq::ZERO;
        self.made_in = MadeIn::Here(None);
    }

    /// Queued → Applied: the server has decided.
    pub(crate) fn handle_applied(&mut self, at: Landed) {
        let Life::Queued { n, sight } = self.life else { return };
        let still = match sight {
            Sight::TakenBack => Still::TakenBackBefore { row: self.is_stored().then_some(n) },
            Sight::OnTop | Sight::InBoard => Still::Wanted,
        };
        self.life = Life::Applied { n, at, still };
        self.provenance = None;
    }

    /// A snapshot of the board shows what became of numbers up to `last_n`, though their outcomes may still be to come.
    pub(crate) fn handle_snapshot(&mut self, last_n: u64) {
        match &mut self.life {
            Life::Queued { n, sight } | Life::Superseded { n, sight } if *sight != Sight::TakenBack => {
                *sight = if n.get() <= last_n { Sight::InBoard } else { Sight::OnTop };
            }
            Life::Queued { .. } | Life::Superseded { .. } => {}
            Life::Manual
            | Life::Storing { .. }
            | Life::Dropping { .. }
            | Life::Applied { .. }
            | Life::Asking { .. }
            | Life::GivenUp { .. }
            | Life::Aside { .. } => {}
        }
    }

    /// The user takes the edit back though it may be in the log, or is: from here on it no longer shows.
    pub(crate) fn take_back(&mut self) {
        match &mut self.life {
            Life::Storing { sight, .. } | Life::Queued { sight, .. } | Life::Superseded { sight, .. } => {
                *sight = Sight::TakenBack;
            }
            Life::Applied { still: still @ Still::Wanted, .. } => *still = Still::TakenBackAfter,
            // Once is enough.
            Life::Applied { still: Still::TakenBackBefore { .. } | Still::TakenBackAfter, .. }
            | Life::Dropping { .. }
            | Life::GivenUp { .. } => {}
            // Nobody has sent these: they end at once.
            Life::Manual | Life::Asking { .. } | Life::Aside { .. } => {}
        }
    }

    fn carry(&mut self, n: Option<OpNo>) {
        Arc::make_mut(&mut self.op).id.n = n.map_or(0, OpNo::get);
    }
}

impl Life {
    /// Number under which storage has the edit, or is to replace it; `None` while it has none.
    pub(crate) fn number(&self) -> Option<OpNo> {
        match self {
            Self::Manual => None,
            Self::Storing { replaces, .. } => *replaces,
            Self::Queued { n, .. }
            | Self::Superseded { n, .. }
            | Self::Dropping { n }
            | Self::Applied { n, .. }
            | Self::Asking { n, .. }
            | Self::GivenUp { n, .. }
            | Self::Aside { n, .. } => Some(*n),
        }
    }

    /// True if the edit has no outcome and needs nothing of the user.
    pub(crate) fn is_unended(&self) -> bool {
        match self {
            Self::Manual
            | Self::Storing { .. }
            | Self::Queued { .. }
            | Self::Superseded { .. }
            | Self::Dropping { .. } => true,
            Self::Applied { .. } | Self::Asking { .. } | Self::GivenUp { .. } | Self::Aside { .. } => false,
        }
    }

    /// True if the edit is off its board: it waits for the user, or did.
    pub(crate) fn is_waiting(&self) -> bool {
        match self {
            Self::Asking { .. } | Self::GivenUp { .. } | Self::Aside { .. } => true,
            Self::Manual
            | Self::Storing { .. }
            | Self::Queued { .. }
            | Self::Superseded { .. }
            | Self::Dropping { .. }
            | Self::Applied { .. } => false,
        }
    }

    /// True if the edit is run again on top of the confirmed board.
    pub(crate) fn is_on_top(&self) -> bool {
        match self {
            Self::Manual => true,
            Self::Storing { sight, .. } | Self::Queued { sight, .. } | Self::Superseded { sight, .. } => {
                *sight == Sight::OnTop
            }
            Self::Applied { still, .. } => *still == Still::Wanted,
            Self::Dropping { .. } | Self::Asking { .. } | Self::GivenUp { .. } | Self::Aside { .. } => false,
        }
    }

    /// True if the user took the edit back and it still has to be reverted, or may have to be.
    pub(crate) fn is_taken_back(&self) -> bool {
        match self {
            Self::Storing { sight, .. } | Self::Queued { sight, .. } | Self::Superseded { sight, .. } => {
                *sight == Sight::TakenBack
            }
            Self::Applied { still, .. } => *still != Still::Wanted,
            Self::Dropping { .. } => true,
            Self::Manual | Self::Asking { .. } | Self::GivenUp { .. } | Self::Aside { .. } => false,
        }
    }
}
