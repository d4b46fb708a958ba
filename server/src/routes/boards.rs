//! `/api/boards`: a board as it is, as it was, and what happened to it.

use actix_web::{
    http::StatusCode,
    web::{Data, Json, Path, Query},
};
use serde::Deserialize;
use tideboard_room::retention::OutOfSpan;
use tideboard_shared::{
    BoardId, BoardRole, Seq,
    limits::EVENTS_PER_PAGE,
    message::{BoardReply, EventsReply},
};

use super::problem::Problem;
use crate::{
    app::App,
    history::HistoryError,
    log::LogError,
    room::{RoomHandle, ToRoom},
};

/// Which moment of a board.
#[derive(Debug, Deserialize)]
pub(super) struct Moment {
    at: Option<Seq>,
}

/// Which part of a board's past.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    before: Option<Seq>,
    limit: Option<usize>,
}

/// `GET /api/boards/{id}`, with `?at=SEQ` as it was then.
pub(super) async fn get(
    app: Data<App>,
    board: Path<BoardId>,
    moment: Query<Moment>,
) -> Result<Json<BoardReply>, Problem> {
    let room = visible(&app, &board)?;
    if let Some(seq) = moment.at {
        return app.history.at(&board, seq).await.map(Json).map_err(problem);
    }
    let reply = room.ask(|reply| ToRoom::Read { reply }).await;
    reply.map(Json).ok_or_else(|| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the board cannot be read now"))
}

/// `GET /api/boards/{id}/events`.
pub(super) async fn events(
    app: Data<App>,
    board: Path<BoardId>,
    page: Query<Page>,
) -> Result<Json<EventsReply>, Problem> {
    visible(&app, &board)?;
    let Page { before, limit } = page.into_inner();
    if limit.is_some_and(|limit| limit == 0 || limit > EVENTS_PER_PAGE) {
        return Err(Problem::new(StatusCode::BAD_REQUEST, format!("limit has to be 1 to {EVENTS_PER_PAGE}")));
    }
    app.history.events(&board, before, limit).await.map(Json).map_err(problem)
}

fn visible(app: &App, board: &BoardId) -> Result<RoomHandle, Problem> {
    let missing = || Problem::new(StatusCode::NOT_FOUND, format!("no board {board} here"));
    let room = app.rooms.get(board).ok_or_else(missing)?;
    if app.auth.identify(None, None).rights.on_board(board, BoardRole::Viewer) { Ok(room) } else { Err(missing()) }
}

fn problem(error: HistoryError) -> Problem {
    let status = match &error {
        HistoryError::Log(LogError::OutOfSpan(_, OutOfSpan::Gone { .. })) => StatusCode::GONE,
        HistoryError::Log(LogError::OutOfSpan(_, OutOfSpan::Ahead { .. }) | LogError::UnknownBoard(_)) => {
            StatusCode::NOT_FOUND
        }
        HistoryError::Log(
            LogError::OutOfPlace { .. }
            | LogError::RowsGone { .. }
            | LogError::BoardExists(_)
            | LogError::Damaged { .. }
            | LogError::Unavailable(_)
            | LogError::Unknown(_),
        )
        | HistoryError::Damaged(_)
        | HistoryError::Closed => {
            tracing::error!(%error, "the history cannot be read");
            return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the history cannot be read now");
        }
    };
    Problem::new(status, error.to_string())
}
