//! Menu button with a list of commands and settings.
//!
//! In: the list's lines. Out: the callback of the item that was chosen. Never: a submenu.

use web_sys::HtmlElement;
use yew::prelude::*;

mod list;
pub(crate) mod steps;

use self::list::{MenuList, Start, Way};
use super::Icon;

/// Item of a menu that can be chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct MenuItem {
    /// Words of the item.
    pub label: AttrValue,
    /// Icon in front of the words.
    pub icon: Option<Icon>,
    /// Shortcut with the same effect, as in [`Keys`](super::Keys); empty for none.
    pub keys: AttrValue,
    /// Danger: choosing it destroys something.
    pub is_danger: bool,
    /// Disabled: it does nothing, but can be reached by keyboard, so that people learn that it exists.
    pub is_disabled: bool,
    /// State of a setting; `None` for an item that is not a setting.
    pub is_checked: Option<bool>,
    /// Radio item: only one of the checked items around it can be on.
    pub is_choice: bool,
    /// Called when the item is chosen, after which the menu closes.
    pub on_choose: Callback<()>,
}

impl MenuItem {
    /// Creates an enabled item without icon and keys.
    #[must_use]
    pub fn new(label: impl Into<AttrValue>, on_choose: Callback<()>) -> Self {
        Self {
            label: label.into(),
            icon: None,
            keys: AttrValue::default(),
            is_danger: false,
            is_disabled: false,
            is_checked: None,
            is_choice: false,
            on_choose,
        }
    }

    /// Adds an icon.
    #[must_use]
    pub fn icon(self, icon: Icon) -> Self {
        Self { icon: Some(icon), ..self }
    }

    /// Adds the shortcut with the same effect.
    #[must_use]
    pub fn keys(self, keys: impl Into<AttrValue>) -> Self {
        Self { keys: keys.into(), ..self }
    }

    /// Marks the item as one that destroys something.
    #[must_use]
    pub fn danger(self) -> Self {
        Self { is_danger: true, ..self }
    }

    /// Sets whether the item is disabled.
    #[must_use]
    pub fn disabled(self, is_disabled: bool) -> Self {
        Self { is_disabled, ..self }
    }

    /// Makes the item a setting that is on or off.
    #[must_use]
    pub fn checked(self, is_checked: bool) -> Self {
        Self { is_checked: Some(is_checked), ..self }
    }

    /// Makes the item one of several of which only one is on.
    #[must_use]
    pub fn chosen(self, is_chosen: bool) -> Self {
        Self { is_checked: Some(is_chosen), is_choice: true, ..self }
    }
}

/// Line of a menu.
#[derive(Debug, Clone, PartialEq)]
pub enum MenuEntry {
    /// Item that can be chosen.
    Item(MenuItem),
    /// Heading of the items that follow.
    Heading(AttrValue),
    /// Line between two groups.
    Separator,
}

impl From<MenuItem> for MenuEntry {
    fn from(item: MenuItem) -> Self {
        Self::Item(item)
    }
}

/// Properties of [`Menu`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct MenuProps {
    /// Accessible name of button and list, and the tooltip of a button without text.
    pub label: AttrValue,
    /// Lines of the menu, from above.
    pub entries: Vec<MenuEntry>,
    /// Words on the button. Default: none, the button is only an icon.
    #[prop_or_default]
    pub text: Option<AttrValue>,
    /// Icon on the button. Default: [`Icon::More`] if there are no words, else none.
    #[prop_or_default]
    pub icon: Option<Icon>,
    /// Disabled: the menu cannot be opened. Default false.
    #[prop_or_default]
    pub is_disabled: bool,
    /// More classes of the button.
    #[prop_or_default]
    pub class: Classes,
}

/// Button that opens a list of commands and settings over everything else.
///
/// Keys as in the ARIA practices' menu button: arrows, Home, End, the words' first letters, Escape.
#[component]
pub fn Menu(props: &MenuProps) -> Html {
    let MenuProps { label, entries, text, icon, is_disabled, class } = props;
    let root = use_node_ref();
    let button = use_node_ref();
    let open = use_state(|| None::<Start>);
    let onclick = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(open.is_none().then_some(Start::First)))
    };
    let onkeydown = {
        let open = open.setter();
        Callback::from(move |event: KeyboardEvent| {
            let start = match event.key().as_str() {
                "ArrowDown" => Start::First,
                "ArrowUp" => Start::Last,
                _ => return,
            };
            event.prevent_default();
            open.set(Some(start));
        })
    };
    let on_close = {
        let open = open.setter();
        let button = button.clone();
        Callback::from(move |way| {
            if let (Way::Back, Some(button)) = (way, button.cast::<HtmlElement>()) {
                // Fails only where it is no longer on the page.
                let _is_gone = button.focus();
            }
            open.set(None);
        })
    };
    let picture = icon.or(text.is_none().then_some(Icon::More)).map(Html::from);
    // The name begins with the visible words: people who speak to the page say what they see.
    let name = text.as_ref().map_or_else(|| label.clone(), |text| format!("{label}: {text}").into());
    let look = if text.is_some() { "menu-button" } else { "icon-button" };
    html! {
        <div ref={root.clone()} class="menu">
            <button ref={button} type="button" class={classes!("menu-anchor", look, class.clone())} aria-haspopup="menu"
                aria-expanded={open.is_some().to_string()} aria-label={name}
                title={text.is_none().then(|| label.clone())}
                disabled={*is_disabled} {onclick} {onkeydown}>
                { picture }
                if let Some(text) = text {
                    <span class="menu-text">{ text }</span>{ Html::from(Icon::ChevronDown) }
                }
            </button>
            if let Some(start) = *open {
                <MenuList {root} label={label.clone()} entries={entries.clone()} {start} {on_close} />
            }
        </div>
    }
}
