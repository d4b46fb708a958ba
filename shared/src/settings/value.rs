//! Kinds of settings: each type knows its unit and its range, and no value outside it exists.
//!
//! In: numbers in code, text and numbers from elsewhere. Out: checked values, or what is allowed instead.

use std::{path::PathBuf, time::Duration};

use humantime_serde::re::humantime;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, de::DeserializeOwned};
use serde_json::Value;

use crate::BoardId;

/// A type that a setting can have.
pub trait Setting: Serialize + DeserializeOwned {
    /// Unit or kind, in a word.
    const KIND: &'static str;
    /// Number of values.
    const SHAPE: Shape = Shape::One;

    /// Values that are taken, in words.
    #[must_use]
    fn allowed() -> String;

    /// Reads text as a flag or a variable has it: JSON without the quotes around text.
    ///
    /// # Errors
    /// When it is no value of this type.
    fn parse(text: &str) -> Result<Self, OutOfRange> {
        let as_text = Self::deserialize(Value::from(text)).ok();
        let value = as_text.or_else(|| serde_json::from_str(text).ok());
        value.ok_or_else(|| out_of_range::<Self>(text))
    }

    /// Writes what [`Self::parse`] reads; `None` for no value.
    #[must_use]
    fn text(&self) -> Option<String> {
        match serde_json::to_value(self).ok()? {
            Value::Null => None,
            Value::String(text) => Some(text),
            value => Some(value.to_string()),
        }
    }
}

/// Number of values that a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Exactly one value.
    One,
    /// True or false; the name alone is true.
    Switch,
    /// Any number of values.
    List,
}

/// Refusal of a value that a setting does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value} is not allowed here; allowed: {allowed}")]
pub struct OutOfRange {
    /// Value that was refused.
    pub value: String,
    /// Values that are allowed, in words.
    pub allowed: String,
}

fn out_of_range<T: Setting>(value: impl ToString) -> OutOfRange {
    OutOfRange { value: value.to_string(), allowed: T::allowed() }
}

/// A duration of `MIN_MS` to `MAX_MS` milliseconds. In JSON a number with its unit: `"250ms"`, `"1m 30s"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span<const MIN_MS: u64, const MAX_MS: u64>(Duration);

impl<const MIN_MS: u64, const MAX_MS: u64> Span<MIN_MS, MAX_MS> {
    /// The duration.
    #[must_use]
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl<const MIN_MS: u64, const MAX_MS: u64> TryFrom<Duration> for Span<MIN_MS, MAX_MS> {
    type Error = OutOfRange;

    fn try_from(value: Duration) -> Result<Self, OutOfRange> {
        let range = Duration::from_millis(MIN_MS)..=Duration::from_millis(MAX_MS);
        if range.contains(&value) { Ok(Self(value)) } else { Err(out_of_range::<Self>(text(value))) }
    }
}

impl<const MIN_MS: u64, const MAX_MS: u64> Setting for Span<MIN_MS, MAX_MS> {
    const KIND: &'static str = "duration";

    fn allowed() -> String {
        let [min, max] = [MIN_MS, MAX_MS].map(|ms| text(Duration::from_millis(ms)));
        format!("{min} to {max}")
    }
}

impl<const MIN_MS: u64, const MAX_MS: u64> Serialize for Span<MIN_MS, MAX_MS> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(self.0))
    }
}

impl<'de, const MIN_MS: u64, const MAX_MS: u64> Deserialize<'de> for Span<MIN_MS, MAX_MS> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = humantime_serde::deserialize::<Duration, D>(deserializer)?;
        Self::try_from(value).map_err(de::Error::custom)
    }
}

fn text(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}

/// A span in code. In a `const`, as all defaults are, one out of range does not compile.
///
/// # Panics
/// When it is out of the type's range.
#[must_use]
pub const fn millis<const MIN_MS: u64, const MAX_MS: u64>(n: u64) -> Span<MIN_MS, MAX_MS> {
    assert!(MIN_MS <= n && n <= MAX_MS, "out of the span's range");
    Span(Duration::from_millis(n))
}

/// Like [`millis`], in seconds.
///
/// # Panics
/// When it is out of the type's range.
#[must_use]
pub const fn secs<const MIN_MS: u64, const MAX_MS: u64>(n: u64) -> Span<MIN_MS, MAX_MS> {
    millis(n * 1_000)
}

/// Like [`millis`], in minutes.
///
/// # Panics
/// When it is out of the type's range.
#[must_use]
pub const fn mins<const MIN_MS: u64, const MAX_MS: u64>(n: u64) -> Span<MIN_MS, MAX_MS> {
    secs(n * 60)
}

/// Defines a whole number with a range.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $(#[$new_doc:meta])* $new:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name<const MIN: u32, const MAX: u32>(u32);

        impl<const MIN: u32, const MAX: u32> $name<MIN, MAX> {
            /// The number.
            #[must_use]
            pub const fn get(self) -> usize {
                self.0 as usize
            }
        }

        impl<const MIN: u32, const MAX: u32> From<$name<MIN, MAX>> for u32 {
            fn from(number: $name<MIN, MAX>) -> Self {
                number.0
            }
        }

        impl<const MIN: u32, const MAX: u32> TryFrom<i64> for $name<MIN, MAX> {
            type Error = OutOfRange;

            fn try_from(value: i64) -> Result<Self, OutOfRange> {
                let number = u32::try_from(value).ok().filter(|n| (MIN..=MAX).contains(n));
                number.map(Self).ok_or_else(|| out_of_range::<Self>(value))
            }
        }

        impl<const MIN: u32, const MAX: u32> Setting for $name<MIN, MAX> {
            const KIND: &'static str = $kind;

            fn allowed() -> String {
                format!("{MIN} to {MAX}")
            }
        }

        impl<'de, const MIN: u32, const MAX: u32> Deserialize<'de> for $name<MIN, MAX> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::try_from(i64::deserialize(deserializer)?).map_err(de::Error::custom)
            }
        }

        $(#[$new_doc])*
        ///
        /// # Panics
        /// When it is out of the type's range.
        #[must_use]
        pub const fn $new<const MIN: u32, const MAX: u32>(n: u32) -> $name<MIN, MAX> {
            assert!(MIN <= n && n <= MAX, "out of the number's range");
            $name(n)
        }
    };
}

number!(
    /// A number of things, `MIN` to `MAX`.
    Count, "count",
    /// A count in code. In a `const`, as all defaults are, one out of range does not compile.
    count
);
number!(
    /// A size of `MIN` to `MAX` bytes.
    Bytes, "bytes",
    /// A size in code. In a `const`, as all defaults are, one out of range does not compile.
    bytes
);
number!(
    /// A time of `MIN` to `MAX` milliseconds.
    Millis, "ms",
    /// A time in milliseconds in code. In a `const`, as all defaults are, one out of range does not compile.
    milliseconds
);
impl<const MIN: u32, const MAX: u32> Millis<MIN, MAX> {
    /// Time as a duration.
    #[must_use]
    pub const fn duration(self) -> Duration {
        Duration::from_millis(self.0 as u64)
    }
}

number!(
    /// A rate of `MIN` to `MAX` times a second.
    Hertz, "Hz",
    /// A rate in code. In a `const`, as all defaults are, one out of range does not compile.
    hertz
);

/// A factor of `MIN_PERCENT` to `MAX_PERCENT` percent; 1.5 in JSON is 150 percent.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Factor<const MIN_PERCENT: u32, const MAX_PERCENT: u32>(f64);

impl<const MIN_PERCENT: u32, const MAX_PERCENT: u32> Factor<MIN_PERCENT, MAX_PERCENT> {
    /// The factor.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl<const MIN_PERCENT: u32, const MAX_PERCENT: u32> TryFrom<f64> for Factor<MIN_PERCENT, MAX_PERCENT> {
    type Error = OutOfRange;

    fn try_from(value: f64) -> Result<Self, OutOfRange> {
        let percent = value * 100.0;
        let is_allowed = f64::from(MIN_PERCENT) <= percent && percent <= f64::from(MAX_PERCENT);
        if is_allowed { Ok(Self(value)) } else { Err(out_of_range::<Self>(value)) }
    }
}

impl<const MIN_PERCENT: u32, const MAX_PERCENT: u32> Setting for Factor<MIN_PERCENT, MAX_PERCENT> {
    const KIND: &'static str = "factor";

    fn allowed() -> String {
        let [min, max] = [MIN_PERCENT, MAX_PERCENT].map(|percent| f64::from(percent) / 100.0);
        format!("{min} to {max}")
    }
}

impl<'de, const MIN_PERCENT: u32, const MAX_PERCENT: u32> Deserialize<'de> for Factor<MIN_PERCENT, MAX_PERCENT> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(f64::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A factor in code, in percent. In a `const`, as all defaults are, one out of range does not compile.
///
/// # Panics
/// When it is out of the type's range.
#[must_use]
pub const fn percent<const MIN_PERCENT: u32, const MAX_PERCENT: u32>(n: u32) -> Factor<MIN_PERCENT, MAX_PERCENT> {
    assert!(MIN_PERCENT <= n && n <= MAX_PERCENT, "out of the factor's range");
    Factor(n as f64 / 100.0)
}

impl Setting for bool {
    const KIND: &'static str = "switch";
    const SHAPE: Shape = Shape::Switch;

    fn allowed() -> String {
        "true, false".into()
    }
}

impl<T: Setting> Setting for Option<T> {
    const KIND: &'static str = T::KIND;
    const SHAPE: Shape = T::SHAPE;

    fn allowed() -> String {
        format!("{}, or null", T::allowed())
    }
}

impl<T: Setting> Setting for Vec<T> {
    const KIND: &'static str = T::KIND;
    const SHAPE: Shape = Shape::List;

    fn allowed() -> String {
        T::allowed()
    }

    fn parse(text: &str) -> Result<Self, OutOfRange> {
        text.split(',').map(T::parse).collect()
    }

    fn text(&self) -> Option<String> {
        let all: Option<Vec<_>> = self.iter().map(T::text).collect();
        all.filter(|all| !all.is_empty()).map(|all| all.join(","))
    }
}

impl Setting for String {
    const KIND: &'static str = "text";

    fn allowed() -> String {
        "any".into()
    }
}

impl Setting for PathBuf {
    const KIND: &'static str = "folder";

    fn allowed() -> String {
        "any".into()
    }
}

impl Setting for BoardId {
    const KIND: &'static str = "name";

    fn allowed() -> String {
        "1 to 128 characters, no control characters, / or *".into()
    }
}

/// Makes a plain enum, `snake_case` in JSON, a kind of setting.
#[macro_export]
macro_rules! choices {
    ($name:ident: $($variant:ident = $text:literal),+ $(,)?) => {
        impl $crate::settings::Setting for $name {
            const KIND: &'static str = "choice";

            fn allowed() -> String {
                // Exhaustive, so that a new variant is not forgotten here.
                const fn text(choice: &$name) -> &'static str {
                    match choice {
                        $($name::$variant => $text),+
                    }
                }
                [$(text(&$name::$variant)),+].join(", ")
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_outside_its_range_is_refused_with_what_is_allowed() {
        type Delay = Span<500, 90_000>;
        let refuse = |value| serde_json::from_value::<Delay>(value).unwrap_err().to_string();
        assert_eq!(refuse(json!("499ms")), "499ms is not allowed here; allowed: 500ms to 1m 30s");
        assert_eq!(refuse(json!("91s")), "1m 31s is not allowed here; allowed: 500ms to 1m 30s");
        assert_eq!(Delay::try_from(Duration::from_secs(90)).map(Span::get), Ok(Duration::from_secs(90)));

        type Few = Count<1, 5>;
        let refuse = |value| serde_json::from_value::<Few>(value).unwrap_err().to_string();
        assert_eq!(refuse(json!(0)), "0 is not allowed here; allowed: 1 to 5");
        assert_eq!(refuse(json!(-1)), "-1 is not allowed here; allowed: 1 to 5");
        assert_eq!(refuse(json!(4_294_967_297_u64)), "4294967297 is not allowed here; allowed: 1 to 5");
        assert_eq!(Few::try_from(5).map(Few::get), Ok(5));

        type Growth = Factor<100, 1_000>;
        for bad in [0.99, 10.01, f64::NAN, f64::INFINITY] {
            assert!(Growth::try_from(bad).is_err(), "{bad}");
        }
        assert_eq!(Growth::try_from(1.5).map(Factor::get), Ok(1.5));
    }

    #[test]
    fn values_survive_json() {
        let delay: Span<0, 100_000> = millis(90_250);
        assert_eq!(serde_json::to_value(delay).unwrap(), json!("1m 30s 250ms"));
        assert_eq!(serde_json::from_value::<Span<0, 100_000>>(json!("1m 30s 250ms")).unwrap(), delay);
        let factor: Factor<100, 300> = percent(233);
        let text = serde_json::to_string(&factor).unwrap();
        assert_eq!(serde_json::from_str::<Factor<100, 300>>(&text).unwrap(), factor);
    }
}
