//! History: a board as it was, and the events that made it, for as long as the log keeps them.

use anyhow::Result;
use serde_json::json;
use tideboard_shared::{
    Board, Seq,
    message::{BoardReply, Event, EventsReply},
};
use tideboard_tests::{Author, BoardView, Client, Launch, Rest, Server, within};

async fn board_at(rest: &Rest, seq: u64) -> Result<(BoardReply, Board)> {
    let reply: BoardReply = rest.get(&format!("/api/boards/main?at={seq}"), &[]).await?.json()?;
    let board = reply.entities.iter().cloned().collect();
    Ok((reply, board))
}

async fn page(rest: &Rest, query: &str) -> Result<EventsReply> {
    rest.get(&format!("/api/boards/main/events{query}"), &[]).await?.json()
}

async fn everything(rest: &Rest) -> Result<(Seq, Vec<Event>)> {
    let mut newest = page(rest, "?limit=500").await?;
    while let Some(first) = newest.events.first().filter(|first| first.seq > newest.oldest.next()) {
        let older = page(rest, &format!("?limit=500&before={}", first.seq)).await?;
        newest.events.splice(0..0, older.events);
    }
    Ok((newest.oldest, newest.events))
}

/// Makes edits of every kind. Returns the board after each of them, as a subscriber saw it, and all events.
async fn lived_through(server: &Server, rounds: u64) -> Result<(Vec<BoardView>, Vec<Event>)> {
    let mut writer = Client::join(server.address(), "writer").await?;
    let mut author = Author::new("writer");
    let mut reader = Client::join(server.address(), "reader").await?;
    let mut seen = reader.open_board("main").await?;
    let mut lives = vec![seen.clone()];
    let mut all = Vec::new();
    for n in 0..rounds {
        author.saw(seen.seq);
        let note = format!("note-{n}");
        let ops = [
            author.create(&note, "x"),
            author.set_add("welcome", "tags", n),
            author.increment("counter", "count", 1),
            author.set(&note, "text", n),
            author.remove(&format!("note-{}", n / 2)),
        ];
        // Operations of one submit are one row of the log, and the board can be shown in the middle of the row, too.
        writer.submit("main", &ops).await?;
        let known = seen.seq;
        let now = server.rest().board("main").await?.seq;
        for event in reader.follow("main", &mut seen, now).await? {
            let mut before = lives.last().expect("one at least").clone();
            before.follow(std::slice::from_ref(&event))?;
            lives.push(before);
            all.push(event);
        }
        assert!(seen.seq > known);
    }
    Ok((lives, all))
}

#[tokio::test]
async fn the_board_is_shown_as_it_was_at_each_event_also_after_kill_9() -> Result<()> {
    let mut server = Launch::default().flag("--snapshot-every", 7).start().await?;
    let (lives, events) = lived_through(&server, 8).await?;
    for _ in 0..2 {
        for life in &lives {
            let (reply, board) = board_at(&server.rest(), life.seq.0).await?;
            assert_eq!((&reply.epoch, reply.seq, &board), (&life.epoch, life.seq, &life.board));
        }
        let (oldest, all) = everything(&server.rest()).await?;
        assert_eq!(oldest, Seq::ZERO);
        assert_eq!(all[all.len() - events.len()..], events);
        server.kill().await?;
        server.restart().await?;
    }
    assert!(board_at(&server.rest(), 0).await?.1.is_empty());
    Ok(())
}

#[tokio::test]
async fn what_is_no_longer_kept_is_410_and_says_from_where_there_is_more() -> Result<()> {
    let launch = Launch::default().flag("--snapshot-every", 5).flag("--retain-events", 10);
    let mut server = launch.flag("--history-events", 30).start().await?;
    let mut writer = Client::join(server.address(), "writer").await?;
    let mut author = Author::new("writer");
    // Snapshots are taken beside the edits, so there is no telling after which of them the first events are dropped.
    let trimmed = within("first events to be dropped", async {
        loop {
            writer.apply("main", author.increment("counter", "count", 1)).await?;
            if page(&server.rest(), "").await?.oldest > Seq(30) {
                return anyhow::Ok(());
            }
        }
    });
    trimmed.await??;
    // Nothing is dropped any more once nobody writes, but a snapshot may still be on its way.
    server.kill().await?;
    server.restart().await?;
    let rest = server.rest();
    let newest = rest.board("main").await?;
    let (oldest, events) = everything(&rest).await?;
    assert!(oldest.0 + 30 <= newest.seq.0 && oldest.0 + 60 > newest.seq.0, "{oldest} of {}", newest.seq);
    assert!(events.iter().map(|event| event.seq.0).eq(oldest.0 + 1..=newest.seq.0));
    let (_, mut board) = board_at(&rest, oldest.0).await?;
    for event in &events {
        board.apply(&event.op, event.seq).expect("it applied once");
        assert_eq!(board_at(&rest, event.seq.0).await?.1, board);
    }
    assert_eq!(board, newest.board);
    for path in [format!("?at={}", oldest.0 - 1), format!("/events?before={oldest}")] {
        let problem = rest.get(&format!("/api/boards/main{path}"), &[]).await?.problem(410)?;
        assert!(problem.detail.contains(&format!("from seq {oldest} on")), "{problem:?}");
    }
    Ok(())
}

#[tokio::test]
async fn events_come_in_pages_of_fifty_or_as_many_as_asked_for() -> Result<()> {
    let server = Server::start().await?;
    let mut writer = Client::join(server.address(), "writer").await?;
    let mut author = Author::new("writer");
    let ops: Vec<_> = (0..60).map(|_| author.increment("counter", "count", 1)).collect();
    let newest = writer.apply_all("main", &ops).await?;
    let rest = server.rest();
    let last = page(&rest, "").await?;
    assert_eq!((last.events.len(), last.events.last().map(|event| event.seq)), (50, Some(newest)));
    assert_eq!(last.events[0].by, "guest");
    let three = page(&rest, &format!("?before={newest}&limit=3")).await?;
    assert!(three.events.iter().map(|event| event.seq.0).eq(newest.0 - 3..newest.0));
    assert_eq!(page(&rest, "?before=1").await?.events, []);
    for limit in ["0", "501", "-1", "many"] {
        rest.get(&format!("/api/boards/main/events?limit={limit}"), &[]).await?.problem(400)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_place_ahead_of_the_board_is_404_and_names_the_newest() -> Result<()> {
    let server = Server::start().await?;
    let newest = server.rest().board("main").await?.seq;
    assert_eq!(board_at(&server.rest(), newest.0).await?.0.seq, newest);
    for path in [format!("?at={}", newest.0 + 1), format!("/events?before={}", newest.0 + 2)] {
        let problem = server.rest().get(&format!("/api/boards/main{path}"), &[]).await?.problem(404)?;
        assert!(problem.detail.contains(&format!("at seq {newest}")), "{problem:?}");
    }
    server.rest().get("/api/boards/main?at=soon", &[]).await?.problem(400)?;
    server.rest().get("/api/boards/nowhere?at=0", &[]).await?.problem(404)?;
    server.rest().get("/api/boards/nowhere/events", &[]).await?.problem(404)?;
    Ok(())
}

#[tokio::test]
async fn the_past_is_shown_while_the_board_goes_on() -> Result<()> {
    let server = Launch::default().flag("--snapshot-every", 10).start().await?;
    let start = server.rest().board("main").await?;
    let mut writer = Client::join(server.address(), "writer").await?;
    let mut author = Author::new("writer");
    let write = async {
        for _ in 0..100 {
            writer.apply("main", author.increment("counter", "count", 1)).await?;
        }
        anyhow::Ok(())
    };
    let read = async {
        for _ in 0..50 {
            let (reply, board) = board_at(&server.rest(), start.seq.0).await?;
            assert_eq!((reply.seq, board), (start.seq, start.board.clone()));
        }
        anyhow::Ok(())
    };
    tokio::try_join!(write, read)?;
    assert_eq!(server.rest().board("main").await?.field("counter", "count"), json!(100));
    Ok(())
}
