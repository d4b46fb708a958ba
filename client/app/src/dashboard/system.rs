//! How the server is and how this tab is: a board of its own that nobody edits.

use std::rc::Rc;

use serde_json::json;
use tideboard_client::hooks::{CollectionEntry, CollectionItem, UseRealtimeSubscriptionsHandle};
use tideboard_shared::{EntityId, Topic};
use tideboard_ui::{
    components::{BoardGrid, ConnectionStatus, ConnectionVariant, GridItem},
    layout::{Item, Place, Size},
};
use yew::prelude::*;

use super::panels::{Panel, fixed_panel_of, topics_of};
use crate::widget::Widget;

mod channels;
mod this_tab;

use channels::Channels;
use this_tab::ThisTab;

/// The server's panels: what is shown, where, and how large.
fn server_widgets() -> Vec<(EntityId, Widget)> {
    let stat = |title: &str, topic: &str, unit: &str, x: u8| json!({"type": "stat", "title": title, "sources": [{"topic": topic}], "unit": unit, "place": {"x": x, "rank": 1}, "size": {"w": 3, "h": 2}});
    let chart = |title: &str, topic: &str, lines: [&str; 3], unit: &str, x: u8| {
        let source = |line| json!({"topic": format!("{topic}.{line}"), "label": line});
        json!({"type": "time_series", "title": title, "sources": lines.map(source), "unit": unit, "place": {"x": x, "rank": 2}, "size": {"w": 4, "h": 4}})
    };
    let percentiles = ["p50", "p95", "p99"];
    let messages = json!({
        "type": "time_series", "title": "Messages a second", "place": {"x": 8, "rank": 2}, "size": {"w": 4, "h": 4},
        "sources": [{"topic": "server.messages.in", "label": "in"}, {"topic": "server.messages.out", "label": "out"}],
    });
    let widgets = [
        ("connections", stat("Connections", "server.connections", "plain", 0)),
        ("messages-out", stat("Messages out, a second", "server.messages.out", "plain", 3)),
        ("operations", stat("Edits, a second", "server.operations", "plain", 6)),
        ("memory", stat("Server's memory", "server.memory", "bytes", 9)),
        ("commit", chart("From submit to durable", "server.commit", percentiles, "milliseconds", 0)),
        ("fanout", chart("From durable to sent", "server.fanout", percentiles, "milliseconds", 4)),
        ("messages", messages),
    ];
    let read = |fields| serde_json::from_value(fields).expect("the fields above are a widget's");
    widgets.into_iter().map(|(id, fields)| (EntityId::from(id), read(fields))).collect()
}

/// The streams that this tab shows.
pub(crate) fn topics() -> Vec<Topic> {
    server_widgets().iter().flat_map(|(_, widget)| topics_of(&widget.sources)).collect()
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct SystemProps {
    pub(crate) plan: UseRealtimeSubscriptionsHandle,
}

/// How the server is and how this tab is.
#[component]
pub(crate) fn System(props: &SystemProps) -> Html {
    let items = use_memo((), |()| {
        let entry =
            |(id, value)| CollectionItem::from(CollectionEntry { id, value, pending: 0, seen: Default::default() });
        server_widgets().into_iter().map(entry).collect::<Vec<CollectionItem<Widget>>>()
    });
    let server = items.iter().map(|item| GridItem {
        item: Item { id: item.id.clone(), place: item.value.place, size: item.value.size },
        label: item.value.title.clone().into(),
        tools: Html::default(),
        content: fixed_panel_of(item),
    });
    let own = |id: &'static str, title: &'static str, x: u8, size: Size, content: Html| GridItem {
        item: Item { id: id.into(), place: Place { x, rank: 3.0 }, size },
        label: title.into(),
        tools: Html::default(),
        content: html! { <Panel id={EntityId::from(id)} {title}>{ content }</Panel> },
    };
    let connection = html! { <><ConnectionStatus variant={ConnectionVariant::Full} /><ThisTab /></> };
    let own = [
        own("this-tab", "This tab", 0, Size { w: 5, h: 7 }, connection),
        own(
            "channels",
            "Channels of this tab",
            5,
            Size { w: 7, h: 7 },
            html! { <Channels plan={props.plan.clone()} /> },
        ),
    ];
    let items: Rc<[GridItem]> = server.chain(own).collect();
    html! { <BoardGrid {items} /> }
}
