//! Choice of the snapshots and rows that a log keeps, and the part of a board's past that they show.
//!
//! In: where snapshots are. Out: what to drop. Never: storage of any kind; every log follows the same rules.

use std::ops::RangeInclusive;

use tideboard_shared::Seq;

use crate::row::RowNo;

/// Snapshots that the kept history is shown from, about; at most this fraction of its events is replayed to show one.
const SNAPSHOTS_IN_HISTORY: u64 = 10;

/// Place of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The last row it covers.
    pub row: RowNo,
    /// The last event it covers.
    pub seq: Seq,
}

/// Snapshots and rows that are no longer needed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Surplus {
    /// Snapshots, by their row.
    pub snapshots: Vec<RowNo>,
    /// Rows up to this one.
    pub rows_through: Option<RowNo>,
}

/// Surplus once the last of `marks` is stored. `marks` are by ascending row.
pub fn surplus(marks: &[Mark], keep_events: usize) -> Surplus {
    let Some(newest) = marks.last() else { return Surplus::default() };
    let keep = keep_events as u64;
    let mut surplus = Surplus::default();
    let horizon = newest.seq.0.saturating_sub(keep);
    // Everything after the horizon is shown from this one, or from the log's beginning.
    let base = marks.iter().rposition(|mark| mark.seq.0 <= horizon);
    if let Some(base) = base {
        surplus.snapshots = marks[..base].iter().map(|mark| mark.row).collect();
        surplus.rows_through = Some(marks[base].row);
    }
    // The one before the newest, when its neighbours are close enough without it. Looking at it alone each time bounds
    // their number: of any two neighbouring gaps, one is wide.
    if let [.., before, between, newest] = &marks[base.unwrap_or(0)..]
        && newest.seq.0 - before.seq.0 <= keep / SNAPSHOTS_IN_HISTORY
    {
        surplus.snapshots.push(between.row);
    }
    surplus
}

/// Oldest position that can be shown. `before_rows` is the position before the first event that is left in a row,
/// `marks` are by ascending row.
pub fn oldest(marks: &[Mark], before_rows: Option<Seq>) -> Seq {
    match (marks.first(), before_rows) {
        (None, _) | (_, Some(Seq::ZERO)) => Seq::ZERO,
        (Some(mark), _) => mark.seq,
    }
}

/// Reason why a position cannot be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutOfSpan {
    /// The log no longer has what shows it.
    #[error("can be shown from seq {oldest} on")]
    Gone {
        /// The oldest position that is left.
        oldest: Seq,
    },
    /// The board has not come so far.
    #[error("is at seq {newest}")]
    Ahead {
        /// The board's position.
        newest: Seq,
    },
}

/// Range of a board's positions that can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first position that can be shown.
    pub oldest: Seq,
    /// The board's position.
    pub newest: Seq,
}

impl Span {
    /// Says why the board cannot be shown at `seq`, if it cannot.
    pub fn check(self, seq: Seq) -> Result<(), OutOfSpan> {
        if seq < self.oldest {
            return Err(OutOfSpan::Gone { oldest: self.oldest });
        }
        if seq > self.newest {
            return Err(OutOfSpan::Ahead { newest: self.newest });
        }
        Ok(())
    }

    /// The `limit` events that end before `before`; an empty range when there is none.
    pub fn page(self, before: Option<Seq>, limit: usize) -> Result<RangeInclusive<u64>, OutOfSpan> {
        let last = match before {
            Some(before) => Seq(before.0.saturating_sub(1)),
            None => self.newest,
        };
        self.check(last)?;
        let first = last.0.saturating_sub(limit as u64).max(self.oldest.0) + 1;
        Ok(first..=last.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Snapshots after every `every` events, kept as the log would; each row is one event.
    fn kept(every: u64, count: u64, keep_events: usize) -> (Vec<Mark>, RowNo) {
        let mut marks = Vec::new();
        let mut first_row = RowNo(1);
        for row in (1..=count).map(|index| index * every) {
            marks.push(Mark { row: RowNo(row), seq: Seq(row) });
            let surplus = surplus(&marks, keep_events);
            marks.retain(|mark| !surplus.snapshots.contains(&mark.row));
            first_row = first_row.max(surplus.rows_through.unwrap_or_default().next());
        }
        (marks, first_row)
    }

    #[test]
    fn nothing_is_dropped_before_there_is_more_than_asked_for() {
        assert_eq!(kept(10, 1, 10).1, RowNo(1));
        assert_eq!(kept(10, 2, 10).1, RowNo(11));
    }

    #[test]
    fn without_history_only_the_newest_snapshot_stays() {
        let (marks, first_row) = kept(10, 5, 0);
        assert_eq!((marks, first_row), (vec![Mark { row: RowNo(50), seq: Seq(50) }], RowNo(51)));
    }

    #[test]
    fn what_is_kept_covers_the_history_and_is_bounded() {
        for count in 1..300 {
            let (marks, first_row) = kept(10, count, 1_000);
            let newest = count * 10;
            let before_rows = Some(Seq(first_row.0 - 1)).filter(|before| before.0 < newest);
            let oldest = oldest(&marks, before_rows);
            assert!(oldest.0 <= newest.saturating_sub(1_000), "{count}: {oldest}");
            assert!(newest - oldest.0 <= 1_000 + 110, "{count}: {oldest}");
            assert!(marks.len() <= 22, "{count}: {} snapshots", marks.len());
            let gaps = marks.windows(2).map(|pair| pair[1].seq.0 - pair[0].seq.0);
            assert!(gaps.max().unwrap_or(0) <= 100, "{count}: {marks:?}");
        }
    }

    #[test]
    fn a_page_ends_where_the_history_does() {
        let span = Span { oldest: Seq(10), newest: Seq(20) };
        let page = |before: Option<u64>, limit| span.page(before.map(Seq), limit);
        assert_eq!(page(None, 3), Ok(18..=20));
        assert_eq!(page(Some(21), 3), Ok(18..=20));
        assert_eq!(page(Some(13), 5), Ok(11..=12));
        assert!(page(Some(11), 5).unwrap().is_empty());
        assert_eq!(page(Some(10), 5), Err(OutOfSpan::Gone { oldest: Seq(10) }));
        assert_eq!(page(Some(22), 5), Err(OutOfSpan::Ahead { newest: Seq(20) }));
    }
}
