//! An operation is applied once, however often and whichever way it comes.

use anyhow::{Context, Result};
use serde_json::json;
use tideboard_shared::{
    Action, Durability, OnConflict, OpId, Operation, Outcome, Reason, ServerMessage,
    message::{Outcomes, RealtimePost, Submit},
};
use tideboard_tests::{Author, Client, Launch, Server, key_of, within};

#[tokio::test]
async fn the_same_operation_five_times_over_socket_and_rest_is_applied_once() -> Result<()> {
    let server = Server::start().await?;
    let mut author = Author::new("ann");
    let op = author.increment("counter", "count", 1);
    let ops = [op];
    let mut socket = Client::join(server.address(), "ann").await?;
    let mut answers = socket.submit("main", &ops).await?;
    answers.push(server.rest().submit(author.client(), "main", &ops).await?.remove(0).outcome);
    answers.extend(socket.submit("main", &ops).await?);
    let mut other = Client::join(server.address(), "ann").await?;
    answers.extend(other.submit("main", &ops).await?);
    answers.push(server.rest().submit(author.client(), "main", &ops).await?.remove(0).outcome);

    assert!(matches!(answers[0], Outcome::Applied { .. }), "{answers:?}");
    assert_eq!(answers, vec![answers[0].clone(); 5]);
    assert_eq!(socket.open_board("main").await?.field("counter", "count"), json!(1));
    Ok(())
}

#[tokio::test]
async fn the_same_operations_from_many_sides_at_once_are_applied_once() -> Result<()> {
    let server = Server::start().await?;
    let mut author = Author::new("ann");
    let ops: Vec<_> = (0..50).map(|_| author.increment("counter", "count", 1)).collect();
    let over_socket = async || -> Result<Vec<Outcome>> {
        let mut client = Client::join(server.address(), "ann").await?;
        let mut outcomes = Vec::new();
        for chunk in ops.chunks(5) {
            outcomes.extend(client.submit("main", chunk).await?);
        }
        Ok(outcomes)
    };
    let over_rest = async || -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::new();
        for chunk in ops.chunks(10) {
            outcomes.extend(server.rest().submit(author.client(), "main", chunk).await?);
        }
        Ok(outcomes.into_iter().map(|result| result.outcome).collect())
    };
    let (a, b, c, d) = tokio::join!(over_socket(), over_socket(), over_rest(), over_rest());
    let a = a?;
    assert!(a.iter().all(|outcome| matches!(outcome, Outcome::Applied { .. })), "{a:?}");
    assert_eq!((&a, &a, &a), (&b?, &c?, &d?), "everyone gets the same answers");
    assert_eq!(server.rest().board("main").await?.field("counter", "count"), json!(50));
    Ok(())
}

#[tokio::test]
async fn a_refusal_is_answered_the_same_again_even_when_it_would_apply_by_now() -> Result<()> {
    let server = Server::start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    let op = Author::new("ann").set("late", "text", "x");
    let refused = ann.submit("main", std::slice::from_ref(&op)).await?;
    assert!(matches!(&refused[0], Outcome::Rejected(rejection) if rejection.reason == Reason::UnknownEntity));

    let create = Author::new("bob").create("late", "now it is there");
    Client::join(server.address(), "bob").await?.apply("main", create).await?;
    assert_eq!(ann.submit("main", &[op]).await?, refused);
    Ok(())
}

#[tokio::test]
async fn a_repeat_is_answered_from_memory_after_a_crash() -> Result<()> {
    let mut server = Server::start().await?;
    let mut author = Author::new("ann");
    let ops = [author.increment("counter", "count", 1), author.set("nobody", "a", 1)];
    let before = Client::join(server.address(), "ann").await?.submit("main", &ops).await?;
    server.kill().await?;
    server.restart().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    assert_eq!(ann.submit("main", &ops).await?, before);
    assert_eq!(ann.open_board("main").await?.field("counter", "count"), json!(1));
    Ok(())
}

#[tokio::test]
async fn an_outcome_the_client_settled_is_forgotten_and_never_applied_again() -> Result<()> {
    let server = Server::start().await?;
    let mut author = Author::new("ann");
    let mut ann = Client::join(server.address(), "ann").await?;
    let first = author.increment("counter", "count", 1);
    ann.apply("main", first.clone()).await?;
    // The next decided operation carries the news that the first outcome has arrived.
    let second = author.increment("counter", "count", 1);
    ann.submit_settled("main", first.id.n, &[second]).await?;
    assert_eq!(ann.rejection("main", first).await?.reason, Reason::AlreadySettled);
    assert_eq!(ann.open_board("main").await?.field("counter", "count"), json!(2));
    Ok(())
}

#[tokio::test]
async fn a_number_that_was_skipped_is_out_of_order() -> Result<()> {
    let server = Server::start().await?;
    let mut author = Author::new("ann");
    let mut ann = Client::join(server.address(), "ann").await?;
    let skipped = author.increment("counter", "count", 1);
    let next = author.increment("counter", "count", 1);
    ann.apply("main", next).await?;
    assert_eq!(ann.rejection("main", skipped).await?.reason, Reason::OutOfOrder);
    assert_eq!(ann.open_board("main").await?.field("counter", "count"), json!(1));
    Ok(())
}

#[tokio::test]
async fn nobody_can_act_as_anothers_client() -> Result<()> {
    let mut server = Server::start().await?;
    let mut author = Author::new("ann");
    let mut ann = Client::join(server.address(), "ann").await?;
    let first = author.create("mine", "ann's");
    let position = ann.apply("main", first.clone()).await?;
    author.saw(position);
    for is_restarted in [false, true] {
        if is_restarted {
            server.kill().await?;
            server.restart().await?;
        }
        // The id can be read on the board; the key cannot.
        let mut thief = Client::connect(server.address()).await?;
        thief.hello_with("ann", Some(key_of("mallory"))).await?;
        let mut forged = Author::new("ann");
        let forge = |n: u64, op: Operation| Operation { id: OpId { client: op.id.client.clone(), n }, ..op };
        for n in [2, 1 << 20, (1 << 53) - 1, u64::MAX] {
            let op = forge(n, forged.set("mine", "text", "mallory's"));
            let rejection = match thief.submit_settled("main", u64::MAX, std::slice::from_ref(&op)).await?.remove(0) {
                Outcome::Rejected(rejection) => rejection,
                outcome => anyhow::bail!("{n}: {outcome:?}"),
            };
            assert_eq!((rejection.reason, rejection.last_n), (Reason::NotYours, None), "not even how far she is");
            let (client, key) = (op.id.client.clone(), Some(key_of("mallory")));
            let submit = vec![Submit { board: "main".parse()?, settled_through: u64::MAX, ops: vec![op] }];
            let reply = server.rest().realtime(&RealtimePost { client, key, submit, since: [].into() }).await?;
            let [ServerMessage::Outcomes(Outcomes { results, .. })] = reply.messages.as_slice() else {
                panic!("{reply:?}")
            };
            assert!(is_not_yours(&results[0].outcome), "{results:?}");
        }
        assert!(is_not_yours(&thief.submit("main", std::slice::from_ref(&first)).await?[0]), "nor what became of hers");
        // Under its own id another's write is seen as such.
        let mut mallory = Client::join(server.address(), "mallory").await?;
        let own = forge(1, Author::new("mallory").set("mine", "text", "mallory's"));
        mallory.submit("main", &[Operation { on_conflict: OnConflict::Overwrite, ..own }]).await?;

        let mut ann = Client::join(server.address(), "ann").await?;
        let repeat = ann.submit("main", std::slice::from_ref(&first)).await?;
        assert_eq!(repeat, [Outcome::Applied { seq: position, durability: Durability::Fsynced }]);
        let stale = author.set("mine", "text", "ann's next");
        assert!(matches!(ann.submit("main", &[stale]).await?[0], Outcome::Conflict(_)));
        ann.apply("main", author.increment("counter", "count", 1)).await?;
    }
    assert_eq!(server.rest().board("main").await?.field("counter", "count"), json!(2));
    Ok(())
}

fn is_not_yours(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Rejected(rejection) if rejection.reason == Reason::NotYours)
}

#[tokio::test]
async fn operations_over_rest_need_a_key() -> Result<()> {
    let server = Server::start().await?;
    let op = Author::new("ann").increment("counter", "count", 1);
    let submit = vec![Submit { board: "main".parse()?, settled_through: 0, ops: vec![op] }];
    let post = RealtimePost { client: "ann".parse()?, key: None, submit, since: [].into() };
    let problem = server.rest().post("/api/realtime", &post).await?.problem(400)?;
    assert_eq!(problem.detail, "operations need the key of their client");
    Ok(())
}

#[tokio::test]
async fn a_socket_is_one_clients_and_another_hello_ends_it() -> Result<()> {
    let server = Server::start().await?;
    for (client, key) in [("bob", Some("ann")), ("ann", Some("bob")), ("ann", None)] {
        let mut socket = Client::join(server.address(), "ann").await?;
        let before = socket.hello("ann").await?;
        assert_eq!(before.client, None, "the same again is fine");
        socket.apply("main", Author::new("ann").op("welcome", Action::set([("by", client)]))).await.ok();
        assert!(socket.hello_with(client, key.map(key_of)).await.is_err());
        assert_eq!(socket.closed().await?.code, Some(4000));
    }
    Ok(())
}

#[tokio::test]
async fn without_a_key_a_client_lasts_as_long_as_its_socket() -> Result<()> {
    let server = Server::start().await?;
    let mut socket = Client::connect(server.address()).await?;
    let made_up = socket.hello_with("ann", None).await?.client.context("the server makes one up")?;
    assert_eq!(socket.hello_with("ann", None).await?.client.as_ref(), Some(&made_up), "and stays with it");
    let mut author = Author::new(made_up.as_str());
    socket.apply("main", author.increment("counter", "count", 1)).await?;
    let of_ann = Author::new("ann").increment("counter", "count", 1);
    assert_eq!(socket.rejection("main", of_ann.clone()).await?.reason, Reason::NotYours);
    Client::join(server.address(), "ann").await?.apply("main", of_ann).await?;

    let mut next = Client::connect(server.address()).await?;
    assert_ne!(next.hello_with("ann", None).await?.client, Some(made_up.clone()));
    let mut heir = Client::join(server.address(), made_up.as_str()).await?;
    for socket in [&mut next, &mut heir] {
        let op = author.increment("counter", "count", 1);
        assert_eq!(socket.rejection("main", op).await?.reason, Reason::NotYours);
    }
    Ok(())
}

#[tokio::test]
async fn a_name_in_the_address_brings_a_client_that_ones_own_hello_replaces() -> Result<()> {
    let server = Server::start().await?;
    let (mut socket, ready) = Client::named(server.address(), "ann").await?;
    let made_up = ready.client.context("the server makes one up")?;
    socket.apply("main", Author::new(made_up.as_str()).increment("counter", "count", 1)).await?;
    let own = socket.hello("c_ann").await?;
    assert_eq!((own.user.as_str(), own.client), ("ann", None));
    socket.apply("main", Author::new("c_ann").increment("counter", "count", 1)).await?;
    assert!(socket.hello("c_bob").await.is_err());
    assert_eq!(socket.closed().await?.code, Some(4000));
    Ok(())
}

#[tokio::test]
async fn the_same_id_with_other_content_is_never_answered_by_the_firsts_outcome() -> Result<()> {
    let mut server = Server::start().await?;
    let [mut one, mut clone] = [Author::new("ann"), Author::new("ann")];
    let mut ann = Client::join(server.address(), "ann").await?;
    ann.apply("main", one.set_add("counter", "tags", "one")).await?;
    server.kill().await?;
    server.restart().await?;
    let mut other = Client::join(server.address(), "ann").await?;
    let theirs = clone.set_add("counter", "tags", "other");
    let refused = other.rejection("main", theirs).await?;
    assert_eq!((refused.reason, refused.last_n), (Reason::IdReused, Some(1)));
    let board = server.rest().board("main").await?;
    assert_eq!(board.field("counter", "tags"), json!(["one"]));
    Ok(())
}

#[tokio::test]
async fn a_client_that_lets_too_many_outcomes_stand_waits_and_loses_none() -> Result<()> {
    let server = Launch::default().flag("--client-outcomes", 3).start().await?;
    let mut author = Author::new("ann");
    let mut ann = Client::join(server.address(), "ann").await?;
    let ops: Vec<_> = (0..5).map(|_| author.increment("counter", "count", 1)).collect();
    let outcomes = ann.submit("main", &ops).await?;
    let is_applied = |outcome: &&Outcome| matches!(outcome, Outcome::Applied { .. });
    assert_eq!(outcomes.iter().take_while(is_applied).count(), 3);
    for waits in &outcomes[3..] {
        assert!(matches!(waits, Outcome::Rejected(rejection) if rejection.reason == Reason::RateLimited), "{waits:?}");
    }
    assert_eq!(ann.submit("main", &ops[..3]).await?, outcomes[..3]);
    assert!(ann.submit_settled("main", 3, &ops[3..]).await?.iter().all(|outcome| is_applied(&outcome)));
    Ok(())
}

#[tokio::test]
async fn a_repeat_from_a_forgotten_client_is_said_to_be_unknown_and_changes_nothing() -> Result<()> {
    let server = Launch::default().flag("--client-age-s", 1).start().await?;
    let op = Author::new("ann").increment("counter", "count", 1);
    Client::join(server.address(), "ann").await?.apply("main", op.clone()).await?;
    let mut bob = Client::join(server.address(), "bob").await?;
    let mut author = Author::new("bob");
    let again = Operation { again: true, ..op };
    let forgotten = within("the client is forgotten", async {
        loop {
            bob.apply("main", author.set("counter", "by", "bob")).await?;
            match Client::join(server.address(), "ann")
                .await?
                .submit("main", std::slice::from_ref(&again))
                .await?
                .remove(0)
            {
                Outcome::Applied { .. } => {}
                Outcome::Rejected(rejection) => return Ok::<_, anyhow::Error>(rejection.reason),
                outcome @ Outcome::Conflict(_) => anyhow::bail!("{outcome:?}"),
            }
        }
    });
    assert_eq!(forgotten.await??, Reason::UnknownClient);
    assert_eq!(server.rest().board("main").await?.field("counter", "count"), json!(1));
    Ok(())
}

#[tokio::test]
async fn clients_that_come_push_nobody_out() -> Result<()> {
    let server = Launch::default().flag("--client-bytes", 4_096).start().await?;
    let op = Author::new("ann").increment("counter", "count", 1);
    let first = Client::join(server.address(), "ann").await?.submit("main", std::slice::from_ref(&op)).await?;
    let mut reasons = Vec::new();
    for n in 0..20 {
        let client = format!("c_{n}");
        let mut other = Client::join(server.address(), &client).await?;
        let outcome = other.submit("main", &[Author::new(&client).set_add("counter", "tags", n)]).await?.remove(0);
        if let Outcome::Rejected(rejection) = outcome {
            reasons.push(rejection.reason);
        }
    }
    assert_eq!(reasons, [Reason::RateLimited; 10], "a client of the demo content, ann and ten others fit");
    let again = Client::join(server.address(), "ann").await?.submit("main", &[op]).await?;
    assert!(again == first || is_settled(&again[0]), "{again:?}");
    assert_eq!(server.rest().board("main").await?.field("counter", "count"), json!(1));
    Ok(())
}

fn is_settled(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Rejected(rejection) if rejection.reason == Reason::AlreadySettled)
}
