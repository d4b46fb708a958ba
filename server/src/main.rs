//! The `tideboard` command.
fn main() {}
