//! Who signs in, as what, and what a login and a password must be like.

use super::problem::Fault;
use super::text::{Lines, faults, shown};

/// Characters of a login that is no e-mail address.
pub const LOGIN_LENGTH: std::ops::RangeInclusive<usize> = 4..=64;
/// Most characters of an e-mail address (RFC 5321).
const MAX_EMAIL: usize = 254;
/// Characters of a password. The upper end bounds the work of hashing.
pub const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 10..=128;

/// What an account may be; what each may do is decided in one table (authorisation).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    Enterprise,
    /// A researcher or a member of a team.
    Talent,
    /// Judges the bids of an open challenge.
    PanelMember,
    /// Reviews applications.
    Expert,
    DistrictOfficer,
    CityOfficer,
    ThirdParty,
    Operator,
    Administrator,
}

impl Role {
    pub const ALL: [Self; 9] = [
        Self::Enterprise,
        Self::Talent,
        Self::PanelMember,
        Self::Expert,
        Self::DistrictOfficer,
        Self::CityOfficer,
        Self::ThirdParty,
        Self::Operator,
        Self::Administrator,
    ];

    /// As it is written in the store and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Enterprise => "enterprise",
            Self::Talent => "talent",
            Self::PanelMember => "panel_member",
            Self::Expert => "expert",
            Self::DistrictOfficer => "district_officer",
            Self::CityOfficer => "city_officer",
            Self::ThirdParty => "third_party",
            Self::Operator => "operator",
            Self::Administrator => "administrator",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Enterprise => "企业",
            Self::Talent => "科技人才",
            Self::PanelMember => "评选专家",
            Self::Expert => "评审专家",
            Self::DistrictOfficer => "区县科技部门",
            Self::CityOfficer => "市科技局",
            Self::ThirdParty => "第三方机构",
            Self::Operator => "平台运营",
            Self::Administrator => "系统管理员",
        }
    }
}

/// Whether an account may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountStatus {
    /// Registered by the person; an operator has not looked yet.
    Pending,
    Active,
    Disabled,
}

impl AccountStatus {
    pub const ALL: [Self; 3] = [Self::Pending, Self::Active, Self::Disabled];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "待审核",
            Self::Active => "正常",
            Self::Disabled => "已停用",
        }
    }
}

/// A login as it is kept and compared: without space around, in lower case.
pub fn folded_login(login: &str) -> String {
    login.trim().to_lowercase()
}

/// All that is wrong with a login: an e-mail address, or 4–64 letters, digits, `.`, `_` and `-`.
pub fn login_faults(login: &str) -> Vec<Fault> {
    let login = login.trim();
    if login.is_empty() {
        return vec![Fault::missing()];
    }
    if login.contains('@') {
        let bad = !is_email(login);
        let reason = format!("“{}”不是邮箱地址；请写成 name@example.com 的样子", shown(login));
        return bad.then(|| Fault::new("bad-email", reason)).into_iter().collect();
    }
    let mut found = Vec::new();
    let length = login.chars().count();
    if !LOGIN_LENGTH.contains(&length) {
        let (least, most) = (LOGIN_LENGTH.start(), LOGIN_LENGTH.end());
        found.push(Fault::new("login-length", format!("登录名有 {length} 个字符；请用 {least}—{most} 个")));
    }
    if let Some(c) = login.chars().find(|c| !c.is_alphanumeric() && !"._-".contains(*c)) {
        let c = shown(&c.to_string());
        found.push(Fault::new("login-character", format!("登录名里不能有“{c}”；请只用文字、数字、点、下划线和连字符")));
    }
    found
}

/// All that is wrong with a new password. `common` are the passwords that are tried first by who
/// guesses, in lower case.
pub fn password_faults(password: &str, login: &str, common: &[&str]) -> Vec<Fault> {
    let mut found = Vec::new();
    let (least, most) = (*PASSWORD_LENGTH.start(), *PASSWORD_LENGTH.end());
    let length = password.chars().count();
    if length < least {
        found.push(Fault::new("password-short", format!("密码有 {length} 个字符；请用至少 {least} 个")));
    }
    // What a field cannot hold a password cannot either; it may be long by bytes, not by characters.
    found.extend(faults(password, most, Lines::One));
    let lower = password.to_lowercase();
    let login = folded_login(login);
    let name = login.split('@').next().unwrap_or_default();
    if !login.is_empty() && (lower == login || lower == name || lower == login.chars().rev().collect::<String>()) {
        found.push(Fault::new("password-is-login", "密码和登录名相同；请另选一个"));
    }
    let mut kinds: Vec<char> = lower.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    if common.contains(&lower.as_str()) || length >= least && kinds.len() < 4 {
        found.push(Fault::new("password-common", "这个密码太常见，容易被猜到；请另选一个，如几个不相关的词连在一起"));
    }
    found
}

/// One `@`, something before it, and a domain of several labels behind it. Whether mail arrives
/// only a letter can tell.
fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.rsplit_once('@') else { return false };
    let part = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
    let label = |l: &str| {
        !l.is_empty() && !l.starts_with('-') && !l.ends_with('-') && l.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let sound = !name.is_empty() && name.chars().all(part) && !name.starts_with('.') && !name.ends_with('.');
    sound && !name.contains("..") && domain.contains('.') && domain.split('.').all(label) && text.len() <= MAX_EMAIL
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(faults: &[Fault]) -> Vec<&str> {
        faults.iter().map(|f| f.code).collect()
    }

    #[test]
    fn logins_are_addresses_or_short_names() {
        for login in ["abcd", "示例企业", "li.si_2-x", "a@example.com", "A.b+c@mail.example.cn", " abcd "] {
            assert_eq!(login_faults(login), [], "{login}");
        }
        let longest = "a".repeat(64);
        assert_eq!(login_faults(&longest), []);
        for (login, expected) in [
            ("", &["missing-value"][..]),
            ("abc", &["login-length"]),
            (&format!("{longest}a"), &["login-length"]),
            ("a b", &["login-length", "login-character"]),
            ("abcd\u{0}", &["login-character"]),
            ("abcd\u{202e}", &["login-character"]),
            ("a@b", &["bad-email"]),
            ("@example.com", &["bad-email"]),
            ("a@@example.com", &["bad-email"]),
            ("a..b@example.com", &["bad-email"]),
            ("a@-x.com", &["bad-email"]),
            ("a\n@example.com", &["bad-email"]),
            (&format!("{}@example.com", "a".repeat(250)), &["bad-email"]),
        ] {
            assert_eq!(codes(&login_faults(login)), expected, "{login:?}");
        }
    }

    #[test]
    fn passwords_are_long_and_not_the_first_that_one_tries() {
        let common = ["password123", "1234567890"];
        let check = |password: &str| {
            let faults = password_faults(password, "Li.Si2026ok@example.com", &common);
            faults.into_iter().map(|f| f.code).collect::<Vec<_>>()
        };
        for password in ["correct horse", "山城夜雨涨秋池，巴山", &"长密码x".repeat(32)] {
            assert_eq!(check(password), [""; 0], "{password}");
        }
        for (password, expected) in [
            ("short1!", &["password-short"][..]),
            (&"abcd".repeat(33), &["too-long"]),
            ("PassWord123", &["password-common"]),
            ("1234567890", &["password-common"]),
            ("aaaaaaaaaaaaaa", &["password-common"]),
            ("ababababab", &["password-common"]),
            ("li.si2026ok@example.com", &["password-is-login"]),
            ("li.si2026ok", &["password-is-login"]),
            ("twelve\u{0}chars", &["nul"]),
            ("", &["password-short"]),
        ] {
            assert_eq!(check(password), expected, "{password:?}");
        }
    }
}
