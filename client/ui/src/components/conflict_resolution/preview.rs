//! Preview of the entity that a choice would make.

use std::{rc::Rc, sync::Arc};

use tideboard_shared::{Entity, Refusal};
use yew::prelude::*;

use super::fields::text;

/// Entity that a choice would make; `None` where it would be gone, an error where the choice is not possible.
pub(super) type Outcome = Result<Option<Arc<Entity>>, Refusal>;

/// Renders the outcome of a choice, as the application shows the entity or as a table of its fields.
pub(super) fn preview(
    outcome: &Outcome,
    standing: Option<&Entity>,
    render: Option<&Callback<Rc<Entity>, Html>>,
) -> Html {
    match outcome {
        Ok(Some(entity)) => match render {
            Some(render) => render.emit(Rc::new(Entity::clone(entity))),
            None => table(entity, standing),
        },
        Ok(None) => html! { <p class="conflict-gone">{ "It will not exist." }</p> },
        Err(refusal) => html! { <p class="conflict-gone">{ format!("This cannot be: {}.", reason(refusal)) }</p> },
    }
}

/// Table of an entity's fields; those that differ from the board's are marked.
fn table(entity: &Entity, standing: Option<&Entity>) -> Html {
    let field = |(name, value): (&String, &serde_json::Value)| {
        let differs = standing.is_none_or(|standing| standing.fields.get(name) != Some(value));
        html! {
            <div data-changed={differs.then_some("true")}>
                <dt>{ name }if differs { <span class="visually-hidden">{ " (changed)" }</span> }</dt>
                <dd>{ text(value).unwrap_or_else(|| "–".to_owned()) }</dd>
            </div>
        }
    };
    let gone = |name: &String| {
        html! { <div data-changed="true"><dt>{ name }</dt><dd class="conflict-absent">{ "removed" }</dd></div> }
    };
    let removed = standing.into_iter().flat_map(|standing| standing.fields.keys());
    html! {
        <dl class="conflict-table">
            { for entity.fields.iter().map(field) }
            { for removed.filter(|name| !entity.fields.contains_key(*name)).map(gone) }
        </dl>
    }
}

/// Reason why a choice is not possible, without a full stop.
pub(super) fn reason(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Rejected(rejection) if rejection.message.is_empty() => format!("{:?}", rejection.reason),
        Refusal::Rejected(rejection) => rejection.message.clone(),
        Refusal::Conflict(_) => "others have changed it once more".to_owned(),
    }
}
