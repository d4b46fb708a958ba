//! Text field for values that others may change while it is edited.
//!
//! In: the owner's text and its version. Out: the user's text, with the version that it is based on. Never: a draft
//! that is overwritten from outside.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use gloo::{timers::callback::Timeout, utils::document};
use tideboard_client::Seen;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

mod caret;

use caret::caret_after;

/// Pause in typing after which the text is committed. Leaving the field commits at once.
const TYPING_PAUSE_MS: u32 = 400;

/// Kind of text that a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FieldKind {
    /// Single line.
    #[default]
    Line,
    /// Several lines.
    Area,
    /// Number; committed only when the field is left, because half a number is another number.
    Amount,
}

/// Text that a user has edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// New text.
    pub text: String,
    /// [`TextFieldProps::seen`] when the user began to type.
    pub seen: Seen,
}

/// Properties of [`TextField`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TextFieldProps {
    /// Accessible name.
    pub label: AttrValue,
    /// Current text.
    pub value: AttrValue,
    /// Called with another text: when typing pauses, on Enter, and when the field is left.
    pub on_commit: Callback<TextEdit>,
    /// Version of the text, handed back as [`TextEdit::seen`].
    #[prop_or_default]
    pub seen: Seen,
    /// Kind of text. Default: a line.
    #[prop_or_default]
    pub kind: FieldKind,
    /// Text while the field is empty. Default: none.
    #[prop_or_default]
    pub placeholder: Option<AttrValue>,
    /// Disabled: the text cannot be edited. Default false.
    #[prop_or_default]
    pub is_disabled: bool,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// Field for a text that others may change while it is edited.
///
/// Typed text stays until it is committed. A new `value` that comes before then waits, and the owner decides what
/// becomes of the two. A new `value` that comes while nobody types is shown at once, and the caret keeps its place in
/// the text. Escape discards the typed text.
#[component]
pub fn TextField(props: &TextFieldProps) -> Html {
    let update = use_force_update();
    let draft = use_memo((), |()| Draft::new(props.clone(), update));
    draft.latest.replace(props.clone());
    use_effect_with((props.value.clone(), draft.told.get()), {
        let draft = Rc::clone(&draft);
        move |_| draft.show_value()
    });
    let oninput = {
        let draft = Rc::clone(&draft);
        Callback::from(move |_: InputEvent| draft.typed())
    };
    let onblur = {
        let draft = Rc::clone(&draft);
        Callback::from(move |_: FocusEvent| draft.commit())
    };
    let onkeydown = {
        let draft = Rc::clone(&draft);
        Callback::from(move |event: KeyboardEvent| draft.key(&event))
    };
    let label = props.label.clone();
    let placeholder = props.placeholder.clone();
    let disabled = props.is_disabled;
    let class = classes!("field", props.class.clone());
    let node = draft.node.clone();
    match props.kind {
        FieldKind::Area => html! {
            <textarea ref={node} {class} aria-label={label} {placeholder} {disabled} {oninput} {onblur} {onkeydown}
                maxlength="20000" />
        },
        FieldKind::Line | FieldKind::Amount => html! {
            <input ref={node} {class} aria-label={label} {placeholder} {disabled} {oninput} {onblur} {onkeydown}
                maxlength="500" autocomplete="off" inputmode={(props.kind == FieldKind::Amount).then_some("decimal")} />
        },
    }
}

/// Text of the element while it may differ from the owner's.
struct Draft {
    node: NodeRef,
    /// Properties of the last render.
    latest: RefCell<TextFieldProps>,
    /// Version of the text that the user began to change; `None` while everything typed is committed.
    seen: Cell<Option<Seen>>,
    pause: Cell<Option<Timeout>>,
    /// Number of commits so far.
    told: Cell<u32>,
    update: UseForceUpdateHandle,
}

impl Draft {
    fn new(props: TextFieldProps, update: UseForceUpdateHandle) -> Self {
        Self {
            node: NodeRef::default(),
            latest: RefCell::new(props),
            seen: Cell::new(None),
            pause: Cell::new(None),
            told: Cell::new(0),
            update,
        }
    }

    fn typed(self: &Rc<Self>) {
        let latest = self.latest.borrow().clone();
        self.seen.set(self.seen.get().or(Some(latest.seen)));
        if latest.kind != FieldKind::Amount {
            let draft = Rc::downgrade(self);
            self.pause.set(Some(Timeout::new(TYPING_PAUSE_MS, move || {
                if let Some(draft) = draft.upgrade() {
                    draft.commit();
                }
            })));
        }
    }

    fn key(&self, event: &KeyboardEvent) {
        match event.key().as_str() {
            "Enter" if self.latest.borrow().clone().kind != FieldKind::Area && !event.is_composing() => self.commit(),
            "Escape" => {
                self.seen.take();
                self.pause.take();
                self.show_value();
            }
            _ => {}
        }
    }

    fn commit(&self) {
        self.pause.take();
        let (Some(seen), Some(control)) = (self.seen.take(), Control::of(&self.node)) else { return };
        let text = control.text();
        let latest = self.latest.borrow().clone();
        if text != latest.value {
            latest.on_commit.emit(TextEdit { text, seen });
            // Shows the owner's value once it has rendered, so that a text that it did not accept does not stay.
            self.told.set(self.told.get().wrapping_add(1));
            self.update.force_update();
        }
    }

    /// Shows the owner's text, unless the user is in the middle of another.
    fn show_value(&self) {
        if let (Some(control), None) = (Control::of(&self.node), self.seen.get()) {
            control.replace_text(&self.latest.borrow().clone().value);
        }
    }
}

/// Element of the field: an `<input>` or a `<textarea>`, which have everything but a type in common.
enum Control {
    Line(HtmlInputElement),
    Area(HtmlTextAreaElement),
}

impl Control {
    fn of(node: &NodeRef) -> Option<Self> {
        node.cast().map(Self::Line).or_else(|| node.cast().map(Self::Area))
    }

    fn text(&self) -> String {
        match self {
            Self::Line(input) => input.value(),
            Self::Area(area) => area.value(),
        }
    }

    /// Changes the text and keeps the caret where it was in it.
    fn replace_text(&self, text: &str) {
        let old = self.text();
        if old == text {
            return;
        }
        match self {
            Self::Line(input) => {
                let caret = is_focused(input).then(|| input.selection_end().ok().flatten()).flatten();
                input.set_value(text);
                if let Some(caret) = caret.map(|caret| caret_after(&old, text, caret)) {
                    let _ = input.set_selection_range(caret, caret);
                }
            }
            Self::Area(area) => {
                let caret = is_focused(area).then(|| area.selection_end().ok().flatten()).flatten();
                area.set_value(text);
                if let Some(caret) = caret.map(|caret| caret_after(&old, text, caret)) {
                    let _ = area.set_selection_range(caret, caret);
                }
            }
        }
    }
}

fn is_focused(element: &web_sys::Element) -> bool {
    document().active_element().as_ref() == Some(element)
}
