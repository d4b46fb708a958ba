//! Decision about the banner: its cause, and the words for it.

use tideboard_engine::{ConnectionState, StorageStatus};
use yew::AttrValue;

use crate::{
    components::{SyncLevel, connection_status::connection_words},
    format::count_of,
};

/// Facts that decide about the banner.
#[derive(Debug, Clone, PartialEq)]
pub struct BannerFacts<'a> {
    /// State of the connection.
    pub state: &'a ConnectionState,
    /// Set once messages have not got through for longer than `lost_after`.
    pub is_lost: bool,
    /// Number of edits that wait for the server.
    pub pending: usize,
    /// Set while the server is reached over REST.
    pub is_polling: bool,
    /// State of the storage in which edits wait.
    pub storage: &'a StorageStatus,
}

/// Cause of a banner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BannerCause {
    /// The server wants a fresh token.
    SignIn,
    /// The server refuses for good.
    Refused,
    /// Given up: no further attempt will be made.
    GaveUp,
    /// The user has closed the connection.
    Closed,
    /// There is no connection for now.
    Lost,
    /// The browser's storage is full.
    StorageFull,
}

impl BannerCause {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Refused => "refused",
            Self::GaveUp => "gave-up",
            Self::Closed => "closed",
            Self::Lost => "lost",
            Self::StorageFull => "storage-full",
        }
    }

    /// Tells whether the user may hide the banner. A cause that does not end by itself stays in view.
    pub(super) fn may_be_hidden(self) -> bool {
        match self {
            Self::Lost | Self::Closed | Self::StorageFull => true,
            Self::SignIn | Self::Refused | Self::GaveUp => false,
        }
    }
}

/// Words of a banner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BannerWords {
    /// Cause of the banner.
    pub cause: BannerCause,
    /// Severity.
    pub level: SyncLevel,
    /// Problem, in a few words.
    pub title: &'static str,
    /// Rest of the message: the things that still work, and where edits wait.
    pub body: AttrValue,
    /// Label of the button that connects; `None` if pressing it would not help.
    pub action: Option<&'static str>,
    /// Set while an attempt is under way.
    pub is_trying: bool,
}

/// Finds the words for the most important cause; `None` while all is well.
#[must_use]
pub fn banner_words(facts: &BannerFacts<'_>) -> Option<BannerWords> {
    let cause = cause(facts)?;
    let of_connection = connection_words(facts.state, facts.is_polling);
    let (title, body) = match cause {
        BannerCause::SignIn => ("Sign in again", edits(facts, "the server no longer knows who you are")),
        BannerCause::Refused => {
            ("The server refuses the connection", of_connection.long.to_owned() + waiting(facts).as_str())
        }
        BannerCause::GaveUp => ("Not connected", edits(facts, "the server could not be reached")),
        BannerCause::Closed => ("Disconnected", edits(facts, "the connection is closed")),
        BannerCause::Lost if facts.is_polling => {
            ("The live connection is lost", format!("Changes come every few seconds instead.{}", waiting(facts)))
        }
        BannerCause::Lost if *facts.state == ConnectionState::Offline => ("You are offline", edits(facts, "")),
        BannerCause::Lost => ("Connection lost", edits(facts, "")),
        BannerCause::StorageFull => (
            "This browser's storage is full",
            "New edits are kept in this page only, until the server has them. Free some room before you close it."
                .to_owned(),
        ),
    };
    let (level, action) = match cause {
        BannerCause::StorageFull => (SyncLevel::Waiting, None),
        // Level and button stay the same through all attempts and waits, so that they do not flicker.
        BannerCause::Lost => (SyncLevel::Waiting, Some("Reconnect now")),
        _ => (of_connection.level, of_connection.action),
    };
    let is_trying = matches!(facts.state, ConnectionState::Connecting { .. } | ConnectionState::Greeting { .. })
        && !facts.is_polling;
    Some(BannerWords { cause, level, title, body: body.into(), action, is_trying })
}

fn cause(facts: &BannerFacts<'_>) -> Option<BannerCause> {
    let of_connection = match facts.state {
        ConnectionState::NeedsAuth => Some(BannerCause::SignIn),
        ConnectionState::Failed { .. } => Some(BannerCause::Refused),
        ConnectionState::GaveUp { .. } => Some(BannerCause::GaveUp),
        ConnectionState::Closed if facts.is_lost => Some(BannerCause::Closed),
        ConnectionState::Offline
        | ConnectionState::Backoff { .. }
        | ConnectionState::Connecting { .. }
        | ConnectionState::Greeting { .. }
        | ConnectionState::Following
            if facts.is_lost =>
        {
            Some(BannerCause::Lost)
        }
        // The page has never connected, or all is well.
        _ => None,
    };
    of_connection.or((*facts.storage == StorageStatus::QuotaExceeded).then_some(BannerCause::StorageFull))
}

/// Sentences that say that editing goes on without a connection, and where edits wait.
fn edits(facts: &BannerFacts<'_>, why: &str) -> String {
    let why = if why.is_empty() { String::new() } else { format!(", although {why}") };
    format!("You can go on editing{why}.{}", waiting(facts))
}

/// Sentence that says where edits wait, with a warning if they would be lost with the page.
fn waiting(facts: &BannerFacts<'_>) -> String {
    let n = facts.pending;
    let (wait, they) = if n == 1 { ("waits", "it") } else { ("wait", "them") };
    let count = count_of(n, "edit", "edits");
    match (n, facts.storage) {
        (0, StorageStatus::Persisted) => String::new(),
        (_, StorageStatus::Persisted) => format!(" {count} {wait} in this browser."),
        (0, _) => " Edits are kept in this page only: leave it open.".to_owned(),
        (_, _) => format!(" {count} {wait} in this page only: leave it open, or you lose {they}."),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tideboard_engine::connection::LostReason;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    const IN_MEMORY: StorageStatus = StorageStatus::MemoryOnly { reason: String::new() };

    fn backoff() -> ConnectionState {
        let reason = LostReason::Closed { code: 1006 };
        ConnectionState::Backoff { attempt: 2, until: Duration::from_secs(9), reason }
    }

    fn live() -> ConnectionState {
        ConnectionState::Live { since: Default::default(), since_mono: Duration::ZERO }
    }

    fn facts<'a>(state: &'a ConnectionState, pending: usize, storage: &'a StorageStatus) -> BannerFacts<'a> {
        BannerFacts { state, is_lost: !state.is_live(), pending, is_polling: false, storage }
    }

    fn body(facts: &BannerFacts<'_>) -> String {
        banner_words(facts).expect("something to say").body.to_string()
    }

    #[test]
    fn nothing_is_said_while_all_is_well_or_before_it_matters() {
        assert_eq!(banner_words(&facts(&live(), 3, &StorageStatus::Persisted)), None);
        assert_eq!(banner_words(&facts(&live(), 3, &IN_MEMORY)), None);
        assert_eq!(banner_words(&facts(&ConnectionState::Idle, 0, &StorageStatus::Persisted)), None);
        let state = backoff();
        assert_eq!(banner_words(&BannerFacts { is_lost: false, ..facts(&state, 3, &StorageStatus::Persisted) }), None);
    }

    #[test]
    fn it_says_what_still_works_and_where_edits_wait() {
        let state = backoff();
        let said = banner_words(&facts(&state, 3, &StorageStatus::Persisted)).expect("something");
        assert_eq!((said.title, said.action), ("Connection lost", Some("Reconnect now")));
        assert_eq!(said.body, "You can go on editing. 3 edits wait in this browser.");
        assert_eq!(
            body(&facts(&state, 1, &StorageStatus::Persisted)),
            "You can go on editing. 1 edit waits in this browser."
        );
        assert_eq!(body(&facts(&state, 0, &StorageStatus::Persisted)), "You can go on editing.");
    }

    #[test]
    fn edits_that_the_page_alone_holds_come_with_a_warning() {
        let state = ConnectionState::Offline;
        assert_eq!(
            body(&facts(&state, 2, &IN_MEMORY)),
            "You can go on editing. 2 edits wait in this page only: leave it open, or you lose them."
        );
        assert!(body(&facts(&state, 0, &StorageStatus::QuotaExceeded)).contains("this page only"));
    }

    #[test]
    fn what_needs_the_user_is_said_at_once_and_stays() {
        for (state, cause) in [
            (ConnectionState::NeedsAuth, BannerCause::SignIn),
            (ConnectionState::Failed { code: 4003 }, BannerCause::Refused),
            (ConnectionState::GaveUp { attempts: 5 }, BannerCause::GaveUp),
        ] {
            let said = banner_words(&BannerFacts { is_lost: false, ..facts(&state, 0, &StorageStatus::Persisted) });
            let said = said.expect("something");
            assert_eq!((said.cause, said.level, cause.may_be_hidden()), (cause, SyncLevel::Bad, false), "{state:?}");
        }
    }

    #[test]
    fn a_full_storage_is_said_while_live_and_less_than_a_lost_connection() {
        let live = live();
        let lost = backoff();
        let cause = |state| banner_words(&facts(state, 0, &StorageStatus::QuotaExceeded)).map(|words| words.cause);
        assert_eq!((cause(&live), cause(&lost)), (Some(BannerCause::StorageFull), Some(BannerCause::Lost)));
    }

    #[test]
    fn polling_is_no_standstill() {
        let state = backoff();
        let polled = BannerFacts { is_polling: true, ..facts(&state, 0, &StorageStatus::Persisted) };
        assert_eq!(body(&polled), "Changes come every few seconds instead.");
    }
}
