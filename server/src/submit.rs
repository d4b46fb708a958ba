//! Checks before operations reach a room; the same for a socket and for REST.

use std::sync::Arc;

use tideboard_room::{SeenIn, Submission};
use tideboard_shared::{BoardRole, ClientId, OpResult, Operation, Outcome, Reason, Rejection, message::Submit};

use crate::{app::App, auth::Identity, room::RoomHandle, rooms::OpenError};

/// Finds the room and makes a submission, or refuses each operation; nothing of a refused submit is recorded.
pub(crate) async fn check(
    app: &App,
    identity: &Identity,
    client: &ClientId,
    submit: Submit,
) -> Result<(RoomHandle, Submission), Vec<OpResult>> {
    let Submit { board, epoch, seen, settled_through, ops } = submit;
    let most = app.limits.ops_per_submit;
    if ops.len() > most {
        // Retryable, so that no edit is lost: the client sends the same operations again in smaller submits.
        let message = format!("{} operations in one submit; {most} is the most, send them again in parts", ops.len());
        return Err(refuse(&ops, Reason::RateLimited, &message));
    }
    if app.rooms.knows(&board) && !identity.rights.on_board(&board, BoardRole::Editor) {
        return Err(refuse(&ops, Reason::Forbidden, &format!("no right to edit board {board}")));
    }
    let room = app.rooms.open(&board).await.map_err(|error| {
        let reason = match &error {
            OpenError::Unknown(_) => Reason::Forbidden,
            OpenError::Damaged { .. } | OpenError::Unavailable(_) => Reason::Unavailable,
        };
        refuse(&ops, reason, &error.to_string())
    })?;
    let ops = ops.into_iter().map(Arc::new).collect();
    let seen = SeenIn { epoch, positions: seen };
    Ok((room, Submission { client: client.clone(), user: identity.user.clone(), seen, settled_through, ops }))
}

fn refuse(ops: &[Operation], reason: Reason, message: &str) -> Vec<OpResult> {
    let outcome = Outcome::Rejected(Rejection::new(reason, message));
    ops.iter().map(|op| OpResult { id: op.id.clone(), outcome: outcome.clone() }).collect()
}
