//! Measures variants in turns and prints them beside each other.

use crate::{Clock, Scale};

/// Table of a measurement in progress.
pub(crate) struct Table<'a> {
    clock: Clock<'a>,
    print: &'a mut dyn FnMut(&str),
    pub(crate) scale: &'a Scale,
}

/// Line to be measured: its label, and the number of items by which its time is divided.
#[derive(Debug, Clone)]
pub(crate) struct Variant<T> {
    pub(crate) label: String,
    pub(crate) items: usize,
    pub(crate) input: T,
}

impl<'a> Table<'a> {
    pub(crate) fn new(clock: Clock<'a>, scale: &'a Scale, print: &'a mut dyn FnMut(&str)) -> Self {
        Self { clock, scale, print }
    }

    /// Measures each variant `rounds` times, in turns; `prepare` is not timed, `work` is. Ratios are to the first.
    pub(crate) fn compare<'v, T, P>(
        &mut self,
        title: &str,
        item: &str,
        variants: &'v [Variant<T>],
        mut prepare: impl FnMut(&'v T) -> P,
        mut work: impl FnMut(P) -> P,
    ) {
        if !title.contains(&self.scale.only) {
            return;
        }
        let mut times = vec![Vec::new(); variants.len()];
        for _ in 0..self.scale.rounds {
            for (variant, times) in variants.iter().zip(&mut times) {
                let prepared = prepare(&variant.input);
                let start = (self.clock)();
                let done = work(prepared);
                times.push((self.clock)() - start);
                drop(done);
            }
        }
        let print = &mut self.print;
        print("");
        print(&format!("## {title}"));
        print(&format!("| | ms | µs per {item} | ratio |"));
        print("|---|---:|---:|---:|");
        let mut first = None;
        for (variant, times) in variants.iter().zip(times) {
            let total = median(times);
            let each = total * 1e3 / variant.items as f64;
            let ratio = each / *first.get_or_insert(each);
            print(&format!("| {} | {total:.2} | {each:.3} | × {ratio:.2} |", variant.label));
        }
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
