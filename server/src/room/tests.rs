use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tideboard_room::{Reach, RoomConfig, Stored, StoredSnapshot, Whereabouts};
use tideboard_shared::{
    Action, ClientId, Durability, Epoch, OnConflict, OpId, Operation, Outcome, Position, Reason, Seq, UnixMs,
    decode_server, message::Event,
};

use super::*;
use crate::{
    fanout::{Fanout, Join, JoinAnswer, ReaderGuard, Ticket},
    log::{EventPage, LogFuture, MemoryLog},
    rooms::{RoomSettings, Rooms},
};

/// A log whose appends fail while it is told so: before the row is stored, after, or because another row is in the way; or
/// that never answer, or panic.
#[derive(Debug, Default)]
struct FlakyLog {
    inner: MemoryLog,
    fail_before: AtomicUsize,
    fail_after: AtomicUsize,
    in_the_way: Mutex<Option<LogRow>>,
    /// Appends that are never answered.
    stuck: AtomicUsize,
    /// Appends that panic, in the room that polls them.
    panics: AtomicUsize,
}

fn take(count: &AtomicUsize) -> bool {
    count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok()
}

impl Log for FlakyLog {
    fn durability(&self) -> Durability {
        Durability::Memory
    }

    fn trouble(&self) -> Option<String> {
        self.inner.trouble()
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
            assert!(!take(&self.panics), "told to");
            if take(&self.stuck) {
                std::future::pending::<()>().await;
            }
            if take(&self.fail_before) {
                return Err(LogError::Unavailable("disk full".into()));
            }
            let in_the_way = self.in_the_way.lock().unwrap().take();
            if let Some(other) = in_the_way {
                self.inner.append(board, &other).await?;
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

    fn follow(&self, board: &BoardId) -> BoxStream<'static, RowNo> {
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
    let snapshot_every = snapshot_every.try_into().unwrap();
    let room = RoomConfig { durability: Durability::Memory, retain_events, snapshot_every, ..RoomConfig::default() };
    let settings = RoomSettings { room, keep_events: retain_events };
    let fanout = Arc::new(Fanout::new(usize::MAX));
    let rooms =
        Rooms::new(Arc::clone(&log) as Arc<dyn Log>, settings, Arc::default(), Arc::clone(&fanout)).await.unwrap();
    let room = rooms.open(&main_board()).await.unwrap();
    let (worker, inbox) = fanout.add_worker();
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
    Submission {
        client: client(),
        user: "ann".into(),
        seen: Default::default(),
        settled_through: 0,
        ops: vec![op.into()],
    }
}

impl Bench {
    async fn outcome(&self, n: u64) -> Outcome {
        self.room.submit(create(n)).await.1.remove(0).outcome
    }

    /// Subscribes a reader; the guard keeps it one.
    async fn join(&mut self, since: Option<Position>) -> (Vec<ServerMessage>, ReaderGuard) {
        let address = Address { worker: self.worker.clone(), key: SessionKey(1) };
        let request = SubscribeRequest::new(address, Channel::Board(main_board()), Ticket(1));
        let from = Asker::now(To::Subscriber(request));
        self.room
            .tell(Mail::Subscribe { from, client: client(), known: Whereabouts { since, seen: Vec::new() } })
            .await;
        match self.inbox.recv().await.unwrap() {
            ToWorker::Join(join) => granted(join),
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

/// First messages of a reader, and what keeps it one.
fn granted(join: Join) -> (Vec<ServerMessage>, ReaderGuard) {
    let JoinAnswer::Granted { first, guard } = join.answer else { panic!("{join:?}") };
    (first.into_iter().map(|message| decode(&message.encode())).collect(), guard)
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
    let (_, guard) = bench.join(None).await;
    bench.log.fail_before.store(1, Ordering::Relaxed);
    let Outcome::Rejected(rejection) = bench.outcome(1).await else { panic!() };
    assert_eq!(rejection.reason, Reason::Unavailable);
    assert!(bench.inbox.try_recv().is_err(), "nothing may be heard of it");
    assert_eq!(bench.outcome(1).await, applied(1));
    assert_eq!(bench.updates_to(1).await, [[1]]);
    drop(guard);
}

#[tokio::test]
async fn an_operation_stored_in_spite_of_an_error_is_applied_once_and_readers_hear_of_it() {
    let mut bench = bench(1_000, 100).await;
    let (_, guard) = bench.join(None).await;
    bench.log.fail_after.store(1, Ordering::Relaxed);
    assert_eq!(bench.outcome(1).await, applied(1));
    assert_eq!(bench.outcome(1).await, applied(1));
    assert_eq!(bench.outcome(2).await, applied(2));
    assert_eq!(bench.updates_to(2).await.concat(), [1, 2]);
    drop(guard);
}

#[tokio::test]
async fn a_new_reader_gets_its_snapshot_after_older_updates_left_and_before_newer_ones() {
    let mut bench = bench(1_000, 1_000).await;
    let (_, first) = bench.join(None).await;
    for n in 1..=3 {
        bench.outcome(n).await;
    }
    let address = Address { worker: bench.worker.clone(), key: SessionKey(2) };
    let request = SubscribeRequest::new(address, Channel::Board(main_board()), Ticket(1));
    let from = Asker::now(To::Subscriber(request));
    bench.room.tell(Mail::Subscribe { from, client: client(), known: Whereabouts::default() }).await;
    bench.outcome(4).await;
    let mut heard = Vec::new();
    let mut joined_at = None;
    let mut held = Vec::new();
    while heard.last() != Some(&4) {
        match bench.inbox.recv().await.unwrap() {
            ToWorker::Broadcast { frame, .. } => {
                let ServerMessage::Updates { events, .. } = decode(&frame) else { panic!() };
                heard.extend(events.iter().map(|event| event.seq.0));
            }
            ToWorker::Join(join) => {
                let (first, guard) = granted(join);
                let ServerMessage::Subscribed { at: Some(Position { seq, .. }), .. } = &first[0] else { panic!() };
                assert_eq!(seq.0, *heard.last().unwrap(), "the snapshot ends where what was sent ends");
                joined_at = Some(seq.0);
                held.push(guard);
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
    let (_, guard) = bench.join(None).await;
    drop(guard);
    bench.outcome(1).await;
    bench.rooms.close().await.unwrap();
    assert!(bench.inbox.try_recv().is_err());
}

#[tokio::test]
async fn snapshots_keep_the_log_short_and_resuming_possible() {
    let bench = bench(10, 5).await;
    for n in 1..=35 {
        bench.outcome(n).await;
    }
    bench.rooms.close().await.unwrap();
    let stored = bench.log.load(&main_board(), usize::MAX).await.unwrap().unwrap();
    let covered = stored.snapshot.as_ref().unwrap().seq.0;
    assert!(covered >= 10 && stored.rows.len() <= 30, "{covered} {}", stored.rows.len());
    let row = stored.rows.iter().find(|row| row.last_seq() == Some(Seq(30))).unwrap();
    let position = Position { epoch: Epoch::from("e_1"), seq: Seq(30), check: row.check.unwrap() };
    let config = RoomConfig { durability: Durability::Memory, retain_events: 5, ..RoomConfig::default() };
    let back = RoomState::restore(main_board(), config, stored).unwrap();
    assert_eq!((back.seq(), back.board().len()), (Seq(35), 35));
    let known = Whereabouts { since: Some(position), seen: Vec::new() };
    let messages = back.subscribe(&known, &client(), Reach::End);
    let [ServerMessage::Subscribed { recovered: true, .. }, ServerMessage::Updates { events, .. }] = &messages[..]
    else {
        panic!("{messages:?}")
    };
    assert_eq!(events.len(), 5);
}

#[tokio::test]
async fn a_closed_room_answers_unavailable() {
    let bench = bench(10, 5).await;
    bench.rooms.close().await.unwrap();
    let Outcome::Rejected(rejection) = bench.outcome(1).await else { panic!() };
    assert_eq!(rejection.reason, Reason::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn a_log_that_never_answers_does_not_keep_the_server_from_ending() {
    let bench = bench(10, 5).await;
    bench.log.stuck.store(1, Ordering::Relaxed);
    let (asker, room) = (bench.room.clone(), bench.room.clone());
    let waiting = tokio::spawn(async move { asker.submit(create(1)).await });
    // Asked after the submit, and not answered before it.
    let reading = tokio::spawn(async move { room.ask(|from| Mail::Read { from }).await });
    tokio::task::yield_now().await;
    assert_eq!(bench.rooms.close().await, Err("some boards"));
    assert!(!waiting.is_finished() && !reading.is_finished(), "the log was waited for");
}

#[tokio::test]
async fn a_room_that_panics_answers_cuts_its_readers_and_is_opened_again_from_its_log() {
    let mut bench = bench(10, 5).await;
    assert_eq!(bench.outcome(1).await, applied(1));
    let (_, guard) = bench.join(None).await;
    bench.log.panics.store(1, Ordering::Relaxed);
    let address = Address { worker: bench.worker.clone(), key: SessionKey(2) };
    let from = Asker::now(To::Socket(address));
    bench.room.tell(Mail::Submit { from, submission: create(2) }).await;
    let Outcome::Rejected(rejection) = bench.outcome(3).await else { panic!() };
    assert_eq!(rejection.reason, Reason::Unavailable, "the call that waited is answered");
    let mut cut = Vec::new();
    while cut.len() < 2 {
        match bench.inbox.recv().await.unwrap() {
            ToWorker::Cut(key) => cut.push(format!("{key:?}")),
            ToWorker::CutReaders(channel) => cut.push(channel.to_string()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(cut, ["SessionKey(2)", "board:main"], "who waited, and who read");
    bench.room = bench.rooms.open(&main_board()).await.unwrap();
    assert_eq!(bench.outcome(1).await, applied(1));
    assert_eq!(bench.outcome(2).await, applied(2));
    drop(guard);
}

/// Row `no` with one event of another node, which creates `entity`.
fn row_elsewhere(no: u64, entity: &str) -> LogRow {
    let mut op = (*create(no).ops[0]).clone();
    op.id.client = "c_other".parse().unwrap();
    op.entity = entity.into();
    let event = Event { seq: Seq(no), by: "bob".into(), at: UnixMs(5), op: op.into() };
    LogRow { no: RowNo(no), events: vec![event], ..LogRow::default() }
}

#[tokio::test]
async fn an_operation_that_lost_the_race_is_decided_after_the_row_that_won_it() {
    let mut bench = bench(1_000, 100).await;
    let (_, guard) = bench.join(None).await;
    *bench.log.in_the_way.lock().unwrap() = Some(row_elsewhere(1, "e1"));
    let Outcome::Rejected(rejection) = bench.outcome(1).await else { panic!() };
    assert_eq!(rejection.reason, Reason::Exists);
    *bench.log.in_the_way.lock().unwrap() = Some(LogRow { no: RowNo(3), ..row_elsewhere(2, "other") });
    assert_eq!(bench.outcome(2).await, applied(3));
    assert_eq!(bench.updates_to(3).await.concat(), [1, 2, 3]);
    drop(guard);
}

#[tokio::test]
async fn rows_that_others_append_reach_readers() {
    let mut bench = bench(1_000, 100).await;
    let (_, guard) = bench.join(None).await;
    bench.log.append(&main_board(), &row_elsewhere(1, "other")).await.unwrap();
    assert_eq!(bench.updates_to(1).await, [[1]]);
    assert_eq!(bench.outcome(1).await, applied(2));
    drop(guard);
}
