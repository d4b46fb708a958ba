//! Edits are kept in the browser, and the user is told where.

use js_sys::{Function, Promise};
use tideboard_engine::{BoardStatus, ConnectionState, StorageStatus, SyncStatus};
use tideboard_shared::EntityId;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{
    client::{Client, fresh_user},
    page::{SERVER, frames, wait_until},
};

/// A change to the page that is taken back when dropped.
struct Trick(Function);

impl Trick {
    /// `script` changes the page and gives a function that undoes it.
    fn play(script: &str) -> Self {
        Self(js_sys::eval(script).unwrap().unchecked_into())
    }
}

impl Drop for Trick {
    fn drop(&mut self) {
        self.0.call0(&JsValue::UNDEFINED).unwrap();
    }
}

const NO_INDEXED_DB: &str = "
    const before = Object.getOwnPropertyDescriptor(window, 'indexedDB');
    Object.defineProperty(window, 'indexedDB', { value: undefined, configurable: true });
    () => { Object.defineProperty(window, 'indexedDB', before); }";
const OPENS_NEVER: &str = "
    const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function (name) {
        const never = open.call(this, `${name} ${Math.random()}`);
        for (const event of ['success', 'upgradeneeded']) {
            never.addEventListener(event, (event) => event.stopImmediatePropagation(), { capture: true });
        }
        return never;
    };
    () => { IDBFactory.prototype.open = open; }";
const NO_LOCKS: &str = "
    Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true });
    () => { delete navigator.locks; }";
const NO_ROOM_FOR_EDITS: &str = "
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...args) {
        if (this.name === 'edits') throw new DOMException('full', 'QuotaExceededError');
        return put.apply(this, args);
    };
    () => { IDBObjectStore.prototype.put = put; }";
const NO_ROOM_AT_ALL: &str = "
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };
    () => { IDBObjectStore.prototype.put = put; }";

#[wasm_bindgen_test]
async fn edits_are_kept_in_the_browser() {
    let client = Client::live(&fresh_user()).await;
    assert_eq!(client.sync().storage, StorageStatus::Persisted);
    let id = client.create();
    client.add(&id, 2);
    client.confirms(&id, 2).await;
}

#[wasm_bindgen_test]
async fn what_was_edited_offline_is_there_after_a_reload_and_is_applied_once() {
    let user = fresh_user();
    let client = Client::live(&user).await;
    let id = client.create();
    client.saved().await;
    kept(&user, &id).await;
    client.realtime.disconnect();
    for by in 1..=3 {
        client.add(&id, by);
    }
    wait_until("edits to be stored", || client.sync().pending == 3 && is_stored(&client)).await;
    drop(client);
    let client = Client::open(&user).await;
    wait_until("the edits", || client.count(&id) == Some(6)).await;
    client.confirms(&id, 6).await;
    assert_eq!(client.ends.len(), 0, "nobody here waits for edits of an earlier page");
}

#[wasm_bindgen_test]
async fn an_edit_is_written_though_its_page_is_left_at_once() {
    let user = fresh_user();
    let client = Client::live(&user).await;
    let id = client.create();
    client.saved().await;
    client.realtime.disconnect();
    client.add(&id, 1);
    assert!(!is_stored(&client));
    drop(client);
    let client = Client::live(&user).await;
    client.confirms(&id, 1).await;
}

#[wasm_bindgen_test]
async fn without_indexed_db_everything_works_from_memory_and_says_so() {
    let _trick = Trick::play(NO_INDEXED_DB);
    works_from_memory("storage").await;
}

#[wasm_bindgen_test]
async fn a_storage_that_does_not_open_in_time_is_not_waited_for() {
    let _trick = Trick::play(OPENS_NEVER);
    works_from_memory("storage").await;
}

#[wasm_bindgen_test]
async fn where_tabs_cannot_be_told_apart_each_page_is_a_client_of_its_own() {
    let _trick = Trick::play(NO_LOCKS);
    works_from_memory("tabs").await;
}

/// Checks that edits work from memory, with `why` in the reason.
async fn works_from_memory(why: &str) {
    let user = fresh_user();
    let ann = Client::live(&user).await;
    let bob = Client::live(&user).await;
    for client in [&ann, &bob] {
        let StorageStatus::MemoryOnly { reason } = client.sync().storage else { panic!("{:?}", client.sync()) };
        assert!(reason.contains(why), "{reason}");
        assert!(client.is_leader());
    }
    let id = ann.create();
    ann.saved().await;
    wait_until("the counter", || bob.count(&id).is_some()).await;
    bob.add(&id, 5);
    bob.saved().await;
    ann.confirms(&id, 5).await;
}

#[wasm_bindgen_test]
async fn edits_for_which_there_is_no_room_go_out_all_the_same_and_the_user_is_told() {
    let client = Client::live(&fresh_user()).await;
    let id = client.create();
    {
        let _trick = Trick::play(NO_ROOM_FOR_EDITS);
        client.add(&id, 1);
        client.add(&id, 2);
        wait_until("the warning", || client.sync().storage == StorageStatus::QuotaExceeded).await;
        client.confirms(&id, 3).await;
    }
    client.add(&id, 4);
    client.confirms(&id, 7).await;
    assert_eq!(client.sync().storage, StorageStatus::Persisted);
}

#[wasm_bindgen_test]
async fn an_edit_for_which_there_is_not_even_a_number_waits_for_one() {
    let client = Client::live(&fresh_user()).await;
    let id = client.create();
    client.saved().await;
    let trick = Trick::play(NO_ROOM_AT_ALL);
    client.add(&id, 1);
    wait_until("the warning", || client.sync().storage == StorageStatus::QuotaExceeded).await;
    assert_eq!((client.sync().pending, client.count(&id)), (1, Some(1)));
    drop(trick);
    client.confirms(&id, 1).await;
    assert_eq!(client.sync().storage, StorageStatus::Persisted);
}

#[wasm_bindgen_test]
async fn a_board_shows_at_once_and_without_a_connection_as_it_was_last_seen() {
    let user = fresh_user();
    let client = Client::live(&user).await;
    let id = client.create();
    client.add(&id, 7);
    client.saved().await;
    kept(&user, &id).await;
    drop(client);
    let client = Client::open(&user).await;
    client.realtime.disconnect();
    wait_until("the board", || client.status() == Some(BoardStatus::Stale)).await;
    assert_eq!(client.confirmed_count(&id), Some(7));
}

const EXPIRING: &str = "
    const Before = window.WebSocket;
    const sockets = new Set();
    window.WebSocket = class extends Before {
        constructor(...args) { super(...args); sockets.add(this); }
    };
    window.expire = () => sockets.forEach((socket) => {
        socket.dispatchEvent(new CloseEvent('close', { code: 4001, reason: 'token expired' }));
        socket.close();
    });
    () => { window.WebSocket = Before; delete window.expire; }";

#[wasm_bindgen_test]
async fn a_token_that_expires_keeps_the_queue_until_there_is_a_fresh_one() {
    let _trick = Trick::play(EXPIRING);
    let user = fresh_user();
    let ann = Client::live(&user).await;
    let other_tab = Client::live(&user).await;
    let id = ann.create();
    ann.saved().await;
    js_sys::eval("expire()").unwrap();
    let needs_auth = |client: &Client| client.realtime.read(|reader| reader.connection().state);
    for client in [&ann, &other_tab] {
        wait_until("the wish for a token", || needs_auth(client) == ConnectionState::NeedsAuth).await;
    }
    ann.add(&id, 1);
    other_tab.add(&id, 2);
    wait_until("both edits", || ann.sync().status == SyncStatus::NeedsAuth { n: 2 }).await;
    // Any tab may be the one that gets a token.
    other_tab.realtime.set_token("fresh");
    ann.confirms(&id, 3).await;
    other_tab.confirms(&id, 3).await;
}

#[wasm_bindgen_test]
async fn signing_out_leaves_nothing_behind_in_any_tab() {
    let user = fresh_user();
    let ann = Client::live(&user).await;
    let other_tab = Client::live(&user).await;
    let id = ann.create();
    ann.saved().await;
    ann.realtime.disconnect();
    ann.add(&id, 1);
    wait_until("an edit that waits", || other_tab.sync().pending == 1).await;
    ann.realtime.sign_out().await.unwrap();
    wait_until("the other tab's end", || !other_tab.is_connected()).await;
    drop((ann, other_tab));
    let next = Client::live(&user).await;
    frames(10).await;
    assert_eq!((next.sync().pending, next.confirmed_count(&id)), (0, Some(0)));
}

/// Waits until the browser keeps a board that has this entity: some seconds after it has changed.
async fn kept(user: &str, id: &EntityId) {
    let script = format!(
        "new Promise((resolve, reject) => {{
            const opening = indexedDB.open('tideboard {SERVER} {user}');
            opening.onerror = reject;
            opening.onsuccess = () => {{
                const reading = opening.result.transaction('boards').objectStore('boards').get('main');
                reading.onsuccess = () => {{ opening.result.close(); resolve(reading.result ?? ''); }};
            }};
        }})"
    );
    for _ in 0..200 {
        let reading: Promise = js_sys::eval(&script).unwrap().unchecked_into();
        let board = JsFuture::from(reading).await.unwrap().as_string().unwrap();
        if board.contains(id.as_str()) {
            return;
        }
        frames(5).await;
    }
    panic!("{id} is not kept");
}

/// Tells whether no edit waits for the disk.
fn is_stored(client: &Client) -> bool {
    let edits = client.realtime.read(|reader| reader.pending_edits());
    edits.iter().all(|edit| edit.op.id.n > 0)
}
