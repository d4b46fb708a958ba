//! Faults on purpose around one client, for `RealtimeDemo`.
//!
//! In: settings, and everything on its way between engine, server and storage. Out: the same, late, not at all, or with
//! another end; a log of it. Never: a fault that outlives its [`FaultControl`]; frames in another order.

use std::{
    cell::RefCell,
    rc::{Rc, Weak},
    time::Duration,
};

use futures_channel::oneshot;
use gloo::timers::callback::Timeout;
use tideboard_client::{Driver, Interceptor, OnPosted, PostRequest, StorageRoom};
use tideboard_engine::{ConnectionState, PostError, SocketEpoch, SocketEvent};
use tideboard_shared::message::{CloseCode, Submit};

mod control;
mod frames;
mod lane;

use control::OnCaught;
pub(crate) use control::{Caught, FaultControl};
use frames::FrameLog;
pub(crate) use frames::{Direction, Fate, Frame};
use lane::Lane;

/// Most frames that a delay holds back each way. A network would not hold more either, so the connection is lost then.
const MOST_HELD: usize = 10_000;

/// Faults in force. Default: none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct FaultSettings {
    /// Cuts the way to the server, both by socket and by post.
    pub(crate) is_cut: bool,
    /// Delay of every frame and post, each way.
    pub(crate) latency: Duration,
    /// Share of frames from the server that get lost, in percent.
    pub(crate) drop_in_percent: u8,
    /// Share of frames to the server that get lost, in percent.
    pub(crate) drop_out_percent: u8,
    /// Room in the browser's storage.
    pub(crate) room: StorageRoom,
}

/// Faults of one client, and the frames that they hold back.
struct Faults {
    driver: Weak<Driver>,
    this: Weak<Self>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    settings: FaultSettings,
    inbound: Lane<(SocketEpoch, SocketEvent)>,
    outbound: Lane<(SocketEpoch, String)>,
    inbound_timer: Option<Timeout>,
    outbound_timer: Option<Timeout>,
    log: FrameLog,
    /// Callback that takes the next edit of a field before it is sent.
    catch: Option<OnCaught>,
    /// Set from the expiry of the token until everything is healed.
    is_expired: bool,
}

impl Interceptor for Faults {
    fn is_cut(&self) -> bool {
        self.state.borrow().settings.is_cut
    }

    fn arrive(&self, epoch: SocketEpoch, event: SocketEvent) {
        let Some(driver) = self.driver.upgrade() else { return };
        let fate = match &event {
            SocketEvent::Frame(frame) => {
                let fate = self.fate(Direction::In);
                self.note(Direction::In, fate, None, frame);
                fate
            }
            SocketEvent::Opened | SocketEvent::Closed { .. } => {
                let is_free = self.state.borrow().inbound.is_free();
                let fate = if is_free && self.settings().latency.is_zero() { Fate::Passed } else { Fate::Delayed };
                self.note(Direction::In, fate, Some(happening(&event)), "");
                fate
            }
        };
        match fate {
            Fate::Dropped => {}
            Fate::Passed => driver.deliver(epoch, event),
            Fate::Delayed => {
                let due = driver.now().mono + self.settings().latency;
                self.state.borrow_mut().inbound.push(due, (epoch, event));
                self.move_inbound();
            }
        }
    }

    fn depart(&self, epoch: SocketEpoch, frame: String) {
        let Some(driver) = self.driver.upgrade() else { return };
        let caught = self.catch(&frame);
        let fate = if caught.is_some() { Fate::Delayed } else { self.fate(Direction::Out) };
        self.note(Direction::Out, fate, None, &frame);
        match fate {
            Fate::Dropped => {}
            Fate::Passed => driver.transmit(epoch, &frame),
            Fate::Delayed => {
                let due = driver.now().mono + self.settings().latency;
                self.state.borrow_mut().outbound.push(due, (epoch, frame));
                self.move_outbound();
            }
        }
        if let Some((on_caught, submit)) = caught {
            on_caught(Caught::new(submit, self.this.clone()));
        }
    }

    fn post(&self, request: PostRequest, on_posted: OnPosted) {
        let FaultSettings { is_cut, latency, .. } = self.settings();
        let fate = if is_cut {
            Fate::Dropped
        } else if latency.is_zero() {
            Fate::Passed
        } else {
            Fate::Delayed
        };
        self.note(Direction::Out, fate, Some("POST".to_owned()), request.body());
        let faults = self.this.clone();
        let on_posted: OnPosted = Box::new(move |result| {
            if let Some(faults) = faults.upgrade() {
                let kind = match &result {
                    Ok(_) => "POST answered".to_owned(),
                    Err(PostError { status }) => {
                        format!("POST failed{}", status.map(|s| format!(" {s}")).unwrap_or_default())
                    }
                };
                faults.note(Direction::In, fate, Some(kind), result.as_ref().map_or("", String::as_str));
            }
            on_posted(result);
        });
        match fate {
            Fate::Dropped => on_posted(Err(PostError { status: None })),
            Fate::Passed => request.send(on_posted),
            Fate::Delayed => wasm_bindgen_futures::spawn_local(async move {
                sleep(latency).await;
                let (sender, receiver) = oneshot::channel();
                request.send(Box::new(move |result| {
                    let _ = sender.send(result);
                }));
                let result = receiver.await.unwrap_or(Err(PostError { status: None }));
                sleep(latency).await;
                on_posted(result);
            }),
        }
    }
}

impl Faults {
    fn new(driver: Weak<Driver>) -> Rc<Self> {
        Rc::new_cyclic(|this| Self { driver, this: this.clone(), state: RefCell::default() })
    }

    fn settings(&self) -> FaultSettings {
        self.state.borrow().settings
    }

    fn note(&self, direction: Direction, fate: Fate, kind: Option<String>, text: &str) {
        if let Some(driver) = self.driver.upgrade() {
            self.state.borrow_mut().log.note(driver.now().wall, direction, fate, kind, text);
        }
    }

    /// Decides the fate of a frame in this direction.
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

    /// Catches the edit in this frame, if a callback waits for one. Holds back this frame and all that follow.
    fn catch(&self, frame: &str) -> Option<(OnCaught, Submit)> {
        let mut state = self.state.borrow_mut();
        state.catch.as_ref()?;
        let submit = control::edit_of_fields(frame)?;
        state.outbound.is_held = true;
        Some((state.catch.take()?, submit))
    }

    /// Delivers the events from the server that are due.
    fn move_inbound(&self) {
        let Some(driver) = self.driver.upgrade() else { return };
        let next = || self.state.borrow_mut().inbound.pop(driver.now().mono);
        while let Some((epoch, event)) = next() {
            driver.deliver(epoch, event);
        }
        let next_at = self.state.borrow().inbound.next_at();
        self.state.borrow_mut().inbound_timer = self.timer(next_at, Self::move_inbound);
        let is_too_much = self.state.borrow().inbound.len() > MOST_HELD;
        self.lose_if(is_too_much);
    }

    /// Sends the frames to the server that are due.
    fn move_outbound(&self) {
        let Some(driver) = self.driver.upgrade() else { return };
        let next = || self.state.borrow_mut().outbound.pop(driver.now().mono);
        while let Some((epoch, frame)) = next() {
            driver.transmit(epoch, &frame);
        }
        let next_at = self.state.borrow().outbound.next_at();
        self.state.borrow_mut().outbound_timer = self.timer(next_at, Self::move_outbound);
        let is_too_much = self.state.borrow().outbound.len() > MOST_HELD;
        self.lose_if(is_too_much);
    }

    fn timer(&self, at: Option<Duration>, act: fn(&Self)) -> Option<Timeout> {
        let delay = at?.saturating_sub(self.driver.upgrade()?.now().mono);
        let faults = self.this.clone();
        Some(Timeout::new(millis(delay), move || {
            if let Some(faults) = faults.upgrade() {
                act(&faults);
            }
        }))
    }

    fn lose_if(&self, is_too_much: bool) {
        if is_too_much {
            self.lose_socket(1006, "more frames than a network holds");
        }
    }

    /// Closes the socket, and tells the engine this code and reason. Frames on their way are lost.
    fn lose_socket(&self, code: u16, reason: &str) {
        let Some(driver) = self.driver.upgrade() else { return };
        {
            let mut state = self.state.borrow_mut();
            state.inbound.clear();
            state.outbound.clear();
        }
        if let Some(epoch) = driver.take_socket() {
            let event = SocketEvent::Closed { code, reason: reason.to_owned() };
            self.note(Direction::In, Fate::Passed, Some(happening(&event)), "");
            driver.deliver(epoch, event);
        }
    }

    fn set(&self, settings: FaultSettings) {
        let Some(driver) = self.driver.upgrade() else { return };
        let before = std::mem::replace(&mut self.state.borrow_mut().settings, settings);
        driver.set_storage_room(settings.room);
        if settings.is_cut && !before.is_cut {
            self.lose_socket(1006, "the network is cut");
        }
        if settings.latency < before.latency {
            let latest = driver.now().mono + settings.latency;
            let mut state = self.state.borrow_mut();
            state.inbound.hurry(latest);
            state.outbound.hurry(latest);
        }
        self.move_inbound();
        self.move_outbound();
        if before.is_cut && !settings.is_cut {
            // The browser would report this when the device finds its network again.
            driver.tell_online();
        }
    }

    fn expire_token(&self) {
        self.state.borrow_mut().is_expired = true;
        self.lose_socket(CloseCode::Unauthorized.code(), "token expired");
    }

    fn heal(&self) {
        let (is_expired, catch) = {
            let mut state = self.state.borrow_mut();
            state.outbound.is_held = false;
            (std::mem::take(&mut state.is_expired), state.catch.take())
        };
        drop(catch);
        self.set(FaultSettings::default());
        let Some(driver) = self.driver.upgrade() else { return };
        if is_expired && driver.read(|reader| reader.connection()).state == ConnectionState::NeedsAuth {
            // The token has not really expired, so it works again.
            driver.reconnect_now();
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

/// Whole milliseconds of a delay, rounded up so that items are due when a timer fires.
fn millis(delay: Duration) -> u32 {
    u32::try_from(delay.as_micros().div_ceil(1_000)).unwrap_or(u32::MAX)
}

async fn sleep(delay: Duration) {
    let (sender, receiver) = oneshot::channel();
    let _timer = Timeout::new(millis(delay), move || {
        let _ = sender.send(());
    });
    let _ = receiver.await;
}
