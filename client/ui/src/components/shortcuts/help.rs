//! Page of help with all shortcuts.

use std::rc::Rc;

use yew::prelude::*;

use super::{Shortcut, SingleKeys, has_single};
use crate::components::{Dialog, Keys, Switch};

/// Properties of [`ShortcutsHelp`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct ShortcutsHelpProps {
    /// Shortcuts to list, as given to `use_shortcuts`.
    pub shortcuts: Rc<[Shortcut]>,
    /// Setting for shortcuts of single keys.
    pub single_keys: SingleKeys,
    /// Called when the user closes the help. The owner then no longer renders it.
    pub on_close: Callback<()>,
}

const SINGLE_KEYS_HINT: &str =
    "Off: only those with Ctrl, ⌘ or Alt work. For speech input, or where keys are pressed by accident.";

/// Dialog that lists every shortcut by its group, with the switch for shortcuts of single keys.
#[component]
pub fn ShortcutsHelp(props: &ShortcutsHelpProps) -> Html {
    let ShortcutsHelpProps { shortcuts, single_keys, on_close } = props;
    let mut groups: Vec<(&AttrValue, Vec<&Shortcut>)> = Vec::new();
    for shortcut in shortcuts.iter() {
        match groups.iter_mut().find(|(group, _)| *group == &shortcut.group) {
            Some((_, all)) => all.push(shortcut),
            None => groups.push((&shortcut.group, vec![shortcut])),
        }
    }
    let row = |shortcut: &&Shortcut| {
        let is_off = !single_keys.is_on && has_single(&shortcut.keys);
        html! {
            <li class={is_off.then_some("shortcut-off")}>
                <span>{ &shortcut.label }</span>
                if is_off { <span class="visually-hidden">{ "(off)" }</span> }
                <Keys keys={shortcut.keys.clone()} is_spoken=true />
            </li>
        }
    };
    let group = |(group, all): &(&AttrValue, Vec<&Shortcut>)| {
        html! { <section><h3>{ *group }</h3><ul>{ for all.iter().map(row) }</ul></section> }
    };
    html! {
        <Dialog title="Keyboard shortcuts" class="shortcuts" on_close={on_close.clone()}>
            <Switch label="Shortcuts of single keys" is_on={single_keys.is_on} on_change={single_keys.set.clone()}
                hint={SINGLE_KEYS_HINT} />
            <div class="shortcuts-groups">{ for groups.iter().map(group) }</div>
        </Dialog>
    }
}
