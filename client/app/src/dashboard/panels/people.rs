use tideboard_client::hooks::use_store_with;
use tideboard_ui::components::People;
use yew::prelude::*;

use super::{Panel, WidgetProps};
use crate::dashboard::{context::use_page, people::person_of};

/// Panel with the people on the board.
#[component]
pub(super) fn PeopleWidget(props: &WidgetProps) -> Html {
    let page = use_page();
    let people = use_store_with(page.board, |reader, board| {
        let view = reader.presence(board);
        view.members
            .iter()
            .map(|member| person_of(member, Some(&member.session) == view.me.as_ref()))
            .collect::<Vec<_>>()
    });
    html! {
        <Panel id={props.item.id.clone()} title={props.title()} menu={props.menu.clone()}>
            <People people={Some(Vec::clone(&people))} />
        </Panel>
    }
}
