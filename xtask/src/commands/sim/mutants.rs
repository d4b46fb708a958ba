//! Bugs planted in the code that ships, to see that the simulation notices them.
//!
//! In: `tests/sim/mutants.txt`, and the last commit. Out: a table of the invariants that caught them; an error for a bug that
//! none caught, and for one whose text no longer stands in its file. Never: a change of the working tree.

use std::{fs, path::Path, process::Command, time::Instant};

use anyhow::{Context, Result, anyhow, bail, ensure};
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

/// Text of a bug's file.
#[derive(Debug)]
struct Planted {
    sound: String,
    broken: String,
}

/// Builds and runs a copy of the last commit once for each bug.
pub(super) fn run() -> Result<()> {
    let text = read()?;
    let mutants = parse(&text)?;
    let work_dir = Metadata::load()?.work_dir()?.join("mutants");
    let tree = work_dir.join("tree");
    let mut remove = Command::new("git");
    remove.args(["worktree", "remove", "--force"]).arg(&tree).current_dir(root());
    succeeds(&mut remove);
    let mut add = Command::new("git");
    add.args(["worktree", "add", "--detach"]).arg(&tree).arg("HEAD").current_dir(root());
    step("A copy of the last commit", &mut add)?;
    let result = run_all(&mutants, &tree, &work_dir.join("target"));
    succeeds(&mut remove);
    result
}

fn run_all(mutants: &[Mutant<'_>], tree: &Path, target: &Path) -> Result<()> {
    for mutant in mutants {
        mutant.plant(tree)?;
    }
    heading("Planted bugs, each with what caught it (first time: about 1 min, then 15 s each)");
    let mut missed = 0;
    for mutant in mutants {
        let start = Instant::now();
        let Planted { sound, broken } = mutant.plant(tree)?;
        let file = tree.join(mutant.file);
        fs::write(&file, broken)?;
        let caught = catch(mutant, tree, target)?;
        fs::write(&file, sound)?;
        missed += usize::from(caught.is_none());
        let verdict = caught.as_deref().unwrap_or("NOT CAUGHT");
        let seconds = start.elapsed().as_secs_f64();
        println!("{:70} {verdict} ({seconds:.0} s)", mutant.name);
    }
    ensure!(missed == 0, "{missed} of {} planted bugs were not caught in {SEEDS} seeds", mutants.len());
    println!("{} of {} planted bugs caught", mutants.len(), mutants.len());
    Ok(())
}

fn read() -> Result<String> {
    fs::read_to_string(root().join("tests/sim/mutants.txt")).context("cannot read the planted bugs")
}

/// The seed that caught a bug, with its storm and the broken invariant; `None` when none did.
fn catch(mutant: &Mutant<'_>, tree: &Path, target: &Path) -> Result<Option<String>> {
    let command = || {
        let mut command = cargo();
        // Not optimised: most bugs are caught within seconds, and to build takes longer. In a folder of its own: cargo would
        // take what was built here for what it builds there.
        command.current_dir(tree).arg("test").env("CARGO_TARGET_DIR", target);
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

/// Bugs of the file's text, which has a preface.
fn parse(text: &str) -> Result<Vec<Mutant<'_>>> {
    text.split("\n\n").skip(1).map(Mutant::parse).collect()
}

impl<'a> Mutant<'a> {
    fn parse(block: &'a str) -> Result<Self> {
        let field = |name: &str| {
            let value = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            value.map(|value| value.trim_start()).with_context(|| format!("no \"{name}\" in:\n{block}"))
        };
        let storm = Storm::from_str(field("storm")?, true).map_err(|error| anyhow!("{error} in:\n{block}"))?;
        Ok(Self { name: field("name")?, file: field("file")?, storm, find: field("find")?, with: field("with")? })
    }

    /// Text of the bug's file without and with it; fails unless its text stands there once.
    fn plant(&self, tree: &Path) -> Result<Planted> {
        let Self { name, file, find, with, .. } = self;
        let sound = fs::read_to_string(tree.join(file)).with_context(|| format!("cannot read {file}"))?;
        let times = sound.matches(find).count();
        ensure!(times == 1, "\"{name}\": its text stands {times} times in {file}, not once");
        let broken = sound.replace(find, with);
        Ok(Planted { sound, broken })
    }
}

#[cfg(test)]
mod tests {
    use super::{parse, read, root};

    #[test]
    fn every_planted_bug_can_still_be_planted() {
        let text = read().unwrap();
        let mutants = parse(&text).unwrap();
        assert!(mutants.len() >= 15, "{} planted bugs", mutants.len());
        for mutant in &mutants {
            let planted = mutant.plant(root()).unwrap();
            assert_ne!(planted.sound, planted.broken, "{}", mutant.name);
        }
    }
}
