//! Posts to the server, where the socket stays down.
//!
//! In: a body and a token. Out: the answer's body, or its status. Never: a second try, which the engine makes. Plain
//! web-sys: for one kind of request, gloo-net would only add to the download.

use tideboard_engine::PostError;
use tideboard_shared::AccessToken;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Headers, RequestInit, Response};

/// The address for posts that goes with the server's for sockets: `ws:` becomes `http:`, `wss:` becomes `https:`. Edits
/// are by the same user as over the socket: a name in the last socket's address, which may have been asked for, goes
/// along.
pub(super) fn address(url: &str, last_socket: Option<&str>) -> String {
    let address = match url.strip_prefix("ws") {
        Some(rest) => format!("http{rest}"),
        None => url.to_owned(),
    };
    match last_socket.and_then(user_id) {
        Some(name) if user_id(url).is_none() => {
            let joint = if address.contains('?') { '&' } else { '?' };
            format!("{address}{joint}{name}")
        }
        _ => address,
    }
}

/// Part of an address that names the user, in development.
fn user_id(url: &str) -> Option<&str> {
    url.split_once('?')?.1.split('&').find(|part| part.starts_with("userId="))
}

/// A JSON body on its way to the server.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) url: String,
    pub(super) body: String,
    pub(super) token: Option<AccessToken>,
}

/// Posts and reports the answer's body, or why there is none. Reported once, whatever happens.
pub(super) fn post(post: Post, on_end: impl FnOnce(Result<String, PostError>) + 'static) {
    spawn_local(async move {
        // Everything but an answer is a network that does not answer; the engine does not tell one from another.
        let answer = fetch(&post).await;
        on_end(answer.unwrap_or(Err(PostError { status: None })));
    });
}

async fn fetch(Post { url, body, token }: &Post) -> Result<Result<String, PostError>, JsValue> {
    let headers = Headers::new()?;
    headers.set("Content-Type", "application/json")?;
    if let Some(token) = token {
        headers.set("Authorization", &format!("Bearer {}", token.expose()))?;
    }
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(&body.as_str().into());
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response: Response = JsFuture::from(window.fetch_with_str_and_init(url, &request)).await?.dyn_into()?;
    if !response.ok() {
        return Ok(Err(PostError { status: Some(response.status()) }));
    }
    let text = JsFuture::from(response.text()?).await?;
    text.as_string().map(Ok).ok_or(JsValue::NULL)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn posts_go_where_the_socket_goes() {
        assert_eq!(address("ws://127.0.0.1:3000/api/realtime", None), "http://127.0.0.1:3000/api/realtime");
        assert_eq!(address("wss://example.org/api/realtime", None), "https://example.org/api/realtime");
    }

    #[test]
    fn posts_are_by_the_user_that_the_socket_is_of() {
        let asked = Some("ws://host/ws?ticket=7&userId=ann");
        assert_eq!(address("ws://host/ws", asked), "http://host/ws?userId=ann");
        assert_eq!(address("ws://host/ws?a=1", asked), "http://host/ws?a=1&userId=ann");
        assert_eq!(address("ws://host/ws?userId=bea", asked), "http://host/ws?userId=bea");
        assert_eq!(address("ws://host/ws?userId=bea", None), "http://host/ws?userId=bea");
    }
}
