use std::rc::Rc;

use tideboard_client::hooks::{EditProblem, UseUndoHandle, use_realtime, use_store, use_store_with, use_undo};
use tideboard_engine::{BoardStatus, StorageStatus};
use tideboard_shared::{BoardId, DeniedReason, EntityId, Seq};
use tideboard_ui::components::{
    AppShell, Avatars, Command, ConnectionBanner, EmptyState, Icon, PendingOperationsBadge, SyncIndicator,
    Tab as TabLink, TabBar, Tour, use_shortcuts, use_single_keys, use_tour,
};
use yew::prelude::*;
use yew_hooks::use_before_unload;

use super::{
    address::{Address, Frame, Here, Tab},
    board_menu::BoardMenu,
    commands::{self, Open, PageUi, use_commands},
    context::{PageContext, Said},
    layer::Layer,
    messages::{LocalAction, LocalMessages, Messages, said_of},
    name::{name, set_name},
    new_version::NewVersion,
    overview::Overview,
    panels::{ActivityPanel, DownloadsPanel, FavoritesPanel, OrdersPanel},
    past::{PastBar, PastState, use_past},
    people::{person_of, use_people},
    plan::use_plan,
    system::System,
};

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
    let standing = use_standing(board.clone());
    use_warning_of_unsaved();
    let context = PageContext {
        here: here.clone(),
        board: board.clone(),
        past: match &past {
            PastState::There(past) => Some(Rc::clone(past)),
            _ => None,
        },
        is_editable: standing.may_edit && at.is_none() && frame == Frame::Full,
        undo: take_back(&undo, &say),
        on_reject,
        say: say.clone(),
        on_editing: {
            let editing = editing.setter();
            Callback::from(move |id| editing.set(id))
        },
    };
    let is_past_missing = matches!(past, PastState::Loading(_) | PastState::Gone(..));
    let tour = use_tour();
    let commands: Rc<[Command]> = use_commands(&context, &ui, &undo, &tour).into();
    let single_keys = use_single_keys();
    let shortcuts = commands::shortcuts(&commands);
    use_shortcuts(Rc::clone(&shortcuts), &single_keys);
    let members =
        people.members().iter().map(|member| person_of(member, people.me() == Some(member))).collect::<Vec<_>>();
    let status = html! {
        <>
            <PendingOperationsBadge on_review={opening(&ui, Open::Conflicts).reform(|()| true)} />
            <SyncIndicator />
        </>
    };
    let switcher = html! {
        <BoardMenu here={here.clone()} {say} is_creating={ui.open == Open::NewBoard} on_create={opening(&ui, Open::NewBoard)} />
    };
    html! {
        <ContextProvider<PageContext> {context}>
            <AppShell board={board.to_string()} {switcher} tabs={tab_bar(here)} people={html! { <Avatars people={members} /> }} {status}
                tools={commands::tools(&commands, &["undo", "redo", "arrange", "add", "palette"])} menu={commands::menu(&commands, MENU)}
                is_kiosk={frame == Frame::Kiosk} on_leave_kiosk={here.link_to(Address { frame: Frame::Full, ..here.address.clone() })}>
                <PastBar here={here.clone()} state={past} newest={standing.newest} />
                <div class={classes!("board-page", (frame == Frame::Kiosk).then_some("is-kiosk"))} data-tab={tab.name()}>
                    if tab == Tab::System {
                        <System {plan} />
                    } else if is_past_missing {
                        <div class="board-empty" aria-busy="true" />
                    } else if let Some(reason) = standing.denied.clone() {
                        <DeniedBoard {reason} on_create={opening(&ui, Open::NewBoard).reform(|()| true)} />
                    } else {
                        { panels(tab, &ui) }
                    }
                </div>
            </AppShell>
            <Layer {board} {ui} {commands} {shortcuts} {single_keys} />
            <ConnectionBanner />
            <NewVersion />
            <Messages {local} />
            if tour.is_open && frame == Frame::Full {
                <Tour on_close={tour.close} name={name()} on_name={Callback::from(move |name: AttrValue| { set_name(&name); realtime.reconnect_now(); })} />
            }
        </ContextProvider<PageContext>>
    }
}

/// Standing of the board and the user's rights on it.
#[derive(Debug, Clone, PartialEq)]
struct Standing {
    /// Set once the board is loaded and the user's rights allow edits.
    may_edit: bool,
    /// Newest event there is.
    newest: Seq,
    /// Reason why the server does not show the board.
    denied: Option<DeniedReason>,
}

#[hook]
fn use_standing(board: BoardId) -> Rc<Standing> {
    use_store_with(board, |reader, board| {
        let view = reader.board(board);
        let is_loaded =
            view.as_ref().is_some_and(|view| !matches!(view.status, BoardStatus::Loading | BoardStatus::Denied { .. }));
        Standing {
            may_edit: is_loaded && reader.connection().may_edit(board),
            newest: view.as_ref().map_or(Seq::ZERO, |view| view.seq),
            denied: view.and_then(|view| match view.status {
                BoardStatus::Denied { reason } => Some(reason),
                _ => None,
            }),
        }
    })
}

/// Takes the user's last edit back, or says why that cannot be.
fn take_back(undo: &UseUndoHandle, say: &Callback<Said>) -> Callback<()> {
    let undo = undo.clone();
    let say = say.clone();
    Callback::from(move |()| {
        if let Err(error) = undo.undo() {
            say.emit(Said::problem("Not undone", error.to_string()));
        }
    })
}

/// Opens something over the page, or closes it.
fn opening(ui: &UseReducerHandle<PageUi>, what: Open) -> Callback<bool> {
    let ui = ui.dispatcher();
    Callback::from(move |is_wanted: bool| ui.dispatch(if is_wanted { what } else { Open::Nothing }.into()))
}

/// Panels of a tab. [`Tab::System`] has none: it shows the connection, whatever becomes of the board.
fn panels(tab: Tab, ui: &UseReducerHandle<PageUi>) -> Html {
    match tab {
        Tab::Overview => html! {
            <Overview is_arranging={ui.is_arranging} is_adding={ui.open == Open::Picker} on_add={opening(ui, Open::Picker)} />
        },
        Tab::Orders => html! { <div class="tab-page"><OrdersPanel /></div> },
        Tab::Favorites => html! { <div class="tab-page tab-narrow"><FavoritesPanel /></div> },
        Tab::Downloads => html! { <div class="tab-page tab-narrow"><DownloadsPanel /></div> },
        Tab::Activity => html! { <div class="tab-page tab-narrow"><ActivityPanel /></div> },
        Tab::System => Html::default(),
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

/// Asks before the page is left while edits would go with it.
#[hook]
fn use_warning_of_unsaved() {
    let is_at_risk = use_store(|reader| {
        let sync = reader.sync();
        sync.pending > 0 && sync.storage != StorageStatus::Persisted
    });
    use_before_unload(*is_at_risk, "Some edits are not saved yet.".to_owned());
}
