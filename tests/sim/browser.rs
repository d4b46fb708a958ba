//! Browser of one user: a disk, a lock and a token that its tabs share, and the pages that the tabs show.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use tideboard_engine::{Config, EditId, Engine, Identity, MergeFn, Now, Role, SocketEpoch, SubscriptionId};
use tideboard_shared::{AccessToken, BoardId, ClientId, UnixMs};

use crate::{disk::Disk, happening::Happening, server::boards, user::ENTITIES};

/// Names one page for ever. A tab that is loaded anew shows another page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PageId(pub(crate) u64);

#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) client: ClientId,
    pub(crate) disk: Disk,
    /// The page that has the lock.
    pub(crate) holder: Option<PageId>,
    /// Pages that wait for the lock.
    pub(crate) waiting: VecDeque<PageId>,
    /// The wall clock's error.
    pub(crate) clock_offset_ms: i64,
    pub(crate) is_online: bool,
    /// Cut off: no frame of this browser reaches the server.
    pub(crate) is_cut_off: bool,
    /// Posts reach the server, sockets do not.
    pub(crate) has_no_sockets: bool,
    /// The newest token's number.
    pub(crate) token: u32,
    /// Set while the user is about to sign in again.
    pub(crate) is_signing_in: bool,
    /// Since when more than one page that is awake has a socket.
    pub(crate) crowded_since: Option<Duration>,
    /// Page that the disk gave the newest term.
    pub(crate) newest_leader: Option<PageId>,
}

#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) browser: usize,
    /// Index of the browser's tab that shows it.
    pub(crate) slot: usize,
    pub(crate) engine: Engine,
    /// Time at which its clock began.
    pub(crate) origin: Duration,
    /// Time at which the engine wants to be called.
    pub(crate) wake_at: Option<Duration>,
    pub(crate) is_frozen: bool,
    pub(crate) has_slept: bool,
    /// Happenings that reach it once it wakes.
    pub(crate) backlog: Vec<Happening>,
    /// The part that it was given last.
    pub(crate) role: Role,
    /// Set while its engine believes that it leads.
    pub(crate) is_leading: bool,
    pub(crate) sockets: BTreeSet<SocketEpoch>,
    pub(crate) follows: BTreeMap<BoardId, SubscriptionId>,
    /// The numbers of edits that are known here.
    pub(crate) names: BTreeMap<EditId, u64>,
    /// Edits that the user was told are applied, on boards that the page follows; their events may be to come.
    pub(crate) awaited: BTreeSet<(BoardId, u64)>,
    /// Edits that the user delivers.
    pub(crate) manual: BTreeSet<EditId>,
    /// Time by which all requests to the disk, and all messages to it, are carried out.
    pub(crate) disk_at: Duration,
    pub(crate) told_at: Duration,
}

impl Browser {
    pub(crate) fn new(index: usize, rng: &mut fastrand::Rng) -> Self {
        Self {
            client: format!("c{index}").parse().expect("a client id"),
            disk: Disk::default(),
            holder: None,
            waiting: VecDeque::new(),
            clock_offset_ms: rng.i64(-60_000..60_000),
            is_online: true,
            is_cut_off: false,
            has_no_sockets: false,
            token: 0,
            is_signing_in: false,
            crowded_since: None,
            newest_leader: None,
        }
    }

    pub(crate) fn token(&self) -> AccessToken {
        format!("token{}", self.token).into()
    }
}

impl Page {
    pub(crate) fn new(browser: (usize, &Browser), slot: usize, now: Duration, rng: &mut fastrand::Rng) -> Self {
        let (index, browser) = browser;
        let identity = Identity {
            client: browser.client.clone(),
            tab: format!("tab{slot}").parse().expect("a tab id"),
            schema: 1,
            token: Some(browser.token()),
            seed: rng.u64(..),
        };
        let mut engine = Engine::new(Config::default(), identity);
        for board in boards() {
            // Half of the entities have a merge, the others are asked about.
            for entity in &ENTITIES[..2] {
                let merge = MergeFn::new(|input| Some(input.mine.clone()));
                engine.set_merge(board.clone(), (*entity).into(), Some(merge));
            }
        }
        Self {
            browser: index,
            slot,
            engine,
            origin: Duration::from_millis(rng.u64(..=now.as_millis() as u64)),
            wake_at: None,
            is_frozen: false,
            has_slept: false,
            backlog: Vec::new(),
            role: Role::Follower,
            is_leading: false,
            sockets: BTreeSet::new(),
            follows: BTreeMap::new(),
            names: BTreeMap::new(),
            awaited: BTreeSet::new(),
            manual: BTreeSet::new(),
            disk_at: now,
            told_at: now,
        }
    }

    pub(crate) fn now(&self, now: Duration, browser: &Browser) -> Now {
        let wall = 1_700_000_000_000_i64 + now.as_millis() as i64 + browser.clock_offset_ms;
        Now { mono: now - self.origin, wall: UnixMs(wall.cast_unsigned()) }
    }

    /// Notes the numbers of the edits that the page knows now.
    pub(crate) fn note_names(&mut self) {
        let pending = self.engine.pending_edits().into_iter().map(|view| (view.id, view.op.id.n));
        let conflicts = self.engine.conflicts().into_iter().map(|view| (view.id, view.case.op.id.n));
        let refused = self.engine.refused().map(|(id, view)| (id, view.op.id.n));
        self.names.extend(pending.chain(conflicts).chain(refused).filter(|(_, n)| *n > 0));
    }
}
