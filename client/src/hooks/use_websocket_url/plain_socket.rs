//! A WebSocket of any server, kept open without our protocol.
//!
//! In: an address, options, what the browser reports. Out: messages and a state, a call at every change, what could not be
//! sent yet. Never: an event of a socket that was replaced, or a retry after [`PlainSocket::disconnect`].

use std::{
    cell::RefCell,
    collections::VecDeque,
    rc::{Rc, Weak},
    time::Duration,
};

use fastrand::Rng;
use gloo::timers::callback::Timeout;
use tideboard_engine::{
    SendResult,
    connection::{LastClose, backoff},
};
use tideboard_shared::UnixMs;
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

use super::{Overflow, PlainQueue, PlainState, UseWebsocketUrlOptions};
use crate::{
    TextProvider,
    latest::Latest,
    link::{Link, LinkEvent, PlainMessage},
    random::random,
};

/// Socket, and those that replace it.
pub(super) struct PlainSocket {
    url: TextProvider,
    options: Latest<Rc<UseWebsocketUrlOptions>>,
    on_message: Latest<Callback<PlainMessage>>,
    core: RefCell<Core>,
    on_change: Box<dyn Fn()>,
    this: Weak<Self>,
}

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
    rng: Rng,
}

impl PlainSocket {
    pub(super) fn new(url: TextProvider, on_change: impl Fn() + 'static) -> Rc<Self> {
        Rc::new_cyclic(|this| Self {
            url,
            options: Latest::new(Rc::default()),
            on_message: Latest::new(Callback::noop()),
            core: RefCell::new(Core::new()),
            on_change: Box::new(on_change),
            this: this.clone(),
        })
    }

    /// Takes the options of the latest render; messages go to `on_message` instead of theirs.
    pub(super) fn set_up(&self, options: UseWebsocketUrlOptions, on_message: Callback<PlainMessage>) {
        self.options.set(Rc::new(options));
        self.on_message.set(on_message);
    }

    pub(super) fn state(&self) -> PlainState {
        self.core.borrow().state.clone()
    }

    pub(super) fn attempt(&self) -> u32 {
        self.core.borrow().attempt
    }

    pub(super) fn last_close(&self) -> Option<LastClose> {
        self.core.borrow().last_close.clone()
    }

    /// Bytes that were taken and have not left the machine: in the queue, or in the browser's.
    pub(super) fn buffered_bytes(&self) -> usize {
        let core = self.core.borrow();
        core.queued_bytes + core.link.as_ref().map_or(0, Link::buffered_bytes)
    }

    /// Connects, unless it does already.
    pub(super) fn connect(&self) {
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
    pub(super) fn reconnect_now(&self) {
        let was_open = matches!(self.state(), PlainState::Open { .. });
        self.open();
        if was_open {
            self.options.get().on_disconnected.emit(None);
        }
    }

    /// Closes it for good.
    pub(super) fn disconnect(&self) {
        let was_open = matches!(self.state(), PlainState::Open { .. });
        self.replace(PlainState::Closed);
        if was_open {
            self.options.get().on_disconnected.emit(None);
        }
    }

    /// Closes it without a word; what waits is dropped.
    pub(super) fn end(&self) {
        let held = {
            let mut core = self.core.borrow_mut();
            core.epoch += 1;
            core.state = PlainState::Closed;
            (core.link.take(), core.timer.take(), std::mem::take(&mut core.queue))
        };
        drop(held);
    }

    pub(super) fn send(&self, message: PlainMessage) -> SendResult {
        let options = self.options.get();
        let mut core = self.core.borrow_mut();
        if matches!(core.state, PlainState::Open { .. })
            && let Some(link) = &core.link
            && link.send(&message)
        {
            return SendResult::Sent;
        }
        let PlainQueue { max_len, max_bytes, overflow } = options.queue;
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
        let epoch = self.core.borrow().epoch;
        let this = self.this.clone();
        let timeout = self.timer(self.options.get().connect_timeout, |socket| {
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
        let epoch = self.core.borrow().epoch;
        let this = self.this.clone();
        let on_event = move |event: LinkEvent| {
            if let Some(socket) = this.upgrade().filter(|socket| socket.core.borrow().epoch == epoch) {
                socket.handle(event);
            }
        };
        match Link::open(url, &self.options.get().protocols, on_event) {
            Ok(link) => self.core.borrow_mut().link = Some(link),
            Err(problem) => {
                self.options.get().on_error.emit(problem.clone());
                self.handle_closed(1006, problem);
            }
        }
    }

    fn handle(&self, event: LinkEvent) {
        match event {
            LinkEvent::Opened => self.handle_opened(),
            LinkEvent::Message(message) => self.on_message.get().emit(message),
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
        self.options.get().on_connected.emit(());
    }

    fn handle_closed(&self, code: u16, reason: String) {
        let options = self.options.get();
        let close = LastClose { code, reason, at: UnixMs(js_sys::Date::now() as u64) };
        let (was_open, attempt) = {
            let mut core = self.core.borrow_mut();
            core.last_close = Some(close.clone());
            let lived = core.opened_at.take().map(|at| js_sys::Date::now() - at);
            if lived.is_some_and(|lived| lived >= options.reconnect.stable_after.get().as_millis() as f64) {
                core.attempt = 0;
            }
            (lived.is_some(), core.attempt)
        };
        let is_over = options.reconnect.max_attempts.is_some_and(|most| attempt >= u32::from(most))
            || options.should_retry.as_ref().is_some_and(|should_retry| !should_retry.emit(close.clone()));
        if is_over {
            self.replace(PlainState::GaveUp { attempts: attempt });
        } else {
            let reconnect = &options.reconnect;
            let base = reconnect.base.get();
            let longest = reconnect.max_delay.get();
            let factor = reconnect.factor.get();
            let delay = backoff::full_jitter(&mut self.core.borrow_mut().rng, base, longest, factor, attempt.max(1));
            let until = UnixMs((js_sys::Date::now() + delay.as_millis() as f64) as u64);
            self.replace(PlainState::Backoff { attempt: attempt + 1, until });
            let timer = self.timer(delay, Self::open);
            self.core.borrow_mut().timer = Some(timer);
        }
        if was_open {
            options.on_disconnected.emit(Some(close));
        }
        if is_over { options.on_gave_up.emit(attempt) } else { options.on_reconnecting.emit(attempt + 1) }
    }

    fn timer(&self, delay: Duration, call: impl FnOnce(&Self) + 'static) -> Timeout {
        let this = self.this.clone();
        let epoch = self.core.borrow().epoch;
        let millis = u32::try_from(delay.as_millis().min(i32::MAX as u128)).unwrap_or(u32::MAX);
        Timeout::new(millis, move || {
            if let Some(socket) = this.upgrade().filter(|socket| socket.core.borrow().epoch == epoch) {
                call(&socket);
            }
        })
    }
}

impl Core {
    fn new() -> Self {
        Self {
            state: PlainState::Idle,
            link: None,
            timer: None,
            attempt: 0,
            epoch: 0,
            opened_at: None,
            last_close: None,
            queue: VecDeque::new(),
            queued_bytes: 0,
            rng: Rng::with_seed(random()),
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.queue.pop_front() {
            self.queued_bytes -= oldest.bytes();
        }
    }
}
