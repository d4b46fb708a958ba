//! An operation is applied once, however often and whichever way it comes.

use anyhow::Result;
use serde_json::json;
use tideboard_shared::{OpId, Outcome, Reason};
use tideboard_tests::{Author, Client, Server};

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
async fn nobody_can_use_up_anothers_numbers() -> Result<()> {
    let server = Server::start().await?;
    let op = Author::new("ann").increment("counter", "count", 1);
    let mut mallory = Client::join(server.address(), "mallory").await?;
    assert_eq!(mallory.rejection("main", op.clone()).await?.reason, Reason::Forbidden);
    let mut stolen = op.clone();
    stolen.id = OpId { client: op.id.client.clone(), n: 1_000 };
    assert_eq!(mallory.rejection("main", stolen).await?.reason, Reason::Forbidden);
    Client::join(server.address(), "ann").await?.apply("main", op).await?;
    Ok(())
}
