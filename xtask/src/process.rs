//! Starts programs and ends them, whatever happens.
//!
//! In: a [`Command`]. Out: its end, with a heading before and the time after; or a [`Background`] that ends on drop.
//! Every child leads a process group, so that ending it ends what it started. Ctrl-C reaches only xtask, which ends the
//! groups; without that, a killed chromedriver leaves its nine Chromium processes.

mod platform;

use std::{
    collections::BTreeSet,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// Time that a program may take to end by itself before it is killed. Longer than the server needs to close its
/// sessions.
const GRACE: Duration = Duration::from_secs(8);

static GROUPS: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Ends all children when xtask is told to end. To be called once, first.
pub(crate) fn guard() -> Result<()> {
    platform::adopt_orphans();
    ctrlc::set_handler(|| {
        INTERRUPTED.store(true, Ordering::SeqCst);
        let groups: Vec<u32> = lock().iter().copied().collect();
        groups.iter().copied().for_each(platform::terminate);
        let start = Instant::now();
        while start.elapsed() < GRACE && groups.iter().any(|&group| platform::is_alive(group)) {
            thread::sleep(Duration::from_millis(50));
        }
        groups.iter().copied().for_each(platform::kill);
        platform::end_leftovers();
        std::process::exit(130);
    })
    .context("cannot watch for Ctrl-C")
}

/// Waits for the end of the process when Ctrl-C is being handled; otherwise returns at once.
pub(crate) fn park_if_interrupted() {
    // A child may have seen the signal before the handler set the flag.
    thread::sleep(Duration::from_millis(20));
    while INTERRUPTED.load(Ordering::SeqCst) {
        thread::park();
    }
}

/// Ends browsers and servers that a test left behind when it was killed. To be called once, last.
pub(crate) fn end_leftovers() {
    platform::end_leftovers();
}

/// Prints a heading, for what has no command of its own.
pub(crate) fn heading(text: &str) {
    println!("\n==> {text}");
}

/// Runs `command` to its end under a heading that says what it does. Fails when it does.
pub(crate) fn step(what: &str, command: &mut Command) -> Result<()> {
    heading(what);
    let start = Instant::now();
    let status = run(command)?;
    if !status.success() {
        // Without the remark on how long it takes.
        let name = what.split(" (").next().unwrap_or(what);
        bail!("{name}: failed after {:.1} s; its output is above", start.elapsed().as_secs_f64());
    }
    println!("    done in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Runs `command` to its end, with its output shown and nothing to read.
pub(crate) fn run(command: &mut Command) -> Result<ExitStatus> {
    Background::start(command)?.wait()
}

/// Tells whether `command` can be started and succeeds. Shows nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Output of `command`, trimmed; `None` when it cannot be started or fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A running program. Dropping it ends the program and everything in its process group.
#[derive(Debug)]
pub(crate) struct Background {
    /// The program, for its pipes.
    pub(crate) child: Child,
}

impl Background {
    /// Starts `command` as the leader of a process group of its own.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        platform::own_group(command);
        let program = command.get_program().to_owned();
        let mut groups = lock();
        let child =
            command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {}", program.display()))?;
        groups.insert(child.id());
        Ok(Self { child })
    }

    /// Waits until the program ends by itself.
    pub(crate) fn wait(&mut self) -> Result<ExitStatus> {
        self.child.wait().context("cannot wait for a program")
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let group = self.child.id();
        if matches!(self.child.try_wait(), Ok(None)) {
            platform::terminate(group);
            let start = Instant::now();
            while start.elapsed() < GRACE && matches!(self.child.try_wait(), Ok(None)) {
                thread::sleep(Duration::from_millis(20));
            }
        }
        platform::kill(group);
        // Killed by now; this collects it. On an error there is nothing to collect.
        drop(self.child.kill().and_then(|()| self.child.wait()));
        lock().remove(&group);
    }
}

fn lock() -> std::sync::MutexGuard<'static, BTreeSet<u32>> {
    GROUPS.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
