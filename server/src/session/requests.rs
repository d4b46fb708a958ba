//! Questions with an answer, by method.
//!
//! | method | params | result | error codes |
//! |---|---|---|---|
//! | `board.list` | | `{ boards }`, those the user may see | `unavailable` |
//! | `board.create` | `{ board }` | `{ board }`, now empty | `invalid_name`, `forbidden`, `exists`, `too_many`, `unavailable` |
//! | `time` | | `{ server_time }` | |

use serde_json::{Value, json};
use tideboard_shared::{
    BoardId, BoardRole, ServerMessage,
    message::{RequestFailure, Response},
};

use super::Session;
use crate::{clock, rooms::CreateError};

/// Longest part of a method's name that is said back, in characters.
const METHOD_CHARS: usize = 64;

impl Session {
    pub(super) async fn request(&self, id: String, method: &str, params: &Value) {
        let answer = match method {
            "board.list" => self.visible_boards().await.map(|boards| json!({ "boards": boards })),
            "board.create" => self.create_board(params).await,
            "time" => Ok(json!({ "server_time": clock::now() })),
            _ => {
                let method: String = method.chars().take(METHOD_CHARS).collect();
                let message = format!("no method {method}; there are board.list, board.create and time");
                Err(failure("unknown_method", message))
            }
        };
        self.send(&ServerMessage::Response(match answer {
            Ok(result) => Response::Result { id, result },
            Err(error) => Response::Error { id, error },
        }));
    }

    async fn visible_boards(&self) -> Result<Vec<BoardId>, RequestFailure> {
        let mut boards = self.app.rooms.list().await.map_err(|error| {
            tracing::error!(%error, "the log cannot be read");
            failure("unavailable", "the boards cannot be listed now; try again later".into())
        })?;
        let peer = self.peer.as_ref();
        boards.retain(|board| peer.is_some_and(|peer| peer.identity.rights.on_board(board, BoardRole::Viewer)));
        Ok(boards)
    }

    async fn create_board(&self, params: &Value) -> Result<Value, RequestFailure> {
        let name = params["board"].as_str();
        let name = name.ok_or_else(|| failure("invalid_name", "params.board has to be the new board's name".into()))?;
        let board: BoardId = name.parse().map_err(|error| failure("invalid_name", format!("{error}")))?;
        let peer = self.peer.as_ref();
        if !peer.is_some_and(|peer| peer.identity.rights.on_board(&board, BoardRole::Editor)) {
            return Err(failure("forbidden", format!("no right to create board {board}")));
        }
        let created = self.app.rooms.create(&board, self.app.config.max_boards.get()).await;
        created.map_err(|error| {
            let code = match &error {
                CreateError::Exists(_) => "exists",
                CreateError::TooMany(_) => "too_many",
                CreateError::Unavailable => "unavailable",
            };
            failure(code, error.to_string())
        })?;
        Ok(json!({ "board": board }))
    }
}

fn failure(code: &str, message: String) -> RequestFailure {
    RequestFailure { code: code.to_owned(), message }
}
