//! Behaviour of every outbox, as requests and the replies that they have to get. Each case begins with an empty outbox.
//!
//! An outbox that outlives the page has to pass them also when it is opened anew before every request.

use tideboard_shared::{Action, OnConflict, OpId, Operation, Reason, Rejection, Seq, UnixMs};

use crate::{ConflictStrategy, Contents, EditId, OpNo, Refused, StoreReply, StoreRequest, StoredEdit, Term};

/// A story, and the part an outbox has to take in it.
#[derive(Debug, Clone)]
pub struct Case {
    /// Claim that the case shows to be true.
    pub name: &'static str,
    /// Requests, each with its reply.
    pub steps: Vec<(StoreRequest, Option<StoreReply>)>,
}

/// All cases.
#[must_use]
pub fn cases() -> Vec<Case> {
    [numbers(), replacing(), setting_aside(), leading()].concat()
}

fn case(name: &'static str, steps: Vec<(StoreRequest, Option<StoreReply>)>) -> Case {
    Case { name, steps }
}

fn numbers() -> Vec<Case> {
    vec![
        case("an empty one says so", vec![load(&[], 0)]),
        case(
            "numbers rise from one, and edits stay in their order",
            vec![append("a", 1), append("b", 2), append("c", 3), load(&[("a", 1), ("b", 2), ("c", 3)], 3)],
        ),
        case(
            "what is settled is gone, and its number is not given out again",
            vec![append("a", 1), append("b", 2), settle(&[1, 2]), load(&[], 2), append("c", 3), load(&[("c", 3)], 3)],
        ),
        case("what is not there can be settled", vec![append("a", 1), settle(&[7]), load(&[("a", 1)], 1)]),
    ]
}

fn replacing() -> Vec<Case> {
    vec![
        case(
            "an edit takes the place of an older one",
            vec![append("a", 1), append("b", 2), replace("c", 1, Ok(3)), load(&[("b", 2), ("c", 3)], 3)],
        ),
        case(
            "of two that take the same place one does",
            vec![
                append("a", 1),
                replace("b", 1, Ok(2)),
                replace("c", 1, Err(())),
                load(&[("b", 2)], 2),
                append("d", 3),
            ],
        ),
    ]
}

fn setting_aside() -> Vec<Case> {
    vec![
        case(
            "why an edit waits is noted, and stays",
            vec![
                append("a", 1),
                append("b", 2),
                set_aside(1),
                (
                    StoreRequest::Load,
                    Some(StoreReply::Loaded(Contents {
                        edits: vec![StoredEdit { aside: Some(why()), ..stored("a", 1) }, stored("b", 2)],
                        last_n: 2,
                    })),
                ),
            ],
        ),
        case("what is not there is not set aside", vec![append("a", 1), settle(&[1]), set_aside(1), load(&[], 1)]),
    ]
}

fn leading() -> Vec<Case> {
    vec![
        case(
            "terms rise, and come with everything",
            vec![lead(1, &[], 0), append("a", 1), lead(2, &[("a", 1)], 1), settle(&[1]), lead(3, &[], 1)],
        ),
        case(
            "an edit is dropped once, and not by a leader that has been followed by another",
            vec![
                append("a", 1),
                lead(1, &[("a", 1)], 1),
                lead(2, &[("a", 1)], 1),
                drop(1, Some(Term(1)), |id| StoreReply::Kept { id }),
                drop(1, Some(Term(2)), |id| StoreReply::Dropped { id }),
                drop(1, Some(Term(2)), |id| StoreReply::Gone { id }),
                append("b", 2),
                drop(2, None, |id| StoreReply::Dropped { id }),
                load(&[], 2),
            ],
        ),
    ]
}

fn append(entity: &str, n: u64) -> (StoreRequest, Option<StoreReply>) {
    let id = EditId(n);
    let request = StoreRequest::Append { edit: stored(entity, 0).into(), id, replaces: None };
    (request, Some(StoreReply::Appended { id, n: no(n) }))
}

/// `becomes` its number, or nothing when what it should replace is gone.
fn replace(entity: &str, old: u64, becomes: Result<u64, ()>) -> (StoreRequest, Option<StoreReply>) {
    let id = EditId(100);
    let request = StoreRequest::Append { edit: stored(entity, 0).into(), id, replaces: Some(no(old)) };
    let reply = match becomes {
        Ok(n) => StoreReply::Appended { id, n: no(n) },
        Err(()) => StoreReply::Gone { id },
    };
    (request, Some(reply))
}

fn drop(n: u64, term: Option<Term>, reply: impl FnOnce(EditId) -> StoreReply) -> (StoreRequest, Option<StoreReply>) {
    let id = EditId(100 + n);
    (StoreRequest::Drop { id, n: no(n), term }, Some(reply(id)))
}

fn settle(numbers: &[u64]) -> (StoreRequest, Option<StoreReply>) {
    (StoreRequest::Settle(numbers.iter().copied().map(no).collect()), None)
}

fn set_aside(n: u64) -> (StoreRequest, Option<StoreReply>) {
    (StoreRequest::SetAside { n: no(n), why: why() }, Some(StoreReply::SetAside { n: no(n) }))
}

fn load(edits: &[(&str, u64)], last_n: u64) -> (StoreRequest, Option<StoreReply>) {
    (StoreRequest::Load, Some(StoreReply::Loaded(contents(edits, last_n))))
}

fn lead(term: u64, edits: &[(&str, u64)], last_n: u64) -> (StoreRequest, Option<StoreReply>) {
    (StoreRequest::Lead, Some(StoreReply::Led { term: Term(term), contents: contents(edits, last_n) }))
}

fn contents(edits: &[(&str, u64)], last_n: u64) -> Contents {
    Contents { edits: edits.iter().map(|(entity, n)| stored(entity, *n)).collect(), last_n }
}

fn no(n: u64) -> OpNo {
    OpNo::new(n).expect("numbers begin with 1")
}

fn why() -> Refused {
    Refused::Rejected(Rejection::new(Reason::Forbidden, "not yours"))
}

fn stored(entity: &str, n: u64) -> StoredEdit {
    let client = "c".parse().expect("a letter is a client id");
    StoredEdit {
        board: "main".parse().expect("a word is a board id"),
        op: Operation {
            id: OpId { client, n },
            entity: entity.into(),
            base: Seq(40),
            action: Action::set([("title", "Ein Stück „Text“, auch 🦀")]),
            on_conflict: OnConflict::Reject,
        },
        strategy: ConflictStrategy::Ask,
        created: UnixMs(1_700_000_000_000),
        schema: 1,
        aside: None,
        first: None,
        author: None,
        seen: None,
    }
}
