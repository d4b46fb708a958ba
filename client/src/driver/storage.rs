//! Storage of edits that wait for the server: IndexedDB, or memory where there is none.
//!
//! In: the engine's requests, and boards to keep. Out: replies, in order, and where edits are kept. Never: a number
//! that two edits could have. While none can be given out, requests wait and are tried again.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::{Rc, Weak},
    time::Duration,
};

use futures_channel::oneshot;
use tideboard_engine::{CachedBoard, Identity, Input, MemoryOutbox, Opened, StorageStatus, StoreReply, StoreRequest};
use tideboard_shared::BoardId;
use wasm_bindgen_futures::spawn_local;

use super::{Driver, tabs::Tabs};
use crate::clock::Timer;

mod boards;
mod db;
mod outbox;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

pub(super) use boards::Keep;
use db::Problem;
use outbox::IndexedOutbox;

/// Time that the browser may take to open its storage before this page goes on without it.
const OPEN_TIMEOUT: Duration = Duration::from_secs(3);
/// Delays before what failed is tried again.
const FIRST_RETRY: Duration = Duration::from_millis(250);
const LAST_RETRY: Duration = Duration::from_secs(30);

/// Medium in which edits are kept, and the jobs still to be done there.
#[derive(Debug)]
pub(super) struct Storage {
    medium: Medium,
    /// Outlive the driver: what was made is written, also when nobody waits for it.
    jobs: Rc<Jobs>,
    /// Status that the engine was told last.
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

/// Queue of jobs. Shared by the driver, which adds to it, and the task that works on it and outlives the driver: hence
/// cells of its own.
#[derive(Debug, Default)]
struct Jobs {
    waiting: RefCell<VecDeque<Job>>,
    is_worked_on: Cell<bool>,
}

#[derive(Debug)]
enum Job {
    Handle(StoreRequest),
    Keep(CachedBoard, Keep),
    Forget(BoardId),
    Clear(oneshot::Sender<Result<(), String>>),
}

impl Storage {
    pub(super) fn new() -> Self {
        let told = StorageStatus::Persisted;
        Self { medium: Medium::Opening, jobs: Rc::default(), told }
    }

    /// Tells whether boards are kept there.
    pub(super) fn is_indexed(&self) -> bool {
        matches!(self.medium, Medium::Indexed(_))
    }
}

impl Driver {
    /// Finds out where edits can be kept. Until that is known, the engine hears of nothing.
    pub(super) fn start(&self, name: Option<String>, identity: Identity) {
        let Some(name) = name else { return self.begin_in_memory("the page keeps nothing".to_owned()) };
        let this = self.this.clone();
        let quota = self.border.quota();
        spawn_local(async move {
            let started = match Tabs::join(name.clone(), identity.tab, this.clone()).await {
                Some(tabs) => {
                    in_time(IndexedOutbox::open(name, identity.client, quota)).await.map(|opened| (tabs, opened))
                }
                None => Err(Problem::NoLocks),
            };
            let Some(driver) = this.upgrade() else { return };
            match started {
                Ok((tabs, (outbox, boards))) => {
                    let client = Some(outbox.client.clone());
                    let tab = Some(tabs.tab.clone());
                    let opened = Opened { client, tab, boards, storage: StorageStatus::Persisted };
                    driver.begin(Medium::Indexed(Rc::new(outbox)), opened, Some(tabs));
                }
                Err(problem) => {
                    tracing::warn!(reason = %problem, "edits are kept in memory alone");
                    driver.begin_in_memory(problem.to_string());
                }
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
            core.keeper.handle_found(&opened.boards);
            core.is_open = true;
            let inputs = std::mem::take(&mut core.waiting);
            core.waiting.push_back(Input::Opened(opened.into()));
            (core.storage.jobs.waiting.take(), inputs)
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
    pub(super) fn keep_board(&self, board: CachedBoard, how: Keep) {
        self.add_job(Job::Keep(board, how));
    }

    /// Forgets a board that the user may not see any more.
    pub(super) fn forget_board(&self, board: BoardId) {
        self.add_job(Job::Forget(board));
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
            (Medium::Memory(_) | Medium::Over, Job::Keep(..) | Job::Forget(_)) | (Medium::Over, Job::Handle(_)) => {}
            (Medium::Memory(_) | Medium::Over, Job::Clear(sender)) => {
                core.storage.medium = Medium::Over;
                let _ = sender.send(Ok(()));
            }
            (Medium::Opening, job) => core.storage.jobs.add(job),
            (Medium::Indexed(outbox), job) => {
                let jobs = Rc::clone(&core.storage.jobs);
                jobs.add(job);
                if !jobs.is_worked_on.replace(true) {
                    spawn_local(work(self.this.clone(), jobs, Rc::clone(outbox)));
                }
            }
        }
    }

    fn is_storage_full(&self) -> bool {
        self.core.borrow().storage.told == StorageStatus::QuotaExceeded
    }

    /// Tells the engine a changed status, then the reply.
    fn tell_stored(&self, status: StorageStatus, reply: Option<StoreReply>) {
        {
            let mut core = self.core.borrow_mut();
            if core.storage.told != status {
                tracing::warn!(?status, "storage changed");
                core.storage.told = status.clone();
                core.waiting.push_back(Input::Storage(status));
            }
            core.waiting.extend(reply.map(Input::Stored));
        }
        self.run();
    }

    /// Keeps nothing under this name any more: the user has signed out, here or in another tab.
    pub(super) fn close_storage(&self) {
        let mut core = self.core.borrow_mut();
        core.storage.jobs.waiting.borrow_mut().clear();
        let medium = std::mem::replace(&mut core.storage.medium, Medium::Over);
        drop(core);
        drop(medium);
    }
}

impl Jobs {
    fn add(&self, job: Job) {
        self.waiting.borrow_mut().push_back(job);
    }

    fn next(&self) -> Option<Job> {
        let job = self.waiting.borrow_mut().pop_front();
        self.is_worked_on.set(job.is_some());
        job
    }
}

/// Does all that is to be done, one after the other.
async fn work(driver: Weak<Driver>, jobs: Rc<Jobs>, mut outbox: Rc<IndexedOutbox>) {
    while let Some(job) = jobs.next() {
        match job {
            Job::Handle(request) => match handle(&driver, outbox, &request).await {
                Some(next) => outbox = next,
                None => return,
            },
            // Nothing depends on it.
            Job::Keep(board, how) => drop(outbox.keep_board(&board, how).await),
            Job::Forget(board) => drop(outbox.forget_board(&board).await),
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

/// Carries out one request, however often it has to be tried; where to carry out the next. `None` when there is nobody
/// left to try it for.
async fn handle(
    driver: &Weak<Driver>,
    mut outbox: Rc<IndexedOutbox>,
    request: &StoreRequest,
) -> Option<Rc<IndexedOutbox>> {
    let mut delay = FIRST_RETRY;
    loop {
        let handled = try_to_handle(&outbox, request).await;
        let alive = driver.upgrade();
        match (handled, &alive) {
            (Ok(_), None) => return Some(outbox),
            (Err(_), None) => return None,
            (Ok((status, reply)), Some(driver)) => {
                let writes_an_edit = matches!(request, StoreRequest::Append { .. } | StoreRequest::SetAside { .. });
                // That something else succeeds says nothing of room for edits.
                let is_still_full = !writes_an_edit && driver.is_storage_full();
                driver.tell_stored(if is_still_full { StorageStatus::QuotaExceeded } else { status }, reply);
                return Some(outbox);
            }
            (Err(Problem::NotOurs), Some(driver)) => {
                driver.end_signed_out();
                return None;
            }
            (Err(Problem::Full), Some(driver)) => driver.tell_stored(StorageStatus::QuotaExceeded, None),
            (Err(problem), Some(driver)) => {
                driver.tell_stored(StorageStatus::MemoryOnly { reason: problem.to_string() }, None);
            }
        }
        drop(alive);
        sleep(delay).await;
        delay = (delay * 2).min(LAST_RETRY);
        let closed = Rc::clone(&outbox);
        if let Ok(reopened) = in_time(async move { closed.reopen().await }).await {
            outbox = Rc::new(reopened);
            let alive = driver.upgrade()?;
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

/// Opens something, unless the browser takes too long. An opening that comes late is closed again.
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
