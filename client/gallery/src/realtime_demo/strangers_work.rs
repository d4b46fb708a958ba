//! Controls for edits by someone else.

use std::{cell::RefCell, fmt, ops::Deref, rc::Rc};

use tideboard_client::entities::{Order, OrderStatus, fields_of, fresh_id};
use tideboard_shared::{Action, BoardId, Kind};
use tideboard_ui::components::SelectField;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::{Control, overtake::overtake, someone_else::SomeoneElse, stream_work::StreamWork};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct StrangersWorkProps {
    pub(super) control: Control,
    /// Boards to choose from.
    pub(super) boards: Rc<Vec<BoardId>>,
    /// Number of times that everything was healed; another number ends the work.
    pub(super) healed: u32,
    pub(super) on_said: Callback<AttrValue>,
}

/// Controls for the work of someone else, over a connection of their own.
#[component]
pub(super) fn StrangersWork(props: &StrangersWorkProps) -> Html {
    let StrangersWorkProps { control, boards, healed, on_said } = props.clone();
    let other = use_memo(control, |control| Other { control: control.clone(), here: RefCell::default() });
    let other = OtherHandle(other);
    use_effect_with((healed, other.clone()), |(_, other)| {
        let other = other.clone();
        move || other.leave()
    });
    // The key mounts the controls anew after healing, which stops all work in progress.
    html! {
        <fieldset class="demo-part" key={healed}>
            <legend>{ "Someone else" }</legend>
            <BoardWork {boards} other={other.clone()} on_said={on_said.clone()} />
            <StreamWork {other} {on_said} />
        </fieldset>
    }
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct BoardWorkProps {
    other: OtherHandle,
    boards: Rc<Vec<BoardId>>,
    on_said: Callback<AttrValue>,
}

#[component]
fn BoardWork(props: &BoardWorkProps) -> Html {
    let BoardWorkProps { other, boards, on_said } = props.clone();
    let chosen = use_state(|| None::<BoardId>);
    let is_armed = use_state(|| false);
    let board = chosen.as_ref().filter(|board| boards.contains(board)).or(boards.first()).cloned();
    let act = |work: Work| {
        let other = other.clone();
        let board = board.clone();
        let on_said = on_said.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(board) = board.clone() {
                let other = other.get();
                let on_said = on_said.clone();
                spawn_local(async move { on_said.emit(work.done_by(&other, &board).await) });
            }
        })
    };
    let on_arm = {
        let other = other.clone();
        let armed = is_armed.clone();
        let on_said = on_said.clone();
        let boards = Rc::clone(&boards);
        Callback::from(move |_: MouseEvent| {
            if *armed {
                other.control.let_pass();
                armed.set(false);
            } else {
                arm(&other, &boards, (armed.setter(), on_said.clone()));
            }
        })
    };
    let on_board = Callback::from(move |name: AttrValue| chosen.set(name.parse().ok()));
    let options = boards.iter().map(|board| (board.to_string().into(), format!("Board {board}").into()));
    let is_disabled = board.is_none();
    html! {
        <>
            <SelectField class="demo-select" label="Board on which someone else works" {is_disabled}
                value={board.as_ref().map(BoardId::to_string).unwrap_or_default()} options={options.collect::<Vec<_>>()}
                on_change={on_board} />
            <div class="demo-actions">
                <button type="button" onclick={act(Work::PlaceOrder)} disabled={is_disabled}>
                    { "Place an order" }
                </button>
                <button type="button" onclick={act(Work::MoveOrder)} disabled={is_disabled}>
                    { "Move an order on" }
                </button>
                <button type="button" onclick={on_arm} disabled={is_disabled} aria-pressed={is_armed.to_string()}>
                    { "Force a conflict on my next change" }
                </button>
            </div>
        </>
    }
}

/// Client of someone else, connected on first use.
pub(super) struct Other {
    control: Control,
    here: RefCell<Option<Rc<SomeoneElse>>>,
}

impl Other {
    /// Returns the client, and connects it if it is not yet.
    pub(super) fn get(&self) -> Rc<SomeoneElse> {
        let mut here = self.here.borrow_mut();
        Rc::clone(here.get_or_insert_with(|| SomeoneElse::arrive(&self.control)))
    }

    fn leave(&self) {
        let gone = self.here.take();
        drop(gone);
    }
}

/// [`Other`] as a property.
#[derive(Clone)]
pub(super) struct OtherHandle(Rc<Other>);

impl Deref for OtherHandle {
    type Target = Other;

    fn deref(&self) -> &Other {
        &self.0
    }
}

impl PartialEq for OtherHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for OtherHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OtherHandle")
    }
}

/// Action of someone else on a board.
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
    let action = Action::Create { kind: Order::NAME.to_owned(), fields: fields_of(&order) };
    other.edit(board, fresh_id(Order::NAME, js_sys::Date::now() as u64), action).await?;
    Ok("Someone else placed an order.".into())
}

async fn move_order(other: &SomeoneElse, board: &BoardId) -> Result<AttrValue, String> {
    if !other.look_at(board).await {
        return Err("Someone else does not get through to the server.".to_owned());
    }
    let orders = other.entities(board, Order::NAME);
    let order = orders.last().ok_or_else(|| "There is no order on this board.".to_owned())?;
    let status = order.fields.get("status").and_then(|status| status.as_str()).unwrap_or_default();
    let at = OrderStatus::ALL.iter().position(|known| known.name() == status).unwrap_or_default();
    let next = OrderStatus::ALL[(at + 1) % OrderStatus::ALL.len()];
    other.edit(board, order.id.clone(), Action::set([("status", next.name())])).await?;
    Ok(format!("Someone else made an order “{}”.", next.label()).into())
}

fn arm(other: &Other, boards: &[BoardId], (armed, on_said): (UseStateSetter<bool>, Callback<AttrValue>)) {
    let stranger = other.get();
    armed.set(true);
    on_said.emit("Waiting for your next change of a text or a choice.".into());
    for board in boards {
        // Opened now, so that the other client has the board by the time that it is to edit.
        let stranger = Rc::clone(&stranger);
        let board = board.clone();
        spawn_local(async move {
            stranger.look_at(&board).await;
        });
    }
    other.control.catch_edit(move |caught| {
        spawn_local(async move {
            let said = overtake(&stranger, &caught.submit).await;
            drop(caught);
            armed.set(false);
            on_said.emit(said.into());
        });
    });
}
