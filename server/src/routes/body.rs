//! Bodies of requests, each read within a limit of time.
//!
//! In: a request as its head came. Out: the same request with its whole body, or 408. Never: a connection that is held open
//! by a body that does not come; a body over the limit of size in memory.

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{CONTENT_LENGTH, UPGRADE},
    },
    middleware::Next,
    web::{Bytes, BytesMut, Data},
};
use futures_util::StreamExt;

use super::{BODY_BYTES, problem::Problem};
use crate::app::App;

/// Reads the body before the route is asked.
pub(super) async fn in_time<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let limit = request.app_data::<Data<App>>().map(|app| app.config.body_ms.duration());
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let is_too_large = length.is_some_and(|length: usize| length > BODY_BYTES);
    // A socket's frames are no body; one that is too large by its own words is refused without being read.
    if let Some(limit) = limit
        && !request.headers().contains_key(UPGRADE)
        && !is_too_large
    {
        let body = tokio::time::timeout(limit, whole(request.take_payload())).await;
        let body = body.map_err(|_| {
            let detail = format!("the body did not come within {} ms", limit.as_millis());
            Problem::new(StatusCode::REQUEST_TIMEOUT, detail)
        })?;
        request.set_payload(Payload::from(body?));
    }
    next.call(request).await
}

/// The body, or the first bytes of one that is too large, which whoever reads it refuses.
async fn whole(mut payload: Payload) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(part) = payload.next().await {
        let part =
            part.map_err(|error| Problem::new(StatusCode::BAD_REQUEST, format!("the body broke off: {error}")))?;
        body.extend_from_slice(&part);
        if body.len() > BODY_BYTES {
            break;
        }
    }
    Ok(body.freeze())
}
