use serde_json::Number;
use tideboard_shared::Action;
use tideboard_ui::widgets::Counter;
use yew::prelude::*;

use super::{Panel, WidgetProps};
use crate::dashboard::context::{use_loose_edit, use_page};

/// A number that everyone can raise and lower.
#[component]
pub(super) fn CounterPanel(props: &WidgetProps) -> Html {
    let page = use_page();
    let edit = use_loose_edit();
    let on_add = {
        let id = props.item.id.clone();
        Callback::from(move |by: i64| {
            edit.apply(id.clone(), Action::Increment { field: "count".to_owned(), by: Number::from(by) });
        })
    };
    html! {
        <Panel id={props.item.id.clone()} title={props.title()} menu={props.menu.clone()}>
            <Counter label={props.title()} count={props.item.value.count} {on_add} is_disabled={!page.is_editable} />
        </Panel>
    }
}
