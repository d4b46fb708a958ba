//! Wrong settings end the server at once, with a sentence that says what to do.

use anyhow::Result;
use tideboard_shared::Durability;
use tideboard_tests::{Client, Launch, Server};

#[tokio::test]
async fn a_bind_for_all_needs_to_be_meant() -> Result<()> {
    let message = Launch::default().failure(&["--bind", "0.0.0.0:0"]).await?;
    assert!(message.contains("--insecure") && message.contains("0.0.0.0"), "{message}");
    Ok(())
}

#[tokio::test]
async fn an_unknown_flag_is_named() -> Result<()> {
    let message = Launch::default().failure(&["--colour", "blue"]).await?;
    assert!(message.contains("--colour"), "{message}");
    Ok(())
}

#[tokio::test]
async fn a_value_out_of_range_is_named_with_its_range() -> Result<()> {
    for (flag, value) in
        [("--snapshot-every", "0"), ("--host-rate-hz", "-1"), ("--host-rate-hz", "fast"), ("--bind", "here")]
    {
        let message = Launch::default().failure(&[&format!("{flag}={value}")]).await?;
        assert!(message.contains(flag) && message.contains(value), "{flag} {value}: {message}");
    }
    Ok(())
}

#[tokio::test]
async fn a_bad_board_name_is_named() -> Result<()> {
    let message = Launch::default().failure(&["--board", "a/b"]).await?;
    assert!(message.contains("a/b") && message.contains('/'), "{message}");
    Ok(())
}

#[tokio::test]
async fn a_variable_is_checked_like_a_flag() -> Result<()> {
    for (variable, value, allowed) in [
        ("TIDEBOARD_SNAPSHOT_EVERY", "0", "1 to 10000000"),
        ("TIDEBOARD_STORE", "disk", "sqlite, memory"),
        ("TIDEBOARD_BOARD", "main,a/b", "no control characters"),
    ] {
        let message = Launch::default().variable(variable, value).failure(&[]).await?;
        assert!(message.contains(variable) && message.contains(allowed), "{message}");
    }
    Ok(())
}

#[tokio::test]
async fn a_list_in_a_variable_has_commas() -> Result<()> {
    let server = Launch::default().boards([]).variable("TIDEBOARD_BOARD", "a,b").start().await?;
    let mut client = Client::join(server.address(), "ann").await?;
    client.open_board("a").await?;
    client.open_board("b").await?;
    Ok(())
}

#[tokio::test]
async fn a_switch_in_a_variable_is_true_or_false() -> Result<()> {
    let launch = || Launch::default().variable("TIDEBOARD_INSECURE", "false");
    let message = launch().failure(&["--bind", "0.0.0.0:0"]).await?;
    assert!(message.contains("--insecure"), "{message}");
    let message = Launch::default().variable("TIDEBOARD_INSECURE", "maybe").failure(&[]).await?;
    assert!(message.contains("TIDEBOARD_INSECURE") && message.contains("true, false"), "{message}");
    Ok(())
}

#[tokio::test]
async fn a_flag_wins_over_a_variable_and_a_variable_over_the_file() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("tideboard.toml");
    std::fs::write(&file, "store = \"memory\"\nheartbeat_ms = 1111\npresence_ttl_ms = 50\n")?;
    let launch = Launch::default().flag("--config", file.display()).variable("TIDEBOARD_STORE", "memory");
    let server = launch.variable("TIDEBOARD_HEARTBEAT_MS", 2222).start().await?;
    let welcome = Client::connect(server.address()).await?.welcome().await?;
    assert_eq!((welcome.durability, welcome.heartbeat_ms), (Durability::Fsynced, 2222), "the flag says sqlite");
    Ok(())
}

#[tokio::test]
async fn a_port_in_use_is_named() -> Result<()> {
    let server = Server::start().await?;
    let address = server.address().to_string();
    let message = Launch::default().failure(&["--bind", &address]).await?;
    assert!(message.contains(&address) && message.contains("in use"), "{message}");
    Ok(())
}

#[tokio::test]
async fn an_unknown_setting_in_the_file_is_named() -> Result<()> {
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("tideboard.toml");
    std::fs::write(&file, "colour = \"blue\"\n")?;
    let path = file.display().to_string();
    let message = Launch::default().failure(&["--config", &path]).await?;
    assert!(message.contains("colour") && message.contains(&path), "{message}");
    Ok(())
}

#[tokio::test]
async fn a_missing_file_is_named() -> Result<()> {
    let message = Launch::default().failure(&["--config", "nowhere.toml"]).await?;
    assert!(message.contains("nowhere.toml"), "{message}");
    Ok(())
}
