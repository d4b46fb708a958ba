//! Messages of one component, between their arrival and the time at which they are read.
//!
//! Never: a message dropped without a count.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use serde::de::DeserializeOwned;
use tideboard_engine::{Body, Item};
use tideboard_shared::{ServerMessage, UnixMs};

use super::{Keep, UseWebsocketMessageOptions};
use crate::clock;

/// Messages that have been handed on to one component.
pub(super) struct Inbox<T>(RefCell<Contents<T>>);

pub(super) struct Contents<T> {
    /// The latest, newest last.
    pub(super) history: VecDeque<Rc<T>>,
    /// Messages that were not drained, oldest first.
    pub(super) undrained: VecDeque<Rc<T>>,
    pub(super) dropped: u64,
    pub(super) is_complete: bool,
    pub(super) last_at: Option<UnixMs>,
    /// Rises with every change.
    pub(super) version: u64,
}

impl<T> Default for Inbox<T> {
    fn default() -> Self {
        Self(RefCell::new(Contents {
            history: VecDeque::new(),
            undrained: VecDeque::new(),
            dropped: 0,
            is_complete: true,
            last_at: None,
            version: 0,
        }))
    }
}

impl<T> Inbox<T> {
    pub(super) fn read<R>(&self, read: impl FnOnce(&Contents<T>) -> R) -> R {
        read(&self.0.borrow())
    }

    pub(super) fn change<R>(&self, change: impl FnOnce(&mut Contents<T>) -> R) -> R {
        let mut contents = self.0.borrow_mut();
        contents.version += 1;
        change(&mut contents)
    }
}

impl<T: DeserializeOwned> Inbox<T> {
    /// Takes items in, in their order; whether there was anything among them.
    pub(super) fn take_in(&self, items: Vec<Item>, options: &UseWebsocketMessageOptions<T>) -> bool {
        let mut is_changed = false;
        for item in items {
            match item.body {
                Body::Message(message) => {
                    if options.filter.as_ref().is_some_and(|filter| !filter.emit(Rc::clone(&message))) {
                        continue;
                    }
                    match read(&message) {
                        Ok(value) => {
                            let value = Rc::new(value);
                            self.change(|contents| contents.add(Rc::clone(&value), options));
                            options.on_message.emit(value);
                            is_changed = true;
                        }
                        Err(problem) => options.on_decode_error.emit(problem),
                    }
                }
                Body::Missed(missed) => {
                    self.change(|contents| {
                        contents.dropped += missed.count.unwrap_or_default();
                        contents.is_complete = false;
                    });
                    is_changed = true;
                }
                Body::Event(_) | Body::Point { .. } | Body::Folded(_) => {}
            }
        }
        is_changed
    }
}

impl<T> Contents<T> {
    fn add(&mut self, value: Rc<T>, options: &UseWebsocketMessageOptions<T>) {
        let kept = match options.keep {
            Keep::Latest => 1,
            Keep::Last(count) => count.max(1),
        };
        self.last_at = Some(clock::now().wall);
        self.history.push_back(Rc::clone(&value));
        while self.history.len() > kept {
            self.history.pop_front();
        }
        self.undrained.push_back(value);
        while self.undrained.len() > options.max_undrained {
            self.undrained.pop_front();
            self.dropped += 1;
            self.is_complete = false;
        }
    }
}

fn read<T: DeserializeOwned>(message: &ServerMessage) -> Result<T, String> {
    let json = serde_json::to_value(message).map_err(|error| error.to_string())?;
    serde_json::from_value(json).map_err(|error| error.to_string())
}
