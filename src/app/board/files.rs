//! Files of a bid: sealed like what it says, and part of its hash.

use serde::{Deserialize, Serialize};

use super::bids::{HeldBid, draft_place, submitted_place};
use super::seal::Seals;
use crate::app::attachments::{FILES_MAX, Told, told};
use crate::app::error::AppError;
use crate::app::imports::SentFile;
use crate::app::{Actor, App};
use crate::domain::hex::hex;
use crate::store::Store;
use crate::store::board::bids::{BidFileRow, BidRecord};

/// A file of a bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BidFile {
    #[serde(skip)]
    pub id: String,
    /// With its ending, cleaned.
    pub name: String,
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// In hexadecimal.
    pub sha256: String,
}

fn head_place(id: &str) -> String {
    format!("bid-file:{id} head")
}

fn content_place(id: &str) -> String {
    format!("bid-file:{id} content")
}

impl App {
    /// Keeps a file with an own bid; gives the bid's new version with it.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for the file; [`AppError::NotFound`], [`AppError::Stale`],
    /// [`AppError::Conflict`] after closing.
    pub async fn bid_file_add(
        &self,
        actor: &Actor,
        (id, version): (&str, i64),
        file: SentFile,
    ) -> Result<(i64, BidFile), AppError> {
        let found = self.bid_led(actor, id, version).await?;
        let Told { name, kind, sha256, content } = told(file).await?;
        let files = self.bid_files_of(id).await?;
        if files.len() as i64 >= FILES_MAX {
            let message = format!("一次揭榜最多 {FILES_MAX} 个附件：请先删去不需要的");
            return Err(AppError::invalid("file", "too-many-files", message));
        }
        let file = BidFile {
            id: self.new_id(),
            name,
            media_type: kind.media_type().to_owned(),
            size: content.len() as i64,
            sha256: hex(sha256),
        };
        if files.iter().any(|other| other.sha256 == file.sha256) {
            return Err(AppError::invalid("file", "same-file", "这个文件已经在附件里了"));
        }
        let head = serde_json::to_vec(&file).map_err(|e| AppError::Internal(e.to_string()))?;
        let head = self.seals()?.seal(&head_place(&file.id), &head)?;
        let content = self.seals()?.seal(&content_place(&file.id), &content)?;
        let HeldBid { mut write, bid, now, .. } = self.bid_hold(&found).await?;
        let was = bid.status;
        let version = write.bid_save(&BidRecord { updated_at: now, ..bid }, was).await?;
        write.bid_file_add(id, &BidFileRow { id: file.id.clone(), at: now, head }, content).await?;
        write.commit().await?;
        Ok((version, file))
    }

    /// Deletes a file of an own bid, but not one that was handed in with it; gives the new version.
    ///
    /// # Errors
    /// As [`Self::bid_file_add`].
    pub async fn bid_file_delete(
        &self,
        actor: &Actor,
        (id, version): (&str, i64),
        file: &str,
    ) -> Result<i64, AppError> {
        let found = self.bid_led(actor, id, version).await?;
        let kept = self.handed_in(&found)?.map(|submission| submission.bid.attachments).unwrap_or_default();
        let files = self.bid_files_of(id).await?;
        let gone = files.into_iter().find(|f| f.id == file).ok_or(AppError::NotFound("附件"))?;
        if kept.contains(&gone.sha256) {
            let message = "这个文件属于已提交的揭榜：请先撤回揭榜，再删去它";
            return Err(AppError::conflict("file-submitted", message));
        }
        let HeldBid { mut write, bid, now, .. } = self.bid_hold(&found).await?;
        let was = bid.status;
        let version = write.bid_save(&BidRecord { updated_at: now, ..bid }, was).await?;
        write.bid_file_delete(id, file).await?;
        write.commit().await?;
        Ok(version)
    }

    /// A file of a bid for its own people.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn bid_file(&self, actor: &Actor, id: &str, file: &str) -> Result<(BidFile, Vec<u8>), AppError> {
        self.bid_read(actor, id).await?;
        self.bid_file_of(id, file).await
    }

    pub(super) async fn bid_file_of(&self, id: &str, file: &str) -> Result<(BidFile, Vec<u8>), AppError> {
        let missing = || AppError::NotFound("附件");
        let found = self.bid_files_of(id).await?.into_iter().find(|f| f.id == file).ok_or_else(missing)?;
        let content = self.store.bid_file_content(id, file).await?.ok_or_else(missing)?;
        let content = self.seals()?.open(&content_place(file), &content)?;
        Ok((found, content))
    }

    pub(super) async fn bid_files_of(&self, id: &str) -> Result<Vec<BidFile>, AppError> {
        let mut files = Vec::new();
        for row in self.store.bid_files(id).await? {
            let head = self.seals()?.open(&head_place(&row.id), &row.head)?;
            let file: BidFile =
                serde_json::from_slice(&head).map_err(|_| AppError::Internal("a file's head cannot be read".into()))?;
            files.push(BidFile { id: row.id, ..file });
        }
        Ok(files)
    }
}

/// Seals all bids anew with the key in use. Gives how many of their texts and files were.
///
/// # Errors
/// [`AppError`] where one does not open; those before it are sealed anew.
pub async fn reseal_all(store: &Store, seals: &Seals) -> Result<usize, AppError> {
    const PAGE: i64 = 100;
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let page = store.bids_after(&after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(count) };
        after.clone_from(last);
        for id in page {
            let mut write = store.begin().await?;
            let Some(bid) = write.bid_take(&id).await? else { continue };
            let draft = seals.reseal(&draft_place(&id), &bid.draft)?;
            let submitted = bid.handed_in.as_ref().map(|h| &h.sealed);
            let resealed = submitted.map(|sealed| seals.reseal(&submitted_place(&id), sealed)).transpose()?.flatten();
            if draft.is_some() || resealed.is_some() {
                let draft = draft.as_deref().unwrap_or(&bid.draft);
                let submitted = resealed.as_deref().or(submitted.map(Vec::as_slice));
                write.bid_reseal(&id, draft, submitted).await?;
                count += 1;
            }
            write.commit().await?;
            for row in store.bid_files(&id).await? {
                let Some(content) = store.bid_file_content(&id, &row.id).await? else { continue };
                let head = seals.reseal(&head_place(&row.id), &row.head)?;
                let content = seals.reseal(&content_place(&row.id), &content)?;
                if let (Some(head), Some(content)) = (head, content) {
                    // A file is only ever added or deleted, so there is nothing here to lose.
                    let mut write = store.begin().await?;
                    write.bid_file_reseal(&row.id, &head, &content).await?;
                    write.commit().await?;
                    count += 1;
                }
            }
        }
    }
}
