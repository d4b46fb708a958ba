//! Promises of every log, whatever it is made of.
//!
//! [`run`] is given a function that makes an empty log and checks each promise of [`Log`] on one of its own.

use std::sync::Arc;

use futures_util::{FutureExt, StreamExt};
use tideboard_room::{LogRow, RoomConfig, RoomState, RowNo, Submission};
use tideboard_shared::{
    Action, BoardId, ClientId, Durability, Epoch, OnConflict, OpId, Operation, Seq, UnixMs, message::Event,
};

use super::{Log, LogError, ROWS_PER_READ};

mod past;

/// So many events before the newest snapshot that there are no more.
pub(super) const ALL: usize = usize::MAX;

pub(super) fn board(name: &str) -> BoardId {
    name.parse().unwrap()
}

/// A row with events `first..=last`.
pub(super) fn row(no: u64, events: std::ops::RangeInclusive<u64>) -> LogRow {
    let event = |seq| Event {
        seq: Seq(seq),
        by: "ann".into(),
        at: UnixMs(seq),
        op: Arc::new(Operation {
            id: OpId { client: "c_a".parse().unwrap(), n: seq },
            entity: format!("e{seq}").as_str().into(),
            base: Seq::ZERO,
            action: Action::Create { kind: "note".into(), fields: Default::default() },
            on_conflict: OnConflict::Reject,
        }),
    };
    LogRow { no: RowNo(no), events: events.map(event).collect(), ..LogRow::default() }
}

pub(super) async fn run<M: AsyncFn() -> Arc<dyn Log>>(make: M) {
    a_new_log_is_empty(&*make().await).await;
    rows_come_back_in_order(&*make().await).await;
    a_row_out_of_place_changes_nothing(&*make().await).await;
    rows_after_a_place_come_in_order_and_in_parts(&*make().await).await;
    rows_that_a_snapshot_dropped_are_gone(&*make().await).await;
    whoever_follows_a_board_hears_how_far_it_has_come(make().await).await;
    boards_do_not_mix(&*make().await).await;
    a_board_is_created_once(&*make().await).await;
    a_board_is_loaded_with_so_many_events_as_resuming_needs(&*make().await).await;
    a_snapshot_drops_what_history_does_not_need(&*make().await).await;
    a_snapshot_that_drops_every_row_keeps_the_place(&*make().await).await;
    refusals_alone_do_not_pile_up(&*make().await).await;
    rows_sent_together_are_all_stored(make().await).await;
    a_room_comes_back_as_it_was(&*make().await).await;
    past::run(&make).await;
}

async fn a_new_log_is_empty(log: &dyn Log) {
    assert_eq!(log.boards().await.unwrap(), []);
    assert_eq!(log.load(&board("main"), ALL).await.unwrap(), None);
    let missing = log.append(&board("main"), &row(1, 1..=1)).await;
    assert_eq!(missing, Err(LogError::UnknownBoard(board("main"))));
}

async fn rows_come_back_in_order(log: &dyn Log) {
    let main = board("main");
    log.create(&main, &Epoch::from("e_1")).await.unwrap();
    let rows = [row(1, 1..=3), row(2, 4..=4)];
    for row in &rows {
        log.append(&main, row).await.unwrap();
    }
    let stored = log.load(&main, ALL).await.unwrap().unwrap();
    assert_eq!((stored.epoch, stored.snapshot, stored.rows), (Epoch::from("e_1"), None, rows.to_vec()));
}

async fn a_row_out_of_place_changes_nothing(log: &dyn Log) {
    let main = board("main");
    log.create(&main, &Epoch::from("e_1")).await.unwrap();
    log.append(&main, &row(1, 1..=1)).await.unwrap();
    for no in [0, 1, 3] {
        let refused = log.append(&main, &row(no, 2..=2)).await;
        assert_eq!(refused, Err(LogError::OutOfPlace { board: main.clone(), last: RowNo(1), found: RowNo(no) }));
    }
    log.append(&main, &row(2, 2..=2)).await.unwrap();
    assert_eq!(log.load(&main, ALL).await.unwrap().unwrap().rows, [row(1, 1..=1), row(2, 2..=2)]);
}

async fn rows_after_a_place_come_in_order_and_in_parts(log: &dyn Log) {
    let main = board("main");
    assert_eq!(log.rows_after(&main, RowNo::ZERO).await, Err(LogError::UnknownBoard(main.clone())));
    log.create(&main, &Epoch::from("e_1")).await.unwrap();
    assert_eq!(log.rows_after(&main, RowNo::ZERO).await.unwrap(), []);
    let all: Vec<_> = (1..=ROWS_PER_READ as u64 + 2).map(|no| row(no, no..=no)).collect();
    for row in &all {
        log.append(&main, row).await.unwrap();
    }
    assert_eq!(log.rows_after(&main, RowNo::ZERO).await.unwrap(), all[..ROWS_PER_READ]);
    assert_eq!(log.rows_after(&main, RowNo(3)).await.unwrap(), all[3..]);
    let last = all[all.len() - 1].no;
    assert_eq!(log.rows_after(&main, last).await.unwrap(), []);
    let beyond = log.rows_after(&main, last.next()).await;
    assert_eq!(beyond, Err(LogError::RowsGone { board: main, after: last.next() }));
}

async fn rows_that_a_snapshot_dropped_are_gone(log: &dyn Log) {
    let main = board("main");
    let (mut state, rows) = covered(log, &main).await;
    log.snapshot(&main, state.snapshot(), 0).await.unwrap();
    let gone = |after| Err(LogError::RowsGone { board: main.clone(), after: RowNo(after) });
    assert_eq!(log.rows_after(&main, RowNo(3)).await, gone(3));
    assert_eq!(log.rows_after(&main, RowNo(4)).await.unwrap(), []);
    log.append(&main, &rows[4]).await.unwrap();
    state.replay(&rows[4]).unwrap();
    assert_eq!(log.rows_after(&main, RowNo(3)).await, gone(3));
    assert_eq!(log.rows_after(&main, RowNo(4)).await.unwrap(), rows[4..]);
    assert_eq!(log.rows_after(&main, RowNo(6)).await, gone(6));
}

async fn whoever_follows_a_board_hears_how_far_it_has_come(log: Arc<dyn Log>) {
    let main = board("main");
    log.create(&main, &Epoch::from("e_1")).await.unwrap();
    log.append(&main, &row(1, 1..=1)).await.unwrap();
    let mut followers = [log.follow(&main), log.follow(&main)];
    let mut elsewhere = log.follow(&board("other"));
    let writer = Arc::clone(&log);
    let writing = tokio::spawn(async move {
        for no in 2..=50 {
            writer.append(&board("main"), &row(no, no..=no)).await.unwrap();
        }
    });
    for follower in &mut followers {
        let mut heard = RowNo(1);
        while heard < RowNo(50) {
            let last = follower.next().await.unwrap();
            assert!(last > heard, "{last} after {heard}");
            assert_eq!(log.rows_after(&main, RowNo(last.0 - 1)).await.unwrap()[0].no, last, "it is there");
            heard = last;
        }
    }
    writing.await.unwrap();
    assert_eq!(elsewhere.next().now_or_never(), None);
}

async fn boards_do_not_mix(log: &dyn Log) {
    for name in ["b", "a"] {
        log.create(&board(name), &Epoch::from(name)).await.unwrap();
    }
    log.append(&board("a"), &row(1, 1..=1)).await.unwrap();
    assert_eq!(log.boards().await.unwrap(), [board("a"), board("b")]);
    assert_eq!(log.load(&board("b"), ALL).await.unwrap().unwrap().rows, []);
    log.append(&board("b"), &row(1, 1..=1)).await.unwrap();
}

async fn a_board_is_created_once(log: &dyn Log) {
    let main = board("main");
    log.create(&main, &Epoch::from("e_1")).await.unwrap();
    assert_eq!(log.create(&main, &Epoch::from("e_2")).await, Err(LogError::BoardExists(main.clone())));
    assert_eq!(log.load(&main, ALL).await.unwrap().unwrap().epoch, Epoch::from("e_1"));
}

/// Five rows, of which the first four are stored and covered by a snapshot that is not.
async fn covered(log: &dyn Log, main: &BoardId) -> (RoomState, [LogRow; 5]) {
    log.create(main, &Epoch::from("e_1")).await.unwrap();
    let mut state = RoomState::new(main.clone(), Epoch::from("e_1"), RoomConfig::default());
    let refusals = LogRow { no: RowNo(3), ..LogRow::default() };
    let rows = [row(1, 1..=2), row(2, 3..=4), refusals, row(4, 5..=5), row(5, 6..=6)];
    for row in &rows[..4] {
        log.append(main, row).await.unwrap();
        state.replay(row).unwrap();
    }
    (state, rows)
}

async fn a_board_is_loaded_with_so_many_events_as_resuming_needs(log: &dyn Log) {
    let main = board("main");
    let (state, rows) = covered(log, &main).await;
    log.snapshot(&main, state.snapshot(), ALL).await.unwrap();
    log.append(&main, &rows[4]).await.unwrap();
    // The row of refusals is covered, and nobody resumes with one.
    let kept = [0, 1, 3, 4].map(|index: usize| rows[index].clone());
    // Two events before the snapshot are 4 and 5, so row 2 is wanted, and all after it.
    for (resume_events, from) in [(0, 3), (1, 2), (2, 1), (3, 1), (4, 0), (ALL, 0)] {
        let stored = log.load(&main, resume_events).await.unwrap().unwrap();
        assert_eq!(stored.snapshot, Some(state.snapshot()));
        assert_eq!(stored.rows, kept[from..], "{resume_events}");
    }
}

async fn a_snapshot_drops_what_history_does_not_need(log: &dyn Log) {
    let main = board("main");
    let (mut state, rows) = covered(log, &main).await;
    log.snapshot(&main, state.snapshot(), 1).await.unwrap();
    let kept = [0, 1, 3].map(|index: usize| rows[index].clone());
    assert_eq!(log.load(&main, ALL).await.unwrap().unwrap().rows, kept);
    log.append(&main, &rows[4]).await.unwrap();
    state.replay(&rows[4]).unwrap();
    // The first snapshot shows the one event before the second, so what it covers is no longer needed.
    log.snapshot(&main, state.snapshot(), 1).await.unwrap();
    let stored = log.load(&main, ALL).await.unwrap().unwrap();
    assert_eq!((stored.snapshot, &stored.rows[..]), (Some(state.snapshot()), &rows[4..]));
}

async fn a_snapshot_that_drops_every_row_keeps_the_place(log: &dyn Log) {
    let main = board("main");
    log.create(&main, &Epoch::from("e_1")).await.unwrap();
    let mut state = RoomState::new(main.clone(), Epoch::from("e_1"), RoomConfig::default());
    let first = row(1, 1..=2);
    log.append(&main, &first).await.unwrap();
    state.replay(&first).unwrap();
    log.snapshot(&main, state.snapshot(), 0).await.unwrap();
    assert_eq!(log.load(&main, ALL).await.unwrap().unwrap().rows, []);
    let refused = log.append(&main, &row(1, 3..=3)).await;
    assert_eq!(refused, Err(LogError::OutOfPlace { board: main.clone(), last: RowNo(1), found: RowNo(1) }));
    log.append(&main, &row(2, 3..=3)).await.unwrap();
}

async fn refusals_alone_do_not_pile_up(log: &dyn Log) {
    let main = board("main");
    log.create(&main, &Epoch::from("e_1")).await.unwrap();
    let mut state = RoomState::new(main.clone(), Epoch::from("e_1"), RoomConfig::default());
    let rows: Vec<_> = (1..=20)
        .map(|no| if no == 10 { row(no, 1..=1) } else { LogRow { no: RowNo(no), ..LogRow::default() } })
        .collect();
    for row in &rows {
        log.append(&main, row).await.unwrap();
        state.replay(row).unwrap();
        if row.no.0 % 6 == 0 {
            log.snapshot(&main, state.snapshot(), 1_000).await.unwrap();
        }
    }
    // Rows 19 and 20 are not covered; row 10 has the history.
    let stored = log.load(&main, ALL).await.unwrap().unwrap();
    assert_eq!(stored.rows, [&rows[9], &rows[18], &rows[19]].map(LogRow::clone));
    let back = RoomState::restore(main.clone(), RoomConfig::default(), stored).unwrap();
    assert_eq!((back.row(), back.snapshot()), (state.row(), state.snapshot()));
    // All of the past is still there, and whoever follows the rows is told that some are not.
    assert_eq!(log.at(&main, Seq::ZERO).await.unwrap().show(&main, Seq::ZERO).unwrap().entities.len(), 0);
    assert_eq!(log.at(&main, Seq(1)).await.unwrap().show(&main, Seq(1)).unwrap().entities.len(), 1);
    let page = log.events(&main, None, 5).await.unwrap();
    assert_eq!((page.oldest, page.events.len()), (Seq::ZERO, 1));
    let gone = |after| Err(LogError::RowsGone { board: main.clone(), after: RowNo(after) });
    for after in [0, 8, 9, 12] {
        assert_eq!(log.rows_after(&main, RowNo(after)).await, gone(after));
    }
    assert_eq!(log.rows_after(&main, RowNo(18)).await.unwrap(), rows[18..]);
    assert_eq!(
        log.append(&main, &rows[19]).await,
        Err(LogError::OutOfPlace { board: main.clone(), last: RowNo(20), found: RowNo(20) })
    );
}

async fn rows_sent_together_are_all_stored(log: Arc<dyn Log>) {
    let boards: Vec<_> = (0..20).map(|i| board(&format!("b{i:02}"))).collect();
    for board in &boards {
        log.create(board, &Epoch::from("e")).await.unwrap();
    }
    let write = |board: BoardId| {
        let log = Arc::clone(&log);
        tokio::spawn(async move {
            for no in 1..=10 {
                log.append(&board, &row(no, no..=no)).await.unwrap();
            }
        })
    };
    for writer in boards.iter().cloned().map(write).collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    for board in &boards {
        assert_eq!(log.load(board, ALL).await.unwrap().unwrap().rows.len(), 10);
    }
}

async fn a_room_comes_back_as_it_was(log: &dyn Log) {
    let main = board("main");
    let ann: ClientId = "c_ann".parse().unwrap();
    let config = RoomConfig { durability: Durability::Fsynced, ..RoomConfig::default() };
    log.create(&main, &Epoch::from("e_1")).await.unwrap();
    let mut live = RoomState::new(main.clone(), Epoch::from("e_1"), config);
    for n in 1..=9 {
        let mut op = (*row(1, n..=n).events[0].op).clone();
        op.id.client = ann.clone();
        // Every third one asks for an entity that is there already.
        op.entity = if n % 3 == 0 { "e1".into() } else { op.entity };
        let user = "ann".to_owned();
        let settled_through = n.saturating_sub(4);
        let submission =
            Submission { client: ann.clone(), user, seen: Default::default(), settled_through, ops: vec![op.into()] };
        let decision = live.decide(&[submission], UnixMs(n));
        log.append(&main, decision.row.as_ref().unwrap()).await.unwrap();
        live.commit(&decision);
        if n == 5 {
            log.snapshot(&main, live.snapshot(), 3).await.unwrap();
        }
    }
    let stored = log.load(&main, ALL).await.unwrap().unwrap();
    let back = RoomState::restore(main, config, stored).unwrap();
    assert_eq!((back.seq(), back.row(), back.snapshot()), (live.seq(), live.row(), live.snapshot()));
}
