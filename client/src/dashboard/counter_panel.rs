use serde::Deserialize;
use tideboard_client::{
    components::WidgetFrame,
    hooks::{UseOptimisticUpdateOptions, use_optimistic_update_with_options},
    widgets::Counter,
};
use yew::prelude::*;

use super::{PanelProps, standing::use_standing};

/// The fields of an entity of kind `counter`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
struct CounterFields {
    label: String,
    count: f64,
}

/// The counter `counter`.
#[component]
pub(crate) fn CounterPanel(props: &PanelProps) -> Html {
    let PanelProps { board, on_reject } = props;
    let standing = use_standing(board.clone());
    let options = UseOptimisticUpdateOptions { on_reject: on_reject.clone(), ..Default::default() };
    let counter = use_optimistic_update_with_options::<CounterFields>(board.clone(), "counter".into(), options);
    let on_add = use_callback(counter.clone(), |by: i64, counter| {
        counter.increment("count", by);
    });
    let label = counter.value().map(|fields| fields.label.clone()).filter(|label| !label.is_empty());
    let label = AttrValue::from(label.unwrap_or_else(|| "Counter".to_owned()));
    let count = counter.value().map(|fields| fields.count);
    html! {
        <WidgetFrame class="span-4" title={label.clone()} status={standing.status} pending={counter.pending()}>
            <Counter {label} {count} {on_add} is_disabled={!standing.is_editable} />
        </WidgetFrame>
    }
}
