use std::{cell::Cell, rc::Rc};

use gloo::{timers::callback::Timeout, utils::document};
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::caret::caret_after;

/// How long typing must pause before it is told. Leaving the field tells at once.
const TYPING_PAUSE_MS: u32 = 400;

/// What kind of text a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FieldKind {
    /// One line.
    #[default]
    Line,
    /// Several lines.
    Area,
    /// A number; told only when the field is left, because half a number is another number.
    Amount,
}

/// Properties of [`TextField`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct TextFieldProps {
    /// Its accessible name.
    pub label: AttrValue,
    /// The text.
    pub value: AttrValue,
    /// Called with another text: when typing pauses, on Enter, when the field is left.
    pub on_commit: Callback<String>,
    /// What kind of text it takes.
    #[prop_or_default]
    pub kind: FieldKind,
    /// What it says when empty.
    #[prop_or_default]
    pub placeholder: AttrValue,
    /// Whether it cannot be edited now.
    #[prop_or_default]
    pub is_disabled: bool,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// A text that others may change while it is edited.
///
/// What the user types stays until it is told; a new `value` that comes before then waits, and the owner decides what
/// becomes of the two. A new `value` that comes while nobody types is shown at once, and the caret keeps its place in
/// the text. Escape takes back what was typed.
#[component]
pub fn TextField(props: &TextFieldProps) -> Html {
    let draft = use_memo((), |()| Draft::default());
    let left = use_state(|| 0_u32);
    draft.value.set(Some(props.value.clone()));
    draft.on_commit.set(Some(props.on_commit.clone()));
    use_effect_with((props.value.clone(), *left), {
        let draft = Rc::clone(&draft);
        move |_| draft.show_value()
    });
    let oninput = {
        let (draft, kind) = (Rc::clone(&draft), props.kind);
        Callback::from(move |_: InputEvent| draft.typed(kind))
    };
    let onblur = {
        let (draft, leave) = (Rc::clone(&draft), left.clone());
        Callback::from(move |_: FocusEvent| {
            draft.commit();
            leave.set(leave.wrapping_add(1));
        })
    };
    let onkeydown = {
        let (draft, kind) = (Rc::clone(&draft), props.kind);
        Callback::from(move |event: KeyboardEvent| draft.key(&event, kind))
    };
    let (label, placeholder, disabled) = (props.label.clone(), props.placeholder.clone(), props.is_disabled);
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

/// The element's text while it may differ from the owner's.
#[derive(Default)]
struct Draft {
    node: NodeRef,
    /// The owner's text.
    value: Cell<Option<AttrValue>>,
    on_commit: Cell<Option<Callback<String>>>,
    /// Whether something typed was not told yet.
    is_dirty: Cell<bool>,
    pause: Cell<Option<Timeout>>,
}

impl Draft {
    fn typed(self: &Rc<Self>, kind: FieldKind) {
        self.is_dirty.set(true);
        if kind != FieldKind::Amount {
            let draft = Rc::downgrade(self);
            self.pause.set(Some(Timeout::new(TYPING_PAUSE_MS, move || {
                if let Some(draft) = draft.upgrade() {
                    draft.commit();
                }
            })));
        }
    }

    fn key(&self, event: &KeyboardEvent, kind: FieldKind) {
        match event.key().as_str() {
            "Enter" if kind != FieldKind::Area && !event.is_composing() => self.commit(),
            "Escape" => {
                self.is_dirty.set(false);
                self.pause.take();
                self.show_value();
            }
            _ => {}
        }
    }

    fn commit(&self) {
        self.pause.take();
        if !self.is_dirty.take() {
            return;
        }
        let (Some(control), Some(value), Some(on_commit)) =
            (Control::of(&self.node), peek(&self.value), peek(&self.on_commit))
        else {
            return;
        };
        let text = control.text();
        if text != value {
            on_commit.emit(text);
        }
    }

    /// Shows the owner's text, unless the user is in the middle of another.
    fn show_value(&self) {
        if let (Some(control), Some(value)) = (Control::of(&self.node), peek(&self.value))
            && !self.is_dirty.get()
        {
            control.replace_text(&value);
        }
    }
}

fn peek<T: Clone>(cell: &Cell<Option<T>>) -> Option<T> {
    let value = cell.take();
    cell.set(value.clone());
    value
}

/// An `<input>` or a `<textarea>`, which have all but a type in common.
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
