//! Refusals: an operation that does not apply is refused with everything the user needs to decide.

use anyhow::Result;
use serde_json::{Value, json};
use tideboard_shared::{Action, OnConflict, Outcome, Reason, Seq};
use tideboard_tests::{Author, Client, Server};

#[tokio::test]
async fn a_conflict_says_what_was_what_is_and_what_would_have_been() -> Result<()> {
    let server = Server::start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    let mut bob = Client::join(server.address(), "bob").await?;
    let mut by_ann = Author::new("ann");
    let mut by_bob = Author::new("bob");
    let base = ann.apply("main", by_ann.create("plan", "first")).await?;
    let theirs = ann.apply("main", by_ann.set("plan", "text", "ann's")).await?;

    by_bob.saw(base);
    let late = by_bob.set("plan", "text", "bob's");
    let outcome = bob.submit("main", std::slice::from_ref(&late)).await?.remove(0);
    let Outcome::Conflict(conflict) = outcome else { panic!("{outcome:?}") };
    assert_eq!(conflict.theirs_version, theirs);
    let field = &conflict.fields[0];
    assert_eq!(conflict.fields.len(), 1);
    assert_eq!(
        (field.name.as_str(), &field.base, &field.theirs, &field.yours),
        ("text", &Some(json!("first")), &Some(json!("ann's")), &Some(json!("bob's")))
    );

    let mut anyway = by_bob.set("plan", "text", "bob's");
    anyway.on_conflict = OnConflict::Overwrite;
    bob.apply("main", anyway).await?;
    assert_eq!(bob.open_board("main").await?.field("plan", "text"), json!("bob's"));
    Ok(())
}

#[tokio::test]
async fn edits_of_different_fields_merge() -> Result<()> {
    let server = Server::start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    let mut bob = Client::join(server.address(), "bob").await?;
    let mut by_ann = Author::new("ann");
    ann.apply("main", by_ann.create("plan", "first")).await?;
    ann.apply("main", by_ann.set("plan", "color", "red")).await?;
    bob.apply("main", Author::new("bob").set("plan", "size", 3)).await?;
    let seen = bob.open_board("main").await?;
    assert_eq!((seen.field("plan", "color"), seen.field("plan", "size")), (json!("red"), json!(3)));
    Ok(())
}

#[tokio::test]
async fn removing_what_another_changed_is_a_conflict() -> Result<()> {
    let server = Server::start().await?;
    Client::join(server.address(), "ann").await?.apply("main", Author::new("ann").create("plan", "new")).await?;
    let outcome = Client::join(server.address(), "bob")
        .await?
        .submit("main", &[Author::new("bob").remove("plan")])
        .await?
        .remove(0);
    assert!(matches!(outcome, Outcome::Conflict(_)), "{outcome:?}");
    Ok(())
}

#[tokio::test]
async fn each_kind_of_mistake_has_its_reason() -> Result<()> {
    let server = Server::start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    let mut by_ann = Author::new("ann");
    ann.apply("main", by_ann.create("plan", "words")).await?;
    let big = "x".repeat(70_000);
    let unset = Action::Patch { set: [].into(), unset: ["text".to_owned()].into() };
    let cases = [
        (by_ann.set("nowhere", "a", 1), Reason::UnknownEntity),
        (by_ann.op("nowhere", unset), Reason::UnknownEntity),
        (by_ann.remove("nowhere"), Reason::UnknownEntity),
        (by_ann.create("plan", "again"), Reason::Exists),
        (by_ann.increment("plan", "text", 1), Reason::NotANumber),
        (by_ann.set_add("plan", "text", 1), Reason::NotASet),
        (by_ann.set_remove("plan", "text", 1), Reason::NotASet),
        (by_ann.set("plan", "text", big), Reason::TooLarge),
        (by_ann.create("a/b", "x"), Reason::InvalidName),
        (by_ann.set("plan", "a*", 1), Reason::InvalidName),
    ];
    for (op, reason) in cases {
        let shown = format!("{} of {}", op.action.name(), op.entity);
        let rejection = ann.rejection("main", op).await?;
        assert_eq!(rejection.reason, reason, "{shown}");
        assert!(!rejection.message.is_empty(), "{shown}");
    }
    assert_eq!(ann.open_board("main").await?.field("plan", "text"), json!("words"), "nothing changed");
    Ok(())
}

#[tokio::test]
async fn a_refused_operation_does_not_spoil_its_neighbours() -> Result<()> {
    let server = Server::start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    let mut author = Author::new("ann");
    let ops = [author.create("a", "1"), author.set("nowhere", "x", 1), author.create("b", "2")];
    let outcomes = ann.submit("main", &ops).await?;
    assert!(matches!(outcomes[0], Outcome::Applied { .. }), "{outcomes:?}");
    assert!(matches!(outcomes[1], Outcome::Rejected(_)), "{outcomes:?}");
    assert!(matches!(outcomes[2], Outcome::Applied { .. }), "{outcomes:?}");
    Ok(())
}

#[tokio::test]
async fn a_board_that_does_not_exist_takes_nothing() -> Result<()> {
    let server = Server::start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    let mut author = Author::new("ann");
    let ops = [author.create("a", "1"), author.create("b", "2")];
    for outcome in ann.submit("nowhere", &ops).await? {
        let Outcome::Rejected(rejection) = outcome else { panic!("{outcome:?}") };
        assert_eq!(rejection.reason, Reason::Forbidden);
    }
    let over_rest = server.rest().submit(author.client(), "nowhere", &ops).await?;
    assert!(
        over_rest.iter().all(|result| matches!(&result.outcome, Outcome::Rejected(r) if r.reason == Reason::Forbidden))
    );
    Ok(())
}

#[tokio::test]
async fn numbers_add_up_exactly_and_sets_hold_each_value_once() -> Result<()> {
    let server = Server::start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    let mut author = Author::new("ann");
    let ops = [
        author.increment("counter", "count", i64::from(i32::MAX)),
        author.increment("counter", "count", -5),
        author.set_add("welcome", "tags", "b"),
        author.set_add("welcome", "tags", "a"),
        author.set_add("welcome", "tags", "b"),
        author.set_add("welcome", "tags", "c"),
        author.set_remove("welcome", "tags", "c"),
    ];
    assert!(ann.apply_all("main", &ops).await? > Seq::ZERO);
    let seen = ann.open_board("main").await?;
    assert_eq!(seen.field("counter", "count"), json!(i64::from(i32::MAX) - 5));
    assert_eq!(seen.field("welcome", "tags"), Value::from(vec!["a", "b"]));
    Ok(())
}
