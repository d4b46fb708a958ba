//! The banner over the page's foot.

use std::time::Duration;

use tideboard_client::{Realtime, RealtimeProvider, hooks::use_channel};
use tideboard_engine::{BoardStatus, Edit};
use tideboard_shared::{Action, Channel};
use tideboard_ui::components::ConnectionBanner;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::{
    page::{Log, Mounted, SERVER, frames, mount, wait_until},
    probe::{board, quick},
};

#[derive(Clone, PartialEq, Properties)]
struct Props {
    realtime: Log<Realtime>,
    lost_after: Duration,
}

#[component]
fn Page(props: &Props) -> Html {
    use_channel(Channel::Board(board()).into());
    html! { <ConnectionBanner lost_after={props.lost_after} /> }
}

#[component]
fn App(props: &Props) -> Html {
    let realtime = props.realtime.clone();
    let on_initialized = Callback::from(move |handle| realtime.note(handle));
    html! {
        <RealtimeProvider url={SERVER} persistent={false} config={quick()} {on_initialized}><Page ..props.clone() /></RealtimeProvider>
    }
}

async fn start(lost_after: Duration) -> (Mounted<App>, Realtime) {
    let realtime = Log::default();
    let app = mount::<App>(Props { realtime: realtime.clone(), lost_after });
    wait_until("the provider", || realtime.len() > 0).await;
    let realtime = realtime.last();
    let status = || realtime.read(|reader| Some(reader.board(&board())?.status));
    wait_until("a live board", || status() == Some(BoardStatus::Live)).await;
    (app, realtime)
}

fn find(app: &Mounted<App>, selector: &str) -> Option<HtmlElement> {
    app.root.query_selector(selector).unwrap().map(JsCast::unchecked_into)
}

fn words(app: &Mounted<App>) -> String {
    find(app, ".banner [role='status']").expect("the region is always there").text_content().unwrap()
}

#[wasm_bindgen_test]
async fn it_says_what_still_works_only_while_the_connection_is_lost() {
    let (app, realtime) = start(Duration::from_millis(50)).await;
    assert_eq!(words(&app), "");
    realtime.disconnect();
    wait_until("the banner", || words(&app).contains("You can go on editing")).await;
    let action = Action::Increment { field: "count".to_owned(), by: 0.into() };
    realtime.apply(Edit::new(board(), "counter", action), |_| {}).unwrap();
    wait_until("the edit", || words(&app).contains("1 edit waits in this page only")).await;
    find(&app, ".banner button").unwrap().click();
    wait_until("nothing to say", || words(&app).is_empty()).await;
    assert!(find(&app, ".banner[data-cause]").is_none());
}

#[wasm_bindgen_test]
async fn a_short_interruption_is_not_worth_a_word() {
    let (app, realtime) = start(Duration::from_secs(60)).await;
    realtime.disconnect();
    frames(5).await;
    assert_eq!(words(&app), "");
}

#[wasm_bindgen_test]
async fn what_the_user_has_hidden_comes_back_with_the_next_loss() {
    let (app, realtime) = start(Duration::ZERO).await;
    for _ in 0..2 {
        realtime.disconnect();
        wait_until("the banner", || !words(&app).is_empty()).await;
        find(&app, ".banner [aria-label='Hide this message']").unwrap().click();
        wait_until("no banner", || words(&app).is_empty()).await;
        realtime.connect();
        wait_until("a live connection", || realtime.read(|reader| reader.connection().state.is_live())).await;
        frames(2).await;
    }
}
