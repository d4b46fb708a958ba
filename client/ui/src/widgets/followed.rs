use yew::prelude::*;

/// A state that the user changes, and that takes on its property's value whenever that changes.
#[hook]
pub(super) fn use_followed<T>(property: T) -> (T, Callback<T>)
where
    T: Copy + PartialEq + 'static,
{
    // What the property was when the user chose, and what the user chose.
    let chosen = use_state_eq(|| (property, property));
    let value = if chosen.0 == property { chosen.1 } else { property };
    let choose = use_callback(property, {
        let chosen = chosen.setter();
        move |value, property| chosen.set((*property, value))
    });
    (value, choose)
}
