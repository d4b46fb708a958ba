//! The `tideboard` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    tideboard_server::command::main()
}
