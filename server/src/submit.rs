//! What is checked before operations reach a room; the same for a socket and for REST.

use std::sync::Arc;

use tideboard_room::Submission;
use tideboard_shared::{BoardRole, ClientId, OpResult, Operation, Outcome, Reason, Rejection, message::Submit};

use crate::{app::App, auth::Identity, room::RoomHandle};

/// Finds the room and makes a submission, or refuses each operation; nothing of a refused submit is recorded.
pub(crate) fn check(
    app: &App,
    identity: &Identity,
    client: &ClientId,
    submit: Submit,
) -> Result<(RoomHandle, Submission), Vec<OpResult>> {
    let Submit { board, settled_through, ops } = submit;
    let most = app.limits.ops_per_submit;
    if ops.len() > most {
        // Retryable, so that no edit is lost: the client sends the same operations again in smaller submits.
        let message = format!("{} operations in one submit; {most} is the most, send them again in parts", ops.len());
        return Err(refuse(&ops, Reason::RateLimited, &message));
    }
    let forbidden = |message: String| refuse(&ops, Reason::Forbidden, &message);
    let room = app.rooms.get(&board).ok_or_else(|| forbidden(format!("no board {board} here")))?;
    if !identity.rights.on_board(&board, BoardRole::Editor) {
        return Err(forbidden(format!("no right to edit board {board}")));
    }
    let ops = ops.into_iter().map(Arc::new).collect();
    Ok((room, Submission { client: client.clone(), user: identity.user.clone(), settled_through, ops }))
}

fn refuse(ops: &[Operation], reason: Reason, message: &str) -> Vec<OpResult> {
    let outcome = Outcome::Rejected(Rejection::new(reason, message));
    ops.iter().map(|op| OpResult { id: op.id.clone(), outcome: outcome.clone() }).collect()
}
