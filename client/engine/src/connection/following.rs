use std::time::Duration;

use tideboard_shared::{ClientId, TabId};

use super::{Change, Connection, ConnectionState, Facts};
use tideboard_shared::AccessToken;

use crate::{Now, Outputs, Writer};

/// A connection while another tab has it: what is shown is how that one stands.
impl Connection {
    /// Says whether another tab has the connection, so that this one opens no socket.
    #[must_use]
    pub fn is_following(&self) -> bool {
        self.is_following
    }

    /// Leaves the connection to another tab.
    pub(crate) fn follow(&mut self, out: &mut Outputs) -> Option<Change> {
        if self.is_following {
            return None;
        }
        self.is_wanted = !matches!(self.state, ConnectionState::Idle | ConnectionState::Closed);
        let was_live = self.drop_socket(out);
        self.is_following = true;
        self.enter(ConnectionState::Following, None);
        was_live.then_some(Change::Lost)
    }

    /// Takes the connection over; opens it if the user wants one.
    pub(crate) fn lead(&mut self, now: Now, out: &mut Outputs) {
        self.is_following = false;
        self.attempts = 0;
        self.enter(ConnectionState::Idle, None);
        if self.is_wanted {
            self.open(now, out);
        }
    }

    /// Notes how the leader's connection stands; `None` when nobody is heard of.
    pub(crate) fn handle_leader(&mut self, told: Option<(ConnectionState, u32, Facts)>, now: Now) -> Option<Change> {
        let was_live = self.state.is_live();
        match told {
            Some((state, attempts, facts)) => {
                self.is_wanted = match &state {
                    ConnectionState::Idle | ConnectionState::Following => self.is_wanted,
                    state => *state != ConnectionState::Closed,
                };
                (self.attempts, self.facts) = (attempts, facts);
                self.enter(state.moved(|age| now.mono.saturating_sub(age), |left| now.mono + left), None);
            }
            None => self.enter(ConnectionState::Following, None),
        }
        match (was_live, self.state.is_live()) {
            (false, true) => Some(Change::Live),
            (true, false) => Some(Change::Lost),
            _ => None,
        }
    }

    /// Keeps the decision of a follower's user for the day when the tab leads.
    pub(crate) fn want(&mut self, is_wanted: bool) {
        self.is_wanted = is_wanted;
    }

    /// Says whether the user wants a connection, as far as is known here.
    pub(crate) fn is_wanted(&self) -> bool {
        self.is_wanted
    }

    /// Keeps a token for the day when this tab leads.
    pub(crate) fn keep_token(&mut self, token: AccessToken) {
        self.token = Some(token);
        self.is_token_refused = false;
    }

    /// Keeps what the machine says of its network for the day when this tab leads.
    pub(crate) fn note_online(&mut self, is_online: bool) {
        self.is_online = is_online;
    }

    /// The tab has another name, before it has said anything.
    pub(crate) fn rename_tab(&mut self, tab: TabId) {
        self.identity.tab = tab;
    }

    /// The client has another name, before it has said anything.
    pub(crate) fn rename_writer(&mut self, writer: Writer) {
        self.identity.client = writer.client;
        self.identity.key = writer.key;
    }

    /// The client goes on under another id, with the same key.
    pub(crate) fn renew_client(&mut self, client: ClientId) {
        self.identity.client = client;
    }

    /// State of the connection with ages instead of times.
    pub(crate) fn state_for_others(&self, now: Now) -> ConnectionState {
        self.state.clone().moved(|since| now.mono.saturating_sub(since), |until| until.saturating_sub(now.mono))
    }
}

impl ConnectionState {
    /// State with its times given otherwise: those of the past by `past`, those to come by `future`.
    fn moved(self, past: impl Fn(Duration) -> Duration, future: impl Fn(Duration) -> Duration) -> Self {
        match self {
            Self::Live { since, since_mono } => Self::Live { since, since_mono: past(since_mono) },
            Self::Backoff { attempt, until, reason } => Self::Backoff { attempt, until: future(until), reason },
            state => state,
        }
    }
}
