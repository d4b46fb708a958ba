//! Keyboard shortcuts: one list of them, one listener, one page of help.
//!
//! In: the owner's list, and whether single keys are on. Out: the callback of the shortcut that was pressed. Never: a
//! key that is typed into a field, or that belongs to an open dialog or menu.

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

/// Key in `localStorage` of the user's choice about single keys.
const STORAGE_KEY: &str = "tideboard.single_keys";

/// Keys, and the command that they run.
#[derive(Debug, Clone, PartialEq)]
pub struct Shortcut {
    /// Steps separated by spaces, the keys of one step joined by `+`: `g o`, `mod+k`, `?`, `shift+arrowup`. `mod` is
    /// Ctrl, or ⌘ on a Mac.
    pub keys: AttrValue,
    /// Words for the command, for the page of help.
    pub label: AttrValue,
    /// Heading in the page of help.
    pub group: AttrValue,
    /// Availability: a disabled shortcut does nothing.
    pub is_enabled: bool,
    /// Works while someone types into a field, too. Only for keys with `mod`.
    pub is_in_fields: bool,
    /// Called when the keys are pressed.
    pub on_press: Callback<()>,
}

impl Shortcut {
    /// Creates a shortcut that works everywhere but in fields.
    #[must_use]
    pub fn new(
        keys: impl Into<AttrValue>,
        label: impl Into<AttrValue>,
        group: impl Into<AttrValue>,
        on_press: Callback<()>,
    ) -> Self {
        let keys = keys.into();
        let label = label.into();
        let group = group.into();
        Self { keys, label, group, is_enabled: true, is_in_fields: false, on_press }
    }

    /// Sets whether the shortcut works now.
    #[must_use]
    pub fn enabled(self, is_enabled: bool) -> Self {
        Self { is_enabled, ..self }
    }

    /// Makes the shortcut work in fields, too.
    #[must_use]
    pub fn in_fields(self) -> Self {
        Self { is_in_fields: true, ..self }
    }
}

/// Setting for shortcuts of single keys. WCAG 2.1.4 wants a way to turn them off, because speech input and slips of the
/// hand press them.
#[derive(Debug, Clone, PartialEq)]
pub struct SingleKeys {
    /// Current choice. Default true.
    pub is_on: bool,
    /// Changes the choice, for this browser.
    pub set: Callback<bool>,
}

/// Reads the user's choice about single keys, kept in this browser. Call it once and pass it on.
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

/// Tells whether these keys need single keys to be on.
fn has_single(keys: &str) -> bool {
    Stroke::sequence(keys).iter().any(Stroke::is_single)
}

/// Stroke that an event stands for; `None` for a modifier alone, a key that composes a letter, or one that belongs to
/// the system.
fn stroke_of(event: &KeyboardEvent) -> Option<Stroke> {
    let key = event.key();
    let (command, other) =
        if is_mac() { (event.meta_key(), event.ctrl_key()) } else { (event.ctrl_key(), event.meta_key()) };
    let is_held_key = matches!(key.as_str(), "Shift" | "Control" | "Alt" | "Meta" | "AltGraph" | "CapsLock" | "Dead");
    let is_foreign = other || is_held_key || event.is_composing();
    (!is_foreign).then(|| Stroke::pressed(&key, [command, event.alt_key(), event.shift_key()]))
}

/// Tells whether the key goes into a field.
fn is_in_field(event: &KeyboardEvent) -> bool {
    const FIELDS: &str =
        "input:not([type='checkbox'], [type='radio'], [type='button']), textarea, select, [contenteditable='']";
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|target| target.closest(FIELDS).is_ok_and(|field| field.is_some()))
}

/// Tells whether a dialog or a menu is open, which has the keyboard for itself.
fn is_covered() -> bool {
    gloo::utils::document().query_selector("dialog[open], [role='menu']").is_ok_and(|open| open.is_some())
}
