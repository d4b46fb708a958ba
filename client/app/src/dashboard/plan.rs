//! Channels that each tab needs: only those of the tab in sight are subscribed to.

use std::collections::BTreeSet;

use tideboard_client::hooks::{
    UseRealtimeSubscriptionsHandle, UseRealtimeSubscriptionsOptions, use_realtime_subscriptions, use_store_with,
};
use tideboard_engine::PlanTab;
use tideboard_shared::{BoardId, Channel, Entity, Kind, Topic, message::Subscribe};
use yew::prelude::*;

use super::{address::Tab, panels::topics_of, system};
use crate::widget::{Top, Widget};

/// Follows the user from tab to tab. What panels subscribe to is the same; this says it before they are drawn, and counts what comes.
#[hook]
pub(crate) fn use_plan(board: BoardId, tab: Tab) -> UseRealtimeSubscriptionsHandle {
    let overview = use_store_with(board.clone(), |reader, board| {
        let widgets = reader.entities(board, Widget::NAME);
        widgets.iter().flat_map(|view| topics(&view.entity)).collect::<BTreeSet<Topic>>()
    });
    let needs = |tab: Tab| {
        let board = Channel::Board(board.clone());
        let channels: Vec<Channel> = match tab {
            Tab::Overview => [board].into_iter().chain(overview.iter().cloned().map(Channel::Stream)).collect(),
            Tab::Orders | Tab::Favorites | Tab::Downloads | Tab::Activity => vec![board],
            Tab::System => [board].into_iter().chain(system::shown_topics().into_iter().map(Channel::Stream)).collect(),
        };
        PlanTab { name: tab.name().to_owned(), requests: channels.into_iter().map(Subscribe::from).collect() }
    };
    let options = UseRealtimeSubscriptionsOptions { map: Tab::ALL.map(needs).to_vec(), ..Default::default() };
    use_realtime_subscriptions(Some(tab.name()), options)
}

fn topics(entity: &Entity) -> Vec<Topic> {
    let Ok(widget) = entity.decode::<Widget>() else { return Vec::new() };
    let top = match &widget.top {
        Some(Top::Topic(topic)) => topic.parse().ok(),
        Some(Top::Value(_)) | None => None,
    };
    topics_of(&widget.sources).into_iter().chain(top).collect()
}
