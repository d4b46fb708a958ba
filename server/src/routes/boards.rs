//! `/api/boards`: a board as it is.

use actix_web::{
    http::StatusCode,
    web::{Data, Json, Path},
};
use tideboard_shared::{BoardId, BoardRole, message::BoardReply};

use super::problem::Problem;
use crate::{app::App, room::ToRoom};

/// `GET /api/boards/{id}`.
pub(super) async fn get(app: Data<App>, board: Path<BoardId>) -> Result<Json<BoardReply>, Problem> {
    let missing = || Problem::new(StatusCode::NOT_FOUND, format!("no board {board} here"));
    let room = app.rooms.get(&board).ok_or_else(missing)?;
    if !app.auth.identify(None, None).rights.on_board(&board, BoardRole::Viewer) {
        return Err(missing());
    }
    let reply = room.ask(|reply| ToRoom::Read { reply }).await;
    reply.map(Json).ok_or_else(|| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the board cannot be read now"))
}
