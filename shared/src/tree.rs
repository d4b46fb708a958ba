/// Collects into a B-tree, one item after the other.
///
/// `collect` sorts all of them first, by a sort that is compiled anew for each kind of item: 5 kB of a page each. It is
/// the faster way for thousands of items alone.
#[must_use]
pub fn tree<C: Default + Extend<T>, T>(items: impl IntoIterator<Item = T>) -> C {
    let mut tree = C::default();
    tree.extend(items);
    tree
}
