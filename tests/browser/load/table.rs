//! Cost of a table of ten thousand orders for the page while they change.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;
use tideboard_shared::{Action, Fields};
use tideboard_tests::{
    Author, Rest,
    browser::{self, Page, Stage},
};
use tokio::time::{MissedTickBehavior, interval};

use super::{measure, pass, print_rows, time};

/// The field over the table.
const TABLE_FILTER: &str = "input[aria-label='Filter orders']";
/// The key, as WebDriver writes it.
const BACKSPACE: &str = "\u{E003}";
const ROWS: usize = 10_000;
const UPDATES_PER_SECOND: u32 = 20;
/// Most operations that the server takes in one submit.
const PER_SUBMIT: usize = 100;
const CUSTOMERS: [&str; 5] =
    ["Ada Lovelace", "Grace Hopper", "Katherine Johnson", "Radia Perlman", "Margaret Hamilton"];
const ITEMS: [&str; 4] = ["Desk lamp", "Standing desk", "Office chair", "Monitor arm"];
const STATES: [&str; 3] = ["new", "paid", "shipped"];

/// Scrolls by a row and a half in every frame, and every second by a fifth of the table, until `window.scrolling` ends.
const SCROLL: &str = "
    const table = document.querySelector('.table-scroll');
    let [step, frames] = [60, 0];
    window.scrolling = true;
    const move = () => {
        const end = table.scrollHeight - table.clientHeight;
        if (table.scrollTop >= end || table.scrollTop <= 0) { step = table.scrollTop <= 0 ? 60 : -60; }
        frames += 1;
        table.scrollTop += frames % 60 === 0 ? Math.sign(step) * end / 5 : step;
        if (window.scrolling) { requestAnimationFrame(move); }
    };
    move();";

/// The number of rows in the document; none of the screen may be blank.
const DRAWN: &str = "
    const table = document.querySelector('.table-scroll').getBoundingClientRect();
    const at = y => document.elementFromPoint(table.left + 100, y)?.closest('.table-row');
    const seen = [table.top + 60, (table.top + table.bottom) / 2, table.bottom - 20].filter(at).length;
    return [document.querySelectorAll('.table-row').length, seen];";

#[tokio::test]
async fn ten_thousand_rows_scroll_sort_and_filter_while_they_change() -> Result<()> {
    let stage = Stage::set_with(&browser::gallery()?).await?;
    let time = time() / 3 + Duration::from_secs(1);
    let rest = stage.server.rest();
    seed(&rest).await?;
    let page = stage.visitor_at("/load?rows").await?;
    page.shows(".table-count", "10,000 orders").await?;
    // By what changes: each update puts a row elsewhere.
    press_sort(&page, 3).await?;
    let quiet = measure(&page, true, async || pass(time).await).await?;
    let feeding = tokio::spawn(feed(rest));
    let still = measure(&page, true, async || pass(time).await).await?;
    let scrolled = measure(&page, true, async || {
        page.run(SCROLL).await?;
        pass(time).await?;
        page.run("window.scrolling = false").await.map(drop)
    })
    .await?;
    let [drawn, seen]: [usize; 2] = serde_json::from_value(page.run(DRAWN).await?)?;
    ensure!(drawn < 100 && seen == 3, "{drawn} rows are in the document, {seen} of 3 places show one");
    let typed = measure(&page, true, async || type_filter(&page).await).await?;
    let sorted = measure(&page, true, async || {
        for column in [1, 1, 2, 2, 4, 4, 3, 3] {
            press_sort(&page, column).await?;
        }
        Ok(())
    })
    .await?;
    feeding.abort();
    println!(
        "{ROWS} rows sorted by what changes, {UPDATES_PER_SECOND} updates a second, {} s; each a second:",
        time.as_secs()
    );
    print_rows(&[
        quiet.row("no updates"),
        still.row("updates"),
        scrolled.row("updates, scrolling"),
        typed.row("updates, 22 letters typed into the filter and taken back"),
        sorted.row("updates, 8 presses on headings"),
    ]);
    ensure!(page.complaints().await?.is_empty(), "the page complains");
    page.close().await
}

/// Letter by letter, to a few rows and back to all.
async fn type_filter(page: &Page) -> Result<()> {
    const WORDS: &str = "lovelace 42";
    for letter in WORDS.chars() {
        page.type_into(TABLE_FILTER, &letter.to_string()).await?;
    }
    page.until("a few rows", async || Ok(page.text(".table-count").await?.ends_with(" of 10,000").then_some(())))
        .await?;
    for _ in WORDS.chars() {
        page.type_into(TABLE_FILTER, BACKSPACE).await?;
    }
    page.shows(".table-count", "10,000 orders").await
}

async fn press_sort(page: &Page, column: usize) -> Result<()> {
    page.click(&format!(".table-heading[data-column='{column}'] button")).await
}

/// Creates the orders, those aside that the board begins with.
async fn seed(rest: &Rest) -> Result<()> {
    let existing = rest.board("main").await?.board.entities().filter(|entity| entity.kind == "order").count();
    let all: Vec<usize> = (existing..ROWS).collect();
    for (chunk, orders) in all.chunks(PER_SUBMIT).enumerate() {
        let mut author = Author::new(&format!("seeder-{chunk}"));
        let order = |at: &usize| {
            let customer = format!("{} {at}", CUSTOMERS[at % CUSTOMERS.len()]);
            let fields = json!({
                "customer": customer, "item": ITEMS[at % ITEMS.len()], "total": at * 7919 % 100_000, "status": STATES[at % STATES.len()],
            });
            let fields: Fields = serde_json::from_value(fields)?;
            Ok(author.op(&name(*at), Action::Create { kind: "order".into(), fields }))
        };
        let ops = orders.iter().map(order).collect::<Result<Vec<_>>>()?;
        rest.submit(author.client(), "main", &ops).await?;
    }
    Ok(())
}

fn name(at: usize) -> String {
    format!("bench-{at:05}")
}

/// Adds to the total of one order after the other, so many times a second.
async fn feed(rest: Rest) -> Result<()> {
    let mut author = Author::new("feeder");
    let mut ticks = interval(Duration::from_secs(1) / UPDATES_PER_SECOND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for at in 0.. {
        ticks.tick().await;
        let op = author.increment(&name(1_000 + at * 613 % 9_000), "total", 1_009);
        rest.submit(author.client(), "main", &[op]).await?;
    }
    Ok(())
}
