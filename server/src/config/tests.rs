use std::io::Write;

use clap::FromArgMatches;

use super::*;

fn flags(arguments: &[&str]) -> Result<Given, clap::Error> {
    let command = Given::augment_args(Command::new("test").no_binary_name(true));
    Given::from_arg_matches(&command.try_get_matches_from(arguments)?)
}

fn config(arguments: &[&str]) -> Config {
    Config::default().with(&flags(arguments).unwrap())
}

fn file(text: &str) -> Result<Config, ConfigError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    Config::from_file(file.path())
}

#[test]
fn a_flag_beats_the_file_and_the_file_beats_the_default() {
    let file = file("bind = '127.0.0.1:3'\ndata_dir = 'file'\nretain_events = 7").unwrap();
    let config = file.with(&flags(&["--bind", "127.0.0.1:1"]).unwrap());
    assert_eq!(config.bind, Bind::localhost(1));
    assert_eq!(config.data_dir, PathBuf::from("file"));
    assert_eq!(config.retain_events.get(), 7);
    assert_eq!(config.snapshot_every.get(), 1_000);
}

#[test]
fn lists_are_repeated_or_separated_by_commas() {
    let names = |config: Config| config.boards.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(config(&["--board", "a", "--board", "b"])), ["a", "b"]);
    assert_eq!(names(config(&["--board", "a,b"])), ["a", "b"]);
    assert_eq!(names(file("boards = ['a', 'b']").unwrap()), ["a", "b"]);
    assert_eq!(names(config(&[])), ["main"]);
}

#[test]
fn a_switch_needs_no_value() {
    assert!(config(&["--insecure"]).insecure);
    assert!(!config(&["--insecure=false"]).insecure);
}

#[test]
fn a_value_out_of_its_range_is_refused_wherever_it_comes_from() {
    for (flag, value, allowed) in [
        ("max-boards", "0", "1 to 100000"),
        ("history-events", "10000001", "0 to 10000000"),
        ("host-rate-hz", "-1", "0.001 to 100, or 0"),
        ("host-rate-hz", "fast", "0.001 to 100, or 0"),
        ("store", "disk", "sqlite, memory"),
        ("bind", "here", "127.0.0.1:3000"),
        ("board", "a/b", "no control characters, / or *"),
        ("workers", "0", "1 to 1024"),
    ] {
        let argument = format!("--{flag}={value}");
        let error = flags(&[&argument]).unwrap_err().to_string();
        let expected = format!("flag --{flag}: {value} is not allowed here; allowed: ");
        assert!(error.contains(&expected) && error.contains(allowed), "{error}");
    }
    let error = file("history_events = 10000001").unwrap_err().to_string();
    assert!(error.contains("line 1") && error.contains("0 to 10000000"), "{error}");
}

#[test]
fn a_bad_or_unknown_setting_in_the_file_is_named_with_its_line() {
    let error = file("\nhost_rate_hz = -1.0").unwrap_err().to_string();
    assert!(error.contains("line 2") && error.contains("0.001 to 100"), "{error}");
    let error = file("bind = '3000'").unwrap_err().to_string();
    assert!(error.contains("line 1") && error.contains("127.0.0.1:3000"), "{error}");
    let error = file("prot = 3000").unwrap_err().to_string();
    assert!(error.contains("prot") && error.contains("expected one of") && error.contains("bind"), "{error}");
    assert!(matches!(Config::from_file(Path::new("/no/such")), Err(ConfigError::Unreadable { .. })));
}

#[test]
fn an_address_is_an_ip_or_localhost_with_a_port() {
    for (text, address) in [("localhost:0", "127.0.0.1:0"), ("[::1]:80", "[::1]:80"), ("0.0.0.0:1", "0.0.0.0:1")] {
        assert_eq!(config(&["--bind", text]).bind.0.to_string(), address);
    }
}

#[test]
fn help_says_range_and_default_of_every_setting() {
    let help = Given::augment_args(Command::new("test")).render_long_help().to_string();
    for row in rows::<Config>() {
        assert!(help.contains(&format!("--{}", flag(&row))) && help.contains(&variable(&row)), "{}", row.path);
    }
    for text in ["1 to 100000. Default 1000", "0.001 to 100, or 0. Default 1", "Sqlite, memory. Default sqlite"] {
        assert!(help.contains(text), "{text}: {help}");
    }
}
