//! `use_undo` against the real server.

use serde_json::json;
use tideboard_client::hooks::{UseUndoHandle, use_undo};
use tideboard_engine::{Edit, UndoError};
use tideboard_shared::{Action, EntityId, Fields};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::{frames, wait_until},
    probe::{Hooked, ProbeProps, board, fresh, hooked},
};

#[component]
fn Undo(props: &ProbeProps<(), UseUndoHandle>) -> Html {
    props.probe.renders.note(use_undo(board()));
    Html::default()
}

type User = Hooked<Undo, (), UseUndoHandle>;

fn apply(user: &User, entity: &EntityId, action: Action) {
    user.realtime().apply(Edit::new(board(), entity.clone(), action), |_| {}).unwrap();
}

fn title(user: &User, entity: &EntityId) -> Option<String> {
    let view = user.realtime().read(|reader| reader.entity(&board(), entity))?;
    view.entity.fields["title"].as_str().map(str::to_owned)
}

async fn settled(user: &User, entity: &EntityId, expected: &str) {
    wait_until(&format!("'{expected}', confirmed"), || {
        let pending = user.realtime().read(|reader| reader.sync().pending);
        pending == 0 && title(user, entity).as_deref() == Some(expected)
    })
    .await;
}

/// User who has made an entity and then set its title.
async fn author() -> (User, EntityId) {
    let user = hooked::<Undo, _, _>(()).await;
    user.on_board().await;
    let entity = fresh();
    let fields = Fields::from([("title".to_owned(), json!("old"))]);
    apply(&user, &entity, Action::Create { kind: "thing".to_owned(), fields });
    apply(&user, &entity, Action::set([("title", "new")]));
    settled(&user, &entity, "new").await;
    (user, entity)
}

#[wasm_bindgen_test]
async fn my_last_edit_goes_back_and_forth() {
    let (user, entity) = author().await;
    assert!(user.handle().can_undo() && !user.handle().can_redo());
    user.handle().undo().unwrap();
    assert_eq!(title(&user, &entity).as_deref(), Some("old"), "at once");
    settled(&user, &entity, "old").await;
    user.until("a way forth", UseUndoHandle::can_redo).await;
    user.handle().redo().unwrap();
    settled(&user, &entity, "new").await;
    user.until("no way forth", |undo| !undo.can_redo()).await;
    assert!(matches!(user.handle().redo(), Err(UndoError::Nothing)));
}

#[wasm_bindgen_test]
async fn it_refuses_where_others_changed_the_same_since() {
    let (user, entity) = author().await;
    let other = hooked::<Undo, _, _>(()).await;
    other.on_board().await;
    apply(&other, &entity, Action::set([("title", "theirs")]));
    settled(&user, &entity, "theirs").await;
    assert!(matches!(user.handle().undo(), Err(UndoError::Conflict(_))));
    assert_eq!(title(&user, &entity).as_deref(), Some("theirs"));
}

#[wasm_bindgen_test]
async fn it_renders_when_it_becomes_possible_and_not_for_every_edit() {
    let (user, entity) = author().await;
    frames(3).await;
    let renders = user.renders.len();
    for at in 0..3 {
        apply(&user, &entity, Action::set([("title", format!("again {at}"))]));
    }
    settled(&user, &entity, "again 2").await;
    assert_eq!(user.renders.len(), renders);
}
