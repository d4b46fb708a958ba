use std::rc::Rc;

use serde_json::Value;
use tideboard_client::{
    components::WidgetFrame,
    hooks::{UseOptimisticUpdateOptions, use_collection, use_realtime},
    widgets::{Order, OrderPatch, OrderRow, Orders},
};
use tideboard_shared::{Action, EntityId, Fields};
use yew::prelude::*;

use super::{PanelProps, standing::use_standing};

/// All entities of kind `order`.
#[component]
pub(crate) fn OrdersPanel(props: &PanelProps) -> Html {
    let PanelProps { board, on_reject } = props;
    let realtime = use_realtime();
    let standing = use_standing(board.clone());
    let options = UseOptimisticUpdateOptions { on_reject: on_reject.clone(), ..Default::default() };
    let orders = use_collection::<Order>(board.clone(), "order", options);
    let rows: Option<Rc<[OrderRow]>> = orders.items().map(|items| {
        let row = |item: &tideboard_client::hooks::CollectionItem<Order>| OrderRow {
            id: item.id.clone(),
            order: item.value.clone(),
            pending: item.pending,
            seen: item.seen,
        };
        items.iter().map(row).collect()
    });
    let on_patch = use_callback(orders.clone(), |patch: OrderPatch, orders| {
        orders.apply_since(patch.seen, patch.id, Action::set(patch.fields));
    });
    let on_remove = use_callback(orders.clone(), |id: EntityId, orders| {
        orders.apply(id, Action::Remove);
    });
    let on_create = use_callback((orders.clone(), realtime), |order: Order, (orders, realtime)| {
        let id = new_id(realtime.now().wall.0, js_sys::Math::random());
        orders.apply(id, Action::Create { kind: "order".to_owned(), fields: fields(&order) });
    });
    let pending = orders.items().unwrap_or_default().iter().map(|item| item.pending).sum::<usize>();
    html! {
        <WidgetFrame class="span-12" title="Orders" status={standing.status} {pending}>
            <Orders {rows} {on_patch} {on_create} {on_remove} is_disabled={!standing.is_editable} />
        </WidgetFrame>
    }
}

/// A name of its own that sorts behind those made before.
fn new_id(now_ms: u64, random: f64) -> EntityId {
    EntityId::from(format!("order-t{now_ms:011x}{:08x}", (random * f64::from(u32::MAX)) as u32))
}

fn fields(order: &Order) -> Fields {
    match serde_json::to_value(order) {
        Ok(Value::Object(fields)) => fields.into_iter().collect(),
        // Not a finite total; the form does not take one.
        _ => Fields::new(),
    }
}
