//! `use_collection` against the real server.

use serde::Deserialize;
use serde_json::json;
use tideboard_client::hooks::{EditProblem, UseCollectionHandle, UseCollectionOptions, use_collection_with_options};
use tideboard_engine::{ConflictStrategy, EditEnd};
use tideboard_shared::{Action, EntityId, Fields};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::{Log, frames},
    probe::{Hooked, ProbeProps, board, fresh, hooked},
};

#[derive(Debug, PartialEq, Deserialize)]
struct Part {
    size: i64,
}

type Handle = UseCollectionHandle<Part>;

#[component]
fn Parts(props: &ProbeProps<UseCollectionOptions, Handle>) -> Html {
    props.probe.renders.note(use_collection_with_options(board(), "part", props.probe.options.clone()));
    Html::default()
}

async fn parts(options: UseCollectionOptions) -> Hooked<Parts, UseCollectionOptions, Handle> {
    let user = hooked::<Parts, _, _>(options).await;
    user.on_board().await;
    user.until("a list", |parts| parts.items().is_some()).await;
    user
}

fn create(kind: &str, size: serde_json::Value) -> Action {
    Action::Create { kind: kind.to_owned(), fields: Fields::from([("size".to_owned(), size)]) }
}

fn size(parts: &Handle, id: &EntityId) -> Option<i64> {
    Some(parts.items()?.iter().find(|item| item.id == *id)?.value.size)
}

#[wasm_bindgen_test]
async fn it_lists_one_kind_by_ascending_id_and_leaves_out_what_it_cannot_read() {
    let user = parts(Default::default()).await;
    let a = fresh();
    let b = fresh();
    let unreadable = fresh();
    for (id, size) in [(&b, json!(2)), (&a, json!(1)), (&unreadable, json!("large"))] {
        assert!(user.handle().apply(id.clone(), create("part", size)).server.await.is_some());
    }
    let listed = user.until("both", |parts| size(parts, &a) == Some(1) && size(parts, &b) == Some(2)).await;
    assert_eq!(size(&listed, &unreadable), None);
    assert!(listed.items().is_some_and(|items| items.is_sorted_by(|a, b| a.id < b.id)));
    frames(3).await;
    let renders = user.renders.len();
    assert!(user.handle().apply(fresh(), create("other", json!(3))).server.await.is_some());
    frames(3).await;
    assert_eq!(user.renders.len(), renders, "another kind");
}

#[wasm_bindgen_test]
async fn what_was_begun_before_others_changed_the_same_is_settled_as_the_options_say() {
    for (on_conflict, expected) in [(ConflictStrategy::RemoteWins, 5), (ConflictStrategy::LocalWins, 9)] {
        let problems = Log::<EditProblem>::default();
        let on_reject = {
            let problems = problems.clone();
            Callback::from(move |problem| problems.note(problem))
        };
        let ann = parts(UseCollectionOptions { on_conflict, on_reject }).await;
        let bob = parts(Default::default()).await;
        let id = fresh();
        assert!(ann.handle().apply(id.clone(), create("part", json!(1))).server.await.is_some());
        bob.until("the part", |parts| size(parts, &id) == Some(1)).await;
        ann.realtime().disconnect();
        let mine = ann.handle().apply(id.clone(), Action::set([("size", 9)]));
        assert!(bob.handle().apply(id.clone(), Action::set([("size", 5)])).server.await.is_some());
        ann.realtime().connect();
        let end = mine.server.await;
        assert_eq!(matches!(end, Some(EditEnd::Applied { .. })), expected == 9, "{end:?}");
        ann.until("the outcome", |parts| size(parts, &id) == Some(expected)).await;
        assert_eq!(problems.len(), usize::from(expected == 5));
    }
}
