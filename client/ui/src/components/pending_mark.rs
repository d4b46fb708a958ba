//! Mark of content that is not on the server yet.

use yew::prelude::*;

use crate::format::count_of;

/// Properties of [`PendingMark`].
#[derive(Debug, Clone, PartialEq, Eq, Properties)]
pub struct PendingMarkProps {
    /// Number of edits that wait for the server.
    pub count: usize,
}

/// Mark of content that is not on the server yet. Takes the same room when there is nothing to say.
#[component]
pub fn PendingMark(props: &PendingMarkProps) -> Html {
    let count = props.count;
    let title = (count > 0).then(|| format!("{} not on the server yet", count_of(count, "edit", "edits")));
    html! {
        <span class="pending-mark" data-pending={count.to_string()} {title}>
            if count > 0 {
                <i class="dot" aria-hidden="true" />{ "Pending" }
            }
        </span>
    }
}
