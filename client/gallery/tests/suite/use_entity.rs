//! `use_entity` against the real server.

use serde::Deserialize;
use serde_json::json;
use tideboard_client::hooks::{UseEntityHandle, use_entity};
use tideboard_engine::Edit;
use tideboard_shared::{Action, EntityId, Fields};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::frames,
    probe::{Hooked, ProbeProps, board, fresh, hooked},
};

#[derive(Debug, PartialEq, Deserialize)]
struct Thing {
    count: i64,
}

type Handle = UseEntityHandle<Thing>;

#[component]
fn One(props: &ProbeProps<EntityId, Handle>) -> Html {
    props.probe.renders.note(use_entity(board(), props.probe.options.clone()));
    Html::default()
}

fn apply(user: &Hooked<One, EntityId, Handle>, entity: &EntityId, action: Action) {
    user.realtime().apply(Edit::new(board(), entity.clone(), action), |_| {}).unwrap();
}

fn create(count: impl Into<serde_json::Value>) -> Action {
    Action::Create { kind: "thing".to_owned(), fields: Fields::from([("count".to_owned(), count.into())]) }
}

fn counts(count: i64) -> impl Fn(&Handle) -> bool {
    move |entity| entity.value().map(|thing| thing.count) == Some(count) && entity.pending() == 0
}

#[wasm_bindgen_test]
async fn an_entity_comes_changes_and_goes() {
    let entity = fresh();
    let user = hooked::<One, _, _>(entity.clone()).await;
    assert!(user.on_board().await.value().is_none());
    apply(&user, &entity, create(1));
    let created = user.until("the entity", counts(1)).await;
    apply(&user, &entity, Action::Increment { field: "count".to_owned(), by: 1.into() });
    let changed = user.until("the change", counts(2)).await;
    assert!(changed.error().is_none() && changed.seen().0 > created.seen().0);
    apply(&user, &entity, Action::Remove);
    user.until("the end", |entity| entity.value().is_none() && entity.error().is_none()).await;
}

#[wasm_bindgen_test]
async fn it_renders_only_for_its_own_entity_and_says_what_it_cannot_read() {
    let mine = fresh();
    let other = fresh();
    let user = hooked::<One, _, _>(mine.clone()).await;
    user.on_board().await;
    apply(&user, &mine, create(json!("many")));
    let unreadable = user.until("the problem", |entity| entity.error().is_some() && entity.pending() == 0).await;
    assert!(unreadable.value().is_none());
    frames(3).await;
    let renders = user.renders.len();
    apply(&user, &other, create(7));
    frames(20).await;
    assert_eq!(user.renders.len(), renders);
    user.set_options(other);
    user.until("the other", counts(7)).await;
}
