use std::rc::Rc;

use tideboard_client::{
    Seen,
    entities::{Order, OrderStatus},
    hooks::{CollectionItem, CollectionItems},
};
use tideboard_shared::{EntityId, Fields};
use yew::prelude::*;

use crate::{
    components::{Cell, Column, ColumnKind, Columns, DataTable, Noun, TableChoice, TableEdit, TableRow, TableRows},
    format::amount,
};

mod new_line;

use new_line::NewOrderLine;

/// Change that a user made of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderPatch {
    /// The entity.
    pub id: EntityId,
    /// The fields with their new values.
    pub fields: Fields,
    /// Position of the board at which the order was what the user began to change.
    pub seen: Seen,
}

/// Properties of [`Orders`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct OrdersProps {
    /// The orders, as `use_orders(board).shared()` gives them; placeholders while absent.
    pub rows: Option<CollectionItems<Order>>,
    /// Called with the fields that a user changed.
    pub on_patch: Callback<OrderPatch>,
    /// Called with an order to create.
    pub on_create: Callback<Order>,
    /// Called with an order to remove; nobody is asked again.
    pub on_remove: Callback<EntityId>,
    /// Called with an order that was removed just now and is wanted back. Without it there is no button for that.
    #[prop_or_default]
    pub on_restore: Option<Callback<EntityId>>,
    /// Shows the orders but does not let them be edited.
    #[prop_or_default]
    pub is_disabled: bool,
}

/// Orders, each cell editable in place, with a line for a new one below.
#[component]
pub fn Orders(props: &OrdersProps) -> Html {
    let OrdersProps { on_create, is_disabled, .. } = props;
    let columns = use_memo((), |()| columns());
    let known = use_mut_ref(Known::default);
    let rows = props.rows.as_ref().map(|items| known.borrow_mut().rows(&columns, items));
    let on_edit =
        use_callback((props.on_patch.clone(), Rc::clone(&columns)), |edit: TableEdit, (on_patch, columns)| {
            if let Some(column) = columns.get(edit.column) {
                let fields = Fields::from([(column.field.to_owned(), column.value(&edit.value))]);
                on_patch.emit(OrderPatch { id: edit.id, fields, seen: edit.seen });
            }
        });
    let each = |callback: Callback<EntityId>| {
        Callback::from(move |ids: Vec<EntityId>| ids.into_iter().for_each(|id| callback.emit(id)))
    };
    let on_restore = props.on_restore.clone().map(each);
    html! {
        <DataTable columns={Columns::clone(&columns)} {rows} noun={Noun { one: "order", many: "orders" }} {on_edit}
            on_remove={each(props.on_remove.clone())} {on_restore} {is_disabled}
            empty="No orders yet. Type the first one into the line below and press Enter.">
            <NewOrderLine on_create={on_create.clone()} is_disabled={*is_disabled || props.rows.is_none()} />
        </DataTable>
    }
}

fn columns() -> Columns {
    let choice = |status: OrderStatus| {
        let class = match status {
            OrderStatus::New => "is-info",
            OrderStatus::Paid => "is-warning",
            OrderStatus::Shipped => "is-good",
        };
        TableChoice { value: status.name(), label: status.label(), class }
    };
    let total = ColumnKind::Number { format: amount, parse: parse_amount };
    let status = ColumnKind::Choice(OrderStatus::ALL.map(choice).into());
    let columns = [
        ("customer", "Customer", ColumnKind::Text, "minmax(9rem, 3fr)"),
        ("item", "Item", ColumnKind::Text, "minmax(9rem, 3fr)"),
        ("total", "Total", total, "minmax(6rem, 1fr)"),
        ("status", "Status", status, "minmax(7rem, 1fr)"),
    ];
    columns.into_iter().map(|(field, title, kind, width)| Column { field, title, kind, width }).collect()
}

/// The orders as they were last, and the rows made of them.
#[derive(Default)]
struct Known {
    items: Option<CollectionItems<Order>>,
    rows: TableRows,
}

impl Known {
    /// The orders as rows. One that has not changed gives the very same row as before; both lists are by ascending id.
    fn rows(&mut self, columns: &Columns, items: &CollectionItems<Order>) -> TableRows {
        if self.items.as_ref().is_some_and(|known| known.is(items)) {
            return self.rows.clone();
        }
        let known = self.items.replace(items.clone());
        let mut old = known.iter().flat_map(|items| items.iter()).zip(self.rows.iter()).peekable();
        let row = |item: &CollectionItem<Order>| {
            while old.next_if(|(known, _)| known.id < item.id).is_some() {}
            match old.next_if(|(known, _)| known.is(item)) {
                Some((_, row)) => Rc::clone(row),
                None => Rc::new(row_of(columns, item)),
            }
        };
        self.rows = items.iter().map(row).collect();
        self.rows.clone()
    }
}

fn row_of(columns: &Columns, item: &CollectionItem<Order>) -> TableRow {
    let Order { customer, item: what, total, status } = &item.value;
    let place = OrderStatus::ALL.iter().position(|other| other == status).unwrap_or_default();
    let text = |text: &String| Cell::Text(text.clone().into());
    let cells = vec![text(customer), text(what), Cell::Number(*total), Cell::Choice(place)];
    TableRow::new(columns, item.id.clone(), cells, item.pending, item.seen)
}

/// Reads an amount as people type it: `12`, `12.5`, `12,50`, `1,250.00`. `None` when it is none or not finite.
fn parse_amount(text: &str) -> Option<f64> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
    let decimal = match (compact.contains('.'), compact.matches(',').count()) {
        // A single comma before one or two last digits is a decimal comma.
        (false, 1) if compact.len() - compact.find(',')? <= 3 => compact.replace(',', "."),
        _ => compact.replace(',', ""),
    };
    decimal.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use tideboard_client::hooks::CollectionEntry;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        let cases = [
            ("12", Some(12.0)),
            (" 12.50 ", Some(12.5)),
            ("12,50", Some(12.5)),
            ("1,250", Some(1250.0)),
            ("1,250.75", Some(1250.75)),
            ("1 250", Some(1250.0)),
            ("-3", Some(-3.0)),
            ("", None),
            ("twelve", None),
            ("inf", None),
        ];
        for (text, value) in cases {
            assert_eq!(parse_amount(text), value, "{text:?}");
        }
    }

    fn orders(totals: &[(&str, f64)]) -> CollectionItems<Order> {
        let entry = |(id, total): &(&str, f64)| CollectionEntry {
            id: (*id).into(),
            value: Order { total: *total, ..Order::default() },
            pending: 0,
            seen: Seen::default(),
        };
        totals.iter().map(entry).collect()
    }

    #[test]
    fn an_order_that_has_not_changed_is_the_very_same_row() {
        let columns = columns();
        let mut known = Known::default();
        let items = orders(&[("b", 1.0), ("c", 2.0), ("d", 3.0)]);
        let before = known.rows(&columns, &items);
        let extra = orders(&[("a", 0.0), ("c", 9.0), ("e", 5.0)]);
        let after: CollectionItems<Order> = [&extra[0], &items[0], &extra[1], &extra[2]].into_iter().cloned().collect();
        let rows = known.rows(&columns, &after);
        let ids: Vec<_> = rows.iter().map(|row| row.id.to_string()).collect();
        assert_eq!(ids, ["a", "b", "c", "e"]);
        assert!(Rc::ptr_eq(&rows[1], &before[0]) && !Rc::ptr_eq(&rows[2], &before[1]));
        assert_eq!(rows[2].cells[2], Cell::Number(9.0));
        assert_eq!(known.rows(&columns, &after), rows);
    }

    #[test]
    fn a_status_has_one_name_in_fields_and_code() {
        for status in OrderStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
    }
}
