//! `/api/boards`: a board as it is, as it was, and what happened to it.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query},
};
use serde::Deserialize;
use tideboard_room::{Answer, Mail, retention::OutOfSpan};
use tideboard_shared::{
    BoardId, BoardRole, Seq,
    limits::EVENTS_PER_PAGE,
    message::{BoardReply, EventsReply},
};

use super::{problem::Problem, reply};
use crate::{app::App, history::HistoryError, log::LogError, rooms::OpenError};

/// Moment of a board.
#[derive(Debug, Deserialize)]
pub(super) struct Moment {
    at: Option<Seq>,
}

/// Part of a board's past.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    before: Option<Seq>,
    limit: Option<usize>,
}

/// `GET /api/boards/{id}`, with `?at=SEQ` as it was then.
pub(super) async fn get(app: Data<App>, board: Path<BoardId>, moment: Query<Moment>) -> Result<HttpResponse, Problem> {
    visible(&app, &board)?;
    if let Some(seq) = moment.at {
        let board = app.history.at(&board, seq).await.map_err(problem)?;
        return board_reply(&app, board);
    }
    let room = app.rooms.open(&board).await.map_err(|error| {
        let status = match &error {
            OpenError::Unknown(_) => StatusCode::NOT_FOUND,
            OpenError::Damaged { .. } | OpenError::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        Problem::new(status, error.to_string())
    })?;
    match room.ask(|from| Mail::Read { from }).await {
        Answer::Board(board) => board_reply(&app, board),
        Answer::Outcomes { .. } | Answer::Welcome(_) | Answer::Missed(_) | Answer::Unavailable => {
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the board cannot be read now"))
        }
    }
}

fn board_reply(app: &App, mut board: BoardReply) -> Result<HttpResponse, Problem> {
    let entities = std::mem::take(&mut board.entities);
    // Most are shared with the board, so only the pointers count.
    let bytes = size_of_val(&entities[..]);
    reply::list(app.fanout.held(), &board, entities, bytes)
}

/// `GET /api/boards/{id}/events`.
pub(super) async fn events(app: Data<App>, board: Path<BoardId>, page: Query<Page>) -> Result<HttpResponse, Problem> {
    visible(&app, &board)?;
    let Page { before, limit } = page.into_inner();
    if limit.is_some_and(|limit| limit == 0 || limit > EVENTS_PER_PAGE) {
        return Err(Problem::new(StatusCode::BAD_REQUEST, format!("limit has to be 1 to {EVENTS_PER_PAGE}")));
    }
    let mut page: EventsReply = app.history.events(&board, before, limit).await.map_err(problem)?;
    let events = std::mem::take(&mut page.events);
    let bytes = size_of_val(&events[..]);
    reply::list(app.fanout.held(), &page, events, bytes)
}

/// Refuses a board that the asker may not see, as one that is not there.
fn visible(app: &App, board: &BoardId) -> Result<(), Problem> {
    if app.rooms.knows(board) && app.auth.identify(None, None).rights.on_board(board, BoardRole::Viewer) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::NOT_FOUND, OpenError::Unknown(board.clone()).to_string()))
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
