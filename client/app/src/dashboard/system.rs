//! State of the server and of this tab: a board of its own that nobody edits.

use std::rc::Rc;

use tideboard_client::hooks::{CollectionEntry, CollectionItem, UseRealtimeSubscriptionsHandle};
use tideboard_shared::{EntityId, Topic, topics};
use tideboard_ui::{
    components::{BoardGrid, ConnectionStatus, ConnectionVariant, GridItem},
    layout::{Item, Place, Size},
    widgets::WidgetKind,
};
use yew::prelude::*;

use super::panels::{Panel, fixed_panel_of, topics_of};
use crate::widget::{Source, ValueUnit, Widget};

mod channels;
mod this_tab;

use channels::Channels;
use this_tab::ThisTab;

/// Panels of the server's figures: names, places and sizes.
fn server_widgets() -> Vec<(EntityId, Widget)> {
    let source = |topic: &str, label: &str| Source { topic: topic.to_owned(), label: label.to_owned() };
    let stat = |title: &str, topic: &str, unit: ValueUnit, x: u8| Widget {
        kind: WidgetKind::Stat,
        title: title.to_owned(),
        place: Place { x, rank: 1.0 },
        size: Size { w: 3, h: 2 },
        sources: vec![source(topic, "")],
        unit,
        ..Widget::default()
    };
    let chart = |title: &str, sources: Vec<Source>, unit: ValueUnit, x: u8| Widget {
        kind: WidgetKind::TimeSeries,
        title: title.to_owned(),
        place: Place { x, rank: 2.0 },
        size: Size { w: 4, h: 4 },
        sources,
        unit,
        ..Widget::default()
    };
    let quantiles =
        |topics: [&str; 3]| topics.into_iter().zip(["p50", "p95", "p99"]).map(|(t, label)| source(t, label)).collect();
    let messages = vec![source(topics::SERVER_MESSAGES_IN, "in"), source(topics::SERVER_MESSAGES_OUT, "out")];
    let widgets = [
        ("connections", stat("Connections", topics::SERVER_CONNECTIONS, ValueUnit::Plain, 0)),
        ("messages-out", stat("Messages out, a second", topics::SERVER_MESSAGES_OUT, ValueUnit::Plain, 3)),
        ("operations", stat("Edits, a second", topics::SERVER_OPERATIONS, ValueUnit::Plain, 6)),
        ("memory", stat("Server's memory", topics::SERVER_MEMORY, ValueUnit::Bytes, 9)),
        ("commit", chart("From submit to durable", quantiles(topics::COMMIT), ValueUnit::Milliseconds, 0)),
        ("fanout", chart("From durable to sent", quantiles(topics::FANOUT), ValueUnit::Milliseconds, 4)),
        ("messages", chart("Messages a second", messages, ValueUnit::Plain, 8)),
    ];
    widgets.into_iter().map(|(id, widget)| (EntityId::from(id), widget)).collect()
}

/// Streams that this tab shows.
pub(crate) fn shown_topics() -> Vec<Topic> {
    server_widgets().iter().flat_map(|(_, widget)| topics_of(&widget.sources)).collect()
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct SystemProps {
    pub(crate) plan: UseRealtimeSubscriptionsHandle,
}

/// Tab with the state of the server and of this tab.
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
