//! Documents of a challenge: the attachments of its need, those that its publisher adds afterwards, and
//! those of answers. Confidential ones are for who has agreed to keep them.

use serde_json::json;

use super::CHALLENGE;
use super::award::object;
use super::talk::{hash, is_publisher};
use crate::app::attachments::{Told, same_file, told};
use crate::app::error::AppError;
use crate::app::imports::SentFile;
use crate::app::{Actor, App};
use crate::domain::challenge::news::BoardNews;
use crate::domain::challenge::status::ChallengeStatus;
use crate::domain::challenge::talk::{AGREEMENT, AGREEMENT_VERSION, DOCUMENTS_MAX, takes_documents};
use crate::domain::challenge::{Attachments, Challenge};
use crate::domain::hex::hex;
use crate::domain::{Action, NeedStatus};
use crate::store::board::challenges::ChallengeRecord;
use crate::store::board::talk::{AgreementRow, QuestionRow};
use crate::store::{Attachment, Write};

/// Whether somebody may read the documents of a challenge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DocumentAccess {
    #[default]
    Granted,
    /// They may once they have agreed.
    AfterAgreement,
    /// The same, and they have to sign in first.
    AfterSigningIn,
}

impl App {
    /// Adds a document to an own challenge, or to the answer to a question about it; who watches it or
    /// bids is told once it is public.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for the file; [`AppError::NotFound`]; [`AppError::Conflict`] while an
    /// operator checks the challenge and after closing, or if it has the file already.
    pub async fn document_add(
        &self,
        actor: &Actor,
        (id, question): (&str, Option<&str>),
        file: SentFile,
    ) -> Result<Attachment, AppError> {
        let seen = self.challenge_for(actor, id, Action::ChallengeWrite).await?;
        if let Some(question) = question {
            let is_answered = |row: &QuestionRow| row.id == question && row.answer.is_some();
            let found = self.store.questions(id).await?.iter().any(is_answered);
            found.then_some(()).ok_or(AppError::NotFound("已答复的提问"))?;
        }
        let file = self.document_told(&seen, file).await?;
        let mut write = self.store.begin().await?;
        let found = write.challenge_hold(id).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        let now = self.time_in(&mut write).await?;
        if !takes_documents(found.status, &found.content, now) {
            let message = "现在不能添加附件：提交审核前，或发布后到揭榜截止前可以";
            return Err(AppError::conflict("no-documents-now", message));
        }
        let kept = self.document_keep(&mut write, actor, (&found, question), file).await?;
        if found.is_public() {
            self.tell_watchers(&mut write, &found, BoardNews::DocumentAdded, &kept.name).await?;
        }
        write.commit().await?;
        Ok(kept)
    }

    /// Looks into a file that is to be a document.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for the file, [`AppError::Conflict`] if the challenge or its need has it.
    pub(super) async fn document_told(&self, of: &ChallengeRecord, file: SentFile) -> Result<Told, AppError> {
        let told = told(file).await?;
        match self.documents(of).await?.iter().any(|document| document.sha256 == told.sha256) {
            true => Err(same_file()),
            false => Ok(told),
        }
    }

    pub(super) async fn document_keep(
        &self,
        write: &mut Write,
        actor: &Actor,
        (of, question): (&ChallengeRecord, Option<&str>),
        file: Told,
    ) -> Result<Attachment, AppError> {
        // Whoever else adds one waits, so that they are counted.
        write.need_hold(&of.need, NeedStatus::Challenge).await?;
        if write.attachments_count(&of.need, Some(&of.id)).await? >= DOCUMENTS_MAX as i64 {
            let message = format!("一个榜单最多 {DOCUMENTS_MAX} 个附件：请合并后再上传");
            return Err(AppError::invalid("file", "too-many-files", message));
        }
        let kept = self.attachment_keep(write, actor, (&of.need, Some(&of.id), question), file).await?;
        let detail = json!({ "document": kept.id, "sha256": hex(kept.sha256), "question": question });
        self.audit(write, Some(actor), "challenge.document", object(of), detail).await?;
        Ok(kept)
    }

    /// Deletes a document while its challenge is being prepared; later nothing is taken away, nor what the
    /// need was published with.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Conflict`] once the challenge was submitted.
    pub async fn document_delete(&self, actor: &Actor, id: &str, document: &str) -> Result<(), AppError> {
        let seen = self.challenge_for(actor, id, Action::ChallengeWrite).await?;
        let kept = self.store.attachment(&seen.need, document).await?;
        let kept = kept.filter(|kept| kept.challenge.as_deref() == Some(id)).ok_or(AppError::NotFound("附件"))?;
        let mut write = self.store.begin().await?;
        let found = write.challenge_hold(id).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        if found.status != ChallengeStatus::Preparing {
            return Err(AppError::conflict("not-editable", "榜单已提交或发布：附件只能增加，不能删去"));
        }
        write.attachment_delete(&found.need, &kept.id).await?;
        let detail = json!({ "document": kept.id });
        self.audit(&mut write, Some(actor), "challenge.document-delete", object(&found), detail).await?;
        Ok(write.commit().await?)
    }

    /// The documents of a challenge that somebody sees: what its need was published with, and what was
    /// added to it, not to another challenge of the need.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn documents(&self, of: &ChallengeRecord) -> Result<Vec<Attachment>, AppError> {
        let mut documents = self.store.attachments_of(&of.need).await?;
        documents.retain(|document| is_of(document, of));
        Ok(documents)
    }

    /// Agrees to keep the documents of a challenge; `version` is that of the text that was read.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Conflict`] if the text is another one by now.
    pub async fn agreement_make(&self, actor: &Actor, id: &str, version: i64) -> Result<(), AppError> {
        actor.require(Action::ChallengeTalk)?;
        self.challenge_public(id).await?;
        if version != AGREEMENT_VERSION {
            return Err(AppError::conflict("agreement-changed", "保密约定已更新：请重新阅读后再同意"));
        }
        let mut write = self.store.begin().await?;
        let at = self.time_in(&mut write).await?;
        let agreement = AgreementRow {
            account: actor.account.clone(),
            text_version: AGREEMENT_VERSION,
            text: AGREEMENT.to_owned(),
            at,
        };
        write.agreement_add(id, &agreement).await?;
        let detail = json!({ "version": AGREEMENT_VERSION, "text": hash(AGREEMENT) });
        self.audit(&mut write, Some(actor), "challenge.agree", format!("challenge:{id}"), detail).await?;
        Ok(write.commit().await?)
    }

    /// What somebody has agreed to for a challenge, newest text first.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn agreements(&self, actor: &Actor, id: &str) -> Result<Vec<AgreementRow>, AppError> {
        actor.require(Action::ChallengeTalk)?;
        Ok(self.store.agreements(id, &actor.account).await?)
    }

    pub(super) async fn document_access(
        &self,
        actor: Option<&Actor>,
        of: &ChallengeRecord,
    ) -> Result<DocumentAccess, AppError> {
        let Challenge { attachments, .. } = &of.content;
        let Some(actor) = actor else {
            return Ok(match attachments {
                Attachments::Public => DocumentAccess::Granted,
                Attachments::AfterAgreement => DocumentAccess::AfterSigningIn,
            });
        };
        let sees_all = is_publisher(actor, of) || actor.require(Action::ChallengeDecide).is_ok();
        if *attachments == Attachments::Public || sees_all {
            return Ok(DocumentAccess::Granted);
        }
        let agreed = self.store.agreements(&of.id, &actor.account).await?;
        let is_agreed = agreed.iter().any(|agreement| agreement.text_version == AGREEMENT_VERSION);
        Ok(if is_agreed { DocumentAccess::Granted } else { DocumentAccess::AfterAgreement })
    }

    /// # Errors
    /// [`AppError::Unauthenticated`] and [`AppError::Forbidden`] where an agreement is needed first.
    pub(in crate::app) async fn documents_granted(
        &self,
        actor: Option<&Actor>,
        of: &ChallengeRecord,
    ) -> Result<(), AppError> {
        match self.document_access(actor, of).await? {
            DocumentAccess::Granted => Ok(()),
            DocumentAccess::AfterSigningIn => Err(AppError::Unauthenticated),
            DocumentAccess::AfterAgreement => {
                let message = "下载前须先在榜单页同意保密约定".to_owned();
                Err(AppError::Forbidden { code: "agreement-required", message })
            }
        }
    }

    /// The documents of a public challenge, whether or not they may be read.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn challenge_documents(
        &self,
        actor: Option<&Actor>,
        id: &str,
    ) -> Result<(Vec<Attachment>, DocumentAccess), AppError> {
        let found = self.challenge_public(id).await?;
        let access = self.document_access(actor, &found).await?;
        Ok((self.documents(&found).await?, access))
    }

    /// A document of a public challenge with what it holds.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Unauthenticated`] and [`AppError::Forbidden`] where an
    /// agreement is needed first.
    pub async fn challenge_document(
        &self,
        actor: Option<&Actor>,
        id: &str,
        file: &str,
    ) -> Result<(Attachment, Vec<u8>), AppError> {
        let found = self.challenge_public(id).await?;
        self.documents_granted(actor, &found).await?;
        let missing = || AppError::NotFound("附件");
        let kept = self.store.attachment(&found.need, file).await?;
        let kept = kept.filter(|kept| is_of(kept, &found)).ok_or_else(missing)?;
        let content = self.store.attachment_content(&kept.id).await?.ok_or_else(missing)?;
        Ok((kept, content))
    }
}

fn is_of(document: &Attachment, challenge: &ChallengeRecord) -> bool {
    document.challenge.as_ref().is_none_or(|of| *of == challenge.id)
}
