//! Growth of the engine's cost with boards, updates and edits that wait.
//!
//! In: a clock and a [`Scale`]. Out: lines of a table, each with its cost per item and its ratio to the first of its group,
//! both measured in the same run and in turns, so that a busy machine slows both. Never: a verdict on a time. What has to
//! hold on every machine is counted in the engine's tests instead.
//!
//! The same code runs natively (`src/main.rs`) and in the browser (`tests/in_browser.rs`), which is why it is neither criterion
//! nor divan: one is not made for browsers, the other does not run there, and neither prints ratios.

mod decode;
mod page;
mod queue;
mod read;
mod server;
mod table;
mod updates;

use table::Table;

/// Amount of work.
#[derive(Debug, Clone)]
pub struct Scale {
    /// Number by which every size is divided. Default 1.
    pub divisor: usize,
    /// Number of times that each measurement is made; the median counts. Default 5.
    pub rounds: usize,
    /// Only what has this in its title. Default everything.
    pub only: String,
}

impl Default for Scale {
    fn default() -> Self {
        Self { divisor: 1, rounds: 5, only: String::new() }
    }
}

impl Scale {
    /// So many, or less in a small run.
    fn of(&self, n: usize) -> usize {
        n.div_ceil(self.divisor)
    }
}

/// Milliseconds since some origin.
pub type Clock<'a> = &'a dyn Fn() -> f64;

/// Runs everything; `print` gets a line at a time.
pub fn run(clock: Clock<'_>, scale: &Scale, print: &mut dyn FnMut(&str)) {
    let mut table = Table::new(clock, scale, print);
    updates::measure(&mut table);
    queue::measure(&mut table);
    read::measure(&mut table);
    decode::measure(&mut table);
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_runs_to_its_end() {
        let ticks = std::cell::Cell::new(0.0);
        let clock = || {
            ticks.set(ticks.get() + 1.0);
            ticks.get()
        };
        let mut lines = Vec::new();
        run(&clock, &Scale { divisor: 100, rounds: 1, ..Scale::default() }, &mut |line| lines.push(line.to_owned()));
        assert_eq!(lines.iter().filter(|line| line.starts_with("## ")).count(), 11);
        // On a clock that ticks once a look, everything costs the same.
        let ratios = lines.iter().filter(|line| line.starts_with('|') && line.contains("×"));
        assert!(ratios.count() > 20);
    }
}
