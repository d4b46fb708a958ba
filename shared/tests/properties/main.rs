//! Laws that hold for every board, every operation and every frame.

mod commutation;
mod generate;

use proptest::prelude::*;
use tideboard_shared::{
    Action, Board, ClientMessage, OnConflict, Seq, ServerMessage, decode_client, decode_server, encode, encode_many,
};

use generate::{client_message, edits_of_different_fields, operations, server_message};

/// Applies what applies; the board, and whether each operation did.
fn replay(operations: &[tideboard_shared::Operation]) -> (Board, Vec<bool>) {
    let mut board = Board::default();
    let mut seq = Seq::ZERO;
    let accepted = operations.iter().map(|op| {
        let is_accepted = board.apply(op, seq.next()).is_ok();
        if is_accepted {
            seq = seq.next();
        }
        is_accepted
    });
    let accepted = accepted.collect();
    (board, accepted)
}

/// Returns whether an action writes a field.
fn writes(action: &Action, name: &String) -> bool {
    match action {
        Action::Create { fields, .. } => fields.contains_key(name),
        Action::Remove => false,
        Action::Patch { set, unset } => set.contains_key(name) || unset.contains(name),
        Action::Increment { field, .. } | Action::SetAdd { field, .. } | Action::SetRemove { field, .. } => {
            field == name
        }
    }
}

proptest! {
    #[test]
    fn replaying_the_same_log_gives_the_same_board(ops in operations(60)) {
        let (board, accepted) = replay(&ops);
        prop_assert_eq!(&replay(&ops), &(board.clone(), accepted.clone()));
        // The log holds only what was accepted.
        let log: Vec<_> = ops.into_iter().zip(accepted).filter(|(_, accepted)| *accepted).map(|(op, _)| op).collect();
        let (again, all) = replay(&log);
        prop_assert_eq!(again, board);
        prop_assert!(all.into_iter().all(|accepted| accepted));
    }

    #[test]
    fn a_refused_operation_changes_nothing(ops in operations(30)) {
        let mut board = Board::default();
        for (seq, op) in (1..).zip(&ops) {
            let before = board.clone();
            if board.apply(op, Seq(seq)).is_err() {
                prop_assert_eq!(&board, &before);
            }
        }
    }

    #[test]
    fn a_snapshot_is_the_board(ops in operations(40)) {
        let (board, _) = replay(&ops);
        let entities: Vec<_> = board.entities().map(|entity| encode(entity.as_ref())).collect();
        let rebuilt: Board = entities.iter().map(|json| serde_json::from_str(json).expect("an entity")).collect();
        prop_assert_eq!(rebuilt, board);
    }

    #[test]
    fn a_boards_bytes_are_the_sum_of_its_entities_however_it_came_to_them(ops in operations(60)) {
        let (board, _) = replay(&ops);
        prop_assert_eq!(board.bytes(), board.entities().map(|entity| entity.bytes()).sum::<usize>());
        let rebuilt: Board = board.entities().cloned().collect();
        prop_assert_eq!(rebuilt, board);
    }

    #[test]
    fn replaying_what_was_accepted_is_applying_it(ops in operations(60)) {
        let (mut applied, mut replayed, mut seq) = (Board::default(), Board::default(), Seq::ZERO);
        for op in &ops {
            if let Ok(before) = applied.apply(op, seq.next()) {
                seq = seq.next();
                prop_assert_eq!(replayed.replay(op, seq), Ok(before));
            }
        }
        prop_assert_eq!(replayed, applied);
    }

    /// Whoever changed what, and in which order: what an edit would take from others it does not take unasked.
    #[test]
    fn no_edit_takes_away_what_its_author_has_not_seen(ops in operations(60)) {
        let mut board = Board::default();
        let mut log: Vec<(Seq, &tideboard_shared::Operation)> = Vec::new();
        for op in &ops {
            let seq = Seq(log.len() as u64 + 1);
            let before = board.clone();
            if board.apply(op, seq).is_err() {
                continue;
            }
            if let (Action::Patch { set, .. }, OnConflict::Reject) = (&op.action, op.on_conflict) {
                let entity = before.entity(&op.entity).expect("it applied");
                let born = log.iter().rposition(|(_, other)| {
                    other.entity == op.entity && matches!(other.action, Action::Create { .. })
                });
                let base = if op.base < seq { op.base } else { Seq::ZERO };
                let unseen = log[born.expect("it exists")..].iter().filter(|(at, other)| {
                    *at > base && other.id.client != op.id.client && other.entity == op.entity
                });
                for (_, other) in unseen {
                    for (name, value) in set.iter().filter(|(name, _)| writes(&other.action, name)) {
                        prop_assert_eq!(entity.fields.get(name), Some(value), "{:?} over {:?}", op, other);
                    }
                }
            }
            log.push((seq, op));
        }
    }

    #[test]
    fn edits_to_different_fields_commute((create, one, other) in edits_of_different_fields()) {
        let one_first = replay(&[create.clone(), one.clone(), other.clone()]);
        let other_first = replay(&[create, other, one]);
        prop_assert_eq!(&one_first.1, &vec![true; 3]);
        prop_assert_eq!(&other_first.1, &vec![true; 3]);
        let fields = |board: &Board| board.entities().map(|entity| entity.fields.clone()).collect::<Vec<_>>();
        prop_assert_eq!(fields(&one_first.0), fields(&other_first.0));
    }

    #[test]
    fn decode_undoes_encode_for_clients(message in client_message()) {
        let expected: Vec<Result<ClientMessage, _>> = vec![Ok(message.clone())];
        prop_assert_eq!(decode_client(&encode(&message)), Ok(expected));
    }

    #[test]
    fn decode_undoes_encode_for_servers(messages in proptest::collection::vec(server_message(), 1..4)) {
        let expected: Vec<Result<ServerMessage, _>> = messages.iter().cloned().map(Ok).collect();
        prop_assert_eq!(decode_server(&encode_many(&messages)), Ok(expected));
    }

    #[test]
    fn decode_never_panics_on_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = (decode_client(&text), decode_server(&text));
    }

    #[test]
    fn decode_never_panics_on_damaged_messages(
        message in client_message(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = encode(&message).into_bytes();
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(messages) = decode_client(&text) {
            for error in messages.into_iter().filter_map(Result::err) {
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }
}
