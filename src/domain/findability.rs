//! What a profile itself tells of how well it can be found: what is filled in, what is missing, and
//! what keeps it out of lists altogether.
//!
//! The checks follow what the ranking reads: the words of the evidence count most, then how much of
//! it there is, then the words of the profile. Their points are judgement, not measurement; where a
//! profile stands for real needs is measured elsewhere.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::availability::{Availability, Workload};
use super::region::is_in_city;
use super::talent::{Evidence, Talent, TalentKind, TalentStatus};

/// Pieces that the ranking counts for one need, and so the least that a profile should have.
pub const PIECES: usize = 5;
/// Keywords from which on the profile says what it is about.
const KEYWORDS: usize = 5;
/// Characters of a bio that names a problem, a way and a result.
const BIO: usize = 100;
/// Characters from which on an abstract says more than its title.
const ABSTRACT: usize = 40;
/// Years for which evidence is recent.
const RECENT: u16 = 5;
/// Characters of the text that needs are looked for by.
const INTERESTS: usize = 3_000;

/// What of a profile the review looks at.
#[derive(Debug, Clone, Copy)]
pub struct Profile<'a> {
    /// With hidden evidence.
    pub talent: &'a Talent,
    /// Ids of the pieces that are kept out of matching.
    pub hidden: &'a BTreeSet<String>,
    pub status: &'a TalentStatus,
    pub has_contact: bool,
    pub workload: Workload,
    /// The year that it is now.
    pub year: u16,
}

/// Where something is mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Profile,
    Evidence,
}

/// One thing that a complete profile has.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Check {
    /// Stable: programs may tell by it.
    pub code: &'static str,
    pub part: Part,
    /// In Chinese.
    pub label: &'static str,
    /// Of a hundred.
    pub points: f32,
    /// How far it is done, 0–1.
    pub done: f32,
    /// How it is now, in Chinese.
    pub state: String,
    /// What it is good for and what to do.
    pub advice: &'static str,
}

impl Check {
    pub fn is_done(&self) -> bool {
        self.done >= 1.0
    }
}

/// What keeps a profile from being recommended, however well it is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// Hidden: in no list at all.
    Hidden,
    /// All evidence is hidden, or there is none.
    NoEvidence,
    /// 暂不合作: left out where an enterprise asks for who is free.
    Closed,
    /// Has taken as much as it can.
    Full,
    /// Not known to be in the city: an enterprise sees those of the city first (第七条).
    OutOfCity,
}

impl Obstacle {
    /// As the API writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::NoEvidence => "no_evidence",
            Self::Closed => "closed",
            Self::Full => "full",
            Self::OutOfCity => "out_of_city",
        }
    }

    /// In Chinese: what it does and what to do.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Hidden => "档案现在不公开，不参与任何推荐。要被企业看到，请在档案里设为公开。",
            Self::NoEvidence => "没有可供匹配的成果，只能靠简介和关键词被找到。请添加成果。",
            Self::Closed => "您写明“暂不合作”，企业筛选“有余力”时看不到您。",
            Self::Full => "承接的合作已到您设定的上限，企业筛选“有余力”时看不到您。",
            Self::OutOfCity => "企业打开推荐时先看市内人才；您的地区未写明在重庆市，排在“市外”名单里。",
        }
    }
}

/// How well a profile is prepared to be found.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Review {
    /// 0–100: the points of the checks, each as far as it is done.
    pub completeness: u8,
    /// What costs most first, then what is done.
    pub checks: Vec<Check>,
    pub obstacles: Vec<Obstacle>,
}

/// Looks a profile over.
pub fn review(profile: &Profile<'_>) -> Review {
    let shown: Vec<&Evidence> = shown(profile.talent, profile.hidden).collect();
    let mut checks = evidence_checks(&shown, profile.year);
    checks.extend(profile_checks(profile));
    let sum: f32 = checks.iter().map(|c| c.points * c.done).sum();
    let open = |c: &Check| c.points * (1.0 - c.done);
    checks.sort_by(|a, b| open(b).total_cmp(&open(a)));
    // Only what is complete is told to be so.
    let completeness = if checks.iter().all(Check::is_done) { 100.0 } else { sum.floor().min(99.0) };
    Review { completeness: completeness as u8, checks, obstacles: obstacles(profile, shown.len()) }
}

fn obstacles(profile: &Profile<'_>, pieces: usize) -> Vec<Obstacle> {
    let closed = profile.workload.availability == Availability::Closed;
    let all = [
        (Obstacle::Hidden, *profile.status != TalentStatus::Active),
        (Obstacle::NoEvidence, pieces == 0),
        (Obstacle::Closed, closed),
        (Obstacle::Full, !closed && !profile.workload.is_free()),
        (Obstacle::OutOfCity, !is_in_city(profile.talent.region.as_deref())),
    ];
    all.into_iter().filter(|(_, holds)| *holds).map(|(obstacle, _)| obstacle).collect()
}

fn shown<'a>(talent: &'a Talent, hidden: &'a BTreeSet<String>) -> impl Iterator<Item = &'a Evidence> {
    talent.evidence.iter().filter(|e| !hidden.contains(&e.id))
}

/// `count` of `wanted`, at most 1.
fn share(count: usize, wanted: usize) -> f32 {
    (count as f32 / wanted.max(1) as f32).min(1.0)
}

fn evidence_checks(shown: &[&Evidence], year: u16) -> Vec<Check> {
    let all = shown.len();
    let counted = |of: fn(&Evidence) -> bool| shown.iter().filter(|e| of(e)).count();
    let long = |e: &Evidence| e.r#abstract.as_deref().is_some_and(|a| a.chars().count() >= ABSTRACT);
    let (abstracts, keywords) = (counted(long), counted(|e| !e.keywords.is_empty()));
    let (years, practice) = (counted(|e| e.year.is_some()), counted(|e| e.r#type.is_practice()));
    let newest = shown.iter().filter_map(|e| e.year).max();
    let recent = newest.is_some_and(|newest| newest + RECENT >= year);
    let check = |code, label, points, done, state, advice| Check {
        code,
        part: Part::Evidence,
        label,
        points,
        done,
        state,
        advice,
    };
    let of_all = |count: usize| format!("{all} 项中 {count} 项有");
    vec![
        check(
            "pieces",
            "成果数量",
            20.0,
            share(all, PIECES),
            format!("{all} 项参与匹配"),
            "每项需求按最对口的五项成果打分；至少写五项，按解决过的问题各写一项。",
        ),
        check(
            "abstracts",
            "成果摘要",
            20.0,
            share(abstracts, all),
            of_all(abstracts),
            "没有摘要的成果只凭标题匹配；写明对象、难点、做法和指标，企业的用词多半在这里对上。",
        ),
        check(
            "piece-keywords",
            "成果关键词",
            10.0,
            share(keywords, all),
            of_all(keywords),
            "关键词的分量是摘要的两倍；写对象、工艺、材料、型号，也写英文名。",
        ),
        check(
            "years",
            "成果年份",
            5.0,
            share(years, all),
            of_all(years),
            "企业可以只看某年以后的成果，没有年份的会被略去。",
        ),
        check(
            "recent",
            "近年成果",
            5.0,
            f32::from(u8::from(recent)),
            newest.map_or_else(|| "没有写年份的成果".to_owned(), |newest| format!("最新一项是 {newest} 年")),
            "补上近五年的成果，说明现在还在做。",
        ),
        check(
            "practice",
            "专利、标准、合同",
            5.0,
            share(practice, 1),
            format!("{practice} 项"),
            "这三类说明成果用到过实处，排序里另有加分。",
        ),
    ]
}

fn profile_checks(profile: &Profile<'_>) -> Vec<Check> {
    let talent = profile.talent;
    let bio = talent.bio.as_deref().map_or(0, |bio| bio.chars().count());
    let check = |code, label, points, done, state, advice| Check {
        code,
        part: Part::Profile,
        label,
        points,
        done,
        state,
        advice,
    };
    let told = |is: bool| if is { "已填写".to_owned() } else { "未填写".to_owned() };
    let has = |is: bool| f32::from(u8::from(is));
    let (keywords, fields) = (talent.keywords.len(), talent.fields.len());
    let mut checks = vec![
        check(
            "keywords",
            "研究方向关键词",
            10.0,
            share(keywords, KEYWORDS),
            format!("{keywords} 个"),
            "写五个以上，用企业会用的说法；成果没写到的方向也能因此被找到。",
        ),
        check(
            "bio",
            "简介",
            10.0,
            share(bio, BIO),
            format!("{bio} 字"),
            "写清擅长解决什么问题、用什么办法、做到过什么指标。",
        ),
        check(
            "region",
            "所在地区",
            5.0,
            has(talent.region.is_some()),
            told(talent.region.is_some()),
            "企业先看市内人才，同区县另有加分；没有写的按市外算。",
        ),
        check(
            "fields",
            "产业与学科领域",
            5.0,
            share(fields, 1),
            format!("{fields} 个"),
            "与需求的领域一致有加分，企业也按领域筛选。",
        ),
        check(
            "contact",
            "联系方式",
            5.0,
            has(profile.has_contact),
            told(profile.has_contact),
            "接受邀请后企业凭它联系您；在那之前谁也看不到。",
        ),
    ];
    if talent.kind == TalentKind::Team {
        let members = talent.members.len();
        let label = "团队成员";
        checks[4].points = 3.0;
        checks.push(check(
            "members",
            label,
            2.0,
            share(members, 2),
            format!("{members} 人"),
            "写上成员，企业好判断团队的构成。",
        ));
    }
    checks
}

/// The text by which needs are looked for that may fit: what the profile says, then its evidence,
/// newest first; cut at a bound.
pub fn interests(talent: &Talent, hidden: &BTreeSet<String>) -> String {
    let mut pieces: Vec<&Evidence> = shown(talent, hidden).collect();
    pieces.sort_by_key(|e| std::cmp::Reverse(e.year));
    let profile = talent.keywords.iter().map(String::as_str).chain(talent.bio.as_deref());
    // Two passes: what the pieces are called before what they say.
    let named =
        pieces.iter().flat_map(|e| std::iter::once(e.title.as_str()).chain(e.keywords.iter().map(String::as_str)));
    let said = pieces.iter().filter_map(|e| e.r#abstract.as_deref());
    let mut text = String::new();
    let mut left = INTERESTS;
    for part in profile.chain(named).chain(said) {
        if left == 0 {
            break;
        }
        let length = text.len();
        text.extend(part.chars().take(left));
        left -= text[length..].chars().count();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::talent::EvidenceType;

    fn piece(id: &str, year: u16) -> Evidence {
        Evidence {
            id: id.to_owned(),
            r#type: EvidenceType::Patent,
            title: format!("示例成果{id}"),
            r#abstract: Some("字".repeat(ABSTRACT)),
            keywords: vec!["热失控".to_owned()],
            year: Some(year),
        }
    }

    fn complete() -> Talent {
        Talent {
            region: Some("重庆市渝北区".to_owned()),
            keywords: ["一", "二", "三", "四", "五"].map(str::to_owned).to_vec(),
            bio: Some("字".repeat(BIO)),
            fields: vec!["C1".to_owned()],
            evidence: ["a", "b", "c", "d", "e"].map(|id| piece(id, 2024)).to_vec(),
            ..Talent::blank("t".to_owned(), TalentKind::Researcher)
        }
    }

    const FREE: Workload = Workload { availability: Availability::Open, capacity: None, load: 0 };

    fn reviewed(talent: &Talent, hidden: &[&str], of: impl FnOnce(&mut Profile<'_>)) -> Review {
        let hidden = hidden.iter().map(|id| (*id).to_owned()).collect();
        let status = TalentStatus::Active;
        let mut profile =
            Profile { talent, hidden: &hidden, status: &status, has_contact: true, workload: FREE, year: 2026 };
        of(&mut profile);
        review(&profile)
    }

    fn open(review: &Review) -> Vec<&str> {
        review.checks.iter().filter(|c| !c.is_done()).map(|c| c.code).collect()
    }

    #[test]
    fn a_complete_profile_has_a_hundred_points_and_no_obstacle() {
        let mut team = complete();
        team.kind = TalentKind::Team;
        team.members = vec!["示例甲".to_owned(), "示例乙".to_owned()];
        for talent in [complete(), team] {
            let review = reviewed(&talent, &[], |_| {});
            assert_eq!((review.completeness, open(&review)), (100, Vec::new()));
            assert_eq!(review.obstacles, []);
            let points: f32 = review.checks.iter().map(|c| c.points).sum();
            assert_eq!(points, 100.0);
        }
    }

    #[test]
    fn each_gap_is_named_and_lowers_the_completeness() {
        type Change = fn(&mut Talent);
        let cases: [(Change, &str); 10] = [
            (|t| t.region = None, "region"),
            (|t| t.keywords.truncate(2), "keywords"),
            (|t| t.bio = Some("短".to_owned()), "bio"),
            (|t| t.fields.clear(), "fields"),
            (|t| t.evidence[0].r#abstract = None, "abstracts"),
            (|t| t.evidence[0].keywords.clear(), "piece-keywords"),
            (|t| t.evidence[0].year = None, "years"),
            (|t| t.evidence.truncate(3), "pieces"),
            (|t| t.evidence.iter_mut().for_each(|e| e.r#type = EvidenceType::Paper), "practice"),
            (|t| t.evidence.iter_mut().for_each(|e| e.year = Some(2015)), "recent"),
        ];
        for (change, code) in cases {
            let mut talent = complete();
            change(&mut talent);
            let review = reviewed(&talent, &[], |_| {});
            assert_eq!(open(&review), [code]);
            assert_eq!(review.checks[0].code, code, "what is open stands first");
            assert!(review.completeness < 100, "{code}");
        }
        let review = reviewed(&complete(), &[], |p| p.has_contact = false);
        assert_eq!(open(&review), ["contact"]);
    }

    #[test]
    fn nothing_at_all_has_no_points() {
        let review = reviewed(&Talent::blank("t".to_owned(), TalentKind::Researcher), &[], |p| p.has_contact = false);
        assert_eq!(review.completeness, 0);
        assert_eq!(review.obstacles, [Obstacle::NoEvidence, Obstacle::OutOfCity]);
    }

    #[test]
    fn what_keeps_a_profile_out_of_lists_is_said() {
        let talent = complete();
        let all = ["a", "b", "c", "d", "e"];
        assert_eq!(reviewed(&talent, &all, |_| {}).obstacles, [Obstacle::NoEvidence], "hidden pieces do not count");
        assert_eq!(reviewed(&talent, &[], |p| p.status = &TalentStatus::Hidden).obstacles, [Obstacle::Hidden]);
        let closed = Workload { availability: Availability::Closed, ..FREE };
        assert_eq!(reviewed(&talent, &[], |p| p.workload = closed).obstacles, [Obstacle::Closed]);
        let full = Workload { capacity: Some(1), load: 1, ..FREE };
        assert_eq!(reviewed(&talent, &[], |p| p.workload = full).obstacles, [Obstacle::Full]);
    }

    #[test]
    fn interests_begin_with_the_profile_and_the_newest_evidence_and_leave_out_what_is_hidden() {
        let mut talent = complete();
        talent.evidence = vec![piece("旧", 2001), piece("新", 2024), piece("藏", 2025)];
        let hidden = BTreeSet::from(["藏".to_owned()]);
        let text = interests(&talent, &hidden);
        let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} in {text}"));
        assert!(at("一") < at("示例成果新") && at("示例成果新") < at("示例成果旧"));
        assert!(!text.contains("示例成果藏"));
    }

    proptest::proptest! {
        #[test]
        fn interests_are_bounded_and_points_are_a_share(pieces in 0_usize..40, length in 0_usize..400, bio in 0_usize..5_000) {
            let mut talent = complete();
            talent.bio = Some("字".repeat(bio));
            let long = Evidence { r#abstract: Some("词".repeat(length)), ..piece("x", 2020) };
            talent.evidence = (0..pieces).map(|n| Evidence { id: n.to_string(), ..long.clone() }).collect();
            let text = interests(&talent, &BTreeSet::new());
            proptest::prop_assert!(text.chars().filter(|c| *c != '\n').count() <= INTERESTS);
            let review = reviewed(&talent, &[], |_| {});
            proptest::prop_assert!(review.completeness <= 100);
            proptest::prop_assert!(review.checks.iter().all(|c| (0.0..=1.0).contains(&c.done)));
        }
    }
}
