//! The reason why nothing can be stored, while there is one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::log::LogError;

/// Failure of the last write, shared by the writer and those who ask about it.
#[derive(Debug, Clone, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<LogError>>>);

impl Trouble {
    /// Notes how a write ended. The beginning and the end of a trouble are told, what lies between is not. A write that
    /// was wrong in itself says nothing of the disk.
    pub(super) fn note(&self, written: &Result<(), LogError>) {
        if !matches!(written, Ok(()) | Err(LogError::Unavailable(_) | LogError::Unknown(_))) {
            return;
        }
        let mut trouble = self.lock();
        match (written, &*trouble) {
            (Err(error), None) => tracing::error!(%error, "the log cannot be written to"),
            (Ok(()), Some(_)) => tracing::info!("the log can be written to again"),
            (Ok(()), None) | (Err(_), Some(_)) => {}
        }
        *trouble = written.clone().err();
    }

    /// Says whether the last write succeeded.
    pub(super) fn is_over(&self) -> bool {
        self.lock().is_none()
    }

    /// The failure, in words.
    pub(super) fn why(&self) -> Option<String> {
        self.lock().as_ref().map(ToString::to_string)
    }

    fn lock(&self) -> MutexGuard<'_, Option<LogError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
