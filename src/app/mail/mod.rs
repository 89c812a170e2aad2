//! Mail: whether it is set up, and sending one.
//!
//! | module | its secret |
//! |---|---|
//! | [`digest`] | who gets the daily digest, and that nobody gets it twice |
//!
//! Nothing is mailed by default. The log says that mail was sent or refused, never to whom.

pub mod digest;

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Mailboxes};
use lettre::transport::smtp::Error as SmtpError;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::error::AppError;

/// How mail is sent, as it is configured. The address of the server may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct MailSettings {
    /// `smtps://user:password@host`, `smtp://host?tls=required`, `smtp://localhost:25`
    pub server: String,
    /// `智汇 <noreply@example.cn>`
    pub from: String,
    /// Where links in mails lead: `https://zhihui.example.cn`
    pub public_url: String,
}

/// Without the password.
impl std::fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let server = self.server.rsplit_once('@').map_or(self.server.as_str(), |(_, host)| host);
        write!(f, "MailSettings({server})")
    }
}

/// A mail to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    /// A link that ends such mails, also without a page (RFC 8058).
    pub end: Option<String>,
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Accepted,
    /// The server refused it, or could not be reached: it may be sent again.
    Refused,
    /// The connection broke when the server may have had it: to send it again might send it twice.
    Unknown,
}

/// Sends mail.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    public_url: String,
}

/// Without the server's password.
impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("public_url", &self.public_url).finish_non_exhaustive()
    }
}

impl Mailer {
    /// # Errors
    /// What of the settings will not do, in Chinese, without the password.
    pub fn new(settings: &MailSettings) -> Result<Self, String> {
        let server = &settings.server;
        let wrong = "SMTP 地址应如 smtps://用户:密码@主机、smtp://主机?tls=required 或 smtp://localhost:25";
        let host = server.split_once("://").map_or("", |(_, rest)| rest);
        let host = host.split(['/', '?']).next().unwrap_or_default();
        let is_plain = server.starts_with("smtp:") && !server.contains("tls=required");
        let name = host.rsplit_once('@').map_or(host, |(_, name)| name);
        let is_here = ["localhost", "127.0.0.1", "[::1]"].iter().any(|here| name.starts_with(here));
        if is_plain && host.contains('@') && !is_here {
            return Err("密码不能不加密发送：请用 smtps://，或加上 ?tls=required".into());
        }
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(server).map_err(|_| wrong.to_owned())?;
        let from = settings.from.parse().map_err(|_| "发件人应如 noreply@example.cn 或 智汇 <noreply@example.cn>")?;
        let public_url = settings.public_url.trim_end_matches('/').to_owned();
        let is_url = public_url.starts_with("https://") || public_url.starts_with("http://");
        if !is_url || public_url.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err("网站地址应如 https://zhihui.example.cn".into());
        }
        Ok(Self { transport: builder.timeout(Some(TIMEOUT)).build(), from, public_url })
    }

    /// The address of a page, for a link.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    /// Whether the server can be reached.
    pub async fn is_ready(&self) -> bool {
        let ready = self.transport.test_connection().await;
        if let Err(error) = &ready {
            tracing::warn!(kind = kind(error), "the mail server cannot be reached");
        }
        ready.unwrap_or(false)
    }

    /// Sends one mail; the server is asked first whether it is there at all.
    ///
    /// # Errors
    /// [`AppError::Internal`] if no mail can be made of it.
    pub async fn send(&self, mail: &Mail) -> Result<Outcome, AppError> {
        let message = self.message(mail)?;
        if !self.is_ready().await {
            return Ok(Outcome::Refused);
        }
        let outcome = match self.transport.send(message).await {
            Ok(_) => Outcome::Accepted,
            Err(error) => {
                tracing::warn!(kind = kind(&error), "a mail was not accepted");
                let is_sure = error.is_permanent() || error.is_transient() || error.is_client() || error.is_tls();
                if is_sure { Outcome::Refused } else { Outcome::Unknown }
            }
        };
        Ok(outcome)
    }

    fn message(&self, mail: &Mail) -> Result<Message, AppError> {
        let broken = |e: &dyn std::fmt::Display| AppError::Internal(format!("a mail could not be made: {e}"));
        let to: Address = mail.to.parse().map_err(|e: lettre::address::AddressError| broken(&e))?;
        let builder = Message::builder().from(self.from.clone()).to(Mailbox::new(None, to)).subject(&mail.subject);
        let mut builder = builder.message_id(None).date_now().header(ContentType::TEXT_PLAIN);
        if let Some(end) = &mail.end {
            let header = |name, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
            builder = builder.raw_header(header("List-Unsubscribe", &format!("<{end}>")));
            builder = builder.raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        builder.body(mail.text.clone()).map_err(|e| broken(&e))
    }
}

/// How long the server may take for one answer.
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(20);

/// What kind of failure it is: the server's own words may hold an address.
fn kind(error: &SmtpError) -> &'static str {
    match () {
        () if error.is_timeout() => "timeout",
        () if error.is_permanent() => "refused for good",
        () if error.is_transient() => "refused for now",
        () if error.is_tls() => "tls",
        () if error.is_client() || error.is_response() => "protocol",
        () => "connection",
    }
}

/// Whether a text is one address that mail can be sent to.
pub fn is_address(text: &str) -> bool {
    text.is_ascii() && text.len() <= 254 && text.parse::<Address>().is_ok() && text.parse::<Mailboxes>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_will_not_do_are_told_without_the_password() {
        let told = |server: &str, from: &str, url: &str| {
            let settings = MailSettings { server: server.into(), from: from.into(), public_url: url.into() };
            assert!(!format!("{settings:?}").contains("SECRET"));
            Mailer::new(&settings).err().unwrap_or_default()
        };
        let (from, url) = ("智汇 <noreply@example.invalid>", "https://zhihui.example.invalid/");
        for (server, expected) in [
            ("smtps://user:SECRET@mail.example.invalid", ""),
            ("smtp://mail.example.invalid?tls=required", ""),
            ("smtp://localhost:2525", ""),
            ("smtp://user:SECRET@localhost:2525", ""),
            ("smtp://user:SECRET@mail.example.invalid", "密码不能不加密"),
            ("imap://user:SECRET@mail.example.invalid", "SMTP 地址应如"),
            ("mail.example.invalid", "SMTP 地址应如"),
        ] {
            let told = told(server, from, url);
            assert!(told.starts_with(expected) && told.is_empty() == expected.is_empty(), "{server}: {told}");
            assert!(!told.contains("SECRET"), "{told}");
        }
        assert!(told("smtp://localhost", "nobody", url).contains("发件人"));
        assert!(told("smtp://localhost", from, "zhihui.example").contains("网站地址"));
    }

    #[test]
    fn one_address_is_an_address() {
        for (text, expected) in [
            ("somebody@example.invalid", true),
            ("a@example.invalid, b@example.invalid", false),
            ("somebody", false),
            ("a@b\r\nBcc: c@d", false),
            ("某人@example.invalid", false),
            ("", false),
        ] {
            assert_eq!(is_address(text), expected, "{text}");
        }
    }
}
