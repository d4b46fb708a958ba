//! Tabs that lead to the pages of a board.

use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::Icon;

/// A page that a tab leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// Identifier, unique among the tabs.
    pub id: AttrValue,
    /// Words on the tab.
    pub label: AttrValue,
    /// Icon in front of the words.
    pub icon: Icon,
    /// Address of the page, for a new window and for copying.
    pub href: AttrValue,
    /// Number of things that wait on the page; not shown at 0.
    pub count: usize,
}

/// Properties of [`TabBar`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TabBarProps {
    /// Tabs, from the left.
    pub tabs: Vec<Tab>,
    /// Id of the open tab.
    pub current: AttrValue,
    /// Called with the id of the tab that the user goes to. Default: the browser follows the link.
    #[prop_or_default]
    pub on_go: Option<Callback<AttrValue>>,
    /// Accessible name of the bar. Default: "Board".
    #[prop_or(AttrValue::Static("Board"))]
    pub label: AttrValue,
}

/// Links to the pages of one thing, as a row that scrolls where it does not fit. The open one is always in view.
#[component]
pub fn TabBar(props: &TabBarProps) -> Html {
    let TabBarProps { tabs, current, on_go, label } = props;
    let bar = use_node_ref();
    use_effect_with(current.clone(), {
        let bar = bar.clone();
        move |_| {
            if let Some(bar) = bar.cast::<HtmlElement>() {
                show_current(&bar);
            }
        }
    });
    let tab = |tab: &Tab| {
        let onclick = on_go.as_ref().map(|on_go| {
            let on_go = on_go.clone();
            let id = tab.id.clone();
            Callback::from(move |event: MouseEvent| {
                // Other clicks ask the browser for a new tab, a new window or a download.
                if is_plain(&event) {
                    event.prevent_default();
                    on_go.emit(id.clone());
                }
            })
        });
        let is_current = tab.id == *current;
        html! {
            <li key={tab.id.to_string()}>
                <a class="tab" href={tab.href.clone()} aria-current={is_current.then_some("page")} {onclick}>
                    { Html::from(tab.icon) }
                    { &tab.label }
                    if tab.count > 0 { <span class="tab-count">{ tab.count }</span> }
                </a>
            </li>
        }
    };
    html! { <nav ref={bar} class="tab-bar" aria-label={label.clone()}><ul>{ for tabs.iter().map(tab) }</ul></nav> }
}

/// Tells whether a click on a link asks for no more than to follow it here.
fn is_plain(event: &MouseEvent) -> bool {
    event.button() == 0 && !event.ctrl_key() && !event.meta_key() && !event.shift_key() && !event.alt_key()
}

/// Scrolls the bar, and nothing else, until the open tab is in its middle, as far as it can.
fn show_current(bar: &Element) {
    let Ok(Some(tab)) = bar.query_selector("[aria-current]") else { return };
    let bar_box = bar.get_bounding_client_rect();
    let tab_box = tab.get_bounding_client_rect();
    let off_middle = (tab_box.left() + tab_box.right() - bar_box.left() - bar_box.right()) / 2.0;
    // Whole pixels are exact enough here.
    bar.set_scroll_left(bar.scroll_left() + off_middle as i32);
}
