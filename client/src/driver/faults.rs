//! What goes wrong on purpose around one client, for `RealtimeDemo`. Only in builds with the feature `devtools`;
//! `no_faults.rs` stands in its place in all others.
//!
//! In: settings, and everything on its way between engine, server and storage. Out: the same, late, not at all, or with
//! another end; a log of it. Never: a fault that outlives the [`FaultControl`] that wanted it; frames in another order.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use tideboard_engine::{ConnectionState, Input, PostError, SocketEpoch, SocketEvent};
use tideboard_shared::message::{CloseCode, Submit};

use super::{Driver, lifecycle, rest, rest::Post};
use crate::clock::{self, Timer};

mod control;
mod frames;
mod lane;

use control::OnCaught;
pub(crate) use control::{Caught, FaultControl, LeadLoss};
use frames::FrameLog;
pub(crate) use frames::{Direction, Fate, Frame};
use lane::Lane;

/// Most frames that a delay holds back each way. A network would not hold more either: the connection is lost then.
const MOST_HELD: usize = 10_000;

/// What goes wrong as long as it is set. Nothing, by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct FaultSettings {
    /// There is no way to the server, neither by socket nor by post.
    pub(crate) is_cut: bool,
    /// By how much every frame and post is late, each way.
    pub(crate) latency: Duration,
    /// Of a hundred frames from the server, how many get lost.
    pub(crate) drop_in_percent: u8,
    /// Of a hundred frames to the server, how many get lost.
    pub(crate) drop_out_percent: u8,
    /// How much of the browser's storage is full.
    pub(crate) full: Full,
}

/// How much of the browser's storage is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Full {
    /// There is room.
    #[default]
    Nothing,
    /// No edit and no board can be written; numbers are given out.
    Rows,
    /// Nothing can be written.
    Everything,
}

/// One client's faults, and what they hold back.
#[derive(Default)]
pub(super) struct Faults {
    state: RefCell<State>,
    quota: Quota,
}

#[derive(Default)]
struct State {
    settings: FaultSettings,
    inbound: Lane<(SocketEpoch, SocketEvent)>,
    outbound: Lane<(SocketEpoch, String)>,
    inbound_timer: Option<Timer>,
    outbound_timer: Option<Timer>,
    /// Noted while somebody wants it.
    log: Option<FrameLog>,
    /// Whom the next edit of a field is shown before it is sent.
    catch: Option<OnCaught>,
    /// Whether a token counts as expired since it was said to be.
    is_expired: bool,
}

/// The room in the browser's storage.
#[derive(Debug, Clone, Default)]
pub(super) struct Quota(Rc<Cell<Full>>);

impl Quota {
    pub(super) fn has_room_for_rows(&self) -> bool {
        self.0.get() == Full::Nothing
    }

    pub(super) fn has_room_for_numbers(&self) -> bool {
        self.0.get() != Full::Everything
    }
}

impl Faults {
    pub(super) fn is_cut(&self) -> bool {
        self.state.borrow().settings.is_cut
    }

    pub(super) fn quota(&self) -> Quota {
        self.quota.clone()
    }

    fn settings(&self) -> FaultSettings {
        self.state.borrow().settings
    }

    fn note(&self, direction: Direction, fate: Fate, kind: Option<String>, text: &str) {
        if let Some(log) = &mut self.state.borrow_mut().log {
            log.note(clock::now().wall, direction, fate, kind, text);
        }
    }

    /// What becomes of a frame in this direction.
    fn fate(&self, direction: Direction) -> Fate {
        let state = self.state.borrow();
        let (percent, is_free) = match direction {
            Direction::In => (state.settings.drop_in_percent, state.inbound.is_free()),
            Direction::Out => (state.settings.drop_out_percent, state.outbound.is_free()),
        };
        if js_sys::Math::random() * 100.0 < f64::from(percent) {
            Fate::Dropped
        } else if is_free && state.settings.latency.is_zero() {
            Fate::Passed
        } else {
            Fate::Delayed
        }
    }
}

/// The seam: what the driver calls instead of the browser.
impl Driver {
    /// A socket reports.
    pub(super) fn arrive(&self, epoch: SocketEpoch, event: SocketEvent) {
        let fate = match &event {
            SocketEvent::Frame(frame) => {
                let fate = self.faults.fate(Direction::In);
                self.faults.note(Direction::In, fate, None, frame);
                fate
            }
            SocketEvent::Opened | SocketEvent::Closed { .. } => {
                let is_free = self.faults.state.borrow().inbound.is_free();
                let fate =
                    if is_free && self.faults.settings().latency.is_zero() { Fate::Passed } else { Fate::Delayed };
                self.faults.note(Direction::In, fate, Some(happening(&event)), "");
                fate
            }
        };
        match fate {
            Fate::Dropped => {}
            Fate::Passed => self.input(Input::Socket { epoch, event }),
            Fate::Delayed => {
                let due = clock::now().mono + self.faults.settings().latency;
                self.faults.state.borrow_mut().inbound.push(due, (epoch, event));
                self.move_inbound();
            }
        }
    }

    /// The engine sends a frame.
    pub(super) fn depart(&self, epoch: SocketEpoch, frame: String) {
        let caught = self.catch(&frame);
        let fate = if caught.is_some() { Fate::Delayed } else { self.faults.fate(Direction::Out) };
        self.faults.note(Direction::Out, fate, None, &frame);
        match fate {
            Fate::Dropped => {}
            Fate::Passed => self.send_frame(epoch, &frame),
            Fate::Delayed => {
                let due = clock::now().mono + self.faults.settings().latency;
                self.faults.state.borrow_mut().outbound.push(due, (epoch, frame));
                self.move_outbound();
            }
        }
        if let Some((on_caught, submit)) = caught {
            on_caught(Caught::new(submit, self.this.clone()));
        }
    }

    /// The engine posts.
    pub(super) fn post(&self, post: Post, on_end: impl FnOnce(Result<String, PostError>) + 'static) {
        let FaultSettings { is_cut, latency, .. } = self.faults.settings();
        let fate = match () {
            () if is_cut => Fate::Dropped,
            () if latency.is_zero() => Fate::Passed,
            () => Fate::Delayed,
        };
        self.faults.note(Direction::Out, fate, Some("POST".to_owned()), &post.body);
        let driver = self.this.clone();
        let on_end = move |result: Result<String, PostError>| {
            if let Some(driver) = driver.upgrade() {
                let text = result.as_ref().map_or("", String::as_str);
                let kind = match &result {
                    Ok(_) => "POST answered".to_owned(),
                    Err(PostError { status }) => {
                        format!("POST failed{}", status.map(|s| format!(" {s}")).unwrap_or_default())
                    }
                };
                driver.faults.note(Direction::In, fate, Some(kind), text);
            }
            on_end(result);
        };
        match fate {
            Fate::Dropped => on_end(Err(PostError { status: None })),
            Fate::Passed => rest::post(post, on_end),
            Fate::Delayed => wasm_bindgen_futures::spawn_local(async move {
                sleep(latency).await;
                let (sender, receiver) = futures_channel::oneshot::channel();
                rest::post(post, move |result| {
                    let _ = sender.send(result);
                });
                let result = receiver.await.unwrap_or(Err(PostError { status: None }));
                sleep(latency).await;
                on_end(result);
            }),
        }
    }
}

impl Driver {
    /// Whether this frame is the edit that somebody waits for, which is held back from here on.
    fn catch(&self, frame: &str) -> Option<(OnCaught, Submit)> {
        let mut state = self.faults.state.borrow_mut();
        state.catch.as_ref()?;
        let submit = control::edit_of_fields(frame)?;
        state.outbound.is_held = true;
        Some((state.catch.take()?, submit))
    }

    /// Hands over what has come in, as far as its moment has come.
    fn move_inbound(&self) {
        let next = || self.faults.state.borrow_mut().inbound.pop(clock::now().mono);
        while let Some((epoch, event)) = next() {
            self.input(Input::Socket { epoch, event });
        }
        let timer = self.timer(self.faults.state.borrow().inbound.next_at(), Self::move_inbound);
        self.faults.state.borrow_mut().inbound_timer = timer;
        self.lose_if(self.faults.state.borrow().inbound.len() > MOST_HELD);
    }

    /// Sends what is to go out, as far as its moment has come.
    fn move_outbound(&self) {
        let next = || self.faults.state.borrow_mut().outbound.pop(clock::now().mono);
        while let Some((epoch, frame)) = next() {
            self.send_frame(epoch, &frame);
        }
        let timer = self.timer(self.faults.state.borrow().outbound.next_at(), Self::move_outbound);
        self.faults.state.borrow_mut().outbound_timer = timer;
        self.lose_if(self.faults.state.borrow().outbound.len() > MOST_HELD);
    }

    fn timer(&self, at: Option<Duration>, act: fn(&Self)) -> Option<Timer> {
        let (at, driver) = (at?, self.this.clone());
        Some(Timer::new(at.saturating_sub(clock::now().mono), move || {
            if let Some(driver) = driver.upgrade() {
                act(&driver);
            }
        }))
    }

    fn lose_if(&self, is_too_much: bool) {
        if is_too_much {
            self.lose_socket(1006, "more frames than a network holds");
        }
    }

    /// Closes the socket, and says that it was closed this way. Nothing that was on its way arrives.
    fn lose_socket(&self, code: u16, reason: &str) {
        {
            let mut state = self.faults.state.borrow_mut();
            state.inbound.clear();
            state.outbound.clear();
        }
        let socket = self.core.borrow_mut().socket.take();
        if let Some(socket) = socket {
            let event = SocketEvent::Closed { code, reason: reason.to_owned() };
            self.faults.note(Direction::In, Fate::Passed, Some(happening(&event)), "");
            let epoch = socket.epoch;
            drop(socket);
            self.input(Input::Socket { epoch, event });
        }
    }

    fn set_faults(&self, settings: FaultSettings) {
        let before = std::mem::replace(&mut self.faults.state.borrow_mut().settings, settings);
        self.faults.quota.0.set(settings.full);
        if settings.is_cut && !before.is_cut {
            self.lose_socket(1006, "the network is cut");
        }
        if settings.latency < before.latency {
            let latest = clock::now().mono + settings.latency;
            let mut state = self.faults.state.borrow_mut();
            state.inbound.hurry(latest);
            state.outbound.hurry(latest);
        }
        self.move_inbound();
        self.move_outbound();
        if before.is_cut && !settings.is_cut {
            // As when a machine finds its network again.
            self.input(Input::Online(lifecycle::is_online()));
        }
    }

    fn expire_token(&self) {
        self.faults.state.borrow_mut().is_expired = true;
        self.lose_socket(CloseCode::Unauthorized.code(), "token expired");
    }

    fn heal(&self) {
        let (is_expired, catch) = {
            let mut state = self.faults.state.borrow_mut();
            state.outbound.is_held = false;
            (std::mem::take(&mut state.is_expired), state.catch.take())
        };
        drop(catch);
        self.set_faults(FaultSettings::default());
        if is_expired && self.read(|reader| reader.connection()).0.state == ConnectionState::NeedsAuth {
            // The token is as good as it was.
            self.input(Input::ReconnectNow);
        }
    }
}

fn happening(event: &SocketEvent) -> String {
    match event {
        SocketEvent::Opened => "opened".to_owned(),
        SocketEvent::Closed { code, .. } => format!("closed {code}"),
        SocketEvent::Frame(_) => "frame".to_owned(),
    }
}

async fn sleep(delay: Duration) {
    let (sender, receiver) = futures_channel::oneshot::channel();
    let _timer = Timer::new(delay, move || {
        let _ = sender.send(());
    });
    let _ = receiver.await;
}
