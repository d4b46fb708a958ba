use std::collections::BTreeMap;

use tideboard_shared::{Board, message::Event};

use super::*;

/// Server for one client and one board, as `docs/wire.md` has it.
pub(super) struct Server {
    pub(super) board: Board,
    pub(super) log: Vec<Event>,
    outcomes: BTreeMap<u64, Outcome>,
    last_n: u64,
    settled: u64,
}

impl Server {
    pub(super) fn new() -> Self {
        let mut board = Board::default();
        let fields = serde_json::from_value(json!({"title": "old", "count": 0})).unwrap();
        let create = op("them/1", "n", Action::Create { kind: "note".into(), fields });
        board.apply(&create, Seq(1)).unwrap();
        let created = Event { seq: Seq(1), by: "bob".into(), at: tideboard_shared::UnixMs(1), op: create.into() };
        Self { board, log: vec![created], outcomes: BTreeMap::new(), last_n: 0, settled: 0 }
    }

    pub(super) fn seq(&self) -> Seq {
        Seq(self.log.len() as u64)
    }

    pub(super) fn subscribe(&self, since: Option<Seq>) -> Vec<ServerMessage> {
        match since {
            Some(since) => {
                let mut answer = vec![subscribed(self.seq().0, true)];
                answer.extend(self.updates_after(since));
                answer
            }
            None => {
                let entities = self.board.entities().map(|entity| entity.as_ref().clone()).collect();
                vec![subscribed(self.seq().0, false), snapshot(self.seq().0, self.last_n, entities)]
            }
        }
    }

    pub(super) fn updates_after(&self, since: Seq) -> Option<ServerMessage> {
        let events: Vec<_> = self.log[since.0 as usize..].to_vec();
        (!events.is_empty()).then(|| ServerMessage::Updates { board: main(), events })
    }

    pub(super) fn decide(&mut self, ops: Vec<Operation>, settled_through: u64) -> ServerMessage {
        let mut results = Vec::new();
        for op in ops {
            let n = op.id.n;
            let reject = |reason| Outcome::Rejected(Rejection::new(reason, "because"));
            let outcome = match self.outcomes.get(&n) {
                Some(outcome) => outcome.clone(),
                None if n <= self.settled => reject(Reason::AlreadySettled),
                None if n <= self.last_n => reject(Reason::OutOfOrder),
                None => {
                    let outcome = self.decide_new(&op);
                    self.outcomes.insert(n, outcome.clone());
                    self.last_n = n;
                    outcome
                }
            };
            results.push(OpResult { id: op.id, outcome });
        }
        self.settled = self.settled.max(settled_through);
        self.outcomes.retain(|n, _| *n > settled_through);
        ServerMessage::Outcomes { board: main(), results }
    }

    pub(super) fn decide_new(&mut self, op: &Operation) -> Outcome {
        let seq = self.seq().next();
        match self.board.apply(op, seq) {
            Ok(_) => {
                let op = std::sync::Arc::new(op.clone());
                self.log.push(Event { seq, by: "ann".into(), at: tideboard_shared::UnixMs(1), op });
                Outcome::Applied { seq, durability: Durability::Fsynced }
            }
            Err(Refusal::Conflict(conflict)) => Outcome::Conflict(conflict),
            Err(Refusal::Rejected(rejection)) => Outcome::Rejected(rejection),
        }
    }
}
