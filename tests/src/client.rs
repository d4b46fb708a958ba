//! Client that speaks the wire and nothing else: no retries, no engine.
//!
//! In: typed messages or raw frames to send. Out: the server's messages, each once. A message that a test does not
//! expect yet is kept; an expectation that fails shows all that were kept.

mod boards;

use std::collections::VecDeque;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use tideboard_shared::{
    ClientMessage, PROTOCOL, Position, Rights, SUBPROTOCOL, Seq, ServerMessage, SessionId, UnixMs, decode_server,
    encode, encode_many,
    message::{Hello, Subscribe, Welcome},
};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Message,
        client::IntoClientRequest,
        http::{HeaderName, HeaderValue, Request},
    },
};

use crate::{Address, within};

/// End of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Code of the close frame; `None` if the connection broke without one.
    pub code: Option<u16>,
    /// Reason of the close frame, or a description of how the connection broke.
    pub reason: String,
}

/// Answer to `hello` and `auth`.
#[derive(Debug, Clone, PartialEq)]
pub struct Ready {
    /// Session of the connection.
    pub session: SessionId,
    /// Name of the user, as the server has it.
    pub user: String,
    /// Rights of the user.
    pub rights: Rights,
}

/// Answer to `subscribe`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribed {
    /// Position of a board; `None` for other channels.
    pub at: Option<Position>,
    /// Set if the missed events follow instead of a snapshot.
    pub recovered: bool,
    /// Set if the client's history is another one.
    pub reset: bool,
}

impl Subscribed {
    /// Last event of the board.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.at.as_ref().map_or(Seq::ZERO, |at| at.seq)
    }
}

/// Connection to a server. Dropping it cuts the TCP connection without a close frame, as a lost network does.
#[derive(Debug)]
pub struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    kept: VecDeque<ServerMessage>,
    closed: Option<Closed>,
    pings: u64,
}

impl Client {
    /// Opens a socket and sends nothing.
    ///
    /// # Errors
    /// When the server does not accept it.
    pub async fn connect(address: Address) -> Result<Self> {
        Self::connect_with(&address.realtime(), &[("sec-websocket-protocol", SUBPROTOCOL)]).await
    }

    /// Opens a socket at any URL, with extra headers.
    ///
    /// # Errors
    /// A [`tokio_tungstenite::tungstenite::Error`] when the server does not accept it.
    pub async fn connect_with(url: &str, headers: &[(&str, &str)]) -> Result<Self> {
        let mut request: Request<()> = url.into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(HeaderName::try_from(*name)?, HeaderValue::from_str(value)?);
        }
        let (socket, _) = within("WebSocket handshake", connect_async(request)).await??;
        Ok(Self { socket, kept: VecDeque::new(), closed: None, pings: 0 })
    }

    /// Opens a socket as `client` and waits for `ready`.
    ///
    /// # Errors
    /// When the server answers otherwise.
    pub async fn join(address: Address, client: &str) -> Result<Self> {
        let mut this = Self::connect(address).await?;
        this.hello(client).await?;
        Ok(this)
    }

    /// Opens a socket as the user `user` by `?userId=` and waits for `ready`.
    ///
    /// # Errors
    /// When the server answers otherwise.
    pub async fn named(address: Address, user: &str) -> Result<(Self, Ready)> {
        let mut this = Self::connect_with(&format!("{}?userId={user}", address.realtime()), &[]).await?;
        let ready = this.ready().await?;
        Ok((this, ready))
    }

    /// Says hello and waits for `ready`.
    ///
    /// # Errors
    /// When the server answers otherwise.
    pub async fn hello(&mut self, client: &str) -> Result<Ready> {
        let hello = Hello { protocol: PROTOCOL, client: client.parse()?, tab: "t1".parse()?, token: None, schema: 1 };
        self.send(&ClientMessage::Hello(hello)).await?;
        self.ready().await
    }

    /// Sends one message as one frame.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send(&mut self, message: &ClientMessage) -> Result<()> {
        self.send_text(encode(message)).await
    }

    /// Sends several messages as one frame.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send_many(&mut self, messages: &[ClientMessage]) -> Result<()> {
        self.send_text(encode_many(messages)).await
    }

    /// Sends any text.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send_text(&mut self, text: impl Into<String>) -> Result<()> {
        self.send_frame(Message::text(text.into())).await
    }

    /// Sends any frame.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn send_frame(&mut self, frame: Message) -> Result<()> {
        within("room to send", self.socket.send(frame)).await?.context("cannot send")
    }

    /// Takes the next message in order.
    ///
    /// # Errors
    /// When none comes, or the connection ends.
    pub async fn next(&mut self) -> Result<ServerMessage> {
        within("message", async {
            while self.kept.is_empty() {
                self.receive().await?;
            }
            Ok(self.kept.pop_front().expect("the loop ends when there is one"))
        })
        .await?
    }

    /// Waits for the first message that `pick` takes; those before it are kept for later.
    ///
    /// # Errors
    /// When none comes, or the connection ends; shows what came instead.
    pub async fn expect<T>(&mut self, what: &str, pick: impl Fn(&ServerMessage) -> Option<T>) -> Result<T> {
        let mut seen = 0;
        let found = within(what, async {
            loop {
                for index in seen..self.kept.len() {
                    if let Some(picked) = pick(&self.kept[index]) {
                        self.kept.remove(index);
                        return Ok(picked);
                    }
                }
                seen = self.kept.len();
                self.receive().await?;
            }
        })
        .await
        .and_then(|result| result);
        found.with_context(|| format!("waited for {what}; came instead: {}", self.shown()))
    }

    /// Takes all messages that the server had sent by now, in order: those before the answer to a ping.
    ///
    /// # Errors
    /// When the answer does not come.
    pub async fn drain(&mut self) -> Result<Vec<ServerMessage>> {
        self.pings += 1;
        let t = UnixMs(self.pings);
        self.send(&ClientMessage::Ping { t }).await?;
        let mut before = Vec::new();
        loop {
            match self.next().await? {
                ServerMessage::Pong { t: answered, .. } if answered == t => return Ok(before),
                other => before.push(other),
            }
        }
    }

    /// Waits until the server closes the connection. Messages before that are kept.
    ///
    /// # Errors
    /// When the server does not close it; shows what came instead.
    pub async fn closed(&mut self) -> Result<Closed> {
        let ended = within("end of the connection", async { while self.receive().await.is_ok() {} }).await;
        ended.with_context(|| format!("came instead: {}", self.shown()))?;
        self.closed.clone().context("receiving ended without an end of the connection")
    }

    /// Messages that came and were not expected so far.
    #[must_use]
    pub fn kept(&self) -> &VecDeque<ServerMessage> {
        &self.kept
    }

    /// Closes the connection as the protocol wants it.
    ///
    /// # Errors
    /// When the connection is gone already.
    pub async fn leave(mut self) -> Result<()> {
        within("close", self.socket.close(None)).await?.context("cannot close")?;
        self.closed().await.map(drop)
    }

    /// Waits for `welcome`.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn welcome(&mut self) -> Result<Welcome> {
        self.expect("welcome", |message| match message {
            ServerMessage::Welcome(welcome) => Some(welcome.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for `ready`.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn ready(&mut self) -> Result<Ready> {
        self.expect("ready", |message| match message {
            ServerMessage::Ready { session, user, rights } => {
                Some(Ready { session: session.clone(), user: user.clone(), rights: rights.clone() })
            }
            _ => None,
        })
        .await
    }

    /// Subscribes and waits for `subscribed`.
    ///
    /// # Errors
    /// When the server answers otherwise.
    pub async fn subscribe(&mut self, subscribe: Subscribe) -> Result<Subscribed> {
        let wanted = subscribe.channel.to_string();
        self.send(&ClientMessage::Subscribe(subscribe)).await?;
        self.expect(&format!("subscribed {wanted}"), |message| match message {
            ServerMessage::Subscribed { channel, at, recovered, reset } if *channel == wanted => {
                Some(Subscribed { at: at.clone(), recovered: *recovered, reset: *reset })
            }
            _ => None,
        })
        .await
    }

    /// Subscribes to a channel given as text, with no options.
    ///
    /// # Errors
    /// When the server answers otherwise.
    pub async fn subscribe_to(&mut self, channel: &str) -> Result<Subscribed> {
        self.subscribe(Subscribe::from(channel.parse::<tideboard_shared::Channel>()?)).await
    }

    /// Reads one frame into `kept`.
    async fn receive(&mut self) -> Result<()> {
        let frame = match self.socket.next().await {
            Some(Ok(frame)) => frame,
            Some(Err(error)) => return self.end(None, &format!("broken: {error}")),
            None => return self.end(None, "no close frame"),
        };
        match frame {
            Message::Text(text) => {
                for message in decode_server(&text).with_context(|| format!("unreadable frame: {text}"))? {
                    self.kept.push_back(message.with_context(|| format!("unreadable message in: {text}"))?);
                }
            }
            Message::Close(frame) => {
                let (code, reason) = frame
                    .map_or((None, String::new()), |frame| (Some(frame.code.into()), frame.reason.as_str().to_owned()));
                return self.end(code, &reason);
            }
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Binary(_) | Message::Frame(_) => bail!("the server sent a binary frame"),
        }
        Ok(())
    }

    fn end(&mut self, code: Option<u16>, reason: &str) -> Result<()> {
        let closed = self.closed.get_or_insert_with(|| Closed { code, reason: reason.to_owned() });
        bail!("the connection ended: {closed:?}");
    }

    fn shown(&self) -> String {
        let shown = self.kept.iter().map(|message| {
            let text = encode(message);
            format!("\n  {}", text.chars().take(300).collect::<String>())
        });
        if self.kept.is_empty() { "nothing".to_owned() } else { shown.collect() }
    }
}
