use std::rc::Rc;

use tideboard_shared::{EntityId, Fields};
use yew::prelude::*;

use crate::{Seen, entities::Order};

mod line;
mod new_line;

use line::OrderLine;
use new_line::NewOrderLine;

/// One order as the table shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRow {
    /// The entity.
    pub id: EntityId,
    /// Its fields.
    pub order: Order,
    /// How many edits of it wait for the server.
    pub pending: usize,
    /// When it was this.
    pub seen: Seen,
}

/// What a user changed of an order.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderPatch {
    /// The entity.
    pub id: EntityId,
    /// The fields with their new values.
    pub fields: Fields,
    /// When the order was what the user began to change.
    pub seen: Seen,
}

/// Properties of [`Orders`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct OrdersProps {
    /// The rows in the order to show them; placeholders while absent.
    pub rows: Option<Rc<[OrderRow]>>,
    /// Called with the fields that a user changed.
    pub on_patch: Callback<OrderPatch>,
    /// Called with an order to create.
    pub on_create: Callback<Order>,
    /// Called with an order to remove.
    pub on_remove: Callback<EntityId>,
    /// Shows the orders but does not let them be edited.
    #[prop_or_default]
    pub is_disabled: bool,
}

/// The titles of the columns.
pub(crate) const COLUMNS: [&str; 4] = ["Customer", "Item", "Total", "Status"];

/// Orders, each cell editable in place, with a last line for a new one.
#[component]
pub fn Orders(props: &OrdersProps) -> Html {
    let OrdersProps { rows, on_patch, on_create, on_remove, is_disabled } = props;
    html! {
        <div class="orders">
            <table>
                <thead>
                    <tr>
                        { for COLUMNS.iter().map(|title| html! { <th scope="col" class={title.to_lowercase()}>{ title }</th> }) }
                        <th scope="col" class="row-state"><span class="visually-hidden">{ "State and actions" }</span></th>
                    </tr>
                </thead>
                <tbody>
                    if let Some(rows) = rows {
                        { for rows.iter().map(|row| html! {
                            <OrderLine key={row.id.as_str()} row={row.clone()} on_patch={on_patch.clone()}
                                on_remove={on_remove.clone()} is_disabled={*is_disabled} />
                        }) }
                    } else {
                        { for (0..3).map(skeleton) }
                    }
                </tbody>
                <tfoot><NewOrderLine on_create={on_create.clone()} is_disabled={*is_disabled || rows.is_none()} /></tfoot>
            </table>
        </div>
    }
}

fn skeleton(index: usize) -> Html {
    html! {
        <tr key={index} aria-hidden="true">
            { for (0..=COLUMNS.len()).map(|_| html! { <td><span class="skeleton skeleton-line">{ "\u{a0}" }</span></td> }) }
        </tr>
    }
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
    use crate::entities::OrderStatus;

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

    #[test]
    fn a_status_has_one_name_in_fields_and_code() {
        for status in OrderStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
    }
}
