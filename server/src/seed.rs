//! Boards that the configuration asks for, and what a new `main` shows.

use serde_json::{Value, json};
use tideboard_shared::{Action, BoardId, ClientId, EntityId, Epoch, OnConflict, OpId, Operation, Outcome, Seq};

use crate::{
    clock,
    error::StartError,
    log::Log,
    room::state::{RoomConfig, RoomState, Submission},
};

/// The board that gets demo content.
const DEMO_BOARD: &str = "main";
/// Client and user of what the server itself writes.
const SYSTEM: &str = "system";

/// Creates every board that does not exist yet.
pub(crate) async fn create_missing(log: &dyn Log, boards: &[BoardId], config: RoomConfig) -> Result<(), StartError> {
    let there = log.boards().await?;
    for board in boards {
        if !there.contains(board) {
            let epoch = Epoch::from(format!("e_{:016x}", fastrand::u64(..)));
            log.create(board, &epoch).await?;
            tracing::info!(%board, "created");
        }
        if board.as_str() == DEMO_BOARD {
            fill(log, board, config).await?;
        }
    }
    Ok(())
}

/// Writes the demo content to a board to which nothing was ever written; the server may have been killed before it could.
async fn fill(log: &dyn Log, board: &BoardId, config: RoomConfig) -> Result<(), StartError> {
    let untouched = log.load(board).await?.filter(|stored| stored.snapshot.is_none() && stored.rows.is_empty());
    let Some(stored) = untouched else { return Ok(()) };
    let mut state = RoomState::new(board.clone(), stored.epoch, config);
    let decision = state.decide(vec![demo()], clock::now());
    debug_assert!(decision.results[0].iter().all(|result| matches!(result.outcome, Outcome::Applied { .. })));
    if let Some(row) = decision.row {
        log.append(board, &row).await?;
    }
    Ok(())
}

/// A note, a counter and a few orders.
fn demo() -> Submission {
    let client: ClientId = SYSTEM.parse().expect("letters make a client id");
    let order = |number: u32, customer: &str, item: &str, total: f64, status: &str| {
        let fields = json!({ "customer": customer, "item": item, "total": total, "status": status });
        (format!("order-{number}"), "order", fields)
    };
    let entities = [
        (
            "welcome".to_owned(),
            "note",
            json!({
                "title": "Welcome to Tideboard",
                "text": "Open this page in a second window and edit something: the other one follows.",
            }),
        ),
        ("counter".to_owned(), "counter", json!({ "label": "Visits", "count": 0 })),
        order(1, "Ada Park", "Standing desk", 489.0, "shipped"),
        order(2, "Noor Haddad", "Desk lamp", 64.5, "paid"),
        order(3, "Jonas Weber", "Office chair", 279.9, "paid"),
        order(4, "Mei Tanaka", "Monitor arm", 119.0, "new"),
        order(5, "Luis Romero", "Cable tray", 24.75, "new"),
    ];
    let create = |(index, (id, kind, fields)): (usize, (String, &str, Value))| Operation {
        id: OpId { client: client.clone(), n: index as u64 + 1 },
        entity: EntityId::from(id),
        base: Seq::ZERO,
        action: Action::Create {
            kind: kind.to_owned(),
            fields: fields.as_object().map(|map| map.clone().into_iter().collect()).unwrap_or_default(),
        },
        on_conflict: OnConflict::Reject,
    };
    let ops = entities.into_iter().enumerate().map(create).collect();
    Submission { client: client.clone(), user: SYSTEM.to_owned(), settled_through: 0, ops }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::MemoryLog;

    #[tokio::test]
    async fn boards_are_created_once_and_only_main_has_content() {
        let (log, config) = (MemoryLog::default(), RoomConfig::default());
        let boards: Vec<BoardId> = vec!["main".parse().unwrap(), "other".parse().unwrap()];
        for _ in 0..2 {
            create_missing(&log, &boards, config).await.unwrap();
        }
        let main = RoomState::restore(boards[0].clone(), config, log.load(&boards[0]).await.unwrap().unwrap()).unwrap();
        assert_eq!((main.board().len(), main.seq()), (7, Seq(7)));
        assert!(log.load(&boards[1]).await.unwrap().unwrap().rows.is_empty());
    }

    #[tokio::test]
    async fn main_gets_its_content_even_if_the_first_start_was_killed_before_it_was_written() {
        let (log, config) = (MemoryLog::default(), RoomConfig::default());
        let main: BoardId = "main".parse().unwrap();
        log.create(&main, &Epoch::from("e_1")).await.unwrap();
        create_missing(&log, std::slice::from_ref(&main), config).await.unwrap();
        let stored = log.load(&main).await.unwrap().unwrap();
        assert_eq!((stored.epoch.as_str(), stored.rows.len()), ("e_1", 1));
    }
}
