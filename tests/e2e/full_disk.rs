//! A disk that is full for a while.

use anyhow::Result;
use tempfile::TempDir;
use tideboard_shared::{Outcome, Reason, message::Status};
use tideboard_tests::{Author, Client, Launch, Server, within};

/// Waits until the server says this of itself.
async fn status(server: &Server, wanted: &str) -> Result<Status> {
    let wait = async {
        loop {
            let status = server.rest().status().await?;
            if status.status == wanted {
                return anyhow::Ok(status);
            }
        }
    };
    within(&format!("status {wanted}"), wait).await?
}

#[tokio::test]
async fn a_full_disk_is_told_to_authors_and_operators_loses_no_acknowledged_edit_and_heals_by_itself() -> Result<()> {
    let control = TempDir::new()?;
    let full = control.path().join("full");
    let launch =
        Launch::default().program(env!("CARGO_BIN_EXE_powercut")).variable("POWERCUT_FULL_WHILE", full.display());
    let mut server = launch.start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    let mut author = Author::new("ann");
    ann.apply("main", author.create("before", "x")).await?;

    std::fs::write(&full, "")?;
    let refused = author.create("during", "x");
    let outcome = ann.submit("main", std::slice::from_ref(&refused)).await?.remove(0);
    let Outcome::Rejected(rejection) = &outcome else { panic!("{outcome:?}") };
    assert_eq!(rejection.reason, Reason::Unavailable);
    assert!(rejection.message.contains("could not be stored; send it again later"), "{}", rejection.message);
    let why = status(&server, "not_ready").await?.why.unwrap_or_default();
    assert!(why.contains("full"), "{why}");
    let problem = server.rest().get("/api/realtime/ready", &[]).await?.problem(503)?;
    assert!(problem.detail.contains("full"), "{}", problem.detail);
    // What was stored is shown all the while, and nothing of what was not.
    let board = server.rest().board("main").await?;
    assert!(board.entity("before").is_some() && board.entity("during").is_none());

    std::fs::remove_file(&full)?;
    // Nobody submits anything meanwhile: it has to find out by itself.
    assert_eq!(status(&server, "ok").await?.why, None);
    assert_eq!(server.rest().get("/api/realtime/ready", &[]).await?.status, 200);
    ann.apply("main", refused).await?;

    server.kill().await?;
    server.restart().await?;
    let board = server.rest().board("main").await?;
    assert!(board.entity("before").is_some() && board.entity("during").is_some());
    Ok(())
}
