//! What the checks have looked at, so that a run that looked away shows.

use std::{fmt, ops::AddAssign};

/// Largest share of looks that may be skipped, per thousand.
const MOST_SKIPPED: usize = 100;
/// Fewest edits that have to come through, a seed.
const FEWEST_EDITS: u64 = 20;

/// Counts of one run, or of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Seen {
    /// Edits that are in the log.
    pub(crate) edits: usize,
    /// Entities on a screen that were compared with what they have to be.
    pub(crate) looks: usize,
    /// Entities on a screen of which too much was in doubt.
    pub(crate) skipped: usize,
    /// Ends of which the user was told only that there was one.
    pub(crate) unknown_ends: usize,
    /// All ends of which a user was told.
    pub(crate) ends: usize,
}

impl Seen {
    /// Fails where the run has looked at too little to mean anything.
    pub(crate) fn check(&self, seeds: u64) {
        let least = seeds * FEWEST_EDITS;
        assert!(self.edits as u64 >= least, "too few edits came through to mean anything: {self}");
        assert!(self.skipped * 1_000 <= self.looks * MOST_SKIPPED, "too much was not looked at: {self}");
        assert!(self.unknown_ends * 1_000 <= self.ends * MOST_SKIPPED, "too little was told of edits: {self}");
    }
}

impl AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        self.edits += other.edits;
        self.looks += other.looks;
        self.skipped += other.skipped;
        self.unknown_ends += other.unknown_ends;
        self.ends += other.ends;
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { edits, looks, skipped, unknown_ends, ends } = self;
        write!(
            f,
            "{edits} edits applied, {looks} looks, {skipped} skipped, {ends} ends told, {unknown_ends} as unknown"
        )
    }
}
