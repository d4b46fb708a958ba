//! Comparison of one field: before, mine, theirs and merged.

use std::time::Duration;

use serde_json::Value;
use tideboard_shared::UnixMs;
use yew::prelude::*;

use super::{
    authors::Author,
    diff::{Part, by_words},
    fields::{FieldRow, Pick, text},
};
use crate::format::ago;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct FieldSidesProps {
    pub(super) row: FieldRow,
    pub(super) pick: Pick,
    /// Author of the last change to the field, where that is known.
    pub(super) author: Option<Author>,
    /// Current time by the server's clock.
    pub(super) now: UnixMs,
    /// Makes the sides radio buttons.
    pub(super) can_pick: bool,
    pub(super) on_pick: Callback<(String, Pick)>,
}

/// Field with its values before, mine and theirs side by side, and radio buttons to pick one.
#[component]
pub(super) fn FieldSides(props: &FieldSidesProps) -> Html {
    let FieldSidesProps { row, author, now, .. } = props;
    let theirs = match author {
        Some(author) => format!("{}, {}", author.by, ago(Duration::from_millis(now.0.saturating_sub(author.at.0)))),
        None if row.is_contested => "Someone else".to_owned(),
        None => "As it is".to_owned(),
    };
    html! {
        <fieldset class="conflict-field" data-field={row.name.clone()} data-contested={row.is_contested.to_string()}>
            <legend>
                { &row.name }
                if !row.is_contested { <span class="conflict-hint">{ "changed by you alone" }</span> }
            </legend>
            <div class="conflict-sides">
                <div class="conflict-side" data-side="base">
                    <span class="conflict-who">{ "Before" }</span>
                    { value(&row.base) }
                </div>
                { side(props, Pick::Mine, "Yours".to_owned(), &row.mine) }
                { side(props, Pick::Theirs, theirs, &row.theirs) }
                if let Some(merged) = &row.merged { { side(props, Pick::Merged, "Merged".to_owned(), merged) } }
            </div>
        </fieldset>
    }
}

fn side(props: &FieldSidesProps, pick: Pick, who: String, shown: &Value) -> Html {
    let name = match pick {
        Pick::Mine => "mine",
        Pick::Theirs => "theirs",
        Pick::Merged => "merged",
    };
    let is_picked = props.can_pick && props.pick == pick;
    let onchange = {
        let field = props.row.name.clone();
        props.on_pick.reform(move |_: Event| (field.clone(), pick))
    };
    let content = compared(&props.row.base, shown);
    if !props.can_pick {
        return html! {
            <div class="conflict-side" data-side={name}><span class="conflict-who">{ who }</span>{ content }</div>
        };
    }
    html! {
        <label class="conflict-side" data-side={name} data-picked={is_picked.to_string()}>
            <span class="conflict-who">
                <input type="radio" name={format!("pick-{}", props.row.name)} value={name} checked={is_picked}
                    {onchange} />
                { who }
            </span>
            { content }
        </label>
    }
}

/// Value with the difference to the one before it.
fn compared(base: &Value, shown: &Value) -> Html {
    if let (Some(base), Some(shown)) = (text(base), text(shown))
        && base != shown
        && let Some(parts) = by_words(&base, &shown)
    {
        let part = |part: &Part<'_>| match part {
            Part::Same(text) => html! { { text } },
            Part::Removed(text) => html! { <del>{ text }</del> },
            Part::Added(text) => html! { <ins>{ text }</ins> },
        };
        return html! { <span class="conflict-value">{ for parts.iter().map(part) }</span> };
    }
    value(shown)
}

fn value(shown: &Value) -> Html {
    match text(shown) {
        Some(text) if text.is_empty() => html! { <span class="conflict-value conflict-absent">{ "empty" }</span> },
        Some(text) => html! { <span class="conflict-value">{ text }</span> },
        None => html! { <span class="conflict-value conflict-absent">{ "not set" }</span> },
    }
}
