//! Grid that the widgets of a board stand on, arranged by mouse, touch and keyboard.
//!
//! In: widgets with the places and sizes wanted for them. Out: the change of one widget's cell. Never: two widgets that
//! overlap, which [`layout`] sees to.

use std::rc::Rc;

use tideboard_shared::EntityId;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::layout::{self, Cell, Grid, Item, Place, Size};

mod drag;
mod handle;

use drag::{Drag, DragKind, Metrics};
use handle::{CellTools, HandleEvent};

/// A widget on the grid.
#[derive(Debug, Clone, PartialEq)]
pub struct GridItem {
    /// Identity of the widget, and the place and size wanted for it.
    pub item: Item,
    /// Name of the widget, for the labels of its handles.
    pub label: AttrValue,
    /// Buttons beside the handle while the grid is arranged, such as to configure and to remove it.
    pub tools: Html,
    /// The widget. It fills its cell.
    pub content: Html,
}

/// Change that a user made to one widget's cell.
#[derive(Debug, Clone, PartialEq)]
pub enum GridChange {
    /// At another place.
    Move(EntityId, Place),
    /// In another size.
    Resize(EntityId, Size),
}

/// Properties of [`BoardGrid`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct BoardGridProps {
    /// Widgets, in any order.
    pub items: Rc<[GridItem]>,
    /// Arranging: widgets can be moved and resized, and cannot be used meanwhile. Default false.
    #[prop_or_default]
    pub is_arranging: bool,
    /// Called when the user has moved or resized a widget.
    #[prop_or_default]
    pub on_change: Callback<GridChange>,
}

/// Grid of widgets in twelve columns, two, or one, by the page's width; arranged by mouse, touch and keyboard.
///
/// A dragged widget is shown where it would land, and the others make room. Escape cancels. By keyboard, arrow keys
/// move the widget whose handle has the focus, and resize it together with Shift.
#[component]
pub fn BoardGrid(props: &BoardGridProps) -> Html {
    let BoardGridProps { items, is_arranging, on_change } = props;
    let grid = use_node_ref();
    // A plain cell rather than a state, because the next pointer event may come before the render.
    let held = use_mut_ref(|| None::<Drag>);
    let update = use_force_update();
    let drag = held.borrow().clone();
    let said = use_state(AttrValue::default);
    let refocus = use_mut_ref(|| None::<EntityId>);
    use_effect({
        let grid = grid.clone();
        let refocus = Rc::clone(&refocus);
        // A widget that changes its turn is moved in the document, and the browser takes the focus from moved elements.
        move || refocus.borrow_mut().take().into_iter().for_each(|id| focus_handle(&grid, &id))
    });
    let shown = shown(items, drag.as_ref());
    let full = layout::arrange(&shown, Grid::Full);
    let half = layout::arrange(&shown, Grid::Half);
    let wanted: Rc<[Item]> = items.iter().map(|item| item.item.clone()).collect();
    // While something is dragged the document keeps its order: moved elements lose the pointer.
    let order = layout::reading_order(if drag.is_some() { &wanted } else { &shown });
    let on_handle = {
        let grid = grid.clone();
        let said = said.setter();
        let on_change = on_change.clone();
        let wanted = Rc::clone(&wanted);
        Callback::from(move |(id, event): (EntityId, HandleEvent)| {
            let grid = grid.cast::<HtmlElement>();
            let (next, change) = handle(&wanted, held.borrow().as_ref(), &id, event, grid.as_ref());
            if held.replace(next.clone()) != next {
                update.force_update();
            }
            if let Some(change) = change {
                said.set(words(&wanted, &change).into());
                *refocus.borrow_mut() = Some(id);
                on_change.emit(change);
            }
        })
    };
    let cell = |index: usize| {
        let GridItem { item, label, tools, content } = &items[index];
        let is_dragged = drag.as_ref().is_some_and(|drag| drag.id == item.id);
        html! {
            <div key={item.id.as_str()} class={classes!("grid-cell", is_dragged.then_some("is-dragged"))}
                style={style(full[index], half[index])} data-cell={item.id.as_str().to_owned()}>
                <div class="cell-content" inert={*is_arranging}>{ content.clone() }</div>
                if *is_arranging {
                    <CellTools label={label.clone()} tools={tools.clone()} size={shown[index].size}
                        on_handle={on_handle.reform({ let id = item.id.clone(); move |event| (id.clone(), event) })} />
                }
            </div>
        }
    };
    html! {
        <>
            <div ref={grid} class={classes!("grid", is_arranging.then_some("is-arranging"))}>
                { for order.into_iter().map(cell) }
            </div>
            <p class="visually-hidden" role="status">{ &*said }</p>
        </>
    }
}

/// Applies one handle event. Returns the drag that goes on, if any, and the change to report.
fn handle(
    items: &[Item],
    drag: Option<&Drag>,
    id: &EntityId,
    event: HandleEvent,
    grid: Option<&HtmlElement>,
) -> (Option<Drag>, Option<GridChange>) {
    let item = items.iter().find(|item| item.id == *id);
    let moved = |at| drag.zip(grid).map(|(drag, grid)| drag.moved(items, at, || cell_at(grid, at)));
    match (event, item) {
        (HandleEvent::Grab(kind, at), Some(_)) => {
            (grid.and_then(|grid| Drag::start(items, id, kind, at, Metrics::of(grid)?)), None)
        }
        (HandleEvent::Drag(at), Some(_)) => (moved(at), None),
        (HandleEvent::Drop(at), Some(_)) => (None, moved(at).and_then(|drag| drag.change())),
        (HandleEvent::Step(DragKind::Move, step), Some(_)) => {
            (None, layout::step(items, id, step).map(|place| GridChange::Move(id.clone(), place)))
        }
        (HandleEvent::Step(DragKind::Resize, step), Some(item)) => {
            let size = layout::grow(item.size, item.place.x, step);
            (None, size.map(|size| GridChange::Resize(id.clone(), size)))
        }
        (HandleEvent::Cancel, _) | (_, None) => (None, None),
    }
}

/// The items with the dragged one where it would be dropped.
fn shown(items: &[GridItem], drag: Option<&Drag>) -> Vec<Item> {
    let shown = |item: &GridItem| match drag {
        Some(drag) if drag.id == item.item.id => drag.preview(&item.item),
        _ => item.item.clone(),
    };
    items.iter().map(shown).collect()
}

fn words(items: &[Item], change: &GridChange) -> String {
    match change {
        GridChange::Move(id, place) => {
            let moved: Vec<Item> = items
                .iter()
                .map(|item| if item.id == *id { Item { place: *place, ..item.clone() } } else { item.clone() })
                .collect();
            let at =
                moved.iter().position(|item| item.id == *id).map(|index| layout::arrange(&moved, Grid::Full)[index]);
            at.map_or_else(String::new, |cell| format!("Moved to column {}, row {}", cell.x + 1, cell.y + 1))
        }
        GridChange::Resize(_, size) => format!("Now {} columns wide and {} rows high", size.w, size.h),
    }
}

fn style(full: Cell, half: Cell) -> String {
    let Cell { x, y, w, h } = full;
    format!("--x:{};--y:{};--w:{w};--h:{h};--x2:{};--y2:{};--w2:{}", x + 1, y + 1, half.x + 1, half.y + 1, half.w)
}

fn focus_handle(grid: &NodeRef, id: &EntityId) {
    let cells = grid.cast::<Element>().map(|grid| grid.children());
    let cell = cells.and_then(|cells| {
        (0..cells.length())
            .filter_map(|at| cells.item(at))
            .find(|cell| cell.get_attribute("data-cell").as_deref() == Some(id.as_str()))
    });
    let handle = cell.and_then(|cell| cell.query_selector(".cell-handle").ok().flatten());
    if let Some(handle) = handle.and_then(|handle| handle.dyn_into::<HtmlElement>().ok()) {
        // An element that cannot take the focus leaves it where it is.
        let _unfocusable = handle.focus();
    }
}

/// The widget whose cell is at a point of the window.
fn cell_at(grid: &HtmlElement, at: (f64, f64)) -> Option<EntityId> {
    let cells = grid.children();
    (0..cells.length()).filter_map(|index| cells.item(index)).find_map(|cell| {
        let area = cell.get_bounding_client_rect();
        let id = cell.get_attribute("data-cell")?;
        let is_inside = (area.left()..area.right()).contains(&at.0) && (area.top()..area.bottom()).contains(&at.1);
        is_inside.then(|| EntityId::from(id))
    })
}
