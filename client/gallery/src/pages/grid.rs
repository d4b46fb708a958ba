//! The page of the grid.

use std::rc::Rc;

use tideboard_client::hooks::WidgetStatus;
use tideboard_ui::{
    components::{BoardGrid, GridChange, GridItem, WidgetFrame},
    layout::{Item, Place, Size},
};
use yew::prelude::*;

use super::controls::{Demo, Toggle, use_log};

#[component]
pub(super) fn BoardGridPage() -> Html {
    let is_arranging = use_state(|| true);
    let (log, add) = use_log();
    let items = use_state(|| {
        let item = |(index, (x, w, h)): (usize, (u8, u8, u8))| {
            let place = Place { x, rank: index as f64 };
            Item { id: format!("widget-{index}").into(), place, size: Size { w, h } }
        };
        [(0, 4, 3), (4, 4, 2), (8, 4, 4), (0, 8, 2)].into_iter().enumerate().map(item).collect::<Vec<_>>()
    });
    let on_change = {
        let items = items.clone();
        Callback::from(move |change: GridChange| {
            let mut next = Vec::clone(&items);
            for item in &mut next {
                match &change {
                    GridChange::Move(id, place) if *id == item.id => item.place = *place,
                    GridChange::Resize(id, size) if *id == item.id => item.size = *size,
                    GridChange::Move(..) | GridChange::Resize(..) => {}
                }
            }
            add.emit(format!("{change:?}"));
            items.set(next);
        })
    };
    let shown: Rc<[GridItem]> = items
        .iter()
        .map(|item| {
            let title = AttrValue::from(format!("Widget {}", item.id.as_str().trim_start_matches("widget-")));
            let content =
                html! { <WidgetFrame title={title.clone()} status={WidgetStatus::Live}>{ "…" }</WidgetFrame> };
            GridItem { item: item.clone(), label: title, tools: Html::default(), content }
        })
        .collect();
    let controls = html! { <Toggle label="is_arranging" value={is_arranging.clone()} /> };
    html! {
        <Demo about="Widgets on twelve columns, two or one; each stands as far up as its columns allow." {controls}
            {log}>
            <BoardGrid items={shown} is_arranging={*is_arranging} {on_change} />
        </Demo>
    }
}
