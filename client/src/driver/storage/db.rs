//! IndexedDB, as far as it is used here.
//!
//! In: a name, and what to do within a transaction. Out: results once the transaction is committed, or why it is not.
//! Never: half of what a transaction should have done.

use std::{cell::Cell, rc::Rc};

use futures_channel::oneshot;
use idb::{
    Database, DatabaseEvent, Factory, ObjectStore, ObjectStoreParams, Query, Request, Transaction, TransactionMode,
};
use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DomException, IdbDatabase, IdbTransaction, IdbTransactionMode};

use crate::driver::border::Quota;

/// The version of the stores below. A page with another one does not open the database.
const VERSION: u32 = 1;

/// Store of edits: a row each, by its number, JSON.
pub(super) const EDITS: &str = "edits";
/// Store of boards: a row each, by its id, JSON.
pub(super) const BOARDS: &str = "boards";
/// Store of the writer's id, and of the numbers that were given out.
pub(super) const META: &str = "meta";

/// Reason why storage did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    #[error("the browser's storage is full")]
    Full,
    #[error("the browser's storage belongs to somebody else now")]
    NotOurs,
    #[error("this browser cannot tell its tabs apart; is the page not served over TLS?")]
    NoLocks,
    #[error("another page holds the browser's storage back")]
    Blocked,
    #[error("the browser's storage does not work: {0}")]
    Broken(String),
}

/// An open database. Dropping it closes it.
#[derive(Debug)]
pub(super) struct Db {
    database: Database,
    /// Database again, for what the crate does not do.
    raw: IdbDatabase,
    /// Share of the room that may be used.
    pub(super) quota: Quota,
}

impl Db {
    pub(super) async fn open(name: &str, quota: Quota) -> Result<Self, Problem> {
        let mut request = Factory::new()?.open(name, Some(VERSION))?;
        request.on_upgrade_needed(|event| {
            // What goes wrong here fails the request as well.
            if let Ok(database) = event.database() {
                for store in [EDITS, BOARDS, META] {
                    let _ = database.create_object_store(store, ObjectStoreParams::new());
                }
            }
        });
        let raw: IdbDatabase = done(request).await?.dyn_into().map_err(|value| said(&value))?;
        let mut database = Database::from(raw.clone());
        // A page of another version wants to change the stores, or the user deletes them: let it go ahead.
        database.on_version_change(|event| {
            if let Some(database) = event.target().and_then(|target| target.dyn_into::<IdbDatabase>().ok()) {
                database.close();
            }
        });
        Ok(Self { database, raw, quota })
    }

    /// Runs `body` in a transaction, and waits until all it did is written.
    pub(super) async fn transact<T>(
        &self,
        stores: &[&str],
        mode: TransactionMode,
        body: impl AsyncFnOnce(&Scope<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut transaction = self.begin(stores, mode)?;
        let (ended, end) = once();
        let aborted = ended.clone();
        transaction.on_complete(move |_| ended(true));
        transaction.on_abort(move |_| aborted(false));
        let result = body(&Scope { transaction: &transaction, quota: &self.quota }).await;
        // The handlers belong to this one, and these calls take theirs with them.
        let twin =
            stores.first().and_then(|store| transaction.object_store(store).ok()).map(|store| store.transaction());
        // Both fail when it was aborted. What was asked for is written from here on even if the page ends now.
        let _ = twin.map(|twin| if result.is_ok() { twin.commit() } else { twin.abort() });
        let is_committed = end.await.unwrap_or(false);
        match result {
            Ok(value) if is_committed => Ok(value),
            Ok(_) => Err(transaction.error().as_ref().map_or_else(aborted_unsaid, Problem::from)),
            Err(problem) => Err(transaction.error().as_ref().map_or(problem, Problem::from)),
        }
    }

    /// Begins a transaction. One that gives out numbers is flushed to the disk: after a power cut a number that was
    /// sent must not be given to another edit, which the server would take for the first. Cached boards may get lost.
    fn begin(&self, stores: &[&str], mode: TransactionMode) -> Result<Transaction, Problem> {
        if stores.contains(&BOARDS) {
            return Ok(self.database.transaction(stores, mode)?);
        }
        // web-sys counts the options as unstable; a browser that does not know them passes over them.
        let begin = || -> Result<IdbTransaction, JsValue> {
            let options = Object::new();
            Reflect::set(&options, &"durability".into(), &"strict".into())?;
            let stores: Array = stores.iter().copied().map(JsValue::from).collect();
            let begin: Function = Reflect::get(&self.raw, &"transaction".into())?.dyn_into()?;
            begin.call3(&self.raw, &stores, &IdbTransactionMode::from(mode).into(), &options)?.dyn_into()
        };
        begin().map(Transaction::from).map_err(|value| said(&value))
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        self.database.close();
    }
}

/// A transaction that is going on.
pub(super) struct Scope<'a> {
    transaction: &'a Transaction,
    quota: &'a Quota,
}

/// Each call asks at once. What changes something needs no waiting for: it fails the transaction if it fails.
impl Scope<'_> {
    pub(super) fn get(
        &self,
        store: &str,
        key: JsValue,
    ) -> Result<impl Future<Output = Result<Option<JsValue>, Problem>> + use<>, Problem> {
        let value = done(self.store(store)?.get(Query::Key(key))?);
        Ok(async move { value.await.map(|value| (!value.is_undefined()).then_some(value)) })
    }

    /// All values, by rising key.
    pub(super) fn all(
        &self,
        store: &str,
    ) -> Result<impl Future<Output = Result<Vec<JsValue>, Problem>> + use<>, Problem> {
        let values = done(self.store(store)?.get_all(None, None)?);
        Ok(
            async move { Ok(values.await?.dyn_into::<js_sys::Array>().map(|values| values.to_vec()).unwrap_or_default()) },
        )
    }

    pub(super) fn put(&self, store: &str, key: impl Into<JsValue>, value: &JsValue) -> Result<(), Problem> {
        let has_room = if store == META { self.quota.has_room_for_numbers() } else { self.quota.has_room_for_rows() };
        if !has_room {
            return Err(Problem::Full);
        }
        self.store(store)?.put(value, Some(&key.into()))?;
        Ok(())
    }

    pub(super) fn delete(&self, store: &str, key: impl Into<JsValue>) -> Result<(), Problem> {
        self.store(store)?.delete(Query::Key(key.into()))?;
        Ok(())
    }

    pub(super) fn clear(&self, store: &str) -> Result<(), Problem> {
        self.store(store)?.clear()?;
        Ok(())
    }

    fn store(&self, name: &str) -> Result<ObjectStore, Problem> {
        Ok(self.transaction.object_store(name)?)
    }
}

/// A request's end. The transaction stays open while it is polled in the event's own microtasks.
fn done<R: Request>(mut request: R) -> impl Future<Output = Result<JsValue, Problem>> {
    let (ended, end) = once();
    let failed = ended.clone();
    request.on_success(move |_| ended(true));
    request.on_error(move |_| failed(false));
    async move {
        match end.await {
            Ok(true) => Ok(request.result()?),
            _ => Err(request.error()?.as_ref().map_or_else(aborted_unsaid, Problem::from)),
        }
    }
}

/// A message that is sent by whoever comes first.
fn once() -> (impl Fn(bool) + Clone + 'static, oneshot::Receiver<bool>) {
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(Cell::new(Some(sender)));
    let send = move |message| {
        if let Some(sender) = sender.take() {
            let _ = sender.send(message);
        }
    };
    (send, receiver)
}

/// Problem that a browser threw, or gave instead of what it should.
fn said(thrown: &JsValue) -> Problem {
    thrown.dyn_ref::<DomException>().map_or_else(|| Problem::Broken(format!("{thrown:?}")), Problem::from)
}

fn aborted_unsaid() -> Problem {
    Problem::Broken("a transaction was aborted".to_owned())
}

impl From<&DomException> for Problem {
    fn from(exception: &DomException) -> Self {
        match exception.name().as_str() {
            "QuotaExceededError" => Self::Full,
            name => Self::Broken(format!("{name}: {}", exception.message())),
        }
    }
}

impl From<idb::Error> for Problem {
    fn from(error: idb::Error) -> Self {
        use idb::Error;
        let thrown = match &error {
            Error::AddFailed(thrown)
            | Error::UpdateFailed(thrown)
            | Error::ClearFailed(thrown)
            | Error::DeleteFailed(thrown)
            | Error::GetFailed(thrown)
            | Error::IndexedDbOpenFailed(thrown)
            | Error::TransactionOpenFailed(thrown) => thrown.dyn_ref(),
            Error::DomException(exception) => Some(exception),
            _ => None,
        };
        thrown.map_or_else(|| Self::Broken(error.to_string()), Self::from)
    }
}
