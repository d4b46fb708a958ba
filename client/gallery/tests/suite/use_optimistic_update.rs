//! `use_optimistic_update` against the real server.

use std::time::Duration;

use serde::Deserialize;
use tideboard_client::{
    Realtime, RealtimeProvider,
    hooks::{
        ConflictRule, EditProblem, Pacing, UseOptimisticUpdateHandle, UseOptimisticUpdateOptions,
        use_optimistic_update_with_options,
    },
};
use tideboard_engine::{ApplyError, BoardStatus, Choice, EditEnd, EditId, MergeInput, Refused, Rollback, config::secs};
use tideboard_shared::{Action, BoardId, EntityId, Fields};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::{
    page::{Log, Mounted, SERVER, frames, mount, wait_until},
    probe::quick,
};

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
struct Thing {
    title: String,
    count: i64,
}

type Handle = UseOptimisticUpdateHandle<Thing>;

/// User of the board, looking at one entity.
#[derive(Clone, PartialEq)]
struct User {
    /// Each is a client of their own.
    name: AttrValue,
    entity: EntityId,
    strategy: ConflictRule,
    pacing: Pacing,
    realtime: Log<Realtime>,
    renders: Log<Handle>,
    problems: Log<EditProblem>,
    overdue: Log<EditId>,
}

impl User {
    fn of(entity: &EntityId) -> Self {
        Self {
            name: format!("user-{}", js_sys::Math::random()).into(),
            entity: entity.clone(),
            strategy: ConflictRule::RemoteWins,
            pacing: Pacing::None,
            realtime: Log::default(),
            renders: Log::default(),
            problems: Log::default(),
            overdue: Log::default(),
        }
    }

    fn handle(&self) -> Handle {
        self.renders.last()
    }

    fn realtime(&self) -> Realtime {
        self.realtime.last()
    }

    fn title(&self) -> Option<String> {
        self.handle().value().map(|thing| thing.title.clone())
    }

    async fn live(&self) {
        let is_live = || {
            let status = |realtime: Realtime| realtime.read(|reader| Some(reader.board(&board())?.status));
            self.realtime.len() > 0 && status(self.realtime()) == Some(BoardStatus::Live)
        };
        wait_until("a live board", is_live).await;
    }

    /// Waits until it is as the server has it, with this title.
    async fn settled(&self, title: &str) {
        wait_until(&format!("'{title}', confirmed"), || {
            if self.renders.len() == 0 {
                return false;
            }
            let handle = self.handle();
            !handle.is_pending() && handle.value() == handle.confirmed() && self.title().as_deref() == Some(title)
        })
        .await;
    }
}

#[derive(Clone, PartialEq, Properties)]
struct Props {
    user: User,
}

#[component]
fn App(props: &Props) -> Html {
    let realtime = props.user.realtime.clone();
    let on_initialized = Callback::from(move |handle| realtime.note(handle));
    let mut config = quick();
    config.optimistic.operation_timeout = secs(1);
    html! { <RealtimeProvider url={SERVER} user={props.user.name.clone()} {config} {on_initialized}><Probe ..props.clone() /></RealtimeProvider> }
}

#[component]
fn Probe(props: &Props) -> Html {
    let problems = props.user.problems.clone();
    let overdue = props.user.overdue.clone();
    let options = UseOptimisticUpdateOptions {
        on_conflict: props.user.strategy.clone(),
        on_reject: use_callback((), move |problem, ()| problems.note(problem)),
        pacing: props.user.pacing,
        on_overdue: use_callback((), move |id, ()| overdue.note(id)),
    };
    let handle = use_optimistic_update_with_options(board(), props.user.entity.clone(), options);
    props.user.renders.note(handle);
    Html::default()
}

fn start(user: &User) -> Mounted<App> {
    mount::<App>(Props { user: user.clone() })
}

fn board() -> BoardId {
    "main".parse().unwrap()
}

/// A name that no other test has.
fn fresh() -> EntityId {
    EntityId::from(format!("test-{}", js_sys::Math::random()))
}

/// A new entity and someone who looks at it.
async fn thing() -> (Mounted<App>, User) {
    thing_of(User::of(&fresh())).await
}

async fn thing_of(user: User) -> (Mounted<App>, User) {
    let app = start(&user);
    user.live().await;
    let fields = Fields::from([("title".to_owned(), "old".into()), ("count".to_owned(), 10.into())]);
    assert!(user.handle().apply(Action::Create { kind: "thing".to_owned(), fields }).local.is_ok());
    user.settled("old").await;
    (app, user)
}

#[wasm_bindgen_test]
async fn an_edit_shows_before_the_server_answers_and_is_then_confirmed() {
    let (_app, user) = thing().await;
    let before = user.renders.len();
    let applied = user.handle().set([("title", "new")]);
    assert!(applied.local.is_ok());
    assert!(matches!(applied.server.await, Some(EditEnd::Applied { .. })));
    user.settled("new").await;
    let renders = user.renders.all();
    let first = &renders[before];
    assert_eq!(first.value().map(|thing| thing.title.as_str()), Some("new"));
    assert_eq!(first.confirmed().map(|thing| thing.title.as_str()), Some("old"));
    assert_eq!(first.pending(), 1);
    let shown: Vec<_> = renders[before..].iter().filter_map(|handle| handle.value()).collect();
    assert!(shown.iter().all(|thing| thing.title == "new"), "it never flickered back: {shown:?}");
}

#[wasm_bindgen_test]
async fn edits_made_while_disconnected_survive_and_are_applied_once() {
    let (_app, user) = thing().await;
    user.realtime().disconnect();
    for _ in 0..3 {
        user.handle().increment("count", 1);
    }
    wait_until("three pending edits", || user.handle().pending() == 3).await;
    assert_eq!(user.handle().value().map(|thing| thing.count), Some(13));
    user.realtime().connect();
    user.settled("old").await;
    assert_eq!(user.handle().confirmed().map(|thing| thing.count), Some(13));
}

#[wasm_bindgen_test]
async fn an_edit_in_flight_survives_a_forced_reconnect_and_is_applied_once() {
    let (_app, user) = thing().await;
    let applied = user.handle().increment("count", 5);
    user.realtime().reconnect_now();
    assert!(matches!(applied.server.await, Some(EditEnd::Applied { .. })));
    user.settled("old").await;
    assert_eq!(user.handle().confirmed().map(|thing| thing.count), Some(15));
}

#[wasm_bindgen_test]
async fn two_providers_see_each_others_edits() {
    let (_app, ann) = thing().await;
    let bob = User::of(&ann.entity);
    let _other = start(&bob);
    wait_until("bob to see it", || bob.renders.len() > 0 && bob.title().is_some()).await;
    ann.handle().set([("title", "by ann")]);
    bob.settled("by ann").await;
    bob.handle().set([("title", "by bob")]);
    ann.settled("by bob").await;
}

#[wasm_bindgen_test]
async fn it_renders_only_when_its_own_entity_changed() {
    let (_app, ann) = thing().await;
    let (_other, bob) = thing().await;
    frames(10).await;
    let renders = ann.renders.len();
    let others = bob.renders.len();
    bob.handle().set([("title", "not ann's")]);
    bob.settled("not ann's").await;
    let position = |user: &User| user.realtime().read(|reader| reader.board(&board()).map(|view| view.seq));
    wait_until("ann to have heard of it", || position(&ann) >= position(&bob)).await;
    frames(2).await;
    assert_eq!(ann.renders.len(), renders);
    // Shown, then confirmed; the confirmed value and the number of pending edits may change in two steps.
    assert!((2..=3).contains(&(bob.renders.len() - others)), "{} renders", bob.renders.len() - others);
}

#[wasm_bindgen_test]
async fn theirs_is_kept_and_the_user_is_told_both() {
    let (_app, ann) = thing().await;
    conflict(&ann).await;
    ann.settled("theirs").await;
    let handle = ann.handle();
    let field = handle.conflict().expect("a conflict is told").fields[0].clone();
    assert_eq!(
        (field.base, field.theirs, field.yours),
        (Some("old".into()), Some("theirs".into()), Some("mine".into()))
    );
    assert!(matches!(ann.problems.all()[..], [EditProblem::Refused(Refused::Conflict(_))]));
    handle.dismiss();
    wait_until("the notice to go", || ann.handle().refusal().is_none()).await;
}

#[wasm_bindgen_test]
async fn mine_overwrites_theirs_when_asked_for() {
    let user = User { strategy: ConflictRule::LocalWins, ..User::of(&fresh()) };
    let (_app, ann) = thing_of(user).await;
    conflict(&ann).await;
    ann.settled("mine").await;
    assert!(ann.handle().refusal().is_none() && ann.problems.len() == 0);
}

/// Ann edits while disconnected, somebody else edits the same, she returns.
async fn conflict(ann: &User) {
    let bob = User::of(&ann.entity);
    let _other = start(&bob);
    bob.live().await;
    ann.realtime().disconnect();
    ann.handle().set([("title", "mine")]);
    bob.handle().set([("title", "theirs")]);
    bob.settled("theirs").await;
    ann.realtime().connect();
}

#[wasm_bindgen_test]
async fn an_edit_begun_before_theirs_came_is_a_conflict_at_once() {
    let (_app, ann) = thing().await;
    let seen = ann.handle().seen();
    let bob = User::of(&ann.entity);
    let _other = start(&bob);
    bob.live().await;
    bob.handle().set([("title", "theirs")]);
    ann.settled("theirs").await;
    let applied = ann.handle().set_since(seen, [("title", "mine")]);
    assert!(matches!(applied.local, Err(ApplyError::Refused(_))));
    assert_eq!(applied.server.await, None);
    assert_eq!(ann.title().as_deref(), Some("theirs"));
    assert!(matches!(ann.problems.all()[..], [EditProblem::NotMade(_)]));
}

#[wasm_bindgen_test]
async fn what_cannot_apply_is_said_at_once_and_changes_nothing() {
    let (_app, user) = thing().await;
    let renders = user.renders.len();
    let applied = user.handle().increment("title", 1);
    assert!(matches!(applied.local, Err(ApplyError::Refused(_))));
    frames(10).await;
    assert_eq!((user.renders.len(), user.problems.len()), (renders, 1));
}

#[wasm_bindgen_test]
async fn fields_of_another_shape_are_an_error_and_no_value() {
    let (_app, user) = thing().await;
    user.handle().set([("count", "many")]);
    wait_until("an error", || user.handle().error().is_some()).await;
    assert_eq!(user.handle().value(), None);
}

#[wasm_bindgen_test]
async fn a_draft_shows_at_once_and_becomes_one_edit_when_the_user_pauses() {
    let pacing = Pacing::Debounce(Duration::from_millis(100));
    let (_app, user) = thing_of(User { pacing, ..User::of(&fresh()) }).await;
    for text in ["n", "ne", "new"] {
        user.handle().draft([("title", text)]);
        frames(1).await;
        assert_eq!((user.title().as_deref(), user.handle().pending()), (Some(text), 0));
    }
    assert!(user.handle().is_drafting());
    user.settled("new").await;
    assert!(!user.handle().is_drafting());
    user.handle().draft([("title", "dropped")]);
    user.handle().drop_draft();
    wait_until("the old title", || user.title().as_deref() == Some("new")).await;
    user.handle().draft([("title", "flushed")]);
    assert!(user.handle().flush().is_some_and(|applied| applied.local.is_ok()) && user.handle().flush().is_none());
    user.settled("flushed").await;
    let seq = user.realtime().read(|reader| reader.board(&board()).map(|view| view.seq));
    assert!(seq.is_some());
}

#[wasm_bindgen_test]
async fn a_draft_that_has_no_edit_yet_becomes_one_when_its_component_goes() {
    let pacing = Pacing::Debounce(Duration::from_secs(60));
    let (app, ann) = thing_of(User { pacing, ..User::of(&fresh()) }).await;
    let bob = User::of(&ann.entity);
    let _other = start(&bob);
    bob.live().await;
    bob.settled("old").await;
    ann.handle().draft([("title", "late")]);
    let realtime = ann.realtime();
    drop(app);
    // The provider disconnects when it goes.
    frames(3).await;
    realtime.connect();
    bob.settled("late").await;
    realtime.disconnect();
}

#[wasm_bindgen_test]
async fn a_throttled_draft_is_an_edit_at_once_and_then_now_and_again() {
    let pacing = Pacing::Throttle(Duration::from_millis(200));
    let (_app, user) = thing_of(User { pacing, ..User::of(&fresh()) }).await;
    user.handle().draft([("count", 11)]);
    wait_until("the first", || !user.handle().is_drafting()).await;
    for count in 12..20 {
        user.handle().draft([("count", count)]);
    }
    wait_until("the last to show", || user.handle().value().is_some_and(|thing| thing.count == 19)).await;
    assert!(user.handle().is_drafting(), "not yet an edit");
    user.settled("old").await;
    wait_until("the last", || user.handle().confirmed().is_some_and(|thing| thing.count == 19)).await;
}

#[wasm_bindgen_test]
async fn a_conflict_waits_for_the_user_and_is_settled_as_chosen() {
    let (_app, ann) = thing_of(User { strategy: ConflictRule::Ask, ..User::of(&fresh()) }).await;
    assert_eq!(ann.handle().resolve(Choice::Mine), Ok(false), "there is none");
    conflict(&ann).await;
    wait_until("the question", || ann.handle().waiting().is_some()).await;
    let handle = ann.handle();
    assert_eq!(handle.conflict().map(|conflict| conflict.fields[0].theirs.clone()), Some(Some("theirs".into())));
    let both = Fields::from([("title".to_owned(), "both".into())]);
    assert_eq!(handle.resolve(Choice::Fields(both)), Ok(true));
    ann.settled("both").await;
    assert!(ann.handle().waiting().is_none() && ann.handle().conflict().is_none());
}

#[wasm_bindgen_test]
async fn a_merge_makes_one_value_of_both() {
    let merge = |input: MergeInput| {
        let side = |fields: &Fields| fields["title"].as_str().unwrap_or_default().to_owned();
        let title = format!("{} and {}", side(&input.mine), side(&input.theirs));
        Some(Fields::from([("title".to_owned(), title.into())]))
    };
    let strategy = ConflictRule::Merge(Callback::from(merge));
    let (_app, ann) = thing_of(User { strategy, ..User::of(&fresh()) }).await;
    conflict(&ann).await;
    ann.settled("mine and theirs").await;
}

#[wasm_bindgen_test]
async fn one_of_several_edits_is_taken_back_and_an_overdue_one_is_told() {
    let (_app, user) = thing().await;
    user.realtime().disconnect();
    let first = user.handle().increment("count", 1).local.unwrap();
    let second = user.handle().increment("count", 10);
    wait_until("both to wait", || user.handle().edits().len() == 2).await;
    assert_eq!(user.handle().edits()[0].id, first);
    assert_eq!(user.handle().rollback(first), Ok(Rollback::Reverting), "storage decides: another tab may have sent it");
    wait_until("one", || user.handle().value().is_some_and(|thing| thing.count == 20)).await;
    wait_until("it to be overdue", || user.overdue.len() == 1).await;
    assert_eq!(user.overdue.last(), second.local.unwrap());
    user.realtime().connect();
    user.settled("old").await;
    assert!(!user.handle().retry(first));
}
