//! Client of the server's REST side.

use anyhow::{Context, Result, ensure};
use reqwest::header::{self, HeaderMap};
use serde::{Serialize, de::DeserializeOwned};
use tideboard_shared::{
    Board, Check, ClientId, OpResult, Operation, Position, ServerMessage,
    message::{BoardReply, Problem, RealtimePost, RealtimeReply, Status, Submit},
};

use crate::{Address, BoardView, DEADLINE};

/// Client of one server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Rest {
    base: String,
    http: reqwest::Client,
}

/// Answer, read to its end and not decompressed.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body as it came, still compressed if the server compressed it.
    pub body: Vec<u8>,
}

impl Reply {
    /// Value of a header; empty when absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Decodes the body of a good answer.
    ///
    /// # Errors
    /// When the status is not 2xx or the body is something else.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        ensure!((200..300).contains(&self.status), "status {}: {}", self.status, self.text());
        serde_json::from_slice(&self.body).with_context(|| format!("unexpected body: {}", self.text()))
    }

    /// Decodes the body of an error, whose status must be `status`.
    ///
    /// # Errors
    /// When it is another status, or not a complete `application/problem+json`.
    pub fn problem(&self, status: u16) -> Result<Problem> {
        ensure!(self.status == status, "status {} instead of {status}: {}", self.status, self.text());
        let kind = self.header(header::CONTENT_TYPE.as_str());
        ensure!(kind.starts_with("application/problem+json"), "an error of type '{kind}': {}", self.text());
        let problem: Problem = serde_json::from_slice(&self.body).with_context(|| self.text())?;
        ensure!(problem.status == status, "status {status} with a body that says {}", problem.status);
        ensure!(!problem.title.is_empty() && !problem.detail.is_empty(), "an error that says nothing: {problem:?}");
        Ok(problem)
    }
}

impl Rest {
    /// Creates a client of the server at `address`.
    ///
    /// # Panics
    /// When no HTTP client can be made.
    #[must_use]
    pub fn new(address: Address) -> Self {
        let http =
            reqwest::Client::builder().timeout(DEADLINE).build().expect("an HTTP client without TLS can be made");
        Self { base: address.http(), http }
    }

    /// Sends a GET with extra headers.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Result<Reply> {
        let request = self.http.get(format!("{}{path}", self.base));
        read(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
    }

    /// Posts any text, declared as JSON.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn post_text(&self, path: &str, body: impl Into<String>) -> Result<Reply> {
        let request = self.http.post(format!("{}{path}", self.base)).header(header::CONTENT_TYPE, "application/json");
        read(request.body(body.into())).await
    }

    /// Posts a value as JSON.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn post<T: Serialize>(&self, path: &str, body: &T) -> Result<Reply> {
        self.post_text(path, serde_json::to_string(body)?).await
    }

    /// Fetches `GET /api/realtime`, the server's status.
    ///
    /// # Errors
    /// When it fails.
    pub async fn status(&self) -> Result<Status> {
        self.get("/api/realtime", &[]).await?.json()
    }

    /// Fetches `GET /api/boards/{id}`, one board as it is.
    ///
    /// # Errors
    /// When it fails.
    pub async fn board(&self, id: &str) -> Result<BoardView> {
        let reply: BoardReply = self.get(&format!("/api/boards/{id}"), &[]).await?.json()?;
        let board: Board = reply.entities.into_iter().collect();
        Ok(BoardView { epoch: reply.epoch, seq: reply.seq, check: Check::EMPTY, last_n: 0, parts: 1, board })
    }

    /// Posts to `POST /api/realtime`, which submits and catches up.
    ///
    /// # Errors
    /// When it fails.
    pub async fn realtime(&self, post: &RealtimePost) -> Result<RealtimeReply> {
        self.post("/api/realtime", post).await?.json()
    }

    /// Submits operations on one board.
    ///
    /// # Errors
    /// When the answer does not hold exactly one outcome for each, in order.
    pub async fn submit(&self, client: &ClientId, board: &str, ops: &[Operation]) -> Result<Vec<OpResult>> {
        let submit = Submit { board: board.parse()?, epoch: None, seen: vec![], settled_through: 0, ops: ops.to_vec() };
        let post = RealtimePost { client: client.clone(), submit: vec![submit], since: [].into(), seen: [].into() };
        let mut found = Vec::new();
        for message in self.realtime(&post).await?.messages {
            match message {
                ServerMessage::Outcomes(outcomes) => found.extend(outcomes.results),
                other => anyhow::bail!("not asked for: {other:?}"),
            }
        }
        ensure!(found.iter().map(|result| &result.id).eq(ops.iter().map(|op| &op.id)), "outcomes of others: {found:?}");
        Ok(found)
    }

    /// Fetches the messages for a client at `since` about one board.
    ///
    /// # Errors
    /// When it fails.
    pub async fn since(&self, client: &ClientId, board: &str, since: Option<Position>) -> Result<Vec<ServerMessage>> {
        let since = [(format!("board:{board}").parse()?, since)].into();
        let post = RealtimePost { client: client.clone(), submit: Vec::new(), since, seen: [].into() };
        Ok(self.realtime(&post).await?.messages)
    }
}

async fn read(request: reqwest::RequestBuilder) -> Result<Reply> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    Ok(Reply { status, headers, body: response.bytes().await?.to_vec() })
}
