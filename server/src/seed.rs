//! Boards that the configuration asks for, and what a new `main` shows.

use std::sync::Arc;

use serde::Deserialize;
use tideboard_room::{RoomConfig, RoomState, SeenIn, Submission};
use tideboard_shared::{Action, BoardId, ClientId, EntityId, Fields, OnConflict, OpId, Operation, Outcome, Seq};

use crate::{
    clock,
    error::StartError,
    log::{Log, LogError},
    rooms::fresh_epoch,
};

/// The board that gets demo content.
const DEMO_BOARD: &str = "main";
/// Content of the demo board: a list of entities, each with `id`, `kind` and `fields`.
const DEMO_CONTENT: &str = include_str!("seed/main.json");
/// Client and user of what the server itself writes.
const SYSTEM: &str = "system";

/// Creates every board that does not exist yet.
pub(crate) async fn create_missing(log: &dyn Log, boards: &[BoardId], config: RoomConfig) -> Result<(), StartError> {
    let there = log.boards().await?;
    for board in boards {
        if !there.contains(board) {
            log.create(board, &fresh_epoch()).await?;
            tracing::info!(%board, "created");
        }
        if board.as_str() == DEMO_BOARD {
            fill(log, board, config).await?;
        }
    }
    Ok(())
}

/// Writes the demo content to a board to which nothing was ever written; the server may have been killed before it
/// could.
async fn fill(log: &dyn Log, board: &BoardId, config: RoomConfig) -> Result<(), StartError> {
    let stored = match log.load(board, 0).await {
        Ok(Some(stored)) if stored.snapshot.is_none() && stored.rows.is_empty() => stored,
        // Whoever asks for a board that cannot be read is told so.
        Ok(_) | Err(LogError::Damaged { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let mut state = RoomState::new(board.clone(), stored.epoch, config);
    let decision = state.decide(&[demo()], clock::now());
    debug_assert!(decision.results[0].iter().all(|result| matches!(result.outcome, Outcome::Applied { .. })));
    if let Some(row) = decision.row {
        log.append(board, &row).await?;
    }
    Ok(())
}

/// An entity of the demo content.
#[derive(Deserialize)]
struct DemoEntity {
    id: EntityId,
    kind: String,
    fields: Fields,
}

/// The Overview's widgets, orders, favorites and downloads.
fn demo() -> Submission {
    let client: ClientId = SYSTEM.parse().expect("letters make a client id");
    let entities: Vec<DemoEntity> = serde_json::from_str(DEMO_CONTENT).expect("a test reads it");
    let create = |(index, entity): (usize, DemoEntity)| Operation {
        id: OpId { client: client.clone(), n: index as u64 + 1 },
        entity: entity.id,
        base: Seq::ZERO,
        action: Action::Create { kind: entity.kind, fields: entity.fields },
        on_conflict: OnConflict::Reject,
    };
    let ops = entities.into_iter().enumerate().map(create).map(Arc::new).collect();
    Submission { client: client.clone(), user: SYSTEM.to_owned(), seen: SeenIn::default(), settled_through: 0, ops }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tideboard_shared::{Epoch, topics};

    use super::*;
    use crate::log::MemoryLog;

    #[tokio::test]
    async fn boards_are_created_once_and_only_main_has_content() {
        let log = MemoryLog::default();
        let config = RoomConfig::default();
        let boards: Vec<BoardId> = vec!["main".parse().unwrap(), "other".parse().unwrap()];
        for _ in 0..2 {
            create_missing(&log, &boards, config).await.unwrap();
        }
        let main =
            RoomState::restore(boards[0].clone(), config, log.load(&boards[0], 0).await.unwrap().unwrap()).unwrap();
        let everything = demo().ops.len();
        assert_eq!((main.board().len(), main.seq()), (everything, Seq(everything as u64)));
        assert!(log.load(&boards[1], 0).await.unwrap().unwrap().rows.is_empty());
    }

    #[tokio::test]
    async fn main_gets_its_content_even_if_the_first_start_was_killed_before_it_was_written() {
        let log = MemoryLog::default();
        let config = RoomConfig::default();
        let main: BoardId = "main".parse().unwrap();
        log.create(&main, &Epoch::from("e_1")).await.unwrap();
        create_missing(&log, std::slice::from_ref(&main), config).await.unwrap();
        let stored = log.load(&main, 0).await.unwrap().unwrap();
        assert_eq!((stored.epoch.as_str(), stored.rows.len()), ("e_1", 1));
    }

    #[test]
    fn every_widget_has_a_name_a_place_within_twelve_columns_a_turn_of_its_own_and_streams_that_exist() {
        let entities: Vec<DemoEntity> = serde_json::from_str(DEMO_CONTENT).unwrap();
        let widgets: Vec<_> = entities.iter().filter(|entity| entity.kind == "widget").collect();
        let mut ranks = BTreeSet::new();
        for widget in &widgets {
            let [place, size] = ["place", "size"].map(|name| &widget.fields[name]);
            let x = place["x"].as_u64().unwrap();
            let w = size["w"].as_u64().unwrap();
            assert!(x + w <= 12 && w >= 1 && size["h"].as_u64().unwrap() >= 1, "{:?}", widget.id);
            assert!(!widget.fields["title"].as_str().unwrap().is_empty());
            for source in widget.fields.get("sources").into_iter().filter_map(|sources| sources.as_array()).flatten() {
                let topic = source["topic"].as_str().unwrap();
                assert!(topics::ALL.contains(&topic), "{topic}");
            }
            ranks.insert(place["rank"].as_u64().unwrap());
        }
        assert_eq!((widgets.len(), ranks.len()), (14, 14));
    }
}
