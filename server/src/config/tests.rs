use std::io::Write;

use clap::{Args, Command, FromArgMatches};

use super::*;

fn flags(arguments: &[&str]) -> Settings {
    let command = Settings::augment_args(Command::new("test").no_binary_name(true));
    Settings::from_arg_matches(&command.try_get_matches_from(arguments).unwrap()).unwrap()
}

fn environment(variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    Settings::from_environment(variables.iter().map(|(name, value)| ((*name).into(), (*value).into())))
}

fn file(text: &str) -> Result<Settings, ConfigError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    Settings::from_file(file.path())
}

#[test]
fn flag_beats_environment_beats_file_beats_default() {
    let flags = flags(&["--bind", "127.0.0.1:1"]);
    let environment = environment(&[("TIDEBOARD_BIND", "127.0.0.1:2"), ("TIDEBOARD_DATA_DIR", "env")]).unwrap();
    let file = file("bind = '127.0.0.1:3'\ndata_dir = 'file'\nretain_events = 7").unwrap();
    let config = flags.over(environment).over(file).complete();
    assert_eq!(config.bind.port(), 1);
    assert_eq!(config.data_dir, PathBuf::from("env"));
    assert_eq!(config.retain_events, 7);
    assert_eq!(config.snapshot_every.get(), 1_000);
}

#[test]
fn lists_are_repeated_as_flags_and_separated_by_commas_in_the_environment() {
    let boards = |settings: Settings| settings.complete().boards.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(boards(flags(&["--board", "a", "--board", "b"])), ["a", "b"]);
    assert_eq!(boards(environment(&[("TIDEBOARD_BOARD", "a,b")]).unwrap()), ["a", "b"]);
    assert_eq!(boards(file("boards = ['a', 'b']").unwrap()), ["a", "b"]);
    assert_eq!(boards(Settings::default()), ["main"]);
}

#[test]
fn a_bad_variable_is_named_with_what_is_allowed() {
    let error = environment(&[("TIDEBOARD_HOST_RATE_HZ", "1000")]).unwrap_err().to_string();
    assert!(error.contains("TIDEBOARD_HOST_RATE_HZ") && error.contains("0.001 to 100"), "{error}");
    let error = environment(&[("TIDEBOARD_STORE", "disk")]).unwrap_err().to_string();
    assert!(error.contains("TIDEBOARD_STORE") && error.contains("sqlite, memory"), "{error}");
}

#[test]
fn a_number_out_of_its_range_is_refused_wherever_it_comes_from() {
    let error = environment(&[("TIDEBOARD_MAX_BOARDS", "0")]).unwrap_err().to_string();
    assert!(error.contains("TIDEBOARD_MAX_BOARDS") && error.contains("1 to 100000"), "{error}");
    let error = file("history_events = 10000001").unwrap_err().to_string();
    assert!(error.contains("line 1") && error.contains("0 to 10000000"), "{error}");
    let config = flags(&["--history-events", "0", "--max-boards", "7"]).complete();
    assert_eq!((config.history_events.get(), config.max_boards.get()), (0, 7));
}

#[test]
fn a_bad_or_unknown_setting_in_the_file_is_named_with_its_line() {
    let error = file("\nhost_rate_hz = -1.0").unwrap_err().to_string();
    assert!(error.contains("line 2") && error.contains("0.001 to 100"), "{error}");
    let error = file("prot = 3000").unwrap_err().to_string();
    assert!(error.contains("prot") && error.contains("expected one of") && error.contains("bind"), "{error}");
    assert!(matches!(Settings::from_file(std::path::Path::new("/no/such")), Err(ConfigError::Unreadable { .. })));
}

#[test]
fn an_address_is_an_ip_or_localhost_with_a_port() {
    for (text, address) in [("localhost:0", "127.0.0.1:0"), ("[::1]:80", "[::1]:80"), ("0.0.0.0:1", "0.0.0.0:1")] {
        assert_eq!(flags(&["--bind", text]).complete().bind.to_string(), address);
    }
    let error = file("bind = '3000'").unwrap_err().to_string();
    assert!(error.contains("line 1") && error.contains("127.0.0.1:3000"), "{error}");
}

#[test]
fn variables_of_other_programs_are_left_alone() {
    assert_eq!(environment(&[("PATH", "/bin"), ("TIDEBOARD_LOG", "debug")]).unwrap(), Settings::default());
    let insecure = environment(&[("TIDEBOARD_INSECURE", "true")]).unwrap();
    assert!(insecure.complete().insecure);
}
