//! The outbox on IndexedDB: what [`tideboard_engine::MemoryOutbox`] does in memory, each request in one transaction.

use idb::TransactionMode::ReadWrite;
use tideboard_engine::{CachedBoard, Contents, StoreReply, StoreRequest, StoredEdit};
use tideboard_shared::ClientId;
use wasm_bindgen::JsValue;

use super::db::{BOARDS, Db, EDITS, META, Problem, Scope};

/// The client to whom all that is stored belongs.
const CLIENT: &str = "client";
/// The highest number that was given out.
const LAST_N: &str = "last_n";
/// The highest term that was given out.
const TERM: &str = "term";

/// An outbox that outlives the page; all tabs that open it under one name share it.
#[derive(Debug)]
pub(super) struct IndexedOutbox {
    name: String,
    pub(super) client: ClientId,
    db: Db,
}

impl IndexedOutbox {
    /// Opens it; one that is empty belongs to `fresh` from now on. Gives the cached boards as well.
    pub(super) async fn open(name: String, fresh: ClientId) -> Result<(Self, Vec<CachedBoard>), Problem> {
        let db = Db::open(&name).await?;
        let (client, boards) = db
            .transact(&[META, BOARDS], ReadWrite, async |scope| {
                let client = owner(scope).await?;
                if client.is_none() {
                    scope.put(META, CLIENT, &fresh.as_str().into()).await?;
                }
                let boards = scope.all(BOARDS).await?.iter().filter_map(parse).collect();
                Ok((client.unwrap_or(fresh), boards))
            })
            .await?;
        Ok((Self { name, client, db }, boards))
    }

    /// Opens it anew, when the browser has closed it. Whose it is then shows with the next transaction.
    pub(super) async fn reopen(&self) -> Result<Self, Problem> {
        Ok(Self { name: self.name.clone(), client: self.client.clone(), db: Db::open(&self.name).await? })
    }

    /// Carries out one request, all of it or nothing.
    pub(super) async fn handle(&self, request: &StoreRequest) -> Result<Option<StoreReply>, Problem> {
        self.transact(&[META, EDITS], async |scope| match request {
            StoreRequest::Load => Ok(Some(StoreReply::Loaded(contents(scope).await?))),
            StoreRequest::Lead => {
                let term = next(scope, TERM).await?;
                Ok(Some(StoreReply::Led { term, contents: contents(scope).await? }))
            }
            StoreRequest::Append { edit, id, replaces } => {
                if let Some(old) = replaces {
                    if scope.get(EDITS, key(*old)).await?.is_none() {
                        return Ok(Some(StoreReply::Gone { id: *id }));
                    }
                    scope.delete(EDITS, key(*old)).await?;
                }
                let n = next(scope, LAST_N).await?;
                let mut edit = edit.as_ref().clone();
                edit.op.id.n = n;
                put_edit(scope, n, &edit).await?;
                Ok(Some(StoreReply::Appended { id: *id, n }))
            }
            StoreRequest::SetAside { n, why } => {
                let row = scope.get(EDITS, key(*n)).await?;
                if let Some(mut edit) = row.and_then(|row| parse::<StoredEdit>(&row)) {
                    edit.aside = Some(why.clone());
                    put_edit(scope, *n, &edit).await?;
                }
                Ok(Some(StoreReply::SetAside { n: *n }))
            }
            StoreRequest::Settle(numbers) => {
                for n in numbers {
                    scope.delete(EDITS, key(*n)).await?;
                }
                Ok(None)
            }
        })
        .await
    }

    /// Gives out a number for an edit that cannot be written.
    pub(super) async fn take_number(&self) -> Result<u64, Problem> {
        self.transact(&[META], async |scope| next(scope, LAST_N).await).await
    }

    /// Forgets everything, and whose it was.
    pub(super) async fn clear(&self) -> Result<(), Problem> {
        self.transact(&[META, EDITS, BOARDS], async |scope| {
            for store in [META, EDITS, BOARDS] {
                scope.clear(store).await?;
            }
            Ok(())
        })
        .await
    }

    /// Runs a transaction, if the storage still belongs to this client.
    pub(super) async fn transact<T>(
        &self,
        stores: &[&str],
        body: impl AsyncFnOnce(&Scope<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let is_ours = async |scope: &Scope<'_>| {
            if owner(scope).await?.as_ref() == Some(&self.client) { body(scope).await } else { Err(Problem::NotOurs) }
        };
        self.db.transact(stores, ReadWrite, is_ours).await
    }
}

async fn owner(scope: &Scope<'_>) -> Result<Option<ClientId>, Problem> {
    let client = scope.get(META, CLIENT).await?;
    Ok(client.and_then(|client| client.as_string()).and_then(|client| client.parse().ok()))
}

async fn contents(scope: &Scope<'_>) -> Result<Contents, Problem> {
    let edits = scope.all(EDITS).await?.iter().filter_map(parse).collect();
    Ok(Contents { edits, last_n: counted(scope, LAST_N).await? })
}

async fn counted(scope: &Scope<'_>, counter: &str) -> Result<u64, Problem> {
    Ok(scope.get(META, counter).await?.and_then(|count| count.as_f64()).map_or(0, |count| count as u64))
}

async fn next(scope: &Scope<'_>, counter: &str) -> Result<u64, Problem> {
    let next = counted(scope, counter).await? + 1;
    scope.put(META, counter, &key(next)).await?;
    Ok(next)
}

async fn put_edit(scope: &Scope<'_>, n: u64, edit: &StoredEdit) -> Result<(), Problem> {
    let row = serde_json::to_string(edit).map_err(|error| Problem::Broken(error.to_string()))?;
    scope.put(EDITS, key(n), &row.into()).await
}

/// Numbers are far below 2^53.
fn key(n: u64) -> JsValue {
    JsValue::from_f64(n as f64)
}

/// A row that this version can read.
pub(super) fn parse<T: serde::de::DeserializeOwned>(row: &JsValue) -> Option<T> {
    serde_json::from_str(&row.as_string()?).ok()
}
