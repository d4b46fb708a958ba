//! Power cuts for SQLite: a disk that keeps what was flushed, some of what was not, and forgets the rest.
//!
//! In: what SQLite writes in this process, once [`install`] was called. Out: files that hold exactly what a machine
//! would find after a power cut. So a process that is killed has lost its unflushed writes with it, and a test in the
//! process takes a copy with [`cut`] whenever it likes. Not modelled: renamed or removed files that come back, damaged sectors.
//! Read `disk.rs` first, which is the model; `vfs.rs` only hands SQLite's calls to it.

mod disk;
mod vfs;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Behaviour of the disk.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Seed of what the disk does by chance.
    pub seed: u64,
    /// Probability with which a write brings some unflushed sectors to the disk, in any order, as systems do when they
    /// have time.
    pub leaks: f64,
    /// The disk is full while there is such a file.
    pub full_while: Option<PathBuf>,
}

/// Puts the disk below every database that this process opens from now on. The first call decides.
///
/// # Panics
/// When SQLite has no files of its own on this system.
pub fn install(settings: Settings) {
    vfs::install(settings);
}

/// Cuts the power: copies what is left of a folder's files, once the machine starts again. Whoever works with the files
/// goes on and notices nothing.
///
/// # Errors
/// When files cannot be read or written.
pub fn cut(from: &Path, to: &Path) -> io::Result<()> {
    vfs::still(|is_entered| {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let path = entry?.path();
            let Some(name) = path.file_name() else { continue };
            // Shared memory is no file but by name.
            let is_memory = name.to_string_lossy().ends_with("-shm");
            if path.is_file() && !is_memory && is_entered(&path) {
                fs::copy(&path, to.join(name))?;
            }
        }
        Ok(())
    })
}
