//! Boards as the server has confirmed them, for a page that starts without a connection.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tideboard_engine::CachedBoard;
use tideboard_shared::{BoardId, Position};

use super::{
    db::{BOARDS, META, Problem, Scope},
    outbox::{IndexedOutbox, parse},
};

/// Most boards that are kept; the one that was written longest ago goes first.
const MOST_BOARDS: usize = 8;
/// Most bytes of one board; a larger one is not kept.
const MOST_BYTES: usize = 4 << 20;
/// Key of the index of all boards, with how far each has come.
const INDEX: &str = "boards";

/// Facts that are known of a board without reading it.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    position: Position,
    /// Time at which it was written, Unix ms.
    at: f64,
}

/// Way in which a board is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Keep {
    /// Unless what is there has come as far.
    Newer,
    /// Whatever is there: this tab has seen the board go back.
    Anyway,
}

type Index = BTreeMap<BoardId, Kept>;

impl IndexedOutbox {
    /// Writes a board, unless what is there has come as far. One of another history has not, though its number may be
    /// higher: a driver that has seen the board set back says so.
    pub(super) async fn keep_board(&self, board: &CachedBoard, how: Keep) -> Result<(), Problem> {
        let row = serde_json::to_string(board).map_err(|error| Problem::Broken(error.to_string()))?;
        self.transact(&[META, BOARDS], async |scope| {
            let index = scope.get(META, INDEX.into())?.await?;
            let mut index: Index = index.and_then(|index| parse(&index)).unwrap_or_default();
            let is_newer = index.get(&board.board).is_none_or(|kept| {
                kept.position.epoch != board.position.epoch || kept.position.seq < board.position.seq
            });
            if how == Keep::Newer && !is_newer {
                return Ok(());
            }
            let mut gone = Vec::new();
            if row.len() > MOST_BYTES {
                gone.extend(index.remove(&board.board).map(|_| board.board.clone()));
            } else {
                index.insert(board.board.clone(), Kept { position: board.position.clone(), at: js_sys::Date::now() });
                scope.put(BOARDS, board.board.as_str(), &row.as_str().into())?;
            }
            while index.len() > MOST_BOARDS {
                let oldest = index.iter().min_by(|a, b| a.1.at.total_cmp(&b.1.at)).map(|(id, _)| id.clone());
                gone.extend(oldest.inspect(|id| drop(index.remove(id))));
            }
            for id in gone {
                scope.delete(BOARDS, id.as_str())?;
            }
            put_index(scope, &index)
        })
        .await
    }

    /// Forgets a board that the user may not see any more.
    pub(super) async fn forget_board(&self, board: &BoardId) -> Result<(), Problem> {
        self.transact(&[META, BOARDS], async |scope| {
            let index = scope.get(META, INDEX.into())?.await?;
            let mut index: Index = index.and_then(|index| parse(&index)).unwrap_or_default();
            index.remove(board);
            scope.delete(BOARDS, board.as_str())?;
            put_index(scope, &index)
        })
        .await
    }

    /// Forgets all boards, so that there is room for edits.
    pub(super) async fn drop_boards(&self) -> Result<(), Problem> {
        self.transact(&[META, BOARDS], async |scope| {
            scope.clear(BOARDS)?;
            scope.delete(META, INDEX)
        })
        .await
    }
}

fn put_index(scope: &Scope<'_>, index: &Index) -> Result<(), Problem> {
    let index = serde_json::to_string(index).map_err(|error| Problem::Broken(error.to_string()))?;
    scope.put(META, INDEX, &index.into())
}
