//! The gauge, as a screen reader meets it.

use tideboard_ui::{
    format::Unit,
    widgets::{Gauge, GaugeProps, Stat, StatProps},
};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Element;
use yew::prelude::*;

use crate::page::{mount, wait_until};

fn meter(root: &Element, attribute: &str) -> String {
    root.query_selector("[role=meter]").unwrap().unwrap().get_attribute(attribute).unwrap_or_default()
}

async fn shown(value: Option<f64>) -> [String; 5] {
    let warning = Some(0.8);
    let critical = Some(0.95);
    let app = mount::<Gauge>(yew::props!(GaugeProps { title: "Disk", value, unit: Unit::Ratio, warning, critical }));
    wait_until("the gauge", || app.root.query_selector("[role=meter]").unwrap().is_some()).await;
    ["aria-label", "aria-valuemin", "aria-valuemax", "aria-valuenow", "aria-valuetext"]
        .map(|name| meter(&app.root, name))
}

#[wasm_bindgen_test]
async fn a_gauge_says_its_value_and_its_level_in_words() {
    assert_eq!(shown(Some(0.42)).await, ["Disk", "0", "1", "0.42", "42%, Fine"]);
    assert_eq!(shown(Some(0.8)).await[4], "80%, Warning");
    assert_eq!(shown(Some(0.99)).await[4], "99%, Critical");
    assert_eq!(shown(None).await[3..], ["0", "–"]);
    assert_eq!(shown(Some(f64::NAN)).await[4], "–");
}

#[wasm_bindgen_test]
async fn a_number_in_a_frame_has_no_panel_of_its_own() {
    let app = mount::<Stat>(yew::props!(StatProps { value: Some::<AttrValue>("42%".into()) }));
    wait_until("the number", || app.root.query_selector(".stat-value").unwrap().is_some()).await;
    assert!(app.root.query_selector(".panel, h2").unwrap().is_none());
    let app = mount::<Stat>(yew::props!(StatProps { title: "CPU", value: Some::<AttrValue>("42%".into()) }));
    wait_until("the panel", || app.root.query_selector(".panel h2").unwrap().is_some()).await;
}
