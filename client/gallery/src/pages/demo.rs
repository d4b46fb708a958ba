//! The development panel beside a small board, which shows what each fault does.

use serde::Deserialize;
use tideboard_client::{
    RealtimeProvider,
    entities::Order,
    hooks::{
        UseCollectionOptions, UseOptimisticUpdateOptions, WidgetStatus, use_optimistic_update_with_options,
        use_orders_with_options, use_store_with, use_stream,
    },
};
use tideboard_engine::{BoardStatus, Config};
use tideboard_ui::{
    components::WidgetFrame,
    widgets::{Counter, Note, NotePart},
};
use yew::prelude::*;

use super::controls::{Demo, board, logged, use_log};
use crate::RealtimeDemo;

/// Page with a client of its own, so that its faults touch no other page.
#[component]
pub(super) fn RealtimeDemoPage() -> Html {
    let mut config = Config::default();
    config.features.devtools = true;
    html! { <RealtimeProvider user="RealtimeDemo" {config}><Workbench /></RealtimeProvider> }
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
struct Fields {
    title: String,
    text: String,
    label: String,
    count: f64,
}

#[component]
fn Workbench() -> Html {
    let (log, add) = use_log();
    let options = || UseOptimisticUpdateOptions {
        on_reject: logged(&add, |problem| format!("refused: {problem:?}")),
        ..Default::default()
    };
    let note = use_optimistic_update_with_options::<Fields>(board(), "welcome".into(), options());
    let counter = use_optimistic_update_with_options::<Fields>(board(), "counter".into(), options());
    let orders = use_orders_with_options(board(), UseCollectionOptions::default());
    let wave = use_stream("demo.wave".parse().expect("a valid name"));
    let status = use_store_with(board(), |reader, board| reader.board(board).map(|view| view.status));
    let status = match &*status {
        None | Some(BoardStatus::Loading) => WidgetStatus::Loading,
        Some(BoardStatus::CatchingUp) => WidgetStatus::CatchingUp,
        Some(BoardStatus::Live) => WidgetStatus::Live,
        Some(BoardStatus::Polled) => WidgetStatus::Polled,
        Some(BoardStatus::Stale) => WidgetStatus::Offline,
        Some(BoardStatus::Denied { .. }) => WidgetStatus::Denied,
    };
    let on_edit = use_callback(note.clone(), |(part, edit): (NotePart, _), note| {
        let field = match part {
            NotePart::Title => "title",
            NotePart::Text => "text",
        };
        let tideboard_ui::components::TextEdit { text, seen } = edit;
        note.set_since(seen, [(field, text)]);
    });
    let on_add = use_callback(counter.clone(), |by: i64, counter| {
        counter.increment("count", by);
    });
    let fields = note.value().cloned().unwrap_or_default();
    let newest = orders.list().and_then(|list| list.last()).map(|item| item.value.clone());
    let facts = vec![
        ("orders", orders.list().map_or_else(|| "–".to_owned(), |list| list.len().to_string())),
        (
            "newest order",
            newest.map_or_else(|| "–".to_owned(), |Order { item, status, .. }| format!("{item}, {}", status.label())),
        ),
        ("demo.wave", wave.value().map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"))),
    ];
    html! {
        <Demo about="What the app does when things go wrong, and a board to see it." {facts} {log}>
            <div class="demo-board">
                <WidgetFrame title="Note" {status} pending={note.pending()}>
                    <Note title={fields.title} text={fields.text} seen={note.seen()} {on_edit}
                        is_disabled={note.value().is_none()} />
                </WidgetFrame>
                <WidgetFrame title="Counter" {status} pending={counter.pending()}>
                    <Counter label="Counter" count={counter.value().map(|fields| fields.count)} {on_add} />
                </WidgetFrame>
            </div>
            <RealtimeDemo />
        </Demo>
    }
}
