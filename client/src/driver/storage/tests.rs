#![expect(clippy::unwrap_used, reason = "a test ends there")]

use std::rc::Rc;

use futures_channel::oneshot;
use tideboard_engine::{CachedBoard, Contents, StoreReply, StoreRequest, outbox::conformance};
use tideboard_shared::{Check, ClientId, Position, Seq};
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{Keep, db::Problem, outbox::IndexedOutbox};

fn fresh_name() -> String {
    format!("test {}", js_sys::Math::random())
}

fn client(name: &str) -> ClientId {
    name.parse().unwrap()
}

async fn open(name: &str, fresh: &str) -> (IndexedOutbox, Vec<CachedBoard>) {
    IndexedOutbox::open(name.to_owned(), client(fresh), Default::default()).await.unwrap()
}

fn board(name: &str, seq: u64) -> CachedBoard {
    let position = Position { epoch: "e_1".into(), seq: Seq(seq), check: Check::EMPTY };
    CachedBoard { board: name.parse().unwrap(), position, last_n: 0, mine: Vec::new(), entities: Vec::new() }
}

#[wasm_bindgen_test]
async fn the_one_on_indexed_db_is_like_all_others() {
    for case in conformance::cases() {
        let (outbox, _) = open(&fresh_name(), "me").await;
        for (at, (request, reply)) in case.steps.into_iter().enumerate() {
            assert_eq!(outbox.handle(&request).await, Ok(reply), "{}: step {at}", case.name);
        }
    }
}

#[wasm_bindgen_test]
async fn it_outlives_the_page() {
    for case in conformance::cases() {
        let name = fresh_name();
        for (at, (request, reply)) in case.steps.into_iter().enumerate() {
            let (outbox, _) = open(&name, "me").await;
            assert_eq!(outbox.handle(&request).await, Ok(reply), "{}: step {at}", case.name);
        }
    }
}

#[wasm_bindgen_test]
async fn one_storage_is_one_client_whoever_opens_it() {
    let name = fresh_name();
    let (first, _) = open(&name, "first").await;
    let (second, _) = open(&name, "second").await;
    assert_eq!((&first.client, &second.client), (&client("first"), &client("first")));
}

#[wasm_bindgen_test]
async fn two_pages_at_once_never_get_one_number() {
    let name = fresh_name();
    let (one, _) = open(&name, "me").await;
    let (other, _) = open(&name, "me").await;
    let append = || conformance::cases()[1].steps[0].0.clone();
    let mut numbers = Vec::new();
    let other = Rc::new(other);
    for _ in 0..20 {
        let (sender, meanwhile) = oneshot::channel();
        let other = Rc::clone(&other);
        spawn_local(async move { sender.send(other.handle(&append()).await).unwrap() });
        for reply in [one.handle(&append()).await, meanwhile.await.unwrap()] {
            let Ok(Some(StoreReply::Appended { n, .. })) = reply else { panic!("{reply:?}") };
            numbers.push(n.get());
        }
        numbers.push(one.take_number().await.unwrap().get());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=60).collect::<Vec<_>>());
}

#[wasm_bindgen_test]
async fn once_it_is_cleared_nobody_writes_into_it_under_the_old_name() {
    let name = fresh_name();
    let (mine, _) = open(&name, "me").await;
    let (my_other_tab, _) = open(&name, "me").await;
    let append = conformance::cases()[1].steps[0].0.clone();
    mine.handle(&append).await.unwrap();
    mine.clear().await.unwrap();
    assert_eq!(my_other_tab.handle(&append).await, Err(Problem::NotOurs));
    assert_eq!(my_other_tab.reopen().await.unwrap().handle(&append).await, Err(Problem::NotOurs));
    let (next, boards) = open(&name, "somebody-else").await;
    assert_eq!((next.client.as_str(), boards.len()), ("somebody-else", 0));
    assert_eq!(next.handle(&StoreRequest::Load).await, Ok(Some(StoreReply::Loaded(Contents::default()))));
    assert_eq!(my_other_tab.handle(&append).await, Err(Problem::NotOurs));
}

#[wasm_bindgen_test]
async fn a_board_is_kept_as_far_as_any_tab_has_seen_it() {
    let name = fresh_name();
    let (outbox, _) = open(&name, "me").await;
    for seq in [7, 9, 8] {
        outbox.keep_board(&board("main", seq), Keep::Newer).await.unwrap();
    }
    let (_, boards) = open(&name, "me").await;
    assert_eq!(boards, [board("main", 9)]);
}

#[wasm_bindgen_test]
async fn a_board_that_was_set_back_replaces_what_is_further() {
    let name = fresh_name();
    let (outbox, _) = open(&name, "me").await;
    outbox.keep_board(&board("main", 9), Keep::Newer).await.unwrap();
    outbox.keep_board(&board("main", 7), Keep::Anyway).await.unwrap();
    assert_eq!(open(&name, "me").await.1, [board("main", 7)]);
}

#[wasm_bindgen_test]
async fn a_board_that_the_user_may_not_see_any_more_is_forgotten() {
    let name = fresh_name();
    let (outbox, _) = open(&name, "me").await;
    outbox.keep_board(&board("main", 7), Keep::Newer).await.unwrap();
    outbox.keep_board(&board("other", 7), Keep::Newer).await.unwrap();
    outbox.forget_board(&"main".parse().unwrap()).await.unwrap();
    assert_eq!(open(&name, "me").await.1, [board("other", 7)]);
    // Should the user be let in again.
    outbox.keep_board(&board("main", 7), Keep::Newer).await.unwrap();
    assert_eq!(open(&name, "me").await.1.len(), 2);
}

#[wasm_bindgen_test]
async fn no_more_boards_are_kept_than_may() {
    let name = fresh_name();
    let (outbox, _) = open(&name, "me").await;
    for at in 0..12 {
        outbox.keep_board(&board(&format!("board-{at}"), 1), Keep::Newer).await.unwrap();
    }
    let (_, boards) = open(&name, "me").await;
    assert_eq!(boards.len(), 8);
    outbox.drop_boards().await.unwrap();
    assert_eq!(open(&name, "me").await.1, []);
}
