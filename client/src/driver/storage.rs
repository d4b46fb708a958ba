//! Where edits wait for the server: in IndexedDB, or in memory where there is none.
//!
//! In: the engine's requests, and boards to keep. Out: replies, in order, and where edits are kept. Never: a number that
//! two edits could have. While none can be given out, requests wait and are tried again.

use std::{
    cell::Cell,
    collections::VecDeque,
    rc::{Rc, Weak},
    time::Duration,
};

use futures_channel::oneshot;
use tideboard_engine::{CachedBoard, Identity, Input, MemoryOutbox, Opened, StorageStatus, StoreReply, StoreRequest};
use wasm_bindgen_futures::spawn_local;

use super::{Driver, tabs::Tabs, timers::Timer};

mod boards;
mod db;
mod outbox;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

use db::Problem;
use outbox::IndexedOutbox;

/// How long the browser may take to open its storage before this page goes on without it.
const OPEN_TIMEOUT: Duration = Duration::from_secs(3);
/// Delays before what failed is tried again.
const FIRST_RETRY: Duration = Duration::from_millis(250);
const LAST_RETRY: Duration = Duration::from_secs(30);

/// What edits are kept in, and what is still to be done there.
#[derive(Debug)]
pub(super) struct Storage {
    medium: Medium,
    jobs: VecDeque<Job>,
    is_working: bool,
    /// What the engine was told last.
    told: StorageStatus,
}

#[derive(Debug)]
enum Medium {
    /// Not known yet.
    Opening,
    Indexed(Rc<IndexedOutbox>),
    Memory(MemoryOutbox),
    /// The user has signed out: nothing is kept any more.
    Over,
}

#[derive(Debug)]
enum Job {
    Handle(StoreRequest),
    Keep(CachedBoard),
    Clear(oneshot::Sender<Result<(), String>>),
}

impl Storage {
    pub(super) fn new() -> Self {
        let told = StorageStatus::Persisted;
        Self { medium: Medium::Opening, jobs: VecDeque::new(), is_working: false, told }
    }

    /// Whether boards are kept there.
    pub(super) fn is_indexed(&self) -> bool {
        matches!(self.medium, Medium::Indexed(_))
    }
}

impl Driver {
    /// Finds out where edits can be kept. Until that is known, the engine hears of nothing.
    pub(super) fn start(&self, name: Option<String>, identity: Identity) {
        let Some(name) = name else { return self.begin_in_memory("the page keeps nothing".to_owned()) };
        let this = self.this.clone();
        spawn_local(async move {
            let started = match Tabs::join(name.clone(), identity.tab, this.clone()).await {
                Some(tabs) => in_time(IndexedOutbox::open(name, identity.client)).await.map(|opened| (tabs, opened)),
                None => Err(Problem::NoLocks),
            };
            let Some(driver) = this.upgrade() else { return };
            match started {
                Ok((tabs, (outbox, boards))) => {
                    let (client, tab) = (Some(outbox.client.clone()), Some(tabs.tab.clone()));
                    let opened = Opened { client, tab, boards, storage: StorageStatus::Persisted };
                    driver.begin(Medium::Indexed(Rc::new(outbox)), opened, Some(tabs));
                }
                Err(problem) => driver.begin_in_memory(problem.to_string()),
            }
        });
    }

    /// Goes on as a client of its own.
    fn begin_in_memory(&self, reason: String) {
        let storage = StorageStatus::MemoryOnly { reason };
        let opened = Opened { client: None, tab: None, boards: Vec::new(), storage };
        self.begin(Medium::Memory(MemoryOutbox::default()), opened, None);
    }

    fn begin(&self, medium: Medium, opened: Opened, tabs: Option<Tabs>) {
        let (jobs, inputs) = {
            let mut core = self.core.borrow_mut();
            core.storage.medium = medium;
            core.storage.told = opened.storage.clone();
            core.is_open = true;
            let inputs = std::mem::take(&mut core.waiting);
            core.waiting.push_back(Input::Opened(opened.into()));
            (std::mem::take(&mut core.storage.jobs), inputs)
        };
        for job in jobs {
            self.add_job(job);
        }
        if let Some(tabs) = tabs {
            self.set_tabs(tabs);
        }
        self.core.borrow_mut().waiting.extend(inputs);
        self.run();
    }

    /// Carries out a request of the engine, after all that came before.
    pub(super) fn store(&self, request: StoreRequest) {
        self.add_job(Job::Handle(request));
    }

    /// Keeps a board for a page that starts without a connection.
    pub(super) fn keep_board(&self, board: CachedBoard) {
        self.add_job(Job::Keep(board));
    }

    /// Forgets all that is kept; says when it is done.
    pub(super) fn clear_storage(&self) -> oneshot::Receiver<Result<(), String>> {
        let (sender, receiver) = oneshot::channel();
        self.add_job(Job::Clear(sender));
        receiver
    }

    fn add_job(&self, job: Job) {
        let mut core = self.core.borrow_mut();
        let core = &mut *core;
        match (&mut core.storage.medium, job) {
            (Medium::Memory(outbox), Job::Handle(request)) => {
                core.waiting.extend(outbox.handle(request).map(Input::Stored));
            }
            (Medium::Memory(_) | Medium::Over, Job::Keep(_)) | (Medium::Over, Job::Handle(_)) => {}
            (Medium::Memory(_) | Medium::Over, Job::Clear(sender)) => {
                core.storage.medium = Medium::Over;
                let _ = sender.send(Ok(()));
            }
            (Medium::Opening, job) => core.storage.jobs.push_back(job),
            (Medium::Indexed(_), job) => {
                core.storage.jobs.push_back(job);
                if !std::mem::replace(&mut core.storage.is_working, true) {
                    spawn_local(work(self.this.clone()));
                }
            }
        }
    }

    /// The next job, and where to do it; `None` when there is none.
    fn next_job(&self) -> Option<(Rc<IndexedOutbox>, Job)> {
        let mut core = self.core.borrow_mut();
        let storage = &mut core.storage;
        let job = match &storage.medium {
            Medium::Indexed(outbox) => storage.jobs.pop_front().map(|job| (Rc::clone(outbox), job)),
            Medium::Opening | Medium::Memory(_) | Medium::Over => None,
        };
        storage.is_working = job.is_some();
        job
    }

    /// What the engine is to know, in this order.
    fn tell_stored(&self, status: StorageStatus, reply: Option<StoreReply>) {
        {
            let mut core = self.core.borrow_mut();
            if core.storage.told != status {
                core.storage.told = status.clone();
                core.waiting.push_back(Input::Storage(status));
            }
            core.waiting.extend(reply.map(Input::Stored));
        }
        self.run();
    }

    /// Nothing can be kept under this name any more: the user has signed out, here or in another tab.
    pub(super) fn close_storage(&self) {
        let mut core = self.core.borrow_mut();
        core.storage.jobs.clear();
        let medium = std::mem::replace(&mut core.storage.medium, Medium::Over);
        drop(core);
        drop(medium);
    }
}

/// Does all that is to be done, one after the other.
async fn work(driver: Weak<Driver>) {
    let next = || driver.upgrade().and_then(|driver| driver.next_job());
    while let Some((outbox, job)) = next() {
        match job {
            Job::Handle(request) => {
                if !handle(&driver, outbox, &request).await {
                    return;
                }
            }
            // Nothing depends on it.
            Job::Keep(board) => drop(outbox.keep_board(&board).await),
            Job::Clear(sender) => {
                let cleared = outbox.clear().await.map_err(|problem| problem.to_string());
                if let Some(driver) = driver.upgrade() {
                    driver.close_storage();
                }
                let _ = sender.send(cleared);
            }
        }
    }
}

/// Carries out one request, however often it has to be tried. `false` when there is nobody left to do it for.
async fn handle(driver: &Weak<Driver>, mut outbox: Rc<IndexedOutbox>, request: &StoreRequest) -> bool {
    let mut delay = FIRST_RETRY;
    loop {
        let handled = try_to_handle(&outbox, request).await;
        let Some(alive) = driver.upgrade() else { return false };
        match handled {
            Ok((status, reply)) => {
                alive.tell_stored(status, reply);
                return true;
            }
            Err(Problem::NotOurs) => {
                alive.end_signed_out();
                return false;
            }
            Err(Problem::Full) => alive.tell_stored(StorageStatus::QuotaExceeded, None),
            Err(problem) => alive.tell_stored(StorageStatus::MemoryOnly { reason: problem.to_string() }, None),
        }
        drop(alive);
        sleep(delay).await;
        delay = (delay * 2).min(LAST_RETRY);
        let closed = Rc::clone(&outbox);
        if let Ok(reopened) = in_time(async move { closed.reopen().await }).await {
            let Some(alive) = driver.upgrade() else { return false };
            outbox = Rc::new(reopened);
            alive.core.borrow_mut().storage.medium = Medium::Indexed(Rc::clone(&outbox));
        }
    }
}

/// Carries out one request now, with less than it asks for where there is no room.
async fn try_to_handle(
    outbox: &IndexedOutbox,
    request: &StoreRequest,
) -> Result<(StorageStatus, Option<StoreReply>), Problem> {
    let first = outbox.handle(request).await;
    if first != Err(Problem::Full) {
        return first.map(|reply| (StorageStatus::Persisted, reply));
    }
    outbox.drop_boards().await?;
    match (outbox.handle(request).await, request) {
        (Err(Problem::Full), StoreRequest::Append { id, .. }) => {
            let n = outbox.take_number().await?;
            let reason = Problem::Full.to_string();
            Ok((StorageStatus::QuotaExceeded, Some(StoreReply::AppendFailed { id: *id, n, reason })))
        }
        (Err(Problem::Full), StoreRequest::SetAside { n, .. }) => {
            Ok((StorageStatus::QuotaExceeded, Some(StoreReply::SetAside { n: *n })))
        }
        (second, _) => second.map(|reply| (StorageStatus::Persisted, reply)),
    }
}

/// What is opened, unless the browser takes too long. What comes late is closed again.
async fn in_time<T: 'static>(open: impl Future<Output = Result<T, Problem>> + 'static) -> Result<T, Problem> {
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(Cell::new(Some(sender)));
    let late = Rc::clone(&sender);
    let _timer = Timer::new(OPEN_TIMEOUT, move || {
        if let Some(sender) = late.take() {
            let _ = sender.send(Err(Problem::Blocked));
        }
    });
    spawn_local(async move {
        let opened = open.await;
        if let Some(sender) = sender.take() {
            let _ = sender.send(opened);
        }
    });
    receiver.await.unwrap_or(Err(Problem::Blocked))
}

async fn sleep(delay: Duration) {
    let (sender, receiver) = oneshot::channel();
    let _timer = Timer::new(delay, move || {
        let _ = sender.send(());
    });
    let _ = receiver.await;
}
