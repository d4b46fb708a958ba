//! Random bits, for names and seeds.

use gloo::utils::window;
use js_sys::Uint8Array;

/// Random bits from the browser's generator for keys; from the ordinary one where that is missing.
pub(crate) fn random() -> u64 {
    let bytes = Uint8Array::new_with_length(8);
    let is_filled = window().crypto().is_ok_and(|crypto| crypto.get_random_values_with_js_u8_array(&bytes).is_ok());
    if is_filled {
        let mut filled = [0; 8];
        bytes.copy_to(&mut filled);
        return u64::from_le_bytes(filled);
    }
    let half = || u64::from((js_sys::Math::random() * f64::from(u32::MAX)) as u32);
    half() << 32 | half()
}
