use std::{cell::RefCell, rc::Rc};

use tideboard_engine::SendResult;
use tideboard_shared::{Action, BoardId, Topic};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_hooks::use_interval;

use super::{Control, overtake::overtake, someone_else::SomeoneElse};
use crate::{
    components::{FieldKind, SelectField, TextEdit, TextField},
    entities::{Order, OrderStatus, fields_of, fresh_id},
};

/// Time between points, ms.
const POINT_EVERY_MS: u32 = 100;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct StrangersWorkProps {
    pub(super) control: Control,
    /// The boards to choose from.
    pub(super) boards: Rc<Vec<BoardId>>,
    /// Another number ends what goes on.
    pub(super) healed: u32,
    pub(super) on_said: Callback<AttrValue>,
}

/// What somebody else does, over a connection of their own.
#[component]
pub(super) fn StrangersWork(props: &StrangersWorkProps) -> Html {
    let (control, on_said) = (&props.control, &props.on_said);
    let chosen = use_state(|| None::<BoardId>);
    let topic = use_state(|| AttrValue::from("demo.wave"));
    let (is_armed, is_streaming) = (use_state(|| false), use_state(|| false));
    let other = use_memo((), |()| Other::default());
    use_effect_with(props.healed, {
        let (other, armed, streaming) = (Rc::clone(&other), is_armed.setter(), is_streaming.setter());
        move |_| {
            armed.set(false);
            streaming.set(false);
            move || other.leave()
        }
    });
    let board = chosen.as_ref().filter(|board| props.boards.contains(board)).or(props.boards.first()).cloned();
    let publish = {
        let (other, control, topic, on_said) = (Rc::clone(&other), control.clone(), (*topic).clone(), on_said.clone());
        move || on_said.emit(publish(&other, &control, &topic))
    };
    use_interval(publish.clone(), if *is_streaming { POINT_EVERY_MS } else { 0 });
    let act = |work: Work| {
        let (other, control, board, on_said) = (Rc::clone(&other), control.clone(), board.clone(), on_said.clone());
        Callback::from(move |_: MouseEvent| {
            if let (Some(other), Some(board)) = (other.get(&control), board.clone()) {
                let on_said = on_said.clone();
                spawn_local(async move { on_said.emit(work.done_by(&other, &board).await) });
            }
        })
    };
    let on_arm = {
        let (other, control, armed, on_said) = (Rc::clone(&other), control.clone(), is_armed.clone(), on_said.clone());
        let boards = Rc::clone(&props.boards);
        Callback::from(move |_: MouseEvent| match other.get(&control) {
            Some(other) if !*armed => arm(&control, other, &boards, (armed.setter(), on_said.clone())),
            _ => {
                control.let_pass();
                armed.set(false);
            }
        })
    };
    let on_board = Callback::from(move |name: AttrValue| chosen.set(name.parse().ok()));
    let options = props.boards.iter().map(|board| (board.to_string().into(), format!("Board {board}").into()));
    let (no_board, board) = (board.is_none(), board.as_ref().map(BoardId::to_string).unwrap_or_default());
    let on_topic = {
        let topic = topic.setter();
        Callback::from(move |edit: TextEdit| topic.set(edit.text.into()))
    };
    let on_stream = {
        let is_streaming = is_streaming.clone();
        move |_: Event| is_streaming.set(!*is_streaming)
    };
    html! {
        <fieldset class="demo-part">
            <legend>{ "Someone else" }</legend>
            <SelectField class="demo-select" label="Board on which someone else works" is_disabled={no_board}
                value={board} options={options.collect::<Vec<_>>()} on_change={on_board} />
            <div class="demo-actions">
                <button type="button" onclick={act(Work::PlaceOrder)} disabled={no_board}>{ "Place an order" }</button>
                <button type="button" onclick={act(Work::MoveOrder)} disabled={no_board}>{ "Move an order on" }</button>
                <button type="button" onclick={on_arm} disabled={no_board} aria-pressed={is_armed.to_string()}>
                    { "Force a conflict on my next change" }
                </button>
            </div>
            <div class="demo-actions">
                <TextField class="demo-topic" label="Stream to publish to" kind={FieldKind::Line} value={(*topic).clone()} on_commit={on_topic} />
                <button type="button" onclick={Callback::from(move |_: MouseEvent| publish())}>{ "Publish a point" }</button>
                <label class="demo-check"><input type="checkbox" checked={*is_streaming} onchange={on_stream} />{ "10 points a second" }</label>
            </div>
        </fieldset>
    }
}

/// Somebody else, as long as there is something for them to do.
#[derive(Default)]
struct Other(RefCell<Option<Rc<SomeoneElse>>>);

impl Other {
    fn get(&self, control: &Control) -> Option<Rc<SomeoneElse>> {
        let here = self.0.borrow().clone();
        here.or_else(|| {
            let arrived = SomeoneElse::arrive(control);
            self.0.borrow_mut().clone_from(&arrived);
            arrived
        })
    }

    fn leave(&self) {
        let gone = self.0.take();
        drop(gone);
    }
}

/// Something that is done on a board.
#[derive(Debug, Clone, Copy)]
enum Work {
    PlaceOrder,
    MoveOrder,
}

impl Work {
    async fn done_by(self, other: &SomeoneElse, board: &BoardId) -> AttrValue {
        match self {
            Self::PlaceOrder => place_order(other, board).await,
            Self::MoveOrder => move_order(other, board).await,
        }
        .unwrap_or_else(AttrValue::from)
    }
}

async fn place_order(other: &SomeoneElse, board: &BoardId) -> Result<AttrValue, String> {
    let order = Order { customer: "Someone else".into(), item: "Lamp".into(), total: 12.5, ..Order::default() };
    let action = Action::Create { kind: "order".to_owned(), fields: fields_of(&order) };
    other.edit(board, fresh_id("order", js_sys::Date::now() as u64), action).await?;
    Ok("Someone else placed an order.".into())
}

async fn move_order(other: &SomeoneElse, board: &BoardId) -> Result<AttrValue, String> {
    if !other.look_at(board).await {
        return Err("Someone else does not get through to the server.".to_owned());
    }
    let orders = other.entities(board, "order");
    let order = orders.last().ok_or_else(|| "There is no order on this board.".to_owned())?;
    let status = order.fields.get("status").and_then(|status| status.as_str()).unwrap_or_default();
    let at = OrderStatus::ALL.iter().position(|known| known.name() == status).unwrap_or_default();
    let next = OrderStatus::ALL[(at + 1) % OrderStatus::ALL.len()];
    other.edit(board, order.id.clone(), Action::set([("status", next.name())])).await?;
    Ok(format!("Someone else made an order “{}”.", next.label()).into())
}

fn publish(other: &Other, control: &Control, topic: &str) -> AttrValue {
    let topic: Topic = match topic.parse() {
        Ok(topic) => topic,
        Err(problem) => return format!("No such stream: {problem}").into(),
    };
    let seconds = js_sys::Date::now() / 1_000.0;
    match other.get(control).map(|other| other.publish(topic, (seconds / 5.0).sin())) {
        Some(SendResult::Sent | SendResult::Queued) => "Someone else publishes.".into(),
        Some(SendResult::Refused) | None => "Someone else cannot publish now.".into(),
    }
}

fn arm(
    control: &Control,
    other: Rc<SomeoneElse>,
    boards: &[BoardId],
    (armed, on_said): (UseStateSetter<bool>, Callback<AttrValue>),
) {
    armed.set(true);
    on_said.emit("Waiting for your next change of a text or a choice.".into());
    for board in boards {
        // So that they see the board by the time it matters.
        let (other, board) = (Rc::clone(&other), board.clone());
        spawn_local(async move {
            other.look_at(&board).await;
        });
    }
    control.catch_edit(move |caught| {
        spawn_local(async move {
            let said = overtake(&other, &caught.submit).await;
            drop(caught);
            armed.set(false);
            on_said.emit(said.into());
        });
    });
}
