//! The folder that a server keeps its log in.
//!
//! In: a path. Out: a folder that others cannot read, that survives a power cut once it is made, and that one process
//! has at a time. Never: two processes in one folder.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// The log's file in the folder.
const LOG_FILE: &str = "log.db";
/// File whose lock says that a process has the folder, and whose content says which one.
const LOCK_FILE: &str = "lock";

/// Reason why a folder cannot hold the log of this process.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder cannot be made or written to.
    #[error("cannot use the data folder {path}: {source}")]
    Io {
        /// The folder.
        path: PathBuf,
        /// Answer of the system.
        source: io::Error,
    },
    /// Another process has the folder.
    #[error("the data folder {path} is in use by {holder}; stop that one, or choose another folder with --data-dir")]
    Taken {
        /// The folder.
        path: PathBuf,
        /// Name of the process.
        holder: String,
    },
}

/// Folder that this process alone works in, until the value is dropped or the process ends.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    /// Held open for its lock, which the system lets go of whatever ends the process.
    _lock: File,
}

impl DataFolder {
    /// Makes the folder if need be, and takes it.
    ///
    /// # Errors
    /// When it cannot be made or written to, or another process has it.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let failed = |source| FolderError::Io { path: path.to_owned(), source };
        create(path).map_err(failed)?;
        let lock_path = path.join(LOCK_FILE);
        let mut lock = private().read(true).write(true).create(true).open(&lock_path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(FolderError::Taken { path: path.to_owned(), holder: holder(&lock_path) });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id())).map_err(failed)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Path of the log's file.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.path.join(LOG_FILE)
    }
}

fn holder(lock: &Path) -> String {
    match fs::read_to_string(lock) {
        Ok(id) if !id.trim().is_empty() => format!("process {}", id.trim()),
        Ok(_) | Err(_) => "another process".to_owned(),
    }
}

/// Makes a folder that is its owner's alone, with those above it that are missing. Each is written into the one above
/// it before this returns. One that is there already keeps its mode: its files are made private one by one.
fn create(path: &Path) -> io::Result<()> {
    let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
    let missing: Vec<_> = path.ancestors().take_while(is_missing).collect();
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    missing.into_iter().try_for_each(sync_parent)
}

/// Writes a file's or a folder's entry in the folder above it to disk.
pub(super) fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    // Elsewhere a folder cannot be opened, and its entries are written with the file.
    if cfg!(unix) { File::open(parent)?.sync_all() } else { Ok(()) }
}

/// Options of a file that nobody but its owner may read.
pub(super) fn private() -> OpenOptions {
    #[cfg_attr(not(unix), expect(unused_mut, reason = "there are modes on Unix only"))]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Takes a file that may be there already away from everybody but its owner.
pub(super) fn make_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if path.exists() {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_owner_at_a_time_and_says_which() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("deep").join("data");
        let first = DataFolder::open(&path).unwrap();
        let refused = DataFolder::open(&path).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        assert!(refused.contains("--data-dir"), "{refused}");
        drop(first);
        DataFolder::open(&path).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_new_folder_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("data");
        let _folder = DataFolder::open(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&path.join(LOCK_FILE))), (0o700, 0o600));
    }
}
