use std::rc::Rc;

use gloo::utils::window;
use tideboard_client::hooks::{UseUndoHandle, use_realtime};
use tideboard_shared::Entity;
use tideboard_ui::components::{Icon, Theme, ThemeChoice, TourHandle};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

use super::{
    address::{Address, Frame, Tab},
    context::{PageContext, Said},
    deeds::{Deed, PALETTE_KEYS},
    transfer,
};

/// What lies over the page.
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

/// What the page shows besides the board.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PageUi {
    pub(crate) open: Open,
    pub(crate) is_arranging: bool,
}

/// What changes [`PageUi`].
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

/// Everything that can be done on a board's page now.
#[hook]
pub(crate) fn use_page_deeds(
    page: &PageContext,
    ui: &UseReducerHandle<PageUi>,
    undo: &UseUndoHandle,
    tour: &TourHandle,
) -> Vec<Deed> {
    let theme = use_context::<Theme>().unwrap_or_default();
    let realtime = use_realtime();
    let dispatch = |action: PageAction| {
        let ui = ui.dispatcher();
        Callback::from(move |()| ui.dispatch(action))
    };
    let open = |what: Open| dispatch(what.into());
    let is_overview = page.here.address.tab == Tab::Overview;
    let may_arrange = page.is_editable && is_overview;
    let mut deeds: Vec<Deed> = tabs(page);
    let redo = {
        let (undo, say) = (undo.clone(), page.say.clone());
        Callback::from(move |()| {
            undo.redo().err().into_iter().for_each(|error| say.emit(Said::problem("Not redone", error.to_string())));
        })
    };
    let arrange = if ui.is_arranging { "Done arranging" } else { "Arrange the widgets" };
    deeds.extend([
        Deed::new("undo", "Edit", "Undo", Icon::Undo, page.undo.clone())
            .keys("mod+z")
            .enabled(undo.can_undo() && page.is_editable),
        Deed::new("redo", "Edit", "Redo", Icon::Redo, redo)
            .keys("mod+shift+z")
            .enabled(undo.can_redo() && page.is_editable),
        Deed::new(
            "arrange",
            "Edit",
            arrange,
            if ui.is_arranging { Icon::Check } else { Icon::Edit },
            dispatch(PageAction::Arrange),
        )
        .keys("e")
        .keywords("move resize layout grid")
        .enabled(may_arrange),
        Deed::new("add", "Edit", "Add a widget…", Icon::Plus, open(Open::Picker)).keys("a").enabled(may_arrange),
        Deed::new("conflicts", "Edit", "Settle conflicts…", Icon::Alert, open(Open::Conflicts)).keys("c"),
        Deed::new("new-board", "Board", "New board…", Icon::Grid, open(Open::NewBoard)),
        Deed::new("export", "Board", "Export to a file", Icon::Download, export(page, &realtime))
            .keywords("save download json backup"),
        Deed::new("import", "Board", "Import a file…", Icon::Upload, open(Open::Import))
            .keywords("load json restore")
            .enabled(page.is_editable),
        Deed::new("share", "Board", "Copy a link to this page", Icon::Link, share(page))
            .keys("s")
            .keywords("share url"),
        Deed::new("kiosk", "Board", "Full screen for a wall", Icon::Fullscreen, kiosk(page))
            .keys("k")
            .keywords("kiosk tv present"),
        Deed::new("palette", "Help", "Find anything to do", Icon::Search, open(Open::Palette)).keys(PALETTE_KEYS),
        Deed::new("shortcuts", "Help", "Keyboard shortcuts", Icon::Keyboard, open(Open::Shortcuts)).keys("?"),
        Deed::new("tour", "Help", "Show the tour again", Icon::Help, tour.open.clone()).keywords("welcome name"),
        Deed::new(
            "reconnect",
            "Connection",
            "Reconnect now",
            Icon::Retry,
            Callback::from(move |()| realtime.reconnect_now()),
        ),
    ]);
    deeds.extend(themes(&theme));
    deeds
}

fn tabs(page: &PageContext) -> Vec<Deed> {
    let here = &page.here;
    let deed = |tab: Tab| {
        let (id, keys) = match tab {
            Tab::Overview => ("tab-overview", "g o"),
            Tab::Orders => ("tab-orders", "g r"),
            Tab::Favourites => ("tab-favourites", "g f"),
            Tab::Downloads => ("tab-downloads", "g d"),
            Tab::Activity => ("tab-activity", "g a"),
            Tab::System => ("tab-system", "g s"),
        };
        let title = format!("Go to {}", tab.label());
        Deed::new(id, "Go to", title, tab.icon(), here.goer(here.address.tab(tab))).keys(keys)
    };
    Tab::ALL.map(deed).to_vec()
}

fn themes(theme: &Theme) -> Vec<Deed> {
    let deed = |(id, title, icon, choice): (&'static str, &'static str, Icon, ThemeChoice)| {
        Deed::new(id, "Theme", title, icon, theme.choose.reform(move |()| choice))
            .keywords("colour dark light contrast")
    };
    let choices = [
        ("theme-system", "Theme: as the system", Icon::Monitor, ThemeChoice::System),
        ("theme-light", "Theme: light", Icon::Sun, ThemeChoice::Light),
        ("theme-dark", "Theme: dark", Icon::Moon, ThemeChoice::Dark),
        ("theme-contrast", "Theme: high contrast", Icon::Eye, ThemeChoice::HighContrast),
    ];
    choices.map(deed).to_vec()
}

fn kiosk(page: &PageContext) -> Callback<()> {
    page.here.goer(Address { frame: Frame::Kiosk, ..page.here.address.clone() })
}

/// Copies the page's address, with the point of its past if one is shown.
fn share(page: &PageContext) -> Callback<()> {
    let (say, address) = (page.say.clone(), page.here.address.to_string());
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
fn export(page: &PageContext, realtime: &tideboard_client::Realtime) -> Callback<()> {
    let (page, realtime) = (page.clone(), realtime.clone());
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
