//! A client on the page without any hook: a provider, and its driver.

use tideboard_client::{Realtime, RealtimeProvider, Subscription};
use tideboard_engine::{BoardStatus, Config, Edit, EditEnd, EntityView, SyncView};
use tideboard_shared::{Action, BoardId, Channel, EntityId, Fields};
use yew::prelude::*;

use crate::page::{Log, Mounted, SERVER, mount, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    user: AttrValue,
    config: Config,
    realtime: Log<Realtime>,
}

#[component]
fn App(props: &Props) -> Html {
    let realtime = props.realtime.clone();
    let on_initialized = Callback::from(move |handle| realtime.note(handle));
    html! { <RealtimeProvider url={SERVER} user={props.user.clone()} config={props.config.clone()} {on_initialized} /> }
}

/// Tab of one user, as far as one page can have several. Ends when dropped.
pub(crate) struct Client {
    pub(crate) realtime: Realtime,
    /// Ends of its edits.
    pub(crate) ends: Log<EditEnd>,
    _board: Subscription,
    _app: Mounted<App>,
}

impl Client {
    /// Opens a tab and does not wait for the server.
    pub(crate) async fn open(user: &str) -> Self {
        Self::with(user, Config::default()).await
    }

    /// Starts a tab with other settings.
    pub(crate) async fn with(user: &str, config: Config) -> Self {
        let handles = Log::default();
        let app = mount::<App>(Props { user: user.to_owned().into(), config, realtime: handles.clone() });
        wait_until("a driver", || handles.len() > 0).await;
        let realtime = handles.last();
        let board = realtime.subscribe(Channel::Board(main()).into());
        Self { realtime, ends: Log::default(), _board: board, _app: app }
    }

    /// Opens a tab and waits until it shows the board as it is.
    pub(crate) async fn live(user: &str) -> Self {
        let this = Self::open(user).await;
        wait_until("a live board", || this.status() == Some(BoardStatus::Live)).await;
        this
    }

    pub(crate) fn status(&self) -> Option<BoardStatus> {
        self.realtime.read(|reader| Some(reader.board(&main())?.status))
    }

    pub(crate) fn sync(&self) -> SyncView {
        self.realtime.read(|reader| reader.sync())
    }

    pub(crate) fn is_leader(&self) -> bool {
        self.realtime.read(|reader| reader.connection().is_leader)
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.realtime.read(|reader| reader.connection().state.is_live())
    }

    pub(crate) fn tabs(&self) -> usize {
        self.realtime.read(|reader| reader.connection().tabs)
    }

    pub(crate) fn entity(&self, id: &EntityId) -> Option<EntityView> {
        self.realtime.read(|reader| reader.entity(&main(), id))
    }

    /// Value that a counter shows, pending edits included.
    pub(crate) fn count(&self, id: &EntityId) -> Option<i64> {
        self.entity(id)?.entity.fields.get("count")?.as_i64()
    }

    pub(crate) fn confirmed_count(&self, id: &EntityId) -> Option<i64> {
        self.realtime.read(|reader| reader.confirmed(&main(), id)?.fields.get("count")?.as_i64())
    }

    /// Makes a counter that no other test has.
    pub(crate) fn create(&self) -> EntityId {
        let id = EntityId::from(format!("test-{}", js_sys::Math::random()));
        let fields = Fields::from([("count".to_owned(), 0.into())]);
        self.apply(&id, Action::Create { kind: "thing".to_owned(), fields });
        id
    }

    pub(crate) fn add(&self, id: &EntityId, by: i64) {
        self.apply(id, Action::Increment { field: "count".to_owned(), by: by.into() });
    }

    /// Waits until the server has everything.
    pub(crate) async fn saved(&self) {
        wait_until("everything saved", || self.sync().pending == 0).await;
    }

    /// Waits until the server has everything, and this is what it made of it.
    pub(crate) async fn confirms(&self, id: &EntityId, count: i64) {
        self.saved().await;
        wait_until(&format!("a count of {count}"), || self.confirmed_count(id) == Some(count)).await;
    }

    fn apply(&self, id: &EntityId, action: Action) {
        let ends = self.ends.clone();
        self.realtime.apply(Edit::new(main(), id.clone(), action), move |end| ends.note(end)).unwrap();
    }
}

pub(crate) fn main() -> BoardId {
    "main".parse().unwrap()
}

/// A name that no other test has.
pub(crate) fn fresh_user() -> String {
    format!("user-{}", js_sys::Math::random())
}
