//! Avatars of those who are there.

use tideboard_ui::components::{Avatars, People, Person};
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use crate::page::{mount, wait_until};

#[component]
fn Owner() -> Html {
    let person = |name: &'static str| Person { id: name.into(), name: name.into(), ..Person::default() };
    let mut people: Vec<_> = ["Ann Lee", "Bo", "Cy", "Dee", "Eve", "Finn"].map(person).to_vec();
    people[1].is_idle = true;
    html! { <><Avatars people={people.clone()} /><People people={people} /></> }
}

#[wasm_bindgen_test]
async fn those_for_whom_there_is_no_room_are_counted_and_named() {
    let app = mount::<Owner>(());
    wait_until("the people", || app.root.query_selector(".people").unwrap().is_some()).await;
    let names: Vec<_> = {
        let names = app.root.query_selector_all(".avatars .visually-hidden").unwrap();
        (0..names.length()).map(|at| names.get(at).unwrap().text_content().unwrap()).collect()
    };
    assert_eq!(names, ["Ann Lee", "Bo, idle", "Cy", "Dee\nEve\nFinn"]);
    assert_eq!(app.root.query_selector(".avatar-rest").unwrap().unwrap().text_content().as_deref(), Some("+3"));
    assert_eq!(app.root.query_selector_all(".people li").unwrap().length(), 6);
}
