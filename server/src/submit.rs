//! What is checked before operations reach a room; the same for a socket and for REST.

use tideboard_room::Submission;
use tideboard_shared::{BoardRole, ClientId, OpResult, Operation, Outcome, Reason, Rejection, message::Submit};

use crate::{app::App, auth::Identity, room::RoomHandle};

/// A submit that does not reach a room. Nothing of it is recorded.
#[derive(Debug)]
pub(crate) struct Refused {
    /// One for each operation.
    pub(crate) results: Vec<OpResult>,
    /// Set when the submit itself was too large; says what to do.
    pub(crate) too_many: Option<String>,
}

/// Finds the room and makes a submission, or says why not.
pub(crate) fn check(
    app: &App,
    identity: &Identity,
    client: &ClientId,
    submit: Submit,
) -> Result<(RoomHandle, Submission), Refused> {
    let Submit { board, settled_through, ops } = submit;
    let most = app.limits.ops_per_submit;
    if ops.len() > most {
        // Retryable, so that no edit is lost: the client sends the same operations again in smaller submits.
        let message = format!("{} operations in one submit; {most} is the most, send them again in parts", ops.len());
        let results = refuse(&ops, Reason::RateLimited, &message);
        return Err(Refused { results, too_many: Some(message) });
    }
    let forbidden = |message: String| {
        let results = refuse(&ops, Reason::Forbidden, &message);
        Refused { results, too_many: None }
    };
    let room = app.rooms.get(&board).ok_or_else(|| forbidden(format!("no board {board} here")))?;
    if !identity.rights.on_board(&board, BoardRole::Editor) {
        return Err(forbidden(format!("no right to edit board {board}")));
    }
    Ok((room, Submission { client: client.clone(), user: identity.user.clone(), settled_through, ops }))
}

fn refuse(ops: &[Operation], reason: Reason, message: &str) -> Vec<OpResult> {
    let outcome = Outcome::Rejected(Rejection::new(reason, message));
    ops.iter().map(|op| OpResult { id: op.id.clone(), outcome: outcome.clone() }).collect()
}
