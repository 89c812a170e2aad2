//! Logins, passwords and names: what will do.

use super::FieldProblem;

const LOGIN: std::ops::RangeInclusive<usize> = 4..=64;
/// NIST SP 800-63B asks for length, not for kinds of characters; the upper bound keeps hashing cheap.
const PASSWORD: std::ops::RangeInclusive<usize> = 10..=128;
const NAME_MAX: usize = 60;
/// Stretches that most guessed passwords are made of.
const COMMON: [&str; 10] =
    ["password", "123456", "qwerty", "abc123", "admin", "111111", "zhihui", "iloveyou", "88888888", "a1b2c3"];

/// The login as it is kept: upper and lower case and spaces around do not matter.
pub fn fold_login(login: &str) -> String {
    login.trim().to_lowercase()
}

/// A login is an e-mail address or a word of letters, digits, `.`, `-` and `_`.
pub fn check_login(field: &str, login: &str) -> Vec<FieldProblem> {
    let login = fold_login(login);
    let fits = LOGIN.contains(&login.chars().count());
    if !fits || !login.chars().all(|c| c.is_ascii_alphanumeric() || ".-_@+".contains(c)) {
        let message = "用户名应为 4—64 个字符，只用字母、数字和 . - _ @ +（可用邮箱）";
        return vec![FieldProblem::new(field, "bad-login", message)];
    }
    Vec::new()
}

/// Long enough, not the login, and not one of those that are guessed first.
pub fn check_password(field: &str, password: &str, login: &str) -> Vec<FieldProblem> {
    let folded = password.to_lowercase();
    let problem = |code, message: &str| vec![FieldProblem::new(field, code, message)];
    if !PASSWORD.contains(&password.chars().count()) {
        return problem("password-length", "密码应为 10—128 个字符；几个不相干的词连起来就好记又安全");
    }
    let rest = COMMON.iter().fold(folded.clone(), |rest, common| rest.replace(common, ""));
    let mut kinds: Vec<char> = rest.chars().filter(|c| !c.is_ascii_digit()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() < 4 || (!login.is_empty() && folded.contains(&fold_login(login))) {
        return problem("password-guessable", "密码太容易被猜到：不要用用户名、常见密码或重复的字符");
    }
    Vec::new()
}

/// The name of a person, an organisation or a thing: one line, not empty, visible characters.
pub fn check_name(field: &str, name: &str) -> Vec<FieldProblem> {
    let name = name.trim();
    if name.is_empty() {
        return vec![FieldProblem::new(field, "missing", "请填写名称")];
    }
    if name.chars().count() > NAME_MAX || name.chars().any(|c| c.is_control() || is_invisible(c)) {
        let message = format!("名称最多 {NAME_MAX} 个字符，不能有换行或看不见的控制字符");
        return vec![FieldProblem::new(field, "bad-name", message)];
    }
    Vec::new()
}

/// Marks that change how text around them is shown: zero-width and bidirectional controls.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_that_are_guessed_first_are_refused() {
        for bad in ["short", "aaaaaaaaaaaa", "password123456", "zhihui-admin-zhihui", "1234567890123", "Li.Ming.2024"] {
            assert!(!check_password("p", bad, "li.ming").is_empty(), "{bad}");
        }
        for good in ["梅花香自苦寒来宝剑锋从", "correct horse battery", "tR9$kkw2!mQz"] {
            assert!(check_password("p", good, "li.ming").is_empty(), "{good}");
        }
    }

    #[test]
    fn logins_and_names() {
        for (login, fits) in [("li.ming@example.cn", true), ("abc", false), ("李明李明", false), ("a b c d", false)]
        {
            assert_eq!(check_login("l", login).is_empty(), fits, "{login}");
        }
        for (name, fits) in
            [("示例大学", true), (" ", false), ("示例\u{202e}大学", false), ("a\0b", false), ("🙂", true)]
        {
            assert_eq!(check_name("n", name).is_empty(), fits, "{name:?}");
        }
    }
}
