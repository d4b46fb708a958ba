//! `use_offline_queue` against the real server.

use serde_json::json;
use tideboard_client::hooks::{
    ImportError, QueueState, UseOfflineQueueHandle, UseOfflineQueueOptions, use_channel, use_offline_queue_with_options,
};
use tideboard_engine::{Edit, EditId, Refused, Stage};
use tideboard_shared::{Action, Channel, EntityId, Fields, Reason};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::{frames, wait_until},
    probe::{Hooked, ProbeProps, board, fresh, hooked},
};

#[component]
fn Outbox(props: &ProbeProps<UseOfflineQueueOptions, UseOfflineQueueHandle>) -> Html {
    use_channel(Channel::Board(board()).into());
    props.probe.renders.note(use_offline_queue_with_options(props.probe.options.clone()));
    Html::default()
}

type User = Hooked<Outbox, UseOfflineQueueOptions, UseOfflineQueueHandle>;

/// User without a connection, who knows the board.
async fn offline() -> User {
    let user = hooked(UseOfflineQueueOptions::default()).await;
    user.on_board().await;
    user.realtime().disconnect();
    user
}

fn apply(user: &User, entity: &EntityId, action: Action) -> EditId {
    user.realtime().apply(Edit::new(board(), entity.clone(), action), |_| {}).unwrap()
}

fn create(user: &User) -> EntityId {
    let entity = fresh();
    let fields = Fields::from([("count".to_owned(), json!(1))]);
    apply(user, &entity, Action::Create { kind: "thing".to_owned(), fields });
    entity
}

fn count(user: &User, entity: &EntityId) -> Option<i64> {
    user.realtime().read(|reader| reader.entity(&board(), entity))?.entity.fields["count"].as_i64()
}

async fn sent(user: &User) {
    user.realtime().connect();
    user.on_board().await;
    user.until("an empty queue", UseOfflineQueueHandle::is_empty).await;
}

#[wasm_bindgen_test]
async fn edits_wait_in_order_and_each_says_what_it_does() {
    let user = offline().await;
    let entity = create(&user);
    apply(&user, &entity, Action::Increment { field: "count".to_owned(), by: 2.into() });
    apply(&user, &entity, Action::set([("a", 1), ("b", 2)]));
    let queue = user.until("three edits", |queue| queue.len() == 3).await;
    let what: Vec<_> = queue.items().iter().map(|item| item.what.clone()).collect();
    let expected = ["create thing ", "add 2 to count of ", "set a, b of "].map(|what| format!("{what}{entity}"));
    assert_eq!(what, expected);
    assert!(queue.oldest().is_some() && !queue.is_empty() && queue.refused().count() == 0);
    user.until("all stored", |queue| {
        let queued = QueueState::Waiting { stage: Stage::Queued, is_overdue: false };
        queue.items().iter().all(|item| item.state == queued && item.attempts == 0)
    })
    .await;
    sent(&user).await;
    assert_eq!(count(&user, &entity), Some(3));
    assert_eq!(user.handle().oldest(), None);
}

#[wasm_bindgen_test]
async fn what_is_given_up_is_undone() {
    let user = offline().await;
    let entity = create(&user);
    let id = apply(&user, &entity, Action::Increment { field: "count".to_owned(), by: 2.into() });
    user.until("two edits", |queue| queue.len() == 2).await;
    assert!(user.handle().discard(id) && !user.handle().discard(id));
    user.until("one edit", |queue| queue.len() == 1).await;
    assert_eq!(count(&user, &entity), Some(1));
    assert!(!user.handle().retry(id));
    assert_eq!(user.handle().clear(), 1);
    user.until("none", |queue| queue.items().is_empty()).await;
    assert_eq!(count(&user, &entity), None);
}

#[wasm_bindgen_test]
async fn a_refused_edit_stays_until_it_is_sent_again_or_discarded() {
    let ann = offline().await;
    let bob = offline().await;
    let entity = create(&bob);
    sent(&bob).await;
    sent(&ann).await;
    wait_until("ann to see it", || count(&ann, &entity).is_some()).await;
    ann.realtime().disconnect();
    apply(&ann, &entity, Action::Increment { field: "count".to_owned(), by: 1.into() });
    apply(&bob, &entity, Action::Remove);
    sent(&bob).await;
    sent(&ann).await;
    let queue = ann.until("the refused edit", |queue| queue.refused().count() == 1).await;
    let item = queue.refused().next().unwrap();
    let QueueState::Refused(Refused::Rejected(why)) = &item.state else { panic!("{:?}", item.state) };
    assert_eq!(why.reason, Reason::UnknownEntity);
    assert!(queue.requeue(item.id).is_err(), "there is still nothing to add to");
    apply(
        &bob,
        &entity,
        Action::Create { kind: "thing".to_owned(), fields: Fields::from([("count".to_owned(), json!(5))]) },
    );
    wait_until("the entity again", || count(&ann, &entity) == Some(5)).await;
    queue.requeue(item.id).unwrap();
    wait_until("both", || count(&ann, &entity) == Some(6) && ann.handle().items().is_empty()).await;
}

#[wasm_bindgen_test]
async fn a_queue_goes_to_another_browser_and_each_edit_is_made_once() {
    let ann = offline().await;
    let entity = create(&ann);
    apply(&ann, &entity, Action::Increment { field: "count".to_owned(), by: 2.into() });
    ann.until("two stored edits", |queue| queue.len() == 2 && queue.items().iter().all(|item| item.op.id.n > 0)).await;
    let text = ann.handle().export();
    assert_eq!(ann.handle().import(&text), Ok(0), "they still wait here");
    let bob = offline().await;
    assert_eq!(bob.handle().import(&text), Ok(2));
    sent(&bob).await;
    assert_eq!(count(&bob, &entity), Some(3));
    assert!(matches!(bob.handle().import("{}"), Err(ImportError::Unreadable(_))));
    let newer = text.replace("\"version\": 1", "\"version\": 9");
    assert_eq!(bob.handle().import(&newer), Err(ImportError::TooNew { version: 9 }));
    assert!(matches!(bob.handle().import(&text), Err(ImportError::NotMade { made: 1, .. })), "it exists");
}

#[wasm_bindgen_test]
async fn it_renders_only_for_the_edits_of_its_board() {
    let options = UseOfflineQueueOptions { board: Some("other".parse().unwrap()), ..Default::default() };
    let user = hooked::<Outbox, _, _>(options).await;
    user.on_board().await;
    frames(3).await;
    let renders = user.renders.len();
    user.realtime().disconnect();
    create(&user);
    frames(10).await;
    assert_eq!((user.renders.len(), user.handle().len()), (renders, 0));
}
