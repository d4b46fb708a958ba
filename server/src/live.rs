//! State of the present that need not be durable: streams, presence, notifications.
//!
//! In: bus events, requests to subscribe. Out: for a new reader what is known, then everything new, in order. Never: a
//! point, member or topic beyond the bounds of [`streams`] and [`presence`], or a reader's request that stays
//! unanswered.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tideboard_shared::{
    BoardId, Channel, DeniedReason, ServerMessage, SessionId,
    message::{Member, Subscribe},
};
use tokio::{
    sync::mpsc::{self, error::SendError},
    time::{Instant, MissedTickBehavior},
};

pub(crate) mod points;
pub(crate) mod presence;
pub(crate) mod streams;

use crate::{
    bus::{Bus, BusEvent},
    fanout::{Fanout, Readers, SubscribeRequest, ToWorker, frame, held::SharedSnapshot},
};
use presence::Presence;
use streams::RecentPoints;

/// Most messages waiting for this actor.
const WAITING_MESSAGES: usize = 1_024;
/// Time between two looks for members that left without a word.
const SWEEP: Duration = Duration::from_secs(1);

/// Start of a subscription to a stream, presence or notifications.
#[derive(Debug)]
struct ToLive {
    request: SubscribeRequest,
    options: Subscribe,
}

/// The way to the actor.
#[derive(Debug, Clone)]
pub(crate) struct Live(mpsc::Sender<ToLive>);

impl Live {
    /// Starts the actor. It ends with the last handle. One subscribe gets `history_points` at most.
    pub(crate) fn start(bus: &dyn Bus, fanout: Arc<Fanout>, presence_ttl: Duration, history_points: usize) -> Self {
        let (sender, mailbox) = mpsc::channel(WAITING_MESSAGES);
        let actor = Actor {
            fanout,
            points: RecentPoints::default(),
            history_points,
            presence: Presence::new(presence_ttl),
            readers: Readers::default(),
        };
        tokio::spawn(actor.run(bus.receive(), mailbox));
        Self(sender)
    }

    /// Answered through the request, sooner or later.
    pub(crate) async fn subscribe(&self, request: SubscribeRequest, options: Subscribe) {
        if let Err(SendError(ToLive { request, .. })) = self.0.send(ToLive { request, options }).await {
            request.deny(DeniedReason::Unavailable).await;
        }
    }

    /// Reason why nobody is told anything live, if there is one: the actor ends only by a bug.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.0.is_closed().then(|| "live data has ended; the server has to be restarted".to_owned())
    }
}

#[derive(Debug)]
struct Actor {
    fanout: Arc<Fanout>,
    points: RecentPoints,
    /// Most points of the past for one subscribe.
    history_points: usize,
    presence: Presence,
    /// Of all channels together: there are few workers, and they know who wants what.
    readers: Readers,
}

impl Actor {
    async fn run(mut self, mut bus: mpsc::Receiver<BusEvent>, mut mailbox: mpsc::Receiver<ToLive>) {
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                event = bus.recv() => match event {
                    Some(event) => self.hear(event).await,
                    None => return,
                },
                message = mailbox.recv() => match message {
                    Some(ToLive { request, options }) => self.subscribe(request, &options).await,
                    None => return,
                },
                now = sweep.tick() => {
                    for (board, session) in self.presence.expired(now) {
                        self.tell_presence(board, Vec::new(), vec![session], Vec::new()).await;
                    }
                }
            }
        }
    }

    async fn hear(&mut self, event: BusEvent) {
        match event {
            BusEvent::Points { topic, points } => {
                self.points.add(&topic, &points);
                if !self.readers.is_empty() {
                    let tell = || ToWorker::Points { topic: topic.clone(), points: Arc::clone(&points) };
                    self.fanout.tell_all(tell).await;
                }
            }
            BusEvent::Present { board, member } => match self.presence.put(&board, member.clone()) {
                presence::Put::Joined => self.tell_presence(board, vec![member], Vec::new(), Vec::new()).await,
                presence::Put::Changed => self.tell_presence(board, Vec::new(), Vec::new(), vec![member]).await,
                presence::Put::Full => tracing::debug!(%board, "presence is full"),
            },
            BusEvent::Gone { board, session } => {
                if self.presence.remove(&board, &session) {
                    self.tell_presence(board, Vec::new(), vec![session], Vec::new()).await;
                }
            }
            BusEvent::Lost { session } => self.presence.lost(&session, Instant::now()),
            BusEvent::Notify { to, notification } => {
                let frame = frame::message(&ServerMessage::Notification(notification));
                self.fanout.tell_all(|| ToWorker::Notify { to: to.clone(), frame: frame.clone() }).await;
            }
        }
    }

    async fn subscribe(&mut self, request: SubscribeRequest, options: &Subscribe) {
        let mut messages = vec![ServerMessage::Subscribed {
            channel: request.channel.to_string(),
            at: None,
            recovered: false,
            reset: false,
        }];
        let points = (options.history.unwrap_or(0) as usize).min(self.history_points);
        match &request.channel {
            Channel::Stream(topic) => messages.extend(self.points.latest(topic, points)),
            Channel::StreamPrefix(prefix) => {
                messages.extend(self.points.latest_of_all(prefix, points, self.history_points));
            }
            Channel::Presence(board) => {
                messages.push(presence_message(board.clone(), self.presence.members(board), Vec::new(), Vec::new()))
            }
            Channel::Notifications | Channel::Board(_) => {}
        }
        let guard = self.readers.guard(&request.address.worker);
        request.grant(messages, &mut SharedSnapshot::default(), guard).await;
    }

    async fn tell_presence(&mut self, board: BoardId, joined: Vec<Member>, left: Vec<SessionId>, changed: Vec<Member>) {
        if self.readers.is_empty() {
            return;
        }
        let frame: Bytes = frame::message(&presence_message(board.clone(), joined, left, changed));
        self.readers.broadcast(&Channel::Presence(board), &frame, None).await;
    }
}

fn presence_message(board: BoardId, joined: Vec<Member>, left: Vec<SessionId>, changed: Vec<Member>) -> ServerMessage {
    ServerMessage::Presence { board, joined, left, changed }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tideboard_shared::decode_server;

    use super::*;
    use crate::{
        bus::LocalBus,
        fanout::{Address, JoinAnswer, SessionKey, Ticket},
    };

    const TTL: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn members_of_connections_that_broke_right_after_they_spoke_leave_in_time() {
        let bus = LocalBus::default();
        let fanout = Arc::new(Fanout::new(usize::MAX));
        let (worker, mut inbox) = fanout.add_worker();
        let live = Live::start(&bus, fanout, TTL, 1);
        let board: BoardId = "main".parse().unwrap();
        for n in 0..500 {
            let session = SessionId::from(format!("s{n}"));
            bus.publish(BusEvent::presence(board.clone(), session.clone(), "ann".into(), json!({}))).await;
            bus.publish(BusEvent::Lost { session }).await;
        }
        tokio::time::sleep(TTL + SWEEP * 2).await;
        let channel = Channel::Presence(board);
        let address = Address { worker, key: SessionKey(1) };
        let request = SubscribeRequest::new(address, channel.clone(), Ticket(1));
        live.subscribe(request, channel.into()).await;
        let Some(ToWorker::Join(join)) = inbox.recv().await else { panic!("an answer comes first") };
        let JoinAnswer::Granted { mut first, .. } = join.answer else { panic!("{join:?}") };
        let frame = first.remove(1).encode();
        let json = frame.iter().position(|byte| *byte == b'{').unwrap();
        let Ok(mut messages) = decode_server(std::str::from_utf8(&frame[json..]).unwrap()) else { panic!() };
        let Some(Ok(ServerMessage::Presence { joined, .. })) = messages.pop() else { panic!() };
        assert_eq!(joined, []);
    }

    #[tokio::test]
    async fn an_end_of_live_data_is_said_and_denies_who_subscribes() {
        let bus = LocalBus::default();
        let fanout = Arc::new(Fanout::new(usize::MAX));
        let live = Live::start(&bus, Arc::clone(&fanout), Duration::from_secs(1), 10);
        assert_eq!(live.trouble(), None);
        drop(bus);
        live.0.closed().await;
        assert!(live.trouble().is_some_and(|why| why.contains("live data has ended")));
        let (worker, mut inbox) = fanout.add_worker();
        let channel = Channel::Notifications;
        let address = Address { worker, key: SessionKey(1) };
        let request = SubscribeRequest::new(address, channel.clone(), Ticket(1));
        let options = Subscribe::from(channel);
        live.subscribe(request, options).await;
        let Some(ToWorker::Join(join)) = inbox.recv().await else { panic!() };
        assert!(matches!(join.answer, JoinAnswer::Denied(DeniedReason::Unavailable)));
    }
}
