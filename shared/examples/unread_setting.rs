//! A setting that is read and one that nothing reads, by which `cargo xtask lint --settings` is tested.

use tideboard_shared::settings::{Count, count, settings};

settings! {
    /// Care of the garden.
    pub Garden {
        /// Most plants.
        plants: Count<1, 100> = count(20),
        /// Most trees.
        trees: Count<1, 10> = count(2),
    }
}

fn main() {
    assert_eq!(Garden::default().plants.get(), 20);
}
