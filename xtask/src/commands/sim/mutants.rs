//! Bugs planted in the code that ships, to see that the simulation notices them.
//!
//! In: `tests/sim/mutants.txt`, and the last commit. Out: a table of the invariants that caught them; an error for a bug that
//! none caught, and for one whose text no longer stands in its file. Never: a change of the working tree.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;

use super::{PACKAGE, Storm, select};
use crate::{
    process::{heading, step, succeeds},
    project::{Metadata, cargo, root},
};

/// Seeds that a planted bug may live through.
const SEEDS: &str = "300";

/// Planted bug.
#[derive(Debug)]
struct Mutant<'a> {
    name: &'a str,
    file: &'a str,
    storm: Storm,
    find: &'a str,
    with: &'a str,
}

pub(super) fn run() -> Result<()> {
    let text = fs::read_to_string(root().join("tests/sim/mutants.txt")).context("cannot read the planted bugs")?;
    let mutants: Vec<_> = text.split("\n\n").skip(1).map(parse).collect::<Result<_>>()?;
    let work_dir = Metadata::load()?.work_dir()?.join("mutants");
    let tree = work_dir.join("tree");
    let mut remove = Command::new("git");
    remove.args(["worktree", "remove", "--force"]).arg(&tree).current_dir(root());
    succeeds(&mut remove);
    let mut add = Command::new("git");
    add.args(["worktree", "add", "--detach"]).arg(&tree).arg("HEAD").current_dir(root());
    step("A copy of the last commit", &mut add)?;
    heading("Planted bugs, each with what caught it");
    let mut missed = 0;
    for mutant in &mutants {
        let file = tree.join(mutant.file);
        let sound = fs::read_to_string(&file).with_context(|| format!("cannot read {}", mutant.file))?;
        let times = sound.matches(mutant.find).count();
        ensure!(times == 1, "\"{}\": its text stands {times} times in {}, not once", mutant.name, mutant.file);
        fs::write(&file, sound.replace(mutant.find, mutant.with))?;
        let caught = catch(mutant, &tree, &work_dir.join("target"))?;
        fs::write(&file, sound)?;
        missed += usize::from(caught.is_none());
        println!("{:70} {}", mutant.name, caught.as_deref().unwrap_or("NOT CAUGHT"));
    }
    succeeds(&mut remove);
    ensure!(missed == 0, "{missed} of {} planted bugs were not caught in {SEEDS} seeds", mutants.len());
    println!("{} of {} planted bugs caught", mutants.len(), mutants.len());
    Ok(())
}

/// The invariant that caught a bug, with the seed; `None` when none did.
fn catch(mutant: &Mutant<'_>, tree: &Path, target: &Path) -> Result<Option<String>> {
    let command = || {
        let mut command = cargo();
        command.current_dir(tree).arg("test").env("CARGO_TARGET_DIR", target);
        // Much faster to run, hardly slower to build.
        command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1").env("CARGO_PROFILE_TEST_OPT_LEVEL", "1");
        command.env("TIDEBOARD_SIM_FIRST", "0").env("TIDEBOARD_SIM_SEEDS", SEEDS);
        command
    };
    let mut build = command();
    build.args(["--package", PACKAGE, "--no-run", "--quiet"]);
    let built = build.output().context("cannot start cargo")?;
    if !built.status.success() {
        bail!("\"{}\" does not build:\n{}", mutant.name, String::from_utf8_lossy(&built.stderr));
    }
    let mut test = command();
    select(&mut test, Some(mutant.storm));
    let ran = test.output().context("cannot start cargo")?;
    if ran.status.success() {
        return Ok(None);
    }
    let said = String::from_utf8_lossy(&ran.stderr).into_owned() + &String::from_utf8_lossy(&ran.stdout);
    let verdict = said.lines().find(|line| line.starts_with("seed ") && line.contains(": invariant "));
    let verdict = verdict.and_then(|line| line.split(" is broken").next());
    Ok(Some(verdict.unwrap_or("too little came through to mean anything").to_owned()))
}

fn parse(block: &str) -> Result<Mutant<'_>> {
    let field = |name: &str| {
        let value = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.map(|value| value.trim_start()).with_context(|| format!("no \"{name}\" in:\n{block}"))
    };
    let storm = Storm::from_str(field("storm")?, true).map_err(|error| anyhow::anyhow!("{error} in:\n{block}"))?;
    Ok(Mutant { name: field("name")?, file: field("file")?, storm, find: field("find")?, with: field("with")? })
}
