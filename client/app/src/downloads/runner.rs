use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    fmt,
    rc::Rc,
};

use gloo::utils::window;
use js_sys::Array;
use serde_json::Value;
use tideboard_client::{
    Realtime,
    entities::{Download, DownloadStatus},
    hooks::CollectionItem,
};
use tideboard_engine::{ConflictStrategy, Edit};
use tideboard_shared::{Action, BoardId, EntityId};
use tideboard_ui::widgets::DownloadRow;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, Blob, HtmlAnchorElement, Url};
use yew::Callback;

use super::{
    MOST_AT_ONCE,
    rules::smoothed,
    transfer::{End, Step, transfer},
};

/// Time between two reports of a download's progress to the board.
const TELL_EVERY_MS: f64 = 500.0;

/// The downloads that this tab fetches, or has fetched.
pub(super) struct Runner {
    realtime: Realtime,
    board: BoardId,
    tab: String,
    jobs: RefCell<BTreeMap<EntityId, Rc<Job>>>,
    /// Addresses that the user of this tab wants fetched. Of other downloads, and of other addresses, the board may say
    /// what it wants.
    wanted: RefCell<BTreeMap<EntityId, String>>,
    /// Shows how far they are, also what was not told yet.
    update: Callback<()>,
}

/// State of one download in this tab.
#[derive(Default)]
pub(super) struct Job {
    /// The file's parts so far, which stay outside of this program's own memory.
    pub(super) parts: RefCell<Array>,
    pub(super) received: Cell<u64>,
    /// 0 while it is not known.
    pub(super) size: Cell<u64>,
    /// Says whether a later part is of the same file.
    pub(super) etag: RefCell<Option<String>>,
    /// While it is being fetched.
    active: RefCell<Option<AbortController>>,
    rate: Cell<Option<f64>>,
    told: Cell<(f64, u64)>,
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner").field("tab", &self.tab).field("jobs", &self.jobs.borrow().len()).finish()
    }
}

impl Job {
    /// Forgets what is there.
    pub(super) fn clear(&self) {
        *self.parts.borrow_mut() = Array::new();
        self.received.set(0);
        self.size.set(0);
        self.etag.take();
    }

    fn stop(&self) {
        self.rate.set(None);
        if let Some(active) = self.active.take() {
            active.abort();
        }
    }
}

impl Runner {
    pub(super) fn new(realtime: Realtime, board: BoardId, update: Callback<()>) -> Rc<Self> {
        let random = || (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
        let tab = format!("{:08x}{:08x}", random(), random());
        Rc::new(Self { realtime, board, tab, jobs: RefCell::default(), wanted: RefCell::default(), update })
    }

    /// Notes that the user wants an address fetched in this tab.
    pub(super) fn want(&self, id: EntityId, url: String) {
        self.wanted.borrow_mut().insert(id, url);
    }

    /// Site that a download comes from, if it is another one than the page's and this user has not asked for its address.
    pub(super) fn site_to_ask_about(&self, id: &EntityId) -> Option<String> {
        let url = self.read(id)?.url;
        if self.is_wanted(id, &url) {
            return None;
        }
        let page = window().location().href().ok()?;
        let url = Url::new_with_base(&url, &page).ok()?;
        let is_own = Url::new(&page).is_ok_and(|page| page.origin() == url.origin());
        (!is_own).then(|| url.host())
    }

    fn is_wanted(&self, id: &EntityId, url: &str) -> bool {
        self.wanted.borrow().get(id).is_some_and(|wanted| wanted == url)
    }

    /// Name of this tab in the field `runner`.
    pub(super) fn tab(&self) -> &str {
        &self.tab
    }

    /// Line of the list, with the facts that only this tab knows.
    pub(super) fn row(&self, item: &CollectionItem<Download>, is_stalled: bool) -> DownloadRow {
        let mut row = DownloadRow::new(item.id.clone(), item.value.clone());
        row.pending = item.pending;
        let jobs = self.jobs.borrow();
        let job = jobs.get(&item.id).filter(|_| item.value.runner == self.tab);
        row.is_here = job.is_some();
        row.is_stalled = is_stalled && job.is_none_or(|job| job.active.borrow().is_none());
        if item.value.status == DownloadStatus::Running
            && let Some(job) = job
        {
            row.download.received_bytes = job.received.get();
            row.rate = job.rate.get();
            // It comes and goes with every step: not worth a mark.
            row.pending = 0;
        }
        row
    }

    /// Starts, stops and forgets as the board says.
    pub(super) fn obey(self: &Rc<Self>, items: &[CollectionItem<Download>]) {
        let is_ours = |item: &&CollectionItem<Download>| {
            item.value.runner == self.tab && self.is_wanted(&item.id, &item.value.url)
        };
        let ours: BTreeSet<_> = items.iter().filter(is_ours).map(|item| &item.id).collect();
        self.jobs.borrow_mut().retain(|id, job| {
            let is_ours = ours.contains(id);
            if !is_ours {
                job.stop();
            }
            is_ours
        });
        for id in ours {
            // As it is now: the list may be one edit behind.
            let Some(download) = self.read(id).filter(|download| self.is_wanted(id, &download.url)) else { continue };
            match download.status {
                DownloadStatus::Queued | DownloadStatus::Running => self.start(id, &download),
                DownloadStatus::Paused => self.stop(id),
                DownloadStatus::Cancelled => {
                    self.stop(id);
                    self.jobs.borrow_mut().remove(id);
                    self.wanted.borrow_mut().remove(id);
                }
                DownloadStatus::Done | DownloadStatus::Failed => {}
            }
        }
    }

    /// Makes what is fetched next begin at its beginning, unless it broke off.
    pub(super) fn start_over(&self, id: &EntityId) {
        if let Some(job) = self.jobs.borrow().get(id).filter(|job| job.size.get() == job.received.get()) {
            job.stop();
            job.clear();
        }
    }

    pub(super) fn stop_all(&self) {
        for job in self.jobs.take().into_values() {
            job.stop();
        }
    }

    /// Hands the file to the user.
    pub(super) fn save(&self, id: &EntityId, name: &str) {
        let parts = self.jobs.borrow().get(id).map(|job| job.parts.borrow().clone());
        let blob = parts.and_then(|parts| Blob::new_with_u8_array_sequence(&parts).ok());
        let Some(url) = blob.and_then(|blob| Url::create_object_url_with_blob(&blob).ok()) else { return };
        let link = gloo::utils::document().create_element("a").ok();
        if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) {
            link.set_href(&url);
            link.set_download(name);
            link.click();
        }
        // The browser has taken hold of the file by the next turn.
        gloo::timers::callback::Timeout::new(0, move || drop(Url::revoke_object_url(&url))).forget();
    }

    fn start(self: &Rc<Self>, id: &EntityId, download: &Download) {
        let job = Rc::clone(self.jobs.borrow_mut().entry(id.clone()).or_default());
        let active = self.jobs.borrow().values().filter(|job| job.active.borrow().is_some()).count();
        if job.active.borrow().is_some() || active >= MOST_AT_ONCE {
            return;
        }
        let Ok(abort) = AbortController::new() else { return };
        let signal = abort.signal();
        *job.active.borrow_mut() = Some(abort);
        job.told.set((js_sys::Date::now(), job.received.get()));
        let runner = Rc::downgrade(self);
        let id = id.clone();
        let url = download.url.clone();
        spawn_local(async move {
            let step = |step: Step| {
                if let Some(runner) = runner.upgrade() {
                    runner.step(&id, &job, step);
                }
            };
            let end = transfer(&job, &url, &signal, step).await;
            if !signal.aborted()
                && let Some(runner) = runner.upgrade()
            {
                job.active.take();
                runner.ended(&id, &job, end);
            }
        });
    }

    fn stop(&self, id: &EntityId) {
        let job = self.jobs.borrow().get(id).cloned();
        let Some(job) = job.filter(|job| job.active.borrow().is_some()) else { return };
        job.stop();
        self.tell(id, [("received_bytes", job.received.get().into()), ("bytes", job.size.get().into())]);
    }

    fn step(&self, id: &EntityId, job: &Job, step: Step) {
        let now_ms = js_sys::Date::now();
        let (told_ms, told) = job.told.get();
        let received = job.received.get();
        let size = job.size.get();
        match step {
            Step::Begun => {
                job.told.set((now_ms, received));
                let fields =
                    [("status", "running".into()), ("received_bytes", received.into()), ("bytes", size.into())];
                self.edit(id, fields, ConflictStrategy::RemoteWins);
            }
            Step::Received if now_ms - told_ms >= TELL_EVERY_MS => {
                job.rate.set(smoothed(job.rate.get(), received.saturating_sub(told), now_ms - told_ms));
                job.told.set((now_ms, received));
                self.update.emit(());
                // One at a time: without a server they would fill the outbox.
                if !self.is_pending(id) {
                    self.tell(id, [("received_bytes", received.into())]);
                }
            }
            Step::Received => {}
        }
    }

    fn ended(&self, id: &EntityId, job: &Job, end: End) {
        job.rate.set(None);
        let received = Value::from(job.received.get());
        match end {
            End::Done => {
                job.size.set(job.received.get());
                self.tell(id, [("status", "done".into()), ("bytes", received.clone()), ("received_bytes", received)]);
            }
            End::Failed(reason) => {
                let fields = [("status", "failed".into()), ("reason", reason.into()), ("received_bytes", received)];
                self.edit(id, fields, ConflictStrategy::RemoteWins);
            }
        }
    }

    /// Writes facts that only this tab can know; they stand whatever others did.
    fn tell<const N: usize>(&self, id: &EntityId, fields: [(&str, Value); N]) {
        self.edit(id, fields, ConflictStrategy::LocalWins);
    }

    fn edit<const N: usize>(&self, id: &EntityId, fields: [(&str, Value); N], strategy: ConflictStrategy) {
        let edit = Edit::new(self.board.clone(), id.clone(), Action::set(fields)).strategy(strategy).by_program();
        // An edit that is refused is told as every other; one that cannot be made now is made again with the next step.
        let _id = self.realtime.apply(edit, |_| {});
    }

    fn read(&self, id: &EntityId) -> Option<Download> {
        let view = self.realtime.read(|reader| reader.entity(&self.board, id))?;
        view.entity.decode().ok()
    }

    fn is_pending(&self, id: &EntityId) -> bool {
        self.realtime.read(|reader| reader.entity(&self.board, id)).is_some_and(|view| view.pending > 0)
    }
}
