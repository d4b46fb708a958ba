use std::time::Duration;

use tideboard_room::{Answer, Mail, Submission};
use tideboard_shared::{Action, Channel, OnConflict, OpId, OpResult, Operation, Outcome, Seq};

use super::*;
use crate::{
    fanout::{Address, Fanout, SessionKey, SubscribeRequest, Ticket, ToWorker},
    log::MemoryLog,
    room::{Asker, To},
};

const IDLE: Duration = Duration::from_secs(60);

fn board(name: &str) -> BoardId {
    name.parse().unwrap()
}

async fn registry(log: &Arc<MemoryLog>) -> (Arc<Rooms>, Arc<Metrics>) {
    let room = RoomConfig { idle_after: IDLE, ..RoomConfig::default() };
    let metrics = Arc::<Metrics>::default();
    let log = Arc::clone(log) as Arc<dyn Log>;
    let fanout = Arc::new(Fanout::new(usize::MAX));
    let rooms = Rooms::new(log, RoomSettings { room, keep_events: 100 }, Arc::clone(&metrics), fanout).await.unwrap();
    (Arc::new(rooms), metrics)
}

async fn submit(rooms: &Rooms, name: &str, n: u64) -> OpResult {
    let client = "c".parse().unwrap();
    let op = Operation {
        id: OpId { client, n },
        entity: format!("e{n}").as_str().into(),
        base: Seq::ZERO,
        action: Action::Create { kind: "note".into(), fields: Default::default() },
        on_conflict: OnConflict::Reject,
    };
    let client = op.id.client.clone();
    let submission =
        Submission { client, user: "ann".into(), seen: Default::default(), settled_through: 0, ops: vec![op.into()] };
    rooms.open(&board(name)).await.unwrap().submit(submission).await.1.remove(0)
}

fn open_boards(metrics: &Metrics) -> usize {
    metrics.stats().boards_open
}

#[tokio::test]
async fn a_board_is_opened_when_first_asked_for_and_once_for_all_who_ask() {
    let log = Arc::<MemoryLog>::default();
    for name in ["a", "b"] {
        log.create(&board(name), &Epoch::from("e")).await.unwrap();
    }
    let (rooms, metrics) = registry(&log).await;
    assert_eq!((rooms.list().await.unwrap(), open_boards(&metrics)), (vec![board("a"), board("b")], 0));
    let ask = |_| {
        let rooms = Arc::clone(&rooms);
        tokio::spawn(async move { rooms.open(&board("a")).await.unwrap().ask(|from| Mail::Read { from }).await })
    };
    for asker in (0..50).map(ask).collect::<Vec<_>>() {
        assert!(matches!(asker.await.unwrap(), Answer::Board(_)));
    }
    assert_eq!(open_boards(&metrics), 1);
}

#[tokio::test]
async fn an_unknown_board_is_told_as_such_and_one_that_another_process_created_is_found() {
    let log = Arc::<MemoryLog>::default();
    let (rooms, _) = registry(&log).await;
    assert!(matches!(rooms.open(&board("a")).await, Err(OpenError::Unknown(_))));
    assert!(!rooms.knows(&board("a")));
    log.create(&board("a"), &Epoch::from("e")).await.unwrap();
    rooms.open(&board("a")).await.unwrap();
    assert!(rooms.knows(&board("a")));
}

#[tokio::test(start_paused = true)]
async fn an_idle_board_leaves_memory_and_comes_back_as_it_was() {
    let log = Arc::<MemoryLog>::default();
    log.create(&board("a"), &Epoch::from("e")).await.unwrap();
    let (rooms, metrics) = registry(&log).await;
    let first = submit(&rooms, "a", 1).await;
    assert!(matches!(first.outcome, Outcome::Applied { seq: Seq(1), .. }));
    tokio::time::sleep(IDLE - Duration::from_secs(1)).await;
    assert_eq!(open_boards(&metrics), 1);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(open_boards(&metrics), 0);
    assert_eq!(submit(&rooms, "a", 1).await, first, "it remembers what it decided");
    assert_eq!(open_boards(&metrics), 1);
}

#[tokio::test(start_paused = true)]
async fn a_board_that_somebody_reads_stays() {
    let log = Arc::<MemoryLog>::default();
    log.create(&board("a"), &Epoch::from("e")).await.unwrap();
    let (rooms, metrics) = registry(&log).await;
    let (worker, mut inbox) = Fanout::new(usize::MAX).add_worker();
    let address = Address { worker, key: SessionKey(1) };
    let request = SubscribeRequest::new(address, Channel::Board(board("a")), Ticket(1));
    let from = Asker::now(To::Subscriber(request));
    let room = rooms.open(&board("a")).await.unwrap();
    room.tell(Mail::Subscribe { from, client: "c".parse().unwrap(), known: Default::default() }).await;
    drop(room);
    let Some(ToWorker::Join(reader)) = inbox.recv().await else { panic!() };
    tokio::time::sleep(IDLE * 3).await;
    assert_eq!(open_boards(&metrics), 1);
    drop(reader);
    tokio::time::sleep(IDLE * 2).await;
    assert_eq!(open_boards(&metrics), 0);
}

#[tokio::test(start_paused = true)]
async fn a_board_that_somebody_holds_a_handle_of_stays() {
    let log = Arc::<MemoryLog>::default();
    log.create(&board("a"), &Epoch::from("e")).await.unwrap();
    let (rooms, metrics) = registry(&log).await;
    let handle = rooms.open(&board("a")).await.unwrap();
    tokio::time::sleep(IDLE * 3).await;
    assert!(matches!(handle.ask(|from| Mail::Read { from }).await, Answer::Board(_)));
    drop(handle);
    tokio::time::sleep(IDLE * 2).await;
    assert_eq!(open_boards(&metrics), 0);
}

#[tokio::test]
async fn a_closed_registry_opens_nothing_and_creates_nothing() {
    let log = Arc::<MemoryLog>::default();
    log.create(&board("a"), &Epoch::from("e")).await.unwrap();
    let (rooms, metrics) = registry(&log).await;
    submit(&rooms, "a", 1).await;
    rooms.close().await.unwrap();
    assert_eq!(open_boards(&metrics), 0);
    assert!(matches!(rooms.open(&board("a")).await, Err(OpenError::Unavailable(_))));
}

#[tokio::test]
async fn a_room_outlives_the_runtime_of_whoever_asked_for_it() {
    let log = Arc::<MemoryLog>::default();
    log.create(&board("a"), &Epoch::from("e")).await.unwrap();
    let (rooms, metrics) = registry(&log).await;
    let asker = Arc::clone(&rooms);
    // A connection's worker, which ends while the server still lives.
    let worker = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(asker.open(&board("a"))).unwrap()
    });
    let room = worker.await.unwrap();
    assert!(matches!(room.ask(|from| Mail::Read { from }).await, Answer::Board(_)));
    rooms.close().await.unwrap();
    assert_eq!(open_boards(&metrics), 0, "it had its orderly end");
}
