//! The pages of the collections.

use tideboard_client::{
    entities::{Download, DownloadStatus, Favorite, Order, OrderStatus},
    hooks::{
        UseCollectionOptions, UseEditOptions, use_collection_with_options, use_downloads_with_options,
        use_edit_with_options, use_favorites_with_options, use_orders_with_options,
    },
};
use tideboard_engine::ConflictStrategy;
use tideboard_shared::Action;
use yew::prelude::*;

use super::controls::{Choice, Demo, act, board, logged, use_log};

const RULES: &[&str] = &["RemoteWins", "LocalWins", "Ask"];

fn options(rule: usize, add: &Callback<String>) -> UseCollectionOptions {
    let on_conflict = [ConflictStrategy::RemoteWins, ConflictStrategy::LocalWins, ConflictStrategy::Ask][rule];
    UseCollectionOptions { on_conflict, on_reject: logged(add, |problem| format!("refused: {problem:?}")) }
}

fn row(cells: Vec<String>, actions: Html) -> Html {
    html! { <tr>{ for cells.into_iter().map(|cell| html! { <td>{ cell }</td> }) }<td>{ actions }</td></tr> }
}

#[component]
pub(super) fn Favorites() -> Html {
    let (log, add) = use_log();
    let rule = use_state(|| 0);
    let favorites = use_favorites_with_options(board(), options(*rule, &add));
    let facts = vec![
        ("list", favorites.list().map_or_else(|| "–".to_owned(), |list| list.len().to_string())),
        ("is_favorite(\"/orders\")", favorites.is_favorite("/orders").to_string()),
        ("refusals", favorites.refusals().len().to_string()),
    ];
    let toggle = favorites.clone();
    let actions = act("Toggle /orders", move || {
        toggle.toggle(&Favorite { target: "/orders".to_owned(), label: "Orders".to_owned() });
    });
    let rows = favorites.list().unwrap_or_default().iter().map(|item| {
        let favorites = favorites.clone();
        let id = item.id.clone();
        row(
            vec![item.value.label.clone(), item.value.target.clone()],
            act("Remove", move || drop(favorites.remove(id.clone()))),
        )
    });
    let rows: Html = rows.collect();
    let controls = html! { <Choice label="on_conflict" names={RULES} value={rule} /> };
    html! {
        <Demo about="The favourites of the board." {controls} {facts} {actions} {log}><table>{ rows }</table></Demo>
    }
}

#[component]
pub(super) fn Orders() -> Html {
    let (log, add) = use_log();
    let rule = use_state(|| 0);
    let orders = use_orders_with_options(board(), options(*rule, &add));
    let facts = vec![("pending", orders.pending().to_string()), ("refusals", orders.refusals().len().to_string())];
    let new = orders.clone();
    let order = Order { customer: "Ann".into(), item: "Lamp".into(), total: 12.5, ..Order::default() };
    let actions = act("Add", move || drop(new.add(&order)));
    let rows = orders.list().unwrap_or_default().iter().map(|item| {
        let a = orders.clone();
        let b = orders.clone();
        let id = item.id.clone();
        let same = item.id.clone();
        let next = match item.value.status {
            OrderStatus::New => OrderStatus::Paid,
            OrderStatus::Paid | OrderStatus::Shipped => OrderStatus::Shipped,
        };
        let actions = html! {
            <>
                { act("Next status", move || drop(a.set_status(id.clone(), next))) }
                { act("Remove", move || drop(b.remove(same.clone()))) }
            </>
        };
        row(vec![item.value.customer.clone(), item.value.item.clone(), item.value.status.label().to_owned()], actions)
    });
    let rows: Html = rows.collect();
    let controls = html! { <Choice label="on_conflict" names={RULES} value={rule} /> };
    html! { <Demo about="The orders of the board." {controls} {facts} {actions} {log}><table>{ rows }</table></Demo> }
}

#[component]
pub(super) fn Downloads() -> Html {
    let (log, add) = use_log();
    let rule = use_state(|| 0);
    let downloads = use_downloads_with_options(board(), options(*rule, &add));
    let facts =
        vec![("pending", downloads.pending().to_string()), ("refusals", downloads.refusals().len().to_string())];
    let new = downloads.clone();
    let download = Download { name: "Report".into(), url: "/report.pdf".into(), bytes: 100, ..Download::default() };
    let actions = act("Add", move || drop(new.add(&download)));
    let rows = downloads.list().unwrap_or_default().iter().map(|item| {
        let [a, b, c] = std::array::from_fn(|_| (downloads.clone(), item.id.clone()));
        let more = item.value.received_bytes + 25;
        let actions = html! {
            <>
                { act("25 bytes more", move || drop(a.0.set_received(a.1.clone(), more))) }
                { act("Pause", move || drop(b.0.set_status(b.1.clone(), DownloadStatus::Paused))) }
                { act("Remove", move || drop(c.0.remove(c.1.clone()))) }
            </>
        };
        let received = format!("{} of {} bytes", item.value.received_bytes, item.value.bytes);
        row(vec![item.value.name.clone(), received, item.value.status.name().to_owned()], actions)
    });
    let rows: Html = rows.collect();
    let controls = html! { <Choice label="on_conflict" names={RULES} value={rule} /> };
    html! {
        <Demo about="The downloads of the board; what is fetched is up to the application." {controls} {facts} {actions}
            {log}>
            <table>{ rows }</table>
        </Demo>
    }
}

#[component]
pub(super) fn Collection() -> Html {
    let (log, add) = use_log();
    let rule = use_state(|| 0);
    let items = use_collection_with_options::<serde_json::Value>(board(), "order", options(*rule, &add));
    let facts = vec![("items", items.items().map_or_else(|| "–".to_owned(), |items| items.len().to_string()))];
    let rows = items.items().unwrap_or_default().iter();
    let rows: Html = rows
        .map(|item| {
            row(vec![item.id.to_string(), item.value.to_string(), format!("{} pending", item.pending)], Html::default())
        })
        .collect();
    let controls = html! { <Choice label="on_conflict" names={RULES} value={rule} /> };
    html! {
        <Demo about="All entities of one kind: here those of kind order, as JSON." {controls} {facts} {log}>
            <table>{ rows }</table>
        </Demo>
    }
}

#[component]
pub(super) fn EditPage() -> Html {
    let (log, add) = use_log();
    let options =
        UseEditOptions { on_reject: logged(&add, |problem| format!("refused: {problem:?}")), ..Default::default() };
    let edit = use_edit_with_options(board(), options);
    let more = edit.clone();
    let order = edit;
    let actions = html! {
        <>
            { act("Add 1 to the counter", move || {
                more.apply("counter".into(), Action::Increment { field: "count".to_owned(), by: 1.into() });
            }) }
            { act("Create an order", move || {
                order.create(&Order { customer: "Gallery".to_owned(), ..Order::default() });
            }) }
        </>
    };
    html! { <Demo about="Changes a board without reading it: never renders." {actions} {log} /> }
}
