//! A WebSocket of any server, kept open without our protocol.
//!
//! In: an address, rules, what the browser reports. Out: messages and a state, a call at every change, what could not be
//! sent yet. Never: an event of a socket that was replaced, or a retry after [`PlainSocket::disconnect`].

use std::{
    cell::RefCell,
    collections::VecDeque,
    rc::{Rc, Weak},
    time::Duration,
};

use gloo::timers::callback::Timeout;
use tideboard_engine::{SendResult, connection::LastClose};
use tideboard_shared::UnixMs;
use wasm_bindgen_futures::spawn_local;

use crate::{TextProvider, latest::Latest};

mod link;
mod rules;

use link::{Link, LinkEvent};
pub(crate) use rules::{Callbacks, Rules};
pub use rules::{Overflow, PlainQueue, PlainReconnect};

/// What comes and goes over the socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlainMessage {
    /// A text frame.
    Text(String),
    /// A binary frame.
    Binary(Vec<u8>),
}

impl PlainMessage {
    fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }
}

/// Where the socket stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PlainState {
    /// Never asked to connect.
    #[default]
    Idle,
    /// It is being opened.
    Connecting {
        /// Which try in a row, from 1.
        attempt: u32,
    },
    /// Messages flow.
    Open {
        /// Since when, by the user's clock.
        since: UnixMs,
    },
    /// Waiting before the next try.
    Backoff {
        /// Which try that will be, from 1.
        attempt: u32,
        /// When, by the user's clock.
        until: UnixMs,
    },
    /// As many tries failed as may, or the rules want no other.
    GaveUp {
        /// How many there were.
        attempts: u32,
    },
    /// Closed on purpose.
    Closed,
}

/// One socket, and those that replace it.
pub(crate) struct PlainSocket {
    url: TextProvider,
    rules: Latest<Rc<Rules>>,
    callbacks: Latest<Rc<Callbacks>>,
    core: RefCell<Core>,
    on_change: Box<dyn Fn()>,
    this: Weak<Self>,
}

#[derive(Default)]
struct Core {
    state: PlainState,
    link: Option<Link>,
    timer: Option<Timeout>,
    attempt: u32,
    /// Tells an attempt from those that it replaced.
    epoch: u64,
    opened_at: Option<f64>,
    last_close: Option<LastClose>,
    queue: VecDeque<PlainMessage>,
    queued_bytes: usize,
}

impl PlainSocket {
    pub(crate) fn new(url: TextProvider, on_change: impl Fn() + 'static) -> Rc<Self> {
        Rc::new_cyclic(|this| Self {
            url,
            rules: Latest::new(Rc::default()),
            callbacks: Latest::new(Rc::default()),
            core: RefCell::default(),
            on_change: Box::new(on_change),
            this: this.clone(),
        })
    }

    pub(crate) fn set_up(&self, rules: Rules, callbacks: Callbacks) {
        self.rules.set(Rc::new(rules));
        self.callbacks.set(Rc::new(callbacks));
    }

    pub(crate) fn state(&self) -> PlainState {
        self.core.borrow().state.clone()
    }

    pub(crate) fn attempt(&self) -> u32 {
        self.core.borrow().attempt
    }

    pub(crate) fn last_close(&self) -> Option<LastClose> {
        self.core.borrow().last_close.clone()
    }

    /// Bytes that were taken and have not left the machine: in the queue, or in the browser's.
    pub(crate) fn buffered_bytes(&self) -> usize {
        let core = self.core.borrow();
        core.queued_bytes + core.link.as_ref().map_or(0, Link::buffered_bytes)
    }

    /// Connects, unless it does already.
    pub(crate) fn connect(&self) {
        let is_under_way = match self.core.borrow().state {
            PlainState::Connecting { .. } | PlainState::Open { .. } | PlainState::Backoff { .. } => true,
            PlainState::Idle | PlainState::GaveUp { .. } | PlainState::Closed => false,
        };
        if !is_under_way {
            self.core.borrow_mut().attempt = 0;
            self.open();
        }
    }

    /// Connects at once: skips a wait, or replaces a connection.
    pub(crate) fn reconnect_now(&self) {
        let was_open = matches!(self.state(), PlainState::Open { .. });
        self.open();
        if was_open {
            self.callbacks.get().on_close.emit(None);
        }
    }

    /// Closes it for good.
    pub(crate) fn disconnect(&self) {
        let was_open = matches!(self.state(), PlainState::Open { .. });
        self.replace(PlainState::Closed);
        if was_open {
            self.callbacks.get().on_close.emit(None);
        }
    }

    /// Closes it without a word; what waits is dropped.
    pub(crate) fn end(&self) {
        let held = {
            let mut core = self.core.borrow_mut();
            core.epoch += 1;
            core.state = PlainState::Closed;
            (core.link.take(), core.timer.take(), std::mem::take(&mut core.queue))
        };
        drop(held);
    }

    pub(crate) fn send(&self, message: PlainMessage) -> SendResult {
        let rules = self.rules.get();
        let mut core = self.core.borrow_mut();
        if matches!(core.state, PlainState::Open { .. })
            && let Some(link) = &core.link
            && link.send(&message)
        {
            return SendResult::Sent;
        }
        let PlainQueue { max_len, max_bytes, overflow } = rules.queue;
        let bytes = message.bytes();
        if max_len == 0 || bytes > max_bytes {
            return SendResult::Refused;
        }
        while core.queue.len() >= max_len || core.queued_bytes + bytes > max_bytes {
            match overflow {
                Overflow::Refuse => return SendResult::Refused,
                Overflow::DropOldest => core.forget_oldest(),
            }
        }
        core.queued_bytes += bytes;
        core.queue.push_back(message);
        SendResult::Queued
    }

    /// The state after everything that was under way has been given up.
    fn replace(&self, state: PlainState) {
        let held = {
            let mut core = self.core.borrow_mut();
            core.epoch += 1;
            core.state = state;
            (core.link.take(), core.timer.take())
        };
        drop(held);
        (self.on_change)();
    }

    fn open(&self) {
        let attempt = {
            let mut core = self.core.borrow_mut();
            core.attempt += 1;
            core.attempt
        };
        self.replace(PlainState::Connecting { attempt });
        let (epoch, this) = (self.core.borrow().epoch, self.this.clone());
        let timeout = self.timer(self.rules.get().connect_timeout, |socket| {
            socket.handle_closed(1006, "no connection in time".to_owned());
        });
        self.core.borrow_mut().timer = Some(timeout);
        let url = self.url.ask();
        spawn_local(async move {
            let url = url.await;
            if let Some(socket) = this.upgrade().filter(|socket| socket.core.borrow().epoch == epoch) {
                match url {
                    Ok(url) => socket.open_link(&url),
                    Err(problem) => socket.handle_closed(1006, problem),
                }
            }
        });
    }

    fn open_link(&self, url: &str) {
        let (epoch, this) = (self.core.borrow().epoch, self.this.clone());
        let on_event = move |event: LinkEvent| {
            if let Some(socket) = this.upgrade().filter(|socket| socket.core.borrow().epoch == epoch) {
                socket.handle(event);
            }
        };
        match Link::open(url, &self.rules.get().protocols, on_event) {
            Ok(link) => self.core.borrow_mut().link = Some(link),
            Err(problem) => {
                self.callbacks.get().on_error.emit(problem.clone());
                self.handle_closed(1006, problem);
            }
        }
    }

    fn handle(&self, event: LinkEvent) {
        match event {
            LinkEvent::Opened => self.handle_opened(),
            LinkEvent::Message(message) => self.callbacks.get().on_message.emit(message),
            LinkEvent::Closed { code, reason } => self.handle_closed(code, reason),
        }
    }

    fn handle_opened(&self) {
        let queue = {
            let mut core = self.core.borrow_mut();
            core.timer = None;
            core.opened_at = Some(js_sys::Date::now());
            core.state = PlainState::Open { since: UnixMs(js_sys::Date::now() as u64) };
            core.queued_bytes = 0;
            std::mem::take(&mut core.queue)
        };
        for message in queue {
            self.send(message);
        }
        (self.on_change)();
        self.callbacks.get().on_open.emit(());
    }

    fn handle_closed(&self, code: u16, reason: String) {
        let (rules, callbacks) = (self.rules.get(), self.callbacks.get());
        let close = LastClose { code, reason, at: UnixMs(js_sys::Date::now() as u64) };
        let (was_open, attempt) = {
            let mut core = self.core.borrow_mut();
            core.last_close = Some(close.clone());
            let lived = core.opened_at.take().map(|at| js_sys::Date::now() - at);
            if lived.is_some_and(|lived| lived >= rules.reconnect.stable_after.as_millis() as f64) {
                core.attempt = 0;
            }
            (lived.is_some(), core.attempt)
        };
        let is_over = rules.reconnect.max_attempts.is_some_and(|most| attempt >= most)
            || rules.should_retry.as_ref().is_some_and(|should_retry| !should_retry.emit(close.clone()));
        if is_over {
            self.replace(PlainState::GaveUp { attempts: attempt });
        } else {
            let delay = rules.reconnect.delay(attempt + 1);
            let until = UnixMs((js_sys::Date::now() + delay.as_millis() as f64) as u64);
            self.replace(PlainState::Backoff { attempt: attempt + 1, until });
            let timer = self.timer(delay, Self::open);
            self.core.borrow_mut().timer = Some(timer);
        }
        if was_open {
            callbacks.on_close.emit(Some(close));
        }
        if is_over { callbacks.on_gave_up.emit(attempt) } else { callbacks.on_reconnecting.emit(attempt + 1) }
    }

    fn timer(&self, delay: Duration, call: impl FnOnce(&Self) + 'static) -> Timeout {
        let (this, epoch) = (self.this.clone(), self.core.borrow().epoch);
        let millis = u32::try_from(delay.as_millis().min(i32::MAX as u128)).unwrap_or(u32::MAX);
        Timeout::new(millis, move || {
            if let Some(socket) = this.upgrade().filter(|socket| socket.core.borrow().epoch == epoch) {
                call(&socket);
            }
        })
    }
}

impl Core {
    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.queue.pop_front() {
            self.queued_bytes -= oldest.bytes();
        }
    }
}
