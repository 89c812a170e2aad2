//! Who watches a challenge, and what is asked about it.
//!
//! Questions and answers are for everybody; who has asked is told to nobody, the publisher and the
//! audit log included.

use serde_json::json;

use super::documents::DocumentAccess;
use super::{CHALLENGE, LIST_MAX};
use crate::app::error::{AppError, all_right, at};
use crate::app::imports::SentFile;
use crate::app::{Actor, App, secrets};
use crate::domain::challenge::news::BoardNews;
use crate::domain::challenge::talk::{ANSWER_MAX, QUESTION_MAX, WAITING_MAX, takes_answers, takes_questions};
use crate::domain::hex::hex;
use crate::domain::text::{Lines, faults, tidied};
use crate::domain::{Action, Fault};
use crate::store::board::challenges::ChallengeRecord;
use crate::store::board::talk::{AnswerRow, QuestionRow};
use crate::store::{Attachment, StoreError};

/// What is talked about a challenge, as somebody sees it.
#[derive(Debug, Clone, Default)]
pub struct Talk {
    pub watchers: i64,
    /// Whether they watch it themselves.
    pub watches: bool,
    pub may_watch: bool,
    /// Oldest first.
    pub questions: Vec<Question>,
    /// Whether questions are taken now, and whether they may ask.
    pub takes_questions: bool,
    pub may_ask: bool,
    pub may_answer: bool,
    /// Those of answers included, oldest first.
    pub documents: Vec<Attachment>,
    pub access: DocumentAccess,
}

/// A question as everybody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub id: String,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    pub text: String,
    /// Text and time.
    pub answer: Option<(String, i64)>,
    /// Of the one who looks.
    pub is_own: bool,
}

impl Talk {
    /// How many questions wait for an answer.
    pub fn waiting(&self) -> usize {
        self.questions.iter().filter(|question| question.answer.is_none()).count()
    }

    /// The documents of the answer to a question.
    pub fn documents_of(&self, question: &str) -> Vec<&Attachment> {
        self.documents.iter().filter(|document| document.question.as_deref() == Some(question)).collect()
    }
}

impl App {
    /// What is talked about a challenge, as somebody sees it.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn challenge_talk(&self, actor: Option<&Actor>, of: &ChallengeRecord) -> Result<Talk, AppError> {
        let may = |action| actor.is_some_and(|actor| actor.require(action).is_ok());
        let watches = match actor {
            Some(actor) => self.store.challenge_is_watched(&of.id, &actor.account).await?,
            None => false,
        };
        let now = self.board_time().await?;
        let is_publisher = actor.is_some_and(|actor| is_publisher(actor, of));
        let takes_questions = takes_questions(of.status, &of.content, now);
        Ok(Talk {
            watchers: self.store.challenge_watchers(&of.id).await?,
            watches,
            may_watch: may(Action::ChallengeTalk) && !is_publisher,
            questions: self.questions_seen(actor, &of.id).await?,
            takes_questions,
            may_ask: takes_questions && may(Action::ChallengeTalk) && !is_publisher,
            may_answer: is_publisher && may(Action::ChallengeWrite) && takes_answers(of.status, &of.content, now),
            documents: self.documents(of).await?,
            access: self.document_access(actor, of).await?,
        })
    }

    /// The questions about a public challenge, oldest first.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn questions(&self, actor: Option<&Actor>, id: &str) -> Result<Vec<Question>, AppError> {
        self.challenge_public(id).await?;
        self.questions_seen(actor, id).await
    }

    async fn questions_seen(&self, actor: Option<&Actor>, id: &str) -> Result<Vec<Question>, AppError> {
        let seen = |row: QuestionRow| Question {
            is_own: actor.is_some_and(|actor| actor.account == row.by_account),
            id: row.id,
            at: row.at,
            text: row.text,
            answer: row.answer.map(|answer| (answer.text, answer.at)),
        };
        Ok(self.store.questions(id).await?.into_iter().map(seen).collect())
    }

    /// Watches a public challenge: its news come into the inbox. Twice is once.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn challenge_watch(&self, actor: &Actor, id: &str) -> Result<(), AppError> {
        actor.require(Action::ChallengeTalk)?;
        self.challenge_public(id).await?;
        let mut write = self.store.begin().await?;
        write.challenge_watch(id, &actor.account, self.now()).await?;
        Ok(write.commit().await?)
    }

    /// Watches it no more.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn challenge_unwatch(&self, actor: &Actor, id: &str) -> Result<(), AppError> {
        actor.require(Action::ChallengeTalk)?;
        self.challenge_public(id).await?;
        let mut write = self.store.begin().await?;
        write.challenge_unwatch(id, &actor.account).await?;
        Ok(write.commit().await?)
    }

    /// The challenges that somebody watches, newest first.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub async fn challenges_watched(&self, actor: &Actor) -> Result<Vec<ChallengeRecord>, AppError> {
        actor.require(Action::ChallengeTalk)?;
        let mut watched = self.store.challenges_watched(&actor.account, LIST_MAX).await?;
        watched.retain(ChallengeRecord::is_public);
        Ok(watched)
    }

    /// Asks something about a challenge that everybody reads; whoever asks watches it from then on.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for the text; [`AppError::NotFound`]; [`AppError::Conflict`] when no
    /// questions are taken any more, too many wait, or for the publisher.
    pub async fn question_ask(&self, actor: &Actor, id: &str, text: &str) -> Result<Question, AppError> {
        actor.require(Action::ChallengeTalk)?;
        let seen = self.challenge_public(id).await?;
        if is_publisher(actor, &seen) {
            return Err(AppError::conflict(
                "own-challenge",
                "这是本单位的榜单：有要补充的请用“变更”，大家都会收到通知",
            ));
        }
        let text = said("question", text, QUESTION_MAX)?;
        let mut write = self.store.begin().await?;
        let found = write.challenge_hold(id).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        let now = self.time_in(&mut write).await?;
        if !takes_questions(found.status, &found.content, now) {
            return Err(AppError::conflict("questions-over", "提问已经截止"));
        }
        if write.questions_waiting(id, &actor.account).await? >= WAITING_MAX as i64 {
            let message = format!("您有 {WAITING_MAX} 个提问还没有答复：请等发榜方答复后再提");
            return Err(AppError::conflict("questions-waiting", message));
        }
        let question = QuestionRow {
            id: self.new_id(),
            challenge: id.to_owned(),
            by_account: actor.account.clone(),
            at: now,
            text,
            answer: None,
        };
        write.question_add(&question).await?;
        write.challenge_watch(id, &actor.account, now).await?;
        // Not who: the log is for everybody, and whoever asks may be about to bid.
        let detail = json!({ "question": question.id, "text": hash(&question.text) });
        self.audit(&mut write, None, "challenge.question", format!("challenge:{id}"), detail).await?;
        self.tell_publisher(&mut write, &found, BoardNews::Asked, "").await?;
        write.commit().await?;
        Ok(Question { id: question.id, at: now, text: question.text, answer: None, is_own: true })
    }

    /// Answers a question; everybody reads the answer, and it stays. A file with it is a document of
    /// the challenge.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for the text or the file; [`AppError::NotFound`]; [`AppError::Conflict`]
    /// after closing, or if it has an answer.
    pub async fn question_answer(
        &self,
        actor: &Actor,
        (id, question): (&str, &str),
        text: &str,
        file: Option<SentFile>,
    ) -> Result<(), AppError> {
        let found = self.challenge_for(actor, id, Action::ChallengeWrite).await?;
        let questions = self.store.questions(&found.id).await?;
        let asked = questions.iter().find(|row| row.id == question).ok_or(AppError::NotFound("提问"))?;
        let answered = || AppError::conflict("answered", "这个提问已经答复过了：要补充请用“变更”");
        if asked.answer.is_some() {
            return Err(answered());
        }
        let text = said(&format!("answer-{question}"), text, ANSWER_MAX)?;
        let file = match file {
            Some(file) => Some(self.document_told(&found, file).await?),
            None => None,
        };
        let mut write = self.store.begin().await?;
        let found = write.challenge_hold(id).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        let now = self.time_in(&mut write).await?;
        if !takes_answers(found.status, &found.content, now) {
            return Err(AppError::conflict("closed", "揭榜已经截止，不再答复"));
        }
        let detail = json!({ "question": question, "text": hash(&text) });
        let answer = AnswerRow { text, by_account: actor.account.clone(), at: now };
        write.question_answer(id, question, &answer).await.map_err(|error| match error {
            StoreError::Stale => answered(),
            other => other.into(),
        })?;
        self.audit(&mut write, Some(actor), "challenge.answer", format!("challenge:{id}"), detail).await?;
        if let Some(file) = file {
            self.document_keep(&mut write, actor, (&found, Some(question)), file).await?;
        }
        self.tell_watchers(&mut write, &found, BoardNews::Answered, "").await?;
        Ok(write.commit().await?)
    }
}

pub(super) fn is_publisher(actor: &Actor, of: &ChallengeRecord) -> bool {
    actor.organisation.as_deref() == Some(of.organisation.as_str())
}

pub(super) fn hash(text: &str) -> String {
    hex(secrets::digest(text))
}

/// A text that somebody says to everybody.
fn said(field: &str, text: &str, max: usize) -> Result<String, AppError> {
    let text = tidied(text);
    let mut wrong = faults(&text, max, Lines::Many);
    if text.is_empty() {
        wrong.push(Fault::missing());
    }
    all_right(at(field, wrong).collect())?;
    Ok(text)
}
