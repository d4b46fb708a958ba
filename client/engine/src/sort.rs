/// Sorts by insertion what is few, or nearly in order already. Items of one key keep their order.
///
/// The standard library's sort is compiled anew for each kind of item: 5 kB of a page each.
pub(crate) fn sort_few<T, K: Ord>(items: &mut Vec<T>, key: impl Fn(&T) -> K) {
    for at in 1..items.len() {
        let place = items[..at].partition_point(|item| key(item) <= key(&items[at]));
        if place < at {
            let item = items.remove(at);
            items.insert(place, item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_in_order_and_those_of_one_key_as_they_came() {
        let mut rng = fastrand::Rng::with_seed(1);
        for length in 0..40 {
            let mut items: Vec<(u8, usize)> = (0..length).map(|place| (rng.u8(0..9), place)).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_few(&mut items, |(key, _)| *key);
            assert_eq!(items, expected);
        }
    }
}
