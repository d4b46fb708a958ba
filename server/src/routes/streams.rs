//! `/api/streams`: points from programs that keep no socket.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Json, Path},
};
use tideboard_shared::{StreamRight, Topic, limits::POINTS_PER_PUBLISH, message::StreamPost};

use super::problem::Problem;
use crate::{app::App, bus::BusEvent};

/// `POST /api/streams/{topic}`.
pub(super) async fn post(app: Data<App>, topic: Path<Topic>, body: Json<StreamPost>) -> Result<HttpResponse, Problem> {
    let topic = topic.into_inner();
    let points = body.into_inner().points;
    if !app.auth.identify(None, None).rights.on_stream(&topic, StreamRight::Publish) {
        return Err(Problem::new(StatusCode::FORBIDDEN, format!("no right to publish to {topic}")));
    }
    if points.len() > POINTS_PER_PUBLISH {
        let detail = format!("{} points at once; {POINTS_PER_PUBLISH} is the most", points.len());
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    if !points.is_empty() {
        app.bus.publish(BusEvent::Points { topic, points: points.into() }).await;
    }
    Ok(HttpResponse::Accepted().finish())
}
