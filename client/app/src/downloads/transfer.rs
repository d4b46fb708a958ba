use js_sys::{Reflect, Uint8Array};
use tideboard_ui::format::bytes;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, ReadableStreamDefaultReader, RequestCredentials, RequestInit, Response};

use super::{
    MOST_BYTES,
    rules::{Beginning, beginning},
    runner::Job,
};

/// Event of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The server sends it.
    Begun,
    /// There is more of it.
    Received,
}

/// End of a transfer. An aborted one may end in any way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// All of it is there.
    Done,
    /// Broken off, with the reason for people. The bytes that came before are kept.
    Failed(String),
}

/// Fetches a file, or what is missing of it, until it is there or the signal says stop.
pub(super) async fn transfer(job: &Job, url: &str, signal: &AbortSignal, step: impl Fn(Step)) -> End {
    match receive(job, url, signal, step).await {
        Ok(()) => End::Done,
        Err(reason) => End::Failed(reason),
    }
}

async fn receive(job: &Job, url: &str, signal: &AbortSignal, step: impl Fn(Step)) -> Result<(), String> {
    let mut response = ask(job, url, signal).await?;
    loop {
        let range = header(&response, "content-range");
        match beginning(response.status(), range.as_deref(), job.received.get()) {
            Beginning::GoesOn => break,
            Beginning::Anew => {
                job.clear();
                break;
            }
            Beginning::AskAnew => {
                job.clear();
                response = ask(job, url, signal).await?;
            }
            Beginning::Refused(status) => return Err(format!("the server answered {status}")),
        }
    }
    if job.received.get() == 0 {
        job.size.set(size(&response));
        *job.etag.borrow_mut() = header(&response, "etag").filter(|etag| !etag.starts_with("W/"));
    }
    step(Step::Begun);
    let broken = |_| "the connection broke".to_owned();
    let Some(body) = response.body() else { return Ok(()) };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    loop {
        let part = JsFuture::from(reader.read()).await.map_err(broken)?;
        if signal.aborted() || Reflect::get(&part, &"done".into()).map_err(broken)?.is_truthy() {
            break;
        }
        let bytes: Uint8Array = Reflect::get(&part, &"value".into()).map_err(broken)?.unchecked_into();
        add(job, &bytes)?;
        step(Step::Received);
    }
    match job.size.get() {
        size if size > job.received.get() => Err("the connection broke".to_owned()),
        _ => Ok(()),
    }
}

fn add(job: &Job, part: &Uint8Array) -> Result<(), String> {
    let received = job.received.get() + u64::from(part.length());
    if received > MOST_BYTES {
        return Err(format!("larger than a tab may hold, {}", bytes(MOST_BYTES as f64)));
    }
    job.parts.borrow().push(part);
    job.received.set(received);
    Ok(())
}

/// Asks for what is missing, or for all of it when nothing is there.
async fn ask(job: &Job, url: &str, signal: &AbortSignal) -> Result<Response, String> {
    let unreachable = |_: JsValue| "not reached, or that site does not let others read it (CORS)".to_owned();
    let request = RequestInit::new();
    request.set_signal(Some(signal));
    let headers = Headers::new().map_err(unreachable)?;
    if job.received.get() > 0 {
        headers.set("Range", &format!("bytes={}-", job.received.get())).map_err(unreachable)?;
        if let Some(etag) = &*job.etag.borrow() {
            headers.set("If-Range", etag).map_err(unreachable)?;
        }
    }
    request.set_headers(&headers);
    // The address is board content: what it answers is not to depend on who asks.
    request.set_credentials(RequestCredentials::Omit);
    let fetched = gloo::utils::window().fetch_with_str_and_init(url, &request);
    JsFuture::from(fetched).await.and_then(JsValue::dyn_into).map_err(unreachable)
}

/// Size of the file, bytes; 0 where the answer does not say, or says it of its compressed form.
fn size(response: &Response) -> u64 {
    let is_compressed = header(response, "content-encoding").is_some();
    let length = header(response, "content-length").filter(|_| !is_compressed);
    length.and_then(|length| length.parse().ok()).unwrap_or_default()
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).ok().flatten()
}
