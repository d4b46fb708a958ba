//! Edits that are taken back in one tab while another still goes on with them.

use super::*;
use crate::Rollback;

fn told(tabs: &PeersBench, at: usize) -> Vec<EditEnd> {
    tabs.tab(at).ended.iter().map(|(_, end)| end.clone()).collect()
}

#[test]
fn what_a_follower_took_back_is_over_when_the_leader_has_heard_of_it_and_not_before() {
    for strategy in [ConflictStrategy::Ask, ConflictStrategy::Merge] {
        let mut tabs = browser(2);
        let id = apply(&mut tabs, 1, Edit { strategy, ..edit("n", set("title", "mine")) });
        tabs.freeze(0);
        assert_eq!(tabs.on(1, |bench| bench.engine.rollback(id, bench.now)), Ok(Rollback::Reverting));
        receive(&mut tabs, 0, &[conflict(1)]);
        assert_eq!((told(&tabs, 1), tabs.tab(0).engine.conflicts().len()), (vec![], 1), "any tab may still settle it");
        tabs.thaw(0);
        assert_eq!(told(&tabs, 1), [EditEnd::RolledBack]);
        assert_eq!([0, 1].map(|at| tabs.tab(at).engine.conflicts().len()), [0, 0]);
        assert!(submitted(&mut tabs, 0).len() == 1 && tabs.disk().is_empty());
    }
}
