//! The outbox on IndexedDB: what [`tideboard_engine::MemoryOutbox`] does in memory, each request in one transaction.

use std::{cell::Cell, str::FromStr};

use idb::TransactionMode::ReadWrite;
use tideboard_engine::{CachedBoard, Contents, EditId, OpNo, StoreReply, StoreRequest, StoredEdit, Term, Writer};
use tideboard_shared::{ClientId, ClientKey};
use wasm_bindgen::JsValue;

use super::db::{BOARDS, Db, EDITS, META, Problem, Scope};
use crate::driver::border::Quota;

/// The client that writes what is stored.
const CLIENT: &str = "client";
/// The client's key. Whoever has it owns what is stored.
const KEY: &str = "key";
/// The highest number that was given out.
const LAST_N: &str = "last_n";
/// The highest term that was given out.
const TERM: &str = "term";

/// An outbox that outlives the page; all tabs that open it under one name share it.
#[derive(Debug)]
pub(super) struct IndexedOutbox {
    name: String,
    pub(super) writer: Writer,
    /// Numbers that are left out when this page first takes the lead. Drawn at random, so that of two machines with
    /// copies of one storage, each goes on with numbers of its own; those they both used the server tells by content.
    pub(super) gap: Cell<u64>,
    db: Db,
}

impl IndexedOutbox {
    /// Opens it; one that is empty belongs to `fresh` from now on, and one of a build that knew no keys gets its key.
    /// Gives the cached boards as well.
    pub(super) async fn open(name: String, fresh: Writer, quota: Quota) -> Result<(Self, Vec<CachedBoard>), Problem> {
        let db = Db::open(&name, quota).await?;
        let (writer, boards) = db
            .transact(&[META, BOARDS], ReadWrite, async |scope| {
                let client = name_at::<ClientId>(scope, CLIENT)?;
                let key = name_at::<ClientKey>(scope, KEY)?;
                let boards = scope.all(BOARDS)?;
                let client = client.await?;
                let key = key.await?;
                if client.is_none() {
                    scope.put(META, CLIENT, &fresh.client.as_str().into())?;
                }
                if key.is_none() {
                    scope.put(META, KEY, &fresh.key.expose().into())?;
                }
                let boards = boards.await?.iter().filter_map(parse).collect();
                Ok((Writer { client: client.unwrap_or(fresh.client), key: key.unwrap_or(fresh.key) }, boards))
            })
            .await?;
        Ok((Self { name, writer, gap: Cell::new(0), db }, boards))
    }

    /// Opens it anew, when the browser has closed it. Whose it is then shows with the next transaction.
    pub(super) async fn reopen(&self) -> Result<Self, Problem> {
        Ok(Self {
            name: self.name.clone(),
            writer: self.writer.clone(),
            gap: Cell::new(0),
            db: Db::open(&self.name, self.db.quota.clone()).await?,
        })
    }

    /// Carries out one request, all of it or nothing.
    pub(super) async fn handle(&self, request: &StoreRequest) -> Result<Option<StoreReply>, Problem> {
        self.transact(&[META, EDITS], async |scope| match request {
            StoreRequest::Load => Ok(Some(StoreReply::Loaded(self.contents(scope)?.await?))),
            StoreRequest::Lead => self.lead(scope).await.map(Some),
            StoreRequest::Append { edit, id, replaces } => self.append(scope, edit, *id, *replaces).await.map(Some),
            StoreRequest::SetAside { n, why } => {
                let row = scope.get(EDITS, key(n.get()))?.await?;
                if let Some(mut edit) = row.and_then(|row| parse::<StoredEdit>(&row)) {
                    edit.aside = Some(why.clone());
                    put_edit(scope, *n, &edit)?;
                }
                Ok(Some(StoreReply::SetAside { n: *n }))
            }
            StoreRequest::Drop { id, n, term } => {
                let last_term = counted(scope, TERM)?;
                let row = scope.get(EDITS, key(n.get()))?;
                let last_term = last_term.await?;
                let row = row.await?;
                Ok(Some(if term.is_some_and(|term| term < Term(last_term)) {
                    StoreReply::Kept { id: *id }
                } else if row.is_some() {
                    scope.delete(EDITS, key(n.get()))?;
                    StoreReply::Dropped { id: *id }
                } else {
                    StoreReply::Gone { id: *id }
                }))
            }
            StoreRequest::Settle(numbers) => {
                for n in numbers {
                    scope.delete(EDITS, key(n.get()))?;
                }
                Ok(None)
            }
            StoreRequest::Rename { from, to } => {
                let current = name_at(scope, CLIENT)?.await?.unwrap_or_else(|| from.clone());
                let client = if current == *from { to.clone() } else { current };
                scope.put(META, CLIENT, &client.as_str().into())?;
                Ok(Some(StoreReply::Renamed { client }))
            }
        })
        .await
    }

    /// Begins a term.
    async fn lead(&self, scope: &Scope<'_>) -> Result<StoreReply, Problem> {
        let last = counted(scope, TERM)?;
        let gap = self.gap.take();
        if gap > 0 {
            let last_n = counted(scope, LAST_N)?.await?;
            scope.put(META, LAST_N, &key(last_n + gap))?;
        }
        let contents = self.contents(scope)?;
        let term = last.await? + 1;
        scope.put(META, TERM, &key(term))?;
        Ok(StoreReply::Led { term: Term(term), contents: contents.await? })
    }

    /// Writes an edit under the next number, in place of the row that it replaces.
    async fn append(
        &self,
        scope: &Scope<'_>,
        edit: &StoredEdit,
        id: EditId,
        replaces: Option<OpNo>,
    ) -> Result<StoreReply, Problem> {
        let last_n = counted(scope, LAST_N)?;
        if let Some(old) = replaces {
            if scope.get(EDITS, key(old.get()))?.await?.is_none() {
                return Ok(StoreReply::Gone { id });
            }
            scope.delete(EDITS, key(old.get()))?;
        }
        let client = name_at(scope, CLIENT)?;
        let n = OpNo::after(last_n.await?);
        scope.put(META, LAST_N, &key(n.get()))?;
        let mut edit = edit.clone();
        edit.op.id.n = n.get();
        // A tab that has not heard of it yet still bears the old one.
        if let Some(client) = client.await?.filter(|client| *client != self.writer.client) {
            edit.op.id.client = client;
        }
        put_edit(scope, n, &edit)?;
        Ok(StoreReply::Appended { id, n })
    }

    /// Gives out a number for an edit that cannot be written.
    pub(super) async fn take_number(&self) -> Result<OpNo, Problem> {
        self.transact(&[META], async |scope| {
            let n = OpNo::after(counted(scope, LAST_N)?.await?);
            scope.put(META, LAST_N, &key(n.get()))?;
            Ok(n)
        })
        .await
    }

    /// Forgets everything, and whose it was.
    pub(super) async fn clear(&self) -> Result<(), Problem> {
        self.transact(&[META, EDITS, BOARDS], async |scope| {
            for store in [META, EDITS, BOARDS] {
                scope.clear(store)?;
            }
            Ok(())
        })
        .await
    }

    fn contents<'a>(
        &'a self,
        scope: &Scope<'_>,
    ) -> Result<impl Future<Output = Result<Contents, Problem>> + use<'a>, Problem> {
        let edits = scope.all(EDITS)?;
        let last_n = counted(scope, LAST_N)?;
        let client = name_at(scope, CLIENT)?;
        Ok(async move {
            let edits = edits.await?.iter().filter_map(parse).collect();
            let last_n = last_n.await?;
            let client = client.await?.filter(|client| *client != self.writer.client);
            Ok(Contents { edits, last_n, client })
        })
    }

    /// Forgets the key, as if a build had written this that knew none.
    #[cfg(all(test, target_arch = "wasm32"))]
    pub(super) async fn forget_key(&self) -> Result<(), Problem> {
        self.transact(&[META], async |scope| scope.delete(META, KEY)).await
    }

    /// Runs a transaction, if the storage still has this key.
    pub(super) async fn transact<T>(
        &self,
        stores: &[&str],
        body: impl AsyncFnOnce(&Scope<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let for_us = async |scope: &Scope<'_>| {
            let key = name_at::<ClientKey>(scope, KEY)?;
            let result = body(scope).await;
            // Whatever was done to what is not ours is undone.
            if key.await?.as_ref() == Some(&self.writer.key) { result } else { Err(Problem::NotOurs) }
        };
        self.db.transact(stores, ReadWrite, for_us).await
    }
}

fn name_at<T: FromStr>(
    scope: &Scope<'_>,
    at: &'static str,
) -> Result<impl Future<Output = Result<Option<T>, Problem>> + use<T>, Problem> {
    let name = scope.get(META, at.into())?;
    Ok(async move { Ok(name.await?.and_then(|name| name.as_string()).and_then(|name| name.parse().ok())) })
}

fn counted(
    scope: &Scope<'_>,
    counter: &'static str,
) -> Result<impl Future<Output = Result<u64, Problem>> + use<>, Problem> {
    let count = scope.get(META, counter.into())?;
    Ok(async move { Ok(count.await?.and_then(|count| count.as_f64()).map_or(0, |count| count as u64)) })
}

fn put_edit(scope: &Scope<'_>, n: OpNo, edit: &StoredEdit) -> Result<(), Problem> {
    let row = serde_json::to_string(edit).map_err(|error| Problem::Broken(error.to_string()))?;
    scope.put(EDITS, key(n.get()), &row.into())
}

/// Numbers are far below 2^53.
fn key(n: u64) -> JsValue {
    JsValue::from_f64(n as f64)
}

/// A row that this version can read.
pub(super) fn parse<T: serde::de::DeserializeOwned>(row: &JsValue) -> Option<T> {
    serde_json::from_str(&row.as_string()?).ok()
}
