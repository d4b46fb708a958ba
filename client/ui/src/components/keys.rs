//! Keys of a shortcut as they look on the user's keyboard.

use gloo::utils::window;
use yew::prelude::*;

/// Properties of [`Keys`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct KeysProps {
    /// Steps separated by spaces, the keys of one step joined by `+`: `g o`, `mod+k`. `mod` is the platform's own: Ctrl
    /// or ⌘.
    pub keys: AttrValue,
    /// Adds the keys in words for screen readers. Default false: the keys are decoration of something that says enough.
    #[prop_or_default]
    pub is_spoken: bool,
}

/// Keys of a shortcut, as they are printed on the keyboard.
#[component]
pub fn Keys(props: &KeysProps) -> Html {
    let is_mac = use_memo((), |()| is_mac());
    let step = |step: &str| {
        let cap = |key: &str| html! { <kbd>{ cap(key, *is_mac) }</kbd> };
        html! { <span class="keys-step">{ for split(step).map(cap) }</span> }
    };
    html! {
        <>
            <span class="keys" aria-hidden="true">{ for props.keys.split_whitespace().map(step) }</span>
            if props.is_spoken { <span class="visually-hidden">{ in_words(&props.keys, *is_mac) }</span> }
        </>
    }
}

fn in_words(keys: &str, is_mac: bool) -> String {
    let key = |key: &str| match (key, is_mac) {
        ("mod", true) => "Command".to_owned(),
        ("alt" | "shift", true) => cap(key, false),
        ("?", _) => "question mark".to_owned(),
        _ if key.starts_with("arrow") => key.replacen("arrow", "arrow ", 1),
        _ => cap(key, false),
    };
    let step = |step: &str| split(step).map(key).collect::<Vec<_>>().join(" and ");
    keys.split_whitespace().map(step).collect::<Vec<_>>().join(", then ")
}

/// Splits one step into its keys. The `+` itself may be the last of them.
pub(crate) fn split(step: &str) -> impl Iterator<Item = &str> {
    let (before, last) = match step.strip_suffix('+') {
        Some(before) => (before.trim_end_matches('+'), "+"),
        None => step.rsplit_once('+').unwrap_or(("", step)),
    };
    before.split('+').filter(|key| !key.is_empty()).chain([last])
}

/// Tells whether the platform's shortcuts use ⌘ in place of Ctrl.
pub(crate) fn is_mac() -> bool {
    let platform = window().navigator().platform().unwrap_or_default();
    platform.starts_with("Mac") || platform.starts_with("iP")
}

fn cap(key: &str, is_mac: bool) -> String {
    let cap = match (key, is_mac) {
        ("mod", true) => "⌘",
        ("mod", false) => "Ctrl",
        ("alt", true) => "⌥",
        ("shift", true) => "⇧",
        ("arrowup", _) => "↑",
        ("arrowdown", _) => "↓",
        ("arrowleft", _) => "←",
        ("arrowright", _) => "→",
        ("enter", _) => "↵",
        ("escape", _) => "Esc",
        _ => {
            let mut letters = key.chars();
            return letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
        }
    };
    cap.to_owned()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_step_is_split_at_its_plus_signs_and_may_end_in_one() {
        for (step, keys) in [
            ("k", vec!["k"]),
            ("mod+shift+z", vec!["mod", "shift", "z"]),
            ("+", vec!["+"]),
            ("mod++", vec!["mod", "+"]),
        ] {
            assert_eq!(split(step).collect::<Vec<_>>(), keys, "{step}");
        }
    }

    #[test]
    fn keys_are_said_in_words() {
        assert_eq!(in_words("g o", false), "G, then O");
        assert_eq!(in_words("mod+shift+z", true), "Command and Shift and Z");
        assert_eq!(in_words("arrowup", false), "arrow up");
    }

    #[test]
    fn keys_are_named_as_on_the_keyboard() {
        assert_eq!((cap("mod", true), cap("mod", false)), ("⌘".to_owned(), "Ctrl".to_owned()));
        assert_eq!(
            (cap("k", false), cap("escape", false), cap("?", true)),
            ("K".to_owned(), "Esc".to_owned(), "?".to_owned())
        );
    }
}
