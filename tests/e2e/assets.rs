//! App files as the server hands them out.

use std::io::Read as _;

use anyhow::Result;
use tideboard_tests::{Reply, Server, Site};

async fn get(server: &Server, path: &str, accept: &str) -> Result<Reply> {
    server.rest().get(path, &[("accept-encoding", accept)]).await
}

#[tokio::test]
async fn a_hashed_file_is_kept_for_ever() -> Result<()> {
    let server = Server::start().await?;
    let reply = get(&server, Site::SCRIPT_PATH, "identity").await?;
    assert_eq!((reply.status, reply.text()), (200, Site::script()));
    let cache = reply.header("cache-control");
    assert!(cache.contains("immutable") && cache.contains("max-age=31536000"), "{cache}");
    assert!(reply.header("content-type").starts_with("text/javascript"), "{}", reply.header("content-type"));
    Ok(())
}

#[tokio::test]
async fn the_page_is_asked_for_again_every_time() -> Result<()> {
    let server = Server::start().await?;
    let reply = get(&server, "/", "identity").await?;
    assert_eq!((reply.status, reply.text().as_str()), (200, Site::INDEX));
    assert_eq!(reply.header("cache-control"), "no-cache");
    let tag = reply.header("etag").to_owned();
    assert!(!tag.is_empty());
    let again = server.rest().get("/", &[("if-none-match", &tag), ("accept-encoding", "identity")]).await?;
    assert_eq!((again.status, again.body.len()), (304, 0));
    Ok(())
}

#[tokio::test]
async fn the_page_is_alone_with_itself() -> Result<()> {
    let server = Server::start().await?;
    let reply = get(&server, "/", "identity").await?;
    for (header, part) in [
        ("content-security-policy", "form-action 'self'"),
        ("content-security-policy", "frame-ancestors 'none'"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=()"),
        ("referrer-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert!(reply.header(header).contains(part), "{header}: {}", reply.header(header));
    }
    Ok(())
}

#[tokio::test]
async fn brotli_and_gzip_go_to_those_who_take_them() -> Result<()> {
    let server = Server::start().await?;
    for (accept, encoding) in [
        ("gzip, deflate, br", "br"),
        ("br;q=1.0, gzip;q=0.5", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("identity", ""),
        ("", ""),
    ] {
        let reply = get(&server, Site::SCRIPT_PATH, accept).await?;
        assert_eq!(reply.header("content-encoding"), encoding, "for '{accept}'");
        assert_eq!(unpacked(&reply)?, Site::script(), "for '{accept}'");
        assert!(reply.header("vary").to_ascii_lowercase().contains("accept-encoding"), "for '{accept}'");
        assert_eq!(encoding.is_empty(), reply.body.len() == Site::script().len(), "for '{accept}'");
        assert!(reply.header("content-type").starts_with("text/javascript"), "for '{accept}'");
    }
    Ok(())
}

#[tokio::test]
async fn an_unknown_page_is_the_app_and_an_unknown_file_is_not() -> Result<()> {
    let server = Server::start().await?;
    // Values of `Accept` that browsers send for pages, and for everything else.
    let page = [("accept", "text/html,*/*;q=0.8")];
    let file = [("accept", "*/*")];
    for path in ["/gallery/use_websocket", "/boards/main"] {
        let reply = server.rest().get(path, &page).await?;
        assert_eq!((reply.status, reply.text().as_str()), (200, Site::INDEX), "{path}");
        assert_eq!(reply.header("cache-control"), "no-cache", "{path}");
    }
    for path in ["/app-0000000000000000.js", "/missing.css", "/app.wasm"] {
        server.rest().get(path, &file).await?.problem(404)?;
    }
    Ok(())
}

#[tokio::test]
async fn nothing_outside_the_folder_is_handed_out() -> Result<()> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let server = Server::start().await?;
    for path in ["/../data/tideboard.db", "/..%2fdata%2ftideboard.db", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd"] {
        // Sent over a bare socket, because an HTTP client would tidy the path first.
        let mut socket = tokio::net::TcpStream::connect(server.address().to_string()).await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address());
        socket.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await?;
        let answer = String::from_utf8_lossy(&answer);
        assert!(!answer.contains("SQLite format") && !answer.contains("root:"), "{path} leaks");
        assert!(answer.starts_with("HTTP/1.1 4") || answer.contains(Site::INDEX), "{path}: {answer}");
    }
    Ok(())
}

fn unpacked(reply: &Reply) -> Result<String> {
    let mut bytes = Vec::new();
    match reply.header("content-encoding") {
        "br" => brotli::BrotliDecompress(&mut reply.body.as_slice(), &mut bytes)?,
        "gzip" => drop(flate2::read::GzDecoder::new(reply.body.as_slice()).read_to_end(&mut bytes)?),
        _ => bytes.extend(&reply.body),
    }
    Ok(String::from_utf8(bytes)?)
}
