//! The database file: its tables, its settings and its version.

use std::{io, path::Path};

use rusqlite::{Connection, OpenFlags};

/// Version of the tables below, in SQLite's `user_version`. 0 is a new file.
const VERSION: i64 = 2;
/// "Tide": says in SQLite's `application_id` whose file this is.
const APPLICATION: i64 = 0x5469_6465;
/// Longest wait of one connection for the other, ms: a checkpoint in the way of a truncation.
const BUSY_MS: u64 = 5_000;

/// `last_seq` of a row without events is that of the row before.
const TABLES: &str = "
    CREATE TABLE boards (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL) STRICT;
    CREATE TABLE rows (
        id INTEGER PRIMARY KEY, board INTEGER NOT NULL, no INTEGER NOT NULL, last_seq INTEGER NOT NULL,
        body BLOB NOT NULL, UNIQUE (board, no)
    ) STRICT;
    CREATE TABLE snapshots (
        id INTEGER PRIMARY KEY, board INTEGER NOT NULL, row INTEGER NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL,
        UNIQUE (board, row)
    ) STRICT;
";
/// Version 1 had one snapshot a board.
const FROM_1_TO_2: &str = "
    ALTER TABLE snapshots RENAME TO snapshots_1;
    CREATE TABLE snapshots (
        id INTEGER PRIMARY KEY, board INTEGER NOT NULL, row INTEGER NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL,
        UNIQUE (board, row)
    ) STRICT;
    INSERT INTO snapshots (board, row, seq, body) SELECT board, row, seq, body FROM snapshots_1;
    DROP TABLE snapshots_1;
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
    /// The writer's thread could not start.
    #[error("cannot start the log's writer: {0}")]
    Thread(#[from] io::Error),
}

/// Opens the log for writing and brings its tables up to date.
pub(super) fn open(path: &Path) -> Result<Connection, OpenError> {
    let failed = |source| OpenError::Sqlite { path: path.display().to_string(), source };
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_CREATE).map_err(failed)?;
    let version: i64 = pragma(&connection, "user_version").map_err(failed)?;
    let application: i64 = pragma(&connection, "application_id").map_err(failed)?;
    if version > VERSION && application == APPLICATION {
        return Err(OpenError::Newer { path: path.display().to_string(), found: version });
    }
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    if application != APPLICATION && (tables > 0 || version != 0) {
        return Err(OpenError::Foreign { path: path.display().to_string() });
    }
    if tables == 0 {
        write(&mut connection, TABLES).map_err(failed)?;
    } else if version < 2 {
        write(&mut connection, FROM_1_TO_2).map_err(failed)?;
        tracing::info!(path = %path.display(), "the log was of version {version} and is now of version {VERSION}");
    }
    Ok(connection)
}

/// A connection with the settings that every one of them needs.
pub(super) fn connect(path: &Path, more: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_MS))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // Checkpoints have a thread of their own; in line they would stall commits.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(connection)
}

/// Changes the tables and says so in the file, both or neither.
fn write(connection: &mut Connection, statements: &str) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(statements)?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}
