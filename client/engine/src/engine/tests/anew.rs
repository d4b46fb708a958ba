//! A client id that is used elsewhere as well: by a copied browser profile, or by somebody else.

use tideboard_room::testing::Solo;
use tideboard_shared::{ClientId, Epoch, decode_client};

use super::*;

/// A room, and machines whose storages began as copies of one.
struct Machines {
    room: Solo,
    machines: Vec<Machine>,
}

struct Machine {
    bench: Bench,
    /// Client id in its last `hello`; `None` while it has no socket.
    client: Option<ClientId>,
    is_subscribed: bool,
    /// True once its page shows the board.
    follows: bool,
}

impl Machine {
    fn new(seed: u64, disk: MemoryOutbox) -> Self {
        let bench = Bench::on_disk(Config::default(), seed, disk);
        Self { bench, client: None, is_subscribed: false, follows: false }
    }
}

impl Machines {
    /// A machine on a board with a counter, and what an edit of its has made of it.
    fn one() -> Self {
        let mut room = Solo::new(main(), Epoch::from("e_1"));
        let create = Action::Create { kind: "note".into(), fields: [("count".to_owned(), json!(0))].into() };
        let op = Operation { base: Seq::ZERO, ..op("them/1", "n", create) };
        let submit = tideboard_shared::message::Submit { board: main(), settled_through: 0, ops: vec![op] };
        room.submit(&"them".parse().unwrap(), "bob", submit);
        let mut this = Self { room, machines: vec![Machine::new(1, MemoryOutbox::default())] };
        this.connect(0);
        this.edit(0, add(1));
        this.exchange();
        this
    }

    /// Copies a machine's storage to a machine of its own.
    fn copy(&mut self, from: usize) {
        let disk = self.machines[from].bench.disk.clone();
        self.machines.push(Machine::new(self.machines.len() as u64 + 1, disk));
    }

    fn connect(&mut self, at: usize) {
        let machine = &mut self.machines[at];
        machine.bench.input(Input::Online(true));
        machine.bench.input(Input::Connect);
        if !std::mem::replace(&mut machine.follows, true) {
            machine.bench.follow();
        }
        self.exchange();
    }

    fn disconnect(&mut self, at: usize) {
        self.machines[at].bench.input(Input::Online(false));
        self.machines[at].bench.cut();
        self.machines[at].client = None;
    }

    fn edit(&mut self, at: usize, action: Action) -> crate::EditId {
        self.machines[at].bench.apply(edit("n", action))
    }

    /// Carries messages until nobody has anything to say.
    fn exchange(&mut self) {
        let mut is_going_on = true;
        for _ in 0..1_000 {
            if !std::mem::take(&mut is_going_on) {
                return;
            }
            for at in 0..self.machines.len() {
                is_going_on |= self.exchange_with(at);
            }
        }
        panic!("they never come to rest");
    }

    fn exchange_with(&mut self, at: usize) -> bool {
        let machine = &mut self.machines[at];
        let mut is_news = !machine.bench.opened().is_empty();
        if is_news {
            machine.is_subscribed = false;
            machine.client = None;
            // What was said on the socket before is lost.
            machine.bench.sent();
            machine.bench.open_current();
        }
        for frame in machine.bench.sent() {
            is_news = true;
            for message in decode_client(&frame).unwrap() {
                self.serve(at, message.unwrap());
            }
        }
        is_news
    }

    fn serve(&mut self, at: usize, message: ClientMessage) {
        let machine = &mut self.machines[at];
        match message {
            ClientMessage::Hello(hello) => {
                machine.client = Some(hello.client);
                machine.bench.receive(&[welcome(), ready()]);
            }
            ClientMessage::Subscribe(subscribe) => {
                let client = machine.client.clone().unwrap();
                machine.is_subscribed = true;
                machine.bench.receive(&self.room.subscribe(&client, subscribe.since));
            }
            ClientMessage::Submit(submit) => {
                // One of them has gone on under another id: this socket is gone.
                let Some(client) = machine.client.clone() else { return };
                for message in self.room.submit(&client, "ann", submit) {
                    let is_for_all = matches!(message, ServerMessage::Updates { .. });
                    for (other, machine) in self.machines.iter_mut().enumerate() {
                        if other == at || (is_for_all && machine.is_subscribed && machine.client.is_some()) {
                            machine.bench.receive(std::slice::from_ref(&message));
                        }
                    }
                }
            }
            ClientMessage::Ping { t } => machine.bench.receive(&[ServerMessage::Pong { t, server_time: t }]),
            _ => {}
        }
    }

    fn count(&self) -> Value {
        self.room.state().board().entity(&"n".into()).unwrap().fields["count"].clone()
    }

    /// Checks that every edit came to the log, and that all machines show that.
    fn assert_settled(&mut self, count: i64, ends: &[usize]) {
        self.exchange();
        assert_eq!(self.count(), json!(count));
        for (at, machine) in self.machines.iter().enumerate() {
            let sync = machine.bench.engine.sync_view();
            assert_eq!((sync.pending, sync.refused, sync.conflicts), (0, 0, 0), "{at}");
            assert_eq!(shown(&machine.bench, "count"), json!(count), "{at}");
            let ended = machine.bench.ended.iter().filter(|(_, end)| matches!(end, EditEnd::Applied { .. }));
            assert_eq!(ended.count(), ends[at], "{at}: {:?}", machine.bench.ended);
            assert_eq!(machine.bench.ended.len(), ends[at], "{at}: {:?}", machine.bench.ended);
        }
    }
}

#[test]
fn edits_of_a_copied_profile_that_was_offline_are_each_applied_once() {
    let mut machines = Machines::one();
    machines.copy(0);
    machines.connect(1);
    for at in [0, 1] {
        machines.disconnect(at);
        for by in 0..3 {
            machines.edit(at, add(10_i64.pow(1 + at as u32 * 3 + by)));
        }
    }
    machines.connect(0);
    machines.connect(1);
    machines.assert_settled(1_111_111, &[4, 3]);
    let clients: std::collections::BTreeSet<_> = machines.machines.iter().map(|machine| &machine.client).collect();
    assert_eq!(clients.len(), 2, "the second one has taken an id of its own");
}

#[test]
fn the_same_edit_on_both_machines_is_applied_twice_when_the_second_has_seen_the_first() {
    let mut machines = Machines::one();
    machines.copy(0);
    machines.connect(1);
    machines.edit(0, add(1));
    machines.exchange();
    machines.edit(1, add(1));
    machines.assert_settled(3, &[2, 1]);
}

#[test]
fn an_edit_that_both_copies_hold_is_applied_once() {
    let mut machines = Machines::one();
    machines.disconnect(0);
    machines.edit(0, add(10));
    machines.copy(0);
    machines.connect(0);
    machines.connect(1);
    machines.assert_settled(11, &[2, 1]);
}

#[test]
fn a_profile_that_was_put_back_goes_on_under_a_new_id_however_far_the_other_has_come() {
    let mut machines = Machines::one();
    machines.copy(0);
    machines.connect(1);
    machines.disconnect(1);
    for _ in 0..300 {
        machines.edit(0, add(1));
        machines.exchange();
    }
    for _ in 0..50 {
        machines.edit(1, add(1_000));
    }
    machines.connect(1);
    machines.assert_settled(50_301, &[301, 50]);
}

#[test]
fn a_copy_that_starts_far_behind_notices_before_it_edits() {
    let mut machines = Machines::one();
    machines.copy(0);
    for _ in 0..5 {
        machines.edit(0, add(1));
        machines.exchange();
    }
    machines.connect(1);
    machines.edit(1, add(1));
    machines.assert_settled(7, &[6, 1]);
}

fn rename_of(bench: &mut Bench) -> ClientId {
    let hello = bench.sent().into_iter().find(|frame| frame.contains("\"hello\"")).expect("a hello on a new socket");
    let hello: Value = serde_json::from_str(&hello).unwrap();
    assert_eq!(hello["key"], "left-out-of-the-recording", "its owner stays");
    hello["client"].as_str().unwrap().parse().unwrap()
}

#[test]
fn an_id_that_belongs_to_somebody_else_is_left_for_a_new_one_and_what_waits_keeps_its_order() {
    let mut bench = Bench::on_board(vec![entity("n", json!({"count": 1}))]);
    let edits: Vec<_> = (0..3).map(|by| bench.apply(edit("n", add(by)))).collect();
    assert_eq!(ids(&bench.sent()), ["me/1"], "the others wait");
    bench.receive(&[rejected(1, Reason::NotYours)]);
    bench.open_current();
    let client = rename_of(&mut bench);
    assert_ne!(client.as_str(), "me");
    bench.receive(&[welcome(), ready()]);
    let sent = bench.sent().concat();
    let submitted = |n: usize| sent.find(&format!("\"{client}/{n}\"")).unwrap_or_else(|| panic!("{n}: {sent}"));
    assert!(submitted(4) < submitted(5) && submitted(5) < submitted(6), "{sent}");
    assert!(!sent.contains("\"again\""), "none was sent under its new id: {sent}");
    assert_eq!(bench.engine.pending_edits().iter().map(|view| view.id).collect::<Vec<_>>(), edits);
}

#[test]
fn an_edit_that_no_number_helps_waits_where_its_user_sees_it() {
    let mut bench = Bench::on_board(vec![entity("n", json!({"count": 1}))]);
    let id = bench.apply(edit("n", add(1)));
    for n in 1..=5 {
        assert_eq!(bench.engine.refused().count(), 0, "{n}");
        bench.receive(&[rejected(n, Reason::OutOfOrder)]);
    }
    let refused: Vec<_> = bench.engine.refused().collect();
    assert_eq!((refused.len(), refused[0].0), (1, id));
    let Refused::Rejected(why) = &refused[0].1.why else { panic!("{refused:?}") };
    assert_eq!(why.reason, Reason::OutOfOrder);
}

#[test]
fn an_operation_says_whether_it_may_have_been_sent_before() {
    let again = |bench: &mut Bench| bench.sent().concat().matches("\"again\":true").count();
    let mut bench = Bench::on_board(vec![entity("n", json!({"count": 1}))]);
    bench.apply(edit("n", add(1)));
    assert_eq!(again(&mut bench), 0);
    bench.cut();
    bench.reconnect();
    assert_eq!(again(&mut bench), 1, "it was sent before the cut");
    bench.receive(&[rejected(1, Reason::OutOfOrder)]);
    assert_eq!(again(&mut bench), 0, "it has another number now");

    let mut reloaded = Bench::on_disk(Config::default(), 2, bench.disk);
    reloaded.go_live_keeping_sent();
    assert_eq!(again(&mut reloaded), 1, "an earlier page may have sent it");
}

#[test]
fn an_edit_of_a_client_that_was_forgotten_waits_for_its_user_and_gets_a_new_number() {
    let mut bench = Bench::on_board(vec![entity("n", json!({"count": 1}))]);
    let id = bench.apply(edit("n", add(1)));
    bench.cut();
    bench.reconnect();
    bench.sent();
    bench.receive(&[rejected(1, Reason::UnknownClient)]);
    assert_eq!(bench.engine.refused().map(|(id, _)| id).collect::<Vec<_>>(), [id]);
    assert_eq!(bench.engine.notices().count(), 1);
    assert_eq!((shown(&bench, "count"), bench.engine.sync_view().pending), (json!(1), 0));
    bench.engine.requeue(id, bench.now).unwrap();
    bench.drain();
    assert_eq!(ids(&bench.sent()), ["me/2"]);
}

#[test]
fn an_edit_that_was_taken_back_and_may_have_been_applied_is_said_too() {
    let mut bench = Bench::on_board(vec![entity("n", json!({"count": 1}))]);
    let id = bench.apply(edit("n", add(1)));
    bench.cut();
    bench.engine.rollback(id, bench.now).unwrap();
    bench.reconnect();
    bench.receive(&[rejected(1, Reason::UnknownClient)]);
    assert_eq!(bench.engine.refused().map(|(id, _)| id).collect::<Vec<_>>(), [id]);
    assert!(!bench.ended.contains(&(id, EditEnd::RolledBack)), "nobody knows");
}

#[test]
fn anothers_event_under_an_id_of_mine_is_not_taken_for_my_edit() {
    let mut bench = Bench::on_board(vec![entity("n", json!({"count": 1}))]);
    bench.withhold_storage();
    bench.apply(edit("n", add(5)));
    bench.receive(&[updates(vec![(41, op("me/1", "n", add(5)))])]);
    bench.release_storage();
    assert_eq!(bench.ended, [], "it was not sent yet");
    assert_eq!((shown(&bench, "count"), bench.engine.sync_view().pending), (json!(11), 1));
}
