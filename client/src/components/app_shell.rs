use yew::prelude::*;

use super::{Icon, ThemeToggle};

/// Properties of [`AppShell`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct AppShellProps {
    /// The board's name.
    pub board: AttrValue,
    /// What stands at the header's end, such as a `SyncIndicator`.
    #[prop_or_default]
    pub status: Html,
    /// The page.
    #[prop_or_default]
    pub children: Html,
}

/// The page's frame: header and main part.
#[component]
pub fn AppShell(props: &AppShellProps) -> Html {
    html! {
        <>
            <a class="skip-link" href="#content">{ "Skip to content" }</a>
            <header class="app-head">
                <span class="app-logo">{ Html::from(Icon::Logo) }</span>
                <span class="app-name">{ "Tideboard" }</span>
                <span class="app-divider" aria-hidden="true">{ "/" }</span>
                <h1 class="app-board">{ &props.board }</h1>
                <div class="app-tools">
                    { props.status.clone() }
                    <ThemeToggle />
                </div>
            </header>
            <main id="content" tabindex="-1">{ props.children.clone() }</main>
        </>
    }
}
