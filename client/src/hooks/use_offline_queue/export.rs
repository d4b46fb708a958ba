use serde::{Deserialize, Serialize};
use tideboard_engine::{ApplyError, ConflictStrategy, Edit};
use tideboard_shared::OpId;

use super::QueueItem;

/// What marks an exported queue.
const FORMAT: &str = "tideboard-queue";
/// The only version so far.
const VERSION: u32 = 1;

/// A queue as text.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Export {
    format: String,
    version: u32,
    pub(super) edits: Vec<Exported>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Exported {
    /// Its name on the wire, so that an edit that still waits here is not made twice; none before it is stored.
    pub(super) id: Option<OpId>,
    pub(super) edit: Edit,
}

/// Why a queue was not taken in, or not to its end.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ImportError {
    /// It is no exported queue. Nothing was done.
    #[error("this is no exported queue: {0}")]
    Unreadable(String),
    /// It comes from a newer version. Nothing was done.
    #[error("the queue has format version {version}; this version reads {VERSION}")]
    TooNew {
        /// Its version.
        version: u32,
    },
    /// Some of its edits cannot be made now; the others were.
    #[error("{} of its edits could not be made; {made} were", problems.len())]
    NotMade {
        /// How many were made.
        made: usize,
        /// Why the others were not, in their order.
        problems: Vec<ApplyError>,
    },
}

pub(super) fn write(items: &[QueueItem]) -> String {
    let edits = items.iter().map(|item| {
        let edit = Edit::new(item.board.clone(), item.op.entity.clone(), item.op.action.clone());
        // What it is based on means nothing in another log; a conflict with what came since is the user's to settle.
        let edit = edit.strategy(ConflictStrategy::Ask);
        Exported { id: (item.op.id.n > 0).then(|| item.op.id.clone()), edit }
    });
    let export = Export { format: FORMAT.to_owned(), version: VERSION, edits: edits.collect() };
    serde_json::to_string_pretty(&export).unwrap_or_default()
}

pub(super) fn read(text: &str) -> Result<Vec<Exported>, ImportError> {
    let unreadable = |problem: String| ImportError::Unreadable(problem);
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
    if value["format"] != FORMAT {
        return Err(unreadable(format!("its format is {}", value["format"])));
    }
    let version = value["version"].as_u64().and_then(|version| u32::try_from(version).ok()).unwrap_or_default();
    if version > VERSION {
        return Err(ImportError::TooNew { version });
    }
    let export: Export = serde_json::from_value(value).map_err(|error| unreadable(error.to_string()))?;
    Ok(export.edits)
}
