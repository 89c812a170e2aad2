//! Files that are given back: as downloads only, never shown by the browser as pages of this site.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::app::AppError;

/// A file as a download.
///
/// # Errors
/// [`AppError::Internal`] if its kind cannot stand in a header.
pub fn file(name: &str, media_type: &str, content: Vec<u8>) -> Result<Response, AppError> {
    let text = |text: &str| HeaderValue::from_str(text).map_err(|e| AppError::Internal(e.to_string()));
    let headers: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, text(media_type)?),
        (header::CONTENT_DISPOSITION, text(&format!("attachment; filename*=UTF-8''{}", encoded(name)))?),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
    ];
    Ok((headers, content).into_response())
}

/// A name as RFC 8187 has it in a header.
fn encoded(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&b);
    name.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
