//! Dialog that goes through the unsettled conflicts.

use std::{collections::BTreeMap, rc::Rc, time::Duration};

use tideboard_client::hooks::{use_realtime, use_store, use_store_with};
use tideboard_engine::{Choice, ConflictView, EditId};
use tideboard_shared::{Action, Entity, UnixMs};
use web_sys::HtmlElement;
use yew::prelude::*;

use super::{
    authors::{Author, Authors},
    choices::{Choices, Way},
    fields::{self, FieldRow, Pick},
    preview::Outcome,
    sides::FieldSides,
};
use crate::{components::Dialog, format::ago};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct ConflictReviewProps {
    /// Unsettled conflicts, oldest first.
    pub(super) conflicts: Rc<Vec<ConflictView>>,
    pub(super) authors: Authors,
    pub(super) preview: Option<Callback<Rc<Entity>, Html>>,
    /// Called to settle a conflict. Returns the reason if that is not possible.
    pub(super) on_resolve: Callback<(EditId, Choice), Result<(), String>>,
    /// Called when the user puts off the remaining conflicts.
    pub(super) on_later: Callback<()>,
    /// Called when no conflict is left.
    pub(super) on_settled: Callback<()>,
}

/// Dialog that goes through all unsettled conflicts, one after the other.
#[component]
pub(super) fn ConflictReview(props: &ConflictReviewProps) -> Html {
    let ConflictReviewProps { conflicts, on_later, on_settled, .. } = props;
    let at = use_state_eq(|| 0_usize);
    use_effect_with((conflicts.is_empty(), on_settled.clone()), |(is_empty, on_settled)| {
        if *is_empty {
            on_settled.emit(());
        }
    });
    let place = (*at).min(conflicts.len().saturating_sub(1));
    let Some(view) = conflicts.get(place) else { return Html::default() };
    let go = {
        let at = at.setter();
        Callback::from(move |place| at.set(place))
    };
    html! {
        <OneConflict view={view.clone()} {place} count={conflicts.len()} {go}
            authors={props.authors.clone()} preview={props.preview.clone()} on_resolve={props.on_resolve.clone()}
            on_later={on_later.clone()} />
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct OneConflictProps {
    view: ConflictView,
    place: usize,
    count: usize,
    go: Callback<usize>,
    authors: Authors,
    preview: Option<Callback<Rc<Entity>, Html>>,
    on_resolve: Callback<(EditId, Choice), Result<(), String>>,
    on_later: Callback<()>,
}

/// Choices that the user has made so far for one conflict.
#[derive(Debug, Clone, PartialEq, Default)]
struct Chosen {
    way: Option<Way>,
    picks: BTreeMap<String, Pick>,
    problem: Option<String>,
}

#[derive(Debug)]
enum ChosenAction {
    Choose(Way),
    Pick(String, Pick),
    Fail(String),
}

impl Chosen {
    fn after(&self, action: ChosenAction) -> Self {
        let mut next = Self { problem: None, ..self.clone() };
        match action {
            ChosenAction::Choose(way) => next.way = Some(way),
            ChosenAction::Pick(field, pick) => {
                next.picks.insert(field, pick);
                // A pick chooses the selection, or it would have no effect.
                next.way = Some(Way::Selection);
            }
            ChosenAction::Fail(problem) => next.problem = Some(problem),
        }
        next
    }
}

/// Choices for all conflicts, so that going back and forth loses none.
#[derive(Debug, Clone, PartialEq, Default)]
struct Review(BTreeMap<EditId, Chosen>);

impl Reducible for Review {
    type Action = (EditId, ChosenAction);

    fn reduce(self: Rc<Self>, (id, action): Self::Action) -> Rc<Self> {
        let mut next = Self::clone(&self);
        let chosen = next.0.entry(id).or_default();
        *chosen = chosen.after(action);
        next.into()
    }
}

/// Conflict in view. The dialog stays open when another conflict takes its place.
#[component]
fn OneConflict(props: &OneConflictProps) -> Html {
    let OneConflictProps { view, place, count, on_later, .. } = props;
    let review = use_reducer_eq(Review::default);
    let chosen = review.0.get(&view.id).cloned().unwrap_or_default();
    let choose = use_callback((review.dispatcher(), view.id), |action, (review, id)| review.dispatch((*id, action)));
    let rows = fields::rows(view);
    let can_pick = fields::can_pick(view);
    let selection = fields::choice(&rows, &chosen.picks);
    let outcomes = use_outcomes(view, can_pick.then(|| selection.clone()));
    let apply = apply(props, chosen.way, &choose, selection, &outcomes);
    let story = use_story(view, &props.authors);
    let heading = use_node_ref();
    use_effect_with(view.id, {
        let heading = heading.clone();
        // After the dialog has opened, which takes the focus to its first button.
        move |_| focus(&heading)
    });
    let onkeydown = {
        let apply = apply.clone();
        let choose = choose.clone();
        let outcomes = Rc::clone(&outcomes);
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                event.prevent_default();
                apply.iter().for_each(|apply| apply.emit(()));
            } else if event.alt_key()
                && let Some(way) = Way::of_code(&event.code())
            {
                event.prevent_default();
                if outcomes.iter().any(|(other, outcome)| *other == way && outcome.is_ok()) {
                    choose.emit(ChosenAction::Choose(way));
                }
            }
        })
    };
    let on_choose = choose.reform(ChosenAction::Choose);
    let on_pick = choose.reform(|(field, pick)| ChosenAction::Pick(field, pick));
    html! {
        <Dialog title="Changed by someone else" class="conflict-dialog" on_close={on_later}
            footer={footer(props, apply)}>
            <div class="conflict" {onkeydown}>
                <div class="conflict-head">
                    <h3 ref={heading} tabindex="-1">{ fields::name(view) }</h3>
                    <span class="conflict-place" role="status">{ format!("{} of {count}", place + 1) }</span>
                    <p>{ story }</p>
                </div>
                <SideBySide {rows} picks={chosen.picks} {on_pick} authors={props.authors.clone()} view={view.clone()}
                    {can_pick} />
                <Choices {outcomes} standing={view.with_theirs.clone()} chosen={chosen.way} {on_choose}
                    render={props.preview.clone()} />
                if let Some(problem) = &chosen.problem { <p class="conflict-problem" role="alert">{ problem }</p> }
            </div>
        </Dialog>
    }
}

/// Computes the entity that each way would make of the one on the board, with the same reducer as the engine.
#[hook]
fn use_outcomes(view: &ConflictView, selection: Option<Choice>) -> Rc<[(Way, Outcome)]> {
    let selected = use_store_with((view.id, selection), |reader, (id, selection)| {
        let outcome = reader.preview(*id, selection.as_ref()?);
        // A conflict that is just being settled has no preview any more.
        match outcome {
            Ok(entity) => Some(Ok(entity)),
            Err(tideboard_engine::ResolveError::Refused(refusal)) => Some(Err(refusal)),
            Err(tideboard_engine::ResolveError::Unknown(_)) => None,
        }
    });
    let deps = (view.with_mine.clone(), view.with_theirs.clone(), selected);
    let outcomes = use_memo(deps, |(mine, theirs, selected)| {
        let mut outcomes = vec![(Way::Mine, mine.clone()), (Way::Theirs, Ok(theirs.clone()))];
        outcomes.extend(selected.as_ref().clone().map(|outcome| (Way::Selection, outcome)));
        Rc::<[(Way, Outcome)]>::from(outcomes)
    });
    Rc::clone(&outcomes)
}

/// Callback of the button "Apply"; `None` until a possible way is chosen.
fn apply(
    props: &OneConflictProps,
    way: Option<Way>,
    choose: &Callback<ChosenAction>,
    selection: Choice,
    outcomes: &[(Way, Outcome)],
) -> Option<Callback<()>> {
    let way = way.filter(|way| outcomes.iter().any(|(other, outcome)| other == way && outcome.is_ok()))?;
    let choice = match way {
        Way::Mine => Choice::Mine,
        Way::Theirs => Choice::Theirs,
        Way::Selection => selection,
    };
    let on_resolve = props.on_resolve.clone();
    let id = props.view.id;
    let choose = choose.clone();
    Some(Callback::from(move |()| {
        if let Err(problem) = on_resolve.emit((id, choice.clone())) {
            choose.emit(ChosenAction::Fail(problem));
        }
    }))
}

fn footer(props: &OneConflictProps, apply: Option<Callback<()>>) -> Html {
    let OneConflictProps { place, count, go, on_later, .. } = props;
    let to = |label: &'static str, place: Option<usize>| {
        let onclick = go.reform(move |_: MouseEvent| place.unwrap_or_default());
        html! { <button type="button" {onclick} disabled={place.is_none()}>{ label }</button> }
    };
    let is_disabled = apply.is_none();
    let onclick = Callback::from(move |_: MouseEvent| apply.iter().for_each(|apply| apply.emit(())));
    html! {
        <>
            if *count > 1 {
                { to("Previous", place.checked_sub(1)) }
                { to("Next", Some(place + 1).filter(|next| next < count)) }
            }
            <span class="conflict-keys" aria-hidden="true"><kbd>{ "Ctrl Enter" }</kbd>{ " applies" }</span>
            <button type="button" onclick={on_later.reform(|_: MouseEvent| ())}>{ "Decide later" }</button>
            <button type="button" class="button-primary" {onclick} disabled={is_disabled}>{ "Apply" }</button>
        </>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct SideBySideProps {
    rows: Vec<FieldRow>,
    picks: BTreeMap<String, Pick>,
    on_pick: Callback<(String, Pick)>,
    authors: Authors,
    view: ConflictView,
    can_pick: bool,
}

/// List of all fields that the edit touches.
#[component]
fn SideBySide(props: &SideBySideProps) -> Html {
    let SideBySideProps { rows, picks, on_pick, authors, view, can_pick } = props;
    let now = use_server_time();
    let row = |row: &FieldRow| {
        let pick = picks.get(&row.name).copied().unwrap_or_else(|| row.first_pick());
        let author = row.changed.filter(|_| row.is_contested).and_then(|seq| authors.of(&view.case.board, seq));
        html! {
            <FieldSides key={row.name.clone()} row={row.clone()} {pick} {author} {now} can_pick={*can_pick}
                on_pick={on_pick.clone()} />
        }
    };
    html! { <div class="conflict-fields">{ for rows.iter().map(row) }</div> }
}

/// Sentence that tells what happened.
#[hook]
fn use_story(view: &ConflictView, authors: &Authors) -> String {
    let now = use_server_time();
    let me = use_store(|reader| reader.connection().user);
    let seq = fields::rows(view).iter().filter(|row| row.is_contested).filter_map(|row| row.changed).max();
    let author = seq.and_then(|seq| authors.of(&view.case.board, seq));
    story(view, author.as_ref(), me.as_deref(), now)
}

fn story(view: &ConflictView, author: Option<&Author>, me: Option<&str>, now: UnixMs) -> String {
    let who = match author {
        Some(author) if Some(author.by.as_str()) == me => "You, elsewhere,".to_owned(),
        Some(author) => author.by.clone(),
        None => "Someone else".to_owned(),
    };
    let when = author.map(|author| ago(Duration::from_millis(now.0.saturating_sub(author.at.0))));
    let when = when.map_or_else(String::new, |when| format!(" {when}"));
    if view.with_theirs.is_none() {
        return "It was removed meanwhile, so your change has nothing to go to.".to_owned();
    }
    match view.case.op.action {
        Action::Remove => format!("{who} changed it{when}, before your removal arrived."),
        _ => format!("{who} changed the same{when}, before your change arrived."),
    }
}

/// Current time by the server's clock, which stamps events.
#[hook]
fn use_server_time() -> UnixMs {
    let realtime = use_realtime();
    let skew = use_store(|reader| reader.connection().clock_skew_ms);
    UnixMs(realtime.now().wall.0.saturating_add_signed(skew.unwrap_or_default()))
}

fn focus(node: &NodeRef) {
    if let Some(node) = node.cast::<HtmlElement>() {
        // Fails only for what cannot be focused.
        let _result = node.focus();
    }
}
