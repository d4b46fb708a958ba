use serde_json::{Value, json};
use tideboard_shared::{Action, Seq};

use super::*;
use crate::{Edit, EditEnd, Engine, Input, Reader, testing::*};

mod session;

use session::Session;

/// Random sessions a test.
const SESSIONS: u64 = 40;

fn config(mut overlay: Value) -> Config {
    let is_on = &mut overlay["features"]["devtools"];
    if is_on.is_null() {
        *is_on = json!(true);
    }
    serde_json::from_value(overlay).unwrap()
}

/// Live on a board with one note, with the tools on.
fn bench(overlay: Value) -> Bench {
    let mut bench = Bench::with(config(overlay));
    bench.go_live();
    bench.follow();
    bench.receive(&[subscribed(40, false), snapshot(40, 0, vec![entity("n", json!({"count": 10}))])]);
    bench
}

fn edit(by: i64) -> Edit {
    Edit::new(main(), "n", Action::Increment { field: "count".into(), by: by.into() })
}

fn milestones(bench: &Bench, id: EditId) -> Vec<Milestone> {
    bench.engine.timeline(id).unwrap().steps.iter().map(|step| step.milestone.clone()).collect()
}

#[test]
fn any_session_replays_exactly_from_its_json() {
    for seed in 0..SESSIONS {
        let session = Session::run(seed, config(json!({})), 300);
        let json = serde_json::to_string(&session.engine.recording().unwrap()).unwrap();
        let recording = Recording::from_json(&json).unwrap();
        assert_eq!(recording.truncated, 0);
        let replay = recording.replay(&session.functions());
        let before = session.outputs();
        let after = replay.outputs.iter().map(|output| format!("{output:?}"));
        for (at, (before, after)) in before.iter().zip(after).enumerate() {
            assert_eq!(*before, after, "output {at} of seed {seed}");
        }
        assert_eq!(before.len(), replay.outputs.len(), "seed {seed}");
        assert_eq!(replay.engine.recording(), Some(recording), "a replay records itself; seed {seed}");
        let timelines = |engine: &Engine| engine.timelines().cloned().collect::<Vec<_>>();
        assert_eq!(timelines(&replay.engine), timelines(&session.engine), "seed {seed}");
    }
}

#[test]
fn sessions_make_every_call_and_reach_every_end_of_an_edit() {
    let mut calls = std::collections::BTreeSet::new();
    let mut ends = std::collections::BTreeSet::new();
    for seed in 0..SESSIONS {
        let session = Session::run(seed, config(json!({})), 300);
        let name = |value: &Value| value.as_object().map_or(Value::Null, |call| call.keys().next().cloned().into());
        calls.extend(session.engine.recording().unwrap().calls.iter().map(|entry| {
            let call = serde_json::to_value(&entry.call).unwrap();
            let name = name(&call).as_str().unwrap_or_default().to_owned();
            if name == "input" { "handle_input".to_owned() } else { name }
        }));
        ends.extend(session.outputs().into_iter().filter_map(|output| {
            let end = output.strip_prefix("Ended ")?.split("end: ").nth(1)?.to_owned();
            Some(end.split([' ', '(']).next()?.to_owned())
        }));
    }
    let calls: Vec<_> = calls.iter().map(String::as_str).collect();
    let mut wanted = Call::NAMES.to_vec();
    wanted.sort_unstable();
    assert_eq!(calls, wanted);
    for end in ["Applied", "Refused", "RolledBack", "Confirmed", "AlreadySettled"] {
        assert!(ends.contains(end), "{end} in {ends:?}");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the sources are files; the engine itself has none")]
fn public_methods_that_change_the_engine_are_lines_of_the_table_of_calls() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/engine");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.push(format!("{folder}.rs").into());
    for path in files.iter().filter(|path| path.is_file() && !path.ends_with("calls.rs")) {
        let source = std::fs::read_to_string(path).unwrap();
        assert_eq!(changing_methods(&source), [""; 0], "{}: belongs into calls.rs", path.display());
    }
    let beside_the_table = changing_methods(include_str!("../engine/calls.rs"));
    assert_eq!(beside_the_table, ["set_merge", "open_delivery", "poll_output"]);
}

fn changing_methods(source: &str) -> Vec<&str> {
    let methods = source.split("\n    pub fn ").skip(1);
    let changing = methods.filter(|text| text.split(')').next().is_some_and(|head| head.contains("&mut self")));
    changing.filter_map(|text| text.split('(').next()).collect()
}

#[test]
fn a_timeline_tells_each_step_of_an_edit_with_its_time() {
    let mut bench = bench(json!({}));
    let start = bench.now;
    let id = bench.apply(edit(5));
    bench.pass(std::time::Duration::from_secs(2));
    let add = |by: i64| Action::Increment { field: "count".into(), by: by.into() };
    bench.receive(&[updates(vec![(41, op("bob/1", "n", add(1))), (42, op("bob/2", "n", add(1)))])]);
    bench.receive(&[updates(vec![(43, op("me/1", "n", add(5)))])]);

    let timeline = bench.engine.timeline(id).unwrap();
    assert_eq!((timeline.entity.as_str(), timeline.action, timeline.left_out), ("n", "increment", 0));
    let durability = tideboard_shared::Durability::Fsynced;
    assert_eq!(
        milestones(&bench, id),
        [
            Milestone::Created,
            Milestone::Stored { n: no(1) },
            Milestone::Submitted { n: no(1) },
            Milestone::Rebased,
            Milestone::Confirmed { seq: Seq(43) },
            Milestone::Ended(EditEnd::Applied { seq: Seq(43), durability }),
        ]
    );
    assert_eq!(timeline.steps[0].at, start);
    let rebased = &timeline.steps[3];
    assert_eq!((rebased.times, rebased.at.mono.as_secs() - start.mono.as_secs()), (2, 2));
}

#[test]
fn a_timeline_shows_a_resend_and_a_new_number() {
    let mut bench = bench(json!({}));
    let id = bench.apply(edit(5));
    bench.input(socket(1, closed(1006)));
    bench.reconnect();
    bench.receive(&[subscribed(40, true)]);
    bench.receive(&[outcome(1, out_of_order())]);
    let names = milestones(&bench, id);
    let submitted = |n| Milestone::Submitted { n };
    assert_eq!(
        names[2..],
        [
            submitted(no(1)),
            submitted(no(1)),
            Milestone::Decided { outcome: "rejected" },
            Milestone::Renumbered { from: no(1) },
            Milestone::Stored { n: no(2) },
            submitted(no(2)),
        ]
    );
}

fn out_of_order() -> Value {
    json!({"rejected": {"reason": "out_of_order", "message": ""}})
}

fn outcome(n: u64, mut result: Value) -> tideboard_shared::ServerMessage {
    result["id"] = json!(format!("me/{n}"));
    serde_json::from_value(json!({"type": "outcomes", "board": "main", "results": [result]})).unwrap()
}

#[test]
fn a_timeline_shows_an_edit_of_an_earlier_run_that_takes_long_and_is_taken_back() {
    let mut before = bench(json!({}));
    before.input(socket(1, closed(1006)));
    before.apply(edit(5));
    let mut bench = Bench::on_disk(config(json!({})), 2, before.disk);
    let id = bench.engine.timelines().next().unwrap().edit;
    bench.pass(std::time::Duration::from_secs(31));
    bench.input(Input::Connect);
    bench.greet_current();
    bench.engine.rollback(id, bench.now).unwrap();
    bench.drain();
    let steps = [Milestone::Restored, Milestone::Overdue, Milestone::Submitted { n: no(1) }, Milestone::TakenBack];
    assert_eq!(milestones(&bench, id), steps);
}

#[test]
fn timelines_are_bounded_and_keep_the_end() {
    let mut bench = bench(json!({"devtools": {"max_timelines": 2, "max_steps": 4}}));
    let [first, second, third] = [1, 2, 3].map(|by| bench.apply(edit(by)));
    assert_eq!(bench.engine.timeline(first), None);
    assert_eq!(bench.engine.timelines().map(|timeline| timeline.edit).collect::<Vec<_>>(), [second, third]);
    let applied = json!({"applied": {"seq": 41, "durability": "fsynced"}});
    bench.receive(&[outcome(1, applied.clone()), outcome(3, out_of_order()), outcome(4, applied)]);
    let timeline = bench.engine.timeline(third).unwrap();
    assert_eq!(timeline.steps.len(), 4);
    assert!(matches!(timeline.steps[3].milestone, Milestone::Ended(EditEnd::Applied { .. })));
    assert_eq!(timeline.left_out, 4, "renumbered, stored, decided, and the step whose place the end took");
}

#[test]
fn a_reader_of_timelines_is_told_when_one_changes() {
    let mut bench = bench(json!({}));
    let reader = Reader::new(&bench.engine);
    assert!(reader.timelines().is_empty());
    let reads = reader.into_reads();
    bench.log.clear();
    bench.apply(edit(1));
    let key = reads.into_iter().next().unwrap();
    assert!(bench.log.iter().any(|output| output.starts_with("Changed") && output.contains(&format!("{key:?}"))));
}

#[test]
fn nothing_is_kept_while_the_tools_are_off() {
    let mut bench = bench(json!({"features": {"devtools": false}}));
    let id = bench.apply(edit(1));
    assert_eq!((bench.engine.timeline(id), bench.engine.recording()), (None, None));
    assert_eq!(bench.engine.timelines().count(), 0);
    assert!(!bench.log.iter().any(|output| output.contains("Devtools")));
}

#[test]
fn a_recording_holds_no_token() {
    let mut bench = bench(json!({}));
    for token in ["fresh-secret", "secret", "fresh-secret"] {
        bench.input(Input::Token(token.into()));
    }
    bench.engine.send(tideboard_shared::ClientMessage::Auth { token: "third-secret".into() });
    let recording = bench.engine.recording().unwrap();
    let json = serde_json::to_string(&recording).unwrap();
    assert!(!json.contains("secret"), "{json}");
    assert_eq!(recording.header.identity.token, Some("token-1".into()));
    let tokens = recording.calls.iter().filter_map(|entry| match &entry.call {
        Call::Input(Input::Token(token)) => Some(token.expose()),
        _ => None,
    });
    assert_eq!(tokens.collect::<Vec<_>>(), ["token-2", "token-1", "token-2"], "the same token has the same name");
}

#[test]
fn a_recording_holds_no_token_that_another_tab_says() {
    let mut bench = bench(json!({}));
    let ask = json!({"seat": {"term": 1, "join": 1}, "messages": [{"type": "auth", "token": "first-secret"}]});
    let command = json!({"term": 1, "command": {"token": "second-secret"}});
    for (no, body) in [json!({"ask": ask}), json!({"command": command})].into_iter().enumerate() {
        let message = serde_json::from_value(json!({"life": 1, "no": no + 1, "body": body})).unwrap();
        bench.input(Input::Told { from: "t2".parse().unwrap(), message });
    }
    let json = serde_json::to_string(&bench.engine.recording().unwrap()).unwrap();
    assert!(json.contains("token-2") && json.contains("token-3"), "both were said: {json}");
    assert!(!json.contains("secret"), "{json}");
}

#[test]
fn a_full_recording_ends_there_says_so_and_replays_up_to_there() {
    for limit in [json!({"max_recorded_calls": 7}), json!({"max_recorded_bytes": 4_000})] {
        let session = Session::run(3, config(json!({"devtools": limit})), 100);
        let recording = session.engine.recording().unwrap();
        assert!(recording.truncated > 0 && recording.calls.len() < 30, "{}", recording.calls.len());
        let replayed: Vec<_> = recording.replay(&session.functions()).outputs;
        let replayed: Vec<_> = replayed.iter().map(|output| format!("{output:?}")).collect();
        assert_eq!(session.outputs()[..replayed.len()], replayed[..]);
    }
}

#[test]
fn what_is_no_recording_is_refused() {
    let mut bench = bench(json!({}));
    bench.apply(edit(1));
    let mut value = serde_json::to_value(bench.engine.recording().unwrap()).unwrap();
    value["header"]["format"] = json!(2);
    let error = Recording::from_json(&value.to_string()).unwrap_err();
    assert_eq!(error.to_string(), "this recording has format 2; known is 1");
    assert!(Recording::from_json("{}").is_err());
}
