//! Checksums of what is stored, so that a byte that changed on the disk is found when it is read.

/// CRC-32 of the numbers that say where something belongs, and of its bytes. Finds every change of up to 32 bits in a
/// row, and of any other all but one in four thousand million; it is no protection against somebody who means it.
pub(super) fn of(place: &[i64], bytes: &[u8]) -> i64 {
    let mut hasher = crc32fast::Hasher::new();
    for number in place {
        hasher.update(&number.to_le_bytes());
    }
    hasher.update(bytes);
    i64::from(hasher.finalize())
}

/// Checksum of a board's entry.
pub(super) fn of_board(id: i64, name: &str, epoch: &str) -> i64 {
    // Neither has a line break.
    of(&[id], format!("{name}\n{epoch}").as_bytes())
}
