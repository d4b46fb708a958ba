use std::rc::Rc;

use tideboard_client::{
    components::WidgetFrame,
    entities::Order,
    hooks::{CollectionItem, UseCollectionOptions, use_orders_with_options},
    widgets::{OrderPatch, OrderRow, Orders},
};
use tideboard_shared::{Action, EntityId};
use yew::prelude::*;

use super::{PanelProps, standing::use_standing};

/// All entities of kind `order`.
#[component]
pub(crate) fn OrdersPanel(props: &PanelProps) -> Html {
    let PanelProps { board, on_reject } = props;
    let standing = use_standing(board.clone());
    let options = UseCollectionOptions { on_reject: on_reject.clone(), ..Default::default() };
    let orders = use_orders_with_options(board.clone(), options);
    let rows: Option<Rc<[OrderRow]>> = orders.list().map(|items| {
        let row = |item: &CollectionItem<Order>| OrderRow {
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
        orders.remove(id);
    });
    let on_create = use_callback(orders.clone(), |order: Order, orders| {
        orders.add(&order);
    });
    let pending = orders.list().unwrap_or_default().iter().map(|item| item.pending).sum::<usize>();
    html! {
        <WidgetFrame class="span-12" title="Orders" status={standing.status} {pending}>
            <Orders {rows} {on_patch} {on_create} {on_remove} is_disabled={!standing.is_editable} />
        </WidgetFrame>
    }
}
