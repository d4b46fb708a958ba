//! TCP connection by hand, for what no decent client would say or leave unread.

use anyhow::{Context, Result, ensure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::{Address, within};

/// Bytes that the system holds of what was not read: few, so that a server soon notices.
const RECEIVE_BUFFER_BYTES: u32 = 4 * 1024;

/// Connection that says and reads exactly what a test wants. Closed without a word when dropped.
#[derive(Debug)]
pub struct Raw {
    stream: TcpStream,
    /// Bytes that were read and not taken.
    ahead: Vec<u8>,
}

/// Frame of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawFrame {
    /// Opcode, without the bits beside it.
    pub opcode: u8,
    /// Payload.
    pub payload: Vec<u8>,
}

impl RawFrame {
    /// Payload as text, whatever it is.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.payload).into_owned()
    }

    /// Code of a close frame; `None` if it is another frame or has none.
    #[must_use]
    pub fn close_code(&self) -> Option<u16> {
        let code = self.payload.first_chunk().map(|code| u16::from_be_bytes(*code));
        if self.opcode == Raw::CLOSE { code } else { None }
    }
}

impl Raw {
    /// Opcode of a text frame.
    pub const TEXT: u8 = 1;
    /// Opcode of a close frame.
    pub const CLOSE: u8 = 8;
    /// Opcode of a ping.
    pub const PING: u8 = 9;
    /// Opcode of a pong.
    pub const PONG: u8 = 10;

    /// Connects and says nothing.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn open(address: Address) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES)?;
        let stream = within("TCP connection", socket.connect(address.to_string().parse()?)).await??;
        Ok(Self { stream, ahead: Vec::new() })
    }

    /// Opens a socket by hand and reads the answer to the handshake.
    ///
    /// # Errors
    /// When the server does not accept it.
    pub async fn upgrade(address: Address) -> Result<Self> {
        let mut this = Self::open(address).await?;
        this.write(handshake(&format!("Host: {address}")).as_bytes()).await?;
        let head = this.head().await?;
        ensure!(head.starts_with("HTTP/1.1 101 "), "{head}");
        Ok(this)
    }

    /// Opens a socket, says `hello` as `client`, and reads up to `ready`.
    ///
    /// # Errors
    /// When the server answers otherwise.
    pub async fn join(address: Address, client: &str) -> Result<Self> {
        let mut this = Self::upgrade(address).await?;
        this.say(&format!(r#"{{"type":"hello","protocol":1,"client":"{client}","tab":"t"}}"#)).await?;
        this.until("\"ready\"").await?;
        Ok(this)
    }

    /// Writes any bytes.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        within("room to write", self.stream.write_all(bytes)).await?.context("cannot write")
    }

    /// Sends text as one frame.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn say(&mut self, text: &str) -> Result<()> {
        self.write(&frame(0x80 | Self::TEXT, text.as_bytes())).await
    }

    /// Reads the head of an HTTP answer, up to the empty line.
    ///
    /// # Errors
    /// When the connection ends before.
    pub async fn head(&mut self) -> Result<String> {
        within("head of an answer", async {
            loop {
                if let Some(end) = self.ahead.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                    return Ok(String::from_utf8_lossy(&self.take(end + 4)).into_owned());
                }
                self.read().await?;
            }
        })
        .await?
    }

    /// Reads one frame.
    ///
    /// # Errors
    /// When the connection ends before.
    pub async fn frame(&mut self) -> Result<RawFrame> {
        within("frame", async {
            self.fill(2).await?;
            let opcode = self.ahead[0] & 0x0F;
            let more = match self.ahead[1] {
                126 => 2,
                127 => 8,
                _ => 0,
            };
            self.fill(2 + more).await?;
            let header = self.take(2 + more);
            let length = match more {
                0 => usize::from(header[1]),
                _ => header[2..].iter().fold(0, |length, byte| length << 8 | usize::from(*byte)),
            };
            self.fill(length).await?;
            Ok(RawFrame { opcode, payload: self.take(length) })
        })
        .await?
    }

    /// Reads frames up to the first whose payload has this text in it.
    ///
    /// # Errors
    /// When the connection ends before.
    pub async fn until(&mut self, text: &str) -> Result<RawFrame> {
        loop {
            let frame = self.frame().await.with_context(|| format!("waiting for {text}"))?;
            if frame.text().contains(text) {
                return Ok(frame);
            }
        }
    }

    /// Reads frames up to the close frame.
    ///
    /// # Errors
    /// When the connection ends without one.
    pub async fn close(&mut self) -> Result<RawFrame> {
        loop {
            let frame = self.frame().await.context("waiting for the close frame")?;
            if frame.opcode == Self::CLOSE {
                return Ok(frame);
            }
        }
    }

    async fn fill(&mut self, count: usize) -> Result<()> {
        while self.ahead.len() < count {
            self.read().await?;
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<()> {
        let count = self.stream.read_buf(&mut self.ahead).await?;
        ensure!(count > 0, "the connection ended after {}", String::from_utf8_lossy(&self.ahead));
        Ok(())
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        let rest = self.ahead.split_off(count);
        std::mem::replace(&mut self.ahead, rest)
    }
}

/// Request for a socket with these further header lines.
#[must_use]
pub fn handshake(lines: &str) -> String {
    format!(
        "GET /api/realtime HTTP/1.1\r\n{lines}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n"
    )
}

/// Frame as clients send it, masked with zeros. `first` is the opcode and the bits beside it.
#[must_use]
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = payload.len();
    let mut frame = vec![first];
    match length {
        0..=125 => frame.push(0x80 | length as u8),
        126..=0xFFFF => {
            frame.push(0x80 | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        _ => {
            frame.push(0x80 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}
