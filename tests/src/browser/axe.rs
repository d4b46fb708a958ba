//! `axe-core`, which finds what keeps people from using a page: missing names, weak contrast, wrong roles.
//!
//! In: the file that `TIDEBOARD_AXE` names. Out: what it finds on a [`Page`], readable. Never: a script tag, which the page's
//! policy would refuse; the driver runs it.

use std::{env, fmt, fs};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::Page;

/// WCAG 2.2, levels A and AA with all that they took over, and what axe's makers recommend beyond.
const TAGS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/// Runs the library, returns what it finds. A finished movement has its last colours.
const RUN: &str = "
    for (const animation of document.getAnimations()) {
        if (animation.effect?.getComputedTiming().endTime !== Infinity) animation.finish();
    }
    const rules = Object.fromEntries(arguments[1].map((rule) => [rule, { enabled: false }]));
    const options = { runOnly: { type: 'tag', values: arguments[0] }, rules, resultTypes: ['violations'] };
    // The gallery shows a page in a page, which no app does.
    const context = { include: document, exclude: [['.gallery-frame']] };
    return axe.run(context, options).then(({ violations }) => violations.map(({ id, help, nodes }) => ({
        id, help, nodes: nodes.map(({ target, html, failureSummary }) => ({ target, html, why: failureSummary })),
    })));";

/// The library, once read.
#[derive(Debug, Clone)]
pub struct Axe {
    library: String,
    without: Vec<&'static str>,
}

/// Rule that a page breaks, with every place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The rule's name, such as `color-contrast`.
    pub rule: String,
    help: String,
    places: Vec<Place>,
}

/// Element that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    target: String,
    why: String,
    html: String,
}

impl Violation {
    /// Rule and places, to tell whether two are the same.
    #[must_use]
    pub fn key(&self) -> String {
        let targets: Vec<_> = self.places.iter().map(|place| place.target.as_str()).collect();
        format!("{} {}", self.rule, targets.join(", "))
    }
}

impl Axe {
    /// Reads the library. `None`, with a line that says so, where there is none; in CI that is an error.
    pub fn find() -> Result<Option<Self>> {
        let Some(path) = env::var_os("TIDEBOARD_AXE") else {
            if env::var("CI").is_ok_and(|ci| ci == "true") {
                bail!("CI has to run the tests with axe-core: TIDEBOARD_AXE is not set, because npm is missing");
            }
            println!("not run: axe-core, which `cargo xtask test app` brings where npm is installed");
            return Ok(None);
        };
        let library = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Some(Self { library, without: Vec::new() }))
    }

    /// Leaves out one of its rules.
    #[must_use]
    pub fn without(mut self, rule: &'static str) -> Self {
        self.without.push(rule);
        self
    }
}

impl Page {
    /// Findings of axe on this page as it is now, dialogs included.
    pub async fn axe(&self, axe: &Axe) -> Result<Vec<Violation>> {
        if self.run("return typeof axe").await? == "undefined" {
            self.run(&axe.library).await?;
        }
        let found = self.run_with(RUN, vec![json!(TAGS), json!(axe.without)]).await?;
        let found = found.as_array().context("axe returns a list")?;
        Ok(found.iter().map(violation).collect())
    }
}

fn violation(found: &Value) -> Violation {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let place = |node: &Value| {
        let target = node["target"].as_array().into_iter().flatten().map(text).collect::<Vec<_>>().join(" in ");
        Place { target, why: text(&node["why"]).replace('\n', " "), html: text(&node["html"]) }
    };
    let places = found["nodes"].as_array().into_iter().flatten().map(place).collect();
    Violation { rule: text(&found["id"]), help: text(&found["help"]), places }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {}: {}", self.rule, self.help)?;
        for Place { target, why, html } in &self.places {
            writeln!(f, "      {target}: {why}\n        {html}")?;
        }
        Ok(())
    }
}
