//! Contrast of the style sheet's colours, measured in pairs as WCAG 2.2 wants it: 1.4.3 and 1.4.6 for text, 1.4.11 for
//! the rest. <https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>

use std::collections::BTreeMap;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const TOKENS: &str = include_str!("../../../styles/tokens.css");
const SURFACES: [&str; 4] = ["bg", "surface", "surface-raised", "hover"];
const WORDS: [&str; 7] = ["text", "text-muted", "accent", "good", "warning", "bad", "info"];
const MEANINGS: [&str; 4] = ["good", "warning", "bad", "info"];

/// Colours by their names: in light, and in dark.
type Colours = BTreeMap<String, [u32; 2]>;

/// Text between a line of the style sheet and the end of its block.
fn block(head: &str) -> &'static str {
    let start = TOKENS.find(head).unwrap_or_else(|| panic!("no {head}")) + head.len();
    let inside = &TOKENS[start..];
    &inside[..inside.find('}').expect("a block has an end")]
}

/// Colours that a block defines.
fn colours(block: &str) -> Colours {
    let colour = |line: &str| {
        let (name, pair) = line.trim().strip_prefix("--")?.split_once(": light-dark(#")?;
        let (light, dark) = pair.strip_suffix(");")?.split_once(", #")?;
        let hex = |text| u32::from_str_radix(text, 16).expect("a colour of six digits");
        Some((name.to_owned(), [hex(light), hex(dark)]))
    };
    block.lines().filter_map(colour).collect()
}

fn usual() -> Colours {
    colours(block("\n:root {\n"))
}

fn high_contrast() -> Colours {
    let mut all = usual();
    all.extend(colours(block(":root[data-theme=\"high-contrast\"] {\n")));
    all
}

fn luminance(colour: u32) -> f64 {
    let channel = |shift: u32| {
        let value = f64::from(colour >> shift & 0xff) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
}

fn ratio(one: u32, other: u32) -> f64 {
    let one = luminance(one);
    let other = luminance(other);
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Pairs with less contrast than `least`, in words.
fn faint<'a>(colours: &Colours, least: f64, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut faint = Vec::new();
    for (one, other) in pairs {
        for (at, theme) in ["light", "dark"].into_iter().enumerate() {
            let ratio = ratio(colours[one][at], colours[other][at]);
            if ratio < least {
                faint.push(format!("{one} on {other} in {theme}: {ratio:.2}, not {least}"));
            }
        }
    }
    faint
}

/// Pairs of text colour and background.
fn texts() -> Vec<(&'static str, &'static str)> {
    let mut pairs = vec![("text-on-accent", "accent"), ("chart-label", "chart-surface")];
    pairs.extend(WORDS.iter().flat_map(|word| SURFACES.map(|surface| (*word, surface))));
    for (meaning, soft) in MEANINGS.into_iter().zip(["good-soft", "warning-soft", "bad-soft", "info-soft"]) {
        pairs.extend([meaning, "text", "text-muted"].map(|word| (word, soft)));
    }
    pairs
}

#[test]
fn every_text_can_be_read_on_every_surface() {
    assert_eq!(faint(&usual(), 4.5, texts()), [""; 0]);
}

#[test]
fn in_high_contrast_every_text_stands_out_more() {
    assert_eq!(faint(&high_contrast(), 7.0, texts()), [""; 0]);
}

#[test]
fn controls_and_charts_can_be_seen() {
    for colours in [usual(), high_contrast()] {
        let charts =
            colours.keys().filter(|name| name.strip_prefix("chart-").is_some_and(|no| no.parse::<u8>().is_ok()));
        let charts: Vec<_> = charts.map(|name| (name.as_str(), "chart-surface")).collect();
        assert!(charts.len() >= 4, "{charts:?}");
        let controls = SURFACES.map(|surface| ("control-border", surface));
        let others = [("chart-crosshair", "chart-surface")];
        assert_eq!(faint(&colours, 3.0, charts.into_iter().chain(controls).chain(others)), [""; 0]);
    }
}

#[test]
fn in_high_contrast_every_border_can_be_seen() {
    let borders = SURFACES.into_iter().flat_map(|surface| [("border", surface), ("border-strong", surface)]);
    assert_eq!(faint(&high_contrast(), 3.0, borders), [""; 0]);
}

#[test]
fn high_contrast_is_the_same_whether_the_user_or_the_system_asks_for_it() {
    let chosen = block(":root[data-theme=\"high-contrast\"] {\n");
    let asked = block("@media (prefers-contrast: more) {\n  :root {\n");
    let lines = |block: &'static str| block.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>();
    assert_eq!(lines(chosen), lines(asked));
    assert!(lines(chosen).len() > 20);
}

#[test]
fn a_chart_that_reads_its_colours_before_the_theme_has_the_light_ones() {
    for (name, [light, _]) in usual() {
        let registered = format!("@property --{name} {{\n");
        if TOKENS.contains(&registered) {
            assert!(block(&registered).contains(&format!("initial-value: #{light:06x};")), "{name}");
        }
    }
}
