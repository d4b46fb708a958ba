//! Random sessions in any order: every board event comes once, in order, or is counted at its place.

use super::*;

/// Random sessions of the property.
const SESSIONS: u64 = 40;

/// Account of all that one consumer got.
struct Account {
    id: DeliveryId,
    is_folding: bool,
    /// Highest `seq` that its items reach.
    through: u64,
    /// Events that its items stand for, or count as missed.
    sum: u64,
}

impl Account {
    fn take(&mut self, items: &[Item], seed: u64) {
        assert!(!items.is_empty(), "seed {seed}");
        for item in items {
            let n = match &item.body {
                Body::Missed(missed) => missed.count.unwrap(),
                _ => item.stands_for,
            };
            let through = item.through.unwrap().0;
            assert!(through > self.through, "{through} after {}, seed {seed}", self.through);
            if !self.is_folding {
                assert_eq!(through, self.through + n, "a hole or a repeat, seed {seed}");
            }
            self.through = through;
            self.sum += n;
        }
    }
}

/// A server that has events, and a network that repeats, delays and cuts.
struct World {
    bench: Bench,
    rng: fastrand::Rng,
    accounts: Vec<Account>,
    /// The last event there is, and the last that was sent on this connection.
    seq: u64,
    sent: u64,
    epoch: u64,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut config = Config::default();
        config.delivery.max_missed = 5.try_into().unwrap();
        config.delivery.max_held = 20.try_into().unwrap();
        let mut bench = Bench::with(config);
        bench.go_live();
        bench.follow();
        let mut world =
            Self { bench, rng: fastrand::Rng::with_seed(seed), accounts: Vec::new(), seq: 40, sent: 40, epoch: 1 };
        world.snapshot();
        for strategy in [Strategy::Raf, Strategy::Batch, Strategy::Debounce, Strategy::Throttle] {
            for (dedup, priority) in [(false, 0), (true, 0), (false, 1)] {
                let options = DeliveryOptions {
                    dedup: dedup.then(KeyFn::by_entity),
                    priority: [Priority::Medium, Priority::Critical][priority],
                    ..with(strategy, board())
                };
                let id = open(&mut world.bench, options);
                world.accounts.push(Account { id, is_folding: dedup, through: 40, sum: 0 });
            }
        }
        world
    }

    fn step(&mut self) {
        match self.rng.u32(0..20) {
            0..=7 => self.publish(),
            8 => self.repeat(),
            9 => self.leave_a_hole(),
            10 | 11 => self.bench.input(Input::Frame),
            12..=14 => {
                let time = self.rng.u32(0..400);
                self.bench.pass(time * MS);
            }
            15 => self.cut(),
            16 => self.snapshot(),
            17 | 18 => {
                let id = self.accounts[self.rng.usize(0..self.accounts.len())].id;
                self.bench.engine.pause_delivery(id);
            }
            _ => {
                let id = self.accounts[self.rng.usize(0..self.accounts.len())].id;
                self.bench.engine.resume_delivery(id, self.bench.now);
                self.bench.drain();
            }
        }
    }

    fn publish(&mut self) {
        self.seq += self.rng.u64(1..12);
        self.catch_up();
    }

    fn catch_up(&mut self) {
        if self.sent < self.seq {
            self.bench.receive(&[events(self.sent + 1..=self.seq)]);
            self.sent = self.seq;
        }
    }

    fn repeat(&mut self) {
        let from = self.rng.u64(30..=self.seq).max(41);
        if from <= self.seq {
            self.bench.receive(&[events(from..=self.seq)]);
            self.sent = self.seq;
        }
    }

    /// The later half comes first.
    fn leave_a_hole(&mut self) {
        self.seq += 4;
        self.bench.receive(&[events(self.seq - 1..=self.seq)]);
        self.bench.pass(100 * MS);
        self.bench.receive(&[events(self.sent + 1..=self.seq - 2)]);
        self.sent = self.seq;
    }

    fn cut(&mut self) {
        self.bench.input(socket(self.epoch, closed(1006)));
        self.epoch += 1;
        self.seq += self.rng.u64(0..9);
        self.bench.reconnect();
        if self.rng.bool() {
            self.bench.receive(&[subscribed(self.seq, true)]);
            self.catch_up();
        } else {
            self.snapshot();
        }
    }

    /// The server sends the board whole, and maybe from later on.
    fn snapshot(&mut self) {
        self.seq += self.rng.u64(0..3);
        let note = entity("n", json!({"count": self.seq}));
        self.bench.receive(&[subscribed(self.seq, false), snapshot(self.seq, 0, vec![note])]);
        self.sent = self.seq;
    }

    fn settle(&mut self, seed: u64) {
        for account in &mut self.accounts {
            self.bench.engine.resume_delivery(account.id, self.bench.now);
        }
        self.bench.drain();
        self.bench.input(Input::Frame);
        self.bench.pass(2 * SECOND);
        for (id, items) in std::mem::take(&mut self.bench.delivered) {
            let account = self.accounts.iter_mut().find(|account| account.id == id).unwrap();
            account.take(&items, seed);
        }
    }
}

#[test]
fn every_board_event_is_handed_over_once_in_order_or_counted_where_it_was_missed() {
    for seed in 0..SESSIONS {
        let mut world = World::new(seed);
        let from = world.seq;
        for account in &mut world.accounts {
            account.through = from;
        }
        for _ in 0..150 {
            world.step();
        }
        world.settle(seed);
        for account in &world.accounts {
            assert_eq!((account.through, account.sum), (world.seq, world.seq - from), "seed {seed}");
            let view = view(&world.bench, account.id);
            assert_eq!((view.held, view.left_out), (0, Some(0)), "seed {seed}");
            assert_eq!(view.received, view.delivered + view.coalesced, "seed {seed}");
        }
    }
}
