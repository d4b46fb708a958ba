//! The benchmarks on this machine's own processor: `engine-bench [PART OF A TITLE [DIVISOR]]`.

use std::time::Instant;

use tideboard_engine_bench::{Scale, run};

fn main() {
    let start = Instant::now();
    let clock = || start.elapsed().as_secs_f64() * 1e3;
    let mut args = std::env::args().skip(1);
    let only = args.next().unwrap_or_default();
    let divisor = args.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    run(&clock, &Scale { divisor, only, ..Scale::default() }, &mut |line| println!("{line}"));
}
