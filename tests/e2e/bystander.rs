//! Bystander: a client that does nothing wrong while others do.

use anyhow::{Context, Result, ensure};
use tideboard_shared::ServerMessage;
use tideboard_tests::{Author, BoardView, Client, Server};

/// Connected client that is subscribed to a board.
pub(crate) struct Bystander {
    client: Client,
    seen: BoardView,
    author: Author,
}

impl Bystander {
    pub(crate) async fn join(server: &Server) -> Result<Self> {
        let mut client = Client::join(server.address(), "bystander").await?;
        client.welcome().await?;
        let seen = client.open_board("main").await?;
        Ok(Self { client, seen, author: Author::new("bystander") })
    }

    /// Checks that the connection is the same, heard of nothing but the board, and that board and server still work.
    pub(crate) async fn stays_unharmed(mut self) -> Result<()> {
        for message in self.client.drain().await.context("the bystander lost its connection")? {
            let ServerMessage::Updates { events, .. } = &message else {
                anyhow::bail!("the bystander was told {message:?}");
            };
            self.seen.follow(events)?;
        }
        let seq = self.client.apply("main", self.author.increment("counter", "count", 1)).await?;
        self.client.follow("main", &mut self.seen, seq).await?;
        ensure!(self.seen.board == self.client.open_board("main").await?.board, "the bystander's board is another");
        Ok(())
    }
}
