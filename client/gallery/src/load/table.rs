//! Table of all orders of the board, for measuring the cost of many rows.

use tideboard_client::{entities::Order, hooks::use_orders};
use tideboard_shared::{Action, EntityId};
use tideboard_ui::{
    components::{AppShell, SyncIndicator},
    widgets::{OrderPatch, Orders},
};
use yew::prelude::*;

/// Table of all orders of the board `main`.
#[component]
pub(super) fn TablePage() -> Html {
    let orders = use_orders("main".parse().expect("a valid name"));
    let on_patch = use_callback(orders.clone(), |patch: OrderPatch, orders| {
        orders.apply_since(patch.seen, patch.id, Action::set(patch.fields));
    });
    let on_remove = use_callback(orders.clone(), |id: EntityId, orders| {
        orders.remove(id);
    });
    let on_create = use_callback(orders.clone(), |order: Order, orders| {
        orders.add(&order);
    });
    html! {
        <AppShell board="All orders" status={html! { <SyncIndicator /> }}>
            <div class="board">
                <section class="panel span-12 load-table" aria-label="Orders">
                    <div class="panel-body">
                        <Orders rows={orders.shared().cloned()} {on_patch} {on_remove} {on_create} />
                    </div>
                </section>
            </div>
        </AppShell>
    }
}
