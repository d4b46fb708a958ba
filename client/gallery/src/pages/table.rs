//! The data table in its states.

use tideboard_client::{
    Seen,
    entities::{Order, OrderStatus},
    hooks::{CollectionEntry, CollectionItems},
};
use tideboard_shared::EntityId;
use tideboard_ui::widgets::{OrderPatch, Orders};
use yew::prelude::*;

use super::controls::{Choice, Demo, Toggle, act, logged, use_log};

const SIZES: [usize; 5] = [12, 10_000, 1, 0, 50_000];
const SIZE_NAMES: &[&str] = &["12 rows", "10,000 rows", "1 row", "no rows", "50,000 rows"];
const CUSTOMERS: [&str; 6] = [
    "Ada Lovelace",
    "Grace Hopper",
    "Katherine Johnson",
    "Radia Perlman",
    "Margaret Hamilton",
    "Élise Müller-Vandermeersch & Co.",
];
const ITEMS: [&str; 5] =
    ["Desk lamp", "Standing desk", "Office chair", "Monitor arm, double, with cable guide", "Keyboard"];

/// An order like many others.
fn order(at: usize) -> Order {
    Order {
        customer: format!("{} {at}", CUSTOMERS[at % CUSTOMERS.len()]),
        item: ITEMS[at % ITEMS.len()].to_owned(),
        total: ((at * 7919) % 200_000) as f64 / 100.0,
        status: OrderStatus::ALL[at % OrderStatus::ALL.len()],
    }
}

fn entry(at: usize) -> CollectionEntry<Order> {
    CollectionEntry { id: id(at), value: order(at), pending: usize::from(at == 3), seen: Seen::default() }
}

fn id(at: usize) -> EntityId {
    EntityId::from(format!("order-{at:05}"))
}

#[component]
pub(super) fn Table() -> Html {
    let (log, add) = use_log();
    let size = use_state(|| 0);
    let is_disabled = use_state(|| false);
    let is_loading = use_state(|| false);
    let items = use_state(|| (0..SIZES[0]).map(entry).collect::<CollectionItems<Order>>());
    use_effect_with(*size, {
        let items = items.setter();
        move |size| items.set((0..SIZES[*size]).map(entry).collect())
    });
    let set = {
        let items = items.clone();
        move |change: &dyn Fn(&mut Vec<CollectionEntry<Order>>)| {
            let mut entries: Vec<_> = items.iter().map(|item| CollectionEntry::clone(item)).collect();
            change(&mut entries);
            entries.sort_by(|a, b| a.id.cmp(&b.id));
            items.set(entries.into_iter().collect());
        }
    };
    let on_patch = {
        let set = set.clone();
        let add = add.clone();
        Callback::from(move |patch: OrderPatch| {
            add.emit(format!("{}: {:?}", patch.id, patch.fields));
            set(&|entries| {
                entries.iter_mut().filter(|entry| entry.id == patch.id).for_each(|entry| merge(entry, &patch))
            });
        })
    };
    let on_remove = {
        let set = set.clone();
        let log = logged(&add, |id: EntityId| format!("remove {id}"));
        Callback::from(move |id: EntityId| {
            log.emit(id.clone());
            set(&|entries| entries.retain(|entry| entry.id != id));
        })
    };
    let on_restore = logged(&add, |id: EntityId| format!("bring back {id}"));
    let on_create = logged(&add, |order: Order| format!("create {order:?}"));
    let facts = vec![("rows", items.len().to_string())];
    let insert = set.clone();
    let actions = html! {
        <>
            { act("Insert a row above", move || insert(&|entries| {
                let before = EntityId::from(format!("order-{:05}-{}", 0, entries.len()));
                entries.push(CollectionEntry { id: before, ..entry(entries.len()) });
            })) }
            { act("Change the second row", move || set(&|entries| {
                entries.iter_mut().skip(1).take(1).for_each(|entry| entry.value.total += 1_000.0);
            })) }
        </>
    };
    let controls = html! {
        <>
            <Choice label="rows" names={SIZE_NAMES} value={size} />
            <Toggle label="is_disabled" value={is_disabled.clone()} />
            <Toggle label="loading" value={is_loading.clone()} />
        </>
    };
    let rows = (!*is_loading).then(|| CollectionItems::clone(&items));
    html! {
        <Demo about="A data table, here of orders that are in this page alone." {controls} {facts} {actions} {log}>
            <div class="panel gallery-wide">
                <Orders {rows} {on_patch} {on_create} {on_remove} {on_restore} is_disabled={*is_disabled} />
            </div>
        </Demo>
    }
}

fn merge(entry: &mut CollectionEntry<Order>, patch: &OrderPatch) {
    let mut value = serde_json::to_value(&entry.value).unwrap_or_default();
    for (name, field) in &patch.fields {
        value[name] = field.clone();
    }
    if let Ok(order) = serde_json::from_value(value) {
        entry.value = order;
    }
}
