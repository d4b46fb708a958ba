//! The shop's own application. It knows nothing of boards but the two components that it places.

use tideboard_client::RealtimeProvider;
use yew::prelude::*;

use crate::live::{LiveOrders, LiveSide};

/// Pages of the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Home,
    Orders,
}

/// The back office.
#[component]
pub(crate) fn Shop() -> Html {
    let page = use_state(|| Page::Home);
    let go = |to: Page| {
        let page = page.setter();
        move |_| page.set(to)
    };
    html! {
        <>
            <nav>
                <button onclick={go(Page::Home)}>{ "Home" }</button>
                <button onclick={go(Page::Orders)}>{ "Orders" }</button>
            </nav>
            {
                match *page {
                    Page::Home => html! { <p>{ "Good morning. There is nothing live on this page, and no connection." }</p> },
                    // The connection is there while this page is.
                    Page::Orders => html! {
                        <RealtimeProvider url="ws://localhost:3000/api/realtime">
                            <LiveOrders /><LiveSide />
                        </RealtimeProvider>
                    },
                }
            }
        </>
    }
}
