//! Puts the server and `trunk serve` behind one address during development.
//!
//! In: connections. Out: the same bytes, to the server for its own paths and to Trunk for all others. Trunk's own proxy
//! takes a path for WebSocket or for HTTP, never for both, and does not answer a WebSocket subprotocol, without which
//! browsers close the connection. Never for production: it trusts its one user.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    thread,
};

/// First segments of the paths that the server answers.
const SERVER_PATHS: [&str; 2] = ["api", "ws"];

/// Longest request head. A longer one is cut off.
const HEAD_BYTES: u64 = 64 * 1024;

const STARTING: &str = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/html; charset=utf-8\r\nRefresh: 1\r\n\
    Connection: close\r\n\r\n<!doctype html><title>Tideboard</title><p>Being built. This page reloads by itself.</p>";

/// Targets of connections: `ADDRESS:PORT`.
#[derive(Clone, Debug)]
pub(crate) struct Backends {
    /// `trunk serve`.
    pub(crate) app: String,
    /// Tideboard's server.
    pub(crate) server: String,
}

/// Serves `listener` in the background until the process ends.
pub(crate) fn spawn(listener: TcpListener, backends: Backends) {
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let backends = backends.clone();
            // A broken connection is the browser's to repeat.
            thread::spawn(move || serve(connection, &backends).ok());
        }
    });
}

fn serve(mut browser: TcpStream, backends: &Backends) -> io::Result<()> {
    let mut reader = BufReader::new(browser.try_clone()?);
    let head = read_head(&mut reader)?;
    let address = if is_for_server(&head) { &backends.server } else { &backends.app };
    let Ok(mut backend) = TcpStream::connect(address) else {
        return browser.write_all(STARTING.as_bytes());
    };
    backend.write_all(one_request(&head).as_bytes())?;
    let mut answers = backend.try_clone()?;
    let back = thread::spawn(move || {
        let copied = io::copy(&mut answers, &mut browser);
        browser.shutdown(Shutdown::Both).ok();
        copied
    });
    io::copy(&mut reader, &mut backend)?;
    backend.shutdown(Shutdown::Write)?;
    back.join().expect("copying does not panic")?;
    Ok(())
}

/// The request line and headers, with the empty line that ends them.
fn read_head(reader: &mut impl BufRead) -> io::Result<String> {
    let mut head = String::new();
    let mut reader = reader.take(HEAD_BYTES);
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}

fn is_for_server(head: &str) -> bool {
    let path = head.split(' ').nth(1).unwrap_or_default();
    let first = path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
    SERVER_PATHS.contains(&first)
}

/// The head, such that the connection ends with the answer: the next request may be the other backend's.
fn one_request(head: &str) -> String {
    let is = |line: &str, name: &str| line.split(':').next().is_some_and(|start| start.eq_ignore_ascii_case(name));
    if head.lines().any(|line| is(line, "upgrade")) {
        return head.to_owned();
    }
    let lines = head.trim_end().lines().filter(|line| !is(line, "connection"));
    lines.map(|line| format!("{line}\r\n")).collect::<String>() + "Connection: close\r\n\r\n"
}

#[cfg(test)]
mod tests {
    use super::{is_for_server, one_request};

    #[test]
    fn the_servers_paths_go_to_the_server() {
        assert!(is_for_server("GET /api/realtime?userId=test HTTP/1.1\r\n\r\n"));
        assert!(is_for_server("GET /ws?userId=test HTTP/1.1\r\n\r\n"));
        assert!(!is_for_server("GET / HTTP/1.1\r\n\r\n"));
        assert!(!is_for_server("GET /apis HTTP/1.1\r\n\r\n"));
    }

    #[test]
    fn a_plain_request_is_the_last_on_its_connection() {
        let head = one_request("GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n");
        assert_eq!(head, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    }

    #[test]
    fn an_upgrade_is_left_as_it_is() {
        let head = "GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
        assert_eq!(one_request(head), head);
    }
}
