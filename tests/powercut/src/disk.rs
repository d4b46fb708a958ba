//! The model: a file in the system's memory, and the sectors of it that the disk does not have yet.

use std::collections::BTreeSet;

/// Bytes that a disk writes whole or not at all.
const SECTOR: usize = 512;
/// Most sectors that reach the disk at once without being flushed.
const LEAK: usize = 8;

/// Place where bytes outlive the power.
pub(crate) trait Platter {
    /// Error of the place.
    type Error;

    /// Writes bytes at a place, which may lie behind the end.
    fn write(&mut self, at: usize, bytes: &[u8]) -> Result<(), Self::Error>;

    /// Cuts the file, or lengthens it by zeros.
    fn truncate(&mut self, len: usize) -> Result<(), Self::Error>;
}

/// File as those who use it see it, and the part of that which only memory has.
#[derive(Debug)]
pub(crate) struct Cached {
    live: Vec<u8>,
    /// Sectors that the disk does not have.
    dirty: BTreeSet<usize>,
    /// Shortest length since the last flush, if the file was cut.
    cut_to: Option<usize>,
    /// The folder on the disk names the file. A new one is entered when it is flushed for the first time: SQLite
    /// flushes the folder of a new journal or WAL with it.
    pub(crate) is_entered: bool,
    /// Number of those who have it open.
    pub(crate) users: usize,
}

impl Cached {
    /// File of which the disk has all.
    pub(crate) fn new(content: Vec<u8>, is_entered: bool) -> Self {
        Self { live: content, dirty: BTreeSet::new(), cut_to: None, is_entered, users: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.live.len()
    }

    /// Says whether the disk has all of it.
    pub(crate) fn is_flushed(&self) -> bool {
        self.is_entered && self.dirty.is_empty() && self.cut_to.is_none()
    }

    /// Fills the buffer from a place on, with zeros behind the end. Gives the number of bytes that were there.
    pub(crate) fn read(&self, at: usize, buffer: &mut [u8]) -> usize {
        let there = self.live.get(at..).unwrap_or_default();
        let count = there.len().min(buffer.len());
        buffer[..count].copy_from_slice(&there[..count]);
        buffer[count..].fill(0);
        count
    }

    pub(crate) fn write(&mut self, at: usize, bytes: &[u8]) {
        let end = at + bytes.len();
        // What lies between the old end and the place is written, too: zeros.
        let from = at.min(self.live.len());
        if self.live.len() < end {
            self.live.resize(end, 0);
        }
        self.live[at..end].copy_from_slice(bytes);
        self.dirty.extend(from / SECTOR..end.div_ceil(SECTOR));
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        self.live.resize(len, 0);
        self.dirty.retain(|sector| sector * SECTOR < len);
        self.cut_to = Some(self.cut_to.map_or(len, |shortest| shortest.min(len)));
    }

    /// Brings all of it to the disk.
    pub(crate) fn flush<P: Platter>(&mut self, platter: &mut P) -> Result<(), P::Error> {
        self.cut(platter)?;
        while let Some(sector) = self.dirty.first().copied() {
            self.bring(sector, platter)?;
        }
        self.is_entered = true;
        Ok(())
    }

    /// Brings some of it to the disk, as the system does without being asked.
    pub(crate) fn leak<P: Platter>(&mut self, rng: &mut fastrand::Rng, platter: &mut P) -> Result<(), P::Error> {
        self.cut(platter)?;
        for _ in 0..rng.usize(1..=LEAK) {
            let Some(sector) = self.dirty.iter().nth(rng.usize(0..=self.dirty.len())).copied() else { break };
            self.bring(sector, platter)?;
        }
        Ok(())
    }

    fn cut<P: Platter>(&mut self, platter: &mut P) -> Result<(), P::Error> {
        if let Some(len) = self.cut_to.take() {
            platter.truncate(len)?;
        }
        Ok(())
    }

    fn bring<P: Platter>(&mut self, sector: usize, platter: &mut P) -> Result<(), P::Error> {
        let at = sector * SECTOR;
        platter.write(at, &self.live[at..self.live.len().min(at + SECTOR)])?;
        self.dirty.remove(&sector);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    impl Platter for Vec<u8> {
        type Error = Infallible;

        fn write(&mut self, at: usize, bytes: &[u8]) -> Result<(), Infallible> {
            let end = at + bytes.len();
            self.resize(self.len().max(end), 0);
            self[at..end].copy_from_slice(bytes);
            Ok(())
        }

        fn truncate(&mut self, len: usize) -> Result<(), Infallible> {
            self.resize(len, 0);
            Ok(())
        }
    }

    #[test]
    fn the_disk_has_what_was_flushed_and_memory_has_all() {
        let mut platter = b"old".to_vec();
        let mut file = Cached::new(platter.clone(), true);
        file.write(2, b"new");
        assert_eq!(platter, b"old");
        let mut seen = [0; 6];
        assert_eq!((file.read(0, &mut seen), &seen), (5, b"olnew\0"));
        file.flush(&mut platter).unwrap();
        assert_eq!((platter, file.is_flushed()), (b"olnew".to_vec(), true));
    }

    #[test]
    fn a_file_that_is_cut_and_grows_again_has_zeros_between_on_the_disk_too() {
        let mut platter = vec![1; 2_000];
        let mut file = Cached::new(platter.clone(), true);
        file.truncate(100);
        file.write(1_500, &[2; 10]);
        file.flush(&mut platter).unwrap();
        let mut seen = vec![9; 1_510];
        file.read(0, &mut seen);
        assert_eq!(platter, seen);
        assert_eq!((platter[99], platter[100], platter[1_499], platter[1_500]), (1, 0, 0, 2));
    }

    #[test]
    fn leaks_are_whole_sectors_in_any_order_and_in_the_end_all_of_them() {
        let mut rng = fastrand::Rng::with_seed(7);
        let (mut platter, mut file) = (Vec::new(), Cached::new(Vec::new(), false));
        file.write(0, &[1; 100 * SECTOR]);
        file.leak(&mut rng, &mut platter).unwrap();
        let there: Vec<_> = platter.chunks(SECTOR).filter(|sector| sector[0] == 1).collect();
        assert!((1..=LEAK).contains(&there.len()) && there.iter().all(|sector| sector.iter().all(|byte| *byte == 1)));
        assert!(platter.len() > there.len() * SECTOR, "some before the last one are missing");
        while !file.dirty.is_empty() {
            file.leak(&mut rng, &mut platter).unwrap();
        }
        assert_eq!(platter, [1; 100 * SECTOR]);
    }
}
