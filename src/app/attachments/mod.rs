//! Attachments of needs: told by what they hold, kept in the store, given back as downloads only.

mod kind;
mod name;

use sha2::{Digest, Sha256};

use super::actor::Actor;
use super::error::AppError;
use super::imports::SentFile;
use super::needs::editable;
use super::{App, secrets};
use crate::domain::Action;
use crate::store::board::challenges::ChallengeRecord;
use crate::store::{Attachment, StoreError, Write};

pub use kind::FileKind;
pub use name::cleaned;

/// Bytes of a file, at most.
pub const FILE_MAX: usize = 20 << 20;
/// Files of a need, at most.
pub const FILES_MAX: i64 = 10;

/// A file that was looked into.
#[derive(Debug)]
pub(super) struct Told {
    /// With its ending, cleaned.
    pub name: String,
    pub kind: FileKind,
    pub sha256: [u8; 32],
    pub content: Vec<u8>,
}

/// Looks into a file.
///
/// # Errors
/// [`AppError::Invalid`] for a file that is too large, or of another kind than those allowed or than its
/// name says.
pub(super) async fn told(SentFile { name: given, bytes: content }: SentFile) -> Result<Told, AppError> {
    if content.len() > FILE_MAX {
        let message = format!("文件超过 {} MB：请压缩或拆分后再上传", FILE_MAX >> 20);
        return Err(AppError::invalid("file", "file-too-large", message));
    }
    let told = secrets::blocking(move || {
        let kind = FileKind::of(&content, &given)?;
        let sha256: [u8; 32] = Sha256::digest(&content).into();
        Ok(Told { name: name::cleaned(&given, kind), kind, sha256, content })
    });
    let told: Result<_, crate::domain::Fault> = told.await?;
    told.map_err(|fault| AppError::invalid("file", fault.code, fault.reason))
}

pub(super) fn same_file() -> AppError {
    AppError::conflict("same-file", "这个文件已经在附件里了")
}

impl App {
    /// Keeps a file with a draft.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a file of another kind than those allowed or than its name says, or
    /// one file too many; [`AppError::NotFound`]; [`AppError::Conflict`] if the need can no longer
    /// be changed or has the file already.
    pub async fn attachment_add(&self, actor: &Actor, need: &str, file: SentFile) -> Result<Attachment, AppError> {
        let found = self.need_for(actor, need, Action::NeedUpdate).await?;
        editable(&found)?;
        let told = told(file).await?;
        let mut write = self.store.begin().await?;
        write.need_hold(need, found.status).await?;
        if write.attachments_count(need, None).await? >= FILES_MAX {
            let message = format!("一个需求最多 {FILES_MAX} 个附件：请先删去不需要的");
            return Err(AppError::invalid("file", "too-many-files", message));
        }
        let attachment = self.attachment_keep(&mut write, actor, (need, None, None), told).await?;
        let detail = serde_json::json!({ "attachment": attachment.id });
        self.audit(&mut write, Some(actor), "attachment.add", format!("need:{need}"), detail).await?;
        write.commit().await?;
        Ok(attachment)
    }

    /// Keeps a file that was looked into with a need, or with its challenge, or there with the answer to a
    /// question.
    ///
    /// # Errors
    /// [`AppError::Conflict`] if the need has the file already.
    pub(super) async fn attachment_keep(
        &self,
        write: &mut Write,
        actor: &Actor,
        (need, challenge, question): (&str, Option<&str>, Option<&str>),
        told: Told,
    ) -> Result<Attachment, AppError> {
        let Told { name, kind, sha256, content } = told;
        let attachment = Attachment {
            id: self.new_id(),
            need: need.to_owned(),
            name,
            media_type: kind.media_type().to_owned(),
            size: content.len() as i64,
            sha256,
            by_account: actor.account.clone(),
            at: self.now(),
            challenge: challenge.map(str::to_owned),
            question: question.map(str::to_owned),
        };
        write.attachment_add(&attachment, content).await.map_err(|error| match error {
            StoreError::Conflict(_) => same_file(),
            other => other.into(),
        })?;
        Ok(attachment)
    }

    /// The attachments of a need, oldest first.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn attachments(&self, actor: &Actor, need: &str) -> Result<Vec<Attachment>, AppError> {
        self.need_get(actor, need).await?;
        Ok(self.store.attachments_of(need).await?)
    }

    /// An attachment with what it holds.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn attachment(&self, actor: &Actor, need: &str, id: &str) -> Result<(Attachment, Vec<u8>), AppError> {
        self.need_get(actor, need).await?;
        let missing = || AppError::NotFound("附件");
        let found = self.store.attachment(need, id).await?.ok_or_else(missing)?;
        // What a challenge keeps behind an agreement is not had another way.
        let challenge = match &found.challenge {
            Some(challenge) => self.store.challenge(challenge).await?,
            None => self.store.challenge_of_need(need).await?,
        };
        if let Some(challenge) = challenge.filter(ChallengeRecord::is_public) {
            self.documents_granted(Some(actor), &challenge).await?;
        }
        let content = self.store.attachment_content(id).await?.ok_or_else(missing)?;
        Ok((found, content))
    }

    /// Deletes an attachment of a draft.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Conflict`] if the need can no longer be changed.
    pub async fn attachment_delete(&self, actor: &Actor, need: &str, id: &str) -> Result<(), AppError> {
        let found = self.need_for(actor, need, Action::NeedUpdate).await?;
        editable(&found)?;
        self.store.attachment(need, id).await?.ok_or(AppError::NotFound("附件"))?;
        let mut write = self.store.begin().await?;
        write.need_hold(need, found.status).await?;
        write.attachment_delete(need, id).await?;
        let detail = serde_json::json!({ "attachment": id });
        self.audit(&mut write, Some(actor), "attachment.delete", format!("need:{need}"), detail).await?;
        Ok(write.commit().await?)
    }
}
