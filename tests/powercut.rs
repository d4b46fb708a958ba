//! The real server on a disk that forgets what was not flushed when the process is killed, and that can be full.

use std::{env, process::ExitCode};

use tideboard_powercut::{Settings, install};

fn main() -> ExitCode {
    let number = |name| env::var(name).ok().and_then(|text| text.parse().ok());
    let seed = number("POWERCUT_SEED").unwrap_or(0);
    install(Settings { seed, leaks: 0.1, full_while: env::var_os("POWERCUT_FULL_WHILE").map(Into::into) });
    tideboard_server::command::main()
}
