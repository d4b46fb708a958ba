use serde_json::Value;
use tideboard_shared::{EntityId, Fields};
use yew::prelude::*;

use super::{COLUMNS, OrderPatch, OrderRow, parse_amount};
use crate::{
    Seen,
    components::{FieldKind, Icon, IconButton, PendingMark, SelectField, TextEdit, TextField},
    entities::OrderStatus,
    format::amount,
};

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct OrderLineProps {
    pub(super) row: OrderRow,
    pub(super) on_patch: Callback<OrderPatch>,
    pub(super) on_remove: Callback<EntityId>,
    pub(super) is_disabled: bool,
}

/// One order; asks before it is removed.
#[component]
pub(super) fn OrderLine(props: &OrderLineProps) -> Html {
    let OrderRow { id, order, pending, seen } = &props.row;
    let seen = *seen;
    let is_disabled = props.is_disabled;
    let is_asking = use_state(|| false);
    let ask = |wanted: bool| {
        let is_asking = is_asking.setter();
        Callback::from(move |_: MouseEvent| is_asking.set(wanted))
    };
    let on_text = |field: &'static str| patch(props, field, |edit: TextEdit| Some((edit.text.into(), edit.seen)));
    let on_total = patch(props, "total", |edit: TextEdit| Some((parse_amount(&edit.text)?.into(), edit.seen)));
    let on_status = patch(props, "status", move |name: AttrValue| Some((name.as_str().into(), seen)));
    let name = if order.customer.is_empty() { "without a customer" } else { &order.customer };
    html! {
        <tr class={classes!((*pending > 0).then_some("is-pending"))} data-entity={id.to_string()}>
            <td class="customer">
                <TextField label={COLUMNS[0]} value={order.customer.clone()} on_commit={on_text("customer")} {seen}
                    {is_disabled} />
            </td>
            <td class="item">
                <TextField label={COLUMNS[1]} value={order.item.clone()} on_commit={on_text("item")} {seen}
                    {is_disabled} />
            </td>
            <td class="total">
                <TextField kind={FieldKind::Amount} label={COLUMNS[2]} value={amount(order.total)} on_commit={on_total}
                    {seen} {is_disabled} />
            </td>
            <td class="status">
                <SelectField label={COLUMNS[3]} class={classes!(format!("status-{}", order.status.name()))}
                    value={order.status.name()} options={options()} on_change={on_status} {is_disabled} />
            </td>
            <td class="row-state">
                <div>
                    if *is_asking {
                        <button type="button" class="button-danger" onclick={props.on_remove.reform({
                            let id = id.clone();
                            move |_| id.clone()
                        })}>{ "Remove" }</button>
                        <button type="button" onclick={ask(false)}>{ "Keep" }</button>
                    } else {
                        <PendingMark count={*pending} />
                        <IconButton icon={Icon::Trash} label={format!("Remove order {name}")} onclick={ask(true)} {is_disabled} />
                    }
                </div>
            </td>
        </tr>
    }
}

/// A callback that patches one field with what `read` makes of the input, if anything.
fn patch<In: 'static>(
    props: &OrderLineProps,
    field: &'static str,
    read: impl Fn(In) -> Option<(Value, Seen)> + 'static,
) -> Callback<In> {
    let (id, on_patch) = (props.row.id.clone(), props.on_patch.clone());
    Callback::from(move |input| {
        if let Some((value, seen)) = read(input) {
            let fields = Fields::from([(field.to_owned(), value)]);
            on_patch.emit(OrderPatch { id: id.clone(), fields, seen });
        }
    })
}

pub(super) fn options() -> Vec<(AttrValue, AttrValue)> {
    OrderStatus::ALL.iter().map(|status| (status.name().into(), status.label().into())).collect()
}
