//! Numbers as people read them: units, ages, clock times.
//!
//! In: plain numbers. Out: short texts whose width hardly changes while the value does. Never: a clock, a locale, a web type.

use std::time::Duration;

use tideboard_shared::UnixMs;

/// Unit of a number: it decides how the number reads and where an axis puts its ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// A bare number.
    #[default]
    Plain,
    /// A share of one: 0.42 reads `42%`.
    Ratio,
    /// Bytes: `12.4 GiB`.
    Bytes,
    /// Bytes a second: `1.2 MiB/s`.
    BytesPerSecond,
    /// Milliseconds, shortened to seconds and more: `0.42 ms`, `12 ms`, `1.2 s`.
    Milliseconds,
}

impl Unit {
    /// The value with its unit; `–` when it is no number.
    #[must_use]
    pub fn format(self, value: f64) -> String {
        if !value.is_finite() {
            return "–".into();
        }
        match self {
            Self::Plain => number(value),
            Self::Ratio => percent(value),
            Self::Bytes => bytes(value),
            Self::BytesPerSecond => format!("{}/s", bytes(value)),
            Self::Milliseconds => milliseconds(value),
        }
    }

    /// Tells whether round numbers of this unit are powers of two.
    #[must_use]
    pub fn is_binary(self) -> bool {
        match self {
            Self::Bytes | Self::BytesPerSecond => true,
            Self::Plain | Self::Ratio | Self::Milliseconds => false,
        }
    }
}

/// Bytes in binary units with about three digits: `512 B`, `1.5 KiB`, `12.4 GiB`, `128 GiB`.
#[must_use]
pub fn bytes(value: f64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    // The next unit from 1,000 on, not from 1,024: four digits would be wider than any other value.
    if value.abs() < 999.5 {
        return format!("{value:.0} B");
    }
    let mut scaled = value / 1024.0;
    let mut unit = 0;
    while scaled.abs() >= 999.5 && unit + 1 < UNITS.len() {
        scaled /= 1024.0;
        unit += 1;
    }
    format!("{} {}", short_decimal(scaled), UNITS[unit])
}

/// A length of time with about two digits: `0.42 ms`, `12 ms`, `1.2 s`, `45 s`, `2.5 min`, `1.5 h`.
#[must_use]
pub fn milliseconds(value: f64) -> String {
    match value.abs() {
        0.0 => "0 ms".into(),
        size if size < 0.0995 => format!("{} ms", trimmed(&format!("{value:.3}"))),
        size if size < 9.95 => format!("{} ms", trimmed(&format!("{value:.2}"))),
        size if size < 999.5 => format!("{value:.0} ms"),
        size if size < 120_000.0 => format!("{} s", short_decimal(value / 1e3)),
        size if size < 7_200_000.0 => format!("{} min", short_decimal(value / 6e4)),
        _ => format!("{} h", short_decimal(value / 3.6e6)),
    }
}

/// A share of one as a percentage: one digit after the point below 10 %, none above.
#[must_use]
pub fn percent(ratio: f64) -> String {
    let percent = ratio * 100.0;
    match percent.abs() {
        size if size >= 1e6 => format!("{percent:.1e}%"),
        size if size == 0.0 || size >= 9.95 => format!("{percent:.0}%"),
        _ => format!("{percent:.1}%"),
    }
}

/// A plain number: at most two digits after the point, four below 0.1, thousands apart, millions and more shortened.
#[must_use]
pub fn number(value: f64) -> String {
    let size = value.abs();
    if size >= 999_950_000_000_000.0 {
        format!("{value:.1e}")
    } else if size >= 999_950_000_000.0 {
        format!("{}T", short_decimal(value / 1e12))
    } else if size >= 999_950_000.0 {
        format!("{}G", short_decimal(value / 1e9))
    } else if size >= 999_950.0 {
        format!("{}M", short_decimal(value / 1e6))
    } else if size >= 999.5 || value.fract() == 0.0 {
        grouped(&format!("{value:.0}"))
    } else {
        match size {
            size if size < 0.0001 => format!("{value:.1e}"),
            size if size < 0.1 => trimmed(&format!("{value:.4}")).to_owned(),
            _ => trimmed(&format!("{value:.2}")).to_owned(),
        }
    }
}

/// An amount with two digits after the point and thousands apart: `1,250.00`.
#[must_use]
pub fn amount(value: f64) -> String {
    grouped(&format!("{value:.2}"))
}

/// A length of time in its largest unit: `850 ms`, `12 s`, `3 min`, `2 h`, `4 d`.
#[must_use]
pub fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// Age in words: `just now`, `12 s ago`, `3 min ago`.
#[must_use]
pub fn ago(age: Duration) -> String {
    if age.as_secs() < 2 { "just now".into() } else { format!("{} ago", span(age)) }
}

/// `1 edit`, `3 edits`.
#[must_use]
pub fn count_of(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Exactness of a clock time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// `14:05`.
    Minutes,
    /// `14:05:09`.
    Seconds,
}

/// The time of day. `offset_min` is local time less UTC, in minutes.
#[must_use]
pub fn clock(at: UnixMs, offset_min: i32, precision: Precision) -> String {
    let local = i64::try_from(at.0 / 1000).unwrap_or_default() + i64::from(offset_min) * 60;
    let day = local.rem_euclid(86_400);
    let hours = day / 3_600;
    let minutes = day / 60 % 60;
    let seconds = day % 60;
    match precision {
        Precision::Minutes => format!("{hours:02}:{minutes:02}"),
        Precision::Seconds => format!("{hours:02}:{minutes:02}:{seconds:02}"),
    }
}

/// A decimal number's text without zeros at its end.
fn trimmed(text: &str) -> &str {
    text.trim_end_matches('0').trim_end_matches('.')
}

/// Short number: a digit after the point below 100 unless it is 0, none from there; by powers of ten from a million.
fn short_decimal(value: f64) -> String {
    if value.abs() >= 1e6 {
        return format!("{value:.1e}");
    }
    let text = if value.abs() < 99.95 { format!("{value:.1}") } else { format!("{value:.0}") };
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Puts a comma between the thousands of a decimal number's text.
fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + fraction
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn bytes_keep_about_three_digits() {
        let cases = [
            (0.0, "0 B"),
            (512.0, "512 B"),
            (999.4, "999 B"),
            (1000.0, "1 KiB"),
            (1000.0 * 1024.0 * 1024.0, "1 GiB"),
            (1536.0, "1.5 KiB"),
            (13_314_398_617.0, "12.4 GiB"),
            (137_438_953_472.0, "128 GiB"),
            (1024.0 * 1024.0 - 1.0, "1 MiB"),
            (-2048.0, "-2 KiB"),
        ];
        for (value, text) in cases {
            assert_eq!(bytes(value), text, "{value}");
        }
    }

    #[test]
    fn lengths_of_time_keep_about_two_digits() {
        let cases = [
            (0.0, "0 ms"),
            (0.004, "0.004 ms"),
            (0.42, "0.42 ms"),
            (0.1, "0.1 ms"),
            (2.5, "2.5 ms"),
            (12.34, "12 ms"),
            (999.4, "999 ms"),
            (1_200.0, "1.2 s"),
            (45_000.0, "45 s"),
            (150_000.0, "2.5 min"),
            (5_400_000.0, "90 min"),
            (9_000_000.0, "2.5 h"),
            (-1_500.0, "-1.5 s"),
        ];
        for (value, text) in cases {
            assert_eq!(Unit::Milliseconds.format(value), text, "{value}");
        }
    }

    #[test]
    fn no_number_takes_more_room_than_fifteen_characters() {
        for value in [1e12, 1e15, 1e18, 1.5e24, -3e300, f64::MAX] {
            for unit in [Unit::Plain, Unit::Bytes, Unit::BytesPerSecond, Unit::Milliseconds] {
                let text = unit.format(value);
                assert!(text.chars().count() <= 15, "{text}");
            }
        }
        assert_eq!(number(2.5e12), "2.5T");
        assert_eq!(number(3e18), "3.0e18");
        assert_eq!([0.05, 0.0042, -3e-7].map(number), ["0.05", "0.0042", "-3.0e-7"]);
    }

    #[test]
    fn ratios_read_as_percent() {
        let cases = [(0.0, "0%"), (0.042, "4.2%"), (0.0996, "10%"), (0.425, "42%"), (1.0, "100%")];
        for (value, text) in cases {
            assert_eq!(percent(value), text, "{value}");
        }
    }

    #[test]
    fn numbers_group_their_thousands_and_shorten_from_a_million() {
        let cases =
            [(0.0, "0"), (1.5, "1.5"), (0.333, "0.33"), (1234.0, "1,234"), (-1234567.0, "-1.2M"), (2.5e9, "2.5G")];
        for (value, text) in cases {
            assert_eq!(number(value), text, "{value}");
        }
        assert_eq!(amount(1250.0), "1,250.00");
        assert_eq!(amount(-0.5), "-0.50");
    }

    #[test]
    fn ages_use_their_largest_unit() {
        let cases = [(0, "just now"), (1, "just now"), (12, "12 s ago"), (200, "3 min ago"), (7300, "2 h ago")];
        for (seconds, text) in cases {
            assert_eq!(ago(Duration::from_secs(seconds)), text);
        }
        assert_eq!(span(Duration::from_millis(850)), "850 ms");
        assert_eq!(count_of(1, "edit", "edits"), "1 edit");
        assert_eq!(count_of(0, "edit", "edits"), "0 edits");
    }

    #[test]
    fn a_clock_time_is_local() {
        let at = UnixMs(1_763_710_000_000);
        assert_eq!(clock(at, 0, Precision::Seconds), "07:26:40");
        assert_eq!(clock(at, 60, Precision::Minutes), "08:26");
        assert_eq!(clock(at, -480, Precision::Minutes), "23:26");
    }

    #[test]
    fn what_is_no_number_reads_as_a_dash() {
        assert_eq!(Unit::Bytes.format(f64::NAN), "–");
        assert_eq!(Unit::BytesPerSecond.format(2048.0), "2 KiB/s");
    }
}
