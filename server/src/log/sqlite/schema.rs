//! The database file: its tables, its settings and its version, and whether it may be started from.
//!
//! In: a path. Out: connections that flush every commit. Never: a new log where one was lost, a file that is half made
//! or half brought up to date.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, ffi, params};
use serde::{Deserialize, de::IgnoredAny};

use super::{sum, upkeep};
use crate::log::folder;

/// Version of the tables below, in SQLite's `user_version`.
const VERSION: i64 = 3;
/// Added to the version while a server has the file open: the newest commits may then be in the file beside it.
const IN_USE: i64 = 0x100;
/// "Tide": says in SQLite's `application_id` whose file this is.
const APPLICATION: i64 = 0x5469_6465;
/// Longest wait for somebody else's lock on the file: another program's, since one process has the folder.
pub(super) const BUSY: Duration = Duration::from_secs(1);

/// `sum` is of all other columns but `id`. `last_seq` of a row without events is that of the row before. `parts` is the
/// number of a snapshot's parts, NULL while it is not whole or no longer wanted.
const TABLES: &str = "
    CREATE TABLE boards (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL, sum INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE rows (
        id INTEGER PRIMARY KEY, board INTEGER NOT NULL, no INTEGER NOT NULL, events INTEGER NOT NULL,
        last_seq INTEGER NOT NULL, sum INTEGER NOT NULL, body BLOB NOT NULL, UNIQUE (board, no)
    ) STRICT;
    CREATE INDEX rows_without_events ON rows (board, no) WHERE events = 0;
    CREATE TABLE snapshots (
        id INTEGER PRIMARY KEY, board INTEGER NOT NULL, row INTEGER NOT NULL, seq INTEGER NOT NULL,
        parts INTEGER, sum INTEGER
    ) STRICT;
    CREATE INDEX snapshots_of_a_board ON snapshots (board, row);
    CREATE TABLE parts (
        id INTEGER PRIMARY KEY, snapshot INTEGER NOT NULL, no INTEGER NOT NULL, sum INTEGER NOT NULL,
        body BLOB NOT NULL, UNIQUE (snapshot, no)
    ) STRICT;
";

/// Reason why a database file cannot be the log.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file or its folder cannot be read or written.
    #[error("cannot open the log {path}: {source}")]
    Sqlite {
        /// The file.
        path: String,
        /// Error of SQLite.
        source: rusqlite::Error,
    },
    /// The file or its folder cannot be read or written.
    #[error("cannot open the log {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// Answer of the system.
        source: io::Error,
    },
    /// A newer Tideboard wrote it.
    #[error("the log {path} has version {found}; this program knows versions up to {VERSION}: use a newer one")]
    Newer {
        /// The file.
        path: String,
        /// Version of the file.
        found: i64,
    },
    /// Another program's database.
    #[error("{path} is a database, but no log of Tideboard")]
    Foreign {
        /// The file.
        path: String,
    },
    /// An empty file where a log should be. Not even a new log is empty, so what was in it is lost.
    #[error(
        "the log {path} is empty (0 bytes), so what was in it is lost; put a backup of the whole folder back, or delete \
         the file to start without any board"
    )]
    Emptied {
        /// The file.
        path: String,
    },
    /// The file is away, and the one beside it is there.
    #[error(
        "{path}-wal is there and {path} is not; put that back, too, or delete {path}-wal to start without any board"
    )]
    Alone {
        /// The file.
        path: String,
    },
    /// A copy of a file that a server was working with. SQLite leaves a whole file that looks the same.
    #[error(
        "the log {path} was copied or moved while it was in use, without {path}-wal, which has its newest edits; put \
         that file beside it. If there is none because SQLite has taken it in (the copy was made by .backup, or somebody \
         has opened the log since a server was killed), nothing is missing; say so by: \
         sqlite3 {path} \"PRAGMA journal_mode = DELETE\""
    )]
    WithoutWal {
        /// The file.
        path: String,
    },
    /// A setting that SQLite did not take.
    #[error(
        "the log {path} cannot be kept safely: {setting} is {found} instead of {wanted}, as on network file systems; \
         choose a folder on a local disk with --data-dir"
    )]
    Setting {
        /// The file.
        path: String,
        /// Name of the setting in SQLite.
        setting: &'static str,
        /// Value that was asked for.
        wanted: String,
        /// Value that SQLite has.
        found: String,
    },
    /// The writer's thread could not start.
    #[error("cannot start the log's writer: {0}")]
    Thread(#[from] io::Error),
}

/// Moment at which what is written is flushed to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flush {
    /// Before a commit is answered.
    #[default]
    EveryCommit,
    /// Before the WAL is moved into the database; a power cut takes the commits since.
    #[cfg(feature = "testing")]
    Checkpoints,
    /// At no time that the program chooses; a power cut may take anything.
    #[cfg(feature = "testing")]
    Never,
}

impl Flush {
    /// Value of `PRAGMA synchronous`.
    fn synchronous(self) -> i64 {
        match self {
            Self::EveryCommit => 2,
            #[cfg(feature = "testing")]
            Self::Checkpoints => 1,
            #[cfg(feature = "testing")]
            Self::Never => 0,
        }
    }
}

/// A log's file, and how it is to be flushed.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) flush: Flush,
}

impl Place {
    /// Opens the log for writing: makes it if there is none, and brings its tables up to date.
    pub(super) fn open(&self) -> Result<Connection, OpenError> {
        let new = self.beside(".new");
        remove(&new).and_then(|()| remove(&self.beside(".new-journal"))).map_err(|source| self.io(source))?;
        match self.look()? {
            Found::Nothing => self.put(&new, |_| Ok(())).map_err(|source| self.sqlite(source))?,
            Found::Old(version) => {
                self.rewrite(&new).map_err(|source| self.sqlite(source))?;
                let path = self.shown();
                tracing::info!(path, "the log was of version {version}, now it is of version {VERSION}");
            }
            Found::Current => {}
        }
        for file in [&self.path, &self.wal(), &self.beside("-shm")] {
            folder::make_private(file).map_err(|source| self.io(source))?;
        }
        let connection = self.connect()?;
        self.mark(&connection, VERSION | IN_USE).map_err(|source| self.sqlite(source))?;
        Ok(connection)
    }

    /// Connection to a log that is there.
    pub(super) fn connect(&self) -> Result<Connection, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(|source| self.sqlite(source))?;
        self.set_up(&connection)?;
        Ok(connection)
    }

    /// Makes every setting that a connection needs, and looks whether it took.
    pub(super) fn set_up(&self, connection: &Connection) -> Result<(), OpenError> {
        connection.busy_timeout(BUSY).map_err(|source| self.sqlite(source))?;
        let synchronous = self.flush.synchronous().to_string();
        let settings: [(&'static str, &str); 6] = [
            ("journal_mode", "wal"),
            ("synchronous", &synchronous),
            // On macOS a plain fsync leaves the data in the drive's cache. Elsewhere these change nothing.
            ("fullfsync", "1"),
            ("checkpoint_fullfsync", "1"),
            // Checkpoints have a thread of their own; in line they would stall commits.
            ("wal_autocheckpoint", "0"),
            ("cell_size_check", "1"),
        ];
        for (setting, wanted) in settings {
            let found = set(connection, setting, wanted).map_err(|source| self.sqlite(source))?;
            if found != wanted {
                let path = self.shown();
                return Err(OpenError::Setting { path, setting, wanted: wanted.to_owned(), found });
            }
        }
        Ok(())
    }

    /// Lets the file stand for itself again, once nobody else has it open.
    pub(super) fn close(&self, connection: Connection) -> rusqlite::Result<()> {
        self.mark(&connection, VERSION)?;
        connection.close().map_err(|(_, error)| error)
    }

    /// Writes what is there already, to see whether anything can be written.
    pub(super) fn probe(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.pragma_update(None, "user_version", VERSION | IN_USE)
    }

    /// The file that has the newest commits.
    pub(super) fn wal(&self) -> PathBuf {
        self.beside("-wal")
    }

    /// Path as messages name it.
    pub(super) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    pub(super) fn sqlite(&self, source: rusqlite::Error) -> OpenError {
        OpenError::Sqlite { path: self.shown(), source }
    }

    fn io(&self, source: io::Error) -> OpenError {
        OpenError::Io { path: self.shown(), source }
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut path = self.path.as_os_str().to_owned();
        path.push(ending);
        path.into()
    }

    /// Writes the version into the database itself, where a copy without the WAL has it, too.
    fn mark(&self, connection: &Connection, version: i64) -> rusqlite::Result<()> {
        connection.pragma_update(None, "user_version", version)?;
        let is_busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if is_busy {
            tracing::warn!(path = %self.path.display(), "another program reads the log, so its WAL stays for now");
        }
        Ok(())
    }

    /// Looks at the file before SQLite does, which would make one where there is none.
    fn look(&self) -> Result<Found, OpenError> {
        let path = self.shown();
        let has_wal = fs::metadata(self.wal()).is_ok_and(|wal| wal.is_file());
        let header = match Header::read(&self.path) {
            Ok(header) => header,
            Err(error) if error.kind() == io::ErrorKind::NotFound && has_wal => return Err(OpenError::Alone { path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(self.io(error)),
        };
        let Some(header) = header else { return Err(OpenError::Emptied { path }) };
        if header.application == APPLICATION && header.version & !IN_USE == VERSION {
            let needs_wal = header.version & IN_USE != 0 && header.is_wal;
            return if needs_wal && !has_wal { Err(OpenError::WithoutWal { path }) } else { Ok(Found::Current) };
        }
        // Logs of older versions were not made in one piece: all there is of a young one may be in its WAL.
        self.look_inside().map_err(|source| self.sqlite(source))?
    }

    fn look_inside(&self) -> rusqlite::Result<Result<Found, OpenError>> {
        let path = self.shown();
        let connection = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let version: i64 = pragma(&connection, "user_version")?;
        let application: i64 = pragma(&connection, "application_id")?;
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok(match (application, version) {
            (APPLICATION, 1..VERSION) => Ok(Found::Old(version)),
            (APPLICATION, found) => Err(OpenError::Newer { path, found: found & !IN_USE }),
            // An older program was killed before it had made its tables.
            (0, 0) if tables == 0 => Ok(Found::Old(0)),
            _ => Err(OpenError::Foreign { path }),
        })
    }

    /// Makes a log with what `fill` writes into it beside the place, then puts it there, whole or not at all.
    fn put(&self, new: &Path, fill: impl FnOnce(&Connection) -> rusqlite::Result<()>) -> rusqlite::Result<()> {
        let io = |error: io::Error| rusqlite::Error::ToSqlConversionFailure(error.into());
        folder::private().write(true).create_new(true).open(new).map_err(io)?;
        let mut connection = Connection::open_with_flags(new, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        set(&connection, "synchronous", "2")?;
        set(&connection, "fullfsync", "1")?;
        // Before the first table, or not at all. What is freed leaves the file in small steps then.
        set(&connection, "auto_vacuum", "2")?;
        let transaction = connection.transaction()?;
        transaction.execute_batch(TABLES)?;
        fill(&transaction)?;
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()?;
        connection.close().map_err(|(_, error)| error)?;
        fs::rename(new, &self.path).and_then(|()| folder::sync_parent(&self.path)).map_err(io)
    }

    /// Writes a log of an older version anew.
    fn rewrite(&self, new: &Path) -> rusqlite::Result<()> {
        let old = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // All of it into one file, so that none is left beside the new one that does not belong to it.
        if set(&old, "journal_mode", "delete")? != "delete" {
            let busy = ffi::Error::new(ffi::SQLITE_BUSY);
            return Err(rusqlite::Error::SqliteFailure(busy, Some("another program has it open".to_owned())));
        }
        self.put(new, |new| copy(&old, new))?;
        old.close().map_err(|(_, error)| error)
    }
}

/// State of what is where a log should be.
enum Found {
    Nothing,
    Old(i64),
    Current,
}

/// Part of a database's first 100 bytes. See <https://sqlite.org/fileformat.html>.
struct Header {
    /// The newest commits may be in a WAL.
    is_wal: bool,
    version: i64,
    application: i64,
}

impl Header {
    /// Header of the database; `None` for an empty file. What is no database is left for SQLite to refuse.
    fn read(path: &Path) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        File::open(path)?.take(100).read_to_end(&mut bytes)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        bytes.resize(100, 0);
        let number =
            |at: usize| i64::from(u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]));
        Ok(Some(Self { is_wal: bytes[19] == 2, version: number(60), application: number(68) }))
    }
}

/// Copies what versions 1 and 2 stored, and adds what those did not: checksums, numbers of events, parts.
fn copy(old: &Connection, new: &Connection) -> rusqlite::Result<()> {
    let tables: i64 = old.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        return Ok(());
    }
    let mut boards = old.prepare("SELECT id, name, epoch FROM boards")?;
    let mut boards = boards.query([])?;
    while let Some(board) = boards.next()? {
        let (id, name, epoch): (i64, String, String) = (board.get(0)?, board.get(1)?, board.get(2)?);
        let sum = sum::of_board(id, &name, &epoch);
        new.execute("INSERT INTO boards (id, name, epoch, sum) VALUES (?, ?, ?, ?)", params![id, name, epoch, sum])?;
    }
    let mut rows = old.prepare("SELECT board, no, last_seq, body FROM rows ORDER BY board, no")?;
    let mut rows = rows.query([])?;
    let mut insert =
        new.prepare("INSERT INTO rows (board, no, events, last_seq, sum, body) VALUES (?, ?, ?, ?, ?, ?)")?;
    while let Some(row) = rows.next()? {
        let (board, no, last_seq): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let body = row.get_ref(3)?.as_blob()?;
        let events = events_in(body);
        let sum = sum::of(&[board, no, events, last_seq], body);
        insert.execute(params![board, no, events, last_seq, sum, body])?;
    }
    let mut snapshots = old.prepare("SELECT board, row, seq, body FROM snapshots ORDER BY board, row")?;
    let mut snapshots = snapshots.query([])?;
    while let Some(snapshot) = snapshots.next()? {
        let (board, row, seq): (i64, i64, i64) = (snapshot.get(0)?, snapshot.get(1)?, snapshot.get(2)?);
        let id = upkeep::begin_snapshot(new, board, row, seq)?;
        let mut parts = 0;
        for body in snapshot.get_ref(3)?.as_blob()?.chunks(upkeep::PART_BYTES) {
            upkeep::store_part(new, id, parts, body)?;
            parts += 1;
        }
        upkeep::end_snapshot(new, id, [board, row, seq], parts)?;
    }
    Ok(())
}

/// Number of events in a stored row. One that cannot be read counts as one that has some, and is found when it is used.
fn events_in(body: &[u8]) -> i64 {
    #[derive(Deserialize)]
    struct Row {
        events: Vec<IgnoredAny>,
    }
    serde_json::from_slice(body).map_or(1, |row: Row| i64::try_from(row.events.len()).unwrap_or(1))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Sets a setting, and says what it is then.
fn set(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<String> {
    connection.pragma_update_and_check(None, name, value, |_| Ok(())).or_else(|error| match error {
        // Some answer nothing when they are set.
        rusqlite::Error::QueryReturnedNoRows => Ok(()),
        error => Err(error),
    })?;
    connection.pragma_query_value(None, name, |row| {
        Ok(match row.get_ref(0)? {
            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
            other => other.as_str()?.to_owned(),
        })
    })
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}
