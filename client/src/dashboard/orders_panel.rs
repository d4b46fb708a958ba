use std::{cell::RefCell, collections::BTreeMap};

use tideboard_client::{
    components::WidgetFrame,
    entities::Order,
    hooks::{UseCollectionOptions, use_orders_with_options},
    widgets::{OrderPatch, Orders},
};
use tideboard_engine::EditId;
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
    let on_patch = use_callback(orders.clone(), |patch: OrderPatch, orders| {
        orders.apply_since(patch.seen, patch.id, Action::set(patch.fields));
    });
    // By what each order was removed, so that just that can be taken back.
    let removals = use_memo((), |()| RefCell::new(BTreeMap::<EntityId, EditId>::new()));
    let on_remove = use_callback((orders.clone(), removals.clone()), |id: EntityId, (orders, removals)| {
        if let Ok(edit) = orders.remove(id.clone()).local {
            removals.borrow_mut().insert(id, edit);
        }
    });
    let on_restore = use_callback((orders.clone(), removals), |id: EntityId, (orders, removals)| {
        let edit = removals.borrow_mut().remove(&id);
        // What cannot be taken back any more is told by the engine.
        let _ = edit.map(|edit| orders.rollback(edit));
    });
    let on_create = use_callback(orders.clone(), |order: Order, orders| {
        orders.add(&order);
    });
    let pending = orders.list().unwrap_or_default().iter().map(|item| item.pending).sum::<usize>();
    html! {
        <WidgetFrame class="span-12" title="Orders" status={standing.status} {pending}>
            <Orders rows={orders.shared().cloned()} {on_patch} {on_create} {on_remove} {on_restore} is_disabled={!standing.is_editable} />
        </WidgetFrame>
    }
}
