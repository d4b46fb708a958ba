//! What the page's cost under load is measured on: fifty widgets at once, each with a stream of its own, or, at `?rows`, a
//! table of all the orders there are.

use std::rc::Rc;

use gloo::utils::window;
use tideboard_client::{
    Series,
    components::{AppShell, SyncIndicator},
    format::{Unit, number},
    hooks::{UseStreamOptions, use_feed, use_stream},
    widgets::Stat,
};
use tideboard_shared::Topic;
use yew::prelude::*;

use crate::dashboard::ChartPanel;

mod table;

/// How many there are, of each kind half; `?widgets=N` sets another number.
const WIDGETS: usize = 50;

/// Whether the page's address is this one.
pub(crate) fn is_here() -> bool {
    window().location().pathname().is_ok_and(|path| path.trim_end_matches('/') == "/load")
}

#[derive(Debug, Clone, PartialEq, Properties)]
struct WidgetProps {
    topic: Topic,
}

/// The page that the address asks for.
#[component]
pub(crate) fn LoadPage() -> Html {
    if window().location().search().is_ok_and(|query| query == "?rows") {
        return html! { <table::TablePage /> };
    }
    html! { <WidgetsPage /> }
}

/// Numbers, then charts, of the streams `load.0`, `load.1` and so on.
#[component]
fn WidgetsPage() -> Html {
    let count = use_memo((), |()| asked().unwrap_or(WIDGETS));
    let topic = |at: usize| format!("load.{at}").parse::<Topic>().expect("letters and digits are a name");
    html! {
        <AppShell board={format!("{count} widgets")} status={html! { <SyncIndicator /> }}>
            <div class="board">
                { for (0..*count / 2).map(|at| html! { <div class="span-3"><Number topic={topic(at)} /></div> }) }
                { for (*count / 2..*count).map(|at| html! { <Chart topic={topic(at)} /> }) }
            </div>
        </AppShell>
    }
}

#[component]
fn Number(props: &WidgetProps) -> Html {
    let stream = use_stream(props.topic.clone());
    let value = stream.value().map(number).map(AttrValue::from);
    html! { <Stat title={props.topic.to_string()} {value} feed={stream.feed()} /> }
}

#[component]
fn Chart(props: &WidgetProps) -> Html {
    let feed = use_feed(props.topic.clone(), UseStreamOptions::default());
    let series = use_memo(feed, |feed| Rc::<[Series]>::from([Series::new("value", feed.clone())]));
    html! { <ChartPanel title={props.topic.to_string()} series={Rc::<[Series]>::clone(&series)} unit={Unit::Plain} /> }
}

fn asked() -> Option<usize> {
    let query = window().location().search().ok()?;
    query.strip_prefix("?widgets=")?.parse().ok().filter(|count| (1..=1_000).contains(count))
}
