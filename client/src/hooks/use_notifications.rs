use std::rc::Rc;

use tideboard_shared::{
    Channel, ServerMessage, ServerMessageType,
    message::{Level, Notification},
};
use yew::prelude::*;
use yew_hooks::use_latest;

use super::{use_channel, use_realtime, use_store_with};
use crate::Realtime;

/// Options of [`use_notifications`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseNotificationsOptions {
    /// Only those that are at least so serious. Default all of them.
    pub min_level: Level,
    /// At most so many, the newest. Default 100, which is also the most that are kept.
    pub max: usize,
    /// Called with each one as it arrives, without a render.
    pub on_notification: Callback<Notification>,
}

impl Default for UseNotificationsOptions {
    fn default() -> Self {
        Self { min_level: Level::Info, max: 100, on_notification: Callback::noop() }
    }
}

/// Handle of [`use_notifications`].
#[derive(Debug, Clone, PartialEq)]
pub struct UseNotificationsHandle {
    realtime: Realtime,
    list: Rc<Vec<Notification>>,
}

impl UseNotificationsHandle {
    /// Notifications that were not dismissed, newest first.
    #[must_use]
    pub fn list(&self) -> &[Notification] {
        &self.list
    }

    /// Forgets one for good, in every component of the page. `false` when there is none of that name.
    pub fn dismiss(&self, id: &str) -> bool {
        self.realtime.dismiss_notification(id)
    }

    /// Forgets all that are listed.
    pub fn dismiss_all(&self) {
        for notification in self.list.iter() {
            self.realtime.dismiss_notification(&notification.id);
        }
    }
}

/// Follows what the server wants this user, or everyone, to know.
///
/// ```no_run
/// use tideboard_client::hooks::use_notifications;
/// use yew::prelude::*;
///
/// #[component]
/// fn Bell() -> Html {
///     let notifications = use_notifications();
///     html! { <p>{ format!("{} new", notifications.list().len()) }</p> }
/// }
/// ```
///
/// | option of [`use_notifications_with_options`] | default | |
/// |---|---|---|
/// | `min_level` | `Info` | only those that are at least so serious |
/// | `max` | 100 | at most so many, the newest |
/// | `on_notification` | none | called with each one as it arrives, without a render |
///
/// Returns a [`UseNotificationsHandle`]; renders when its list changes. What arrived stays until it is dismissed,
/// whether or not there is a connection.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_notifications() -> UseNotificationsHandle {
    use_notifications_with_options(UseNotificationsOptions::default())
}

/// [`use_notifications`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_notifications_with_options(options: UseNotificationsOptions) -> UseNotificationsHandle {
    let realtime = use_realtime();
    use_channel(Channel::Notifications.into());
    let min_level = options.min_level;
    let max = options.max;
    let latest = use_latest(options);
    use_effect_with(realtime.clone(), move |realtime| {
        let listener = realtime.listen(ServerMessageType::Notification, {
            Callback::from(move |message: Rc<ServerMessage>| {
                let options = latest.current();
                if let ServerMessage::Notification(notification) = message.as_ref()
                    && notification.level >= options.min_level
                {
                    options.on_notification.emit(notification.clone());
                }
            })
        });
        move || drop(listener)
    });
    let list = use_store_with((min_level, max), |reader, (min_level, max)| {
        let wanted = reader.notifications().into_iter().filter(|notification| notification.level >= *min_level);
        wanted.take(*max).collect::<Vec<_>>()
    });
    UseNotificationsHandle { realtime, list }
}
