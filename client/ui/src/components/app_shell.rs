//! Shell of a page: header with board, tabs, people, status and tools, and the main part below it.

use yew::prelude::*;

use super::{Icon, IconButton, Menu, MenuEntry, MenuItem, Theme, ThemeMenu};

/// Properties of [`AppShell`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct AppShellProps {
    /// Name of the board: the page's heading.
    pub board: AttrValue,
    /// Way to other boards in place of the name, such as a [`Menu`] with text. Default: the name alone.
    #[prop_or_default]
    pub switcher: Option<Html>,
    /// Row of tabs below the name, usually a [`TabBar`](super::TabBar). Default: no such row.
    #[prop_or_default]
    pub tabs: Option<Html>,
    /// Others on this board, such as [`Avatars`](super::Avatars). Always visible, so keep it narrow.
    #[prop_or_default]
    pub people: Html,
    /// End of the header, such as a `SyncIndicator`. Always visible.
    #[prop_or_default]
    pub status: Html,
    /// Frequent commands, such as undo: buttons on wide screens, menu entries on narrow ones. Each needs an icon.
    #[prop_or_default]
    pub tools: Vec<MenuItem>,
    /// Rare commands: always in the menu. Without them and without `tools` there is no menu.
    #[prop_or_default]
    pub menu: Vec<MenuEntry>,
    /// Urgent message, shown over the page below the header. Default: no message.
    #[prop_or_default]
    pub banner: Option<Html>,
    /// Kiosk mode, for a screen on a wall: the page without its header. Default false.
    #[prop_or_default]
    pub is_kiosk: bool,
    /// Called when the user wants the header back, by a button that shows under the pointer and with the focus. Without
    /// it there is no such button.
    #[prop_or_default]
    pub on_leave_kiosk: Option<Callback<()>>,
    /// Content of the page.
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

/// Tools as buttons beside the menu, and a single menu of everything for narrow screens; the style sheet shows one of
/// the two.
#[component]
fn Kit(props: &KitProps) -> Html {
    let KitProps { tools, menu } = props;
    let theme = use_context::<Theme>();
    let button = |item: &MenuItem| {
        let label = item.label.clone();
        let icon = item.icon.unwrap_or(Icon::More);
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
