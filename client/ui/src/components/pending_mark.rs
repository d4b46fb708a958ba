use yew::prelude::*;

use crate::format::count_of;

/// Properties of [`PendingMark`].
#[derive(Debug, Clone, PartialEq, Eq, Properties)]
pub struct PendingMarkProps {
    /// How many edits wait for the server.
    pub count: usize,
}

/// Says that what is shown here is not on the server yet. Takes the same room when it has nothing to say.
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
