//! Part of the client that reads and edits boards.

use anyhow::{Context, Result, ensure};
use tideboard_shared::{
    Channel, ClientMessage, OpId, OpResult, Operation, Outcome, Position, Rejection, Seq, ServerMessage,
    message::{Event, Outcomes, Snapshot, Submit, Subscribe},
};

use super::{Client, Subscribed};
use crate::BoardView;

impl Client {
    /// Subscribes to a board and reads its snapshot.
    ///
    /// # Errors
    /// When the server answers otherwise.
    pub async fn open_board(&mut self, board: &str) -> Result<BoardView> {
        let subscribed = self.subscribe(board_since(board, None)?).await?;
        ensure!(!subscribed.recovered, "recovered without a position to recover from");
        let view = self.snapshot(board).await?;
        ensure!(view.seq == subscribed.seq(), "a snapshot of {} after subscribed at {}", view.seq, subscribed.seq());
        Ok(view)
    }

    /// Subscribes to a board from a position.
    ///
    /// # Errors
    /// When the server does not answer with `subscribed`.
    pub async fn resume(&mut self, board: &str, since: Position) -> Result<Subscribed> {
        self.subscribe(board_since(board, Some(since))?).await
    }

    /// Waits for all parts of a snapshot.
    ///
    /// # Errors
    /// When they do not come, or do not form one snapshot.
    pub async fn snapshot(&mut self, board: &str) -> Result<BoardView> {
        let mut parts: Vec<Snapshot> = Vec::new();
        while !parts.last().is_some_and(|part| part.last) {
            let part = self.expect("snapshot", |message| match message {
                ServerMessage::Snapshot(snapshot) if snapshot.board.as_str() == board => Some(snapshot.clone()),
                _ => None,
            });
            parts.push(part.await?);
        }
        BoardView::from_parts(parts)
    }

    /// Waits for the next `updates` of a board.
    ///
    /// # Errors
    /// When none come.
    pub async fn updates(&mut self, board: &str) -> Result<Vec<Event>> {
        self.expect(&format!("updates of {board}"), |message| match message {
            ServerMessage::Updates { board: of, events, .. } if of.as_str() == board => Some(events.clone()),
            _ => None,
        })
        .await
    }

    /// Applies updates to `view` until it shows `seq`, and returns their events.
    ///
    /// # Errors
    /// When they do not come without a hole, or go further than `seq`.
    pub async fn follow(&mut self, board: &str, view: &mut BoardView, seq: Seq) -> Result<Vec<Event>> {
        let mut all = Vec::new();
        while view.seq < seq {
            let events = self.updates(board).await.with_context(|| format!("at {} on the way to {seq}", view.seq))?;
            view.follow(&events)?;
            all.extend(events);
        }
        ensure!(view.seq == seq, "events up to {} where {seq} is the last", view.seq);
        Ok(all)
    }

    /// Sends operations without waiting for their outcomes.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send_ops(&mut self, board: &str, settled_through: u64, ops: &[Operation]) -> Result<()> {
        let submit = Submit { board: board.parse()?, epoch: None, seen: vec![], settled_through, ops: ops.to_vec() };
        self.send(&ClientMessage::Submit(submit)).await
    }

    /// Waits for the outcomes of a submit, of which `first` is the first operation.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn outcomes(&mut self, first: &OpId) -> Result<Vec<OpResult>> {
        self.expect(&format!("outcome of {first}"), |message| match message {
            ServerMessage::Outcomes(Outcomes { results, .. })
                if results.first().is_some_and(|result| result.id == *first) =>
            {
                Some(results.clone())
            }
            _ => None,
        })
        .await
    }

    /// Sends operations and waits for their outcomes.
    ///
    /// # Errors
    /// When they do not come, one for each operation, in order.
    pub async fn submit(&mut self, board: &str, ops: &[Operation]) -> Result<Vec<Outcome>> {
        self.submit_settled(board, 0, ops).await
    }

    /// Like [`Self::submit`], and lets the server forget the outcomes up to `settled_through`.
    ///
    /// # Errors
    /// When they do not come, one for each operation, in order.
    pub async fn submit_settled(
        &mut self,
        board: &str,
        settled_through: u64,
        ops: &[Operation],
    ) -> Result<Vec<Outcome>> {
        let first = &ops.first().context("a submit of no operations has no outcome to wait for")?.id;
        self.send_ops(board, settled_through, ops).await?;
        let results = self.outcomes(first).await?;
        ensure!(results.iter().map(|result| &result.id).eq(ops.iter().map(|op| &op.id)), "{results:?} for {ops:?}");
        Ok(results.into_iter().map(|result| result.outcome).collect())
    }

    /// Submits one operation that must be applied, and returns its position.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn apply(&mut self, board: &str, op: Operation) -> Result<Seq> {
        match self.submit(board, &[op]).await?.remove(0) {
            Outcome::Applied { seq, .. } => Ok(seq),
            refused => anyhow::bail!("not applied: {refused:?}"),
        }
    }

    /// Submits operations that must all be applied, and returns the last one's position.
    ///
    /// # Errors
    /// When one is refused.
    pub async fn apply_all(&mut self, board: &str, ops: &[Operation]) -> Result<Seq> {
        let mut last = Seq::ZERO;
        for outcome in self.submit(board, ops).await? {
            match outcome {
                Outcome::Applied { seq, .. } => last = seq,
                refused => anyhow::bail!("not applied: {refused:?}"),
            }
        }
        Ok(last)
    }

    /// Submits one operation that must be rejected, and returns why.
    ///
    /// # Errors
    /// When it has another outcome.
    pub async fn rejection(&mut self, board: &str, op: Operation) -> Result<Rejection> {
        match self.submit(board, &[op]).await?.remove(0) {
            Outcome::Rejected(rejection) => Ok(rejection),
            other => anyhow::bail!("not rejected: {other:?}"),
        }
    }
}

fn board_since(board: &str, since: Option<Position>) -> Result<Subscribe> {
    Ok(Subscribe { since, ..Subscribe::from(Channel::Board(board.parse()?)) })
}
