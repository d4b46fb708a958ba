use tideboard_shared::message::Subscribe;
use yew::prelude::*;

use super::use_realtime;

/// Keeps a channel subscribed while the component is mounted. All components that want a channel share one
/// subscription, as wide as the widest request. The other hooks do this by themselves.
///
/// ```no_run
/// use tideboard_client::hooks::use_channel;
/// use tideboard_shared::Channel;
/// use yew::prelude::*;
///
/// #[component]
/// fn Warm() -> Html {
///     use_channel(Channel::Notifications.into());
///     html! {}
/// }
/// ```
///
/// It has no options and returns nothing; the server's refusal shows as `denied` in the board's status.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_channel(request: Subscribe) {
    let realtime = use_realtime();
    use_effect_with((realtime, request), |(realtime, request)| {
        let subscription = realtime.subscribe(request.clone());
        move || drop(subscription)
    });
}
