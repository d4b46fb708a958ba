//! Requests over REST for the past: a board as it was, and its events.

use gloo::utils::window;
use serde::de::DeserializeOwned;
use tideboard_shared::{
    BoardId, Seq,
    message::{BoardReply, EventsReply, Problem},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

/// A board as it was after one of its events.
pub(super) async fn board_at(board: &BoardId, at: Seq) -> Result<BoardReply, String> {
    get(&format!("{}?at={}", address(board), at.0)).await
}

/// The events up to and without `before`, or the newest ones; ascending.
pub(super) async fn events(board: &BoardId, before: Option<Seq>, limit: usize) -> Result<EventsReply, String> {
    let before = before.map_or_else(String::new, |seq| format!("before={}&", seq.0));
    get(&format!("{}/events?{before}limit={limit}", address(board))).await
}

fn address(board: &BoardId) -> String {
    format!("/api/boards/{}", String::from(js_sys::encode_uri_component(board.as_str())))
}

/// The answer, or why there is none in words for the user.
async fn get<T: DeserializeOwned>(url: &str) -> Result<T, String> {
    let lost = |_: JsValue| "The server cannot be reached.".to_owned();
    let response: Response = JsFuture::from(window().fetch_with_str(url)).await.map_err(lost)?.unchecked_into();
    let body = JsFuture::from(response.text().map_err(lost)?).await.map_err(lost)?;
    let body = body.as_string().unwrap_or_default();
    if !response.ok() {
        let problem = serde_json::from_str::<Problem>(&body).map(|problem| problem.detail);
        return Err(problem.unwrap_or_else(|_| format!("The server answered {}.", response.status())));
    }
    serde_json::from_str(&body).map_err(|_| "The server's answer cannot be read; reload the page.".to_owned())
}
