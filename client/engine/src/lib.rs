//! Tideboard.
