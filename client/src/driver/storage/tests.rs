#![expect(clippy::unwrap_used, reason = "a test ends there")]

use std::rc::Rc;

use futures_channel::oneshot;
use tideboard_engine::{CachedBoard, Contents, StoreReply, StoreRequest, Term, Writer, outbox::conformance};
use tideboard_shared::{Position, Seq};
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;

use super::{db::Problem, outbox::IndexedOutbox};

fn fresh_name() -> String {
    format!("test {}", js_sys::Math::random())
}

fn writer(name: &str) -> Writer {
    let key = format!("the-secret-key-of-client-{name}").parse().unwrap();
    Writer { client: name.parse().unwrap(), key }
}

async fn open(name: &str, fresh: &str) -> (IndexedOutbox, Vec<CachedBoard>) {
    IndexedOutbox::open(name.to_owned(), writer(fresh), Default::default()).await.unwrap()
}

fn board(name: &str, seq: u64) -> CachedBoard {
    let position = Position { epoch: "e_1".into(), seq: Seq(seq) };
    CachedBoard { board: name.parse().unwrap(), position, last_n: 0, entities: Vec::new() }
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
    assert_eq!((&first.writer, &second.writer), (&writer("first"), &writer("first")));
}

#[wasm_bindgen_test]
async fn a_storage_from_before_there_were_keys_gets_one_and_keeps_its_client() {
    let name = fresh_name();
    let (first, _) = open(&name, "first").await;
    first.forget_key().await.unwrap();
    let (second, _) = open(&name, "second").await;
    assert_eq!((&second.writer.client, &second.writer.key), (&writer("first").client, &writer("second").key));
}

#[wasm_bindgen_test]
async fn a_page_leaves_numbers_out_when_it_takes_the_lead_and_only_then() {
    let (outbox, _) = open(&fresh_name(), "me").await;
    outbox.gap.set(7);
    for term in [1, 2] {
        let led = outbox.handle(&StoreRequest::Lead).await;
        let contents = Contents { last_n: 7, ..Contents::default() };
        assert_eq!(led, Ok(Some(StoreReply::Led { term: Term(term), contents })));
    }
}

#[wasm_bindgen_test]
async fn a_new_client_id_is_everybodys_and_keeps_what_is_stored() {
    let name = fresh_name();
    let (mine, _) = open(&name, "me").await;
    let (my_other_tab, _) = open(&name, "me").await;
    let append = conformance::cases()[1].steps[0].0.clone();
    let rename = StoreRequest::Rename { from: writer("me").client, to: writer("you").client };
    mine.handle(&append).await.unwrap();
    assert_eq!(mine.handle(&rename).await, Ok(Some(StoreReply::Renamed { client: writer("you").client })));
    my_other_tab.handle(&append).await.unwrap();
    let Ok(Some(StoreReply::Loaded(contents))) = my_other_tab.handle(&StoreRequest::Load).await else { panic!() };
    assert_eq!(contents.client, Some(writer("you").client));
    let ids: Vec<_> = contents.edits.iter().map(|edit| edit.op.id.to_string()).collect();
    assert_eq!(ids, ["c/1", "you/2"]);
    let (reloaded, _) = open(&name, "they").await;
    assert_eq!(reloaded.writer, Writer { client: writer("you").client, key: writer("me").key });
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
    assert_eq!((next.writer.client.as_str(), boards.len()), ("somebody-else", 0));
    assert_eq!(next.handle(&StoreRequest::Load).await, Ok(Some(StoreReply::Loaded(Contents::default()))));
    assert_eq!(my_other_tab.handle(&append).await, Err(Problem::NotOurs));
}

#[wasm_bindgen_test]
async fn a_board_is_kept_as_far_as_any_tab_has_seen_it() {
    let name = fresh_name();
    let (outbox, _) = open(&name, "me").await;
    for seq in [7, 9, 8] {
        outbox.keep_board(&board("main", seq)).await.unwrap();
    }
    let (_, boards) = open(&name, "me").await;
    assert_eq!(boards, [board("main", 9)]);
}

#[wasm_bindgen_test]
async fn a_board_that_the_user_may_not_see_any_more_is_forgotten() {
    let name = fresh_name();
    let (outbox, _) = open(&name, "me").await;
    outbox.keep_board(&board("main", 7)).await.unwrap();
    outbox.keep_board(&board("other", 7)).await.unwrap();
    outbox.forget_board(&"main".parse().unwrap()).await.unwrap();
    assert_eq!(open(&name, "me").await.1, [board("other", 7)]);
    // Should the user be let in again.
    outbox.keep_board(&board("main", 7)).await.unwrap();
    assert_eq!(open(&name, "me").await.1.len(), 2);
}

#[wasm_bindgen_test]
async fn no_more_boards_are_kept_than_may() {
    let name = fresh_name();
    let (outbox, _) = open(&name, "me").await;
    for at in 0..12 {
        outbox.keep_board(&board(&format!("board-{at}"), 1)).await.unwrap();
    }
    let (_, boards) = open(&name, "me").await;
    assert_eq!(boards.len(), 8);
    outbox.drop_boards().await.unwrap();
    assert_eq!(open(&name, "me").await.1, []);
}
