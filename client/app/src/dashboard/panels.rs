//! Panels of the board's widgets, a kind a file: the entity, its data, and its frame around them.
//!
//! In: an entity of kind `widget`. Out: a panel that fills its cell. Never: a place on the grid.

use tideboard_client::hooks::CollectionItem;
use tideboard_shared::Topic;
use tideboard_ui::{format::Unit, widgets::WidgetKind};
use yew::prelude::*;

use crate::widget::{Source, ValueUnit, Widget};

mod activity;
mod chart;
mod counter;
mod downloads;
mod favorites;
mod gauge;
mod note;
mod orders;
mod panel;
mod people;
mod stat;

pub(crate) use activity::ActivityPanel;
pub(crate) use downloads::DownloadsPanel;
pub(crate) use favorites::FavoritesPanel;
pub(crate) use orders::OrdersPanel;
pub(crate) use panel::Panel;

/// Properties of every panel.
#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct WidgetProps {
    pub(crate) item: CollectionItem<Widget>,
    /// Menu at the title's end.
    #[prop_or_default]
    pub(crate) menu: Html,
    /// Set for a panel that is the app's own, and no entity of the board.
    #[prop_or_default]
    pub(crate) is_fixed: bool,
}

impl WidgetProps {
    fn title(&self) -> AttrValue {
        let title = &self.item.value.title;
        if title.is_empty() { self.item.value.kind.label().into() } else { title.clone().into() }
    }
}

/// The panel of a widget.
pub(crate) fn panel_of(item: &CollectionItem<Widget>, menu: Html) -> Html {
    let item = item.clone();
    match item.value.kind {
        WidgetKind::Stat => html! { <stat::StatPanel {item} {menu} /> },
        WidgetKind::TimeSeries => html! { <chart::TimeSeriesPanel {item} {menu} /> },
        WidgetKind::Gauge => html! { <gauge::GaugePanel {item} {menu} /> },
        WidgetKind::Orders => html! { <orders::OrdersWidget {item} {menu} /> },
        WidgetKind::Favorites => html! { <favorites::FavoritesWidget {item} {menu} /> },
        WidgetKind::Downloads => html! { <downloads::DownloadsWidget {item} {menu} /> },
        WidgetKind::Note => html! { <note::NotePanel {item} {menu} /> },
        WidgetKind::Activity => html! { <activity::ActivityWidget {item} {menu} /> },
        WidgetKind::People => html! { <people::PeopleWidget {item} {menu} /> },
        WidgetKind::Counter => html! { <counter::CounterPanel {item} {menu} /> },
    }
}

/// The panel of a stream's widget that the app itself has.
pub(crate) fn fixed_panel_of(item: &CollectionItem<Widget>) -> Html {
    let item = item.clone();
    match item.value.kind {
        WidgetKind::TimeSeries => html! { <chart::TimeSeriesPanel {item} is_fixed=true /> },
        _ => html! { <stat::StatPanel {item} is_fixed=true /> },
    }
}

/// The topics among what people have typed; the others are no names.
pub(crate) fn topics_of(sources: &[Source]) -> Vec<Topic> {
    sources.iter().filter_map(|source| source.topic.parse().ok()).collect()
}

fn unit_of(unit: ValueUnit) -> Unit {
    match unit {
        ValueUnit::Plain => Unit::Plain,
        ValueUnit::Ratio => Unit::Ratio,
        ValueUnit::Bytes => Unit::Bytes,
        ValueUnit::BytesPerSecond => Unit::BytesPerSecond,
        ValueUnit::Milliseconds => Unit::Milliseconds,
    }
}
