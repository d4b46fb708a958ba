//! List of an open menu, with its keyboard handling.

use std::{cell::RefCell, rc::Rc};

use web_sys::HtmlElement;
use yew::prelude::*;
use yew_hooks::use_click_away;

use super::{
    MenuEntry, MenuItem,
    steps::{find_typed, step},
};
use crate::components::{Icon, Keys};

/// Pause between letters after which they no longer belong to the same word.
const TYPED_TOGETHER_MS: f64 = 700.0;

/// Item that has the focus when the menu opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    First,
    Last,
}

/// Way in which a menu closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Focus goes back to the menu's button.
    Back,
    /// Focus stays with the element that was pressed beside the menu.
    Away,
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct MenuListProps {
    /// Element around the button and the list.
    pub(super) root: NodeRef,
    pub(super) label: AttrValue,
    pub(super) entries: Vec<MenuEntry>,
    pub(super) start: Start,
    pub(super) on_close: Callback<Way>,
}

/// List of a menu's entries, open as long as it is mounted.
#[component]
pub(super) fn MenuList(props: &MenuListProps) -> Html {
    let MenuListProps { root, label, entries, start, on_close } = props;
    let items: Vec<MenuItem> = entries.iter().filter_map(item_of).cloned().collect();
    let nodes = use_memo(items.len(), |count| (0..*count).map(|_| NodeRef::default()).collect::<Vec<_>>());
    let at = use_mut_ref(|| None);
    let typed = use_mut_ref(|| (String::new(), 0.0));
    let list = use_node_ref();
    use_effect_with((), {
        let list = list.clone();
        let nodes = Rc::clone(&nodes);
        let start = *start;
        move |()| {
            if let Some(list) = list.cast::<HtmlElement>() {
                // Fails in a browser without popovers, where the list is shown in the flow of the page.
                let _is_open = list.show_popover();
            }
            focus(if start == Start::First { nodes.first() } else { nodes.last() });
        }
    });
    use_click_away(root.clone(), {
        let on_close = on_close.clone();
        move |_| on_close.emit(Way::Away)
    });
    let has_icons = items.iter().any(|item| item.icon.is_some() || item.is_checked.is_some());
    let mut places = 0..;
    let entry = |entry: &MenuEntry| match entry {
        MenuEntry::Separator => html! { <hr /> },
        MenuEntry::Heading(words) => html! { <div class="menu-heading" role="presentation">{ words }</div> },
        MenuEntry::Item(item) => {
            let place = places.next().unwrap_or_default();
            row(item, nodes.get(place).cloned().unwrap_or_default(), on_close, (&at, place))
        }
    };
    let rows: Html = entries.iter().map(entry).collect();
    let keyboard = Keyboard { items, nodes, at, typed, on_close: on_close.clone() };
    html! {
        <div ref={list} class={classes!("menu-list", has_icons.then_some("menu-with-icons"))} role="menu"
            aria-label={label.clone()} popover="manual"
            onkeydown={move |event| keyboard.press(&event)}>{ rows }</div>
    }
}

/// Keyboard handling of an open menu.
struct Keyboard {
    items: Vec<MenuItem>,
    nodes: Rc<Vec<NodeRef>>,
    /// Place of the item that has the focus.
    at: Rc<RefCell<Option<usize>>>,
    /// Letters typed recently, and when the last of them came, in ms.
    typed: Rc<RefCell<(String, f64)>>,
    on_close: Callback<Way>,
}

impl Keyboard {
    fn press(&self, event: &KeyboardEvent) {
        let key = event.key();
        match key.as_str() {
            // Not prevented: the browser moves the focus on from the button.
            "Tab" => return self.on_close.emit(Way::Back),
            "Escape" => self.on_close.emit(Way::Back),
            _ => {
                let at = *self.at.borrow();
                let place = step(&key, at, self.items.len()).or_else(|| self.place_typed(event, &key, at));
                let Some(place) = place else { return };
                focus(self.nodes.get(place));
            }
        }
        event.prevent_default();
        event.stop_propagation();
    }

    fn place_typed(&self, event: &KeyboardEvent, key: &str, at: Option<usize>) -> Option<usize> {
        let is_command = event.ctrl_key() || event.meta_key() || event.alt_key();
        if is_command || key == " " || key.chars().count() != 1 {
            return None;
        }
        let typed = add_typed(&mut self.typed.borrow_mut(), key, event.time_stamp());
        find_typed(self.items.iter().map(|item| &*item.label), &typed, at)
    }
}

fn focus(node: Option<&NodeRef>) {
    if let Some(item) = node.and_then(NodeRef::cast::<HtmlElement>) {
        // Fails only where it is no longer on the page.
        let _is_gone = item.focus();
    }
}

fn item_of(entry: &MenuEntry) -> Option<&MenuItem> {
    match entry {
        MenuEntry::Item(item) => Some(item),
        MenuEntry::Heading(_) | MenuEntry::Separator => None,
    }
}

/// Adds a letter to those typed before, which are dropped after a pause. Returns all of them.
fn add_typed(typed: &mut (String, f64), letter: &str, now_ms: f64) -> String {
    if now_ms - typed.1 > TYPED_TOGETHER_MS {
        typed.0.clear();
    }
    typed.0.push_str(letter);
    typed.1 = now_ms;
    typed.0.clone()
}

/// Menu item. `at` holds the place that has the focus, and the item's own. The pointer moves the focus along, so that
/// only one item stands out.
fn row(item: &MenuItem, node: NodeRef, on_close: &Callback<Way>, at: (&Rc<RefCell<Option<usize>>>, usize)) -> Html {
    let MenuItem { label, icon, keys, is_danger, is_disabled, is_checked, is_choice, on_choose } = item;
    let onclick = {
        let on_close = on_close.clone();
        let on_choose = on_choose.clone();
        let is_disabled = *is_disabled;
        move |_: MouseEvent| {
            if !is_disabled {
                // Closed first, so that a dialog that the item opens gives the focus back to the button.
                on_close.emit(Way::Back);
                on_choose.emit(());
            }
        }
    };
    let current = Rc::clone(at.0);
    let place = at.1;
    let onfocus = {
        let current = Rc::clone(&current);
        move |_: FocusEvent| *current.borrow_mut() = Some(place)
    };
    let onpointermove = {
        let node = node.clone();
        move |_: PointerEvent| {
            let is_here = *current.borrow() == Some(place);
            if !is_here {
                focus(Some(&node));
            }
        }
    };
    let role = match is_checked {
        Some(_) if *is_choice => "menuitemradio",
        Some(_) => "menuitemcheckbox",
        None => "menuitem",
    };
    let picture = match is_checked {
        Some(true) => Some(Icon::Check),
        Some(false) => None,
        None => *icon,
    };
    html! {
        <button ref={node} type="button" {role} class={classes!("menu-item", is_danger.then_some("menu-danger"))}
            tabindex="-1"
            aria-disabled={is_disabled.then_some("true")} aria-checked={is_checked.map(|on| on.to_string())}
            {onclick} {onfocus} {onpointermove}>
            <span class="menu-icon">{ picture.map(Html::from) }</span>
            <span class="menu-label">{ label }</span>
            if !keys.is_empty() { <Keys keys={keys.clone()} /> }
        </button>
    }
}
