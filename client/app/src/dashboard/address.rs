//! Address of the page: the board, its tab, the point of its history.
//!
//! In: the address bar, and where the user wants to go. Out: an [`Address`], and a render when it changes. Never: a state of the page
//! that a shared link would not show.

use std::{fmt, str::FromStr};

use gloo::{
    history::{BrowserHistory, History},
    storage::{LocalStorage, Storage},
};
use tideboard_shared::{BoardId, Seq};
use tideboard_ui::components::Icon;
use yew::prelude::*;

/// The board that is shown to whoever comes for the first time.
const FIRST_BOARD: &str = "main";
/// Key in `localStorage` of the board seen last.
const LAST_BOARD: &str = "tideboard.board";

/// A tab of a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tab {
    #[default]
    Overview,
    Orders,
    Favorites,
    Downloads,
    Activity,
    System,
}

impl Tab {
    pub(crate) const ALL: [Self; 6] =
        [Self::Overview, Self::Orders, Self::Favorites, Self::Downloads, Self::Activity, Self::System];

    /// Name in the address.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Orders => "orders",
            Self::Favorites => "favourites",
            Self::Downloads => "downloads",
            Self::Activity => "activity",
            Self::System => "system",
        }
    }

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Orders => "Orders",
            Self::Favorites => "Favourites",
            Self::Downloads => "Downloads",
            Self::Activity => "Activity",
            Self::System => "System",
        }
    }

    pub(crate) fn icon(self) -> Icon {
        match self {
            Self::Overview => Icon::Grid,
            Self::Orders => Icon::Table,
            Self::Favorites => Icon::Star,
            Self::Downloads => Icon::Download,
            Self::Activity => Icon::Activity,
            Self::System => Icon::Gauge,
        }
    }
}

/// Share of the page that is shown around the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Frame {
    /// All of it.
    #[default]
    Full,
    /// The board alone, for a screen on the wall.
    Kiosk,
}

/// A place in the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) board: BoardId,
    pub(crate) tab: Tab,
    /// The board as it was after this event; as it is when absent.
    pub(crate) at: Option<Seq>,
    pub(crate) frame: Frame,
    /// The widget to begin with.
    pub(crate) widget: Option<String>,
}

impl Address {
    /// A board as it is.
    pub(crate) fn of(board: BoardId) -> Self {
        Self { board, tab: Tab::default(), at: None, frame: Frame::default(), widget: None }
    }

    /// Address of another tab of the same board.
    pub(crate) fn tab(&self, tab: Tab) -> Self {
        Self { tab, widget: None, ..self.clone() }
    }

    /// Address in the address bar; the board seen last where it names none.
    pub(crate) fn here() -> Self {
        let location = BrowserHistory::new().location();
        Self::parse(location.path(), location.query_str()).unwrap_or_else(|| Self::of(last_board()))
    }

    /// Address of the form `/b/BOARD/TAB?at=SEQ&kiosk&widget=ID`. Parts that are not understood are left out.
    fn parse(path: &str, query: &str) -> Option<Self> {
        let mut parts = path.strip_prefix("/b/")?.trim_end_matches('/').split('/');
        let board = decoded(parts.next()?)?.parse().ok()?;
        let tab = parts.next().and_then(|name| Tab::ALL.into_iter().find(|tab| tab.name() == name)).unwrap_or_default();
        let mut address = Self { tab, ..Self::of(board) };
        for part in query.trim_start_matches('?').split('&') {
            match part.split_once('=').unwrap_or((part, "")) {
                ("at", seq) => address.at = seq.parse().ok().map(Seq),
                ("kiosk", _) => address.frame = Frame::Kiosk,
                ("widget", id) => address.widget = decoded(id),
                _ => {}
            }
        }
        Some(address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let board = js_sys::encode_uri_component(self.board.as_str());
        write!(f, "/b/{}/{}", String::from(board), self.tab.name())?;
        let at = self.at.map(|seq| format!("at={}", seq.0));
        let kiosk = (self.frame == Frame::Kiosk).then(|| "kiosk".to_owned());
        let widget =
            self.widget.as_ref().map(|id| format!("widget={}", String::from(js_sys::encode_uri_component(id))));
        let query: Vec<String> = at.into_iter().chain(kiosk).chain(widget).collect();
        if query.is_empty() { Ok(()) } else { write!(f, "?{}", query.join("&")) }
    }
}

fn decoded(text: &str) -> Option<String> {
    js_sys::decode_uri_component(text).ok().map(String::from)
}

fn last_board() -> BoardId {
    let last = LocalStorage::get::<String>(LAST_BOARD).ok().and_then(|name| BoardId::from_str(&name).ok());
    last.unwrap_or_else(|| FIRST_BOARD.parse().expect("a valid name"))
}

/// Address of the page, and the way to others.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Here {
    pub(crate) address: Address,
}

impl Here {
    /// Goes elsewhere; the browser's back button leads back.
    pub(crate) fn go(&self, to: &Address) {
        if *to != self.address {
            BrowserHistory::new().push(to.to_string());
        }
    }

    /// A callback that goes elsewhere.
    pub(crate) fn link_to(&self, to: Address) -> Callback<()> {
        let here = self.clone();
        Callback::from(move |()| here.go(&to))
    }
}

/// Follows the address bar.
#[hook]
pub(crate) fn use_address() -> Here {
    let address = use_state_eq(Address::here);
    use_effect_with((), {
        let set = address.setter();
        move |()| {
            let listener = BrowserHistory::new().listen(move || set.set(Address::here()));
            move || drop(listener)
        }
    });
    use_effect_with(address.board.clone(), |board| {
        // Without storage the next visit begins at the first board.
        let _not_kept = LocalStorage::set(LAST_BOARD, board.as_str());
    });
    Here { address: (*address).clone() }
}
