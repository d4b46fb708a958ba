//! The server as a client sees it: sessions, posts and rooms.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tideboard_engine::PostId;
use tideboard_shared::{
    AccessToken, BoardId, Channel, ClientId, ClientMessage, Durability, PROTOCOL, Position, Rights, ServerMessage,
    UnixMs, WireLimits, decode_client,
    message::{Auth, CloseCode, RealtimePost, Submit, Welcome},
};

use crate::{
    browser::PageId,
    chronicle::Chronicle,
    network::LinkId,
    room::{Answer, Mail, Room, To},
};

/// Most operations in one submit; so few that larger queues go in parts.
const OPS_PER_SUBMIT: usize = 5;

/// What the server does to a connection.
#[derive(Debug)]
pub(crate) enum Act {
    Answer(Answer),
    Close(LinkId, CloseCode),
}

/// How far a post has come.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) page: PageId,
    pub(crate) id: PostId,
    client: ClientId,
    steps: VecDeque<Step>,
    pub(crate) messages: Vec<ServerMessage>,
}

#[derive(Debug)]
enum Step {
    Submit(Submit),
    CatchUp(BoardId, Option<Position>),
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) rooms: BTreeMap<BoardId, Room>,
    sessions: BTreeMap<LinkId, Option<ClientId>>,
    pub(crate) jobs: BTreeMap<u64, Job>,
    last_job: u64,
    pub(crate) is_up: bool,
    pub(crate) is_draining: bool,
    /// Rises with every end of the process.
    pub(crate) life: u64,
    /// The oldest token of each client that is still good.
    good_tokens: BTreeMap<ClientId, u32>,
}

impl Server {
    pub(crate) fn new() -> Self {
        Self {
            rooms: boards().map(|board| (board.clone(), Room::new(board))).collect(),
            sessions: BTreeMap::new(),
            jobs: BTreeMap::new(),
            last_job: 0,
            is_up: true,
            is_draining: false,
            life: 0,
            good_tokens: BTreeMap::new(),
        }
    }

    pub(crate) fn handle_opened(&mut self, link: LinkId, now: UnixMs) -> Act {
        self.sessions.insert(link, None);
        let welcome = Welcome {
            protocol: PROTOCOL,
            server_time: now,
            heartbeat_ms: 30_000,
            limits: WireLimits { ops_per_submit: OPS_PER_SUBMIT, ..WireLimits::default() },
            durability: Durability::Fsynced,
            auth: Auth::Required,
            build: "sim".into(),
        };
        answer(link, ServerMessage::Welcome(welcome))
    }

    pub(crate) fn handle_closed(&mut self, link: LinkId) {
        self.sessions.remove(&link);
        self.rooms.values_mut().for_each(|room| room.leave(link));
    }

    pub(crate) fn handle_frame(&mut self, link: LinkId, frame: &str, now: UnixMs) -> Vec<Act> {
        let mut acts = Vec::new();
        for message in decode_client(frame).expect("the engine writes sound frames") {
            let Some(session) = self.sessions.get(&link) else { break };
            let client = session.clone();
            match (message.expect("the engine writes sound messages"), client) {
                (ClientMessage::Hello(hello), _) => {
                    if !self.is_good(&hello.client, hello.token.as_ref()) {
                        acts.push(Act::Close(link, CloseCode::Unauthorized));
                        break;
                    }
                    self.sessions.insert(link, Some(hello.client));
                    acts.push(ready(link));
                }
                (ClientMessage::Auth { token }, Some(client)) => match self.is_good(&client, Some(&token)) {
                    true => acts.push(ready(link)),
                    false => acts.push(Act::Close(link, CloseCode::Unauthorized)),
                },
                (ClientMessage::Subscribe(subscribe), Some(client)) => {
                    let room = self.room(&subscribe.channel);
                    room.receive(Mail::Subscribe { link, client, since: subscribe.since });
                }
                (ClientMessage::Unsubscribe { channel }, Some(_)) => self.room(&channel).leave(link),
                (ClientMessage::Submit(submit), Some(client)) => {
                    let room = self.rooms.get_mut(&submit.board).expect("a board that there is");
                    room.receive(Mail::Submit { to: To::Link(link), client, submit });
                }
                (ClientMessage::Ping { t }, _) => {
                    acts.push(answer(link, ServerMessage::Pong { t, server_time: now }));
                }
                (other, _) => panic!("the simulation does not expect {other:?}"),
            }
        }
        acts
    }

    /// Begins to work on a post; the status with which it is refused otherwise.
    pub(crate) fn handle_post(
        &mut self,
        to: (PageId, PostId),
        body: &str,
        token: Option<&AccessToken>,
    ) -> Result<u64, u16> {
        let RealtimePost { client, submit, since } = serde_json::from_str(body).expect("the engine writes sound posts");
        if !self.is_good(&client, token) {
            return Err(401);
        }
        if self.is_draining {
            return Err(503);
        }
        let caught_up = since.into_iter().map(|(channel, since)| match channel {
            Channel::Board(board) => Step::CatchUp(board, since),
            other => panic!("only boards have positions, not {other}"),
        });
        let steps = submit.into_iter().map(Step::Submit).chain(caught_up).collect();
        self.last_job += 1;
        let job = Job { page: to.0, id: to.1, client, steps, messages: Vec::new() };
        self.jobs.insert(self.last_job, job);
        Ok(self.last_job)
    }

    /// Goes on with a post; whether it is finished.
    pub(crate) fn advance(&mut self, number: u64) -> bool {
        let Some(job) = self.jobs.get_mut(&number) else { return false };
        let client = job.client.clone();
        let (board, mail) = match job.steps.pop_front() {
            None => return true,
            Some(Step::Submit(submit)) => (submit.board.clone(), Mail::Submit { to: To::Post(number), client, submit }),
            Some(Step::CatchUp(board, since)) => (board, Mail::CatchUp { post: number, client, since }),
        };
        self.rooms.get_mut(&board).expect("a board that there is").receive(mail);
        false
    }

    pub(crate) fn log(&self, board: &BoardId) -> &Chronicle {
        &self.rooms[board].chronicle
    }

    /// Rooms that have something to do.
    pub(crate) fn busy_rooms(&self) -> Vec<BoardId> {
        let is_busy = |(board, room): (&BoardId, &Room)| room.has_work().then(|| board.clone());
        self.rooms.iter().filter(|_| self.is_up).filter_map(is_busy).collect()
    }

    pub(crate) fn begin(&mut self, board: &BoardId, now: UnixMs) -> Vec<Answer> {
        let sessions: BTreeSet<_> = self.sessions.keys().copied().collect();
        let room = self.rooms.get_mut(board).expect("a board that there is");
        room.begin(now, |link| sessions.contains(&link))
    }

    /// Kills the process. The jobs that nobody will answer.
    pub(crate) fn crash(&mut self, mut is_committed: impl FnMut() -> bool) -> Vec<Job> {
        self.rooms.values_mut().for_each(|room| room.crash(is_committed()));
        self.sessions.clear();
        self.is_up = false;
        self.is_draining = false;
        self.life += 1;
        std::mem::take(&mut self.jobs).into_values().collect()
    }

    pub(crate) fn start(&mut self) {
        self.rooms.values_mut().for_each(Room::restore);
        self.is_up = true;
    }

    /// Tokens of a client below this one are good no longer.
    pub(crate) fn expire(&mut self, client: &ClientId, below: u32) -> Vec<Act> {
        self.good_tokens.insert(client.clone(), below);
        let of = |(link, session): (&LinkId, &Option<ClientId>)| (session.as_ref() == Some(client)).then_some(*link);
        let links = self.sessions.iter().filter_map(of);
        links.map(|link| Act::Close(link, CloseCode::Unauthorized)).collect()
    }

    pub(crate) fn links(&self) -> Vec<LinkId> {
        self.sessions.keys().copied().collect()
    }

    fn room(&mut self, channel: &Channel) -> &mut Room {
        let Channel::Board(board) = channel else { panic!("the simulation has boards only, not {channel}") };
        self.rooms.get_mut(board).expect("a board that there is")
    }

    fn is_good(&self, client: &ClientId, token: Option<&AccessToken>) -> bool {
        let number = token.and_then(|token| token.expose().strip_prefix("token")?.parse::<u32>().ok());
        let first = self.good_tokens.get(client).copied().unwrap_or_default();
        number.is_some_and(|number| number >= first)
    }
}

/// All boards there are.
pub(crate) fn boards() -> impl Iterator<Item = BoardId> {
    ["main", "side"].into_iter().map(|name| name.parse().expect("a board name"))
}

fn answer(link: LinkId, message: ServerMessage) -> Act {
    Act::Answer((To::Link(link), vec![message]))
}

fn ready(link: LinkId) -> Act {
    let (session, user) = (format!("s_{}", link.0).into(), "sim".into());
    answer(link, ServerMessage::Ready { session, user, rights: Rights::default() })
}
