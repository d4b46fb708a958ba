//! Enums whose variants are told apart by a field, read without keeping their content in between.
//!
//! In: an object with the field, such as `type`. Out: the variant of that name. The derived way keeps the whole object,
//! as values of a kind of their own, until it has met the field, and then reads each variant from those: as much code
//! again as reading JSON takes.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, EnumAccess, Error as _, IntoDeserializer, VariantAccess, Visitor},
    forward_to_deserialize_any,
};
use serde_json::{Error, value::RawValue};

/// Declares an enum whose variant's name is a field among the variant's own.
macro_rules! tagged {
    (tag = $tag:literal; $(#[$meta:meta])* pub enum $name:ident { $($variants:tt)* }) => {
        $(#[$meta])*
        #[derive(serde::Serialize)]
        #[serde(tag = $tag, rename_all = "snake_case")]
        pub enum $name { $($variants)* }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                type This = $name;

                /// The enum as it is read where the variant's name is known before the rest.
                #[derive(serde::Deserialize)]
                #[serde(remote = "This", rename_all = "snake_case")]
                enum Named { $($variants)* }

                #[derive(serde::Deserialize)]
                struct Tag<'a> {
                    #[serde(rename = $tag, borrow)]
                    name: std::borrow::Cow<'a, str>,
                }

                $crate::tagged::read(deserializer, |text| {
                    let Tag { name } = serde_json::from_str(text)?;
                    Named::deserialize($crate::tagged::Tagged { name: &name, text })
                })
            }
        }
    };
}

pub(crate) use tagged;

/// Reads an object from its text.
pub(crate) fn read<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    from_text: impl FnOnce(&str) -> Result<T, Error>,
) -> Result<T, D::Error> {
    let text = Box::<RawValue>::deserialize(deserializer)?;
    from_text(text.get()).map_err(D::Error::custom)
}

/// Object and the name of its variant, as which it deserializes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tagged<'de> {
    pub(crate) name: &'de str,
    pub(crate) text: &'de str,
}

impl<'de> Deserializer<'de> for Tagged<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Tagged<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let name = IntoDeserializer::<Error>::into_deserializer(self.name);
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Tagged<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(&mut serde_json::Deserializer::from_str(self.text))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        serde_json::Deserializer::from_str(self.text).deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        serde_json::Deserializer::from_str(self.text).deserialize_map(visitor)
    }
}
