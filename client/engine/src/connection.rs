//! Keeps one connection to the server, or says why there is none.
//!
//! In: the user's wish, what happens to sockets, signs of life, time. Out: sockets to open and close, `hello` and
//! `ping`, and [`Change`] when the connection goes live or is lost. Never: more than one current socket; an event of a
//! replaced socket has no effect.

use std::time::Duration;

use tideboard_shared::{
    AccessToken, ClientKey, ClientMessage, PROTOCOL, Rights, SessionId, UnixMs, encode,
    message::{CloseCode, ErrorCode, Hello, Welcome},
};

use crate::{Identity, Now, Output, Outputs, SocketEpoch, SocketEvent, TimeoutReason, config::ConnectionConfig};

pub mod backoff;
mod following;
mod state;

pub use state::{ConnectionState, Facts, LastClose, LostReason};

/// News of the connection for the rest of the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// `ready` arrived: send what waits.
    Live,
    /// The live connection is gone: what was in flight may or may not have arrived.
    Lost,
}

/// The manager of the one connection.
#[derive(Debug)]
pub struct Connection {
    config: ConnectionConfig,
    identity: Identity,
    token: Option<AccessToken>,
    state: ConnectionState,
    epoch: SocketEpoch,
    /// Failed or short-lived connections in a row.
    attempts: u32,
    is_online: bool,
    /// Time at which the current state times out.
    deadline: Option<(Duration, TimeoutReason)>,
    /// Arrival of the last frame.
    last_heard: Duration,
    /// A sign of life was asked for and none has come since.
    is_suspected: bool,
    /// The last ping: when it was sent, and what it says.
    last_ping: Option<(Duration, UnixMs)>,
    drain_window: Option<Duration>,
    /// The server refuses the token that would be sent next.
    is_token_refused: bool,
    facts: Facts,
    /// Another tab has the connection; the state is that one's.
    is_following: bool,
    /// While another tab has it: whether the user wants one.
    is_wanted: bool,
}

impl Connection {
    pub(crate) fn new(config: ConnectionConfig, identity: Identity) -> Self {
        Self {
            token: identity.token.clone(),
            config,
            identity,
            state: ConnectionState::Idle,
            epoch: SocketEpoch(0),
            attempts: 0,
            is_online: true,
            deadline: None,
            last_heard: Duration::ZERO,
            is_suspected: false,
            last_ping: None,
            drain_window: None,
            is_token_refused: false,
            facts: Facts::default(),
            is_following: false,
            is_wanted: false,
        }
    }

    /// State of the connection.
    #[must_use]
    pub fn state(&self) -> &ConnectionState {
        &self.state
    }

    /// Facts about the server and the way to it.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Attempts in a row since the last stable connection, the current one included.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempts
    }

    /// The socket on which to send, when this tab has one and it is live.
    #[must_use]
    pub fn live_epoch(&self) -> Option<SocketEpoch> {
        (self.state.is_live() && !self.is_following).then_some(self.epoch)
    }

    /// Time to be called next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<(Duration, TimeoutReason)> {
        self.deadline
    }

    pub(crate) fn handle_connect(&mut self, now: Now, out: &mut Outputs) {
        let is_wanted = matches!(
            self.state,
            ConnectionState::Idle
                | ConnectionState::Closed
                | ConnectionState::Failed { .. }
                | ConnectionState::GaveUp { .. }
        );
        if is_wanted {
            self.attempts = 0;
            self.open(now, out);
        }
    }

    pub(crate) fn handle_disconnect(&mut self, out: &mut Outputs) -> Option<Change> {
        let was_live = self.drop_socket(out);
        self.enter(ConnectionState::Closed, None);
        was_live.then_some(Change::Lost)
    }

    pub(crate) fn handle_reconnect_now(&mut self, now: Now, out: &mut Outputs) -> Option<Change> {
        let was_live = self.drop_socket(out);
        self.attempts = 0;
        self.open(now, out);
        was_live.then_some(Change::Lost)
    }

    pub(crate) fn handle_token(&mut self, token: AccessToken, now: Now, out: &mut Outputs) {
        self.token = Some(token.clone());
        self.is_token_refused = false;
        match &self.state {
            ConnectionState::Live { .. } => self.send(&ClientMessage::Auth { token }, out),
            ConnectionState::NeedsAuth => self.open(now, out),
            _ => {}
        }
    }

    pub(crate) fn handle_online(&mut self, is_online: bool, now: Now, out: &mut Outputs) {
        self.is_online = is_online;
        match &self.state {
            ConnectionState::Live { .. } => self.probe(now, out),
            ConnectionState::Offline if is_online => self.open(now, out),
            ConnectionState::Backoff { .. } if is_online => self.open(now, out),
            ConnectionState::Connecting { .. } | ConnectionState::Greeting { .. } | ConnectionState::Backoff { .. }
                if !is_online =>
            {
                self.drop_socket(out);
                self.enter(ConnectionState::Offline, None);
            }
            _ => {}
        }
    }

    /// The page became visible or the machine woke up: a backoff ends, a live socket has to prove itself.
    pub(crate) fn handle_wake(&mut self, now: Now, out: &mut Outputs) {
        match &self.state {
            ConnectionState::Live { .. } => self.probe(now, out),
            ConnectionState::Backoff { .. } => self.open(now, out),
            _ => {}
        }
    }

    /// Says whether an event of this socket still matters.
    #[must_use]
    pub(crate) fn is_current(&self, epoch: SocketEpoch) -> bool {
        epoch == self.epoch && self.state.has_socket() && !self.is_following
    }

    /// Handles the opening or closing of the current socket; frames go to the engine.
    pub(crate) fn handle_socket(
        &mut self,
        event: &SocketEvent,
        now: Now,
        rng: &mut fastrand::Rng,
        out: &mut Outputs,
    ) -> Option<Change> {
        self.last_heard = now.mono;
        match event {
            SocketEvent::Opened => {
                let ConnectionState::Connecting { attempt } = self.state else { return None };
                self.state = ConnectionState::Greeting { attempt };
                let hello = Hello {
                    protocol: PROTOCOL,
                    client: self.identity.client.clone(),
                    key: Some(self.identity.key.clone()),
                    tab: self.identity.tab.clone(),
                    token: self.token.clone(),
                    schema: self.identity.schema,
                };
                self.send(&ClientMessage::Hello(hello), out);
                None
            }
            SocketEvent::Frame(_) => {
                if self.state.is_live() {
                    self.is_suspected = false;
                    self.await_silence();
                }
                None
            }
            SocketEvent::Closed { code, reason } => {
                self.facts.last_close = Some(LastClose { code: *code, reason: reason.clone(), at: now.wall });
                self.handle_lost(LostReason::Closed { code: *code }, now, rng)
            }
        }
    }

    pub(crate) fn handle_welcome(&mut self, welcome: &Welcome, now: Now) {
        self.note_server_time(welcome.server_time, now, Duration::ZERO);
        self.facts.welcome = Some(welcome.clone());
    }

    pub(crate) fn handle_ready(
        &mut self,
        session: &SessionId,
        user: &str,
        rights: &Rights,
        now: Now,
    ) -> Option<Change> {
        self.facts.session = Some(session.clone());
        self.facts.user = Some(user.to_owned());
        self.facts.rights = rights.clone();
        if self.state.is_live() {
            return None;
        }
        self.drain_window = None;
        self.enter(ConnectionState::Live { since: now.wall, since_mono: now.mono }, None);
        self.await_silence();
        Some(Change::Live)
    }

    pub(crate) fn handle_pong(&mut self, t: UnixMs, server_time: UnixMs, now: Now) {
        let Some((sent, _)) = self.last_ping.take_if(|(_, says)| *says == t) else { return };
        let rtt = now.mono.saturating_sub(sent);
        self.facts.rtt = Some(rtt);
        self.note_server_time(server_time, now, rtt / 2);
    }

    pub(crate) fn handle_draining(&mut self, reconnect_after_ms: u64) {
        self.drain_window = Some(Duration::from_millis(reconnect_after_ms));
    }

    /// The server refused the token over REST: it will over the socket too.
    pub(crate) fn handle_unauthorised(&mut self, out: &mut Outputs) -> Option<Change> {
        let was_live = self.drop_socket(out);
        self.enter(ConnectionState::NeedsAuth, None);
        was_live.then_some(Change::Lost)
    }

    /// Token for `hello`.
    #[must_use]
    pub(crate) fn token(&self) -> Option<&AccessToken> {
        self.token.as_ref()
    }

    /// Key for operations.
    #[must_use]
    pub(crate) fn key(&self) -> &ClientKey {
        &self.identity.key
    }

    pub(crate) fn handle_error(&mut self, code: ErrorCode) {
        self.is_token_refused |= code == ErrorCode::Unauthorized;
    }

    pub(crate) fn handle_timeout(&mut self, now: Now, rng: &mut fastrand::Rng, out: &mut Outputs) -> Option<Change> {
        if self.deadline.is_none_or(|(at, _)| at > now.mono) {
            return None;
        }
        self.deadline = None;
        match &self.state {
            ConnectionState::Connecting { .. } | ConnectionState::Greeting { .. } => {
                self.drop_socket(out);
                self.handle_lost(LostReason::ConnectTimeout, now, rng)
            }
            ConnectionState::Backoff { .. } => {
                self.open(now, out);
                None
            }
            ConnectionState::Live { .. } if self.is_suspected => {
                let change = self.handle_lost(LostReason::HeartbeatTimeout, now, rng);
                out.push(Output::CloseSocket(self.epoch));
                change
            }
            ConnectionState::Live { .. } => {
                self.ping(now, self.config.heartbeat.timeout.get(), out);
                None
            }
            _ => None,
        }
    }

    fn open(&mut self, now: Now, out: &mut Outputs) {
        if !self.is_online {
            return self.enter(ConnectionState::Offline, None);
        }
        self.attempts += 1;
        self.epoch = SocketEpoch(self.epoch.0 + 1);
        self.is_suspected = false;
        out.push(Output::OpenSocket(self.epoch));
        let deadline = now.mono + self.config.connect_timeout.get();
        self.enter(ConnectionState::Connecting { attempt: self.attempts }, Some((deadline, TimeoutReason::Connect)));
    }

    /// Decides what follows the end of a socket that was not closed on purpose.
    fn handle_lost(&mut self, reason: LostReason, now: Now, rng: &mut fastrand::Rng) -> Option<Change> {
        let mut was_live = false;
        if let ConnectionState::Live { since_mono, .. } = self.state {
            was_live = true;
            if now.mono.saturating_sub(since_mono) >= self.config.reconnect.stable_after.get() {
                self.attempts = 0;
            }
        }
        self.is_suspected = false;
        let change = was_live.then_some(Change::Lost);
        let code = match reason {
            LostReason::Closed { code } => Some(code),
            LostReason::ConnectTimeout | LostReason::HeartbeatTimeout => None,
        };
        let is = |wanted: CloseCode| code == Some(wanted.code());
        if is(CloseCode::Unauthorized) || self.is_token_refused {
            self.enter(ConnectionState::NeedsAuth, None);
        } else if is(CloseCode::Protocol) || is(CloseCode::Forbidden) {
            self.enter(ConnectionState::Failed { code: code.unwrap_or_default() }, None);
        } else if self.config.reconnect.max_attempts.is_some_and(|most| self.attempts >= u32::from(most)) {
            self.enter(ConnectionState::GaveUp { attempts: self.attempts }, None);
        } else if !self.is_online {
            self.enter(ConnectionState::Offline, None);
        } else {
            let delay = self.delay(is(CloseCode::Restart) || is(CloseCode::TryLater), rng);
            let until = now.mono + delay;
            let attempt = self.attempts + 1;
            self.enter(ConnectionState::Backoff { attempt, until, reason }, Some((until, TimeoutReason::Reconnect)));
        }
        change
    }

    fn delay(&mut self, is_restarting: bool, rng: &mut fastrand::Rng) -> Duration {
        let reconnect = &self.config.reconnect;
        let base = reconnect.base.get();
        let max = reconnect.max_delay.get();
        let factor = reconnect.factor.get();
        let jittered = backoff::full_jitter(rng, base, max, factor, self.attempts.max(1));
        match self.drain_window.take() {
            Some(window) => window.mul_f64(rng.f64()),
            // At the first loss only: a server that keeps saying so is given more and more time.
            None if is_restarting && self.attempts <= 1 => reconnect.restart_spread.get().mul_f64(rng.f64()),
            None => jittered,
        }
    }

    /// Asks a suspected socket for a sign of life, with little patience.
    fn probe(&mut self, now: Now, out: &mut Outputs) {
        if !self.is_suspected {
            self.ping(now, self.config.heartbeat.probe_timeout.get(), out);
        }
    }

    fn ping(&mut self, now: Now, patience: Duration, out: &mut Outputs) {
        self.is_suspected = true;
        self.last_ping = Some((now.mono, now.wall));
        self.send(&ClientMessage::Ping { t: now.wall }, out);
        self.deadline = Some((now.mono + patience, TimeoutReason::Heartbeat));
    }

    fn await_silence(&mut self) {
        self.deadline = Some((self.last_heard + self.config.heartbeat.interval.get(), TimeoutReason::Heartbeat));
    }

    fn note_server_time(&mut self, server_time: UnixMs, now: Now, one_way: Duration) {
        let millis = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let one_way = i64::try_from(one_way.as_millis()).unwrap_or_default();
        self.facts.clock_skew_ms = Some(millis(server_time.0).saturating_sub(millis(now.wall.0)) + one_way);
    }

    fn send(&self, message: &ClientMessage, out: &mut Outputs) {
        out.push(Output::Send { epoch: self.epoch, frame: encode(message) });
    }

    /// Closes the current socket, if any; says whether the connection was live.
    fn drop_socket(&mut self, out: &mut Outputs) -> bool {
        self.is_suspected = false;
        if self.state.has_socket() {
            out.push(Output::CloseSocket(self.epoch));
        }
        self.state.is_live()
    }

    fn enter(&mut self, state: ConnectionState, deadline: Option<(Duration, TimeoutReason)>) {
        self.state = state;
        self.deadline = deadline;
    }
}

#[cfg(test)]
mod tests;
