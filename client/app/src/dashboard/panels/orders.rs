use tideboard_client::entities::Order;
use tideboard_engine::ConflictStrategy;
use tideboard_shared::{Action, EntityId};
use tideboard_ui::widgets::{OrderPatch, Orders};
use yew::prelude::*;

use super::{Panel, WidgetProps};
use crate::dashboard::context::{use_careful_edit, use_items, use_page};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct OrdersPanelProps {
    #[prop_or_else(|| EntityId::from("orders"))]
    pub(crate) id: EntityId,
    #[prop_or(AttrValue::Static("Orders"))]
    pub(crate) title: AttrValue,
    #[prop_or_default]
    pub(crate) menu: Html,
}

/// The board's orders as a widget.
#[component]
pub(super) fn OrdersWidget(props: &WidgetProps) -> Html {
    html! { <OrdersPanel id={props.item.id.clone()} title={props.title()} menu={props.menu.clone()} /> }
}

/// All entities of kind `order`. Who changes what others have changed is asked which of the two it shall be.
#[component]
pub(crate) fn OrdersPanel(props: &OrdersPanelProps) -> Html {
    let page = use_page();
    let edit = use_careful_edit();
    let orders = use_items::<Order>(ConflictStrategy::Ask);
    let rows = orders.list().cloned();
    let on_patch = use_callback(orders.live.clone(), |patch: OrderPatch, orders| {
        orders.apply_since(patch.seen, patch.id, Action::set(patch.fields));
    });
    let on_remove = use_callback(orders.live.clone(), |id: EntityId, orders| {
        orders.apply(id, Action::Remove);
    });
    let on_create = use_callback(edit, |order: Order, edit| {
        edit.create(&order);
    });
    html! {
        <Panel id={props.id.clone()} title={props.title.clone()} menu={props.menu.clone()}>
            <Orders {rows} {on_patch} {on_create} {on_remove} is_disabled={!page.is_editable} />
        </Panel>
    }
}
