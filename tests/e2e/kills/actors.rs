//! Actors that use a server while it is being killed.

use std::slice;

use anyhow::{Context, Result, bail, ensure};
use tideboard_shared::{Operation, Outcome, Seq};
use tideboard_tests::{Address, Author, BoardView, Client, within};
use tokio::sync::watch;

/// Life of the server. Changes when the server listens again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    pub(super) number: usize,
    /// Set for the life that is not ended by a kill.
    pub(super) is_last: bool,
}

/// Waits for a later life than `number`.
async fn reborn(life: &mut watch::Receiver<Life>, number: usize) -> Result<()> {
    within("restart", life.wait_for(|life| life.number > number)).await??;
    Ok(())
}

/// Way in which a writer sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Socket,
    Rest,
    /// Draws socket or REST for each attempt, repeats included.
    Both,
}

/// Writer that keeps submitting batches, each until it has its outcomes.
pub(super) struct Writer {
    author: Author,
    way: Way,
    address: Address,
    rng: fastrand::Rng,
    socket: Option<Client>,
    /// Operations acknowledged so far, each with its position.
    acknowledged: Vec<(Operation, Seq)>,
    /// Number up to which all outcomes have arrived and will not be asked for again.
    settled: u64,
}

impl Writer {
    pub(super) fn new(name: &str, way: Way, address: Address, rng: fastrand::Rng) -> Self {
        Self { author: Author::new(name), way, address, rng, socket: None, acknowledged: Vec::new(), settled: 0 }
    }

    /// Works until the last life's first batch is done; returns each operation with its position.
    pub(super) async fn run(
        mut self,
        mut life: watch::Receiver<Life>,
        progress: watch::Sender<u64>,
    ) -> Result<Vec<(Operation, Seq)>> {
        loop {
            let is_last = life.borrow().is_last;
            let batch = self.batch();
            let seqs = self.deliver(&batch, &mut life).await?;
            progress.send_modify(|count| *count += 1);
            if self.rng.u8(0..4) == 0 {
                let again = self.deliver(&batch, &mut life).await?;
                ensure!(again == seqs, "{} was answered {seqs:?}, then {again:?}", batch[0].id);
            }
            self.settled = self.author.last_n();
            self.acknowledged.extend(batch.into_iter().zip(seqs));
            if is_last {
                return Ok(self.acknowledged);
            }
        }
    }

    /// Makes operations that apply whatever others do.
    fn batch(&mut self) -> Vec<Operation> {
        let me = self.author.client().to_string();
        let mut ops = Vec::new();
        for _ in 0..self.rng.usize(1..4) {
            let entity = format!("{me}-{}", self.author.last_n());
            ops.push(self.author.increment("counter", "count", self.rng.i64(-3..10)));
            ops.push(self.author.create(&entity, "mine"));
            ops.push(self.author.set_add("welcome", "tags", entity.clone()));
            ops.push(self.author.set(&entity, "text", "done"));
            // Most entities are removed again, so that snapshots stay small.
            if self.rng.u8(0..10) > 0 {
                ops.push(self.author.set_remove("welcome", "tags", entity.clone()));
                ops.push(self.author.remove(&entity));
            }
        }
        ops
    }

    /// Sends a batch, life after life, until it has its outcomes.
    async fn deliver(&mut self, batch: &[Operation], life: &mut watch::Receiver<Life>) -> Result<Vec<Seq>> {
        loop {
            let now = *life.borrow_and_update();
            match self.attempt(batch).await {
                Ok(outcomes) => return outcomes.into_iter().map(position).collect(),
                Err(error) if now.is_last => return Err(error.context("the server that nobody kills failed")),
                Err(error) => {
                    self.socket = None;
                    reborn(life, now.number).await.with_context(|| format!("after {error:#}"))?;
                }
            }
        }
    }

    async fn attempt(&mut self, batch: &[Operation]) -> Result<Vec<Outcome>> {
        let by_rest = match self.way {
            Way::Socket => false,
            Way::Rest => true,
            Way::Both => self.rng.bool(),
        };
        if by_rest {
            let rest = self.address.rest();
            let results = rest.submit_settled(self.author.client(), "main", self.settled, batch).await?;
            return Ok(results.into_iter().map(|result| result.outcome).collect());
        }
        let socket = match &mut self.socket {
            Some(socket) => socket,
            none => none.insert(Client::join(self.address, self.author.client().as_str()).await?),
        };
        socket.submit_settled("main", self.settled, batch).await
    }
}

fn position(outcome: Outcome) -> Result<Seq> {
    match outcome {
        Outcome::Applied { seq, .. } => Ok(seq),
        refused => bail!("refused: {refused:?}"),
    }
}

/// Reader that follows the board through all lives, resuming from where it was.
pub(super) struct Reader {
    address: Address,
    seen: BoardView,
}

impl Reader {
    pub(super) fn new(address: Address, seen: BoardView) -> Self {
        Self { address, seen }
    }

    /// Reads until the last life; returns what it has seen by then.
    pub(super) async fn run(mut self, mut life: watch::Receiver<Life>) -> Result<BoardView> {
        loop {
            let now = *life.borrow_and_update();
            if now.is_last {
                return Ok(self.seen);
            }
            // Reading ends when the server is killed. Only a wrong answer fails the test.
            if let Err(lost) = self.follow().await? {
                reborn(&mut life, now.number).await.with_context(|| format!("after {lost:#}"))?;
            }
        }
    }

    /// Reads until the connection is gone, which is an `Err` inside `Ok`. An outer `Err` is a wrong answer of the
    /// server.
    async fn follow(&mut self) -> Result<Result<(), anyhow::Error>> {
        let mut client = match Client::join(self.address, "reader").await {
            Ok(client) => client,
            Err(lost) => return Ok(Err(lost)),
        };
        match client.resume("main", self.seen.position()).await {
            Ok(resumed) => ensure!(resumed.recovered, "events up to {} are gone: {resumed:?}", self.seen.seq),
            Err(lost) => return Ok(Err(lost)),
        }
        loop {
            match client.updates("main").await {
                Ok(events) => events.iter().try_for_each(|event| self.seen.follow(slice::from_ref(event)))?,
                Err(lost) => return Ok(Err(lost)),
            }
        }
    }
}
