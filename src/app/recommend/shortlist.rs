//! What the enterprise thinks of a talent for a need: kept on a shortlist with a note, or not
//! suitable, because … The reasons are what the ranking can later be tuned by.

use super::App;
use crate::app::Actor;
use crate::app::error::{AppError, all_right, at};
use crate::domain::text::{Lines, MAX_SHORT, faults, tidied};
use crate::domain::{Action, FieldProblem};
use crate::store::{StoreError, Verdict};

/// The two verdicts, as they are written in the store and in the API.
pub const SHORTLISTED: &str = "shortlisted";
pub const UNSUITABLE: &str = "unsuitable";

impl App {
    /// What was said of talents for a need.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn verdicts(&self, actor: &Actor, need: &str) -> Result<Vec<Verdict>, AppError> {
        self.need_for(actor, need, Action::Recommend).await?;
        Ok(self.store.verdicts(need).await?)
    }

    /// Says something of a talent; `version` is that of what was said before, 0 for the first time.
    ///
    /// # Errors
    /// [`AppError::Invalid`], [`AppError::NotFound`], [`AppError::Stale`].
    pub async fn verdict_put(
        &self,
        actor: &Actor,
        (need, talent): (&str, &str),
        verdict: &str,
        note: &str,
        version: i64,
    ) -> Result<Verdict, AppError> {
        self.need_for(actor, need, Action::Recommend).await?;
        let note = tidied(note);
        let mut problems: Vec<FieldProblem> = at("note", faults(&note, MAX_SHORT, Lines::Many)).collect();
        match verdict {
            SHORTLISTED => {}
            UNSUITABLE if note.is_empty() => {
                problems.push(FieldProblem::new("note", "missing-value", "请写明为什么不合适：平台据此改进推荐"));
            }
            UNSUITABLE => {}
            _ => problems.push(FieldProblem::new("verdict", "unknown", "请选“备选”或“不合适”")),
        }
        all_right(problems)?;
        if self.store.talent_profiles(&[talent]).await?.is_empty() {
            return Err(AppError::NotFound("人才"));
        }
        let said = Verdict {
            need: need.into(),
            talent: talent.into(),
            verdict: verdict.into(),
            note,
            by_account: actor.account.clone(),
            at: self.now(),
            version: version + 1,
        };
        let mut write = self.store.begin().await?;
        write.verdict_put(&said).await.map_err(|e| match e {
            // Said by a colleague meanwhile.
            StoreError::Conflict(_) => AppError::Stale,
            other => other.into(),
        })?;
        let detail = serde_json::json!({ "talent": talent, "verdict": verdict });
        self.audit(&mut write, Some(actor), "shortlist.put", format!("need:{need}"), detail).await?;
        write.commit().await?;
        Ok(said)
    }

    /// Takes back what was said.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Stale`].
    pub async fn verdict_delete(&self, actor: &Actor, need: &str, talent: &str, version: i64) -> Result<(), AppError> {
        self.need_for(actor, need, Action::Recommend).await?;
        self.store.verdict(need, talent).await?.ok_or(AppError::NotFound("备选"))?;
        let mut write = self.store.begin().await?;
        write.verdict_delete(need, talent, version).await?;
        let detail = serde_json::json!({ "talent": talent });
        self.audit(&mut write, Some(actor), "shortlist.delete", format!("need:{need}"), detail).await?;
        Ok(write.commit().await?)
    }
}
