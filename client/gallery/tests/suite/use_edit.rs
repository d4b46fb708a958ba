//! `use_edit` against the real server.

use serde::{Deserialize, Serialize};
use tideboard_client::hooks::{UseEditHandle, use_channel, use_edit_with_options, use_store};
use tideboard_engine::EditEnd;
use tideboard_shared::{Action, Channel, EntityId, Kind};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::probe::{Hooked, ProbeProps, board, hooked};

#[derive(Debug, Serialize, Deserialize)]
struct Part {
    size: i64,
}

impl Kind for Part {
    const NAME: &'static str = "part";
}

/// The handle, and what the board has of the entity named `0`.
#[derive(Debug, Clone, PartialEq)]
struct Seen {
    edit: UseEditHandle,
    size: Option<i64>,
}

#[component]
fn Maker(props: &ProbeProps<EntityId, Seen>) -> Html {
    use_channel(Channel::Board(board()).into());
    let edit = use_edit_with_options(board(), Default::default());
    let id = props.probe.options.clone();
    let size = tideboard_client::hooks::use_store_with(id, |reader, id| {
        reader.entity(&board(), id)?.entity.fields.get("size")?.as_i64()
    });
    use_store(|reader| reader.board(&board()).map(|view| view.status));
    props.probe.renders.note(Seen { edit, size: *size });
    Html::default()
}

async fn maker() -> Hooked<Maker, EntityId, Seen> {
    let user = hooked::<Maker, _, _>(EntityId::from("none")).await;
    user.on_board().await;
    user
}

#[wasm_bindgen_test]
async fn what_it_creates_and_changes_is_on_the_board() {
    let user = maker().await;
    let edit = user.handle().edit;
    let (id, created) = edit.create(&Part { size: 3 });
    user.set_options(id.clone());
    user.until("the part", |seen| seen.size == Some(3)).await;
    assert!(matches!(created.server.await, Some(EditEnd::Applied { .. })));
    let changed = edit.apply(id.clone(), Action::set([("size", 4)]));
    user.until("its size", |seen| seen.size == Some(4)).await;
    assert!(matches!(changed.server.await, Some(EditEnd::Applied { .. })));
    assert!(edit.apply("nobody".into(), Action::Remove).local.is_err());
}
