//! Closes and handshakes as RFC 6455 has them, byte by byte.

use anyhow::{Result, ensure};
use tideboard_tests::{Raw, Server, raw};

use crate::bystander::Bystander;

const TEXT: u8 = 0x80 | Raw::TEXT;
const CLOSE: u8 = 0x80 | Raw::CLOSE;

async fn code_after(server: &Server, bytes: &[u8]) -> Result<Option<u16>> {
    let mut raw = Raw::join(server.address(), "breach").await?;
    raw.write(bytes).await?;
    Ok(raw.close().await?.close_code())
}

#[tokio::test]
async fn a_breach_closes_with_the_code_that_it_has_in_rfc_6455() -> Result<()> {
    let server = Server::start().await?;
    let bystander = Bystander::join(&server).await?;
    let mut unmasked = raw::frame(TEXT, b"x");
    unmasked[1] &= 0x7F;
    let cases = [
        ("no mask", unmasked, 1002),
        ("a reserved bit", raw::frame(0xC1, b"x"), 1002),
        ("an unknown opcode", raw::frame(0x83, b"x"), 1002),
        ("an unknown control opcode", raw::frame(0x8B, b"x"), 1002),
        ("a long ping", raw::frame(0x80 | Raw::PING, &[b'x'; 126]), 1002),
        ("a ping in fragments", raw::frame(Raw::PING, b"x"), 1002),
        ("a continuation of nothing", raw::frame(0x80, b"x"), 1002),
        ("a message within another", [raw::frame(0x01, b"x"), raw::frame(TEXT, b"x")].concat(), 1002),
        ("binary", raw::frame(0x82, b"x"), 1003),
        ("the first fragment of binary", raw::frame(0x02, b"x"), 1003),
        ("text that is not UTF-8", raw::frame(TEXT, &[b'"', 0xFF, b'"']), 1007),
        ("half a character at the end", [raw::frame(0x01, b"\xC3"), raw::frame(0x80, b"")].concat(), 1007),
        ("a frame over the limit", raw::frame(TEXT, &vec![b' '; 262_145]), 1009),
        ("no JSON", raw::frame(TEXT, b"nonsense"), 4000),
    ];
    for (what, bytes, code) in cases {
        assert_eq!(code_after(&server, &bytes).await?, Some(code), "{what}");
    }
    bystander.stays_unharmed().await
}

#[tokio::test]
async fn a_close_frame_that_may_not_be_is_answered_1002_and_any_other_by_its_own_code() -> Result<()> {
    let server = Server::start().await?;
    let bystander = Bystander::join(&server).await?;
    for code in [0_u16, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
        assert_eq!(code_after(&server, &raw::frame(CLOSE, &code.to_be_bytes())).await?, Some(1002), "{code}");
    }
    assert_eq!(code_after(&server, &raw::frame(CLOSE, &[3])).await?, Some(1002), "half a code");
    assert_eq!(
        code_after(&server, &raw::frame(CLOSE, b"\x03\xE8\xFF")).await?,
        Some(1002),
        "a reason of no characters"
    );
    for code in [1000_u16, 1001, 1003, 1011, 3000, 4999] {
        let payload = [&code.to_be_bytes()[..], b"bye"].concat();
        assert_eq!(code_after(&server, &raw::frame(CLOSE, &payload)).await?, Some(code), "{code}");
    }
    assert_eq!(code_after(&server, &raw::frame(CLOSE, b"")).await?, Some(1000), "no code");
    bystander.stays_unharmed().await
}

#[tokio::test]
async fn only_version_13_over_http_1_1_becomes_a_socket() -> Result<()> {
    let server = Server::start().await?;
    let answer = async |request: String| {
        let mut raw = Raw::open(server.address()).await?;
        raw.write(request.as_bytes()).await?;
        raw.head().await.map(|head| head.to_lowercase())
    };
    let handshake = raw::handshake(&format!("Host: {}", server.address()));
    for request in [
        handshake.replace("Version: 13", "Version: 8"),
        handshake.replace("Version: 13", "Version: 14"),
        handshake.replace("Sec-WebSocket-Version: 13\r\n", ""),
    ] {
        let head = answer(request).await?;
        ensure!(head.starts_with("http/1.1 426 ") && head.contains("\r\nsec-websocket-version: 13\r\n"), "{head}");
    }
    let head = answer(handshake.replace("HTTP/1.1", "HTTP/1.0")).await?;
    ensure!(head.contains(" 400 "), "{head}");
    ensure!(answer(handshake).await?.starts_with("http/1.1 101 "), "the same request without the breach");
    Ok(())
}
