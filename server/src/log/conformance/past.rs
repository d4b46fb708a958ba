//! Showing a board as it was.

use tideboard_room::{Stored, retention::OutOfSpan};

use super::*;
use crate::log::EventPage;

pub(super) async fn run<M: AsyncFn() -> Arc<dyn Log>>(make: &M) {
    a_board_without_events_is_shown_as_it_is(&*make().await).await;
    every_position_that_is_kept_is_shown(&*make().await).await;
    what_is_dropped_is_gone_and_says_from_where_there_is_more(&*make().await).await;
    events_come_in_pages_from_the_newest(&*make().await).await;
    boards_have_a_past_of_their_own(&*make().await).await;
}

/// Rows of one to three events each, every fourth without any, with a snapshot after each `every` rows.
async fn write(log: &dyn Log, board: &BoardId, rows: u64, every: u64, keep_events: usize) -> RoomState {
    log.create(board, &Epoch::from("e_1")).await.unwrap();
    let mut state = RoomState::new(board.clone(), Epoch::from("e_1"), RoomConfig::default());
    for no in 1..=rows {
        let next = state.seq().0 + 1;
        let row =
            if no % 4 == 0 { LogRow { no: RowNo(no), ..LogRow::default() } } else { row(no, next..=next + no % 3) };
        log.append(board, &row).await.unwrap();
        state.replay(&row).unwrap();
        if no % every == 0 {
            log.snapshot(board, state.snapshot(), keep_events).await.unwrap();
        }
    }
    state
}

fn shown(stored: Stored, board: &BoardId, seq: u64) -> usize {
    let reply = stored.show(board, Seq(seq)).unwrap();
    assert_eq!((&reply.board, reply.epoch.as_str(), reply.seq), (board, "e_1", Seq(seq)));
    reply.entities.len()
}

fn seqs(page: &EventPage) -> Vec<u64> {
    page.events.iter().map(|event| event.seq.0).collect()
}

async fn a_board_without_events_is_shown_as_it_is(log: &dyn Log) {
    let main = board("main");
    assert_eq!(log.at(&main, Seq::ZERO).await, Err(LogError::UnknownBoard(main.clone())));
    assert_eq!(log.events(&main, None, 5).await, Err(LogError::UnknownBoard(main.clone())));
    log.create(&main, &Epoch::from("e_1")).await.unwrap();
    assert_eq!(shown(log.at(&main, Seq::ZERO).await.unwrap(), &main, 0), 0);
    let page = log.events(&main, None, 5).await.unwrap();
    assert_eq!((page.oldest, page.events), (Seq::ZERO, Vec::new()));
    assert_eq!(log.at(&main, Seq(1)).await, Err(LogError::OutOfSpan(main, OutOfSpan::Ahead { newest: Seq::ZERO })));
}

async fn every_position_that_is_kept_is_shown(log: &dyn Log) {
    let main = board("main");
    let newest = write(log, &main, 50, 7, ALL).await.seq().0;
    for seq in 0..=newest {
        // Each event creates an entity.
        assert_eq!(shown(log.at(&main, Seq(seq)).await.unwrap(), &main, seq), usize::try_from(seq).unwrap());
    }
    let ahead = log.at(&main, Seq(newest + 1)).await;
    assert_eq!(ahead, Err(LogError::OutOfSpan(main, OutOfSpan::Ahead { newest: Seq(newest) })));
}

async fn what_is_dropped_is_gone_and_says_from_where_there_is_more(log: &dyn Log) {
    let main = board("main");
    let newest = write(log, &main, 100, 5, 40).await.seq().0;
    let oldest = log.events(&main, None, 1).await.unwrap().oldest;
    assert!((newest - 70..=newest - 40).contains(&oldest.0), "{oldest} of {newest}");
    for seq in oldest.0..=newest {
        assert_eq!(shown(log.at(&main, Seq(seq)).await.unwrap(), &main, seq), usize::try_from(seq).unwrap());
    }
    let gone = LogError::OutOfSpan(main.clone(), OutOfSpan::Gone { oldest });
    assert_eq!(log.at(&main, Seq(oldest.0 - 1)).await, Err(gone.clone()));
    assert_eq!(log.events(&main, Some(oldest), 5).await, Err(gone));
    assert_eq!(seqs(&log.events(&main, Some(oldest.next()), 5).await.unwrap()), [0; 0]);
}

async fn events_come_in_pages_from_the_newest(log: &dyn Log) {
    let main = board("main");
    let newest = write(log, &main, 30, 6, ALL).await.seq().0;
    let mut before = None;
    let mut all = Vec::new();
    loop {
        let page = log.events(&main, before, 7).await.unwrap();
        let Some(first) = page.events.first() else { break };
        assert!(page.events.len() == 7 || first.seq == Seq(1));
        before = Some(first.seq);
        all.splice(0..0, seqs(&page));
    }
    assert!(all.into_iter().eq(1..=newest));
    let whole = log.events(&main, Some(Seq(newest + 1)), ALL).await.unwrap();
    assert!(seqs(&whole).into_iter().eq(1..=newest));
    let ahead = log.events(&main, Some(Seq(newest + 2)), 7).await;
    assert_eq!(ahead, Err(LogError::OutOfSpan(main, OutOfSpan::Ahead { newest: Seq(newest) })));
}

async fn boards_have_a_past_of_their_own(log: &dyn Log) {
    let main = board("main");
    let other = board("other");
    write(log, &main, 20, 3, 5).await;
    write(log, &other, 9, 100, 5).await;
    assert_eq!(shown(log.at(&other, Seq(3)).await.unwrap(), &other, 3), 3);
    assert_eq!(log.events(&other, Some(Seq(4)), 2).await.unwrap().oldest, Seq::ZERO);
}
