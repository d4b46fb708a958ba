use tideboard_shared::Seq;
use yew::prelude::*;

use super::{FieldChange, runs::Run};
use crate::{
    components::{Icon, IconButton, PersonMark, RelativeTime},
    format::count_of,
};

/// Most fields of one line; the others are counted.
const FIELDS: usize = 3;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct ActivityLineProps {
    pub(super) run: Run,
    pub(super) on_open: Option<Callback<Seq>>,
}

/// Line about the changes that one person made of one entity.
#[component]
pub(super) fn ActivityLine(props: &ActivityLineProps) -> Html {
    let Run { seq, by, at, count, text, .. } = &props.run;
    let changes = text.changes.iter().take(FIELDS).map(change);
    let rest = text.changes.len().saturating_sub(FIELDS);
    let open = props.on_open.as_ref().map(|on_open| {
        let on_open = on_open.clone();
        let seq = *seq;
        let onclick = Callback::from(move |_: MouseEvent| on_open.emit(seq));
        html! { <IconButton class="activity-open" icon={Icon::History} label={format!("Show the board as it was at change {seq}")} {onclick} /> }
    });
    html! {
        <li class="activity-line" data-seq={seq.to_string()} data-verb={text.verb}>
            <PersonMark name={by.clone()} />
            <div class="activity-words">
                <p>
                    <strong>{ by }</strong>{ format!(" {} {} ", text.verb, text.kind) }<span class="activity-label">{ &text.label }</span>
                    if *count > 1 { <span class="activity-count">{ format!(" · {}", count_of(*count, "change", "changes")) }</span> }
                </p>
                if !text.changes.is_empty() {
                    <p class="activity-changes">
                        { for changes }
                        if rest > 0 { <span>{ format!("and {rest} more") }</span> }
                    </p>
                }
            </div>
            <RelativeTime at={*at} />
            { open.unwrap_or_default() }
        </li>
    }
}

fn change(change: &FieldChange) -> Html {
    let FieldChange { field, before, after } = change;
    html! {
        <span class="activity-change">
            { field }
            if after.is_some() && let Some(before) = before.as_ref() {
                { " " }<del>{ before }</del>{ " → " }
            } else if after.is_some() {
                { " " }
            }
            if let Some(after) = after { <ins>{ after }</ins> }
        </span>
    }
}
