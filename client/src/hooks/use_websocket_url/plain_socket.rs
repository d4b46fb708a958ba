//! A WebSocket of any server, kept open without our protocol.
//!
//! In: an address, options, what the browser reports. Out: messages and a state, a call at every change, what could not
//! be sent yet. Never: an event of a socket that was replaced, or a retry after [`PlainSocket::disconnect`].

use std::{
    cell::RefCell,
    collections::VecDeque,
    rc::{Rc, Weak},
    time::Duration,
};

use fastrand::Rng;
use tideboard_engine::{
    SendResult,
    connection::{LastClose, backoff},
};
use tideboard_shared::UnixMs;
use wasm_bindgen_futures::spawn_local;

use super::{Overflow, PlainQueue, PlainState, UseWebsocketUrlOptions};
use crate::{
    TextProvider,
    clock::{self, Timer},
    hooks::cells::Latest,
    link::{Link, LinkEvent, PlainMessage},
    random::random,
};

/// Most messages that wait to be drained; beyond, the oldest are dropped and counted.
const UNDRAINED: usize = 10_000;

/// Socket, and those that replace it.
pub(super) struct PlainSocket {
    url: TextProvider,
    options: Latest<Rc<UseWebsocketUrlOptions>>,
    core: RefCell<Core>,
    on_change: Box<dyn Fn()>,
    this: Weak<Self>,
}

struct Core {
    state: PlainState,
    link: Option<Link>,
    timer: Option<Timer>,
    attempt: u32,
    /// Tells an attempt from those that it replaced.
    epoch: u64,
    opened_at: Option<Duration>,
    last_close: Option<LastClose>,
    queue: VecDeque<PlainMessage>,
    queued_bytes: usize,
    received: Received,
    rng: Rng,
}

/// Messages that have come and were not drained.
#[derive(Default)]
pub(super) struct Received {
    pub(super) latest: Option<PlainMessage>,
    pub(super) undrained: VecDeque<PlainMessage>,
    pub(super) dropped: u64,
    /// Rises with every message.
    pub(super) count: u64,
}

impl Received {
    fn add(&mut self, message: PlainMessage) {
        self.count += 1;
        self.latest = Some(message.clone());
        self.undrained.push_back(message);
        if self.undrained.len() > UNDRAINED {
            self.undrained.pop_front();
            self.dropped += 1;
        }
    }
}

impl PlainSocket {
    pub(super) fn new(url: TextProvider, on_change: impl Fn() + 'static) -> Rc<Self> {
        Rc::new_cyclic(|this| Self {
            url,
            options: Latest::new(Rc::default()),
            core: RefCell::new(Core::new()),
            on_change: Box::new(on_change),
            this: this.clone(),
        })
    }

    /// Takes the options of the latest render.
    pub(super) fn set_up(&self, options: UseWebsocketUrlOptions) {
        self.options.set(Rc::new(options));
    }

    /// Reads or changes what was received.
    pub(super) fn received<T>(&self, access: impl FnOnce(&mut Received) -> T) -> T {
        access(&mut self.core.borrow_mut().received)
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
            LinkEvent::Message(message) => self.handle_message(message),
            LinkEvent::Closed { code, reason } => self.handle_closed(code, reason),
        }
    }

    fn handle_message(&self, message: PlainMessage) {
        let options = self.options.get();
        self.core.borrow_mut().received.add(message.clone());
        options.on_message.emit(message);
        if options.renders {
            (self.on_change)();
        }
    }

    fn handle_opened(&self) {
        let queue = {
            let mut core = self.core.borrow_mut();
            core.timer = None;
            let now = clock::now();
            core.opened_at = Some(now.mono);
            core.state = PlainState::Open { since: now.wall };
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
        let now = clock::now();
        let close = LastClose { code, reason, at: now.wall };
        let (was_open, attempt) = {
            let mut core = self.core.borrow_mut();
            core.last_close = Some(close.clone());
            let lived = core.opened_at.take().map(|at| now.mono.saturating_sub(at));
            if lived.is_some_and(|lived| lived >= options.reconnect.stable_after.get()) {
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
            let until = UnixMs(now.wall.0 + u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
            self.replace(PlainState::Backoff { attempt: attempt + 1, until });
            let timer = self.timer(delay, Self::open);
            self.core.borrow_mut().timer = Some(timer);
        }
        if was_open {
            options.on_disconnected.emit(Some(close));
        }
        if is_over { options.on_gave_up.emit(attempt) } else { options.on_reconnecting.emit(attempt + 1) }
    }

    fn timer(&self, delay: Duration, call: impl FnOnce(&Self) + 'static) -> Timer {
        let this = self.this.clone();
        let epoch = self.core.borrow().epoch;
        Timer::new(delay, move || {
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
            received: Received::default(),
            rng: Rng::with_seed(random()),
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.queue.pop_front() {
            self.queued_bytes -= oldest.bytes();
        }
    }
}
