//! Conflicts that wait for the user: notice, dialog, previews, choices.

use std::rc::Rc;

use gloo::utils::document;
use tideboard_client::{Realtime, RealtimeProvider, hooks::use_channel};
use tideboard_engine::{BoardStatus, Choice, ConflictStrategy, Edit, EditId};
use tideboard_shared::{Action, Channel, Entity, EntityId, Fields};
use tideboard_ui::components::{AutoResolve, ConflictResolution};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlElement, HtmlInputElement, KeyboardEvent, KeyboardEventInit};
use yew::prelude::*;

use crate::{
    page::{Log, Mounted, SERVER, frames, mount, wait_until},
    probe::{board, fresh, quick},
};

#[derive(Clone, PartialEq, Default, Properties)]
struct Props {
    realtime: Log<Realtime>,
    auto: Option<AutoResolve>,
    has_preview: bool,
    resolved: Log<(EditId, Choice)>,
    dismissed: Log<EditId>,
}

#[component]
fn Page(props: &Props) -> Html {
    use_channel(Channel::Board(board()).into());
    let resolved = props.resolved.clone();
    let dismissed = props.dismissed.clone();
    let preview = props.has_preview.then(|| {
        Callback::from(|entity: Rc<Entity>| {
            html! { <b class="own">{ entity.fields["title"].as_str().unwrap_or_default().to_owned() }</b> }
        })
    });
    html! {
        <ConflictResolution auto_resolve={props.auto} {preview}
            on_conflict_resolved={Callback::from(move |settled| resolved.note(settled))}
            on_conflict_dismissed={Callback::from(move |id| dismissed.note(id))} />
    }
}

#[component]
fn App(props: &Props) -> Html {
    let realtime = props.realtime.clone();
    let on_initialized = Callback::from(move |handle| realtime.note(handle));
    html! {
        <RealtimeProvider url={SERVER} persistent={false} config={quick()} {on_initialized}><Page ..props.clone() /></RealtimeProvider>
    }
}

async fn start(props: &Props) -> (Mounted<App>, Realtime) {
    let app = mount::<App>(props.clone());
    wait_until("the provider", || props.realtime.len() > 0).await;
    let realtime = props.realtime.last();
    wait_until("a live board", || {
        realtime.read(|reader| Some(reader.board(&board())?.status)) == Some(BoardStatus::Live)
    })
    .await;
    (app, realtime)
}

fn fields(values: &[(&str, &str)]) -> Fields {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect()
}

/// Does it and waits until the server has it.
async fn done(realtime: &Realtime, entity: &EntityId, action: Action) {
    let ended = Log::default();
    let note = ended.clone();
    realtime.apply(Edit::new(board(), entity.clone(), action), move |end| note.note(end)).unwrap();
    wait_until("an outcome", || ended.len() == 1).await;
}

fn title(realtime: &Realtime, entity: &EntityId) -> Option<String> {
    let entity = realtime.read(|reader| reader.entity(&board(), entity))?.entity;
    entity.fields.get("title")?.as_str().map(str::to_owned)
}

/// Two who change the same note while one of them is away; gives the note.
async fn quarrel(me: &Realtime, theirs: Action) -> EntityId {
    let rival = Props::default();
    let (_their_app, them) = start(&rival).await;
    let note = fresh();
    let create = Action::Create {
        kind: "note".to_owned(),
        fields: fields(&[("title", "Harbour"), ("text", "The tide comes in at six.")]),
    };
    done(&them, &note, create).await;
    wait_until("the note", || title(me, &note).is_some()).await;
    me.disconnect();
    let mine = Action::set([("title", "Harbour, mine"), ("text", "The tide comes in at seven."), ("colour", "blue")]);
    me.apply(Edit::new(board(), note.clone(), mine).strategy(ConflictStrategy::Ask), |_| {}).unwrap();
    done(&them, &note, theirs).await;
    me.connect();
    note
}

fn their_change() -> Action {
    Action::set([("title", "The harbour"), ("text", "The tide comes in at eight.")])
}

fn find(app: &Mounted<App>, selector: &str) -> Option<HtmlElement> {
    app.root.query_selector(selector).unwrap().map(JsCast::unchecked_into)
}

fn text(app: &Mounted<App>, selector: &str) -> String {
    find(app, selector).map_or_else(String::new, |node| node.text_content().unwrap())
}

fn press(app: &Mounted<App>, key: &str, code: &str, held: fn(&KeyboardEventInit)) {
    let init = KeyboardEventInit::new();
    init.set_key(key);
    init.set_code(code);
    init.set_bubbles(true);
    held(&init);
    let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
    find(app, ".conflict h3").unwrap().dispatch_event(&event).unwrap();
}

async fn review(app: &Mounted<App>) {
    wait_until("the notice", || find(app, ".conflict-notice button").is_some()).await;
    find(app, ".conflict-notice button").unwrap().click();
    wait_until("the dialog", || find(app, "dialog[open]").is_some()).await;
}

#[wasm_bindgen_test]
async fn changed_by_someone_else_is_shown_with_review() {
    let props = Props::default();
    let (app, me) = start(&props).await;
    let note = quarrel(&me, their_change()).await;
    wait_until("the notice", || text(&app, ".conflict-notice").contains("was changed by someone else")).await;
    assert_eq!(title(&me, &note).as_deref(), Some("The harbour"), "theirs stands meanwhile");
    assert!(find(&app, "dialog").is_none(), "nobody is interrupted");
    review(&app).await;
    // Who changed it and when is known from the event.
    wait_until("the author", || text(&app, ".conflict-head p").contains("changed the same just now")).await;
    let sides = |side: &str| text(&app, &format!("[data-field='text'] [data-side='{side}'] .conflict-value"));
    assert_eq!(sides("base"), "The tide comes in at six.");
    assert_eq!(sides("mine"), "The tide comes in at sixseven.", "word by word");
    assert_eq!(sides("theirs"), "The tide comes in at sixeight.");
    assert!(text(&app, "[data-field='colour'] legend").contains("changed by you alone"));
    let preview = |way: &str| text(&app, &format!("[data-way='{way}'] .conflict-preview"));
    assert!(preview("mine").contains("Harbour, mine") && preview("mine").contains("blue"));
    assert!(preview("theirs").contains("The harbour") && !preview("theirs").contains("blue"));
    find(&app, "[data-way='mine'] input").unwrap().click();
    wait_until("the choice", || find(&app, "[data-way='mine'][data-chosen='true']").is_some()).await;
    find(&app, ".dialog .button-primary").unwrap().click();
    wait_until("mine", || title(&me, &note).as_deref() == Some("Harbour, mine")).await;
    wait_until("the end of the dialog", || find(&app, "dialog").is_none()).await;
    assert!(matches!(props.resolved.all()[..], [(_, Choice::Mine)]));
}

#[wasm_bindgen_test]
async fn a_selection_of_fields_is_previewed_and_applied_by_keyboard() {
    let props = Props { has_preview: true, ..Props::default() };
    let (app, me) = start(&props).await;
    let note = quarrel(&me, their_change()).await;
    review(&app).await;
    wait_until("the focus", || document().active_element().is_some_and(|node| node.tag_name() == "H3")).await;
    assert!(find(&app, ".button-primary").unwrap().has_attribute("disabled"), "nothing is chosen for the user");
    press(&app, "Enter", "Enter", |init| init.set_ctrl_key(true));
    assert_eq!(props.resolved.len(), 0);
    find(&app, "[data-field='title'] input[value='theirs']").unwrap().click();
    wait_until("its preview", || text(&app, "[data-way='selection'] .own") == "The harbour").await;
    assert!(find(&app, "[data-way='selection'][data-chosen='true']").is_some(), "picking chooses");
    press(&app, "¡", "Digit1", |init| init.set_alt_key(true));
    wait_until("Alt and 1", || find(&app, "[data-way='mine'][data-chosen='true']").is_some()).await;
    press(&app, "£", "Digit3", |init| init.set_alt_key(true));
    wait_until("Alt and 3", || find(&app, "[data-way='selection'][data-chosen='true']").is_some()).await;
    press(&app, "Enter", "Enter", |init| init.set_ctrl_key(true));
    wait_until("it is settled", || props.resolved.len() == 1).await;
    let chosen = fields(&[("text", "The tide comes in at seven."), ("colour", "blue")]);
    assert_eq!(props.resolved.last().1, Choice::Fields(chosen));
    assert_eq!(title(&me, &note).as_deref(), Some("The harbour"));
}

#[wasm_bindgen_test]
async fn several_are_settled_one_after_the_other_or_later() {
    let props = Props::default();
    let (app, me) = start(&props).await;
    quarrel(&me, their_change()).await;
    wait_until("the first", || find(&app, ".conflict-notice button").is_some()).await;
    quarrel(&me, their_change()).await;
    wait_until("both", || text(&app, ".conflict-notice").contains("2 of your edits")).await;
    review(&app).await;
    assert_eq!(text(&app, ".conflict-place"), "1 of 2");
    press(&app, "2", "Digit2", |init| init.set_alt_key(true));
    wait_until("Alt and 2", || find(&app, "[data-way='theirs'][data-chosen='true']").is_some()).await;
    press(&app, "Enter", "Enter", |init| init.set_ctrl_key(true));
    wait_until("the other", || text(&app, ".conflict-place") == "1 of 1").await;
    assert!(find(&app, "[data-way='theirs'][data-chosen='true']").is_none(), "nothing is chosen for it");
    let later = "Decide later";
    let buttons = app.root.query_selector_all(".dialog-foot button").unwrap();
    let all = (0..buttons.length()).map(|at| buttons.item(at).unwrap().unchecked_into::<HtmlElement>());
    all.into_iter().find(|button| button.inner_text() == later).unwrap().click();
    wait_until("the end of the dialog", || find(&app, "dialog").is_none()).await;
    assert_eq!((props.dismissed.len(), me.read(|reader| reader.conflicts().len())), (1, 1));
    frames(2).await;
    assert!(find(&app, ".conflict-notice button").is_none(), "nobody is asked twice");
}

#[wasm_bindgen_test]
async fn of_what_was_removed_meanwhile_only_theirs_is_left() {
    let props = Props::default();
    let (app, me) = start(&props).await;
    let note = quarrel(&me, their_change()).await;
    review(&app).await;
    done(&me, &note, Action::Remove).await;
    wait_until("the removal", || text(&app, ".conflict-head p").contains("removed meanwhile")).await;
    let input: HtmlInputElement = find(&app, "[data-way='mine'] input").unwrap().unchecked_into();
    assert!(input.disabled() && text(&app, "[data-way='mine'] .conflict-preview").starts_with("This cannot be: "));
    assert!(find(&app, "[data-way='selection']").is_none() && find(&app, ".conflict-field").is_none());
}

#[wasm_bindgen_test]
async fn a_rule_settles_without_asking() {
    let props = Props { auto: Some(AutoResolve::Mine), ..Props::default() };
    let (app, me) = start(&props).await;
    let note = quarrel(&me, their_change()).await;
    wait_until("mine", || title(&me, &note).as_deref() == Some("Harbour, mine")).await;
    wait_until("it is told", || props.resolved.len() == 1).await;
    assert!(find(&app, "dialog").is_none());
}
