use std::ops::Deref;

use tideboard_shared::{Action, BoardId, EntityId};
use yew::prelude::*;

use super::{
    UseCollectionOptions,
    editor::Applied,
    typed::{TypedHandle, use_typed},
};
use crate::entities::{Order, OrderStatus};

/// Handle of [`use_orders`]: all that a [`TypedHandle`] can do, and what only orders can.
#[derive(Debug, Clone, PartialEq)]
pub struct UseOrdersHandle(TypedHandle<Order>);

impl Deref for UseOrdersHandle {
    type Target = TypedHandle<Order>;

    fn deref(&self) -> &TypedHandle<Order> {
        &self.0
    }
}

impl UseOrdersHandle {
    /// Says how far an order is.
    pub fn set_status(&self, id: EntityId, status: OrderStatus) -> Applied {
        self.apply(id, Action::set([("status", status.name())]))
    }
}

/// The orders of a board: entities of kind `order`. Edits show at once.
///
/// ```no_run
/// use tideboard_client::{entities::OrderStatus, hooks::use_orders};
/// use yew::prelude::*;
///
/// #[component]
/// fn Open() -> Html {
///     let orders = use_orders("main".parse().expect("a name"));
///     let open = orders.list().unwrap_or_default().iter().filter(|item| item.value.status != OrderStatus::Shipped);
///     html! { <p>{ format!("{} open orders", open.count()) }</p> }
/// }
/// ```
///
/// | option of [`use_orders_with_options`] | default | |
/// |---|---|---|
/// | `on_conflict` | `RemoteWins` | theirs stands and the user is told; `LocalWins` sends mine again to overwrite |
/// | `on_reject` | none | called when an edit could not be made or was refused |
///
/// Returns a [`UseOrdersHandle`]; renders when an order changes, comes or goes. A refused edit ends in `on_reject` and
/// `refusals()`, with the reason.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_orders(board: BoardId) -> UseOrdersHandle {
    use_orders_with_options(board, UseCollectionOptions::default())
}

/// [`use_orders`] with options.
///
/// # Panics
/// Outside `<RealtimeProvider>`.
#[hook]
pub fn use_orders_with_options(board: BoardId, options: UseCollectionOptions) -> UseOrdersHandle {
    UseOrdersHandle(use_typed(board, options))
}
