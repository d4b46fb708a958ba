//! Messages from tab to tab, over BroadcastChannel.
//!
//! In: messages to all other tabs of the same storage. Out: theirs, in order. Never: a message of one's own.

use gloo::events::EventListener;
use serde::{Deserialize, Serialize};
use tideboard_engine::PeerMessage;
use tideboard_shared::TabId;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

use crate::panic::LetGo;

/// Message from one tab of the browser to all others.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChannelMessage {
    /// Message of one engine to the others.
    Peer {
        /// The tab that says it.
        from: TabId,
        /// Content.
        message: Box<PeerMessage>,
    },
    /// The user has signed out: this client is no more.
    SignedOut,
}

/// The way from tab to tab, in order. Dropping it closes it.
#[derive(Debug)]
pub(super) struct Channel {
    channel: BroadcastChannel,
    _let_go: Option<LetGo>,
    _listener: EventListener,
}

impl Channel {
    /// Joins those who have the same name; `None` where there is no such thing.
    pub(super) fn open(name: &str, on_message: impl Fn(ChannelMessage) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let listener = EventListener::new(&channel, "message", move |event| {
            let text = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
            // A tab of another version may say what cannot be read; the engine notices what it has missed.
            if let Some(message) = text.and_then(|text| serde_json::from_str(&text).ok()) {
                on_message(message);
            }
        });
        Some(Self { _let_go: LetGo::by_method(&channel, "close", &JsValue::UNDEFINED), channel, _listener: listener })
    }

    /// Says something to all others.
    pub(super) fn say(&self, message: &ChannelMessage) {
        if let Ok(text) = serde_json::to_string(message) {
            let _ = self.channel.post_message(&text.into());
        }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.close();
    }
}
