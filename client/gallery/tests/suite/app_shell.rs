//! The frame around the page.

use gloo::utils::document_element;
use tideboard_ui::components::{AppShell, Icon, MenuItem, ThemeProvider};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::page::{Log, Mounted, mount, wait_until};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    done: Log<&'static str>,
    is_kiosk: bool,
}

#[component]
fn Owner(props: &Props) -> Html {
    let tell = |name: &'static str| {
        let done = props.done.clone();
        Callback::from(move |()| done.note(name))
    };
    let tools = vec![
        MenuItem::new("Undo", tell("undo")).icon(Icon::Undo),
        MenuItem::new("Redo", tell("redo")).icon(Icon::Redo).disabled(true),
    ];
    let menu = vec![MenuItem::new("Export", tell("export")).into()];
    html! {
        <ThemeProvider>
            <AppShell board="Operations" {tools} {menu} is_kiosk={props.is_kiosk} on_leave_kiosk={tell("leave")}>
                <p id="page">{ "The page" }</p>
            </AppShell>
        </ThemeProvider>
    }
}

async fn shell(is_kiosk: bool) -> (Mounted<Owner>, Log<&'static str>) {
    let done = Log::default();
    let app = mount::<Owner>(Props { done: done.clone(), is_kiosk });
    wait_until("the page", || app.root.query_selector("main #page").unwrap().is_some()).await;
    (app, done)
}

fn find(app: &Mounted<Owner>, selector: &str) -> HtmlElement {
    app.root.query_selector(selector).unwrap().expect(selector).unchecked_into()
}

#[wasm_bindgen_test]
async fn its_tools_are_buttons_with_names() {
    let (app, done) = shell(false).await;
    find(&app, ".app-kit-wide [aria-label='Undo']").click();
    find(&app, ".app-kit-wide [aria-label='Redo']").click();
    assert_eq!(done.all(), ["undo"]);
    assert_eq!(find(&app, "h1").text_content().as_deref(), Some("Operations"));
}

#[wasm_bindgen_test]
async fn the_narrow_menu_has_everything_with_the_theme() {
    let (app, done) = shell(false).await;
    find(&app, ".app-kit-narrow [aria-haspopup='menu']").click();
    wait_until("the menu", || app.root.query_selector("[role='menu']").unwrap().is_some()).await;
    let words = find(&app, "[role='menu']").text_content().unwrap();
    assert_eq!(words, "UndoRedoExportThemeAs the systemLightDarkHigh contrast");
    find(&app, "[role='menu'] button").click();
    assert_eq!(done.all(), ["undo"]);
}

#[wasm_bindgen_test]
async fn full_screen_is_the_page_alone_with_a_way_back() {
    let (app, done) = shell(true).await;
    assert!(app.root.query_selector("header").unwrap().is_none());
    assert_eq!(find(&app, "h1").text_content().as_deref(), Some("Operations"));
    find(&app, ".app-leave").click();
    assert_eq!(done.all(), ["leave"]);
}

#[wasm_bindgen_test]
async fn a_theme_is_one_of_several_and_stays_until_another_is_chosen() {
    let (app, _) = shell(false).await;
    let button = || find(&app, ".app-kit-wide [aria-label^='Theme']");
    let choose = async |words: &str| {
        button().click();
        wait_until("the menu", || app.root.query_selector("[role='menu']").unwrap().is_some()).await;
        let items = app.root.query_selector_all("[role='menuitemradio']").unwrap();
        let items = (0..items.length()).map(|at| items.get(at).unwrap().unchecked_into::<HtmlElement>());
        let items: Vec<_> = items.collect();
        let chosen = items.iter().filter(|item| item.get_attribute("aria-checked").as_deref() == Some("true")).count();
        assert_eq!((items.len(), chosen), (4, 1));
        items.into_iter().find(|item| item.text_content().as_deref() == Some(words)).expect(words).click();
        wait_until("the choice", || {
            button().get_attribute("aria-label") == Some(format!("Theme: {}", words.to_lowercase()))
        })
        .await;
    };
    let theme = || document_element().get_attribute("data-theme");
    choose("High contrast").await;
    assert_eq!(theme().as_deref(), Some("high-contrast"));
    choose("Light").await;
    assert_eq!(theme().as_deref(), Some("light"));
    choose("As the system").await;
    assert_eq!(theme(), None);
}
