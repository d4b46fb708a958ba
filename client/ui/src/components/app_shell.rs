use yew::prelude::*;

use super::{Icon, IconButton, Menu, MenuEntry, MenuItem, Theme, ThemeMenu};

/// Properties of [`AppShell`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct AppShellProps {
    /// The board's name: the page's heading.
    pub board: AttrValue,
    /// What stands in the name's place to go to other boards, such as a [`Menu`] with text.
    #[prop_or_default]
    pub switcher: Option<Html>,
    /// The [`TabBar`](super::TabBar), a row of its own below.
    #[prop_or_default]
    pub tabs: Option<Html>,
    /// Who else is here. Always in sight, so keep it narrow.
    #[prop_or_default]
    pub people: Html,
    /// What stands at the header's end, such as a `SyncIndicator`. Always in sight.
    #[prop_or_default]
    pub status: Html,
    /// What the board's people do all the time, such as undo: buttons, on narrow screens entries of the menu. Each needs an icon.
    #[prop_or_default]
    pub tools: Vec<MenuItem>,
    /// What they do now and then: always in the menu. Without and without tools there is no menu.
    #[prop_or_default]
    pub menu: Vec<MenuEntry>,
    /// What matters now, over the page below the header.
    #[prop_or_default]
    pub banner: Option<Html>,
    /// Whether the page is all there is, as on a screen on a wall.
    #[prop_or_default]
    pub is_kiosk: bool,
    /// Called when the user wants the header back, by a button that shows under the pointer and with the focus.
    #[prop_or_default]
    pub on_leave_kiosk: Option<Callback<()>>,
    /// The page.
    #[prop_or_default]
    pub children: Html,
}

/// The page's frame: header and main part. The header's height depends only on whether there are tabs.
#[component]
pub fn AppShell(props: &AppShellProps) -> Html {
    if props.is_kiosk {
        return bare(props);
    }
    html! {
        <>
            <a class="skip-link" href="#content">{ "Skip to content" }</a>
            <header class="app-top">
                <div class="app-head">
                    <div class="app-start">
                        <span class="app-logo">{ Html::from(Icon::Logo) }</span>
                        <span class="app-name">{ "Tideboard" }</span>
                        <span class="app-divider" aria-hidden="true">{ "/" }</span>
                        if let Some(switcher) = &props.switcher {
                            <h1 class="visually-hidden">{ &props.board }</h1>
                            <div class="app-switcher">{ switcher.clone() }</div>
                        } else {
                            <h1 class="app-board">{ &props.board }</h1>
                        }
                    </div>
                    <div class="app-tools">
                        { props.people.clone() }
                        { props.status.clone() }
                        <Kit tools={props.tools.clone()} menu={props.menu.clone()} />
                    </div>
                </div>
                if let Some(tabs) = &props.tabs {
                    <div class="app-tabs">{ tabs.clone() }</div>
                }
                if let Some(banner) = &props.banner {
                    <div class="app-banner">{ banner.clone() }</div>
                }
            </header>
            <main id="content" tabindex="-1">{ props.children.clone() }</main>
        </>
    }
}

fn bare(props: &AppShellProps) -> Html {
    html! {
        <>
            if let Some(on_leave) = &props.on_leave_kiosk {
                <button type="button" class="app-leave" onclick={on_leave.reform(|_: MouseEvent| ())}>
                    { Html::from(Icon::Close) }{ "Leave full screen" }
                </button>
            }
            <main id="content" class="app-bare" tabindex="-1">
                <h1 class="visually-hidden">{ &props.board }</h1>
                { props.children.clone() }
            </main>
        </>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct KitProps {
    tools: Vec<MenuItem>,
    menu: Vec<MenuEntry>,
}

/// The tools as buttons with the menu behind them, and beside it the one menu of everything; the style sheet shows one of both.
#[component]
fn Kit(props: &KitProps) -> Html {
    let KitProps { tools, menu } = props;
    let theme = use_context::<Theme>();
    let button = |item: &MenuItem| {
        let (label, icon) = (item.label.clone(), item.icon.unwrap_or(Icon::More));
        html! { <IconButton {icon} {label} onclick={item.on_choose.reform(|_| ())} is_disabled={item.is_disabled} /> }
    };
    let mut all: Vec<MenuEntry> = tools.iter().cloned().map(MenuEntry::Item).collect();
    if !tools.is_empty() && !menu.is_empty() {
        all.push(MenuEntry::Separator);
    }
    all.extend(menu.iter().cloned());
    if let Some(theme) = theme {
        all.push(MenuEntry::Heading("Theme".into()));
        all.extend(theme.entries());
    }
    html! {
        <>
            <div class="app-kit app-kit-wide">
                { for tools.iter().map(button) }
                <ThemeMenu />
                if !menu.is_empty() { <Menu label="More" entries={menu.clone()} /> }
            </div>
            <div class="app-kit app-kit-narrow">
                if !all.is_empty() { <Menu label="Board menu" icon={Icon::More} entries={all} /> }
            </div>
        </>
    }
}
