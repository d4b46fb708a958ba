//! What the keyboard does: one list of shortcuts, one listener, one page of help.
//!
//! In: the owner's list, and whether single keys are on. Out: the callback of the shortcut that was pressed. Never: a key that
//! someone types into a field, or that a dialog or an open menu is there for.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;
use yew_hooks::{use_event_with_window, use_local_storage};

mod help;
mod matching;

use self::matching::{Matcher, Outcome, Stroke};
use super::keys::is_mac;

pub use self::help::{ShortcutsHelp, ShortcutsHelpProps};

/// Where it is kept in `localStorage` that single keys are off.
const STORAGE_KEY: &str = "tideboard.single_keys";

/// Keys that do something.
#[derive(Debug, Clone, PartialEq)]
pub struct Shortcut {
    /// Steps with spaces between them, the keys of one step with `+`: `g o`, `mod+k`, `?`, `shift+arrowup`. `mod` is Ctrl, or ⌘ on a Mac.
    pub keys: AttrValue,
    /// What they do.
    pub label: AttrValue,
    /// What that is about.
    pub group: AttrValue,
    /// Whether they do it now.
    pub is_enabled: bool,
    /// Whether they do it while someone types too. Only for keys with `mod`.
    pub is_in_fields: bool,
    /// Called when they are pressed.
    pub on_press: Callback<()>,
}

impl Shortcut {
    /// One that works everywhere but in fields.
    #[must_use]
    pub fn new(
        keys: impl Into<AttrValue>,
        label: impl Into<AttrValue>,
        group: impl Into<AttrValue>,
        on_press: Callback<()>,
    ) -> Self {
        let (keys, label, group) = (keys.into(), label.into(), group.into());
        Self { keys, label, group, is_enabled: true, is_in_fields: false, on_press }
    }

    /// As one that does nothing now, unless so.
    #[must_use]
    pub fn enabled(self, is_enabled: bool) -> Self {
        Self { is_enabled, ..self }
    }

    /// As one that works while someone types too.
    #[must_use]
    pub fn in_fields(self) -> Self {
        Self { is_in_fields: true, ..self }
    }
}

/// Whether shortcuts of single keys work (WCAG 2.1.4 wants them to be turned off where they are in the way), and the way to change it.
#[derive(Debug, Clone, PartialEq)]
pub struct SingleKeys {
    /// Whether they work. Default true.
    pub is_on: bool,
    /// Called with what the user wants from now on.
    pub set: Callback<bool>,
}

/// The user's choice about single keys, kept in this browser. Call it once and pass it on.
#[hook]
pub fn use_single_keys() -> SingleKeys {
    let stored = use_local_storage::<bool>(STORAGE_KEY.to_owned());
    let is_on = stored.unwrap_or(true);
    SingleKeys { is_on, set: Callback::from(move |is_on| stored.set(is_on)) }
}

/// Makes the shortcuts work while the caller is mounted.
#[hook]
pub fn use_shortcuts(shortcuts: Rc<[Shortcut]>, single_keys: &SingleKeys) {
    let matcher = use_mut_ref(Matcher::default);
    let sequences = use_memo((Rc::clone(&shortcuts), single_keys.is_on), |(shortcuts, has_single)| {
        let works = |shortcut: &Shortcut, strokes: &[Stroke]| {
            shortcut.is_enabled && (*has_single || !strokes.iter().any(Stroke::is_single))
        };
        let all = shortcuts.iter().map(|shortcut| (shortcut, Stroke::sequence(&shortcut.keys))).enumerate();
        all.filter(|(_, (shortcut, strokes))| works(shortcut, strokes))
            .map(|(place, (_, strokes))| (place, strokes))
            .collect::<Vec<_>>()
    });
    use_event_with_window("keydown", move |event: KeyboardEvent| {
        let Some(stroke) = stroke_of(&event) else { return };
        let is_in_field = is_in_field(&event);
        if is_in_field && !stroke.is_command() || event.default_prevented() || is_covered() {
            return;
        }
        let outcome = matcher.borrow_mut().press(stroke, event.time_stamp(), &sequences);
        if let Outcome::Run(place) = outcome {
            let shortcut = &shortcuts[place];
            if !is_in_field || shortcut.is_in_fields {
                event.prevent_default();
                shortcut.on_press.emit(());
            }
        }
    });
}

/// Whether these keys work only while single keys do.
fn has_single(keys: &str) -> bool {
    Stroke::sequence(keys).iter().any(Stroke::is_single)
}

/// What was pressed; nothing where the key alone is held, composes a letter, or belongs to the system.
fn stroke_of(event: &KeyboardEvent) -> Option<Stroke> {
    let key = event.key();
    let (command, other) =
        if is_mac() { (event.meta_key(), event.ctrl_key()) } else { (event.ctrl_key(), event.meta_key()) };
    let is_held_key = matches!(key.as_str(), "Shift" | "Control" | "Alt" | "Meta" | "AltGraph" | "CapsLock" | "Dead");
    let is_foreign = other || is_held_key || event.is_composing();
    (!is_foreign).then(|| Stroke::pressed(&key, [command, event.alt_key(), event.shift_key()]))
}

/// Whether the key goes into a field.
fn is_in_field(event: &KeyboardEvent) -> bool {
    const FIELDS: &str =
        "input:not([type='checkbox'], [type='radio'], [type='button']), textarea, select, [contenteditable='']";
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest(FIELDS).is_ok_and(|field| field.is_some()))
}

/// Whether something is open that has the keyboard for itself.
fn is_covered() -> bool {
    gloo::utils::document().query_selector("dialog[open], [role='menu']").is_ok_and(|open| open.is_some())
}
