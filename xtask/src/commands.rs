//! Sub-commands, one a file.

pub(crate) mod bench;
pub(crate) mod build;
pub(crate) mod ci;
pub(crate) mod dev;
pub(crate) mod lint;
pub(crate) mod run;
pub(crate) mod setup;
pub(crate) mod shots;
pub(crate) mod sim;
pub(crate) mod test;

use std::time::Instant;

use anyhow::{Result, bail};

use crate::process::{heading, park_if_interrupted};

/// A named piece of work.
type Part<'a> = (&'a str, &'a dyn Fn() -> Result<()>);

/// Runs all parts, also after one has failed, and ends with a line for each.
fn all(parts: &[Part<'_>]) -> Result<()> {
    let mut summary = Vec::new();
    let mut failed = Vec::new();
    for (name, work) in parts {
        let start = Instant::now();
        let result = work();
        park_if_interrupted();
        let seconds = start.elapsed().as_secs_f64();
        match result {
            Ok(()) => summary.push(format!("    ok      {name} ({seconds:.1} s)")),
            Err(error) => {
                eprintln!("\nerror: {error:#}");
                summary.push(format!("    FAILED  {name} ({seconds:.1} s): {error:#}"));
                failed.push(*name);
            }
        }
    }
    heading("Summary");
    println!("{}", summary.join("\n"));
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}
