use gloo::utils::window;
use yew::prelude::*;

/// Properties of [`Keys`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct KeysProps {
    /// Steps with spaces between them, the keys of one step with `+`: `g o`, `mod+k`. `mod` is the platform's own: Ctrl or ⌘.
    pub keys: AttrValue,
}

/// The keys of a shortcut as they are printed on the keyboard. Only for the eye: what it belongs to has words.
#[component]
pub fn Keys(props: &KeysProps) -> Html {
    let is_mac = use_memo((), |()| is_mac());
    let step = |step: &str| {
        let cap = |key: &str| html! { <kbd>{ cap(key, *is_mac) }</kbd> };
        html! { <span class="keys-step">{ for split(step).map(cap) }</span> }
    };
    html! { <span class="keys" aria-hidden="true">{ for props.keys.split_whitespace().map(step) }</span> }
}

/// The keys of one step. The `+` itself may be the last of them.
pub(crate) fn split(step: &str) -> impl Iterator<Item = &str> {
    let (before, last) = match step.strip_suffix('+') {
        Some(before) => (before.trim_end_matches('+'), "+"),
        None => step.rsplit_once('+').unwrap_or(("", step)),
    };
    before.split('+').filter(|key| !key.is_empty()).chain([last])
}

/// Whether shortcuts go with ⌘ here.
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
    fn keys_are_named_as_on_the_keyboard() {
        assert_eq!((cap("mod", true), cap("mod", false)), ("⌘".to_owned(), "Ctrl".to_owned()));
        assert_eq!(
            (cap("k", false), cap("escape", false), cap("?", true)),
            ("K".to_owned(), "Esc".to_owned(), "?".to_owned())
        );
    }
}
