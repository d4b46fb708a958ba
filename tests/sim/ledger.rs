//! Life of every edit: from the user's hand by its numbers to its end.

use std::collections::{BTreeMap, BTreeSet};

use tideboard_engine::{EditEnd, EditId, OpNo, StoredEdit};
use tideboard_shared::{Action, BoardId, ClientId, OnConflict, OpId, Operation, Seq, message::Event};

use crate::{
    browser::PageId,
    chronicle::Chronicle,
    disk::Written,
    invariant::{Checked, Invariant},
    seen::Seen,
    server::Server,
};

/// An edit in the page where it was made.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) board: BoardId,
    pub(crate) origin: Origin,
    /// Numbers that it was given, oldest first.
    numbers: Vec<OpId>,
    pub(crate) end: Option<EditEnd>,
    is_taken_back: bool,
}

/// Origin of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The user's; with a text that only this edit writes, if it writes one.
    Hand(Option<String>),
    /// Undo of another one, by a tab that had seen the board up to there, where that is known.
    WayBack(Option<Seq>),
    /// The user delivers it: the server never hears of it.
    Manual,
}

/// An operation as storage gave it its number.
#[derive(Debug)]
struct Given {
    board: BoardId,
    op: Operation,
    is_stored: bool,
    /// The first number of the same edit.
    first: u64,
    origin: Origin,
}

/// Edit under all of its numbers.
#[derive(Debug, Default)]
struct Lineage {
    numbers: Vec<u64>,
    is_taken_back: bool,
    told: Vec<(PageId, Told)>,
}

/// Verdict on an edit that a user was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Applied,
    Refused,
    RolledBack,
    Unknown,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    made: BTreeMap<(PageId, EditId), Made>,
    given: BTreeMap<OpId, Given>,
    lineages: BTreeMap<OpId, Lineage>,
    /// Numbers that are not known to be decided, by client and board.
    open: BTreeMap<(ClientId, BoardId), BTreeSet<u64>>,
    /// Content of each board's log when last seen.
    logs: BTreeMap<BoardId, Progress>,
    /// Set when users take edits back, so that texts are written again.
    pub(crate) has_ways_back: bool,
}

/// Extent to which a board's log was checked.
#[derive(Debug, Default)]
struct Progress {
    lives: usize,
    events: usize,
    ops: BTreeSet<OpId>,
    firsts: BTreeSet<OpId>,
    last_n: BTreeMap<ClientId, u64>,
    tags: BTreeSet<String>,
}

impl Ledger {
    pub(crate) fn made(&mut self, page: PageId, id: EditId, board: BoardId, origin: Origin) {
        let made = Made { board, origin, numbers: Vec::new(), end: None, is_taken_back: false };
        self.made.insert((page, id), made);
    }

    pub(crate) fn is_made(&self, page: PageId, id: EditId) -> bool {
        self.made.contains_key(&(page, id))
    }

    /// Of the edits that were made in a page, the newest but `skipped`.
    pub(crate) fn latest_of(&self, page: PageId, skipped: usize) -> Option<(EditId, BoardId)> {
        let of_page = self.made.range((page, EditId(0))..=(page, EditId(u64::MAX)));
        let by_hand = of_page.filter(|(_, made)| made.origin != Origin::Manual);
        by_hand.rev().nth(skipped).map(|((_, id), made)| (*id, made.board.clone()))
    }

    /// The user does not want this edit any more.
    pub(crate) fn take_back(&mut self, page: PageId, id: EditId, named: Option<OpId>) {
        let mut numbers: Vec<_> = named.into_iter().collect();
        if let Some(made) = self.made.get_mut(&(page, id)) {
            made.is_taken_back = true;
            numbers.extend(made.numbers.iter().cloned());
        }
        for number in numbers {
            if let Some(lineage) = self.lineage_of(&number) {
                lineage.is_taken_back = true;
            }
        }
    }

    pub(crate) fn is_made_taken_back(&self, page: PageId, id: EditId) -> bool {
        self.made.get(&(page, id)).is_some_and(|made| made.is_taken_back)
    }

    pub(crate) fn is_taken_back(&self, number: &OpId) -> bool {
        let first = self.given.get(number).map(|given| OpId { n: given.first, ..number.clone() });
        first.and_then(|first| self.lineages.get(&first)).is_some_and(|lineage| lineage.is_taken_back)
    }

    /// The disk has carried something out for a page.
    pub(crate) fn note_written(
        &mut self,
        (page, id): (PageId, Option<EditId>),
        written: Written,
        server: &Server,
    ) -> Checked {
        let mut replaced = None;
        if let Some((edit, is_stored, replaces)) = written.appended {
            replaced = replaces.filter(|_| is_stored);
            self.note_given(page, id, edit, is_stored)?;
        }
        for row in written.forgotten.iter().filter(|row| Some(row.op.id.n) != replaced) {
            let number = &row.op.id;
            let is_decided = server.log(&row.board).is_decided(number);
            let goes_on = self.lineage_of(number).is_some_and(|lineage| lineage.numbers.len() > 1);
            let is_fine = is_decided || goes_on || self.is_taken_back(number);
            Invariant::Kept.holds(is_fine, || format!("storage forgot {number}, which nobody has decided"))?;
        }
        Ok(())
    }

    /// A page is about to let storage forget an edit; `shown` says how far it has come with a board that it follows.
    pub(crate) fn check_forgetting(
        &self,
        page: PageId,
        number: &OpId,
        server: &Server,
        shown: impl Fn(&BoardId) -> Option<Seq>,
    ) -> Checked {
        let Some(given) = self.given.get(number) else { return Ok(()) };
        let log = server.log(&given.board);
        let (Some(at), Some(seq)) = (log.applied_at(number), shown(&given.board)) else { return Ok(()) };
        let is_owed = |made: &Made| {
            let is_it = made.numbers.last() == Some(number);
            is_it && made.is_taken_back && matches!(made.end, Some(EditEnd::Applied { .. }))
        };
        let mut of_page = self.made.range((page, EditId(0))..=(page, EditId(u64::MAX)));
        let is_fine = at <= seq || log.lives > 0 || !of_page.any(|(_, made)| is_owed(made));
        Invariant::Kept.holds(is_fine, || {
            format!("{page:?} is at {seq} and forgets {number}, which is applied at {at} and was taken back before")
        })
    }

    fn note_given(&mut self, page: PageId, id: Option<EditId>, edit: StoredEdit, is_stored: bool) -> Checked {
        let number = edit.op.id.clone();
        Invariant::NumberOnce.holds(!self.given.contains_key(&number), || format!("{number} was given out before"))?;
        let made = id.and_then(|id| self.made.get_mut(&(page, id)));
        let mut origin = Origin::WayBack(None);
        let mut is_taken_back = false;
        if let Some(made) = made {
            made.numbers.push(number.clone());
            (origin, is_taken_back) = (made.origin.clone(), made.is_taken_back);
        }
        let first = edit.first.map_or(edit.op.id.n, OpNo::get);
        if let Some(before) = self.given.get(&OpId { n: first, ..number.clone() }) {
            origin = before.origin.clone();
        }
        let lineage = self.lineages.entry(OpId { n: first, ..number.clone() }).or_default();
        lineage.numbers.push(number.n);
        lineage.is_taken_back |= is_taken_back;
        self.open.entry((number.client.clone(), edit.board.clone())).or_default().insert(number.n);
        let given = Given { board: edit.board, op: edit.op, is_stored, first, origin };
        self.given.insert(number, given);
        Ok(())
    }

    /// An operation is on its way to the server.
    pub(crate) fn note_submitted(&self, op: &Operation) -> Checked {
        let is_given = self.given.contains_key(&op.id);
        Invariant::StoredBeforeSent.holds(is_given, || format!("{} is sent, and storage has not heard of it", op.id))
    }

    /// The server is told that it may forget outcomes. `is_known` says whether a page or the disk still has an edit.
    pub(crate) fn check_settled(
        &self,
        (client, board): (&ClientId, &BoardId),
        through: u64,
        log: &Chronicle,
        is_known: impl Fn(u64) -> bool,
    ) -> Checked {
        let Some(open) = self.open.get(&(client.clone(), board.clone())) else { return Ok(()) };
        for n in open.range(..=through).copied() {
            let number = OpId { client: client.clone(), n };
            let numbers = self.numbers_of(&number);
            let has_next = numbers.last().is_some_and(|last| last.n > n);
            // Two tabs may go on with an edit that storage never had. Once it is applied under one number, the server
            // had better refuse the other as settled, should a page that crashed have left it on the disk.
            let is_applied = numbers.iter().any(|number| log.applied_at(number).is_some());
            let is_over = log.is_decided(&number) || has_next || is_applied;
            Invariant::Settled.holds(is_over || !is_known(n), || {
                format!("{number} on {board} is undecided, and the server may forget outcomes up to {through}")
            })?;
        }
        Ok(())
    }

    /// Forgets numbers that were checked and need not be again.
    pub(crate) fn forget_open(&mut self, client: &ClientId, board: &BoardId, through: u64) {
        if let Some(open) = self.open.get_mut(&(client.clone(), board.clone())) {
            *open = open.split_off(&(through + 1));
        }
    }

    /// Checks what is new in a board's log.
    pub(crate) fn check_log(&mut self, board: &BoardId, log: &Chronicle) -> Checked {
        let seen = self.logs.entry(board.clone()).or_default();
        if seen.lives != log.lives {
            *seen = Progress { lives: log.lives, ..Progress::default() };
        }
        for event in &log.events[seen.events..] {
            let id = &event.op.id;
            let Some(given) = self.given.get(id) else {
                return Err(Invariant::AsStored.broken(format!("{id} is in the log, and storage never gave it out")));
            };
            // What was made on a history that is lost has a base that says nothing: it counts as 0.
            let base = if log.lives > 0 && event.op.base == Seq::ZERO { Seq::ZERO } else { given.op.base };
            let is_same = Operation { base, ..given.op.clone() } == *event.op && given.board == *board;
            Invariant::AsStored
                .holds(is_same, || format!("{id} was stored as {:?} and applied as {:?}", given.op, event.op))?;
            Invariant::Once.holds(seen.ops.insert(id.clone()), || format!("{id} was applied twice"))?;
            let first = OpId { n: given.first, ..id.clone() };
            Invariant::Once
                .holds(seen.firsts.insert(first.clone()), || format!("{id} was applied before; it began as {first}"))?;
            let last = seen.last_n.insert(id.client.clone(), id.n).unwrap_or_default();
            Invariant::Fifo.holds(last < id.n, || format!("{id} was applied after {last}"))?;
            if let Origin::Hand(Some(tag)) = &given.origin {
                let is_new = seen.tags.insert(tag.clone());
                Invariant::Once
                    .holds(is_new || self.has_ways_back, || format!("{tag} was written twice, as {id} too"))?;
            }
            check_unasked(event, log)?;
            // What was made on another life of the log has a base that means nothing in this one.
            if let Origin::WayBack(seen) = given.origin
                && log.lives == 0
                && event.op.on_conflict == OnConflict::Reject
            {
                check_way_back(event, seen, log)?;
            }
        }
        seen.events = log.events.len();
        Ok(())
    }

    /// A user is told of an edit's end.
    pub(crate) fn note_ended(
        &mut self,
        (page, id): (PageId, EditId),
        end: EditEnd,
        named: Option<OpId>,
        server: &Server,
    ) -> Checked {
        let made = self.made.get_mut(&(page, id));
        let number = made.as_ref().and_then(|made| made.numbers.last().cloned()).or(named);
        if let Some(made) = made {
            Invariant::ToldOnce
                .holds(made.end.is_none(), || format!("{id:?} ended as {:?}, and again as {end:?}", made.end))?;
            made.end = Some(end.clone());
        }
        let told = match &end {
            EditEnd::Applied { .. } => Told::Applied,
            EditEnd::Refused(_) => Told::Refused,
            EditEnd::RolledBack => Told::RolledBack,
            EditEnd::Confirmed | EditEnd::AlreadySettled => Told::Unknown,
        };
        let Some(number) = number else { return Ok(()) };
        let Some(given) = self.given.get(&number) else { return Ok(()) };
        if let EditEnd::Applied { seq, .. } = end {
            let log = server.log(&given.board);
            let is_there = self.numbers_of(&number).iter().any(|number| log.was_ever_applied_at(number, seq));
            Invariant::Told.holds(is_there, || format!("{number} was acked as {seq}, and is not there in the log"))?;
        }
        if let Some(lineage) = self.lineage_of(&number) {
            lineage.told.push((page, told));
        }
        Ok(())
    }

    /// Every edit that was made in an open page has its end.
    pub(crate) fn check_ends(&self, is_open: impl Fn(PageId) -> bool) -> Checked {
        for ((page, id), made) in &self.made {
            let is_ended = made.end.is_some() || !is_open(*page);
            Invariant::Ends.holds(is_ended, || format!("{id:?} of {page:?} has no end: {made:?}"))?;
        }
        Ok(())
    }

    /// Once everything is quiet: users were told the truth, and nothing was lost.
    ///
    /// `is_awake` says whether a page is open and never slept: one that sleeps counts as gone, and may be told again.
    pub(crate) fn check_quiet(
        &self,
        is_open: impl Fn(PageId) -> bool,
        is_awake: impl Fn(PageId) -> bool,
        server: &Server,
    ) -> Checked {
        for (first, lineage) in &self.lineages {
            let numbers: Vec<_> = lineage.numbers.iter().map(|n| OpId { n: *n, ..first.clone() }).collect();
            let Some(given) = self.given.get(first) else { continue };
            let log = server.log(&given.board);
            let is_applied = numbers.iter().any(|number| log.applied_at(number).is_some());
            // An older copy of the log may not know that it had refused an edit, which a page that comes then sends again.
            let is_refusal_lost = log.lives > 0 && numbers.iter().any(|number| log.refusal(number).is_some());
            for (page, told) in &lineage.told {
                let is_true = match told {
                    // Checked when it was told, against the place that was said.
                    Told::Applied => true,
                    Told::Refused => !is_applied || is_refusal_lost,
                    // A page may be killed before storage has forgotten what it took back.
                    Told::RolledBack => !is_applied || !is_open(*page),
                    // Nothing was claimed; how often that may be is limited for a whole run.
                    Told::Unknown => true,
                };
                Invariant::Told.holds(is_true, || {
                    format!("{page:?} was told {told:?} of {first}, {numbers:?}; applied: {is_applied}")
                })?;
            }
            let tabs: BTreeSet<_> = lineage.told.iter().map(|(page, _)| page).filter(|page| is_awake(**page)).collect();
            Invariant::ToldOnce.holds(tabs.len() <= 1, || format!("the end of {first} was told in {tabs:?}"))?;
            let is_decided = numbers.iter().any(|number| log.is_decided(number));
            let is_durable = numbers.iter().any(|number| self.given.get(number).is_some_and(|given| given.is_stored));
            let is_lost = is_durable && !is_decided && !lineage.is_taken_back;
            Invariant::Lost.holds(!is_lost, || format!("{first}, {numbers:?}, was stored, and is nowhere any more"))?;
        }
        Ok(())
    }

    pub(crate) fn applied(&self) -> usize {
        self.logs.values().map(|seen| seen.ops.len()).sum()
    }

    /// Ends of which users were told, and those of which they were told nothing more.
    pub(crate) fn ends_told(&self) -> Seen {
        let told = || self.lineages.values().flat_map(|lineage| &lineage.told);
        let unknown_ends = told().filter(|(_, told)| *told == Told::Unknown).count();
        Seen { ends: told().count(), unknown_ends, ..Seen::default() }
    }

    /// All numbers of the same edit.
    fn numbers_of(&self, number: &OpId) -> Vec<OpId> {
        let first = self.given.get(number).map(|given| OpId { n: given.first, ..number.clone() });
        let lineage = first.and_then(|first| self.lineages.get(&first));
        lineage
            .map_or_else(Vec::new, |lineage| lineage.numbers.iter().map(|n| OpId { n: *n, ..number.clone() }).collect())
    }

    fn lineage_of(&mut self, number: &OpId) -> Option<&mut Lineage> {
        let first = self.given.get(number)?.first;
        self.lineages.get_mut(&OpId { n: first, ..number.clone() })
    }
}

/// Checks that a patch that may not overwrite writes over no value that others wrote after its base, whoever wrote the field
/// since.
fn check_unasked(event: &Event, log: &Chronicle) -> Checked {
    let op = &event.op;
    let (Action::Patch { set, unset }, OnConflict::Reject) = (&op.action, op.on_conflict) else { return Ok(()) };
    let Some(entity) = log.board_before(event.seq).and_then(|board| board.entity(&op.entity)) else { return Ok(()) };
    let of_entity = log.events.iter().filter(|other| other.seq < event.seq && other.op.entity == op.entity);
    // What was there before the entity was made is not overwritten.
    let begins = |other: &&Event| matches!(other.op.action, Action::Create { .. });
    let made = of_entity.clone().filter(begins).map(|other| other.seq).max().unwrap_or_default();
    let unseen =
        of_entity.filter(|other| other.seq >= made && other.seq > op.base && other.op.id.client != op.id.client);
    let wanted = set.iter().map(|(name, value)| (name, Some(value))).chain(unset.iter().map(|name| (name, None)));
    let changed: Vec<_> = wanted.filter(|(name, value)| entity.fields.get(*name) != *value).collect();
    for other in unseen {
        let taken = changed.iter().find(|(name, _)| is_written(&other.op.action, name));
        Invariant::Unasked.holds(taken.is_none(), || format!("{op:?} writes over {other:?}"))?;
    }
    Ok(())
}

/// Says whether an action gives a field a value or takes it away, fields that a creation leaves out apart.
fn is_written(action: &Action, name: &String) -> bool {
    match action {
        Action::Create { fields, .. } => fields.contains_key(name),
        Action::Patch { .. }
        | Action::Increment { .. }
        | Action::SetAdd { .. }
        | Action::SetRemove { .. }
        | Action::Remove => writes(action, name),
    }
}

/// Checks that an undo names its edit's place as the base, and writes only over values that its client wrote last, and
/// over none that others wrote after the edit, as far as its tab had seen.
fn check_way_back(event: &Event, seen: Option<Seq>, log: &Chronicle) -> Checked {
    let op = &event.op;
    let Some(entity) = log.board_before(event.seq).and_then(|board| board.entity(&op.entity)) else { return Ok(()) };
    let written: Vec<&String> = match &op.action {
        // What stands there already takes nothing away.
        Action::Patch { set, unset } => {
            let set = set.iter().filter(|(name, value)| entity.fields.get(*name) != Some(*value)).map(|(name, _)| name);
            set.chain(unset.iter().filter(|name| entity.fields.contains_key(*name))).collect()
        }
        Action::Remove => entity.changed.keys().collect(),
        Action::Create { .. } | Action::Increment { .. } | Action::SetAdd { .. } | Action::SetRemove { .. } => {
            return Ok(());
        }
    };
    let is_ours = |other: &&Event| other.op.id.client == op.id.client && other.op.entity == op.entity;
    let of = log.events.iter().find(|other| other.seq == op.base).filter(is_ours);
    Invariant::WayBack.holds(of.is_some(), || format!("{op:?} takes back what its client did not do"))?;
    let is_last = |name: &String| entity.changed.get(name).is_some_and(|changed| changed.by != op.id.client);
    // What nobody had told the tab yet it could not heed.
    let between = log.events.iter().filter(|other| op.base < other.seq && seen.is_some_and(|seen| other.seq <= seen));
    let is_theirs = |other: &&Event| other.op.id.client != op.id.client && other.op.entity == op.entity;
    let theirs: Vec<_> = between.filter(is_theirs).collect();
    let is_since = |name: &String| theirs.iter().any(|other| writes(&other.op.action, name));
    let foreign: Vec<_> = written.into_iter().filter(|name| is_last(name) || is_since(name)).collect();
    Invariant::WayBack.holds(foreign.is_empty(), || format!("{op:?} takes back what others wrote: {foreign:?}"))
}

fn writes(action: &Action, name: &String) -> bool {
    match action {
        Action::Create { .. } | Action::Remove => true,
        Action::Patch { set, unset } => set.contains_key(name) || unset.contains(name),
        Action::Increment { field, .. } | Action::SetAdd { field, .. } | Action::SetRemove { field, .. } => {
            field == name
        }
    }
}
