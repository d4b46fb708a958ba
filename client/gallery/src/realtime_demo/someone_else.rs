//! Second client, which plays someone else.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};

use futures_channel::oneshot;
use gloo::timers::callback::Timeout;
use tideboard_client::{Driver, Subscription};
use tideboard_engine::{BoardStatus, Edit, EditEnd, Reader, SendResult};
use tideboard_shared::{Action, BoardId, Channel, ClientMessage, EntityId, Point, Topic};

use crate::faults::FaultControl;

/// Longest time for one action of someone else.
const PATIENCE: Duration = Duration::from_secs(5);
/// Name of someone else, as part of an address, where the server takes names from addresses.
const NAME: &str = "Someone%20else";

/// Client of the server with a connection of its own that no fault touches. Dropping it closes the connection.
pub(super) struct SomeoneElse {
    driver: Rc<Driver>,
    boards: RefCell<BTreeMap<BoardId, Subscription>>,
}

impl SomeoneElse {
    pub(super) fn arrive(control: &FaultControl) -> Rc<Self> {
        let driver = control.realtime().stranger(NAME);
        driver.connect();
        Rc::new(Self { driver, boards: RefCell::default() })
    }

    /// Subscribes to a board and waits until it is live. Returns false if that takes too long.
    pub(super) async fn look_at(&self, board: &BoardId) -> bool {
        let subscribe = || self.driver.subscribe(Channel::Board(board.clone()).into());
        self.boards.borrow_mut().entry(board.clone()).or_insert_with(subscribe);
        let board = board.clone();
        let is_live =
            move |reader: &Reader<'_>| reader.board(&board).is_some_and(|view| view.status == BoardStatus::Live);
        in_time(self.driver.until(is_live)).await.is_some()
    }

    /// Makes an edit and waits for its end. Fails with a sentence if it was not applied.
    pub(super) async fn edit(&self, board: &BoardId, entity: EntityId, action: Action) -> Result<(), String> {
        if !self.look_at(board).await {
            return Err("Someone else does not get through to the server.".to_owned());
        }
        let (sender, ended) = oneshot::channel();
        let edit = Edit::new(board.clone(), entity, action);
        let made = self.driver.apply(edit, move |end| {
            let _ = sender.send(end);
        });
        made.map_err(|error| format!("Someone else cannot: {error}."))?;
        match in_time(ended).await {
            Some(Ok(EditEnd::Applied { .. })) => Ok(()),
            Some(_) => Err("Someone else was refused.".to_owned()),
            None => Err("Someone else gets no answer.".to_owned()),
        }
    }

    /// Entities of a kind on the board, as this client has them.
    pub(super) fn entities(&self, board: &BoardId, kind: &str) -> Vec<std::sync::Arc<tideboard_shared::Entity>> {
        self.driver.read(|reader| reader.entities(board, kind)).into_iter().map(|view| view.entity).collect()
    }

    pub(super) fn publish(&self, stream: Topic, value: f64) -> SendResult {
        let points = vec![Point(self.driver.now().wall, value)];
        self.driver.send(ClientMessage::Publish { stream, points })
    }
}

impl Drop for SomeoneElse {
    fn drop(&mut self) {
        self.boards.borrow_mut().clear();
        self.driver.retire();
    }
}

/// Waits for a future; `None` if it takes longer than [`PATIENCE`].
async fn in_time<T: 'static>(coming: impl Future<Output = T> + 'static) -> Option<T> {
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(RefCell::new(Some(sender)));
    let late = Rc::clone(&sender);
    let millis = u32::try_from(PATIENCE.as_millis()).unwrap_or(u32::MAX);
    let _timeout = Timeout::new(millis, move || drop(late.take()));
    wasm_bindgen_futures::spawn_local(async move {
        let come = coming.await;
        if let Some(sender) = sender.take() {
            let _ = sender.send(come);
        }
    });
    receiver.await.ok()
}
