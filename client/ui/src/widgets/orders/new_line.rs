use tideboard_client::entities::Order;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::parse_amount;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct NewOrderLineProps {
    pub(super) on_create: Callback<Order>,
    pub(super) is_disabled: bool,
}

/// A line below the table: type an order, press Enter.
#[component]
pub(super) fn NewOrderLine(props: &NewOrderLineProps) -> Html {
    let customer = use_node_ref();
    let item = use_node_ref();
    let total = use_node_ref();
    let problem = use_state(|| None::<&'static str>);
    let create = use_callback((props.on_create.clone(), customer.clone(), item.clone(), total.clone()), {
        let problem = problem.setter();
        move |(), (on_create, customer, item, total)| {
            let fields = [customer, item, total].map(|field| field.cast::<HtmlInputElement>());
            let [Some(customer), Some(item), Some(total)] = fields else { return };
            match read(&customer.value(), &item.value(), &total.value()) {
                Err(message) => problem.set(Some(message)),
                Ok(order) => {
                    problem.set(None);
                    for field in [&customer, &item, &total] {
                        field.set_value("");
                    }
                    let _ = customer.focus();
                    on_create.emit(order);
                }
            }
        }
    });
    let onkeydown = {
        let create = create.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" && !event.is_composing() {
                create.emit(());
            }
        })
    };
    let input = |node: &NodeRef, title: &'static str, placeholder: &'static str, inputmode: Option<&'static str>| {
        html! {
            <input ref={node} class="field" aria-label={format!("{title} of the new order")} {placeholder} maxlength="200"
                autocomplete="off" {inputmode} onkeydown={onkeydown.clone()} disabled={props.is_disabled} />
        }
    };
    html! {
        <div class="new-line" role="group" aria-label="New order">
            { input(&customer, "Customer", "New customer", None) }
            { input(&item, "Item", "Item", None) }
            { input(&total, "Total", "0.00", Some("decimal")) }
            <button type="button" onclick={create.reform(|_| ())} disabled={props.is_disabled}>{ "Add order" }</button>
            <p class="new-problem" role="status">{ problem.unwrap_or_default() }</p>
        </div>
    }
}

fn read(customer: &str, item: &str, total: &str) -> Result<Order, &'static str> {
    let customer = customer.trim();
    let item = item.trim();
    if customer.is_empty() || item.is_empty() {
        return Err("Customer and item, please");
    }
    let total = if total.trim().is_empty() { Some(0.0) } else { parse_amount(total) };
    let total = total.ok_or("The total is not a number")?;
    Ok(Order { customer: customer.to_owned(), item: item.to_owned(), total, ..Order::default() })
}
