use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant as Clock,
};

use tideboard_room::{LogRow, Stored, StoredSnapshot};
use tideboard_shared::{Action, ClientId, Durability, Epoch, OnConflict, Operation, Outcome, Reason, decode_server};

use super::*;
use crate::{
    fanout::{Fanout, Ticket, Wish},
    log::{EventPage, LogError, LogFuture, MemoryLog},
    room::{RoomHandle, Rooms},
};

/// A log whose appends fail while it is told so: before the row is stored, or after.
#[derive(Debug, Default)]
struct FlakyLog {
    inner: MemoryLog,
    fail_before: AtomicUsize,
    fail_after: AtomicUsize,
}

fn take(count: &AtomicUsize) -> bool {
    count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok()
}

impl Log for FlakyLog {
    fn durability(&self) -> Durability {
        Durability::Memory
    }

    fn boards(&self) -> LogFuture<'_, Vec<BoardId>> {
        self.inner.boards()
    }

    fn create<'a>(&'a self, board: &'a BoardId, epoch: &'a Epoch) -> LogFuture<'a, ()> {
        self.inner.create(board, epoch)
    }

    fn load<'a>(&'a self, board: &'a BoardId, resume_events: usize) -> LogFuture<'a, Option<Stored>> {
        self.inner.load(board, resume_events)
    }

    fn append<'a>(&'a self, board: &'a BoardId, row: &'a LogRow) -> LogFuture<'a, ()> {
        Box::pin(async move {
            if take(&self.fail_before) {
                return Err(LogError::Unavailable("disk full".into()));
            }
            self.inner.append(board, row).await?;
            if take(&self.fail_after) {
                return Err(LogError::Unknown("no answer".into()));
            }
            Ok(())
        })
    }

    fn rows_after<'a>(&'a self, board: &'a BoardId, after: RowNo) -> LogFuture<'a, Vec<LogRow>> {
        self.inner.rows_after(board, after)
    }

    fn follow(&self, board: &BoardId) -> futures_util::stream::BoxStream<'static, RowNo> {
        self.inner.follow(board)
    }

    fn snapshot<'a>(&'a self, board: &'a BoardId, snapshot: StoredSnapshot, keep: usize) -> LogFuture<'a, ()> {
        self.inner.snapshot(board, snapshot, keep)
    }

    fn at<'a>(&'a self, board: &'a BoardId, seq: Seq) -> LogFuture<'a, Stored> {
        self.inner.at(board, seq)
    }

    fn events<'a>(&'a self, board: &'a BoardId, before: Option<Seq>, limit: usize) -> LogFuture<'a, EventPage> {
        self.inner.events(board, before, limit)
    }

    fn close(&self) -> LogFuture<'_, ()> {
        self.inner.close()
    }
}

struct Bench {
    log: Arc<FlakyLog>,
    rooms: Rooms,
    room: RoomHandle,
    worker: WorkerHandle,
    inbox: mpsc::Receiver<ToWorker>,
}

fn main_board() -> BoardId {
    "main".parse().unwrap()
}

async fn bench(snapshot_every: u64, retain_events: usize) -> Bench {
    let log = Arc::<FlakyLog>::default();
    log.create(&main_board(), &Epoch::from("e_1")).await.unwrap();
    let room = RoomConfig { durability: Durability::Memory, retain_events, ..RoomConfig::default() };
    let settings = RoomSettings { room, snapshot_every, keep_events: retain_events };
    let rooms = Rooms::open(Arc::clone(&log) as Arc<dyn Log>, settings, Arc::default()).await.unwrap();
    let room = rooms.get(&main_board()).unwrap();
    let (worker, inbox) = Fanout::default().add_worker();
    Bench { log, rooms, room, worker, inbox }
}

fn client() -> ClientId {
    "c".parse().unwrap()
}

fn create(n: u64) -> Submission {
    let action = Action::Create { kind: "note".into(), fields: Default::default() };
    let entity = format!("e{n}").as_str().into();
    let id = OpId { client: client(), n };
    let op = Operation { id, entity, base: Seq::ZERO, action, on_conflict: OnConflict::Reject };
    Submission { client: client(), user: "ann".into(), settled_through: 0, ops: vec![op.into()] }
}

impl Bench {
    async fn outcome(&self, n: u64) -> Outcome {
        self.room.submit(create(n)).await.remove(0).outcome
    }

    /// Subscribes a reader; the token keeps it one.
    async fn join(&mut self, since: Option<Position>) -> (Vec<ServerMessage>, crate::fanout::Token) {
        let address = Address { worker: self.worker.clone(), key: SessionKey(1) };
        let wish = Wish { address, channel: Channel::Board(main_board()), ticket: Ticket(1) };
        self.room.tell(ToRoom::Subscribe { wish, client: client(), since }).await;
        match self.inbox.recv().await.unwrap() {
            ToWorker::Join(join) => (join.frames.iter().map(decode).collect(), join.token.unwrap()),
            other => panic!("{other:?}"),
        }
    }

    /// Reads broadcasts until one has event `last`; the `seq`s of each message.
    async fn updates_to(&mut self, last: u64) -> Vec<Vec<u64>> {
        let mut all: Vec<Vec<u64>> = Vec::new();
        while all.last().is_none_or(|seqs| *seqs.last().unwrap() < last) {
            let ToWorker::Broadcast { frame, .. } = self.inbox.recv().await.unwrap() else { panic!() };
            let ServerMessage::Updates { events, .. } = decode(&frame) else { panic!() };
            all.push(events.iter().map(|event| event.seq.0).collect());
        }
        all
    }
}

fn decode(frame: &Bytes) -> ServerMessage {
    let json = frame.iter().position(|byte| *byte == b'{').unwrap();
    let Ok(mut messages) = decode_server(std::str::from_utf8(&frame[json..]).unwrap()) else { panic!() };
    messages.remove(0).unwrap()
}

fn applied(seq: u64) -> Outcome {
    Outcome::Applied { seq: Seq(seq), durability: Durability::Memory }
}

#[tokio::test]
async fn an_operation_that_was_not_stored_is_unavailable_and_can_be_sent_again() {
    let mut bench = bench(1_000, 100).await;
    let (_, token) = bench.join(None).await;
    bench.log.fail_before.store(1, Ordering::Relaxed);
    let Outcome::Rejected(rejection) = bench.outcome(1).await else { panic!() };
    assert_eq!(rejection.reason, Reason::Unavailable);
    assert!(bench.inbox.try_recv().is_err(), "nothing may be heard of it");
    assert_eq!(bench.outcome(1).await, applied(1));
    assert_eq!(bench.updates_to(1).await, [[1]]);
    drop(token);
}

#[tokio::test]
async fn an_operation_stored_in_spite_of_an_error_is_applied_once_and_readers_hear_of_it() {
    let mut bench = bench(1_000, 100).await;
    let (_, token) = bench.join(None).await;
    bench.log.fail_after.store(1, Ordering::Relaxed);
    let Outcome::Rejected(rejection) = bench.outcome(1).await else { panic!() };
    assert_eq!(rejection.reason, Reason::Unavailable);
    assert_eq!(bench.outcome(1).await, applied(1));
    assert_eq!(bench.outcome(2).await, applied(2));
    assert_eq!(bench.updates_to(2).await.concat(), [1, 2]);
    drop(token);
}

#[tokio::test]
async fn updates_leave_at_once_when_quiet_and_together_when_busy() {
    let mut bench = bench(1_000, 1_000).await;
    let (_, token) = bench.join(None).await;
    let start = Clock::now();
    for n in 1..=200 {
        assert_eq!(bench.outcome(n).await, applied(n));
    }
    let updates = bench.updates_to(200).await;
    let most = 2 + (start.elapsed().as_millis() / FLUSH_GAP.as_millis()) as usize;
    assert!(updates.len() <= most, "{} messages, at most {most}", updates.len());
    assert_eq!(updates[0], [1]);
    assert_eq!(updates.concat(), (1..=200).collect::<Vec<_>>());
    drop(token);
}

#[tokio::test]
async fn a_new_reader_gets_its_snapshot_after_older_updates_left_and_before_newer_ones() {
    let mut bench = bench(1_000, 1_000).await;
    let (_, first) = bench.join(None).await;
    for n in 1..=3 {
        bench.outcome(n).await;
    }
    let address = Address { worker: bench.worker.clone(), key: SessionKey(2) };
    let wish = Wish { address, channel: Channel::Board(main_board()), ticket: Ticket(1) };
    bench.room.tell(ToRoom::Subscribe { wish, client: client(), since: None }).await;
    bench.outcome(4).await;
    let (mut heard, mut joined_at, mut held) = (Vec::new(), None, Vec::new());
    while heard.last() != Some(&4) {
        match bench.inbox.recv().await.unwrap() {
            ToWorker::Broadcast { frame, .. } => {
                let ServerMessage::Updates { events, .. } = decode(&frame) else { panic!() };
                heard.extend(events.iter().map(|event| event.seq.0));
            }
            ToWorker::Join(join) => {
                let ServerMessage::Subscribed { seq, .. } = decode(&join.frames[0]) else { panic!() };
                assert_eq!(seq.0, *heard.last().unwrap(), "the snapshot ends where what was sent ends");
                joined_at = Some(seq.0);
                held.push(join.token);
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((heard, joined_at), (vec![1, 2, 3, 4], Some(3)));
    drop(first);
}

#[tokio::test]
async fn a_board_without_readers_sends_nothing() {
    let mut bench = bench(1_000, 1_000).await;
    let (_, token) = bench.join(None).await;
    drop(token);
    bench.outcome(1).await;
    bench.rooms.close().await;
    assert!(bench.inbox.try_recv().is_err());
}

#[tokio::test]
async fn snapshots_keep_the_log_short_and_resuming_possible() {
    let bench = bench(10, 5).await;
    for n in 1..=35 {
        bench.outcome(n).await;
    }
    bench.rooms.close().await;
    let stored = bench.log.load(&main_board(), usize::MAX).await.unwrap().unwrap();
    let covered = stored.snapshot.as_ref().unwrap().seq.0;
    assert!(covered >= 10 && stored.rows.len() <= 30, "{covered} {}", stored.rows.len());
    let config = RoomConfig { durability: Durability::Memory, retain_events: 5, ..RoomConfig::default() };
    let back = RoomState::restore(main_board(), config, stored).unwrap();
    assert_eq!((back.seq(), back.board().len()), (Seq(35), 35));
    let since = Position { epoch: Epoch::from("e_1"), seq: Seq(30) };
    assert_eq!(back.events_since(&since).unwrap().len(), 5);
}

#[tokio::test]
async fn a_closed_room_answers_unavailable() {
    let bench = bench(10, 5).await;
    bench.rooms.close().await;
    let Outcome::Rejected(rejection) = bench.outcome(1).await else { panic!() };
    assert_eq!(rejection.reason, Reason::Unavailable);
}
