//! Choice between the ways to settle a conflict, with previews.

use std::{rc::Rc, sync::Arc};

use tideboard_shared::Entity;
use yew::prelude::*;

use super::preview::{Outcome, preview};

/// Way to settle a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Mine,
    Theirs,
    Selection,
}

impl Way {
    pub(super) const ALL: [Self; 3] = [Self::Mine, Self::Theirs, Self::Selection];

    fn name(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::Theirs => "theirs",
            Self::Selection => "selection",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Mine => "Keep mine",
            Self::Theirs => "Keep theirs",
            Self::Selection => "My selection",
        }
    }

    /// Way that a key stands for when pressed with Alt.
    pub(super) fn of_code(code: &str) -> Option<Self> {
        match code {
            "Digit1" | "Numpad1" => Some(Self::Mine),
            "Digit2" | "Numpad2" => Some(Self::Theirs),
            "Digit3" | "Numpad3" => Some(Self::Selection),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct ChoicesProps {
    /// Ways on offer, in the order of [`Way::ALL`], each with the entity that it would make.
    pub(super) outcomes: Rc<[(Way, Outcome)]>,
    /// Entity as it is on the board now; `None` if it was removed.
    pub(super) standing: Option<Arc<Entity>>,
    pub(super) chosen: Option<Way>,
    pub(super) on_choose: Callback<Way>,
    pub(super) render: Option<Callback<Rc<Entity>, Html>>,
}

/// Radio buttons for the ways to settle a conflict, each with a live preview.
#[component]
pub(super) fn Choices(props: &ChoicesProps) -> Html {
    let card = |(way, outcome): &(Way, Outcome)| {
        let way = *way;
        let is_chosen = props.chosen == Some(way);
        let onchange = props.on_choose.reform(move |_: Event| way);
        let key = Way::ALL.iter().position(|other| *other == way).map_or(0, |at| at + 1);
        html! {
            <div class="conflict-choice" key={way.name()} data-way={way.name()} data-chosen={is_chosen.to_string()}>
                <label>
                    <input type="radio" name="conflict-way" value={way.name()} checked={is_chosen}
                        disabled={outcome.is_err()} {onchange} />
                    { way.label() }
                    <kbd aria-hidden="true">{ format!("Alt {key}") }</kbd>
                </label>
                <div class="conflict-preview">
                    { preview(outcome, props.standing.as_deref(), props.render.as_ref()) }
                </div>
            </div>
        }
    };
    html! {
        <fieldset class="conflict-choices">
            <legend>{ "What is to stand?" }</legend>
            <div class="conflict-cards">{ for props.outcomes.iter().map(card) }</div>
        </fieldset>
    }
}
