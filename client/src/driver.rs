//! Runs the engine in a browser: feeds it what happens and does what it says.
//!
//! In: events of sockets, timers and the window; the hooks' wishes. Out: the browser's APIs, each in a file of its own,
//! and calls to those who observe. Never: a decision, or a call to anyone while the engine is borrowed.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, VecDeque},
    rc::{Rc, Weak},
};

use gloo::render::{AnimationFrame, request_animation_frame};
use tideboard_engine::{
    ApplyError, Config, Edit, EditEnd, EditId, Engine, Input, Key, Now, Output, Reader, SendResult, SocketEpoch,
    SocketEvent, SubscriptionId,
};
use tideboard_shared::{ClientMessage, DecodeError, ServerMessage, message::Subscribe};
use yew::Callback;

use crate::{MessageType, Subscription};

mod clock;
mod identity;
mod observers;
mod online;
mod rest;
mod socket;
mod storage;
mod timers;

use observers::Observers;
pub(crate) use observers::{ObserverId, OnChange};
use online::Online;
use socket::Socket;
use storage::Storage;
use timers::Timer;

/// What goes wrong beneath the application. The connection looks after itself; this is for logs.
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
    /// The server did not like something that was said to it.
    #[error("the server reports: {0}")]
    Server(String),
}

/// What a driver is made from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DriverOptions {
    pub(crate) url: String,
    pub(crate) config: Config,
    pub(crate) on_error: Callback<RealtimeError>,
}

/// One client of one server. Everything else reaches the engine through it.
pub struct Driver {
    url: String,
    on_error: Callback<RealtimeError>,
    core: RefCell<Core>,
    this: Weak<Self>,
    _online: Online,
}

/// All that changes.
struct Core {
    engine: Engine,
    storage: Storage,
    socket: Option<Socket>,
    timer: Option<Timer>,
    /// The frame that the engine waits for.
    frame: Option<AnimationFrame>,
    observers: Observers,
    listeners: BTreeMap<u64, Listener>,
    last_listener: u64,
    /// Who wants to know how an edit ends.
    ends: BTreeMap<EditId, Box<dyn FnOnce(EditEnd)>>,
    /// What happened while outputs were carried out.
    waiting: VecDeque<Input>,
    is_running: bool,
}

struct Listener {
    wanted: MessageType,
    on_message: Callback<Rc<ServerMessage>>,
}

impl Driver {
    pub(crate) fn new(options: DriverOptions) -> Rc<Self> {
        let driver = Rc::new_cyclic(|this: &Weak<Self>| {
            let driver = this.clone();
            let online = Online::new(move |input| {
                if let Some(driver) = driver.upgrade() {
                    driver.input(input);
                }
            });
            Self {
                url: options.url,
                on_error: options.on_error,
                core: RefCell::new(Core::new(options.config)),
                this: this.clone(),
                _online: online,
            }
        });
        if online::is_online() {
            driver.run();
        } else {
            driver.input(Input::Online(false));
        }
        driver
    }

    /// The time, by the clocks that the engine sees.
    #[must_use]
    pub fn now(&self) -> Now {
        clock::now()
    }

    /// Tells the engine what happened, then does what it wants done.
    pub fn input(&self, input: Input) {
        self.core.borrow_mut().waiting.push_back(input);
        self.run();
    }

    /// Makes an edit; `on_end` hears how it ended, once, if it was accepted.
    ///
    /// # Errors
    /// When it cannot be made now; nothing is changed or queued then.
    pub fn apply(&self, edit: Edit, on_end: impl FnOnce(EditEnd) + 'static) -> Result<EditId, ApplyError> {
        let applied = {
            let mut core = self.core.borrow_mut();
            let applied = core.engine.apply(edit, clock::now());
            if let Ok(id) = &applied {
                core.ends.insert(*id, Box::new(on_end));
            }
            applied
        };
        self.run();
        applied
    }

    /// Starts hearing about a channel, until the subscription is dropped.
    pub fn subscribe(&self, wish: Subscribe) -> Subscription {
        let id = self.core.borrow_mut().engine.subscribe(wish);
        self.run();
        let driver = self.this.clone();
        Subscription::new(move || {
            if let Some(driver) = driver.upgrade() {
                driver.unsubscribe(id);
            }
        })
    }

    /// Sends a message of the application's own.
    pub fn send(&self, message: ClientMessage) -> SendResult {
        let result = self.core.borrow_mut().engine.send(message);
        self.run();
        result
    }

    /// Forgets a notice that the user has seen.
    pub fn dismiss_notice(&self, id: u64) {
        self.core.borrow_mut().engine.dismiss_notice(id);
        self.run();
    }

    /// Calls `on_message` with every message of a type, after the engine has handled it.
    pub fn listen(&self, wanted: MessageType, on_message: Callback<Rc<ServerMessage>>) -> Subscription {
        let mut core = self.core.borrow_mut();
        core.last_listener += 1;
        let id = core.last_listener;
        core.listeners.insert(id, Listener { wanted, on_message });
        let driver = self.this.clone();
        Subscription::new(move || {
            if let Some(driver) = driver.upgrade() {
                // A listener may own the last handle of something that unsubscribes as well: dropped outside the borrow.
                let listener = driver.core.borrow_mut().listeners.remove(&id);
                drop(listener);
            }
        })
    }

    /// Reads the engine, and says what was read. `select` must do nothing else.
    pub fn read<T>(&self, select: impl FnOnce(&Reader<'_>) -> T) -> (T, BTreeSet<Key>) {
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

    fn unsubscribe(&self, id: SubscriptionId) {
        self.core.borrow_mut().engine.unsubscribe(id);
        self.run();
    }

    /// Feeds and drains until there is nothing left to do. A call from within is carried on by the outermost one, so that
    /// outputs are carried out in their order whatever those who are called do.
    fn run(&self) {
        if std::mem::replace(&mut self.core.borrow_mut().is_running, true) {
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
            Output::CloseSocket(epoch) => {
                let socket = self.core.borrow_mut().socket.take_if(|socket| socket.epoch == epoch);
                drop(socket);
            }
            Output::Send { epoch, frame } => {
                if let Some(socket) = self.core.borrow().socket.as_ref().filter(|socket| socket.epoch == epoch) {
                    socket.send(&frame);
                }
            }
            Output::Store(request) => {
                let mut core = self.core.borrow_mut();
                if let Some(reply) = core.storage.handle(request) {
                    core.waiting.push_back(Input::Stored(reply));
                }
            }
            Output::Post { id, body, token } => {
                let driver = self.this.clone();
                rest::post(rest::address(&self.url), body, token, move |result| {
                    if let Some(driver) = driver.upgrade() {
                        driver.input(Input::Posted { id, result });
                    }
                });
            }
            Output::RequestFrame => {
                let driver = self.this.clone();
                let frame = request_animation_frame(move |_| {
                    if let Some(driver) = driver.upgrade() {
                        driver.input(Input::Frame);
                    }
                });
                self.core.borrow_mut().frame = Some(frame);
            }
            Output::Message(message) => self.announce(&message),
            Output::Undecodable(error) => self.on_error.emit(RealtimeError::Undecodable(error)),
            Output::Ended { id, end } => {
                let on_end = self.core.borrow_mut().ends.remove(&id);
                if let Some(on_end) = on_end {
                    on_end(end);
                }
            }
            Output::Changed(keys) => self.notify(&keys),
            // Answers to wishes that no hook makes yet; an overdue edit shows in the views. Other tabs are not spoken of.
            Output::Overdue(_)
            | Output::Refreshed { .. }
            | Output::Answered { .. }
            | Output::Deliver { .. }
            | Output::Tell(_)
            | Output::TakeLead => {}
            Output::Timeout(at, _) => {
                let driver = self.this.clone();
                let timer = Timer::new(at.saturating_sub(clock::now().mono), move || {
                    if let Some(driver) = driver.upgrade() {
                        driver.input(Input::Timeout);
                    }
                });
                self.core.borrow_mut().timer = Some(timer);
            }
        }
    }

    fn open(&self, epoch: SocketEpoch) {
        let driver = self.this.clone();
        let on_event = move |event: SocketEvent| {
            if let Some(driver) = driver.upgrade() {
                driver.input(Input::Socket { epoch, event });
            }
        };
        match Socket::open(&self.url, epoch, on_event) {
            Ok(socket) => {
                let replaced = self.core.borrow_mut().socket.replace(socket);
                drop(replaced);
            }
            Err(problem) => {
                let event = SocketEvent::Closed { code: 1006, reason: problem.clone() };
                self.core.borrow_mut().waiting.push_back(Input::Socket { epoch, event });
                self.on_error.emit(RealtimeError::BadUrl { url: self.url.clone(), problem });
            }
        }
    }

    fn announce(&self, message: &Rc<ServerMessage>) {
        if let ServerMessage::Error { message, .. } = message.as_ref() {
            self.on_error.emit(RealtimeError::Server(message.clone()));
        }
        let kind = MessageType::of(message);
        let wanting = |(id, listener): (&u64, &Listener)| listener.wanted.includes(kind).then_some(*id);
        let wanting: Vec<_> = self.core.borrow().listeners.iter().filter_map(wanting).collect();
        for id in wanting {
            // Looked up one by one: an earlier one may have ended a later one.
            let on_message = self.core.borrow().listeners.get(&id).map(|listener| listener.on_message.clone());
            if let Some(on_message) = on_message {
                on_message.emit(Rc::clone(message));
            }
        }
    }

    fn notify(&self, keys: &[Key]) {
        let concerned = self.core.borrow().observers.concerned(keys);
        for id in concerned {
            // Looked up one by one: an earlier one may have ended a later one.
            let on_change = self.core.borrow().observers.callback(id);
            if let Some(on_change) = on_change {
                let keys = on_change(self);
                self.core.borrow_mut().observers.set_keys(id, keys);
            }
        }
    }
}

impl Core {
    fn new(config: Config) -> Self {
        Self {
            engine: Engine::new(config, identity::identity(None)),
            storage: Storage::default(),
            socket: None,
            timer: None,
            frame: None,
            observers: Observers::default(),
            listeners: BTreeMap::new(),
            last_listener: 0,
            ends: BTreeMap::new(),
            waiting: VecDeque::new(),
            is_running: false,
        }
    }

    /// Feeds what waits, draining after each as the engine's contract wants it, and gives all that is to be done.
    fn advance(&mut self) -> Vec<Output> {
        let mut outputs: Vec<_> = std::iter::from_fn(|| self.engine.poll_output()).collect();
        while let Some(input) = self.waiting.pop_front() {
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
