//! A board as a file: JSON that people can keep, edit and bring to another board.
//!
//! In: a board's entities, or a text that claims to be such a file. Out: the text, or the entities, or what is wrong with it and where.
//! Never: half a board; a text with one fault brings nothing.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tideboard_client::entities::{Download, Favorite, Order};
use tideboard_shared::{
    Action, Board, ClientId, Entity, EntityId, Fields, Kind, OnConflict, OpId, Operation, Refusal, Seq, limits,
};

use crate::widget::Widget;

/// The format's number; it grows when older programs could no longer read it.
const VERSION: u32 = 1;

/// An entity of a board's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileEntity {
    /// Id on the board.
    pub(crate) id: EntityId,
    /// Kind of the entity, such as `order`.
    pub(crate) kind: String,
    /// Fields with their values.
    pub(crate) fields: Fields,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BoardFile {
    /// [`VERSION`].
    tideboard: u32,
    /// Name of the board it comes from; for people.
    #[serde(default)]
    board: String,
    entities: Vec<FileEntity>,
}

/// Reason why a text is no board's file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BoardFileError {
    /// Not JSON, or not of this shape.
    #[error("{at}: {problem}")]
    Shape {
        /// Place of the mistake: a path such as `entities[3].fields`, and the line.
        at: String,
        /// Mistake, in words.
        problem: String,
    },
    /// A newer Tideboard wrote it.
    #[error("tideboard: this file has version {found}; versions up to {VERSION} can be read. Use a newer Tideboard")]
    Newer {
        /// Version of the format that the file states.
        found: u32,
    },
    /// An entity that no board would take.
    #[error("entities[{index}] (\"{id}\"): {problem}")]
    Entity {
        /// Place of the entity in the list, from 0.
        index: usize,
        /// Id as the file has it.
        id: String,
        /// Mistake, in words.
        problem: String,
    },
}

/// The file of a board.
#[must_use]
pub(crate) fn write<'a>(board: &str, entities: impl Iterator<Item = &'a Entity>) -> String {
    let entity = |entity: &Entity| FileEntity {
        id: entity.id.clone(),
        kind: entity.kind.clone(),
        fields: entity.fields.clone(),
    };
    let file = BoardFile { tideboard: VERSION, board: board.to_owned(), entities: entities.map(entity).collect() };
    serde_json::to_string_pretty(&file).expect("names and JSON values are JSON")
}

/// Reads a board's file.
///
/// # Errors
/// When it is none, or any of its entities could not be on a board; says where.
pub(crate) fn read(text: &str) -> Result<Vec<FileEntity>, BoardFileError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let file: BoardFile = serde_path_to_error::deserialize(&mut json).map_err(|error| shape(&error))?;
    if file.tideboard > VERSION {
        return Err(BoardFileError::Newer { found: file.tideboard });
    }
    let mut board = Board::default();
    let client: ClientId = "file".parse().expect("letters make a client id");
    for (index, entity) in file.entities.iter().enumerate() {
        let failed = |problem| BoardFileError::Entity { index, id: entity.id.to_string(), problem };
        check_fields(entity).map_err(failed)?;
        let op = Operation {
            id: OpId { client: client.clone(), n: index as u64 + 1 },
            entity: entity.id.clone(),
            base: Seq::ZERO,
            action: creation(entity),
            on_conflict: OnConflict::Reject,
            again: false,
        };
        // The very rule by which the server will decide.
        board.apply(&op, Seq(index as u64 + 1)).map_err(|refusal| failed(in_words(&refusal)))?;
    }
    Ok(file.entities)
}

/// Action that puts an entity of a file on a board.
#[must_use]
pub(crate) fn creation(entity: &FileEntity) -> Action {
    Action::Create { kind: entity.kind.clone(), fields: entity.fields.clone() }
}

/// Action that makes an entity of the board equal to the one of the file.
#[must_use]
pub(crate) fn replacement(entity: &FileEntity, now: &Entity) -> Action {
    let unset: BTreeSet<String> =
        now.fields.keys().filter(|name| !entity.fields.contains_key(*name)).cloned().collect();
    Action::Patch { set: entity.fields.clone(), unset }
}

/// Kinds that the dashboard shows have fields of certain types.
fn check_fields(entity: &FileEntity) -> Result<(), String> {
    match entity.kind.as_str() {
        Widget::NAME => check::<Widget>(&entity.fields),
        Order::NAME => check::<Order>(&entity.fields),
        Favorite::NAME => check::<Favorite>(&entity.fields),
        Download::NAME => check::<Download>(&entity.fields),
        _ => Ok(()),
    }
}

fn check<T: for<'de> Deserialize<'de>>(fields: &Fields) -> Result<(), String> {
    let fields = Value::Object(fields.iter().map(|(name, value)| (name.clone(), value.clone())).collect());
    serde_path_to_error::deserialize::<_, T>(fields)
        .map(drop)
        .map_err(|error| format!("fields.{}: {}", error.path(), error.inner()))
}

fn shape(error: &serde_path_to_error::Error<serde_json::Error>) -> BoardFileError {
    let path = error.path().to_string();
    let inner = error.inner();
    let at = if path == "." { format!("line {}", inner.line()) } else { format!("{path} (line {})", inner.line()) };
    BoardFileError::Shape { at, problem: inner.to_string() }
}

fn in_words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Rejected(rejection) => rejection.message.clone(),
        Refusal::Conflict(_) => "it is there twice".to_owned(),
    }
}

/// Longest file that is read, bytes: a full board of entities of ordinary size.
pub(crate) const FILE_BYTES: usize = limits::ENTITIES_PER_BOARD * 2_048;

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn file(entities: &str) -> String {
        format!(r#"{{"tideboard":1,"board":"main","entities":[{entities}]}}"#)
    }

    const NOTE: &str = r#"{"id":"n","kind":"widget","fields":{"type":"note","title":"Hi"}}"#;

    fn problem(text: &str) -> String {
        read(text).expect_err(text).to_string()
    }

    #[test]
    fn what_was_written_is_read() {
        let entities = read(&file(NOTE)).unwrap();
        let json =
            serde_json::json!({"id": "n", "kind": "widget", "version": 3, "fields": entities[0].fields, "changed": {}});
        let entity: Entity = serde_json::from_value(json).unwrap();
        assert_eq!(read(&write("main", [&entity].into_iter())).unwrap(), entities);
    }

    #[test]
    fn a_fault_is_named_with_its_place() {
        let wide = r#"{"id":"w","kind":"widget","fields":{"type":"stat","size":{"w":"wide"}}}"#;
        let cases = [
            ("{", "line 1"),
            (r#"{"tideboard":1}"#, "entities"),
            (r#"{"tideboard":9,"entities":[]}"#, "version 9"),
            (&file(&format!("{NOTE},{wide}")), "entities[1] (\"w\"): fields.size.w: invalid type: string \"wide\""),
            (&file(&format!("{NOTE},{NOTE}")), "entities[1] (\"n\")"),
            (&file(r#"{"id":"a/b","kind":"order","fields":{}}"#), "entities[0] (\"a/b\")"),
            (&file(r#"{"id":"a","kind":"order","felds":{}}"#), "entities[0].felds (line 1)"),
        ];
        for (text, place) in cases {
            let problem = problem(text);
            assert!(problem.contains(place), "{problem} does not name {place}");
        }
    }
}
