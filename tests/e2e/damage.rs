//! A byte of the log that is not what was written.

use std::fs;

use anyhow::{Context, Result};
use tideboard_tests::{Author, Client, Launch};

#[tokio::test]
async fn a_flipped_byte_sets_its_board_aside_with_file_and_row_and_the_rest_serves() -> Result<()> {
    let mut server = Launch::default().boards(["hurt", "sound"]).start().await?;
    let mut ann = Client::join(server.address(), "ann").await?;
    for board in ["hurt", "sound"] {
        let mut author = Author::new("ann");
        for n in 1..=3 {
            ann.apply(board, author.create(&format!("{board}-{n}"), "as it was written")).await?;
        }
    }
    let sound = server.rest().board("sound").await?;
    server.terminate()?;
    assert!(server.ended().await?.success());

    let path = server.data().join("log.db");
    let mut log = fs::read(&path)?;
    let text = b"hurt-2";
    let at = log.windows(text.len()).position(|found| found == text).context("the row is in the file")?;
    log[at] ^= 0x20;
    fs::write(&path, log)?;

    server.restart().await?;
    let problem = server.rest().get("/api/boards/hurt", &[]).await?.problem(503)?;
    assert!(problem.detail.contains("set aside") && problem.detail.contains("row 2 in"), "{}", problem.detail);
    assert!(problem.detail.contains("log.db"), "{}", problem.detail);
    assert_eq!(server.rest().board("sound").await?, sound);
    Client::join(server.address(), "bea").await?.apply("sound", Author::new("bea").create("later", "x")).await?;
    Ok(())
}
