//! The daily digest: what somebody has not read, once a day, to an address that they confirmed.

use std::fmt::Write as _;

use super::{Mail, Mailer, Outcome, is_address};
use crate::app::App;
use crate::app::actor::Actor;
use crate::app::error::AppError;
use crate::app::secrets::{digest, token};
use crate::domain::Action;
use crate::store::{Digest, DigestMail, MailEnd, NoticeRow, StoreError};

/// Links to confirm an address that one account may ask for in a day.
const ASKED_MAX: i64 = 3;
/// How long such a link holds.
const CONFIRM_MS: i64 = 3 * DAY_MS;
const DAY_MS: i64 = 24 * 3_600_000;
/// The hour in China from which digests are sent.
const FROM_HOUR: i64 = 8;
/// Mails that are read at once.
const BATCH: i64 = 100;
/// How often a mail is tried, and how long after the first failure; twice as long after each.
const ATTEMPTS: i64 = 6;
const PAUSE_MS: i64 = 5 * 60_000;
/// Notices that a mail tells of one by one.
const TOLD: usize = 20;

/// Somebody's digest, and whether there can be one at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestState {
    /// The operator of the service has set up mail.
    pub is_set_up: bool,
    /// Where it goes.
    pub address: Option<String>,
    /// An address that waits to be confirmed.
    pub waiting: Option<String>,
}

impl App {
    /// # Errors
    /// [`AppError`]
    pub async fn digest_state(&self, actor: &Actor) -> Result<DigestState, AppError> {
        actor.require(Action::Inbox)?;
        let kept = self.store.digest(&actor.account).await?;
        let address = kept.as_ref().filter(|d| d.confirmed_at.is_some()).map(|d| d.address.clone());
        let waiting = kept.filter(|d| d.is_asked && d.asked_at >= self.now() - CONFIRM_MS).map(|d| d.address);
        Ok(DigestState { is_set_up: self.mail.is_some(), address, waiting })
    }

    /// Sends a link to an address; the digest begins when it is followed.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for the address, also where no mail can be sent to it;
    /// [`AppError::Conflict`] if mail is not set up.
    pub async fn digest_ask(&self, actor: &Actor, address: &str) -> Result<(), AppError> {
        actor.require(Action::Inbox)?;
        let mailer = self.mailer()?;
        let address = address.trim();
        if !is_address(address) {
            let message = "请填写一个邮箱地址，如 name@example.cn";
            return Err(AppError::invalid("address", "bad-address", message));
        }
        let now = self.now();
        let kept = self.store.digest(&actor.account).await?;
        let asked = kept.as_ref().filter(|d| day_of(d.asked_at) == day_of(now)).map_or(0, |d| d.asked);
        if asked >= ASKED_MAX {
            let message = format!("每天最多发送 {ASKED_MAX} 次确认邮件：请明天再试，或先查看已收到的邮件");
            return Err(AppError::invalid("address", "too-many-requests", message));
        }
        let secret = token()?;
        let new = Digest {
            account: actor.account.clone(),
            address: address.to_owned(),
            asked_at: now,
            asked: asked + 1,
            confirmed_at: None,
            is_asked: true,
        };
        let mut write = self.store.begin().await?;
        write.digest_ask(&new, &digest(&secret)).await?;
        write.commit().await?;
        let link = mailer.link(&format!("/settings/notices/confirm?token={secret}"));
        let text = format!(
            "有人（应当是您）在智汇平台填写了这个邮箱，想每天收到一封消息摘要。\n\n\
             请打开下面的链接确认；链接三天内有效。如果不是您，请忽略这封邮件，不会再有邮件寄来。\n\n{link}\n"
        );
        let mail = Mail { to: address.to_owned(), subject: "请确认您的邮箱 · 智汇".into(), text, end: None };
        match mailer.send(&mail).await? {
            Outcome::Accepted => Ok(()),
            Outcome::Refused | Outcome::Unknown => {
                let message = "确认邮件没有发出：请检查地址，或稍后再试";
                Err(AppError::invalid("address", "not-sent", message))
            }
        }
    }

    /// Begins the digest whose link was followed. The link is enough: it was sent to the address.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if no address waits for it.
    pub async fn digest_confirm(&self, secret: &str) -> Result<(), AppError> {
        let now = self.now();
        let mut write = self.store.begin().await?;
        let confirmed = write.digest_confirm(&digest(secret), now - CONFIRM_MS, now).await;
        confirmed.map_err(|error| match error {
            StoreError::Stale => AppError::NotFound("待确认的邮箱（链接可能已用过或过期）"),
            other => other.into(),
        })?;
        Ok(write.commit().await?)
    }

    /// Ends the own digest.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn digest_end(&self, actor: &Actor) -> Result<(), AppError> {
        actor.require(Action::Inbox)?;
        let mut write = self.store.begin().await?;
        write.digest_end(&actor.account).await?;
        Ok(write.commit().await?)
    }

    /// Ends the digest that a mail belongs to, by the link in it; one that has ended stays so.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if no mail had this link.
    pub async fn digest_end_by_link(&self, secret: &str) -> Result<(), AppError> {
        let account = self.store.digest_of_mail(&digest(secret)).await?.ok_or(AppError::NotFound("这个退订链接"))?;
        let mut write = self.store.begin().await?;
        write.digest_end(&account).await?;
        Ok(write.commit().await?)
    }

    /// Sends the digests that are due now. Gives how many were accepted.
    ///
    /// # Errors
    /// [`AppError`] if it cannot be known who gets one. A mail that cannot be sent does not hold up others.
    pub async fn digests_send(&self) -> Result<usize, AppError> {
        let Some(mailer) = &self.mail else { return Ok(0) };
        if hour_of(self.now()) < FROM_HOUR {
            return Ok(0);
        }
        let day = self.today()?.to_string();
        if self.store.digests_unsent(&day).await? {
            let mut write = self.store.begin().await?;
            write.digests_give_up(&day).await?;
            write.commit().await?;
        }
        let mut sent = 0;
        // Each round takes its mails, so that the next one finds others; one that could not is the last.
        let mut is_whole = true;
        while is_whole {
            let due = self.store.digests_due(&day, BATCH).await?;
            let failed = self.store.digests_failed(&day, self.now(), BATCH).await?;
            if due.is_empty() && failed.is_empty() || !mailer.is_ready().await {
                break;
            }
            for mail in due.into_iter().chain(failed) {
                match self.digest_send(mailer, mail).await {
                    Ok(is_sent) => sent += usize::from(is_sent),
                    Err(error) => {
                        tracing::error!(error = ?error, "a digest could not be taken or noted");
                        is_whole = false;
                    }
                }
            }
        }
        Ok(sent)
    }

    /// Takes one mail and sends it, unless another node has taken it.
    async fn digest_send(&self, mailer: &Mailer, mut mail: DigestMail) -> Result<bool, AppError> {
        let secret = token()?;
        let mut write = self.store.begin().await?;
        let is_ours = match mail.attempts {
            0 => write.digest_claim(&mail, &digest(&secret), self.now()).await?,
            _ => write.digest_reclaim(&mail, &digest(&secret)).await?,
        };
        write.commit().await?;
        if !is_ours {
            return Ok(false);
        }
        mail.attempts += 1;
        // Nothing has left the house where this fails: the mail is as one that was refused.
        let outcome = self.digest_mail(mailer, &mail, &secret).await.unwrap_or_else(|error| {
            tracing::error!(error = ?error, "a digest could not be made");
            Some(Outcome::Refused)
        });
        let end = match outcome {
            None => MailEnd::Dropped,
            Some(Outcome::Accepted) => MailEnd::Sent,
            Some(Outcome::Unknown) => MailEnd::Unknown,
            Some(Outcome::Refused) if mail.attempts >= ATTEMPTS => MailEnd::GivenUp,
            Some(Outcome::Refused) => MailEnd::Failed { next_at: self.now() + (PAUSE_MS << (mail.attempts - 1)) },
        };
        let mut write = self.store.begin().await?;
        write.digest_done(&mail, end).await?;
        write.commit().await?;
        Ok(end == MailEnd::Sent)
    }

    /// Sends a mail that was taken; `None` where there is nothing to say any more. An error comes
    /// before anything is sent.
    async fn digest_mail(&self, mailer: &Mailer, mail: &DigestMail, secret: &str) -> Result<Option<Outcome>, AppError> {
        let notices = self.store.digest_notices(mail).await?;
        if notices.is_empty() {
            return Ok(None);
        }
        let text = self.digest_text(mailer, &notices, secret).await?;
        let end = mailer.link(&format!("/unsubscribe?token={secret}"));
        let subject = format!("您有 {} 条未读消息 · 智汇", notices.len());
        let mail = Mail { to: mail.address.clone(), subject, text, end: Some(end) };
        Ok(Some(mailer.send(&mail).await?))
    }

    async fn digest_text(&self, mailer: &Mailer, notices: &[NoticeRow], secret: &str) -> Result<String, AppError> {
        let mut text = String::from("以下消息您还没有读：\n\n");
        for row in notices.iter().take(TOLD) {
            let _ = writeln!(text, "· {}", row.notice.sentence());
            for newcomer in self.newcomers(&row.notice).await? {
                let _ = writeln!(text, "    {}", newcomer.name);
            }
        }
        if notices.len() > TOLD {
            let _ = writeln!(text, "· 另有 {} 条", notices.len() - TOLD);
        }
        let _ = write!(
            text,
            "\n查看消息：{}\n修改设置：{}\n不再接收这类邮件：{}\n",
            mailer.link("/inbox"),
            mailer.link("/settings/notices"),
            mailer.link(&format!("/unsubscribe?token={secret}"))
        );
        Ok(text)
    }

    fn mailer(&self) -> Result<&Mailer, AppError> {
        let message = "平台没有设置邮件服务，暂时不能发送邮件";
        self.mail.as_ref().ok_or_else(|| AppError::conflict("mail-not-set-up", message))
    }
}

const CHINA_MS: i64 = 8 * 3_600_000;

/// Days since 1970 in China.
fn day_of(ms: i64) -> i64 {
    (ms + CHINA_MS).div_euclid(DAY_MS)
}

fn hour_of(ms: i64) -> i64 {
    (ms + CHINA_MS).rem_euclid(DAY_MS) / 3_600_000
}
