use std::rc::Rc;

use tideboard_client::hooks::{
    CollectionEntry, CollectionItem, EditProblem, use_realtime, use_store, use_store_with, use_undo,
};
use tideboard_engine::{BoardStatus, StorageStatus};
use tideboard_shared::{DeniedReason, Entity, EntityId, Seq};
use tideboard_ui::components::{
    AppShell, Avatars, Command, CommandPalette, ConflictResolution, ConnectionBanner, EmptyState, Icon,
    PendingOperationsBadge, ShortcutsHelp, SyncIndicator, Tab as TabLink, TabBar, Tour, use_shortcuts, use_single_keys,
    use_tour,
};
use yew::prelude::*;
use yew_hooks::{use_before_unload, use_local_storage};

use super::{
    address::{Address, Frame, Here, Tab},
    board_menu::BoardMenu,
    commands::{self, Open, PageUi, use_commands},
    context::{PageContext, Said},
    messages::{LocalAction, LocalMessages, Messages, said_of},
    name::{name, set_name},
    new_version::NewVersion,
    overview::Overview,
    panels::{ActivityPanel, DownloadsPanel, FavoritesPanel, OrdersPanel, panel_of},
    past::{PastBar, PastState, use_past},
    people::{person_of, use_people},
    plan::use_plan,
    system::System,
    transfer::ImportDialog,
};
use crate::widget::Widget;

/// Key in `localStorage` of the commands used of late, and their number.
const RECENT_KEY: &str = "tideboard.recent";
const RECENT: usize = 5;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(crate) struct BoardPageProps {
    pub(crate) here: Here,
}

/// Page of one board: header, tabs, the open tab, and the layer over it.
#[component]
pub(crate) fn BoardPage(props: &BoardPageProps) -> Html {
    let here = &props.here;
    let Address { board, tab, at, frame, .. } = here.address.clone();
    let realtime = use_realtime();
    let ui = use_reducer(PageUi::default);
    let local = use_reducer(LocalMessages::default);
    let say = use_callback(local.dispatcher(), |said: Said, local| local.dispatch(LocalAction::Add(said)));
    let on_reject = use_callback(say.clone(), |problem: EditProblem, say| {
        if let Some(said) = said_of(problem) {
            say.emit(said);
        }
    });
    let past = use_past(board.clone(), at);
    let plan = use_plan(board.clone(), tab);
    let editing = use_state_eq(|| None::<EntityId>);
    let since = use_memo(board.clone(), |_| realtime.now().wall.0);
    let people = use_people(board.clone(), tab, (*editing).clone(), *since);
    let undo = use_undo(board.clone());
    let standing = use_store_with(board.clone(), |reader, board| {
        let view = reader.board(board);
        let connection = reader.connection();
        let may_edit = connection.may_edit(board);
        let is_loaded =
            view.as_ref().is_some_and(|view| !matches!(view.status, BoardStatus::Loading | BoardStatus::Denied { .. }));
        let denied = view.as_ref().and_then(|view| match &view.status {
            BoardStatus::Denied { reason } => Some(reason.clone()),
            _ => None,
        });
        (is_loaded && may_edit, view.map_or(Seq::ZERO, |view| view.seq), denied)
    });
    use_warning_of_unsaved();
    let may_edit = standing.0;
    let newest = standing.1;
    let denied = standing.2.clone();
    let on_undo = {
        let undo = undo.clone();
        let say = say.clone();
        Callback::from(move |()| {
            if let Err(error) = undo.undo() {
                say.emit(Said::problem("Not undone", error.to_string()));
            }
        })
    };
    let context = PageContext {
        here: here.clone(),
        board: board.clone(),
        past: match &past {
            PastState::There(past) => Some(Rc::clone(past)),
            _ => None,
        },
        is_editable: may_edit && at.is_none() && frame == Frame::Full,
        undo: on_undo,
        on_reject,
        say: say.clone(),
        on_editing: {
            let editing = editing.setter();
            Callback::from(move |id| editing.set(id))
        },
    };
    let tour = use_tour();
    let all = use_commands(&context, &ui, &undo, &tour);
    let single_keys = use_single_keys();
    let shortcuts = commands::shortcuts(&all);
    use_shortcuts(Rc::clone(&shortcuts), &single_keys);
    let recent = use_local_storage::<Vec<String>>(RECENT_KEY.to_owned());
    let close = {
        let ui = ui.dispatcher();
        Callback::from(move |()| ui.dispatch(Open::Nothing.into()))
    };
    let open = |what: Open| {
        let ui = ui.dispatcher();
        Callback::from(move |is_wanted: bool| ui.dispatch(if is_wanted { what } else { Open::Nothing }.into()))
    };
    let on_run = {
        let recent = recent.clone();
        Callback::from(move |id: AttrValue| {
            let mut latest = Option::clone(&recent).unwrap_or_default();
            latest.retain(|other| *other != *id);
            latest.insert(0, id.to_string());
            latest.truncate(RECENT);
            recent.set(latest);
        })
    };
    let members =
        people.members().iter().map(|member| person_of(member, people.me() == Some(member))).collect::<Vec<_>>();
    let status = html! {
        <>
            <PendingOperationsBadge on_review={open(Open::Conflicts).reform(|()| true)} />
            <SyncIndicator />
        </>
    };
    let switcher = html! { <BoardMenu here={here.clone()} say={say.clone()} is_creating={ui.open == Open::NewBoard} on_create={open(Open::NewBoard)} /> };
    let content = match tab {
        Tab::Overview => html! {
            <Overview is_arranging={ui.is_arranging} is_adding={ui.open == Open::Picker} on_add={open(Open::Picker)} />
        },
        Tab::Orders => html! { <div class="tab-page"><OrdersPanel /></div> },
        Tab::Favorites => html! { <div class="tab-page tab-narrow"><FavoritesPanel /></div> },
        Tab::Downloads => html! { <div class="tab-page tab-narrow"><DownloadsPanel /></div> },
        Tab::Activity => html! { <div class="tab-page tab-narrow"><ActivityPanel /></div> },
        Tab::System => html! { <System {plan} /> },
    };
    html! {
        <ContextProvider<PageContext> {context}>
            <AppShell board={board.to_string()} {switcher} tabs={tab_bar(here)} people={html! { <Avatars people={members} /> }} {status}
                tools={commands::tools(&all, &["undo", "redo", "arrange", "add", "palette"])} menu={commands::menu(&all, MENU)}
                is_kiosk={frame == Frame::Kiosk} on_leave_kiosk={here.link_to(Address { frame: Frame::Full, ..here.address.clone() })}>
                <PastBar here={here.clone()} state={past.clone()} {newest} />
                <div class={classes!("board-page", (frame == Frame::Kiosk).then_some("is-kiosk"))} data-tab={tab.name()}>
                    if matches!(past, PastState::Loading(_) | PastState::Gone(..)) && tab != Tab::System {
                        <div class="board-empty" aria-busy="true" />
                    } else if tab != Tab::System && let Some(reason) = denied {
                        <DeniedBoard {reason} on_create={open(Open::NewBoard).reform(|()| true)} />
                    } else {
                        { content }
                    }
                </div>
            </AppShell>
            <ConflictResolution board={board.clone()} is_reviewing={ui.open == Open::Conflicts} on_close={close.clone()} preview={Callback::from(preview)} />
            <ConnectionBanner />
            <NewVersion />
            <Messages {local} />
            if ui.open == Open::Palette {
                <CommandPalette commands={Rc::<[Command]>::from(all.clone())} on_close={close.clone()} {on_run}
                    recent={recent.iter().flatten().cloned().map(AttrValue::from).collect::<Vec<_>>()} />
            }
            if ui.open == Open::Shortcuts { <ShortcutsHelp {shortcuts} {single_keys} on_close={close.clone()} /> }
            if ui.open == Open::Import { <ImportDialog on_close={close} /> }
            if tour.is_open && frame == Frame::Full {
                <Tour on_close={tour.close} name={name()} on_name={Callback::from(move |name: AttrValue| { set_name(&name); realtime.reconnect_now(); })} />
            }
        </ContextProvider<PageContext>>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct DeniedBoardProps {
    reason: DeniedReason,
    on_create: Callback<()>,
}

/// A board that the server does not show, with what to do next.
#[component]
fn DeniedBoard(props: &DeniedBoardProps) -> Html {
    let (title, text) = match props.reason {
        DeniedReason::UnknownBoard => ("There is no such board", "Choose another one above, or create it."),
        _ => ("No access to this board", "Ask an administrator to let you see it, or choose another one above."),
    };
    let create = html! { <button type="button" onclick={props.on_create.reform(|_| ())}>{ "New board…" }</button> };
    html! { <div class="board-empty"><EmptyState icon={Icon::Lock} {title} {text} action={create} /></div> }
}

/// Commands in the menu at the header's end.
const MENU: &[&str] = &["export", "import", "share", "kiosk", "", "shortcuts", "tour"];

fn tab_bar(here: &Here) -> Html {
    let link = |tab: Tab| TabLink {
        id: tab.name().into(),
        label: tab.label().into(),
        icon: tab.icon(),
        href: here.address.tab(tab).to_string().into(),
        count: 0,
    };
    let on_go = {
        let here = here.clone();
        Callback::from(move |id: AttrValue| {
            let tab = Tab::ALL.into_iter().find(|tab| tab.name() == &*id);
            if let Some(tab) = tab {
                here.go(&here.address.tab(tab));
            }
        })
    };
    html! { <TabBar tabs={Tab::ALL.map(link).to_vec()} current={here.address.tab.name()} on_go={Some(on_go)} /> }
}

/// A widget in the conflict dialog as it is on the board; anything else as its fields.
fn preview(entity: Rc<Entity>) -> Html {
    match entity.decode() {
        Ok(value) if entity.is::<Widget>() => {
            let item = CollectionItem::from(CollectionEntry {
                id: entity.id.clone(),
                value,
                pending: 0,
                seen: Default::default(),
            });
            html! { <div class="widget-preview" inert=true>{ panel_of(&item, Html::default()) }</div> }
        }
        _ => html! {
            <dl class="facts">
                { for entity.fields.iter().map(|(name, value)| {
                    let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
                    html! { <div key={name.clone()}><dt>{ name }</dt><dd>{ text }</dd></div> }
                }) }
            </dl>
        },
    }
}

/// Asks before the page is left while edits would go with it.
#[hook]
fn use_warning_of_unsaved() {
    let is_at_risk = use_store(|reader| {
        let sync = reader.sync();
        sync.pending > 0 && sync.storage != StorageStatus::Persisted
    });
    use_before_unload(*is_at_risk, "Some edits are not saved yet.".to_owned());
}
