//! `use_realtime_updates` against the real server.

use std::{rc::Rc, time::Duration};

use serde_json::json;
use tideboard_client::hooks::{UseRealtimeUpdatesHandle, UseRealtimeUpdatesOptions, use_realtime_updates_with_options};
use tideboard_engine::{
    Body, Carrier, Choice, ConflictStrategy, DeliveryStatus, EditEnd, Item, KeyFn, Policy, Rollback,
};
use tideboard_shared::{Action, Conflict, EntityId, Fields};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::{Log, frames, wait_until},
    probe::{Hooked, ProbeProps, board, fresh, hooked},
};

#[component]
fn Updates(props: &ProbeProps<UseRealtimeUpdatesOptions, UseRealtimeUpdatesHandle>) -> Html {
    props.probe.renders.note(use_realtime_updates_with_options(board(), props.probe.options.clone()));
    Html::default()
}

type User = Hooked<Updates, UseRealtimeUpdatesOptions, UseRealtimeUpdatesHandle>;

async fn user(options: UseRealtimeUpdatesOptions) -> User {
    let user: User = hooked(options).await;
    user.on_board().await;
    user.until("live updates", |updates| updates.status() == &DeliveryStatus::Live).await;
    user
}

/// Every event that was handed on.
fn noting(log: &Log<Item>) -> Callback<Rc<[Item]>> {
    let log = log.clone();
    Callback::from(move |items: Rc<[Item]>| items.iter().for_each(|item| log.note(item.clone())))
}

/// The titles that were handed on for an entity.
fn titles(log: &Log<Item>, entity: &EntityId) -> Vec<String> {
    let title = |item: Item| match &item.body {
        Body::Event(event) if event.op.entity == *entity => match &event.op.action {
            Action::Patch { set, .. } => set["title"].as_str().map(str::to_owned),
            _ => None,
        },
        _ => None,
    };
    log.all().into_iter().filter_map(title).collect()
}

async fn create(user: &User) -> EntityId {
    let entity = fresh();
    let fields = Fields::from([("title".to_owned(), json!("old"))]);
    let applied = user.handle().update(entity.clone(), Action::Create { kind: "thing".to_owned(), fields });
    assert!(matches!(applied.server.await, Some(EditEnd::Applied { .. } | EditEnd::Confirmed)));
    entity
}

fn title(text: &str) -> Action {
    Action::set([("title", text)])
}

#[wasm_bindgen_test]
async fn each_event_is_handed_on_once_in_order_and_renders_only_what_is_shown() {
    let items = Log::default();
    let strategy = Some(Policy::Batch { size: 3, delay: Duration::from_millis(50) });
    let bob = user(UseRealtimeUpdatesOptions { strategy, on_update: noting(&items), ..Default::default() }).await;
    let ann = user(Default::default()).await;
    let entity = create(&ann).await;
    for at in 0..10 {
        ann.handle().update(entity.clone(), title(&at.to_string()));
    }
    wait_until("the last event", || titles(&items, &entity).len() == 10).await;
    assert_eq!(titles(&items, &entity), (0..10).map(|at| at.to_string()).collect::<Vec<_>>());
    assert!(bob.handle().position().0 >= 11 && bob.handle().rate() > 0.0);
    assert_eq!(bob.handle().age(), Some(Duration::ZERO), "a live board is never old");
    assert!(bob.handle().view().is_some_and(|view| view.delivered >= 11));
}

#[wasm_bindgen_test]
async fn what_replaces_each_other_is_handed_on_as_one() {
    let items = Log::default();
    let strategy = Some(Policy::Batch { size: 1_000, delay: Duration::from_secs(60) });
    let dedup_by = Some(KeyFn::by_entity());
    let options = UseRealtimeUpdatesOptions { strategy, dedup_by, on_update: noting(&items), ..Default::default() };
    let bob = user(options).await;
    let entity = create(&bob).await;
    for at in 0..5 {
        bob.handle().update(entity.clone(), title(&at.to_string()));
    }
    bob.until("all", |updates| updates.pending().is_empty() && updates.view().is_some_and(|view| view.held >= 1)).await;
    assert_eq!(titles(&items, &entity).len(), 0, "not yet");
    bob.handle().pause();
    bob.until("the pause", |updates| updates.status() == &DeliveryStatus::Paused).await;
    bob.handle().resume();
    wait_until("the hand-over", || titles(&items, &entity) == ["4"]).await;
}

#[wasm_bindgen_test]
async fn a_paused_component_gets_what_it_missed_when_it_goes_on() {
    let items = Log::default();
    let options = UseRealtimeUpdatesOptions { on_update: noting(&items), paused: true, ..Default::default() };
    let bob = hooked::<Updates, _, _>(options.clone()).await;
    bob.on_board().await;
    bob.until("the pause", |updates| updates.status() == &DeliveryStatus::Paused).await;
    let entity = create(&bob).await;
    let applied = bob.handle().update(entity.clone(), title("missed"));
    assert!(applied.server.await.is_some());
    bob.until("something held", |updates| updates.held() > 0).await;
    assert_eq!(titles(&items, &entity).len(), 0);
    bob.set_options(UseRealtimeUpdatesOptions { paused: false, ..options });
    wait_until("what was missed", || titles(&items, &entity) == ["missed"]).await;
}

#[wasm_bindgen_test]
async fn an_edit_that_the_application_delivers_ends_when_it_says_so() {
    let ann = user(UseRealtimeUpdatesOptions { delivery: Carrier::Manual, ..Default::default() }).await;
    let entity = fresh();
    let action = Action::Create { kind: "thing".to_owned(), fields: Fields::new() };
    let applied = ann.handle().update(entity.clone(), action.clone());
    let id = applied.local.unwrap();
    ann.until("a pending edit", |updates| updates.pending().iter().any(|edit| edit.id == id)).await;
    assert!(ann.handle().confirm(id));
    assert_eq!(applied.server.await, Some(EditEnd::Confirmed));

    let applied = ann.handle().update(fresh(), action);
    assert_eq!(ann.handle().rollback(applied.local.unwrap()), Ok(Rollback::Removed));
    assert_eq!(applied.server.await, Some(EditEnd::RolledBack));
    ann.until("nothing pending", |updates| updates.pending().is_empty()).await;
}

#[wasm_bindgen_test]
async fn a_conflict_that_waits_is_told_once_and_settled_here() {
    let conflicts = Log::<Conflict>::default();
    let on_conflict = {
        let conflicts = conflicts.clone();
        Callback::from(move |conflict| conflicts.note(conflict))
    };
    let options = UseRealtimeUpdatesOptions { conflicts: ConflictStrategy::Ask, on_conflict, ..Default::default() };
    let ann = user(options).await;
    let bob = user(Default::default()).await;
    let entity = create(&ann).await;
    let seen = || bob.realtime().read(|reader| reader.entity(&board(), &entity));
    wait_until("bob to see it", || seen().is_some()).await;
    ann.realtime().disconnect();
    ann.handle().update(entity.clone(), title("mine"));
    assert!(bob.handle().update(entity.clone(), title("theirs")).server.await.is_some());
    ann.realtime().connect();
    let waiting = ann.until("the conflict", |updates| updates.conflicts().len() == 1).await;
    frames(3).await;
    assert_eq!(conflicts.len(), 1);
    waiting.resolve(waiting.conflicts()[0].id, Choice::Mine).unwrap();
    wait_until("mine everywhere", || seen().is_some_and(|view| view.entity.fields["title"] == "mine")).await;
    ann.until("no conflict", |updates| updates.conflicts().is_empty()).await;
}

#[wasm_bindgen_test]
async fn the_status_says_when_the_connection_is_gone_and_a_resync_brings_the_board() {
    let ann = user(Default::default()).await;
    let renders = ann.renders.len();
    frames(30).await;
    assert_eq!(ann.renders.len(), renders, "nothing changed");
    ann.realtime().disconnect();
    ann.until("something else than live", |updates| updates.status() != &DeliveryStatus::Live).await;
    ann.realtime().connect();
    ann.until("live", |updates| updates.status() == &DeliveryStatus::Live).await;
    ann.handle().resync();
    ann.until("live", |updates| updates.status() == &DeliveryStatus::Live).await;
}
