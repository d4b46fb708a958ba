//! `/api/realtime`: the socket, the state of the server, and sync while no socket stands.

use std::rc::Rc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode, Version,
        header::{HeaderValue, SEC_WEBSOCKET_VERSION, UPGRADE},
    },
    web::{Data, Json, Payload, Query},
};
use serde::Deserialize;
use serde_json::Value;
use tideboard_room::{Answer, Mail, Whereabouts};
use tideboard_shared::{
    BoardRole, Channel, ClientId, DeniedReason, ServerMessage,
    codec::read_post,
    message::{Outcomes, RealtimePost, RealtimeReply},
};

use super::{problem::Problem, reply};
use crate::{
    app::App,
    auth::Identity,
    clock,
    fanout::{held::held_bytes, slot::SlotBody, worker::Worker},
    session::{Inbound, Session},
    submit,
};

/// Version of RFC 6455.
const WEBSOCKET_VERSION: &str = "13";

/// Names the user, in development.
#[derive(Debug, Deserialize)]
pub(super) struct Claim {
    #[serde(rename = "userId")]
    user_id: Option<String>,
}

/// `GET /api/realtime`: a socket for those who ask for one, else the state of the server.
pub(super) async fn get(
    request: HttpRequest,
    claim: Query<Claim>,
    app: Data<App>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    if request.headers().contains_key(UPGRADE) {
        return socket(request, claim, app, payload).await;
    }
    Ok(HttpResponse::Ok().json(app.status()))
}

/// Upgrades to a WebSocket.
pub(super) async fn socket(
    request: HttpRequest,
    claim: Query<Claim>,
    app: Data<App>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    if app.is_draining() {
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the server is going away; try again later"));
    }
    check_versions(&request)?;
    let worker = request.app_data::<Rc<Worker>>().cloned();
    let worker = worker.ok_or_else(|| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "this thread has no worker"))?;
    let (response, inbound) = Inbound::open(&request, payload, app.limits.frame_bytes)
        .await
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, format!("no WebSocket handshake: {error}")))?;
    let slot = worker.add(app.fanout.next_key());
    let of_body = Rc::clone(&slot);
    let response = response.map_body(|_, replaced| SlotBody { slot: of_body, replaced });
    app.metrics.connected();
    let session = Session::new(app.into_inner(), worker, slot, claim.into_inner().user_id);
    actix_web::rt::spawn(session.run(inbound));
    Ok(response.map_into_boxed_body())
}

/// Refuses versions that cannot become a WebSocket, by RFC 6455 §4.2.
fn check_versions(request: &HttpRequest) -> Result<(), Problem> {
    if request.version() < Version::HTTP_11 {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "a WebSocket begins with HTTP/1.1"));
    }
    let version = request.headers().get(SEC_WEBSOCKET_VERSION);
    if version.is_none_or(|version| version != WEBSOCKET_VERSION) {
        let problem = Problem::new(StatusCode::UPGRADE_REQUIRED, "only version 13 of WebSocket is spoken here");
        return Err(problem
            .with(SEC_WEBSOCKET_VERSION, HeaderValue::from_static(WEBSOCKET_VERSION))
            .with(UPGRADE, HeaderValue::from_static("websocket")));
    }
    Ok(())
}

/// `GET /api/realtime/health`: whether the process answers.
pub(super) async fn health() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// `GET /api/realtime/ready`: whether new connections are welcome and edits can be stored.
pub(super) async fn ready(app: Data<App>) -> Result<HttpResponse, Problem> {
    if app.is_draining() {
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the server is going away"));
    }
    if let Some(why) = app.trouble() {
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, why));
    }
    Ok(HttpResponse::Ok().json(serde_json::json!({ "status": "ready" })))
}

/// `GET /api/realtime/stats`: counters since the start.
pub(super) async fn stats(app: Data<App>) -> HttpResponse {
    HttpResponse::Ok().json(app.metrics.stats())
}

/// `POST /api/realtime`: operations in, outcomes and missed events out.
pub(super) async fn post(claim: Query<Claim>, app: Data<App>, body: Json<Value>) -> Result<HttpResponse, Problem> {
    let read = read_post(body.into_inner());
    let (post, bad) = read.map_err(|error| Problem::new(StatusCode::BAD_REQUEST, error.to_string()))?;
    let RealtimePost { client, submit, since, mut seen } = post;
    if since.len() > app.limits.subscriptions {
        let detail = format!("{} channels in since; {} is the most", since.len(), app.limits.subscriptions);
        return Err(Problem::new(StatusCode::BAD_REQUEST, detail));
    }
    let identity = app.auth.identify(None, claim.user_id.as_deref());
    let mut messages = Vec::new();
    for submit in submit {
        let board = submit.board.clone();
        let (at, results) = match submit::check(&app, &identity, &client, submit).await {
            Ok((room, submission)) => room.submit(submission).await,
            Err(results) => (None, results),
        };
        messages.push(ServerMessage::Outcomes(Outcomes { board, at, results }));
    }
    for bad in bad {
        messages.push(ServerMessage::Outcomes(Outcomes { at: None, results: vec![bad.result()], board: bad.board }));
    }
    for (channel, since) in since {
        let known = Whereabouts { since, seen: seen.remove(&channel).unwrap_or_default() };
        match catch_up(&app, &identity, &client, &channel, known).await {
            Ok(missed) => messages.extend(missed),
            Err(reason) => messages.push(ServerMessage::Denied { channel: channel.to_string(), reason }),
        }
    }
    let bytes = messages.iter().map(held_bytes).sum();
    let head = RealtimeReply { server_time: clock::now(), messages: Vec::new() };
    reply::list(app.fanout.held(), &head, messages, bytes)
}

async fn catch_up(
    app: &App,
    identity: &Identity,
    client: &ClientId,
    channel: &Channel,
    known: Whereabouts,
) -> Result<Vec<ServerMessage>, DeniedReason> {
    // Only boards have a position to catch up from.
    let Channel::Board(board) = channel else { return Err(DeniedReason::Forbidden) };
    if app.rooms.knows(board) && !identity.rights.on_board(board, BoardRole::Viewer) {
        return Err(DeniedReason::Forbidden);
    }
    let room = app.rooms.open(board).await.map_err(|error| DeniedReason::from(&error))?;
    match room.ask(|from| Mail::Resume { from, client: client.clone(), known }).await {
        Answer::Missed(messages) => Ok(messages),
        Answer::Outcomes { .. } | Answer::Welcome(_) | Answer::Board(_) | Answer::Unavailable => {
            Err(DeniedReason::Unavailable)
        }
    }
}
