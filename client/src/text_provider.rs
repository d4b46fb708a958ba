use std::{fmt, future::Future, pin::Pin, rc::Rc};

use yew::AttrValue;

type Asked = Pin<Box<dyn Future<Output = Result<String, String>>>>;

/// Gives a text whenever it is asked, such as a fresh token or an address that carries one.
#[derive(Clone)]
pub struct TextProvider(Rc<dyn Fn() -> Asked>);

impl TextProvider {
    /// From a function. An error says why there is no text.
    pub fn new<F>(ask: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<String, String>> + 'static,
    {
        Self(Rc::new(move || Box::pin(ask())))
    }

    pub(crate) fn ask(&self) -> Asked {
        (self.0)()
    }
}

impl From<AttrValue> for TextProvider {
    fn from(text: AttrValue) -> Self {
        Self::new(move || std::future::ready(Ok(text.to_string())))
    }
}

impl PartialEq for TextProvider {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for TextProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TextProvider")
    }
}
