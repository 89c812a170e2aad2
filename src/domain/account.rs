//! Who signs in, and as what.

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
}
