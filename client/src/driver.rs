//! Runs the engine in a browser: feeds it what happens and does what it says.
//!
//! In: events of sockets, timers and the window; the hooks' calls. Out: the browser's APIs, each in a file of its own,
//! and calls to those who observe. Never: a decision, or a call to anyone while the engine is borrowed.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeSet, VecDeque},
    rc::{Rc, Weak},
};

use gloo::render::{AnimationFrame, request_animation_frame};
use tideboard_engine::{
    Config, EditEnd, EditId, Engine, Identity, Input, Key, Migrations, Now, Output, Reader, SocketEpoch, StorageStatus,
};
use tideboard_shared::{DecodeError, ServerMessage, TabId};
use yew::Callback;

use crate::{
    TextProvider,
    clock::{self, Timer},
    console,
    panic::{Unsent, UnsentMark, announce_panics},
};

mod border;
mod calls;
mod channel;
mod guards;
mod identity;
mod keep;
mod lifecycle;
mod locks;
mod observers;
mod replies;
mod rest;
mod socket;
mod storage;
mod tabs;
#[cfg(all(test, target_arch = "wasm32"))]
mod tests;

use border::Border;
#[cfg(feature = "devtools")]
pub use border::{Interceptor, LeadLoss, OnPosted, PostRequest, StorageRoom};
pub use guards::{OpenDelivery, OpenPlan};
use keep::Keeper;
use lifecycle::Lifecycle;
use observers::Observers;
pub(crate) use observers::{ObserverId, OnChange};
pub use replies::{DriverUsage, MessageFilter};
use replies::{Kind, Replies};
use rest::Post;
use socket::Socket;
use storage::Storage;
use tabs::Tabs;

/// Trouble beneath the application. The connection looks after itself; this is for logs.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RealtimeError {
    /// The browser does not accept the server's address.
    #[error("cannot connect to {url}: {problem}")]
    BadUrl {
        /// The address.
        url: String,
        /// The browser's words.
        problem: String,
    },
    /// The server said something that this version cannot read.
    #[error("unreadable message from the server: {0}")]
    Undecodable(DecodeError),
    /// There is no address to connect to.
    #[error("no address: {0}")]
    NoUrl(String),
    /// There is no token to show.
    #[error("no token: {0}")]
    NoToken(String),
    /// The server did not like something that was said to it.
    #[error("the server reports: {0}")]
    Server(String),
    /// The user has signed out in another tab, or has deleted what the browser keeps for this site. Nothing is sent or
    /// kept any more; load the page anew.
    #[error("signed out in another tab, or the browser's storage was deleted")]
    SignedOut,
}

/// Reason why a user is not signed out for good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignOutError {
    /// The connection is closed, but the browser still keeps what it kept.
    #[error("what the browser keeps could not be deleted: {reason}")]
    NotDeleted {
        /// Reason for people.
        reason: String,
    },
}

/// Ingredients of a driver.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DriverOptions {
    pub(crate) url: String,
    /// Address of the socket, asked for at every attempt; `None`: `url`.
    pub(crate) socket_url: Option<TextProvider>,
    /// Name of the browser's storage; `None` keeps everything in memory.
    pub(crate) storage: Option<String>,
    pub(crate) config: Config,
    pub(crate) migrations: Migrations,
    pub(crate) on_error: Callback<RealtimeError>,
}

/// Client of one server. Everything else reaches the engine through it.
pub struct Driver {
    url: String,
    socket_url: Option<TextProvider>,
    on_error: Callback<RealtimeError>,
    core: RefCell<Core>,
    /// Set by a panic, however much of the rest is borrowed then. From then on nothing is heard or done any more.
    has_panicked: Cell<bool>,
    unsent: RefCell<UnsentMark>,
    border: Border,
    this: Weak<Self>,
    _lifecycle: Lifecycle,
}

/// All that changes.
struct Core {
    engine: Engine,
    storage: Storage,
    keeper: Keeper,
    /// The other tabs; `None` for a page that is a client of its own.
    tabs: Option<Tabs>,
    /// The storage and the tab's name, of one that has left the others.
    left_tabs: Option<(String, TabId)>,
    /// Known where edits are kept. Until then inputs wait.
    is_open: bool,
    /// Page asleep.
    is_asleep: bool,
    /// Provider gone, and nobody has connected since.
    is_retired: bool,
    /// User signed out.
    is_over: bool,
    socket: Option<Socket>,
    /// The socket whose address is being asked for.
    asking: Option<SocketEpoch>,
    timer: Option<Timer>,
    /// The frame that the engine waits for.
    frame: Option<AnimationFrame>,
    observers: Observers,
    replies: Replies,
    /// Inputs that came while outputs were carried out.
    waiting: VecDeque<Input>,
    is_running: bool,
}

impl Driver {
    pub(crate) fn new(options: DriverOptions) -> Rc<Self> {
        console::show_trace_lines(&options.config.logging);
        announce_panics();
        let identity = identity::identity(None);
        let driver = Rc::new_cyclic(|this: &Weak<Self>| Self {
            url: options.url,
            socket_url: options.socket_url,
            on_error: options.on_error,
            core: RefCell::new(Core::new(options.config, identity.clone(), options.migrations)),
            has_panicked: Cell::new(false),
            unsent: RefCell::new(UnsentMark::new()),
            border: Border::default(),
            this: this.clone(),
            _lifecycle: Lifecycle::watch(this),
        });
        if !lifecycle::is_online() {
            driver.core.borrow_mut().waiting.push_back(Input::Online(false));
        }
        driver.run();
        driver.start(options.storage, identity);
        driver
    }

    /// The time, by the clocks that the engine sees.
    #[must_use]
    pub fn now(&self) -> Now {
        clock::now()
    }

    /// Tells the engine what happened, then does what it wants done.
    fn input(&self, input: Input) {
        if self.has_panicked.get() {
            return;
        }
        {
            let mut core = self.core.borrow_mut();
            if core.is_over {
                return;
            }
            if matches!(input, Input::Connect) {
                core.is_retired = false;
                self.return_to_tabs(&mut core);
            }
            core.waiting.push_back(input);
        }
        self.run();
    }

    /// Reads the engine. `select` must do nothing else.
    pub fn read<T>(&self, select: impl FnOnce(&Reader<'_>) -> T) -> T {
        self.read_tracked(select).0
    }

    /// Reads the engine, and says which keys were read, for [`Self::observe`].
    pub(crate) fn read_tracked<T>(&self, select: impl FnOnce(&Reader<'_>) -> T) -> (T, BTreeSet<Key>) {
        let core = self.core.borrow();
        let reader = Reader::new(&core.engine);
        let value = select(&reader);
        (value, reader.into_reads())
    }

    /// Calls `on_change` when any of the keys has changed, until [`Self::unobserve`].
    pub(crate) fn observe(&self, keys: BTreeSet<Key>, on_change: OnChange) -> ObserverId {
        self.core.borrow_mut().observers.add(keys, on_change)
    }

    pub(crate) fn unobserve(&self, id: ObserverId) {
        // What the observer holds may unsubscribe in turn: dropped outside the borrow.
        let observer = self.core.borrow_mut().observers.remove(id);
        drop(observer);
    }

    /// Feeds and drains until there is nothing left to do. A call from within is carried on by the outermost one, so
    /// that outputs are carried out in their order whatever those who are called do.
    fn run(&self) {
        if self.has_panicked.get() || std::mem::replace(&mut self.core.borrow_mut().is_running, true) {
            return;
        }
        loop {
            let outputs = self.core.borrow_mut().advance();
            if outputs.is_empty() {
                break;
            }
            for output in outputs {
                self.act(output);
            }
        }
        self.core.borrow_mut().is_running = false;
    }

    fn act(&self, output: Output) {
        match output {
            Output::OpenSocket(epoch) => self.open(epoch),
            Output::CloseSocket(epoch) => self.close(epoch),
            Output::Send { epoch, frame } => self.depart(epoch, frame),
            Output::Store(request) => self.store(request),
            Output::Post { id, body, token } => {
                let input = self.input_later(move |result| Input::Posted { id, result });
                self.post(Post { url: rest::address(&self.url), body, token }, input);
            }
            Output::RequestFrame => {
                let input = self.input_later(|()| Input::Frame);
                let frame = request_animation_frame(move |_| input(()));
                self.core.borrow_mut().frame = Some(frame);
            }
            Output::Timeout(at, _) => {
                let input = self.input_later(|()| Input::Timeout);
                let timer = Timer::new(at.saturating_sub(clock::now().mono), move || input(()));
                self.core.borrow_mut().timer = Some(timer);
            }
            Output::Message(message) => self.announce(&message),
            Output::Undecodable(error) => {
                // The error itself may quote the message.
                tracing::warn!("unreadable message from the server");
                self.on_error.emit(RealtimeError::Undecodable(error));
            }
            Output::Changed(keys) => {
                self.note_unsent(&keys);
                self.note_boards(&keys);
                self.notify(&keys);
            }
            Output::Ended { id, end } => self.end(id, end),
            Output::Overdue(id) => self.tell_listeners(|replies| &mut replies.overdue, &id),
            // Those who asked need not wait for the answer.
            Output::Answered { id, result } => {
                let sender = self.core.borrow_mut().replies.answers.remove(&id);
                let _ = sender.map(|sender| sender.send(result));
            }
            Output::Refreshed { id, result } => {
                let sender = self.core.borrow_mut().replies.refreshes.remove(&id);
                let _ = sender.map(|sender| sender.send(result));
            }
            Output::Deliver { id, items } => {
                let on_items = self.core.borrow().replies.deliveries.get(&id).cloned();
                if let Some(on_items) = on_items {
                    on_items(items);
                }
            }
            Output::Tell(message) => self.tell(message),
            Output::TakeLead => self.take_lead(),
        }
    }

    /// Says in the page how many edits are unsent.
    fn note_unsent(&self, keys: &[Key]) {
        if keys.contains(&Key::Sync) {
            let sync = self.core.borrow().engine.sync_view();
            let is_kept = sync.storage == StorageStatus::Persisted;
            let kept = if is_kept { sync.pending } else { 0 };
            self.unsent.borrow_mut().set(Unsent { kept, unkept: sync.pending - kept });
        }
    }

    /// For what happens later, if the driver still lives then.
    fn input_later<T>(&self, input: impl FnOnce(T) -> Input + 'static) -> impl FnOnce(T) + 'static {
        let driver = self.this.clone();
        move |value| {
            if let Some(driver) = driver.upgrade() {
                driver.input(input(value));
            }
        }
    }

    /// Hands a frame to the socket, if that is still there.
    fn send_frame(&self, epoch: SocketEpoch, frame: &str) {
        if let Some(socket) = self.core.borrow().socket.as_ref().filter(|socket| socket.epoch == epoch) {
            socket.send(frame);
        }
    }

    fn announce(&self, message: &Rc<ServerMessage>) {
        if let ServerMessage::Error { message, .. } = message.as_ref() {
            self.on_error.emit(RealtimeError::Server(message.clone()));
        }
        self.tell_listeners(|replies| &mut replies.messages, message);
    }

    fn end(&self, id: EditId, end: EditEnd) {
        let on_end = self.core.borrow_mut().replies.ends.remove(&id);
        if let Some(on_end) = on_end {
            on_end(end.clone());
        }
        self.tell_listeners(|replies| &mut replies.ended, &(id, end));
    }

    fn tell_listeners<T: Clone>(&self, kind: Kind<T>, event: &T) {
        let ids: Vec<_> = kind(&mut self.core.borrow_mut().replies).keys().copied().collect();
        for id in ids {
            // Looked up one by one: an earlier one may have ended a later one.
            let listener = kind(&mut self.core.borrow_mut().replies).get(&id).cloned();
            if let Some(listener) = listener {
                listener.emit(event.clone());
            }
        }
    }

    fn notify(&self, keys: &[Key]) {
        let concerned = self.core.borrow().observers.concerned(keys);
        for id in concerned {
            // Looked up one by one: an earlier one may have ended a later one.
            let on_change = self.core.borrow().observers.callback(id);
            if let Some(on_change) = on_change {
                let keys = on_change(self, keys);
                self.core.borrow_mut().observers.set_keys(id, keys);
            }
        }
    }
}

impl Core {
    fn new(config: Config, identity: Identity, migrations: Migrations) -> Self {
        Self {
            engine: Engine::with_migrations(config, identity, migrations),
            storage: Storage::new(),
            keeper: Keeper::default(),
            tabs: None,
            left_tabs: None,
            is_asleep: false,
            is_retired: false,
            is_open: false,
            is_over: false,
            socket: None,
            asking: None,
            timer: None,
            frame: None,
            observers: Observers::default(),
            replies: Replies::default(),
            waiting: VecDeque::new(),
            is_running: false,
        }
    }

    /// Feeds what waits, draining after each as the engine's contract wants it, and gives all that is to be done.
    fn advance(&mut self) -> Vec<Output> {
        let mut outputs: Vec<_> = std::iter::from_fn(|| self.engine.poll_output()).collect();
        while self.is_open
            && let Some(input) = self.waiting.pop_front()
        {
            self.engine.handle_input(input, clock::now());
            outputs.extend(std::iter::from_fn(|| self.engine.poll_output()));
        }
        outputs
    }
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Driver").field("url", &self.url).finish_non_exhaustive()
    }
}
