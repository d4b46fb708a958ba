//! Notifications reach those they are meant for, and nobody else.

use anyhow::Result;
use serde_json::{Value, json};
use tideboard_shared::{
    ServerMessage,
    message::{Level, Notification},
};
use tideboard_tests::{Client, Server};

async fn send(server: &Server, to: Value, title: &str) -> Result<()> {
    let body = json!({"to": to, "level": "warning", "title": title, "body": "please look"});
    let reply = server.rest().post("/api/notifications", &body).await?;
    assert_eq!(reply.status, 202, "{}", reply.text());
    Ok(())
}

fn title(message: &ServerMessage) -> Option<Notification> {
    match message {
        ServerMessage::Notification(notification) => Some(notification.clone()),
        _ => None,
    }
}

async fn listening(server: &Server, user: &str) -> Result<Client> {
    let (mut client, _) = Client::named(server.address(), user).await?;
    client.subscribe_to("notifications").await?;
    Ok(client)
}

/// Titles of everything that `client` was told until now.
async fn titles(client: &mut Client) -> Result<Vec<String>> {
    Ok(client.drain().await?.iter().filter_map(title).map(|notification| notification.title).collect())
}

#[tokio::test]
async fn everyone_gets_what_is_for_all() -> Result<()> {
    let server = Server::start().await?;
    let mut both = [listening(&server, "ann").await?, listening(&server, "bob").await?];
    send(&server, json!({"all": true}), "Deploy").await?;
    let mut ids = Vec::new();
    for client in &mut both {
        let notification = client.expect("notification", title).await?;
        assert_eq!((notification.level, notification.title.as_str()), (Level::Warning, "Deploy"));
        assert_eq!(notification.body, "please look");
        assert!(notification.at.0 > 0);
        ids.push(notification.id);
    }
    assert_eq!(ids[0], ids[1], "one name, so that it can be dismissed everywhere");
    Ok(())
}

#[tokio::test]
async fn a_user_gets_theirs_in_every_tab() -> Result<()> {
    let server = Server::start().await?;
    let mut tabs = [listening(&server, "ann").await?, listening(&server, "ann").await?];
    let mut bob = listening(&server, "bob").await?;
    send(&server, json!({"user": "ann"}), "For Ann").await?;
    for tab in &mut tabs {
        assert_eq!(tab.expect("notification", title).await?.title, "For Ann");
    }
    assert_eq!(titles(&mut bob).await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn those_on_a_board_get_what_is_for_the_board() -> Result<()> {
    let server = Server::start().await?;
    let mut on_board = listening(&server, "ann").await?;
    on_board.open_board("main").await?;
    let mut elsewhere = listening(&server, "bob").await?;
    send(&server, json!({"board": "main"}), "On main").await?;
    assert_eq!(on_board.expect("notification", title).await?.title, "On main");
    assert_eq!(titles(&mut elsewhere).await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn who_did_not_subscribe_hears_nothing() -> Result<()> {
    let server = Server::start().await?;
    let (mut deaf, _) = Client::named(server.address(), "ann").await?;
    let mut other = listening(&server, "ann").await?;
    send(&server, json!({"all": true}), "Deploy").await?;
    other.expect("notification", title).await?;
    assert_eq!(titles(&mut deaf).await?, Vec::<String>::new());
    Ok(())
}
