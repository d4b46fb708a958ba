use std::{rc::Rc, time::Duration};

use tideboard_engine::{ChannelStatus, Plan, PlanTab, PlanView};
use tideboard_shared::Channel;
use yew::prelude::*;

use crate::{
    by_address::ByAddress,
    hooks::{use_realtime, use_store_with},
    slot::Slot,
};

mod handle;

pub use handle::{SubscriptionTotals, UseRealtimeSubscriptionsHandle};

/// Options of [`use_realtime_subscriptions`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UseRealtimeSubscriptionsOptions {
    /// What each tab needs, in the order in which the tabs are shown.
    pub map: Vec<PlanTab>,
    /// How long a tab has to be looked at before it counts. Default `subscriptions.debounce`.
    pub debounce: Option<Duration>,
    /// How long the channels of a tab that was left stay. Default `subscriptions.linger`.
    pub linger: Option<Duration>,
    /// How many tabs on each side are subscribed to as well, slowly. Default `subscriptions.prefetch`.
    pub prefetch: Option<usize>,
    /// Whether nothing is wanted while the page is hidden. Default false.
    pub visible_only: bool,
}

/// Follows the user from tab to tab of a dashboard: only what is looked at is subscribed to.
///
/// ```no_run
/// use tideboard_client::hooks::{UseRealtimeSubscriptionsOptions, use_realtime_subscriptions};
/// use tideboard_engine::PlanTab;
/// use tideboard_shared::Channel;
/// use yew::prelude::*;
///
/// #[component]
/// fn Tabs() -> Html {
///     let tab = use_state(|| "orders");
///     let needs = |name: &str, channel: &str| PlanTab {
///         name: name.to_owned(),
///         wishes: vec![channel.parse::<Channel>().expect("a channel").into()],
///     };
///     let map = vec![needs("orders", "board:main"), needs("machine", "stream:host.*")];
///     let options = UseRealtimeSubscriptionsOptions { map, ..Default::default() };
///     let subscriptions = use_realtime_subscriptions(Some(*tab), options);
///     let onclick = move |_| tab.set("machine");
///     html! { <button {onclick}>{ format!("{} channels denied", subscriptions.denied().len()) }</button> }
/// }
/// ```
///
/// | option | default | |
/// |---|---|---|
/// | `map` | none | what each tab needs: channels with priorities and rates |
/// | `debounce` | `subscriptions.debounce` | who only passes by a tab subscribes to nothing |
/// | `linger` | `subscriptions.linger` | coming back soon costs nothing |
/// | `prefetch` | `subscriptions.prefetch` | neighbouring tabs, slowly and last |
/// | `visible_only` | false | nothing while the page is hidden |
///
/// Returns a [`UseRealtimeSubscriptionsHandle`]; renders when the active tab, or where a channel stands, changes, not for
/// what comes through. Nothing fails: what the server denies shows in `denied()`.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_realtime_subscriptions(
    active_tab: Option<&'static str>,
    options: UseRealtimeSubscriptionsOptions,
) -> UseRealtimeSubscriptionsHandle {
    let realtime = use_realtime();
    let plan = plan(options);
    let opened = {
        let plan = plan.clone();
        use_memo(realtime.clone(), move |realtime| Slot::new(Some(realtime.open_plan(plan))))
    };
    use_effect_with(ByAddress::of(&opened), |opened| {
        let opened = Rc::clone(&opened.0);
        move || opened.close()
    });
    use_effect_with((ByAddress::of(&opened), plan), |(opened, plan)| {
        if let Some(opened) = opened.get() {
            opened.replace(plan.clone());
        }
    });
    use_effect_with((ByAddress::of(&opened), active_tab), |(opened, tab)| {
        if let Some(opened) = opened.get() {
            opened.set_active_tab(*tab);
        }
    });
    let shown = use_store_with(opened.get().map(|opened| opened.id()), |reader, plan| {
        let view = plan.and_then(|plan| reader.plan(plan)).unwrap_or_default();
        let channels = reader.channels().into_iter().map(|view| (view.channel, view.status)).collect();
        Shown { plan: view, channels }
    });
    UseRealtimeSubscriptionsHandle { realtime, opened, shown }
}

/// Everything that causes a render.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    plan: PlanView,
    channels: Vec<(Channel, ChannelStatus)>,
}

fn plan(options: UseRealtimeSubscriptionsOptions) -> Plan {
    let UseRealtimeSubscriptionsOptions { map, debounce, linger, prefetch, visible_only } = options;
    Plan { tabs: map, visible_only, debounce, linger, prefetch }
}
