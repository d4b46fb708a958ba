//! The state of one widget, from what is known of its board, its channels and the connection.

use std::time::Duration;
use tideboard_shared::DeniedReason;

use tideboard_engine::{BoardStatus, ChannelStatus, Notice, RefreshError};

/// Freshness of a widget's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WidgetStatus {
    /// Not arrived yet.
    Loading,
    /// Up to date.
    Live,
    /// Shown as it was; what was missed is on its way.
    CatchingUp,
    /// Shown as it was at the last poll, while the socket is down.
    Polled,
    /// Shown as it was when the connection was lost; edits wait.
    Offline,
    /// The user stopped it.
    Paused,
    /// The last content is this old.
    Stale(Duration),
    /// Live, but with fewer points than there were, because the connection is slower than the stream.
    Thinned,
    /// There is nothing to show yet.
    Empty,
    /// The user may not see it.
    Denied,
    /// Not to be shown, for another reason.
    Error,
}

impl WidgetStatus {
    /// All states once, in the order of a widget's life.
    pub const ALL: [Self; 11] = [
        Self::Loading,
        Self::Live,
        Self::CatchingUp,
        Self::Polled,
        Self::Offline,
        Self::Paused,
        Self::Stale(Duration::from_secs(12)),
        Self::Thinned,
        Self::Empty,
        Self::Denied,
        Self::Error,
    ];

    /// Name in `data-status`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Live => "live",
            Self::CatchingUp => "catching-up",
            Self::Polled => "polled",
            Self::Offline => "offline",
            Self::Paused => "paused",
            Self::Stale(_) => "stale",
            Self::Thinned => "thinned",
            Self::Empty => "empty",
            Self::Denied => "denied",
            Self::Error => "error",
        }
    }

    /// Name for people. The age of what is stale is beside it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Loading => "Loading",
            Self::Live => "Live",
            Self::CatchingUp => "Catching up",
            Self::Polled => "Polling",
            Self::Offline => "Offline",
            Self::Paused => "Paused",
            Self::Stale(_) => "Stale",
            Self::Thinned => "Thinned",
            Self::Empty => "Empty",
            Self::Denied => "No access",
            Self::Error => "Error",
        }
    }
}

/// Problem of one widget.
#[derive(Debug, Clone, PartialEq)]
pub enum WidgetProblem {
    /// The server does not show it to this user.
    Denied {
        /// Reason that the server gave.
        reason: DeniedReason,
    },
    /// The page wants more channels than the server gives to one connection, and this one matters least.
    LeftOut {
        /// Number of channels that the server gives.
        limit: usize,
    },
    /// An edit of it was refused.
    Refused(Notice),
    /// Asked for again, without success.
    NotRefreshed(RefreshError),
}

impl WidgetProblem {
    /// In a sentence, for people.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Denied { reason } => format!("You may not see this: {reason}."),
            Self::LeftOut { limit } => {
                format!("This page shows more than the {limit} channels that the server gives it. Close other widgets.")
            }
            Self::Refused(_) => "A change of it was refused.".to_owned(),
            Self::NotRefreshed(error) => format!("It could not be fetched: {error}."),
        }
    }
}

/// A stream counts as thinned for so long after points were last left out, so that the mark does not flicker.
const THINNED_FOR: Duration = Duration::from_secs(10);

/// Facts that are known of a widget.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts {
    pub(super) is_live: bool,
    /// State of the board, where the widget depends on one; `Some(None)` while nobody has subscribed to it.
    pub(super) board: Option<Option<BoardStatus>>,
    /// State of each channel, `None` for one that nobody wants.
    pub(super) channels: Vec<Option<ChannelStatus>>,
    pub(super) has_streams: bool,
    /// Age of the newest point.
    pub(super) age: Option<Duration>,
    pub(super) is_thinned: bool,
    pub(super) is_paused: bool,
    pub(super) stale_after: Duration,
}

/// Times of what happened, by the clock that does not jump.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Times {
    /// Since when a stream is sent of which nothing has come.
    silent_since: Option<Duration>,
    /// Time at which points were last left out.
    thinned_at: Option<Duration>,
}

/// The worst of what it depends on, and why where there is a reason.
pub(super) fn status(facts: &Facts, now: Duration, times: &mut Times) -> (WidgetStatus, Option<WidgetProblem>) {
    if let Some((status, problem)) = refusal(facts) {
        return (status, Some(problem));
    }
    let board = facts.board.as_ref().map(|board| of_board(board.as_ref()));
    let stream = facts.has_streams.then(|| of_streams(facts, now, times));
    let status = match (board, stream) {
        (None, None) if facts.is_live => WidgetStatus::Live,
        (None, None) => WidgetStatus::Offline,
        (Some(one), None) | (None, Some(one)) => one,
        (Some(board), Some(stream)) => {
            if rank(board) >= rank(stream) {
                board
            } else {
                stream
            }
        }
    };
    let is_stopped = facts.is_paused && status != WidgetStatus::Loading;
    (if is_stopped { WidgetStatus::Paused } else { status }, None)
}

/// Reason why the widget is not shown as things stand: the board, or all else that it shows, is refused.
fn refusal(facts: &Facts) -> Option<(WidgetStatus, WidgetProblem)> {
    if let Some(Some(BoardStatus::Denied { reason })) = &facts.board {
        return Some((WidgetStatus::Denied, WidgetProblem::Denied { reason: reason.clone() }));
    }
    let problems: Option<Vec<_>> = facts.channels.iter().map(|status| refused(status.as_ref())).collect();
    let problem = problems?.into_iter().next()?;
    let status = match problem {
        WidgetProblem::Denied { .. } => WidgetStatus::Denied,
        WidgetProblem::LeftOut { .. } | WidgetProblem::Refused(_) | WidgetProblem::NotRefreshed(_) => {
            WidgetStatus::Error
        }
    };
    Some((status, problem))
}

/// Reason why a channel brings nothing, if it never will as things stand.
fn refused(status: Option<&ChannelStatus>) -> Option<WidgetProblem> {
    match status? {
        ChannelStatus::Denied { reason } => Some(WidgetProblem::Denied { reason: reason.clone() }),
        ChannelStatus::LeftOut { limit } => Some(WidgetProblem::LeftOut { limit: *limit }),
        ChannelStatus::Pending | ChannelStatus::Active | ChannelStatus::Lingering => None,
    }
}

fn of_board(board: Option<&BoardStatus>) -> WidgetStatus {
    match board {
        None | Some(BoardStatus::Loading) => WidgetStatus::Loading,
        Some(BoardStatus::CatchingUp) => WidgetStatus::CatchingUp,
        Some(BoardStatus::Live) => WidgetStatus::Live,
        Some(BoardStatus::Polled) => WidgetStatus::Polled,
        Some(BoardStatus::Stale) => WidgetStatus::Offline,
        Some(BoardStatus::Denied { .. }) => WidgetStatus::Denied,
    }
}

fn of_streams(facts: &Facts, now: Duration, times: &mut Times) -> WidgetStatus {
    if facts.is_thinned {
        times.thinned_at = Some(now);
    }
    let Some(age) = facts.age else { return of_silence(facts, now, times) };
    times.silent_since = None;
    if age < facts.stale_after {
        let is_thinned = times.thinned_at.is_some_and(|at| now.saturating_sub(at) < THINNED_FOR);
        return if is_thinned { WidgetStatus::Thinned } else { WidgetStatus::Live };
    }
    if facts.is_live { WidgetStatus::Stale(coarse(age)) } else { WidgetStatus::Offline }
}

/// State of streams of which nothing has come so far: either it will, or there is nothing.
fn of_silence(facts: &Facts, now: Duration, times: &mut Times) -> WidgetStatus {
    let is_sent =
        |status: &Option<ChannelStatus>| matches!(status, Some(ChannelStatus::Active | ChannelStatus::Lingering));
    if !facts.channels.iter().any(is_sent) {
        times.silent_since = None;
        return WidgetStatus::Loading;
    }
    let since = *times.silent_since.get_or_insert(now);
    if now.saturating_sub(since) < facts.stale_after { WidgetStatus::Loading } else { WidgetStatus::Empty }
}

/// An age in steps, so that what is stale does not render every second.
fn coarse(age: Duration) -> Duration {
    let step = if age.as_secs() < 60 { 5 } else { 60 };
    Duration::from_secs(age.as_secs() / step * step)
}

/// Weight of a state: of two, the one with more of it says more of what is wrong.
fn rank(status: WidgetStatus) -> u8 {
    match status {
        WidgetStatus::Live => 0,
        WidgetStatus::Thinned => 1,
        WidgetStatus::Empty => 2,
        WidgetStatus::Polled => 3,
        WidgetStatus::CatchingUp => 4,
        WidgetStatus::Stale(_) => 5,
        WidgetStatus::Offline => 6,
        WidgetStatus::Loading => 7,
        WidgetStatus::Paused => 8,
        WidgetStatus::Error => 9,
        WidgetStatus::Denied => 10,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn every_state_has_words_and_a_name_of_its_own() {
        let names: BTreeSet<_> = WidgetStatus::ALL.map(WidgetStatus::name).into();
        let words: BTreeSet<_> = WidgetStatus::ALL.map(WidgetStatus::label).into();
        assert_eq!((names.len(), words.len()), (WidgetStatus::ALL.len(), WidgetStatus::ALL.len()));
    }

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn stream(age: Option<u64>) -> Facts {
        Facts {
            is_live: true,
            board: None,
            channels: vec![Some(ChannelStatus::Active)],
            has_streams: true,
            age: age.map(secs),
            is_thinned: false,
            is_paused: false,
            stale_after: secs(5),
        }
    }

    fn board(status: Option<BoardStatus>) -> Facts {
        Facts { board: Some(status), channels: Vec::new(), has_streams: false, ..stream(None) }
    }

    fn of(facts: &Facts) -> WidgetStatus {
        status(facts, secs(100), &mut Times::default()).0
    }

    #[test]
    fn a_stream_is_live_until_its_newest_point_is_old() {
        assert_eq!(of(&stream(Some(4))), WidgetStatus::Live);
        assert_eq!(of(&stream(Some(13))), WidgetStatus::Stale(secs(10)), "in steps of 5 s");
        assert_eq!(of(&stream(Some(130))), WidgetStatus::Stale(secs(120)), "then of a minute");
        assert_eq!(of(&Facts { is_live: false, ..stream(Some(13)) }), WidgetStatus::Offline);
        assert_eq!(of(&Facts { is_live: false, ..stream(Some(2)) }), WidgetStatus::Live, "a short cut is no news");
    }

    #[test]
    fn a_stream_that_brings_nothing_is_empty_after_a_while() {
        let mut times = Times::default();
        let mut at = |facts: &Facts, seconds| status(facts, secs(seconds), &mut times).0;
        let pending = Facts { channels: vec![Some(ChannelStatus::Pending)], ..stream(None) };
        assert_eq!(at(&pending, 1), WidgetStatus::Loading);
        assert_eq!(at(&stream(None), 20), WidgetStatus::Loading);
        assert_eq!(at(&stream(None), 25), WidgetStatus::Empty);
        assert_eq!(at(&stream(Some(0)), 26), WidgetStatus::Live);
    }

    #[test]
    fn the_mark_of_a_thinned_stream_does_not_flicker() {
        let mut times = Times::default();
        let mut at =
            |is_thinned, seconds| status(&Facts { is_thinned, ..stream(Some(0)) }, secs(seconds), &mut times).0;
        assert_eq!(at(false, 1), WidgetStatus::Live);
        assert_eq!(at(true, 2), WidgetStatus::Thinned);
        assert_eq!(at(false, 11), WidgetStatus::Thinned);
        assert_eq!(at(false, 12), WidgetStatus::Live);
    }

    #[test]
    fn a_board_says_how_it_stands() {
        let cases = [
            (None, WidgetStatus::Loading),
            (Some(BoardStatus::CatchingUp), WidgetStatus::CatchingUp),
            (Some(BoardStatus::Live), WidgetStatus::Live),
            (Some(BoardStatus::Polled), WidgetStatus::Polled),
            (Some(BoardStatus::Stale), WidgetStatus::Offline),
        ];
        for (known, wanted) in cases {
            assert_eq!(of(&board(known.clone())), wanted, "{known:?}");
        }
    }

    #[test]
    fn the_worst_of_what_it_depends_on_counts() {
        let both = |status, age| Facts { board: Some(Some(status)), ..stream(age) };
        assert_eq!(of(&both(BoardStatus::Live, Some(60))), WidgetStatus::Stale(secs(60)));
        assert_eq!(of(&both(BoardStatus::Loading, Some(1))), WidgetStatus::Loading);
        assert_eq!(of(&both(BoardStatus::Polled, Some(1))), WidgetStatus::Polled);
    }

    #[test]
    fn what_is_refused_is_said_with_its_reason_unless_something_else_can_be_shown() {
        let denied = || Some(ChannelStatus::Denied { reason: DeniedReason::Forbidden });
        let problem = Some(WidgetProblem::Denied { reason: DeniedReason::Forbidden });
        let facts = Facts { channels: vec![denied()], ..stream(None) };
        assert_eq!(status(&facts, secs(1), &mut Times::default()), (WidgetStatus::Denied, problem));
        assert_eq!(
            of(&Facts { channels: vec![denied(), Some(ChannelStatus::Active)], ..stream(Some(1)) }),
            WidgetStatus::Live
        );
        let left_out = Facts { channels: vec![Some(ChannelStatus::LeftOut { limit: 3 })], ..stream(None) };
        assert_eq!(of(&left_out), WidgetStatus::Error);
        assert_eq!(of(&board(Some(BoardStatus::Denied { reason: DeniedReason::Forbidden }))), WidgetStatus::Denied);
    }

    #[test]
    fn what_is_stopped_says_so_once_there_is_something() {
        assert_eq!(of(&Facts { is_paused: true, ..stream(Some(90)) }), WidgetStatus::Paused);
        assert_eq!(of(&Facts { is_paused: true, ..board(None) }), WidgetStatus::Loading);
    }
}
