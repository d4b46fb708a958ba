//! Counts of things that the checks have looked at, so that a run that looked away shows.

use std::{
    fmt,
    ops::{Add, AddAssign},
};

/// Largest share of looks that may be skipped because too much was in doubt, per thousand.
const MOST_SKIPPED: usize = 50;
/// Largest share of looks that may be skipped because the log was put back before, per thousand.
const MOST_PUT_BACK: usize = 400;
/// Largest share of ends of which a user may be told only that there was one, per thousand.
const MOST_UNKNOWN: usize = 50;
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
    /// Entities on a screen that were not compared because the log was put back before.
    pub(crate) put_back: usize,
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
        assert!(self.put_back * 1_000 <= self.looks * MOST_PUT_BACK, "logs are put back too often: {self}");
        assert!(self.unknown_ends * 1_000 <= self.ends * MOST_UNKNOWN, "too little was told of edits: {self}");
    }
}

impl AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        self.edits += other.edits;
        self.looks += other.looks;
        self.skipped += other.skipped;
        self.put_back += other.put_back;
        self.unknown_ends += other.unknown_ends;
        self.ends += other.ends;
    }
}

impl Add for Seen {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { edits, looks, skipped, put_back, unknown_ends, ends } = self;
        write!(f, "{edits} edits applied, {looks} looks, {skipped} in the dark, {put_back} on another log, ")?;
        write!(f, "{ends} ends told, {unknown_ends} as unknown")
    }
}
