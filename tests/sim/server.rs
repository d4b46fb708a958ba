//! The server as a client sees it: sessions and posts, on one node or several over one log.
//!
//! In: what reaches a node. Out: [`Act`]s. Never: a decision about operations (that is the machine's), time (the world's).

use std::collections::{BTreeMap, VecDeque};

use tideboard_engine::PostId;
use tideboard_room::{Input, Mail, Now, SeenIn, Submission, Whereabouts};
use tideboard_shared::{
    AccessToken, BoardId, Channel, ClientId, ClientMessage, DeniedReason, Durability, PROTOCOL, Rights, ServerMessage,
    WireLimits, decode_client,
    message::{Auth, CloseCode, RealtimePost, Submit, Welcome},
};

use crate::{
    browser::PageId,
    chronicle::Chronicle,
    invariant::Checked,
    log::{Condition, Log, Task},
    network::LinkId,
    node::{Deed, Desk, Node},
    sabotage::Mutation,
};

/// Most operations in one submit; so few that larger queues go in parts.
const OPS_PER_SUBMIT: usize = 5;

/// Receiver of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum To {
    Link(LinkId),
    Post(u64),
}

/// Place of a board: in one life of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) node: usize,
    life: u64,
    pub(crate) board: BoardId,
}

/// Action of the server.
#[derive(Debug)]
pub(crate) enum Act {
    Say(To, Vec<ServerMessage>),
    Close(LinkId, CloseCode),
    /// A post gets a status instead of an answer.
    Fail(Job, u16),
    Log(Place, Task),
    WakeAt(Place, std::time::Duration),
}

/// Progress of a post.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) page: PageId,
    pub(crate) id: PostId,
    node: usize,
    client: ClientId,
    steps: VecDeque<Step>,
    pub(crate) messages: Vec<ServerMessage>,
}

#[derive(Debug)]
enum Step {
    Submit(Submit),
    CatchUp(BoardId, Whereabouts),
}

#[derive(Debug)]
struct Session {
    node: usize,
    /// `None` before it has said who it is.
    client: Option<ClientId>,
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) nodes: Vec<Node>,
    pub(crate) logs: BTreeMap<BoardId, Log>,
    pub(crate) log_condition: Condition,
    sessions: BTreeMap<LinkId, Session>,
    pub(crate) jobs: BTreeMap<u64, Job>,
    last_job: u64,
    /// The oldest token of each client that is still good.
    good_tokens: BTreeMap<ClientId, u32>,
    sabotage: Option<Mutation>,
}

impl Server {
    pub(crate) fn new(nodes: usize, sabotage: Option<Mutation>) -> Self {
        let log = |board| (board, Log::new(sabotage));
        Self {
            nodes: (0..nodes).map(|_| Node::running()).collect(),
            logs: boards().map(log).collect(),
            log_condition: Condition::Sound,
            sessions: BTreeMap::new(),
            jobs: BTreeMap::new(),
            last_job: 0,
            good_tokens: BTreeMap::new(),
            sabotage,
        }
    }

    pub(crate) fn handle_opened(&mut self, node: usize, link: LinkId, now: Now) -> Act {
        self.sessions.insert(link, Session { node, client: None });
        let welcome = Welcome {
            protocol: PROTOCOL,
            server_time: now.wall,
            heartbeat_ms: 30_000,
            limits: WireLimits { ops_per_submit: OPS_PER_SUBMIT, ..WireLimits::default() },
            durability: Durability::Fsynced,
            auth: Auth::Required,
            build: "sim".into(),
        };
        say(link, ServerMessage::Welcome(welcome))
    }

    pub(crate) fn handle_closed(&mut self, link: LinkId) {
        if let Some(session) = self.sessions.remove(&link) {
            self.nodes[session.node].leave(link);
        }
    }

    pub(crate) fn handle_frame(&mut self, link: LinkId, frame: &str, now: Now) -> Checked<Vec<Act>> {
        let mut acts = Vec::new();
        for message in decode_client(frame).expect("the engine writes sound frames") {
            let Some(Session { node, client }) = self.sessions.get(&link) else { break };
            let node = *node;
            let client = client.clone();
            match (message.expect("the engine writes sound messages"), client) {
                (ClientMessage::Hello(hello), _) => {
                    if !self.is_good(&hello.client, hello.token.as_ref()) {
                        acts.push(Act::Close(link, CloseCode::Unauthorized));
                        break;
                    }
                    self.sessions.insert(link, Session { node, client: Some(hello.client) });
                    acts.push(ready(link));
                }
                (ClientMessage::Auth { token }, Some(client)) => match self.is_good(&client, Some(&token)) {
                    true => acts.push(ready(link)),
                    false => acts.push(Act::Close(link, CloseCode::Unauthorized)),
                },
                (ClientMessage::Subscribe(subscribe), Some(client)) => {
                    let known = Whereabouts { since: subscribe.since, seen: subscribe.seen };
                    let mail = Mail::Subscribe { from: To::Link(link), client, known };
                    acts.extend(self.mail(node, &board_of(&subscribe.channel), mail, now)?);
                }
                (ClientMessage::Unsubscribe { channel }, Some(_)) => {
                    self.nodes[node].unsubscribe(&board_of(&channel), link);
                }
                (ClientMessage::Submit(submit), Some(client)) => {
                    let board = submit.board.clone();
                    let mail = Mail::Submit { from: To::Link(link), submission: submission(client, submit) };
                    acts.extend(self.mail(node, &board, mail, now)?);
                }
                (ClientMessage::Ping { t }, _) => {
                    acts.push(say(link, ServerMessage::Pong { t, server_time: now.wall }));
                }
                // The frame with the greeting was lost.
                (_, None) => acts.push(Act::Close(link, CloseCode::Protocol)),
                (other, Some(_)) => panic!("the simulation does not expect {other:?}"),
            }
        }
        Ok(acts)
    }

    /// Begins to work on a post; the status with which it is refused otherwise.
    pub(crate) fn handle_post(
        &mut self,
        node: usize,
        to: (PageId, PostId),
        body: &str,
        token: Option<&AccessToken>,
    ) -> Result<u64, u16> {
        let RealtimePost { client, submit, since, mut seen } =
            serde_json::from_str(body).expect("the engine writes sound posts");
        if !self.is_good(&client, token) {
            return Err(401);
        }
        if self.nodes[node].is_draining {
            return Err(503);
        }
        let caught_up = since.into_iter().map(|(channel, since)| {
            let seen = seen.remove(&channel).unwrap_or_default();
            Step::CatchUp(board_of(&channel), Whereabouts { since, seen })
        });
        let steps = submit.into_iter().map(Step::Submit).chain(caught_up).collect();
        self.last_job += 1;
        let job = Job { page: to.0, id: to.1, node, client, steps, messages: Vec::new() };
        self.jobs.insert(self.last_job, job);
        Ok(self.last_job)
    }

    /// Goes on with a post; `None` when it is finished.
    pub(crate) fn advance(&mut self, number: u64, now: Now) -> Checked<Option<Vec<Act>>> {
        let Some(job) = self.jobs.get_mut(&number) else { return Ok(Some(Vec::new())) };
        let node = job.node;
        let client = job.client.clone();
        let from = To::Post(number);
        let (board, mail) = match job.steps.pop_front() {
            None => return Ok(None),
            Some(Step::Submit(submit)) => {
                (submit.board.clone(), Mail::Submit { from, submission: submission(client, submit) })
            }
            Some(Step::CatchUp(board, known)) => (board, Mail::Resume { from, client, known }),
        };
        self.mail(node, &board, mail, now).map(Some)
    }

    fn mail(&mut self, node: usize, board: &BoardId, mail: Mail<To>, now: Now) -> Checked<Vec<Act>> {
        let place = Place { node, life: self.nodes[node].life, board: board.clone() };
        let deeds = self.desk(&place, now, |desk| desk.mail(mail))?;
        Ok(self.acts(&place, deeds))
    }

    /// The log, or time, says something to a board.
    pub(crate) fn input(&mut self, place: &Place, input: Input<To>, now: Now) -> Checked<Vec<Act>> {
        if !self.is_at(place) {
            return Ok(Vec::new());
        }
        let deeds = self.desk(place, now, |desk| desk.input(input))?;
        Ok(self.acts(place, deeds))
    }

    /// Says whether the node is still in that life.
    pub(crate) fn is_at(&self, place: &Place) -> bool {
        self.nodes[place.node].is_up && self.nodes[place.node].life == place.life
    }

    /// Returns the places where a board is in memory.
    pub(crate) fn places(&self, board: &BoardId) -> Vec<Place> {
        let of = |(node, state): (usize, &Node)| Place { node, life: state.life, board: board.clone() };
        let is_open = |(_, node): &(usize, &Node)| node.boards().contains(board);
        self.nodes.iter().enumerate().filter(is_open).map(of).collect()
    }

    pub(crate) fn log(&self, board: &BoardId) -> &Chronicle {
        &self.logs[board].chronicle
    }

    /// Kills a node. The jobs that nobody will answer.
    pub(crate) fn crash(&mut self, node: usize) -> Vec<Job> {
        self.nodes[node].crash();
        self.sessions.retain(|_, session| session.node != node);
        let of_node = self.jobs.extract_if(.., |_, job| job.node == node);
        of_node.map(|(_, job)| job).collect()
    }

    /// Tokens of a client below this one are good no longer.
    pub(crate) fn expire(&mut self, client: &ClientId, below: u32) -> Vec<Act> {
        self.good_tokens.insert(client.clone(), below);
        let of_client = self.sessions.iter().filter(|(_, session)| session.client.as_ref() == Some(client));
        of_client.map(|(link, _)| Act::Close(*link, CloseCode::Unauthorized)).collect()
    }

    /// Connections to a node.
    pub(crate) fn links(&self, node: usize) -> Vec<LinkId> {
        self.sessions.iter().filter(|(_, session)| session.node == node).map(|(link, _)| *link).collect()
    }

    fn desk<T>(&mut self, place: &Place, now: Now, work: impl FnOnce(&mut Desk<'_>) -> T) -> T {
        let Self { nodes, sessions, sabotage, .. } = self;
        let is_there = |link| sessions.contains_key(&link);
        let node = &mut nodes[place.node];
        work(&mut Desk { node, board: &place.board, now, sabotage: *sabotage, is_there: &is_there })
    }

    fn acts(&mut self, place: &Place, deeds: Vec<Deed>) -> Vec<Act> {
        let act = |deed| match deed {
            Deed::Say(to, messages) => Some(Act::Say(to, messages)),
            Deed::Refuse(To::Link(link)) => {
                let channel = Channel::Board(place.board.clone()).to_string();
                Some(say(link, ServerMessage::Denied { channel, reason: DeniedReason::Unavailable }))
            }
            Deed::Refuse(To::Post(number)) => Some(Act::Fail(self.jobs.remove(&number)?, 503)),
            Deed::Log(task) => Some(Act::Log(place.clone(), task)),
            Deed::WakeAt(at) => Some(Act::WakeAt(place.clone(), at)),
        };
        deeds.into_iter().filter_map(act).collect()
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

fn board_of(channel: &Channel) -> BoardId {
    let Channel::Board(board) = channel else { panic!("the simulation has boards only, not {channel}") };
    board.clone()
}

fn submission(client: ClientId, submit: Submit) -> Submission {
    let Submit { board: _, epoch, seen, settled_through, ops } = submit;
    let user = client.to_string();
    let seen = SeenIn { epoch, positions: seen };
    Submission { client, user, seen, settled_through, ops: ops.into_iter().map(Into::into).collect() }
}

fn say(link: LinkId, message: ServerMessage) -> Act {
    Act::Say(To::Link(link), vec![message])
}

fn ready(link: LinkId) -> Act {
    let session = format!("s_{}", link.0).into();
    let user = "sim".into();
    say(link, ServerMessage::Ready { session, user, rights: Rights::default() })
}
