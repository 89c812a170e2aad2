//! Single pieces of evidence of a profile.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::app::actor::Actor;
use crate::app::error::{AppError, all_right};
use crate::domain::talent_check::{MAX_EVIDENCE, check_evidence};
use crate::domain::{Action, Evidence, EvidenceType, FieldProblem, Grant};
use crate::store::{TalentRecord, Write};

const PIECE: &str = "成果";

/// A piece of evidence as somebody states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PieceDraft {
    /// The id of a piece that co-authors share, such as `doi:10.1000/182`; made here where absent.
    pub id: Option<String>,
    pub r#type: EvidenceType,
    pub title: String,
    pub r#abstract: Option<String>,
    #[serde(default)]
    pub keywords: Vec<String>,
    /// 1900 to 2100
    pub year: Option<i64>,
    /// Kept out of matching and of what others see.
    #[serde(default)]
    pub hidden: bool,
}

/// A piece of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Piece {
    #[serde(flatten)]
    pub evidence: Evidence,
    pub hidden: bool,
    /// Version of the profile, which stands in the `ETag`.
    #[serde(skip)]
    pub version: i64,
}

impl From<Evidence> for PieceDraft {
    /// What states the piece as it is, shown.
    fn from(piece: Evidence) -> Self {
        Self {
            id: Some(piece.id),
            r#type: piece.r#type,
            title: piece.title,
            r#abstract: piece.r#abstract,
            keywords: piece.keywords,
            year: piece.year.map(i64::from),
            hidden: false,
        }
    }
}

impl PieceDraft {
    /// The piece under an id, or all that is wrong with it.
    fn piece(&self, id: String) -> Result<Evidence, AppError> {
        let draft = self.clone();
        let year = draft.year.map(u16::try_from);
        let evidence = Evidence {
            id,
            r#type: draft.r#type,
            title: draft.title,
            r#abstract: draft.r#abstract,
            keywords: draft.keywords,
            // What is out of range is so here too, and found by the check.
            year: year.map(|year| year.unwrap_or(0)),
        };
        let evidence = evidence.tidied();
        all_right(check_evidence(&evidence))?;
        Ok(evidence)
    }
}

impl App {
    /// Adds a piece to a profile.
    ///
    /// # Errors
    /// [`AppError::Invalid`], also where the profile has it already, or where the id is that of a
    /// piece with another content; [`AppError::NotFound`].
    pub async fn evidence_add(&self, actor: &Actor, talent: &str, draft: &PieceDraft) -> Result<Piece, AppError> {
        let given = draft.id.as_deref().map(str::trim).filter(|id| !id.is_empty());
        let evidence = draft.piece(given.map_or_else(|| self.new_id(), str::to_owned))?;
        let (mut write, mut record) = self.talent_for_change(actor, talent, None).await?;
        if record.talent.evidence.iter().any(|e| e.id == evidence.id) {
            return Err(AppError::invalid("id", "evidence-repeated", "档案里已有这个编号的成果；请直接修改它"));
        }
        if record.talent.evidence.len() >= MAX_EVIDENCE {
            let message = format!("一份档案最多 {MAX_EVIDENCE} 项成果；请先删去一些");
            return Err(AppError::conflict("too-many-items", message));
        }
        let known = write.evidence_held(&[&evidence.id]).await?.pop();
        if known.is_some_and(|known| known.evidence != evidence) {
            return Err(AppError::Invalid(vec![differs("id")]));
        }
        if draft.hidden {
            record.hidden.insert(evidence.id.clone());
        }
        record.talent.evidence.push(evidence.clone());
        self.piece_saved(write, actor, "talent.evidence_add", record, evidence, draft.hidden).await
    }

    /// Changes a piece, or whether it is hidden. One that co-authors have too is changed for all of
    /// them, which is for operators only; anybody may hide it in the own profile.
    ///
    /// # Errors
    /// [`AppError::Invalid`], [`AppError::NotFound`], [`AppError::Stale`], [`AppError::Conflict`]
    /// for a shared piece.
    pub async fn evidence_update(
        &self,
        actor: &Actor,
        talent: &str,
        version: i64,
        id: &str,
        draft: &PieceDraft,
    ) -> Result<Piece, AppError> {
        let (mut write, mut record) = self.talent_for_change(actor, talent, Some(version)).await?;
        let place = record.talent.evidence.iter().position(|e| e.id == id).ok_or(AppError::NotFound(PIECE))?;
        if draft.id.as_deref().is_some_and(|given| given != id) {
            return Err(AppError::invalid("id", "id-fixed", "成果的编号不能改；请删除后另加一项"));
        }
        let evidence = draft.piece(id.to_owned())?;
        if evidence != record.talent.evidence[place] {
            let held = write.evidence_held(&[id]).await?.pop();
            let shared = held.is_some_and(|held| held.is_shared(talent));
            if shared && Action::TalentUpdate.grant(Some(actor.role)) != Grant::Any {
                let message = "这项成果与合作者共有，内容不能单独修改；有误请联系平台运营方，不想展示可以隐藏";
                return Err(AppError::conflict("shared-evidence", message));
            }
            write.evidence_put(std::slice::from_ref(&evidence)).await?;
            record.talent.evidence[place] = evidence.clone();
        }
        match draft.hidden {
            true => drop(record.hidden.insert(id.to_owned())),
            false => drop(record.hidden.remove(id)),
        }
        self.piece_saved(write, actor, "talent.evidence_update", record, evidence, draft.hidden).await
    }

    /// Takes a piece from a profile; it is gone where nobody else has it.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn evidence_remove(&self, actor: &Actor, talent: &str, id: &str) -> Result<(), AppError> {
        let (write, mut record) = self.talent_for_change(actor, talent, None).await?;
        let place = record.talent.evidence.iter().position(|e| e.id == id).ok_or(AppError::NotFound(PIECE))?;
        let evidence = record.talent.evidence.remove(place);
        record.hidden.remove(id);
        self.piece_saved(write, actor, "talent.evidence_remove", record, evidence, false).await.map(drop)
    }

    async fn piece_saved(
        &self,
        mut write: Write,
        actor: &Actor,
        action: &str,
        mut record: TalentRecord,
        evidence: Evidence,
        hidden: bool,
    ) -> Result<Piece, AppError> {
        record.updated_at = self.now();
        let version = write.talent_put(&record).await?;
        let detail = serde_json::json!({ "evidence": evidence.id, "hidden": hidden });
        self.talent_audited(write, actor, action, &record.talent.id, detail).await?;
        Ok(Piece { evidence, hidden, version })
    }
}

/// The id is that of a piece which says something else.
fn differs(field: &str) -> FieldProblem {
    let message = "库中已有同编号而内容不同的成果；同一项成果请按库中内容填写，不同的成果请换编号";
    FieldProblem::new(field, "evidence-differs", message)
}
