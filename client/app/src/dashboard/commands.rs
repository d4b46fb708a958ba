//! Commands of a board's page: one list behind palette, shortcuts, tools and menu.

use std::rc::Rc;

use gloo::utils::window;
use tideboard_client::{
    Realtime,
    hooks::{UseUndoHandle, use_realtime},
};
use tideboard_shared::Entity;
use tideboard_ui::components::{Command, Icon, MenuEntry, MenuItem, Shortcut, Theme, ThemeChoice, TourHandle};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

use super::{
    address::{Address, Frame, Tab},
    context::{PageContext, Said},
    transfer,
};

/// Layer over the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Open {
    #[default]
    Nothing,
    Palette,
    Shortcuts,
    Picker,
    Import,
    NewBoard,
    Conflicts,
}

/// State of the page besides the board's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PageUi {
    pub(crate) open: Open,
    pub(crate) is_arranging: bool,
}

/// Change of [`PageUi`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum PageAction {
    Open(Open),
    Arrange,
}

impl From<Open> for PageAction {
    fn from(open: Open) -> Self {
        Self::Open(open)
    }
}

impl Reducible for PageUi {
    type Action = PageAction;

    fn reduce(self: Rc<Self>, action: PageAction) -> Rc<Self> {
        match action {
            PageAction::Open(open) => Self { open, ..*self },
            PageAction::Arrange => Self { is_arranging: !self.is_arranging, ..*self },
        }
        .into()
    }
}

/// Lists all commands of a board's page as they are now.
#[hook]
pub(crate) fn use_commands(
    page: &PageContext,
    ui: &UseReducerHandle<PageUi>,
    undo: &UseUndoHandle,
    tour: &TourHandle,
) -> Vec<Command> {
    let theme = use_context::<Theme>().unwrap_or_default();
    let realtime = use_realtime();
    let mut commands = tabs(page);
    commands.extend(editing(page, ui, undo));
    commands.extend(board(page, ui, &realtime));
    commands.extend(help(ui, tour));
    #[cfg(feature = "gallery")]
    commands.extend(tideboard_gallery::commands(&realtime));
    let reconnect = Callback::from(move |()| realtime.reconnect_now());
    commands.push(Command::new("reconnect", "Reconnect now", "Connection").icon(Icon::Retry).run(reconnect));
    commands.extend(themes(&theme));
    commands
}

/// Keys of all commands that have some.
pub(crate) fn shortcuts(commands: &[Command]) -> Rc<[Shortcut]> {
    commands.iter().filter_map(Command::shortcut).collect()
}

/// Menu of the commands with these ids, in their order; a line where an id is empty.
pub(crate) fn menu(commands: &[Command], ids: &[&str]) -> Vec<MenuEntry> {
    let entry = |id: &&str| match *id {
        "" => Some(MenuEntry::Separator),
        id => find(commands, id).map(|command| command.menu_item().into()),
    };
    ids.iter().filter_map(entry).collect()
}

/// Tools of the commands with these ids, in their order.
pub(crate) fn tools(commands: &[Command], ids: &[&str]) -> Vec<MenuItem> {
    ids.iter().filter_map(|id| find(commands, id)).map(Command::menu_item).collect()
}

fn find<'a>(commands: &'a [Command], id: &str) -> Option<&'a Command> {
    commands.iter().find(|command| command.id == id)
}

fn dispatch(ui: &UseReducerHandle<PageUi>, action: impl Into<PageAction>) -> Callback<()> {
    let action = action.into();
    let ui = ui.dispatcher();
    Callback::from(move |()| ui.dispatch(action))
}

fn editing(page: &PageContext, ui: &UseReducerHandle<PageUi>, undo: &UseUndoHandle) -> [Command; 5] {
    let may_arrange = page.is_editable && page.here.address.tab == Tab::Overview;
    let redo = {
        let undo = undo.clone();
        let say = page.say.clone();
        Callback::from(move |()| {
            if let Err(error) = undo.redo() {
                say.emit(Said::problem("Not redone", error.to_string()));
            }
        })
    };
    let (title, icon) =
        if ui.is_arranging { ("Done arranging", Icon::Check) } else { ("Arrange the widgets", Icon::Edit) };
    [
        Command::new("undo", "Undo", "Edit")
            .icon(Icon::Undo)
            .keys("mod+z")
            .enabled(undo.can_undo() && page.is_editable)
            .run(page.undo.clone()),
        Command::new("redo", "Redo", "Edit")
            .icon(Icon::Redo)
            .keys("mod+shift+z")
            .enabled(undo.can_redo() && page.is_editable)
            .run(redo),
        Command::new("arrange", title, "Edit")
            .icon(icon)
            .keys("e")
            .keywords("move resize layout grid")
            .enabled(may_arrange)
            .run(dispatch(ui, PageAction::Arrange)),
        Command::new("add", "Add a widget…", "Edit")
            .icon(Icon::Plus)
            .keys("a")
            .enabled(may_arrange)
            .run(dispatch(ui, Open::Picker)),
        Command::new("conflicts", "Settle conflicts…", "Edit")
            .icon(Icon::Alert)
            .keys("c")
            .run(dispatch(ui, Open::Conflicts)),
    ]
}

fn board(page: &PageContext, ui: &UseReducerHandle<PageUi>, realtime: &Realtime) -> [Command; 5] {
    [
        Command::new("new-board", "New board…", "Board").icon(Icon::Grid).run(dispatch(ui, Open::NewBoard)),
        Command::new("export", "Export to a file", "Board")
            .icon(Icon::Download)
            .keywords("save download json backup")
            .run(export(page, realtime)),
        Command::new("import", "Import a file…", "Board")
            .icon(Icon::Upload)
            .keywords("load json restore")
            .enabled(page.is_editable)
            .run(dispatch(ui, Open::Import)),
        Command::new("share", "Copy a link to this page", "Board")
            .icon(Icon::Link)
            .keys("s")
            .keywords("share url")
            .run(share(page)),
        Command::new("kiosk", "Full screen for a wall", "Board")
            .icon(Icon::Fullscreen)
            .keys("k")
            .keywords("kiosk tv present")
            .run(kiosk(page)),
    ]
}

fn help(ui: &UseReducerHandle<PageUi>, tour: &TourHandle) -> [Command; 3] {
    [
        Command::new("palette", "Find anything to do", "Help")
            .icon(Icon::Search)
            .keys("mod+k")
            .in_fields()
            .run(dispatch(ui, Open::Palette)),
        Command::new("shortcuts", "Keyboard shortcuts", "Help")
            .icon(Icon::Keyboard)
            .keys("?")
            .run(dispatch(ui, Open::Shortcuts)),
        Command::new("tour", "Show the tour again", "Help")
            .icon(Icon::Help)
            .keywords("welcome name")
            .run(tour.open.clone()),
    ]
}

fn tabs(page: &PageContext) -> Vec<Command> {
    let here = &page.here;
    let command = |tab: Tab| {
        let (id, keys) = match tab {
            Tab::Overview => ("tab-overview", "g o"),
            Tab::Orders => ("tab-orders", "g r"),
            Tab::Favorites => ("tab-favorites", "g f"),
            Tab::Downloads => ("tab-downloads", "g d"),
            Tab::Activity => ("tab-activity", "g a"),
            Tab::System => ("tab-system", "g s"),
        };
        Command::new(id, format!("Go to {}", tab.label()), "Go to")
            .icon(tab.icon())
            .keys(keys)
            .run(here.link_to(here.address.tab(tab)))
    };
    Tab::ALL.map(command).to_vec()
}

fn themes(theme: &Theme) -> [Command; 4] {
    let command = |(id, title, icon, choice): (&'static str, &'static str, Icon, ThemeChoice)| {
        Command::new(id, title, "Theme")
            .icon(icon)
            .keywords("colour dark light contrast")
            .run(theme.choose.reform(move |()| choice))
    };
    [
        ("theme-system", "Theme: as the system", Icon::Monitor, ThemeChoice::System),
        ("theme-light", "Theme: light", Icon::Sun, ThemeChoice::Light),
        ("theme-dark", "Theme: dark", Icon::Moon, ThemeChoice::Dark),
        ("theme-contrast", "Theme: high contrast", Icon::Eye, ThemeChoice::HighContrast),
    ]
    .map(command)
}

fn kiosk(page: &PageContext) -> Callback<()> {
    page.here.link_to(Address { frame: Frame::Kiosk, ..page.here.address.clone() })
}

/// Copies the page's address, with the point of its past if one is shown.
fn share(page: &PageContext) -> Callback<()> {
    let say = page.say.clone();
    let address = page.here.address.to_string();
    Callback::from(move |()| {
        let link = format!("{}{address}", window().location().origin().unwrap_or_default());
        let say = say.clone();
        spawn_local(async move {
            let copied = JsFuture::from(window().navigator().clipboard().write_text(&link)).await;
            say.emit(match copied {
                Ok(_) => Said { body: link.into(), ..Said::done("Link copied") },
                Err(_) => Said { body: link.into(), ..Said::done("The link to this page") },
            });
        });
    })
}

/// Saves what is shown: the board as it is, or as it was.
fn export(page: &PageContext, realtime: &Realtime) -> Callback<()> {
    let page = page.clone();
    let realtime = realtime.clone();
    Callback::from(move |()| {
        let now =
            || realtime.read(|reader| reader.all_entities(&page.board)).into_iter().map(|view| view.entity).collect();
        let entities: Vec<std::sync::Arc<Entity>> = match &page.past {
            Some(past) => past.board.entities().cloned().collect(),
            None => now(),
        };
        page.say.emit(match transfer::export(&page.board, &entities) {
            Ok(()) => Said::done(format!("{} things exported", entities.len())),
            Err(_) => Said::problem("Not exported", "The browser does not let the page save a file."),
        });
    })
}
