use std::{cell::Cell, rc::Rc, time::Duration};

use tideboard_engine::{Now, Reader, RefreshError};
use tideboard_shared::{BoardId, Channel, Topic};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{
    use_realtime,
    use_store::use_store_every,
    widget_status::{self, Facts, Times, WidgetProblem, WidgetStatus},
};
use crate::Realtime;

/// Options of [`use_widget_status`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseWidgetStatusOptions {
    /// The board that the widget's content is on. Default none.
    pub board: Option<BoardId>,
    /// Channels of what else the widget shows: streams, presence, notifications. Default none.
    pub channels: Vec<Channel>,
    /// Stopped by the user. Default false.
    pub paused: bool,
    /// From this age on, the newest point of its streams is old. Default 5 s.
    pub stale_after: Duration,
}

impl Default for UseWidgetStatusOptions {
    fn default() -> Self {
        Self { board: None, channels: Vec::new(), paused: false, stale_after: Duration::from_secs(5) }
    }
}

/// Handle of [`use_widget_status`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseWidgetStatusHandle {
    realtime: Realtime,
    shown: Rc<Shown>,
    options: Rc<UseWidgetStatusOptions>,
}

impl UseWidgetStatusHandle {
    /// Freshness of the widget.
    #[must_use]
    pub fn status(&self) -> WidgetStatus {
        self.shown.status
    }

    /// Reason why the widget cannot be shown.
    #[must_use]
    pub fn problem(&self) -> Option<&WidgetProblem> {
        self.shown.problem.as_ref()
    }

    /// Tells whether the user may change what is on the widget's board; never without a board.
    #[must_use]
    pub fn is_editable(&self) -> bool {
        self.shown.is_editable
    }

    /// Asks for all of it again, also for what was denied; connects where there is no connection.
    pub fn retry(&self) {
        self.retry_with(Callback::noop());
    }

    /// Does what [`Self::retry`] does; `on_end` hears how it ended.
    pub fn retry_with(&self, on_end: Callback<Result<(), RefreshError>>) {
        if !self.realtime.read(|reader| reader.connection().state.is_live()) {
            self.realtime.reconnect_now();
        }
        let board = self.options.board.iter().cloned().map(Channel::Board);
        let channels: Vec<_> = board.chain(self.options.channels.iter().cloned()).collect();
        if self.problem().is_some() {
            for channel in &channels {
                self.realtime.renew(channel.clone());
            }
        }
        let refreshed = self.realtime.refresh(&channels);
        spawn_local(async move { on_end.emit(refreshed.await) });
    }

    /// [`Self::retry`] as a button wants it.
    #[must_use]
    pub fn on_retry(&self) -> Callback<()> {
        let handle = self.clone();
        Callback::from(move |()| handle.retry())
    }
}

/// Time from one look at the age of a stream to the next.
const EVERY: Duration = Duration::from_secs(1);

/// Tells how fresh a widget is, from the board, the streams and the connection that it depends on.
///
/// ```no_run
/// use tideboard_client::hooks::{UseWidgetStatusOptions, use_widget_status};
/// use yew::prelude::*;
///
/// #[component]
/// fn Cpu() -> Html {
///     let channels = vec!["stream:host.cpu".parse().expect("a channel")];
///     let widget = use_widget_status(UseWidgetStatusOptions { channels, ..Default::default() });
///     let again = widget.on_retry();
///     html! { <button onclick={move |_| again.emit(())}>{ widget.status().label() }</button> }
/// }
/// ```
///
/// | option | default | |
/// |---|---|---|
/// | `board` | none | the board that its content is on |
/// | `channels` | none | what else it shows |
/// | `paused` | false | the user has stopped it |
/// | `stale_after` | 5 s | from this age on, the newest point is old |
///
/// Returns a [`UseWidgetStatusHandle`]; renders when the status is another one, not with the data. The worst of what it
/// depends on counts; of several streams the freshest. It subscribes to nothing: what draws the content does. What is
/// wrong is the status, with its reason as the handle's `problem()`.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_widget_status(options: UseWidgetStatusOptions) -> UseWidgetStatusHandle {
    let realtime = use_realtime();
    let has_streams = options.channels.iter().any(|channel| matches!(channel, Channel::Stream(_)));
    let times = use_memo(options.channels.clone(), |_| Rc::<Cell<Times>>::default());
    let shown = {
        let realtime = realtime.clone();
        let times = Rc::clone(&*times);
        use_store_every(options.clone(), has_streams.then_some(EVERY), move |reader, options| {
            let mut noted = times.get();
            let shown = look(reader, options, realtime.now(), &mut noted);
            times.set(noted);
            shown
        })
    };
    UseWidgetStatusHandle { realtime, shown, options: Rc::new(options) }
}

/// Facts that cause a render.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    status: WidgetStatus,
    problem: Option<WidgetProblem>,
    is_editable: bool,
}

fn look(reader: &Reader<'_>, options: &UseWidgetStatusOptions, now: Now, times: &mut Times) -> Shown {
    let connection = reader.connection();
    let channels = options.channels.iter().map(|channel| reader.channel(channel).map(|view| view.status));
    let streams: Vec<&Topic> = options.channels.iter().filter_map(topic).collect();
    let rings: Vec<_> = streams.iter().filter_map(|topic| reader.stream(topic)).collect();
    let newest = rings.iter().filter_map(|ring| ring.latest()).map(|point| point.0.0).max();
    // Points bear the server's time.
    let server_ms = now.wall.0.saturating_add_signed(connection.clock_skew_ms.unwrap_or_default());
    let facts = Facts {
        is_live: connection.state.is_live(),
        board: options.board.as_ref().map(|board| reader.board(board).map(|view| view.status)),
        channels: channels.collect(),
        has_streams: !streams.is_empty(),
        age: newest.map(|newest| Duration::from_millis(server_ms.saturating_sub(newest))),
        is_thinned: rings.iter().any(|ring| ring.is_thinned()),
        is_paused: options.paused,
        stale_after: options.stale_after,
    };
    let (status, problem) = widget_status::status(&facts, now.mono, times);
    let is_editable = options.board.as_ref().is_some_and(|board| {
        let is_loaded = !matches!(status, WidgetStatus::Loading | WidgetStatus::Denied);
        is_loaded && connection.may_edit(board)
    });
    Shown { status, problem, is_editable }
}

fn topic(channel: &Channel) -> Option<&Topic> {
    match channel {
        Channel::Stream(topic) => Some(topic),
        Channel::Board(_) | Channel::StreamPrefix(_) | Channel::Presence(_) | Channel::Notifications => None,
    }
}
