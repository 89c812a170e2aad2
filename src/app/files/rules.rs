//! What makes a row a talent, a piece of evidence or a need. Each rule that a row breaks is
//! reported, not the first one only.

use crate::domain::need::self_raised_fault;
use crate::domain::text::{MAX_LONG, MAX_PROBLEM, MAX_SHORT};
use crate::domain::{Evidence, EvidenceType, Need, NeedMode, Talent, TalentKind, Target};

use super::columns;
use super::form::Form;
use super::values;

pub(super) const KINDS: [(TalentKind, &str, &[&str]); 2] = [
    (TalentKind::Researcher, "researcher", &["研究人员", "个人", "科研人员", "科技人才"]),
    (TalentKind::Team, "team", &["团队", "科技团队"]),
];

pub(super) const TYPES: [(EvidenceType, &str, &[&str]); 6] = [
    (EvidenceType::Paper, "paper", &["论文"]),
    (EvidenceType::Patent, "patent", &["专利"]),
    (EvidenceType::Project, "project", &["项目"]),
    (EvidenceType::Award, "award", &["奖项"]),
    (EvidenceType::Standard, "standard", &["标准"]),
    (EvidenceType::Contract, "contract", &["合同"]),
];

const MODES: [(NeedMode, &str, &[&str]); 3] = [
    (NeedMode::SelfReliant, "self", &["企业自主攻关"]),
    (NeedMode::Collaborative, "collaborative", &["产学研协同攻关"]),
    (NeedMode::OpenChallenge, "open_challenge", &["揭榜挂帅"]),
];

/// The talent of a form whose id was taken already, as yet without evidence.
pub(super) fn talent(id: Option<String>, form: &mut Form<'_>) -> Option<Talent> {
    let kind = form.required_choice("kind", &KINDS, "unknown-kind");
    let name = form.required("name", MAX_SHORT);
    // A table must have the column; blank, or absent from JSON, means not known: real data has such talents.
    let organization = form.text("organization", MAX_SHORT).unwrap_or_default();
    let region = form.text("region", MAX_SHORT);
    let title = form.text("title", MAX_SHORT);
    let keywords = form.list("keywords");
    let bio = form.text("bio", MAX_LONG);
    let fields = form.list("fields");
    let members = form.list("members");
    if !form.is_sound() {
        return None;
    }
    Some(Talent {
        id: id?,
        kind: kind?,
        name: name?,
        organization,
        region,
        title,
        keywords,
        bio,
        fields,
        members,
        evidence: Vec::new(),
    })
}

/// One piece of evidence.
pub(super) fn evidence(form: &mut Form<'_>) -> Option<Evidence> {
    let id = form.id("id", false);
    let kind = form.required_choice("type", &TYPES, "unknown-type");
    let title = form.required("title", MAX_SHORT);
    let summary = form.text("abstract", MAX_LONG);
    let keywords = form.list("keywords");
    let year = form.parsed("year", values::year);
    if !form.is_sound() {
        return None;
    }
    Some(Evidence { id: id?, r#type: kind?, title: title?, r#abstract: summary, keywords, year })
}

/// The need of a form whose id was taken already.
pub(super) fn need(id: Option<String>, form: &mut Form<'_>) -> Option<Need> {
    let organization = form.text("organization", MAX_SHORT);
    let title = form.text("title", MAX_SHORT);
    let problem = form.required("problem", MAX_PROBLEM);
    let mode = form.choice("mode", &MODES, "unknown-mode");
    let targets = targets(form);
    let scenario = form.text("scenario", MAX_LONG);
    let total_investment = form.money("total_investment");
    let self_raised = form.money("self_raised");
    if let Some(fault) = self_raised_fault(total_investment, self_raised) {
        form.refuse("self_raised", fault);
    }
    let field = form.text("field", MAX_SHORT);
    let region = form.text("region", MAX_SHORT);
    let deadline = form.parsed("deadline", values::date);
    let ownership = form.text("ownership", MAX_SHORT);
    if !form.is_sound() {
        return None;
    }
    Some(Need {
        id: id?,
        organization,
        title,
        problem: problem?,
        mode,
        targets,
        scenario,
        total_investment,
        self_raised,
        field,
        region,
        deadline,
        ownership,
    })
}

/// Targets from a JSON array or from the text of a cell.
fn targets(form: &mut Form<'_>) -> Vec<Target> {
    if form.is_row() {
        let items = form.list("targets");
        let parsed: Vec<_> = items.iter().map(|item| values::target(item)).collect();
        return parsed
            .into_iter()
            .filter_map(|target| target.map_err(|fault| form.refuse("targets", fault)).ok())
            .collect();
    }
    let items = form.array("targets");
    let mut targets = Vec::with_capacity(items.len());
    for (at, item) in items.into_iter().enumerate() {
        match form.child("targets", at, &columns::TARGET, item).and_then(target) {
            Some(target) => targets.push(target),
            None => form.fail(),
        }
    }
    targets
}

fn target(mut form: Form<'_>) -> Option<Target> {
    let name = form.required("name", MAX_SHORT);
    let value = form.required_scalar("value", MAX_SHORT);
    let unit = form.text("unit", MAX_SHORT);
    if !form.is_sound() {
        return None;
    }
    Some(Target { name: name?, value: value?, unit })
}
