//! Pages of the components that show the state of connection, edits and widgets.

use std::{rc::Rc, time::Duration};

use gloo::utils::window;
use tideboard_client::{
    Realtime, RealtimeProvider,
    hooks::{UseWidgetStatusOptions, use_channel, use_realtime, use_stream, use_widget_status},
};
use tideboard_engine::{ConflictStrategy, ConnectionState, Edit, StorageStatus, connection::LostReason};
use tideboard_shared::{Action, Channel, Entity, EntityId};
use tideboard_ui::components::{
    AutoResolve, BannerFacts, BannerLine, ConflictResolution, ConnectionBanner, ConnectionLine, ConnectionStatus,
    ConnectionVariant, PendingOperationsBadge, SyncFact, SyncIndicator, SyncLevel, SyncSummary, WidgetRealtime,
    banner_words,
};
use yew::prelude::*;

use super::controls::{Choice, Demo, NumberField, Toggle, act, board, logged, use_log};

/// Connection states, one of each, in the order of a connection's life.
fn states(realtime: &Realtime) -> Vec<ConnectionState> {
    let now = realtime.now();
    let until = now.mono + Duration::from_secs(45);
    vec![
        ConnectionState::Idle,
        ConnectionState::Connecting { attempt: 1 },
        ConnectionState::Live { since: now.wall, since_mono: now.mono },
        ConnectionState::Backoff { attempt: 3, until, reason: LostReason::Closed { code: 1006 } },
        ConnectionState::Connecting { attempt: 3 },
        ConnectionState::Offline,
        ConnectionState::NeedsAuth,
        ConnectionState::Failed { code: 4003 },
        ConnectionState::GaveUp { attempts: 10 },
        ConnectionState::Closed,
    ]
}

#[component]
pub(super) fn ConnectionStatusPage() -> Html {
    let realtime = use_realtime();
    let shown = use_memo((), |()| states(&realtime));
    let line = |variant: ConnectionVariant| {
        move |state: &ConnectionState| {
            html! {
                <ConnectionLine {variant} state={state.clone()} attempt={3} rtt={Some(Duration::from_millis(18))}
                    on_reconnect={Callback::noop()} on_disconnect={Callback::noop()} />
            }
        }
    };
    html! {
        <Demo about="Where the connection stands, in three sizes.">
            <h2>{ "This page's" }</h2>
            <div class="gallery-row">
                <ConnectionStatus variant={ConnectionVariant::Minimal} />
                <ConnectionStatus />
                <ConnectionStatus variant={ConnectionVariant::Full} />
            </div>
            <h2>{ "Every state" }</h2>
            <div class="gallery-row">{ for shown.iter().map(line(ConnectionVariant::Minimal)) }</div>
            <div class="gallery-row">{ for shown.iter().map(line(ConnectionVariant::Compact)) }</div>
            <div class="gallery-row">{ for shown.iter().map(line(ConnectionVariant::Full)) }</div>
        </Demo>
    }
}

#[component]
pub(super) fn ConnectionBannerPage() -> Html {
    let lost_after = use_state(|| 500);
    let realtime = use_realtime();
    let shown = use_memo((), |()| states(&realtime));
    let memory = StorageStatus::MemoryOnly { reason: "private window".to_owned() };
    let storages = [(StorageStatus::Persisted, 3), (memory, 1), (StorageStatus::QuotaExceeded, 0)];
    let line = |state: &ConnectionState| {
        let of = |(storage, pending): &(StorageStatus, usize)| {
            let facts = BannerFacts {
                state,
                is_lost: !state.is_live(),
                pending: *pending,
                is_polling: matches!(state, ConnectionState::Connecting { attempt: 3 }),
                storage,
            };
            let words = banner_words(&facts)?;
            let until = match state {
                ConnectionState::Backoff { until, .. } => Some(*until),
                _ => None,
            };
            let on_dismiss = matches!(state, ConnectionState::Offline).then(Callback::noop);
            let on_sign_in = Some(Callback::noop());
            Some(html! { <BannerLine class="is-inline" words={Some(words)} {until} {on_dismiss} {on_sign_in} /> })
        };
        storages.iter().filter_map(of).collect::<Html>()
    };
    let offline = realtime.clone();
    let online = realtime.clone();
    let actions = html! {
        <>
            { act("Disconnect", move || offline.disconnect()) }
            { act("Connect", move || online.connect()) }
        </>
    };
    html! {
        <Demo about="Says that the connection is lost, and what still works; nothing while all is well." {actions}
            controls={html! { <NumberField label="lost_after, ms" value={lost_after.clone()} /> }}>
            { for shown.iter().map(line) }
            <ConnectionBanner lost_after={Duration::from_millis((*lost_after).into())} />
        </Demo>
    }
}

#[component]
pub(super) fn SyncIndicatorPage() -> Html {
    let (log, add) = use_log();
    let show_details = use_state(|| true);
    let on_status_change = use_callback(add, |status, add| add.emit(format!("{status:?}")));
    let summary = |level: SyncLevel, words: &'static str, pending: usize| {
        let facts = vec![SyncFact::new("Connection", words)];
        html! { <SyncSummary {level} {words} {pending} {facts} /> }
    };
    let controls = html! { <Toggle label="show_details" value={show_details.clone()} /> };
    html! {
        <Demo about="Whether the page is connected and everything the user did has arrived." {controls} {log}>
            <div class="gallery-row">
                <SyncIndicator show_details={*show_details} {on_status_change} />
                { summary(SyncLevel::Good, "Live", 0) }
                { summary(SyncLevel::Busy, "Live", 2) }
                { summary(SyncLevel::Waiting, "Offline", 12) }
                { summary(SyncLevel::Bad, "Sign in again", 0) }
            </div>
        </Demo>
    }
}

#[component]
pub(super) fn PendingOperationsBadgePage() -> Html {
    let (log, add) = use_log();
    let show_details = use_state(|| true);
    let max_display = use_state(|| 10);
    use_channel(Channel::Board(board()).into());
    let realtime = use_realtime();
    let [offline, online, good, bad] = std::array::from_fn(|_| realtime.clone());
    let edit = |realtime: Realtime, action: Action| {
        move || drop(realtime.apply(Edit::new(board(), "counter", action.clone()), |_| {}))
    };
    let add_one = Action::Increment { field: "count".to_owned(), by: 1.into() };
    // A text longer than an entity may hold.
    let too_large = Action::set([("label", "x".repeat(70_000))]);
    let actions = html! {
        <>
            { act("Disconnect", move || offline.disconnect()) }
            { act("Connect", move || online.connect()) }
            { act("Add 1 to the counter", edit(good, add_one)) }
            { act("Write too much", edit(bad, too_large)) }
        </>
    };
    let on_complete = add.clone();
    let on_fail = add.clone();
    let on_review = add.reform(|()| "review".to_owned());
    let controls = html! {
        <>
            <Toggle label="show_details" value={show_details.clone()} />
            <NumberField label="max_display" value={max_display.clone()} />
        </>
    };
    let limit = usize::try_from(*max_display).unwrap_or_default();
    html! {
        <Demo about="How many edits wait for the server, and all of them on demand." {controls} {actions} {log}>
            <div class="gallery-row">
                <PendingOperationsBadge show_details={*show_details} max_display={limit} {on_review}
                    on_operation_complete={logged(&on_complete, |id| format!("complete: {id:?}"))}
                    on_operation_fail={logged(&on_fail, |fail| format!("failed: {fail:?}"))} />
            </div>
        </Demo>
    }
}

/// Address at which the rival client connects.
fn rivals_url() -> String {
    let location = window().location();
    let scheme = if location.protocol().is_ok_and(|protocol| protocol == "https:") { "wss" } else { "ws" };
    format!("{scheme}://{}/api/realtime?userId=Bob", location.host().unwrap_or_default())
}

/// Component that keeps the board loaded for the rival client.
#[component]
fn Rival() -> Html {
    use_channel(Channel::Board(board()).into());
    Html::default()
}

const NOTE: &str = "The tide comes in at six in the morning.\n\nBring boots, and tell the harbour master.";
const MINE: &str = "The tide comes in at seven in the morning.\n\nBring boots and a coat, and tell the harbour master.";
const THEIRS: &str = "The tide comes in at half past six.\n\nBring boots, and tell nobody.";

/// Makes a conflict: both clients change the same note, mine second.
fn quarrel(me: &Realtime, rival: &Realtime) {
    let id = EntityId::from(format!("note-{}", js_sys::Math::random()));
    let create = Action::Create {
        kind: "note".to_owned(),
        fields: [("title", "Harbour"), ("text", NOTE)].map(|(name, text)| (name.to_owned(), text.into())).into(),
    };
    let me = me.clone();
    let rival = rival.clone();
    let made = rival.clone().apply(Edit::new(board(), id.clone(), create), move |_| {
        let theirs = Action::set([("title", "The harbour"), ("text", THEIRS)]);
        let mine = Action::set([("title", "Harbour, Tuesday"), ("text", MINE), ("colour", "blue")]);
        // Time enough for the note to arrive here, too.
        gloo::timers::callback::Timeout::new(300, move || {
            me.disconnect();
            drop(me.apply(Edit::new(board(), id.clone(), mine).strategy(ConflictStrategy::Ask), |_| {}));
            drop(rival.apply(Edit::new(board(), id, theirs), move |_| me.connect()));
        })
        .forget();
    });
    drop(made);
}

#[component]
pub(super) fn ConflictResolutionPage() -> Html {
    const RULES: &[&str] = &["ask", "mine", "theirs", "merged"];
    let (log, add) = use_log();
    let rule = use_state(|| 0);
    let is_reviewing = use_state(|| false);
    let has_preview = use_state(|| false);
    use_channel(Channel::Board(board()).into());
    let realtime = use_realtime();
    let rival = use_state(|| None::<Realtime>);
    let on_initialized = {
        let rival = rival.setter();
        use_callback((), move |realtime, ()| rival.set(Some(realtime)))
    };
    let make = {
        let rival = Option::clone(&rival);
        move || rival.iter().for_each(|rival| quarrel(&realtime, rival))
    };
    let open = is_reviewing.setter();
    let actions = html! {
        <>
            { act("Make a conflict", make) }
            { act("Review", move || open.set(true)) }
        </>
    };
    let auto_resolve = [None, Some(AutoResolve::Mine), Some(AutoResolve::Theirs), Some(AutoResolve::Merged)][*rule];
    let preview = has_preview.then(|| {
        Callback::from(|entity: Rc<Entity>| {
            let text =
                |name: &str| entity.fields.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
            html! { <article><strong>{ text("title") }</strong><p>{ text("text") }</p></article> }
        })
    });
    let close = is_reviewing.setter();
    let controls = html! {
        <>
            <Choice label="auto_resolve" names={RULES} value={rule.clone()} />
            <Toggle label="preview as a note" value={has_preview.clone()} />
        </>
    };
    html! {
        <Demo about="Says that others changed what the user was editing, and lets the user settle it." {controls}
            {actions} {log}>
            <RealtimeProvider url={rivals_url()} user="Bob" persistent={false} {on_initialized}>
                <Rival />
            </RealtimeProvider>
            <ConflictResolution {auto_resolve} {preview} is_reviewing={*is_reviewing}
                on_close={Callback::from(move |()| close.set(false))}
                on_conflict_resolved={logged(&add, |settled| format!("resolved: {settled:?}"))}
                on_conflict_dismissed={logged(&add, |id| format!("dismissed: {id:?}"))} />
        </Demo>
    }
}

#[component]
pub(super) fn WidgetRealtimePage() -> Html {
    let (log, add) = use_log();
    let paused = use_state(|| false);
    let is_empty = use_state(|| false);
    let realtime = use_realtime();
    let cpu = use_stream("host.cpu".parse().expect("a valid name"));
    let [offline, online] = std::array::from_fn(|_| realtime.clone());
    let actions = html! {
        <>
            { act("Disconnect", move || offline.disconnect()) }
            { act("Connect", move || online.connect()) }
        </>
    };
    let controls = html! {
        <>
            <Toggle label="paused" value={paused.clone()} />
            <Toggle label="is_empty" value={is_empty.clone()} />
        </>
    };
    let streams = |name: &str| vec![Channel::Stream(name.parse().expect("a valid name"))];
    html! {
        <Demo about="The frame of one widget, with how fresh it is." {controls} {actions} {log}>
            <div class="gallery-frames">
                <WidgetRealtime widget_id={EntityId::from("counter")} board={board()} title="On the board"
                    paused={*paused}
                    is_empty={*is_empty}
                    on_update={logged(&add, |entity: Option<_>| format!("entity: {}", entity.is_some()))}
                    on_sync={logged(&add, |()| "up to date".to_owned())}
                    on_error={logged(&add, |problem| format!("{problem:?}"))}>
                    <p>{ "The counter's entity." }</p>
                </WidgetRealtime>
                <WidgetRealtime widget_id={EntityId::from("cpu")} board={board()} title="A stream" paused={*paused}
                    is_empty={*is_empty} channels={streams("host.cpu")}>
                    <p>{ cpu.value().map_or_else(|| "–".to_owned(), tideboard_ui::format::percent) }</p>
                </WidgetRealtime>
                <WidgetRealtime widget_id={EntityId::from("silent")} board={board()} title="A stream that nobody wants"
                    channels={streams("nobody.publishes.this")} />
            </div>
        </Demo>
    }
}

#[component]
pub(super) fn WidgetStatusPage() -> Html {
    const CHANNELS: &[&str] = &["stream:host.cpu", "presence:main", "notifications"];
    let channel = use_state(|| 0);
    let with_board = use_state(|| true);
    let paused = use_state(|| false);
    let channel_of = CHANNELS[*channel].parse::<Channel>().expect("a valid name");
    use_channel(Channel::Board(board()).into());
    use_channel(channel_of.clone().into());
    let widget = use_widget_status(UseWidgetStatusOptions {
        board: with_board.then(board),
        channels: vec![channel_of],
        paused: *paused,
        ..Default::default()
    });
    let facts = vec![
        ("status", format!("{:?}", widget.status())),
        ("problem", format!("{:?}", widget.problem())),
        ("is_editable", widget.is_editable().to_string()),
    ];
    let actions = act("Retry", move || widget.retry());
    let controls = html! {
        <>
            <Choice label="channel" names={CHANNELS} value={channel} />
            <Toggle label="board: main" value={with_board} />
            <Toggle label="paused" value={paused} />
        </>
    };
    html! { <Demo about="How fresh a widget is, made of all that it depends on." {controls} {facts} {actions} /> }
}
