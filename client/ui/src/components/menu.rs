use web_sys::HtmlElement;
use yew::prelude::*;

mod list;
pub(crate) mod steps;

use self::list::{MenuList, Start, Way};
use super::Icon;

/// One thing that a menu offers.
#[derive(Debug, Clone, PartialEq)]
pub struct MenuItem {
    /// Its words.
    pub label: AttrValue,
    /// A picture before them.
    pub icon: Option<Icon>,
    /// The keys that do the same, as in [`Keys`](super::Keys); empty for none.
    pub keys: AttrValue,
    /// Whether it destroys something.
    pub is_danger: bool,
    /// Whether it does nothing now. It can still be reached, so that it is known to exist.
    pub is_disabled: bool,
    /// For a setting, whether it is on.
    pub is_checked: Option<bool>,
    /// Whether only one of those around it can be on.
    pub is_choice: bool,
    /// Called when it is chosen; the menu is closed then.
    pub on_choose: Callback<()>,
}

impl MenuItem {
    /// One that can be chosen, without a picture.
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

    /// With a picture.
    #[must_use]
    pub fn icon(self, icon: Icon) -> Self {
        Self { icon: Some(icon), ..self }
    }

    /// With the keys that do the same.
    #[must_use]
    pub fn keys(self, keys: impl Into<AttrValue>) -> Self {
        Self { keys: keys.into(), ..self }
    }

    /// As one that destroys something.
    #[must_use]
    pub fn danger(self) -> Self {
        Self { is_danger: true, ..self }
    }

    /// As one that does nothing now, if so.
    #[must_use]
    pub fn disabled(self, is_disabled: bool) -> Self {
        Self { is_disabled, ..self }
    }

    /// As a setting that is on or off.
    #[must_use]
    pub fn checked(self, is_checked: bool) -> Self {
        Self { is_checked: Some(is_checked), ..self }
    }

    /// As one of several of which one is on.
    #[must_use]
    pub fn chosen(self, is_chosen: bool) -> Self {
        Self { is_checked: Some(is_chosen), is_choice: true, ..self }
    }
}

/// What a menu is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum MenuEntry {
    /// Something to choose.
    Item(MenuItem),
    /// What the following are about.
    Heading(AttrValue),
    /// A line between two groups.
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
    /// What it is for: the accessible name, and the tooltip of a button without text.
    pub label: AttrValue,
    /// What it offers, from above.
    pub entries: Vec<MenuEntry>,
    /// The button's words. Without, it is only a picture.
    #[prop_or_default]
    pub text: Option<AttrValue>,
    /// The button's picture. Default: [`Icon::More`] where it has no words.
    #[prop_or_default]
    pub icon: Option<Icon>,
    /// Whether it cannot be opened now.
    #[prop_or_default]
    pub is_disabled: bool,
    /// More classes, of the button.
    #[prop_or_default]
    pub class: Classes,
}

/// A button that opens a list of things to do, over everything else.
///
/// Keys as in the ARIA practices' menu button: arrows, Home, End, the words' first letters, Escape.
#[component]
pub fn Menu(props: &MenuProps) -> Html {
    let MenuProps { label, entries, text, icon, is_disabled, class } = props;
    let (root, button) = (use_node_ref(), use_node_ref());
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
        let (open, button) = (open.setter(), button.clone());
        Callback::from(move |way| {
            if let (Way::Back, Some(button)) = (way, button.cast::<HtmlElement>()) {
                // Fails only where it is no longer on the page.
                let _is_gone = button.focus();
            }
            open.set(None);
        })
    };
    let picture = icon.or(text.is_none().then_some(Icon::More)).map(Html::from);
    // People say what they see.
    let name = text.as_ref().map_or_else(|| label.clone(), |text| format!("{label}: {text}").into());
    let look = if text.is_some() { "menu-button" } else { "icon-button" };
    html! {
        <div ref={root.clone()} class="menu">
            <button ref={button} type="button" class={classes!("menu-anchor", look, class.clone())} aria-haspopup="menu"
                aria-expanded={open.is_some().to_string()} aria-label={name} title={text.is_none().then(|| label.clone())}
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
