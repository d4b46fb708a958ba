use std::{cell::RefCell, rc::Rc, time::Duration};

use gloo::render::{AnimationFrame, request_animation_frame};
use tideboard_client::hooks::{use_realtime, use_store};
use tideboard_engine::StorageStatus;
use tideboard_ui::format::{ago, count_of, span};
use yew::prelude::*;
use yew_hooks::use_interval;

/// Time between two readings of the figures, ms.
const EVERY_MS: u32 = 1_000;

/// Figures of this tab: its connection, the waiting edits and where they are kept, the cost of drawing.
#[component]
pub(super) fn ThisTab() -> Html {
    let realtime = use_realtime();
    let connection = use_store(|reader| {
        let view = reader.connection();
        (view.user, view.is_leader, view.tabs, view.clock_skew_ms)
    });
    let sync = use_store(|reader| reader.sync());
    let frames = use_frames();
    let update = use_force_update();
    use_interval(move || update.force_update(), EVERY_MS);
    let now_ms = realtime.now().wall.0;
    let since = |at: Option<tideboard_shared::UnixMs>| {
        at.map_or_else(|| "–".to_owned(), |at| ago(Duration::from_millis(now_ms.saturating_sub(at.0))))
    };
    let rtt = realtime.read(|reader| reader.connection().rtt);
    let (user, is_leader, tabs, skew) = &*connection;
    let storage = match &sync.storage {
        StorageStatus::Persisted => "this browser".to_owned(),
        StorageStatus::MemoryOnly { reason } => format!("memory: {reason}"),
        StorageStatus::QuotaExceeded => "memory: the browser's storage is full".to_owned(),
    };
    let (per_second, longest) = frames;
    let facts = [
        ("You are", user.clone().unwrap_or_else(|| "–".to_owned())),
        ("Round trip", rtt.map_or_else(|| "–".to_owned(), span)),
        ("Server's clock", skew.map_or_else(|| "–".to_owned(), |skew| format!("{skew:+} ms"))),
        ("Connection held by", if *is_leader { "this tab" } else { "another tab" }.to_owned()),
        ("Tabs", tabs.to_string()),
        ("Waiting", count_of(sync.pending, "edit", "edits")),
        ("Conflicts", sync.conflicts.to_string()),
        ("Refused", sync.refused.to_string()),
        ("Last saved", since(sync.last_synced_at)),
        ("Edits wait in", storage),
        ("Frames", format!("{per_second} a second")),
        ("Longest frame", format!("{longest:.0} ms")),
    ];
    html! {
        <dl class="facts">
            { for facts.into_iter().map(|(name, value)| html! { <div key={name}><dt>{ name }</dt><dd>{ value }</dd></div> }) }
        </dl>
    }
}

/// Frames of the last second, and the longest of them in ms. Asks for every frame, and so only while it is looked at.
#[hook]
fn use_frames() -> (usize, f64) {
    let meter = use_memo((), |()| Rc::new(Meter::default()));
    use_effect_with((), {
        let meter = Rc::clone(&meter);
        move |()| {
            Meter::run(&meter);
            move || *meter.next.borrow_mut() = None
        }
    });
    let times = meter.times.borrow();
    let longest = times.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
    (times.len().saturating_sub(1), longest)
}

#[derive(Default)]
struct Meter {
    /// Beginnings of the frames of the last second, ms.
    times: RefCell<Vec<f64>>,
    next: RefCell<Option<AnimationFrame>>,
}

impl Meter {
    fn run(this: &Rc<Self>) {
        let meter = Rc::downgrade(this);
        let frame = request_animation_frame(move |now| {
            let Some(meter) = meter.upgrade() else { return };
            {
                let mut times = meter.times.borrow_mut();
                times.push(now);
                times.retain(|time| now - time <= 1_000.0);
            }
            Self::run(&meter);
        });
        *this.next.borrow_mut() = Some(frame);
    }
}
