//! Organisations, and the code that names one across all registers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an organisation is to the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationKind {
    Enterprise,
    University,
    Institute,
    DistrictOffice,
    CityOffice,
    /// Reviews and accepts projects on behalf of the city.
    ReviewBody,
    /// Runs the platform.
    Operator,
}

impl OrganisationKind {
    pub const ALL: [Self; 7] = [
        Self::Enterprise,
        Self::University,
        Self::Institute,
        Self::DistrictOffice,
        Self::CityOffice,
        Self::ReviewBody,
        Self::Operator,
    ];

    /// As it is written in the store and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Enterprise => "enterprise",
            Self::University => "university",
            Self::Institute => "institute",
            Self::DistrictOffice => "district_office",
            Self::CityOffice => "city_office",
            Self::ReviewBody => "review_body",
            Self::Operator => "operator",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Enterprise => "企业",
            Self::University => "高等院校",
            Self::Institute => "科研院所",
            Self::DistrictOffice => "区县科技行政主管部门",
            Self::CityOffice => "市科技局",
            Self::ReviewBody => "第三方评审机构",
            Self::Operator => "平台运营方",
        }
    }
}

/// What happened to an organisation that its own people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationNews {
    RecordOpened,
    RecordClosed,
    /// An operator has changed what it declares.
    Corrected,
    /// The platform has made an account that acts for it.
    AccountAdded,
    /// The platform has set a temporary password for one.
    PasswordReset,
    /// The platform has let one in again.
    AccountRestored,
}

impl OrganisationNews {
    /// In one sentence, to the organisation's people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::RecordOpened => "平台登记了一条贵单位的科研诚信记录，了结之前不能揭榜",
            Self::RecordClosed => "贵单位的一条科研诚信记录已了结",
            Self::Corrected => "平台核对并修改了贵单位的申报信息",
            Self::AccountAdded => {
                "平台为贵单位新增了一个账号，它能看到贵单位的需求和揭榜；如非贵单位申请，请立即联系平台"
            }
            Self::PasswordReset => "平台重置了贵单位一个账号的密码；如非本人申请，请立即联系平台",
            Self::AccountRestored => "平台恢复了贵单位一个停用的账号；如非贵单位申请，请立即联系平台",
        }
    }
}

/// Whether an organisation may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrganisationStatus {
    /// Registered itself; an operator has not looked yet.
    Pending,
    Approved,
    Refused,
}

impl OrganisationStatus {
    pub const ALL: [Self; 3] = [Self::Pending, Self::Approved, Self::Refused];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Refused => "refused",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "待审核",
            Self::Approved => "已通过",
            Self::Refused => "未通过",
        }
    }
}

/// 统一社会信用代码: 18 characters, the last of them a check character (GB 32100-2015).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CreditCode(String);

/// Why a text is no 统一社会信用代码.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CreditCodeError {
    #[error("统一社会信用代码应有 18 位，这里是 {0} 位")]
    Length(usize),
    #[error("统一社会信用代码第 {0} 位不应是“{1}”（只用数字和除 I、O、S、V、Z 外的大写字母，第 3—8 位只用数字）")]
    Character(usize, char),
    #[error("统一社会信用代码的校验位不对：请核对是否抄错")]
    Check,
}

impl CreditCode {
    /// Values of the characters: their places in this text (GB 32100-2015, table 2).
    const ALPHABET: &'static str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    const LENGTH: usize = 18;
    /// The administrative division, which is a number.
    const DIVISION: std::ops::Range<usize> = 2..8;

    /// Reads a code; letter case, full-width characters and spaces around do not matter.
    ///
    /// # Errors
    /// [`CreditCodeError`]
    pub fn parse(text: &str) -> Result<Self, CreditCodeError> {
        let half_width = |c: char| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            _ => c,
        };
        let code: String = text.trim().chars().map(|c| half_width(c).to_ascii_uppercase()).collect();
        let length = code.chars().count();
        if length != Self::LENGTH {
            return Err(CreditCodeError::Length(length));
        }
        let mut sum = 0;
        let mut weight = 1;
        for (place, c) in code.chars().enumerate() {
            let value = Self::ALPHABET.find(c).filter(|_| !Self::DIVISION.contains(&place) || c.is_ascii_digit());
            let value = value.ok_or(CreditCodeError::Character(place + 1, c))?;
            // The check character has the weight 1, and makes the sum a multiple of 31.
            sum += value * if place + 1 == Self::LENGTH { 1 } else { weight };
            weight = weight * 3 % 31;
        }
        if sum % 31 == 0 { Ok(Self(code)) } else { Err(CreditCodeError::Check) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check character of this made-up code was computed apart from this code.
    const CODE: &str = "91500105MA60123A4Q";

    #[test]
    fn credit_codes_of_gb_32100() {
        for text in [CODE, &format!(" {}\n", CODE.to_lowercase()), "９１５００１０５ｍａ６０１２３ａ４ｑ"]
        {
            assert_eq!(CreditCode::parse(text).unwrap().as_str(), CODE);
        }
        let others = CreditCode::ALPHABET.chars().map(|c| format!("{}{c}", &CODE[..17])).filter(|code| code != CODE);
        for other in others {
            assert_eq!(CreditCode::parse(&other), Err(CreditCodeError::Check), "{other}");
        }
        assert_eq!(CreditCode::parse("9150"), Err(CreditCodeError::Length(4)));
        assert_eq!(CreditCode::parse("91500105MA60123I4X"), Err(CreditCodeError::Character(16, 'I')));
        assert_eq!(CreditCode::parse("915A0105MA60123A4X"), Err(CreditCodeError::Character(4, 'A')));
    }

    /// What the check character is for: one wrong character, or two neighbours exchanged.
    #[test]
    fn a_slip_of_the_pen_is_noticed() {
        let code: Vec<char> = CODE.chars().collect();
        for place in 0..code.len() {
            for c in CreditCode::ALPHABET.chars().filter(|c| *c != code[place]) {
                let mut wrong = code.clone();
                wrong[place] = c;
                assert!(CreditCode::parse(&wrong.iter().collect::<String>()).is_err(), "{wrong:?}");
            }
            let mut swapped = code.clone();
            swapped.swap(place, (place + 1) % code.len());
            let harmless = swapped == code || place + 1 == code.len();
            assert!(harmless || CreditCode::parse(&swapped.iter().collect::<String>()).is_err(), "{swapped:?}");
        }
    }
}
