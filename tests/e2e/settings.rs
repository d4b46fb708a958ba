//! `docs/configuration.md`, made from the declarations of both sides' settings.

use std::fmt::Write;

use tideboard_server::config;
use tideboard_shared::settings::{Row, rows};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md");

const HEAD: &str = "\
<!-- Written by the test `the_page_of_settings_is_current`; write it anew with TIDEBOARD_WRITE_DOCS=1. -->
# Settings

An unknown name, or a value outside the range, is an error that names the setting, its source and what is allowed; nothing is clamped.

## Server

`tideboard serve` takes each as a flag, as a variable, and by its name in a TOML file (`--config FILE` or `TIDEBOARD_CONFIG`). A flag wins over the variable, the variable over
the file, the file over the default. Lists are repeated as flags, separated by commas in a variable, arrays in the file. `TIDEBOARD_LOG` says what is logged, such as
`info` or `tideboard_server=debug`.

";

const CLIENT: &str = "
## Client

`tideboard_engine::Config`, which `<RealtimeProvider config=…>` takes. As JSON it is an object of the same shape; what is left out has its default. Durations are text with
units (`250ms`, `1m 30s`), counts, bytes, Hz and factors are numbers, switches `true` or `false`.
";

fn table<'a>(rows: impl IntoIterator<Item = &'a Row>, name: impl Fn(&Row) -> String) -> String {
    let mut text = "| setting | kind | default | allowed | what it does |\n|---|---|---|---|---|\n".to_owned();
    for row in rows {
        let default = row.default.as_ref().map_or_else(|| "none".to_owned(), |default| format!("`{default}`"));
        let Row { kind, allowed, doc, .. } = row;
        writeln!(text, "| {} | {kind} | {default} | {allowed} | {} |", name(row), doc.replace('|', "\\|"))
            .expect("text");
    }
    text
}

fn page() -> String {
    let of_server = |row: &Row| format!("`{}`<br>`--{}`<br>`{}`", row.path, config::flag(row), config::variable(row));
    let server = table(&rows::<config::Config>(), of_server);
    let mut page = format!("{HEAD}{server}{CLIENT}");
    let client = rows::<tideboard_engine::Config>();
    for group in client.chunk_by(|a, b| group(a) == group(b)) {
        let name = |row: &Row| format!("`{}`", row.path.split_once('.').map_or(row.path.as_str(), |(_, name)| name));
        write!(page, "\n### {}\n\n{}", self::group(&group[0]), table(group, name)).expect("text");
    }
    page
}

fn group(row: &Row) -> &str {
    row.path.split('.').next().unwrap_or_default()
}

#[test]
fn the_page_of_settings_is_current() {
    if std::env::var_os("TIDEBOARD_WRITE_DOCS").is_some() {
        std::fs::write(PAGE, page()).expect("docs/ can be written");
    }
    let written = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(written == page(), "docs/configuration.md is not current: run this test with TIDEBOARD_WRITE_DOCS=1");
}

#[test]
fn every_setting_says_what_it_does_in_whole_sentences() {
    for row in rows::<config::Config>().into_iter().chain(rows::<tideboard_engine::Config>()) {
        assert!(row.doc.ends_with('.') && row.doc.len() > 5, "{}: {}", row.path, row.doc);
        assert!(!row.allowed.is_empty(), "{}", row.path);
    }
}
