//! Words for each state of a connection, shared by status, banner and indicator.

use tideboard_engine::{ConnectionState, connection::LostReason};

use crate::components::SyncLevel;

/// Words for the state of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionWords {
    /// Severity.
    pub level: SyncLevel,
    /// State in a word or two.
    pub short: &'static str,
    /// Meaning of the state, in a sentence.
    pub long: &'static str,
    /// Label of the button that connects; `None` if pressing it would not help.
    pub action: Option<&'static str>,
}

/// Finds the words for a state. `is_polling`: while the socket is down, the server is reached over REST.
#[must_use]
pub fn connection_words(state: &ConnectionState, is_polling: bool) -> ConnectionWords {
    let words = |level, short, long, action| ConnectionWords { level, short, long, action };
    let again = Some("Reconnect now");
    let connect = Some("Connect");
    let is_trying = !matches!(state, ConnectionState::Live { .. } | ConnectionState::NeedsAuth);
    if is_polling && is_trying {
        let long = "There is no live connection; changes are fetched every few seconds instead.";
        return words(SyncLevel::Waiting, "Polling", long, again);
    }
    match state {
        ConnectionState::Live { .. } => words(SyncLevel::Good, "Live", "Changes arrive as they happen.", None),
        ConnectionState::Connecting { attempt } | ConnectionState::Greeting { attempt } if *attempt > 1 => {
            words(SyncLevel::Waiting, "Reconnecting", "Trying to reach the server.", None)
        }
        ConnectionState::Connecting { .. } | ConnectionState::Greeting { .. } => {
            words(SyncLevel::Busy, "Connecting", "Trying to reach the server.", None)
        }
        ConnectionState::Following => {
            words(SyncLevel::Busy, "Connecting", "Another tab of this browser connects for all of them.", None)
        }
        ConnectionState::Backoff { reason, .. } => words(SyncLevel::Waiting, "Reconnecting", lost(*reason), again),
        ConnectionState::Offline => {
            words(SyncLevel::Waiting, "Offline", "This device has no network. It reconnects by itself.", again)
        }
        ConnectionState::Idle => words(SyncLevel::Waiting, "Disconnected", "Not connected yet.", connect),
        ConnectionState::Closed => {
            words(SyncLevel::Waiting, "Disconnected", "It was closed on purpose and stays so.", connect)
        }
        ConnectionState::NeedsAuth => {
            words(SyncLevel::Bad, "Sign in again", "The server no longer knows who you are.", None)
        }
        ConnectionState::Failed { code: 4002 } => {
            words(SyncLevel::Bad, "Refused", "This page is too old or too new for the server: reload it.", again)
        }
        ConnectionState::Failed { .. } => words(SyncLevel::Bad, "Refused", "The server does not let you in.", again),
        ConnectionState::GaveUp { .. } => words(
            SyncLevel::Bad,
            "Not connected",
            "The server could not be reached, and nothing tries any more.",
            again,
        ),
    }
}

/// Sentence on why the last connection ended, as far as it concerns people.
fn lost(reason: LostReason) -> &'static str {
    match reason {
        LostReason::Closed { code: 1001 | 1012 } => "The server restarts.",
        LostReason::Closed { code: 1013 } => "The server is busy and asks to try later.",
        LostReason::Closed { code: 4008 } => "Too much was sent at once.",
        LostReason::Closed { code: 4010 } => "The connection was too slow for what is shown.",
        LostReason::Closed { .. } => "The connection to the server was lost.",
        LostReason::ConnectTimeout => "The server does not answer.",
        LostReason::HeartbeatTimeout => "The server fell silent.",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn live() -> ConnectionState {
        ConnectionState::Live { since: Default::default(), since_mono: Duration::ZERO }
    }

    fn of(state: ConnectionState) -> (SyncLevel, &'static str) {
        let words = connection_words(&state, false);
        (words.level, words.short)
    }

    #[test]
    fn only_a_live_connection_is_good_and_only_what_needs_the_user_is_bad() {
        assert_eq!(of(live()), (SyncLevel::Good, "Live"));
        for state in [ConnectionState::Idle, ConnectionState::Offline, ConnectionState::Closed] {
            assert_eq!(of(state.clone()).0, SyncLevel::Waiting, "{state:?}");
        }
        for state in [
            ConnectionState::NeedsAuth,
            ConnectionState::Failed { code: 4003 },
            ConnectionState::GaveUp { attempts: 3 },
        ] {
            assert_eq!(of(state.clone()).0, SyncLevel::Bad, "{state:?}");
        }
    }

    #[test]
    fn the_first_try_connects_and_later_ones_reconnect() {
        assert_eq!(of(ConnectionState::Connecting { attempt: 1 }).1, "Connecting");
        assert_eq!(of(ConnectionState::Greeting { attempt: 2 }).1, "Reconnecting");
    }

    #[test]
    fn polling_is_said_while_the_socket_is_down_and_only_then() {
        assert_eq!(connection_words(&ConnectionState::Offline, true).short, "Polling");
        assert_eq!(connection_words(&live(), true).short, "Live");
        assert_eq!(connection_words(&ConnectionState::NeedsAuth, true).short, "Sign in again");
    }

    #[test]
    fn a_restart_is_no_mystery() {
        let backoff =
            |code| ConnectionState::Backoff { attempt: 1, until: Duration::ZERO, reason: LostReason::Closed { code } };
        assert_eq!(connection_words(&backoff(1012), false).long, "The server restarts.");
        assert_eq!(connection_words(&backoff(1006), false).long, "The connection to the server was lost.");
    }
}
