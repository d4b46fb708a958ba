//! Pages of the widgets' contents besides charts, and of their frame.

use std::rc::Rc;

use tideboard_client::{Seen, entities::Favorite, hooks::WidgetStatus};
use tideboard_shared::{EntityId, Seq, UnixMs};
use tideboard_ui::{
    components::{Avatars, EditorMark, EmptyState, Icon, People, Person, TextEdit, WidgetFrame},
    widgets::{Activity, ActivityEntry, DownloadAct, Downloads, FavoriteName, FavoriteRow, Favorites, Note, NotePart},
};
use yew::prelude::*;

use super::{
    controls::{Demo, Toggle, act, logged, use_log},
    widget_states::{self, NOTE},
};

fn boxed(content: Html) -> Html {
    html! {
        <div class="gallery-cell">
            <WidgetFrame title="Widget" status={WidgetStatus::Live}>{ content }</WidgetFrame>
        </div>
    }
}

#[component]
pub(super) fn WidgetFramePage() -> Html {
    let (log, add) = use_log();
    let is_compact = use_state(|| false);
    let has_people = use_state(|| true);
    let on_retry = logged(&add, |()| "on_retry".to_owned());
    let people = if *has_people { widget_states::people() } else { Vec::new() };
    let frame = |status: WidgetStatus| {
        html! {
            <WidgetFrame title="A widget with a rather long title" {status} is_compact={*is_compact}
                on_retry={on_retry.clone()}
                people={html! { <EditorMark people={people.clone()} /> }}>
                <p>{ "Its content." }</p>
            </WidgetFrame>
        }
    };
    let controls = html! {
        <>
            <Toggle label="is_compact" value={is_compact.clone()} /><Toggle label="people" value={has_people.clone()} />
        </>
    };
    html! {
        <Demo about="The panel around a widget, in every state." {controls} {log}>
            <div class="state-matrix">{ for WidgetStatus::ALL.map(frame) }</div>
        </Demo>
    }
}

#[component]
pub(super) fn EmptyStatePage() -> Html {
    let action = html! { <button type="button">{ "Do it" }</button> };
    html! {
        <Demo about="What stands where there is nothing to show.">
            { boxed(html! {
                <EmptyState icon={Icon::Inbox} title="Nothing here yet" text="Say in one sentence what to do next."
                    {action} />
            }) }
        </Demo>
    }
}

#[component]
pub(super) fn NotePage() -> Html {
    let (log, add) = use_log();
    let is_disabled = use_state(|| false);
    let is_loading = use_state(|| false);
    let title = use_state(|| "On call".to_owned());
    let text = use_state(|| NOTE.to_owned());
    let on_edit = {
        let title = title.setter();
        let text = text.setter();
        Callback::from(move |(part, TextEdit { text: new, .. })| match part {
            NotePart::Title => title.set(new),
            NotePart::Text => text.set(new),
        })
    };
    let on_editing = logged(&add, |is_editing| format!("on_editing {is_editing}"));
    let controls = html! {
        <>
            <Toggle label="is_disabled" value={is_disabled.clone()} />
            <Toggle label="is_loading" value={is_loading.clone()} />
        </>
    };
    html! {
        <Demo about="A text in Markdown that several people edit." {controls} {log}>
            { boxed(html! {
                <Note title={(*title).clone()} text={(*text).clone()} {on_edit} {on_editing} is_disabled={*is_disabled}
                    is_loading={*is_loading} />
            }) }
        </Demo>
    }
}

#[component]
pub(super) fn FavoritesPage() -> Html {
    let (log, add) = use_log();
    let is_disabled = use_state(|| false);
    let rows = use_state(widget_states::favorites);
    let on_remove = {
        let rows = rows.clone();
        Callback::from(move |id: EntityId| rows.set(rows.iter().filter(|row| row.id != id).cloned().collect()))
    };
    let on_rename = {
        let rows = rows.clone();
        Callback::from(move |FavoriteName { id, edit }: FavoriteName| {
            let mut renamed = (*rows).clone();
            for row in renamed.iter_mut().filter(|row| row.id == id) {
                row.favorite.label.clone_from(&edit.text);
            }
            rows.set(renamed);
        })
    };
    let on_add = {
        let rows = rows.clone();
        Callback::from(move |favorite: Favorite| {
            let id = EntityId::from(favorite.target.clone());
            let mut all = (*rows).clone();
            all.push(FavoriteRow { id, favorite, pending: 0, seen: Seen::default() });
            rows.set(all);
        })
    };
    let on_open = logged(&add, |favorite: Favorite| format!("on_open {}", favorite.target));
    let shown: Rc<[FavoriteRow]> = (*rows).clone().into();
    let suggestion = Favorite { target: "/gallery".into(), label: "this page".into() };
    html! {
        <Demo about="The favourites of a board."
            controls={html! { <Toggle label="is_disabled" value={is_disabled.clone()} /> }} {log}>
            { boxed(html! {
                <Favorites rows={Some(shown)} {on_open} {on_remove} {on_rename} {on_add} suggestion={Some(suggestion)}
                    is_disabled={*is_disabled} />
            }) }
        </Demo>
    }
}

#[component]
pub(super) fn DownloadsPage() -> Html {
    let (log, add) = use_log();
    let rows: Rc<_> = widget_states::downloads().into();
    let on_act = logged(&add, |(id, act): (EntityId, DownloadAct)| format!("{id}: {act:?}"));
    html! {
        <Demo about="Downloads with their progress, in every state." {log}>
            { boxed(html! { <Downloads rows={Some(rows)} {on_act} on_add={Callback::noop()} /> }) }
        </Demo>
    }
}

#[component]
pub(super) fn ActivityPage() -> Html {
    let (log, add) = use_log();
    let is_paused = use_state(|| false);
    let entries = use_state(widget_states::entries);
    let more = {
        let entries = entries.clone();
        act("Something happens", move || {
            let mut all = (*entries).clone();
            let seq = Seq(all.first().map_or(0, |entry| entry.seq.0) + 1);
            let at = UnixMs(js_sys::Date::now() as u64);
            let entity = EntityId::from(format!("e{seq}"));
            let entry = ActivityEntry { seq, at, entity, ..all[all.len() - 2].clone() };
            all.insert(0, entry);
            entries.set(all);
        })
    };
    let on_open = Some(logged(&add, |seq: Seq| format!("on_open {seq}")));
    let on_more = Some(logged(&add, |()| "on_more".to_owned()));
    let shown: Rc<[ActivityEntry]> = (*entries).clone().into();
    html! {
        <Demo about="Who changed what." controls={html! { <Toggle label="is_paused" value={is_paused.clone()} /> }}
            actions={more} {log}>
            { boxed(html! { <Activity entries={Some(shown)} {on_open} {on_more} is_paused={*is_paused} /> }) }
        </Demo>
    }
}

#[component]
pub(super) fn AvatarsPage() -> Html {
    let named = |name: &'static str| Person { id: name.into(), name: name.into(), ..Person::default() };
    let mut many = widget_states::people();
    many.extend(["Dee", "Eve Adams", "Finn", "gus"].map(named));
    html! {
        <Demo about="Who is there: in a row, as editors of a widget, as a list.">
            <Avatars people={widget_states::people()} />
            <Avatars people={many.clone()} />
            <EditorMark people={many[1..2].to_vec()} />
            <EditorMark people={many.clone()} />
            { boxed(html! { <People people={Some(many)} /> }) }
            { boxed(html! { <People people={Some(Vec::new())} /> }) }
        </Demo>
    }
}
