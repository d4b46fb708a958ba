//! `/api/streams`: points from programs that keep no socket.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Json, Path},
};
use tideboard_shared::{StreamRight, Topic, message::StreamPost};

use super::problem::Problem;
use crate::{
    app::App,
    bus::BusEvent,
    clock,
    live::points::{self, BadPoints},
};

/// `POST /api/streams/{topic}`.
pub(super) async fn post(app: Data<App>, topic: Path<Topic>, body: Json<StreamPost>) -> Result<HttpResponse, Problem> {
    let topic = topic.into_inner();
    let points = body.into_inner().points;
    if !app.auth.identify(None, None).rights.on_stream(&topic, StreamRight::Publish) {
        return Err(Problem::new(StatusCode::FORBIDDEN, format!("no right to publish to {topic}")));
    }
    points::check(&points, clock::now(), app.config.future_ms.get() as u64).map_err(|error| {
        let status = match error {
            BadPoints::TooMany(_) => StatusCode::PAYLOAD_TOO_LARGE,
            BadPoints::None | BadPoints::Seconds(_) | BadPoints::Future { .. } => StatusCode::BAD_REQUEST,
        };
        Problem::new(status, error.to_string())
    })?;
    app.bus.publish(BusEvent::Points { topic, points: points.into() }).await;
    Ok(HttpResponse::Accepted().finish())
}
