use tideboard_client::entities::Favorite;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::components::Icon;

#[derive(Debug, Clone, PartialEq, Properties)]
pub(super) struct NewFavoriteProps {
    pub(super) on_add: Callback<Favorite>,
}

/// The last line: a name and where it leads.
#[component]
pub(super) fn NewFavorite(props: &NewFavoriteProps) -> Html {
    let label = use_node_ref();
    let target = use_node_ref();
    let problem = use_state_eq(|| "");
    let onsubmit = {
        let label = label.clone();
        let target = target.clone();
        let problem = problem.setter();
        let on_add = props.on_add.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let inputs = label.cast::<HtmlInputElement>().zip(target.cast::<HtmlInputElement>());
            let Some((label, target)) = inputs else { return };
            match favorite(&label.value(), &target.value()) {
                Ok(favorite) => {
                    on_add.emit(favorite);
                    label.set_value("");
                    target.set_value("");
                    problem.set("");
                }
                Err(words) => problem.set(words),
            }
        })
    };
    html! {
        <form class="content-form" {onsubmit} aria-label="Add a favourite" novalidate={true}>
            <input ref={target} class="field" aria-label="Address of the new favourite" placeholder="Address, such as /orders" autocomplete="off" maxlength="500" />
            <input ref={label} class="field" aria-label="Name of the new favourite" placeholder="Name" autocomplete="off" maxlength="200" />
            <button type="submit">{ Html::from(Icon::Plus) }{ "Add" }</button>
            <p class="form-problem" role="alert">{ *problem }</p>
        </form>
    }
}

/// Favourite for a typed name and address. Without a name it is called as its target.
fn favorite(label: &str, target: &str) -> Result<Favorite, &'static str> {
    let label = label.trim();
    let target = target.trim();
    if target.is_empty() {
        return Err("Where should it lead? Give an address, such as /orders.");
    }
    let is_address = target.starts_with('/') || target.starts_with("https://") || target.starts_with("http://");
    if !is_address || target.starts_with("//") || target.contains(char::is_whitespace) {
        return Err("An address begins with / or https:// and has no spaces.");
    }
    let label = if label.is_empty() { target } else { label };
    Ok(Favorite { target: target.to_owned(), label: label.to_owned() })
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::favorite;

    #[test]
    fn a_favorite_leads_to_an_address_that_runs_nothing() {
        let named = favorite(" Orders ", " /orders ").unwrap();
        assert_eq!((named.label.as_str(), named.target.as_str()), ("Orders", "/orders"));
        assert_eq!(favorite("", "https://a.example").unwrap().label, "https://a.example");
        for target in ["", "javascript:alert(1)", "//a.example", "/a b", "orders"] {
            assert!(favorite("x", target).is_err(), "{target:?}");
        }
    }
}
