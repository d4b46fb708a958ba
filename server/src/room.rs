//! One board at work: [`RoomState`] decides, `task` makes it durable and tells everybody.
//!
//! In: submissions, wishes to subscribe, questions. Out: outcomes to their authors, updates to subscribers, both only
//! after the log has the row. Never: two rooms for one board in one process, or an answer from an undurable state.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
    time::Instant,
};

use tideboard_room::{RoomState, Submission};
use tideboard_shared::{
    BoardId, ClientId, Epoch, OpResult, Outcome, Position, Reason, Rejection, ServerMessage, message::BoardReply,
};
use tokio::sync::{mpsc, oneshot};

mod task;

pub(crate) use task::RoomSettings;

use crate::{
    error::StartError,
    fanout::{Address, Wish},
    log::{Log, LogError},
    metrics::Metrics,
};

/// Most messages waiting for one board. Sessions wait when it is full, and so do their clients.
const WAITING_MESSAGES: usize = 1_024;

/// Who gets the results of a submit.
#[derive(Debug)]
pub(crate) enum ReplyTo {
    /// A socket, as `outcomes`.
    Socket(Address),
    /// Whoever waits.
    Caller(oneshot::Sender<Vec<OpResult>>),
}

/// What a room is asked.
#[derive(Debug)]
pub(crate) enum ToRoom {
    /// Decide these operations, which came in at `received`.
    Submit { submission: Submission, reply: ReplyTo, received: Instant },
    /// Start a subscription.
    Subscribe { wish: Wish, client: ClientId, since: Option<Position> },
    /// What a subscriber at this position would be told.
    CatchUp { client: ClientId, since: Option<Position>, reply: oneshot::Sender<Vec<ServerMessage>> },
    /// The board as it is.
    Read { reply: oneshot::Sender<BoardReply> },
    /// Finish what waits, then end.
    Close { reply: oneshot::Sender<()> },
}

/// The way to one room.
#[derive(Debug, Clone)]
pub(crate) struct RoomHandle(mpsc::Sender<ToRoom>);

impl RoomHandle {
    /// Waits for a place in the mailbox. A room that has ended drops the message, and with it whatever waits for it.
    pub(crate) async fn tell(&self, message: ToRoom) {
        let _ = self.0.send(message).await;
    }

    /// Asks and waits for the answer; `None` when the room cannot give one now.
    pub(crate) async fn ask<T>(&self, message: impl FnOnce(oneshot::Sender<T>) -> ToRoom) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        self.tell(message(reply)).await;
        answer.await.ok()
    }

    /// Decides operations and waits for their durable outcomes.
    pub(crate) async fn submit(&self, submission: Submission) -> Vec<OpResult> {
        let ids: Vec<_> = submission.ops.iter().map(|op| op.id.clone()).collect();
        let received = Instant::now();
        let answer = self.ask(|reply| ToRoom::Submit { submission, reply: ReplyTo::Caller(reply), received }).await;
        answer.unwrap_or_else(|| {
            ids.into_iter().map(|id| OpResult { id, outcome: unavailable("the server is going away") }).collect()
        })
    }
}

/// An outcome that asks for the same operation again, later. It is not recorded.
pub(crate) fn unavailable(why: &str) -> Outcome {
    Outcome::Rejected(Rejection::new(Reason::Unavailable, format!("{why}; send it again later, unchanged")))
}

/// Why there is no new board.
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

/// The name of a board's new life.
pub(crate) fn fresh_epoch() -> Epoch {
    Epoch::from(format!("e_{:016x}", fastrand::u64(..)))
}

/// All rooms of this process.
#[derive(Debug)]
pub(crate) struct Rooms {
    log: Arc<dyn Log>,
    settings: RoomSettings,
    metrics: Arc<Metrics>,
    rooms: RwLock<BTreeMap<BoardId, RoomHandle>>,
    /// Held while a board is created, and while all are closed; the log creates none after that.
    creating: tokio::sync::Mutex<()>,
}

impl Rooms {
    /// Opens every board of the log.
    pub(crate) async fn open(
        log: Arc<dyn Log>,
        settings: RoomSettings,
        metrics: Arc<Metrics>,
    ) -> Result<Self, StartError> {
        let rooms = Self { log, settings, metrics, rooms: RwLock::default(), creating: Default::default() };
        for board in rooms.log.boards().await? {
            rooms.start(&board).await?;
        }
        Ok(rooms)
    }

    /// Creates an empty board and opens it. Of several who ask for the same name at once, one gets it.
    ///
    /// # Errors
    /// When the name is taken, there are `most` boards, or the log fails; a board that could be created but not opened is
    /// opened when it is asked for again.
    pub(crate) async fn create(&self, board: &BoardId, most: usize) -> Result<(), CreateError> {
        let _creating = self.creating.lock().await;
        if self.get(board).is_some() {
            return Err(CreateError::Exists(board.clone()));
        }
        let count = self.read().len();
        if count >= most {
            return Err(CreateError::TooMany(count));
        }
        let failed = |error: StartError| {
            tracing::error!(%board, %error, "cannot create the board");
            CreateError::Unavailable
        };
        match self.log.create(board, &fresh_epoch()).await {
            Ok(()) | Err(LogError::BoardExists(_)) => {}
            Err(error) => return Err(failed(error.into())),
        }
        self.start(board).await.map_err(failed)?;
        tracing::info!(%board, "created");
        Ok(())
    }

    /// Opens a board of the log.
    async fn start(&self, board: &BoardId) -> Result<(), StartError> {
        let stored = self.log.load(board, self.settings.room.retain_events).await?;
        let stored = stored.ok_or_else(|| LogError::UnknownBoard(board.clone()))?;
        let state = RoomState::restore(board.clone(), self.settings.room, stored)?;
        let (sender, mailbox) = mpsc::channel(WAITING_MESSAGES);
        let room = task::Room::new(state, Arc::clone(&self.log), self.settings, Arc::clone(&self.metrics));
        tokio::spawn(room.run(mailbox));
        self.rooms.write().unwrap_or_else(PoisonError::into_inner).insert(board.clone(), RoomHandle(sender));
        Ok(())
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<BoardId, RoomHandle>> {
        self.rooms.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The room of this board, if the board exists.
    pub(crate) fn get(&self, board: &BoardId) -> Option<RoomHandle> {
        self.read().get(board).cloned()
    }

    /// Every board, by ascending name.
    pub(crate) fn boards(&self) -> Vec<BoardId> {
        self.read().keys().cloned().collect()
    }

    /// Lets every room finish what waits, then closes the log.
    pub(crate) async fn close(&self) {
        let _creating = self.creating.lock().await;
        // They stay known, so that whoever still asks is told to come back and not that the board does not exist.
        let rooms: Vec<_> = self.read().values().cloned().collect();
        for room in rooms {
            room.ask(|reply| ToRoom::Close { reply }).await;
        }
        if let Err(error) = self.log.close().await {
            tracing::error!(%error, "the log did not close");
        }
    }
}
