//! Files that are sent as `multipart/form-data`, held whole: their readers need them so.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;

use super::error::{ApiError, Problem};
use super::{Shared, UPLOAD_MAX};
use crate::app::AppError;
use crate::app::attachments::FILE_MAX;
use crate::app::imports::SentFile;

/// Files of one request.
const FILES_MAX: usize = 4;

/// The files of a request by the names of their fields.
#[derive(Debug)]
pub struct SentFiles(Vec<(String, SentFile)>);

impl SentFiles {
    /// Takes the file of a field.
    pub fn take(&mut self, field: &str) -> Option<SentFile> {
        let place = self.0.iter().position(|(name, _)| name == field)?;
        Some(self.0.swap_remove(place).1)
    }

    /// Takes the file of the field `file`.
    ///
    /// # Errors
    /// There is none.
    pub fn file(&mut self) -> Result<SentFile, AppError> {
        let missing = "没有文件：请放在 file 项里，并带文件名";
        self.take("file").ok_or_else(|| AppError::invalid("file", "missing-value", missing))
    }

    /// Nothing is left that nobody takes.
    ///
    /// # Errors
    /// Names the field.
    pub fn done(self) -> Result<(), AppError> {
        let Some((name, _)) = self.0.into_iter().next() else { return Ok(()) };
        let message = "这里没有这一项文件，或它出现了两次；请核对各项的名字";
        Err(AppError::invalid(&crate::domain::text::shown(&name), "unknown-part", message))
    }
}

/// The one file of a request, the field `file`, no longer than a file that is kept may be.
#[derive(Debug)]
pub struct OneFile(pub SentFile);

impl FromRequest<Shared> for OneFile {
    type Rejection = ApiError;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, ApiError> {
        let mut files = SentFiles::read(request, shared, FILE_MAX).await?;
        let file = files.file()?;
        let more = |_| AppError::invalid("file", "one-file", "每次上传一个文件，放在 file 项里");
        files.done().map_err(more)?;
        Ok(Self(file))
    }
}

impl FromRequest<Shared> for SentFiles {
    type Rejection = ApiError;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, ApiError> {
        Self::read(request, shared, UPLOAD_MAX).await
    }
}

impl SentFiles {
    /// Reads files of no more than `max` bytes each, and no further.
    async fn read(request: Request, shared: &Shared, max: usize) -> Result<Self, ApiError> {
        let mut form = Multipart::from_request(request, shared).await.map_err(|_| {
            let title = "请用 multipart/form-data 上传，文件放在 file 项里";
            Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-multipart", title)
        })?;
        let mut files = Vec::new();
        while let Some(field) = form.next_field().await.map_err(|error| broken(&error, max))? {
            // What guards the form of a page (`pages::forms`).
            if matches!(field.name(), Some("csrf" | "once")) && field.file_name().is_none() {
                continue;
            }
            let (Some(part), Some(name)) = (field.name().map(str::to_owned), field.file_name().map(str::to_owned))
            else {
                return Err(AppError::invalid("file", "not-a-file", "每一项都应是带文件名的文件").into());
            };
            if files.len() == FILES_MAX {
                return Err(AppError::invalid("file", "too-many", format!("一次最多 {FILES_MAX} 个文件")).into());
            }
            files.push((part, SentFile { name, bytes: content(field, max).await? }));
        }
        Ok(Self(files))
    }
}

async fn content(mut field: Field<'_>, max: usize) -> Result<Vec<u8>, ApiError> {
    let mut content = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error, max))? {
        if content.len() + chunk.len() > max {
            return Err(too_large(max).into());
        }
        content.extend_from_slice(&chunk);
    }
    Ok(content)
}

fn broken(error: &MultipartError, max: usize) -> ApiError {
    let problem = match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(max),
        _ => Problem::new(StatusCode::BAD_REQUEST, "broken-body", "文件没有完整收到，请重新上传"),
    };
    problem.into()
}

fn too_large(max: usize) -> Problem {
    let title = format!("文件超过 {} MB：请压缩或拆分后再上传", max >> 20);
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "file-too-large", title)
}
