//! `use_orders` against the real server.

use tideboard_client::{
    entities::{Order, OrderStatus},
    hooks::{EditProblem, UseCollectionOptions, UseOrdersHandle, use_orders_with_options},
};
use tideboard_engine::{ApplyError, EditEnd, Refused};
use tideboard_shared::EntityId;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::{Log, frames},
    probe::{Hooked, ProbeProps, board, hooked},
};

#[component]
fn Orders(props: &ProbeProps<UseCollectionOptions, UseOrdersHandle>) -> Html {
    props.probe.renders.note(use_orders_with_options(board(), props.probe.options.clone()));
    Html::default()
}

type User = Hooked<Orders, UseCollectionOptions, UseOrdersHandle>;

async fn user(problems: &Log<EditProblem>) -> User {
    let problems = problems.clone();
    let on_reject = Callback::from(move |problem| problems.note(problem));
    let user: User = hooked(UseCollectionOptions { on_reject, ..Default::default() }).await;
    user.on_board().await;
    user.until("a list", |orders| orders.list().is_some()).await;
    user
}

fn status(orders: &UseOrdersHandle, id: &EntityId) -> Option<OrderStatus> {
    Some(orders.get(id)?.value.status)
}

#[wasm_bindgen_test]
async fn an_order_is_added_moved_on_and_removed_and_shows_at_once() {
    let user = user(&Log::default()).await;
    let order = Order { customer: "Ann".into(), item: "Lamp".into(), total: 12.5, ..Order::default() };
    let (id, added) = user.handle().add(&order);
    let shown = user.until("the order", |orders| orders.get(&id).is_some()).await;
    assert_eq!(shown.get(&id).map(|item| item.value.clone()), Some(order));
    assert!(shown.pending() <= 1 && matches!(added.server.await, Some(EditEnd::Applied { .. })));
    let moved = user.handle().set_status(id.clone(), OrderStatus::Paid);
    user.until("the status", |orders| status(orders, &id) == Some(OrderStatus::Paid)).await;
    assert!(matches!(moved.server.await, Some(EditEnd::Applied { .. })));
    let moved = user.handle().set_status(id.clone(), OrderStatus::Shipped);
    let edit = moved.local.unwrap();
    assert!(moved.server.await.is_some());
    assert!(user.handle().rollback(edit).is_ok());
    user.until("the status before", |orders| status(orders, &id) == Some(OrderStatus::Paid)).await;
    let removed = user.handle().remove(id.clone());
    user.until("no order", |orders| orders.get(&id).is_none()).await;
    assert!(matches!(removed.server.await, Some(EditEnd::Applied { .. })));
}

#[wasm_bindgen_test]
async fn a_refusal_says_why_until_it_is_dismissed() {
    let problems = Log::default();
    let others = Log::default();
    let ann = user(&problems).await;
    let bob = user(&others).await;
    let (id, added) = ann.handle().add(&Order::default());
    assert!(added.server.await.is_some());
    bob.until("the order", |orders| orders.get(&id).is_some()).await;
    ann.realtime().disconnect();
    let moved = ann.handle().set_status(id.clone(), OrderStatus::Paid);
    assert!(bob.handle().remove(id.clone()).server.await.is_some());
    ann.realtime().connect();
    assert!(matches!(moved.server.await, Some(EditEnd::Refused(Refused::Rejected(_)))));
    let refused = ann.until("the reason", |orders| orders.refusals().len() == 1).await;
    assert!(refused.get(&id).is_none() && matches!(problems.last(), EditProblem::Refused(_)));
    refused.dismiss(refused.refusals()[0].id);
    ann.until("no reason", |orders| orders.refusals().is_empty()).await;
    let renders = ann.renders.len();
    let again = ann.handle().set_status(id, OrderStatus::Paid);
    assert!(matches!(again.local, Err(ApplyError::Refused(_))));
    frames(5).await;
    assert_eq!((ann.renders.len(), problems.len()), (renders, 2), "nothing changed, and the reason was told");
}
