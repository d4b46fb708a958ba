//! Choice of one option from a list.

use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// Properties of [`SelectField`].
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SelectFieldProps {
    /// Accessible name.
    pub label: AttrValue,
    /// Chosen value.
    pub value: AttrValue,
    /// Options, as value and words.
    pub options: Vec<(AttrValue, AttrValue)>,
    /// Called with the value that the user chose, if it is another.
    pub on_change: Callback<AttrValue>,
    /// Disabled: the choice cannot be changed. Default false.
    #[prop_or_default]
    pub is_disabled: bool,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// Choice of one option. Always shows `value`, also after a choice that the owner did not accept.
#[component]
pub fn SelectField(props: &SelectFieldProps) -> Html {
    let node = use_node_ref();
    // Runs after every render: the browser keeps its own selection, whatever the `selected` attributes say.
    use_effect({
        let node = node.clone();
        let value = props.value.clone();
        move || {
            if let Some(select) = node.cast::<HtmlSelectElement>() {
                select.set_value(&value);
            }
        }
    });
    let refresh = use_force_update();
    let onchange = {
        let on_change = props.on_change.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok()) {
                on_change.emit(select.value().into());
                refresh.force_update();
            }
        })
    };
    html! {
        <select ref={node} class={classes!("field", props.class.clone())} aria-label={props.label.clone()} {onchange}
            disabled={props.is_disabled}>
            { for props.options.iter().map(|(value, words)| html! {
                <option value={value.clone()}>{ words }</option>
            }) }
        </select>
    }
}
