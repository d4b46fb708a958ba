use std::{collections::BTreeSet, time::Duration};

use serde_json::json;

use super::{tree::Node, *};

fn layer(name: &str, settings: serde_json::Value) -> Layer {
    Layer { name: name.into(), settings }
}

fn layered(layers: &[Layer]) -> Result<Config, ConfigErrors> {
    Config::layered(Preset::Production, layers)
}

fn problems(result: Result<impl std::fmt::Debug, ConfigErrors>) -> Vec<String> {
    result.unwrap_err().0.iter().map(ToString::to_string).collect()
}

#[test]
fn a_later_layer_replaces_only_what_it_names() {
    let config = layered(&[
        layer("build", json!({"connection": {"connect_timeout": "20s", "reconnect": {"base": "2s"}}})),
        layer("/config.json", json!({"connection": {"reconnect": {"base": "3s"}}, "features": {"undo": false}})),
    ])
    .unwrap();
    assert_eq!(config.connection.connect_timeout.get(), Duration::from_secs(20));
    assert_eq!(config.connection.reconnect.base.get(), Duration::from_secs(3));
    assert_eq!(config.connection.reconnect.max_delay.get(), Duration::from_secs(30));
    assert!(!config.features.undo && config.features.optimistic);
}

#[test]
fn every_problem_is_named_with_its_layer_its_path_and_what_is_allowed() {
    let result = layered(&[
        layer("build", json!({"optimistic": {"max_pending": 0}})),
        layer(
            "/config.json",
            json!({"colour": 1, "connection": {"reconnect": {"base": 5, "factor": 0.5}}, "sync": 3, "ui": {"theme": "pink"}}),
        ),
    ]);
    let problems = problems(result);
    assert_eq!(problems[0], "build: optimistic.max_pending: 0 is not allowed here; allowed: 1 to 100000 (count)");
    assert!(problems[1].starts_with("/config.json: colour: no such setting; there are connection, "), "{problems:?}");
    assert_eq!(
        problems[2..],
        [
            "/config.json: connection.reconnect.base: 5 is not allowed here; allowed: 10ms to 1m (duration)",
            "/config.json: connection.reconnect.factor: 0.5 is not allowed here; allowed: 1 to 10 (factor)",
            "/config.json: sync: 3 is no group of settings; expected an object",
            "/config.json: ui.theme: \"pink\" is not allowed here; allowed: system, light, dark (choice)",
        ]
    );
}

#[test]
fn text_that_is_no_json_is_refused_by_the_name_of_its_layer() {
    let problem = &problems(Layer::from_json("/config.json", "{colour"))[0];
    assert!(problem.starts_with("/config.json: settings: key must be a string"), "{problem}");
    assert_eq!(
        problems(layered(&[layer("props", json!([]))])),
        ["props: settings: [] is no group of settings; expected an object"]
    );
}

#[test]
fn null_takes_an_optional_setting_away() {
    let config = layered(&[layer("props", json!({"ui": {"toast_time": null}}))]).unwrap();
    assert_eq!(config.ui.toast_time, None);
    let refused = layered(&[layer("props", json!({"ui": {"max_toasts": null}}))]);
    assert_eq!(problems(refused), ["props: ui.max_toasts: null is not allowed here; allowed: 1 to 50 (count)"]);
}

#[test]
fn variables_name_settings_by_their_paths() {
    let variables = [
        ("TIDEBOARD_CONNECTION_RECONNECT_BASE", "2s"),
        ("TIDEBOARD_CONNECTION_RECONNECT_MAX_ATTEMPTS", "7"),
        ("TIDEBOARD_FEATURES_UNDO", "false"),
        ("TIDEBOARD_UI_TOAST_TIME", "null"),
        ("TIDEBOARD_STORE", "memory"),
        ("PATH", "/bin"),
    ];
    let config = layered(&[Layer::from_variables("build", variables).unwrap()]).unwrap();
    assert_eq!(config.connection.reconnect.base.get(), Duration::from_secs(2));
    assert_eq!(config.connection.reconnect.max_attempts.map(Count::get), Some(7));
    assert_eq!((config.features.undo, config.ui.toast_time), (false, None));

    let typo = Layer::from_variables("build", [("TIDEBOARD_CONNECTION_RECONECT_BASE", "2s")]);
    assert_eq!(problems(typo), ["build: TIDEBOARD_CONNECTION_RECONECT_BASE: this variable names no setting"]);
}

#[test]
fn no_two_settings_share_a_variable() {
    let rows = Config::default().rows();
    let variables: BTreeSet<_> = rows.iter().map(|row| row.path.replace('.', "_")).collect();
    assert_eq!(variables.len(), rows.len());
}

#[test]
fn a_tree_survives_json_and_an_unknown_name_is_refused() {
    for preset in Preset::ALL {
        let config = Config::layered(preset, &[]).unwrap();
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<Config>(&text).unwrap(), config);
    }
    assert!(serde_json::from_value::<Config>(json!({"connection": {"colour": 1}})).is_err());
}

#[test]
fn a_default_is_taken_by_its_own_setting() {
    let mut config = Config::default();
    let mut found = Vec::new();
    let value = serde_json::to_value(&config).unwrap();
    config.overlay("", &value, &mut found);
    assert_eq!((found.len(), config), (0, Config::default()));
}

#[test]
fn a_preset_differs_from_the_defaults_in_what_it_names_and_in_nothing_else() {
    for preset in Preset::ALL {
        let mut named = Vec::new();
        leaves(&preset.layer().settings, "", &mut named);
        let with = Config::layered(preset, &[]).unwrap().rows();
        let differing = Config::default().rows().into_iter().zip(with).filter(|(default, row)| default != row);
        let differing: BTreeSet<_> = differing.map(|(_, row)| row.path).collect();
        assert_eq!(differing, named.into_iter().collect(), "{preset:?}");
    }
}

fn leaves(value: &serde_json::Value, path: &str, found: &mut Vec<String>) {
    match value.as_object() {
        Some(group) => group.iter().for_each(|(name, value)| leaves(value, &tree::join(path, name), found)),
        None => found.push(path.to_owned()),
    }
}
