//! All boards of this process: opens a board when it is first asked for, and lets it leave memory when nobody needs it.
//!
//! In: names of boards. Out: handles of their rooms. Never: two rooms for one board, a board that keeps others from
//! being opened because it cannot be read, or a room on the thread of the connection that asked for it: such a thread ends
//! before its rooms have finished.

use std::{
    collections::BTreeMap,
    fmt::Display,
    panic::AssertUnwindSafe,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use futures_util::{FutureExt, future::join_all};
use tideboard_room::{RoomConfig, RoomState};
use tideboard_shared::{BoardId, Channel, DeniedReason, Epoch};
use tokio::{runtime::Handle, sync::Mutex, time::timeout};

use crate::{
    fanout::{Fanout, ToWorker},
    log::{Log, LogError},
    metrics::Metrics,
    room::{Mailbox, Room, RoomHandle},
};

/// Longest wait for rooms, and after them for the log, to finish at the end. Whoever still waits for an answer then hears
/// none, as after a crash, and asks again.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);

/// Settings that every room of a server shares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RoomSettings {
    /// Limits of memory, durability, and when the room does what.
    pub(crate) room: RoomConfig,
    /// Last events of a board at each of which the log can show it.
    pub(crate) keep_events: usize,
}

/// Reason why a board's room cannot be reached.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum OpenError {
    /// There is no such board.
    #[error("no board {0} here")]
    Unknown(BoardId),
    /// The log has something else than a board under this name. It is looked at once in the life of a process.
    #[error("board {board} cannot be read and was set aside ({problem}); the server's operator has to see to it")]
    Damaged {
        /// The board.
        board: BoardId,
        /// First thing that is wrong.
        problem: String,
    },
    /// The log failed, or the server is going away.
    #[error("board {0} cannot be opened now; try again later")]
    Unavailable(BoardId),
}

impl From<&OpenError> for DeniedReason {
    fn from(error: &OpenError) -> Self {
        match error {
            OpenError::Unknown(_) => Self::UnknownBoard,
            OpenError::Damaged { .. } | OpenError::Unavailable(_) => Self::Unavailable,
        }
    }
}

/// Reason why there is no new board.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CreateError {
    /// There is one of this name.
    #[error("there is a board {0} already; choose another name")]
    Exists(BoardId),
    /// There are as many boards as may be.
    #[error("this server keeps {0} boards, which is the most; its operator can allow more")]
    TooMany(usize),
    /// The log failed, or the server is going away.
    #[error("the board could not be created now; try again later")]
    Unavailable,
}

/// Name of a board's new life.
pub(crate) fn fresh_epoch() -> Epoch {
    Epoch::from(format!("e_{:016x}", fastrand::u64(..)))
}

/// Place of one board in the registry. Its lock is held while the board is opened, so that all who ask share one
/// opening.
#[derive(Debug, Default)]
pub(crate) struct Place(Mutex<Stage>);

#[derive(Debug, Default)]
enum Stage {
    /// Only in the log.
    #[default]
    Stored,
    /// In memory.
    Open(RoomHandle),
    /// Set aside, for this reason.
    Damaged(String),
    /// The server is going away.
    Closed,
}

impl Place {
    /// Takes an idle room out of the registry, unless somebody is about to use it. Whether the room may end.
    pub(crate) fn leave(&self, mailbox: &Mailbox) -> bool {
        // Whoever has the lock opens the board or closes it.
        let Ok(mut stage) = self.0.try_lock() else { return false };
        let may_leave = matches!(*stage, Stage::Open(_)) && mailbox.is_unused();
        if may_leave {
            *stage = Stage::Stored;
        }
        may_leave
    }

    /// Notes that the room is gone.
    async fn forget(&self) {
        let mut stage = self.0.lock().await;
        if matches!(*stage, Stage::Open(_)) {
            *stage = Stage::Stored;
        }
    }

    /// Lets an open room finish, and keeps the board from being opened again.
    async fn close(&self) {
        // The room may need its place while it finishes, so the lock is not held for it.
        let stage = std::mem::replace(&mut *self.0.lock().await, Stage::Closed);
        if let Stage::Open(room) = stage {
            room.close().await;
        }
    }

    /// Keeps a board that cannot be read from being opened again.
    pub(crate) async fn set_aside(&self, board: &BoardId, problem: &(impl Display + Sync)) {
        tracing::error!(%board, %problem, "the board cannot be read and is set aside");
        *self.0.lock().await = Stage::Damaged(problem.to_string());
    }
}

/// All boards of this process.
#[derive(Debug)]
pub(crate) struct Rooms {
    log: Arc<dyn Log>,
    settings: RoomSettings,
    metrics: Arc<Metrics>,
    fanout: Arc<Fanout>,
    /// Runtime that every room runs on, whoever asks for it.
    runtime: Handle,
    places: RwLock<BTreeMap<BoardId, Arc<Place>>>,
    /// Held while a board is created, and while all are closed; the log creates none after that.
    creating: Mutex<()>,
}

impl Rooms {
    /// A registry of the boards of a log, none of them open. Their rooms will run on the caller's runtime.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(crate) async fn new(
        log: Arc<dyn Log>,
        settings: RoomSettings,
        metrics: Arc<Metrics>,
        fanout: Arc<Fanout>,
    ) -> Result<Self, LogError> {
        let runtime = Handle::current();
        let rooms =
            Self { log, settings, metrics, fanout, runtime, places: RwLock::default(), creating: Mutex::default() };
        rooms.list().await?;
        Ok(rooms)
    }

    /// Every board of the log, by ascending name.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(crate) async fn list(&self) -> Result<Vec<BoardId>, LogError> {
        let boards = self.log.boards().await?;
        for board in &boards {
            self.add(board);
        }
        Ok(boards)
    }

    /// Says whether there is such a board, as far as this process has heard.
    pub(crate) fn knows(&self, board: &BoardId) -> bool {
        self.find(board).is_some()
    }

    /// Number of boards that this process has heard of.
    pub(crate) fn count(&self) -> usize {
        self.places.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The board's room, opened if need be.
    ///
    /// # Errors
    /// When there is no such board, or it cannot be read.
    pub(crate) async fn open(&self, board: &BoardId) -> Result<RoomHandle, OpenError> {
        let place = match self.find(board) {
            Some(place) => place,
            None => self.look_up(board).await?,
        };
        let mut stage = place.0.lock().await;
        let problem = match &*stage {
            Stage::Open(room) => return Ok(room.clone()),
            Stage::Closed => return Err(OpenError::Unavailable(board.clone())),
            Stage::Damaged(problem) => problem.clone(),
            Stage::Stored => match self.start(board, &place).await {
                Ok(room) => {
                    *stage = Stage::Open(room.clone());
                    return Ok(room);
                }
                Err(StartError::Unavailable(error)) => {
                    tracing::error!(%board, %error, "the board cannot be opened");
                    return Err(OpenError::Unavailable(board.clone()));
                }
                Err(StartError::Damaged(problem)) => {
                    tracing::error!(%board, problem, "the board cannot be read and is set aside");
                    *stage = Stage::Damaged(problem.clone());
                    problem
                }
            },
        };
        Err(OpenError::Damaged { board: board.clone(), problem })
    }

    /// Creates an empty board. Of several who ask for the same name at once, one gets it.
    ///
    /// # Errors
    /// When the name is taken, there are `most` boards, or the log fails.
    pub(crate) async fn create(&self, board: &BoardId, most: usize) -> Result<(), CreateError> {
        let _creating = self.creating.lock().await;
        if self.knows(board) {
            return Err(CreateError::Exists(board.clone()));
        }
        let count = self.count();
        if count >= most {
            return Err(CreateError::TooMany(count));
        }
        match self.log.create(board, &fresh_epoch()).await {
            Ok(()) => {}
            Err(LogError::BoardExists(_)) => {
                // Another process has created it.
                self.add(board);
                return Err(CreateError::Exists(board.clone()));
            }
            Err(error) => {
                tracing::error!(%board, %error, "cannot create the board");
                return Err(CreateError::Unavailable);
            }
        }
        self.add(board);
        tracing::info!(%board, "created");
        Ok(())
    }

    /// Lets every room finish what waits, then closes the log. Each takes [`CLOSE_WITHIN`] at most.
    ///
    /// # Errors
    /// When that is too short; the error names what had not finished.
    pub(crate) async fn close(&self) -> Result<(), &'static str> {
        let rooms = async {
            let creating = self.creating.lock().await;
            let places: Vec<_> = self.places.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
            join_all(places.iter().map(|place| place.close())).await;
            creating
        };
        // Held until the log has closed.
        let creating = timeout(CLOSE_WITHIN, rooms).await;
        let log = timeout(CLOSE_WITHIN, self.log.close()).await;
        if let Ok(Err(error)) = &log {
            tracing::error!(%error, "the log did not close");
        }
        let _creating = creating.map_err(|_| "some boards")?;
        log.map_err(|_| "the log")?.map_err(|_| "the log")
    }

    fn find(&self, board: &BoardId) -> Option<Arc<Place>> {
        self.places.read().unwrap_or_else(PoisonError::into_inner).get(board).cloned()
    }

    fn add(&self, board: &BoardId) -> Arc<Place> {
        if let Some(place) = self.find(board) {
            return place;
        }
        let mut places = self.places.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(board.clone()).or_default())
    }

    /// Looks in the log for a board that another process may have created.
    async fn look_up(&self, board: &BoardId) -> Result<Arc<Place>, OpenError> {
        match self.log.load(board, 0).await {
            Ok(Some(_)) | Err(LogError::Damaged { .. }) => Ok(self.add(board)),
            Ok(None) => Err(OpenError::Unknown(board.clone())),
            Err(error) => {
                tracing::error!(%board, %error, "the log cannot be read");
                Err(OpenError::Unavailable(board.clone()))
            }
        }
    }

    async fn start(&self, board: &BoardId, place: &Arc<Place>) -> Result<RoomHandle, StartError> {
        // Followed first, so that no row falls between.
        let rows = self.log.follow(board);
        let stored = self.log.load(board, self.settings.room.retain_events).await;
        let stored = stored.map_err(|error| match error {
            LogError::Damaged { problem, .. } => StartError::Damaged(problem),
            error => StartError::Unavailable(error),
        })?;
        let stored = stored.ok_or_else(|| StartError::Unavailable(LogError::UnknownBoard(board.clone())))?;
        let RoomSettings { room: config, keep_events } = self.settings;
        let name = board.clone();
        // Thousands of events may have to be applied.
        let restored = self.runtime.spawn_blocking(move || RoomState::restore(name, config, stored)).await;
        let restored = restored.map_err(|panic| StartError::Damaged(panic.to_string()))?;
        let state = restored.map_err(|error| StartError::Damaged(error.to_string()))?;
        let (handle, mailbox) = RoomHandle::new();
        let room = Room::new(state, Arc::clone(&self.log), keep_events, Arc::clone(&self.metrics));
        self.runtime.spawn(supervise(
            room.run(mailbox, rows, Arc::clone(place)),
            board.clone(),
            Arc::clone(place),
            Arc::clone(&self.metrics),
            Arc::clone(&self.fanout),
        ));
        Ok(handle)
    }
}

/// Runs a room to its end. After a panic the board is only in the log, from where whoever asks next opens it again; those who
/// wait or read are cut off, so that they come back and ask.
async fn supervise(
    room: impl Future<Output = ()>,
    board: BoardId,
    place: Arc<Place>,
    metrics: Arc<Metrics>,
    fanout: Arc<Fanout>,
) {
    metrics.board_opened();
    let ended = AssertUnwindSafe(room).catch_unwind().await;
    metrics.board_closed();
    if ended.is_err() {
        tracing::error!(%board, "the board's room has panicked; it is opened again when it is asked for");
        place.forget().await;
        fanout.tell_all(|| ToWorker::CutReaders(Channel::Board(board.clone()))).await;
    }
}

/// Failure of opening a board of the log.
enum StartError {
    Damaged(String),
    Unavailable(LogError),
}

#[cfg(test)]
mod tests;
