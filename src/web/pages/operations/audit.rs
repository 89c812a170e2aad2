//! Who did what: the audit log with filters, and whether its chain holds.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::{Deserialize, Serialize};

use super::{PAGE, link, one_page, page, searched, shown};
use crate::app::audit::{AuditLine, AuditQuestion};
use crate::domain::{Action, Day};
use crate::store::ChainBreak;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;
use crate::web::pages::forms::Problems;
use crate::web::pages::frame::Frame;

const PATH: &str = "/operations/audit";

/// What is done, in words; a test holds that all of it is here.
#[rustfmt::skip]
const ACTIONS: &[(&str, &str)] = &[
    ("account.register", "注册账号"), ("account.approve", "批准注册"), ("account.refuse", "拒绝注册"),
    ("account.create", "建立账号"), ("account.set_status", "启用或停用账号"),
    ("account.password_reset", "重置密码"), ("account.password_change", "修改密码"),
    ("session.begin", "登录"), ("session.end_all", "在所有设备退出"), ("token.create", "建立令牌"), ("token.revoke", "吊销令牌"),
    ("organisation.create", "登记单位"), ("organisation.update", "修改单位"),
    ("organisation.declare", "申报集团、法定代表人和资质"),
    ("integrity.open", "登记科研诚信记录"), ("integrity.close", "了结科研诚信记录"),
    ("need.create", "新建需求"), ("need.update", "修改需求"), ("need.submit", "提交需求"),
    ("need.publish", "发布需求"), ("need.give_back", "退回需求"), ("need.withdraw", "撤回需求"),
    ("attachment.add", "上传附件"), ("attachment.delete", "删除附件"),
    ("talent.create", "新建档案"), ("talent.update", "修改档案"), ("talent.delete", "删除档案"),
    ("talent.set_visible", "展示或隐藏档案"), ("talent.evidence_add", "添加成果"),
    ("talent.evidence_update", "修改成果"), ("talent.evidence_remove", "移除成果"),
    ("talent.evidence_import", "从文件添加成果"),
    ("claim.create", "申请认领"), ("claim.approve", "通过认领"), ("claim.refuse", "不通过认领"),
    ("merge.create", "合并档案"), ("merge.keep_apart", "标为不是同一个"), ("merge.undo", "撤销合并"),
    ("import.preview", "导入预览"), ("import.confirm", "确认导入"),
    ("shortlist.put", "备选或标注人才"), ("shortlist.delete", "取消备选"),
    ("invitation.create", "发出邀请"), ("invitation.accepted", "接受邀请"),
    ("invitation.declined", "婉拒邀请"), ("invitation.withdrawn", "撤回邀请"),
    ("announcement.create", "发布公告"), ("announcement.update", "修改公告"),
    ("announcement.withdraw", "撤回公告"), ("demo.fill", "装入演示数据"),
];

/// What it is done to.
const KINDS: &[(&str, &str)] = &[
    ("account", "账号"),
    ("organisation", "单位"),
    ("need", "需求"),
    ("attachment", "附件"),
    ("talent", "档案"),
    ("claim", "认领"),
    ("merge", "合并"),
    ("import", "导入"),
    ("invitation", "邀请"),
    ("announcement", "公告"),
    ("token", "令牌"),
    ("store", "数据库"),
    ("demo", "演示"),
];

pub fn router() -> Router<Shared> {
    Router::new().route(PATH, get(list)).route("/operations/audit/check", get(check))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Query {
    #[serde(skip_serializing_if = "String::is_empty")]
    action: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    actor: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    object: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    from: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    until: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    before: String,
}

impl Query {
    /// What is asked for, and what of it cannot be understood.
    fn question(&self) -> (AuditQuestion, Problems) {
        let mut problems = Vec::new();
        let mut day = |field: &str, text: &str| match text.trim() {
            "" => None,
            text => match Day::parse(text) {
                Ok(day) => Some(day),
                Err(fault) => {
                    problems.push(crate::domain::FieldProblem::at(field, fault));
                    None
                }
            },
        };
        let question = AuditQuestion {
            action: searched(&self.action),
            object: searched(&self.object),
            actor: searched(&self.actor),
            from: day("from", &self.from),
            until: day("until", &self.until),
        };
        (question, problems.into())
    }
}

#[derive(Template)]
#[template(path = "operations/audit.html", config = "src/web/askama.toml")]
struct Audit {
    frame: Frame,
    query: Query,
    problems: Problems,
    lines: Vec<AuditLine>,
    /// What the check of the whole log has found, where one was asked for.
    checked: Option<Result<i64, ChainBreak>>,
    first: String,
    next: String,
}

impl Audit {
    /// Whether all actions on such things are asked for.
    fn asks_all(&self, kind: &str) -> bool {
        self.query.action.strip_suffix('.') == Some(kind)
    }

    /// The page of an object, where there is one for this person.
    fn link(&self, object: &str) -> Option<String> {
        let (kind, id) = object.split_once(':')?;
        let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        let (path, action) = match kind {
            "account" => ("/operations/accounts/", Action::AccountRead),
            "organisation" => ("/operations/organisations/", Action::AccountRead),
            "need" => ("/needs/", Action::NeedDecide),
            "talent" => ("/operations/talents/", Action::TalentCurate),
            "import" => ("/operations/imports/", Action::TalentImport),
            "announcement" => ("/operations/announcements/", Action::Announce),
            _ => return None,
        };
        (plain && self.frame.may(action)).then(|| format!("{path}{id}"))
    }
}

async fn list(State(shared): State<Shared>, frame: Frame, Params(query): Params<Query>) -> Result<Response, PageError> {
    listed(&shared, frame, query, None).await
}

async fn check(
    State(shared): State<Shared>,
    frame: Frame,
    Params(query): Params<Query>,
) -> Result<Response, PageError> {
    let checked = shared.app.audit_verify(frame.signed()?).await?;
    listed(&shared, frame, query, Some(checked)).await
}

async fn listed(
    shared: &Shared,
    frame: Frame,
    query: Query,
    checked: Option<Result<i64, ChainBreak>>,
) -> Result<Response, PageError> {
    let (question, problems) = query.question();
    let before = query.before.parse().unwrap_or(0);
    let found = match problems.is_empty() {
        true => shared.app.audit_found(frame.signed()?, &question, before, PAGE + 1).await?,
        false => Vec::new(),
    };
    let (lines, more) = one_page(found);
    let from = |before: String| link(PATH, &Query { before, ..query.clone() });
    let first = if query.before.is_empty() { String::new() } else { from(String::new()) };
    let next = lines.last().filter(|_| more).map(|line| from(line.number.to_string())).unwrap_or_default();
    let status = if problems.is_empty() { StatusCode::OK } else { problems.status() };
    Ok(page(status, &Audit { frame, query, problems, lines, checked, first, next }))
}

/// A kind of things: code, name, and the actions on them with their names.
type Group = (&'static str, &'static str, Vec<(&'static str, &'static str)>);

/// The kinds of things with the actions on each. What is done to one that is no kind of its own
/// comes last.
fn groups() -> Vec<Group> {
    let of = |kind: &str| {
        let is_of = |code: &str| code.split_once('.').is_some_and(|(noun, _)| noun == kind);
        ACTIONS.iter().copied().filter(|(code, _)| is_of(code)).collect::<Vec<_>>()
    };
    KINDS
        .iter()
        .chain(&[("session", "登录"), ("shortlist", "备选")])
        .map(|(kind, name)| (*kind, *name, of(kind)))
        .collect()
}

/// An action in words; one that is not known, as it is written.
fn action_name(action: &str) -> &str {
    ACTIONS.iter().find(|(code, _)| *code == action).map_or(action, |(_, name)| *name)
}

/// The kind of an object in words, and its id.
fn object_name(object: &str) -> (&str, &str) {
    let (kind, id) = object.split_once(':').unwrap_or((object, ""));
    (KINDS.iter().find(|(code, _)| *code == kind).map_or(kind, |(_, name)| *name), id)
}

/// The detail as short text: names and values.
fn detail(json: &str) -> String {
    let Ok(serde_json::Value::Object(fields)) = serde_json::from_str(json) else { return String::new() };
    let value = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    let parts = fields.into_iter().filter(|(_, v)| !v.is_null()).map(|(name, v)| format!("{name}={}", value(v)));
    parts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn sources(folder: &Path, found: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            if entry.is_dir() {
                sources(&entry, found);
            } else {
                found.push_str(&std::fs::read_to_string(entry).unwrap());
            }
        }
    }

    /// Literals of the use cases that look like actions: `"noun.verb"` of a known noun.
    #[test]
    fn everything_that_is_noted_has_a_name() {
        let mut source = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app"), &mut source);
        let nouns: BTreeSet<&str> = ACTIONS.iter().filter_map(|(code, _)| code.split_once('.')).map(|p| p.0).collect();
        let verb = |verb: &str| !verb.is_empty() && verb.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let is_field = |literal: &str| {
            ["organisation.name", "organisation.kind", "organisation.credit_code", "organisation.region"]
                .contains(&literal)
        };
        let literals =
            source.split('"').filter(|l| l.split_once('.').is_some_and(|(n, v)| nouns.contains(n) && verb(v)));
        let unnamed: BTreeSet<&str> = literals.filter(|l| !is_field(l) && action_name(l) == *l).collect();
        assert_eq!(unnamed, BTreeSet::new());
        assert_eq!(action_name("need.publish"), "发布需求");
    }

    #[test]
    fn entries_are_told_in_words() {
        assert_eq!(object_name("need:n1"), ("需求", "n1"));
        assert_eq!(object_name("store:demo"), ("数据库", "demo"));
        assert_eq!(detail(r#"{"status":"active","by":null,"n":2}"#), "n=2 status=active");
        assert_eq!(detail("broken"), "");
    }
}
