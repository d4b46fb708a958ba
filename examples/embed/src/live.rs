//! The live part, in the shop's own markup.

use std::rc::Rc;

use tideboard_client::{
    entities::{Order, OrderStatus},
    hooks::{CollectionItem, use_feed, use_orders, use_presence, use_sync_status, use_undo},
};
use tideboard_shared::BoardId;
use tideboard_ui::{Series, format::Unit, widgets::TimeSeries};
use yew::prelude::*;

fn board() -> BoardId {
    "main".parse().expect("a name")
}

/// The orders, in the shop's own table.
#[component]
pub(crate) fn LiveOrders() -> Html {
    let orders = use_orders(board());
    let undo = use_undo(board());
    let sync = use_sync_status();
    let row = |item: &CollectionItem<Order>| {
        let orders = orders.clone();
        let id = item.id.clone();
        let ship = move |_| drop(orders.set_status(id.clone(), OrderStatus::Shipped));
        html! {
            <tr key={item.id.to_string()}>
                <td>{ &item.value.customer }</td>
                <td>{ &item.value.item }</td>
                <td>{ item.value.status.label() }</td>
                <td><button onclick={ship} disabled={item.value.status == OrderStatus::Shipped}>{ "Ship" }</button></td>
            </tr>
        }
    };
    let refusal = orders.refusals().last().map(|notice| format!("The last change was not made: {:?}", notice.why));
    let can_undo = undo.can_undo();
    let undo = move |_| drop(undo.undo());
    html! {
        <section>
            <table>{ for orders.list().unwrap_or_default().iter().map(row) }</table>
            <button onclick={undo} disabled={!can_undo}>{ "Undo" }</button>
            <p role="status">{ format!("{} changes are not saved yet", sync.pending()) }</p>
            <p role="alert">{ refusal }</p>
        </section>
    }
}

/// A chart of ours, and who else is there.
#[component]
pub(crate) fn LiveSide() -> Html {
    let people = use_presence(board());
    let cpu = use_feed("host.cpu".parse().expect("a name"), Default::default());
    let series: Rc<Rc<[Series]>> = use_memo(cpu, |cpu| Rc::from([Series::new("Busy", cpu.clone())]));
    html! {
        <aside>
            <TimeSeries title="Processor" series={Rc::clone(&*series)} unit={Unit::Ratio} top={Some(1.0)} />
            <p>{ format!("{} others are here", people.others().count()) }</p>
        </aside>
    }
}
