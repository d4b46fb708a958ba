//! Fetches a board's downloads: the part behind [`tideboard_ui::widgets::Downloads`].
//!
//! In: entities of kind `download`, and what the user wants of them. Out: how far each is, written to its entity about twice a
//! second, so that everyone on the board sees it; the file itself, in this tab. Never: more than [`MOST_AT_ONCE`] at a time, more
//! than [`MOST_BYTES`] of one, or anything that the browser does not let the page read: addresses of this server, and of others that allow it (CORS).
//!
//! The tab that a download was added in fetches it, and says so in the field `runner`. Whatever others do to its status it obeys:
//! it stops when it is paused, cancelled or removed, and goes on where it stopped when it is resumed, if the server can send a
//! part. A tab that is reloaded forgets what it had; the download then shows as stalled, and any tab may take it over.
//!
//! A tab fetches nothing that its own user has not asked for, whatever the board says, and asks for an address of another
//! site that somebody else has given. No request carries cookies.

use std::{collections::BTreeMap, rc::Rc, time::Duration};

use tideboard_client::{
    ByAddress,
    entities::{Download, DownloadStatus},
    hooks::{
        CollectionItem, EditProblem, UseCollectionOptions, UseDownloadsHandle, use_downloads_with_options, use_realtime,
    },
};
use tideboard_shared::{Action, BoardId, EntityId};
use tideboard_ui::{
    components::Confirm,
    widgets::{DownloadAct, DownloadRow},
};
use yew::prelude::*;
use yew_hooks::use_interval;

mod rules;
mod runner;
mod transfer;

use rules::Watch;
use runner::Runner;

/// Most downloads that one tab fetches at a time; the others wait.
pub const MOST_AT_ONCE: usize = 3;

/// Most bytes of one download, which a tab keeps in memory: 1 GiB.
pub const MOST_BYTES: u64 = 1 << 30;

/// Without a byte more for so long, nobody fetches a download.
const STALLED_AFTER: Duration = Duration::from_secs(5);

/// Properties of [`DownloadRunner`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct DownloadRunnerProps {
    /// The board whose downloads are fetched.
    pub board: BoardId,
    /// Called when an edit that the user made of a download could not be made or was refused.
    #[prop_or_default]
    pub on_reject: Callback<EditProblem>,
    /// Content in which [`use_download_runner`] can be called.
    #[prop_or_default]
    pub children: Html,
}

/// Fetches a board's downloads for as long as it is mounted: put it around everything that may show them, once a board.
#[component]
pub fn DownloadRunner(props: &DownloadRunnerProps) -> Html {
    let realtime = use_realtime();
    let options = UseCollectionOptions { on_reject: props.on_reject.clone(), ..UseCollectionOptions::default() };
    let downloads = use_downloads_with_options(props.board.clone(), options);
    let update = use_force_update();
    let runner = use_memo((realtime, props.board.clone()), |(realtime, board)| {
        Runner::new(realtime.clone(), board.clone(), Callback::from(move |()| update.force_update()))
    });
    use_effect_with(ByAddress::of(&runner), |runner| {
        let runner = Rc::clone(&runner.0);
        move || runner.stop_all()
    });
    use_effect_with((ByAddress::of(&runner), downloads.clone()), |(runner, downloads)| {
        runner.0.obey(downloads.list().unwrap_or_default());
    });
    let watch = use_mut_ref(Watch::default);
    let now_ms = js_sys::Date::now();
    let all: Vec<_> = downloads.list().unwrap_or_default().iter().map(|item| (&item.id, &item.value)).collect();
    let stalled = watch.borrow_mut().stalled(&all, now_ms);
    let update = use_force_update();
    let is_watching = watch.borrow().is_waiting();
    use_interval(move || update.force_update(), if is_watching { 1_000 } else { 0 });
    let rows = downloads.list().map(|items| {
        let row = |item: &CollectionItem<Download>| runner.row(item, stalled.contains(&item.id));
        items.iter().map(row).collect::<Rc<[_]>>()
    });
    let asked = use_state(|| None::<Asked>);
    let context = DownloadRunnerHandle { rows, runner: ByAddress::of(&runner), downloads, ask: asked.setter() };
    let question = Option::clone(&asked).map(|Asked { id, site }| {
        let runner = context.clone();
        let close = asked.setter();
        let on_close = Callback::from(move |()| close.set(None));
        let on_confirm = on_close.reform(move |()| runner.run_here(id.clone()));
        html! {
            <Confirm title={format!("Fetch a file from {site}?")} action="Fetch" {on_confirm} {on_close}>
                <p>{ "Somebody else on this board gave the address. That site will see that you ask for the file." }</p>
            </Confirm>
        }
    });
    html! {
        <ContextProvider<DownloadRunnerHandle> {context}>
            { props.children.clone() }
            { question }
        </ContextProvider<DownloadRunnerHandle>>
    }
}

/// Download that waits for the user's word, because it comes from another site.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    id: EntityId,
    site: String,
}

/// Handle that [`use_download_runner`] returns.
#[derive(Debug, Clone, PartialEq)]
pub struct DownloadRunnerHandle {
    rows: Option<Rc<[DownloadRow]>>,
    runner: ByAddress<Runner>,
    downloads: UseDownloadsHandle,
    ask: UseStateSetter<Option<Asked>>,
}

impl DownloadRunnerHandle {
    /// The downloads as [`tideboard_ui::widgets::Downloads`] shows them; none while the board is not loaded.
    #[must_use]
    pub fn rows(&self) -> Option<Rc<[DownloadRow]>> {
        self.rows.clone()
    }

    /// Adds a download and fetches it in this tab.
    pub fn add(&self, download: &Download) -> EntityId {
        let download = Download { runner: self.runner.0.tab().to_owned(), ..download.clone() };
        let id = self.downloads.add(&download).0;
        self.runner.0.want(id.clone(), download.url);
        id
    }

    /// Does what the user wants of a download; asks first where it would be fetched from another site, unless the user
    /// has given that address.
    pub fn act(&self, id: EntityId, act: DownloadAct) {
        match act {
            DownloadAct::Pause => drop(self.downloads.set_status(id, DownloadStatus::Paused)),
            DownloadAct::Cancel => drop(self.downloads.set_status(id, DownloadStatus::Cancelled)),
            DownloadAct::Resume => drop(self.downloads.set_status(id, DownloadStatus::Queued)),
            DownloadAct::Remove => drop(self.downloads.remove(id)),
            DownloadAct::RunHere => match self.runner.0.site_to_ask_about(&id) {
                Some(site) => self.ask.set(Some(Asked { id, site })),
                None => self.run_here(id),
            },
            DownloadAct::Save => {
                if let Some(item) = self.downloads.get(&id) {
                    self.runner.0.save(&id, &item.value.name);
                }
            }
        }
    }
}

impl DownloadRunnerHandle {
    /// Fetches a download in this tab.
    fn run_here(&self, id: EntityId) {
        let Some(item) = self.downloads.get(&id) else { return };
        let runner = &self.runner.0;
        let set = BTreeMap::from([("runner".to_owned(), runner.tab().into()), ("status".to_owned(), "queued".into())]);
        runner.want(id.clone(), item.value.url.clone());
        runner.start_over(&id);
        self.downloads.apply(id, Action::Patch { set, unset: ["reason".to_owned()].into() });
    }
}

/// The downloads of the [`DownloadRunner`] around the component, with how fast they come; renders with every step of theirs.
///
/// ```no_run
/// use tideboard_app::downloads::use_download_runner;
/// use tideboard_ui::widgets::Downloads;
/// use yew::prelude::*;
///
/// #[component]
/// fn Files() -> Html {
///     let files = use_download_runner();
///     let add = files.clone();
///     let act = files.clone();
///     html! {
///         <Downloads rows={files.rows()} on_add={Callback::from(move |file| drop(add.add(&file)))}
///             on_act={Callback::from(move |(id, what)| act.act(id, what))} />
///     }
/// }
/// ```
///
/// # Panics
/// Outside `<DownloadRunner>`.
#[hook]
pub fn use_download_runner() -> DownloadRunnerHandle {
    use_context().expect("use_download_runner is called inside <DownloadRunner>")
}
