//! `/api/notifications`: something people should know.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Json},
};
use tideboard_shared::{
    limits::{BODY_CHARS, TITLE_CHARS},
    message::{Notification, NotificationPost, Recipient},
};

use super::problem::Problem;
use crate::{app::App, bus::BusEvent, clock};

/// `POST /api/notifications`.
pub(super) async fn post(app: Data<App>, body: Json<NotificationPost>) -> Result<HttpResponse, Problem> {
    let NotificationPost { to, level, title, body } = body.into_inner();
    for (what, text, most) in [("title", &title, TITLE_CHARS), ("body", &body, BODY_CHARS)] {
        if text.chars().count() > most {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                format!("the {what} may have {most} characters at most"),
            ));
        }
    }
    if let Recipient::Board(board) = &to
        && !app.rooms.knows(board)
    {
        return Err(Problem::new(StatusCode::NOT_FOUND, format!("no board {board} here")));
    }
    let id = format!("n_{:016x}", fastrand::u64(..));
    let notification = Notification { id, level, title, body, at: clock::now() };
    app.bus.publish(BusEvent::Notify { to, notification }).await;
    Ok(HttpResponse::Accepted().finish())
}
