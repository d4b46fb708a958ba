//! Every kind of widget in every state, side by side.

use std::{rc::Rc, time::Duration};

use tideboard_client::{
    entities::{Download, DownloadStatus, Favorite, Order, OrderStatus},
    hooks::{CollectionEntry, CollectionItems, WidgetStatus},
};
use tideboard_shared::{Seq, UnixMs};
use tideboard_ui::{
    components::{EditorMark, FrameMessage, People, Person, WidgetFrame},
    format::Unit,
    widgets::{
        Activity, ActivityEntry, ActivityText, Counter, DownloadRow, Downloads, FavoriteRow, Favorites, FieldChange,
        Gauge, Note, Orders, Stat, TimeSeries, WidgetKind,
    },
};
use yew::prelude::*;

use super::{
    charts::{lines, sample},
    controls::Demo,
};

/// A column of the matrix, and how much of the widget's content there is in it.
const STATES: [(WidgetStatus, Content); 8] = [
    (WidgetStatus::Loading, Content::Absent),
    (WidgetStatus::Live, Content::Some),
    (WidgetStatus::Paused, Content::Some),
    (WidgetStatus::Stale(Duration::from_secs(12)), Content::Some),
    (WidgetStatus::Thinned, Content::Some),
    (WidgetStatus::Empty, Content::None),
    (WidgetStatus::Denied, Content::Absent),
    (WidgetStatus::Error, Content::Absent),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    /// Content that has not arrived.
    Absent,
    /// Content that has arrived and is empty.
    None,
    Some,
}

#[component]
pub(super) fn WidgetStatesPage() -> Html {
    let cells =
        WidgetKind::ALL.into_iter().flat_map(|kind| STATES.map(|(status, content)| cell(kind, status, content)));
    html! {
        <Demo about="Every kind of widget in every state.">
            <div class="state-matrix">{ for cells }</div>
        </Demo>
    }
}

fn cell(kind: WidgetKind, status: WidgetStatus, content: Content) -> Html {
    let name = serde_json::to_value(kind).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    let message = (status == WidgetStatus::Empty).then(|| nothing(kind)).flatten();
    let on_retry = (!matches!(status, WidgetStatus::Live | WidgetStatus::Empty)).then(|| Callback::from(|()| {}));
    let people = if kind == WidgetKind::Note && status == WidgetStatus::Live { people() } else { Vec::new() };
    html! {
        <WidgetFrame key={format!("{name}-{}", status.name())} title={kind.label()} {status} kind={name.clone()}
            {message} {on_retry}
            pending={usize::from(kind == WidgetKind::Counter && status == WidgetStatus::Live)}
            people={html! { <EditorMark people={people.into_iter().take(1).collect::<Vec<_>>()} /> }}>
            { widget(kind, content, matches!(status, WidgetStatus::Stale(_))) }
        </WidgetFrame>
    }
}

/// Message of an empty widget that has no words of its own.
fn nothing(kind: WidgetKind) -> Option<FrameMessage> {
    match kind {
        WidgetKind::Stat | WidgetKind::TimeSeries | WidgetKind::Gauge => {
            Some(FrameMessage::new("No data yet", "Nothing has been published to this stream."))
        }
        WidgetKind::Orders => Some(FrameMessage::new("No orders yet", "Add the first one below the table.")),
        WidgetKind::Counter => Some(FrameMessage::new("Nothing counted yet", "Press + to begin.")),
        WidgetKind::Favorites
        | WidgetKind::Downloads
        | WidgetKind::Note
        | WidgetKind::Activity
        | WidgetKind::People => None,
    }
}

fn widget(kind: WidgetKind, content: Content, is_stale: bool) -> Html {
    let is_there = content == Content::Some;
    match kind {
        WidgetKind::Stat => {
            let value = is_there.then(|| AttrValue::from("42%"));
            let feed = is_there.then(|| sample(1.0, 0.45, 0.3));
            html! { <Stat {value} {feed} top={Some(1.0)} caption="load 1.2" {is_stale} /> }
        }
        WidgetKind::TimeSeries => {
            let series = if is_there { lines([("Busy", sample(1.0, 0.45, 0.3))]) } else { lines([]) };
            html! {
                <TimeSeries title="CPU" {series} unit={Unit::Ratio} top={Some(1.0)} window={Duration::from_secs(300)} />
            }
        }
        WidgetKind::Gauge => html! {
            <Gauge title="Memory" value={is_there.then_some(0.62)} unit={Unit::Ratio} warning={Some(0.8)}
                critical={Some(0.95)} {is_stale} />
        },
        WidgetKind::Orders => html! {
            <Orders rows={orders(content)} on_patch={Callback::noop()} on_create={Callback::noop()}
                on_remove={Callback::noop()} />
        },
        WidgetKind::Favorites => html! {
            <Favorites rows={list(content, favorites)} on_open={Callback::noop()} on_remove={Callback::noop()}
                on_rename={Callback::noop()} on_add={Callback::noop()} />
        },
        WidgetKind::Downloads => html! {
            <Downloads rows={list(content, downloads)} on_act={Callback::noop()} on_add={Callback::noop()} />
        },
        WidgetKind::Note => html! {
            <Note title="Note" text={if is_there { NOTE } else { "" }} is_loading={content == Content::Absent}
                on_edit={Callback::noop()} />
        },
        WidgetKind::Activity => html! {
            <Activity entries={list(content, entries)} on_open={Callback::from(|_| {})} />
        },
        WidgetKind::People => html! { <People people={list(content, people).map(|people| people.to_vec())} /> },
        WidgetKind::Counter => html! {
            <Counter label="Visits" count={(content != Content::Absent).then_some(1_234.0)} on_add={Callback::noop()} />
        },
    }
}

fn list<T>(content: Content, all: fn() -> Vec<T>) -> Option<Rc<[T]>> {
    match content {
        Content::Absent => None,
        Content::None => Some(Rc::from([])),
        Content::Some => Some(all().into()),
    }
}

pub(super) const NOTE: &str = "\
## On call this week

Ann until Thursday, then **Bo**. Runbook: <https://example.org/runbook>.

- [x] rotate the keys
- [ ] watch `host.memory`
  1. every morning
  2. after a deploy

> Nothing to do is the best state.

| Host | Since |
|---|---|
| a1 | May |

```
curl -X POST /api/streams/demo
```
";

fn orders(content: Content) -> Option<CollectionItems<Order>> {
    let order = |id: &str, customer: &str, status, pending| CollectionEntry {
        id: id.into(),
        value: Order { customer: customer.into(), item: "Lamp".into(), total: 12.5, status },
        pending,
        seen: Default::default(),
    };
    let all = [order("o1", "Ann", OrderStatus::New, 0), order("o2", "Bo", OrderStatus::Shipped, 1)];
    match content {
        Content::Absent => None,
        Content::None => Some(std::iter::empty::<CollectionEntry<Order>>().collect()),
        Content::Some => Some(all.into_iter().collect()),
    }
}

pub(super) fn favorites() -> Vec<FavoriteRow> {
    let row = |id: &str, label: &str, target: &str, pending| FavoriteRow {
        id: id.into(),
        favorite: Favorite { target: target.into(), label: label.into() },
        pending,
        seen: Default::default(),
    };
    vec![
        row("f1", "Orders", "/b/main/orders", 0),
        row("f2", "Runbook", "https://example.org/runbook", 1),
        row("f3", "The board of the team that works at night", "/b/night/overview", 0),
    ]
}

pub(super) fn downloads() -> Vec<DownloadRow> {
    let row = |id: &str, name: &str, status, received_bytes: u64| {
        let url = format!("https://example.org/{name}");
        let reason = "the server answered 404".to_owned();
        DownloadRow::new(
            id.into(),
            Download { name: name.into(), url, bytes: 48 << 20, received_bytes, status, reason, ..Download::default() },
        )
    };
    let mut running = row("d1", "logs.tar.gz", DownloadStatus::Running, 12 << 20);
    (running.rate, running.is_here) = (Some(2.4e6), true);
    let mut done = row("d2", "report.pdf", DownloadStatus::Done, 48 << 20);
    done.is_here = true;
    let mut stalled = row("d3", "backup.sql", DownloadStatus::Running, 30 << 20);
    stalled.is_stalled = true;
    vec![
        running,
        done,
        stalled,
        row("d4", "photo.raw", DownloadStatus::Paused, 4 << 20),
        row("d5", "missing.zip", DownloadStatus::Failed, 0),
        row("d6", "later.zip", DownloadStatus::Queued, 0),
    ]
}

pub(super) fn entries() -> Vec<ActivityEntry> {
    let now_ms = js_sys::Date::now() as u64;
    let change = |field: &str, before: &str, after: &str| FieldChange {
        field: field.into(),
        before: Some(before.into()),
        after: Some(after.into()),
    };
    let entry = |seq, by: &str, ago_s: u64, verb, (kind, label): (&str, &str), changes| ActivityEntry {
        seq: Seq(seq),
        by: by.into(),
        at: UnixMs(now_ms - ago_s * 1_000),
        entity: label.into(),
        kind: kind.into(),
        text: ActivityText { verb, kind: kind.into(), label: label.into(), changes },
    };
    vec![
        entry(
            9,
            "Ann Lee",
            4,
            "changed",
            ("order", "Bo"),
            vec![change("status", "New", "Paid"), change("total", "10", "12.50")],
        ),
        entry(8, "Ann Lee", 20, "changed", ("order", "Bo"), vec![change("total", "8", "10")]),
        entry(7, "Bo", 95, "moved", ("note", "On call"), vec![change("place", "column 1", "column 5")]),
        entry(6, "Cy", 340, "counted", ("counter", "Visits"), vec![change("count", "1,233", "1,234")]),
        entry(5, "Ann Lee", 4_000, "added", ("download", "report.pdf"), vec![]),
        entry(4, "Bo", 90_000, "removed", ("favourite", "Old board"), vec![]),
    ]
}

pub(super) fn people() -> Vec<Person> {
    let since = UnixMs(js_sys::Date::now() as u64 - 200_000);
    let person = |name: &str, doing: &str| Person {
        id: name.to_owned().into(),
        name: name.to_owned().into(),
        doing: doing.to_owned().into(),
        since: Some(since),
        ..Person::default()
    };
    vec![
        Person { is_me: true, ..person("Ann Lee", "looks at Overview") },
        person("Bo", "edits On call"),
        Person { is_idle: true, ..person("cy.young@example.org", "") },
    ]
}
