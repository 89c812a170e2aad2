//! Which action each route asks for: the one place where a request is let in. A route that is not
//! in the table is open to nobody. How the person is related to the object is for the use case.

use axum::extract::{MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::error::{Problem, answer, is_api};
use super::extract::{MaybeSigned, SESSION, cookie};
use super::{Shared, pages};
use crate::app::{Actor, AppError};
use crate::domain::Action;

/// What a route asks of whoever calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing: visitors may.
    Open,
    /// That the role may do this to some object.
    Needs(Action),
}

/// Method, path as the router has it, and what it asks for.
#[rustfmt::skip]
pub const ROUTES: &[(&str, &str, Access)] = {
    use Access::{Needs, Open};
    use Action::*;
    &[
        ("GET",    "/",                                   Open),
        ("GET",    "/assets/{version}/{name}",            Open),
        ("GET",    "/gallery",                            Open),
        ("POST",   "/gallery",                            Open),
        ("GET",    "/sign-in",                            Open),
        ("POST",   "/sign-in",                            Open),
        ("POST",   "/sign-out",                           Open),
        ("GET",    "/sign-up",                            Open),
        ("POST",   "/sign-up",                            Open),
        ("GET",    "/sign-up/done",                       Open),
        ("GET",    "/account",                            Needs(OwnAccount)),
        ("POST",   "/account/password",                   Needs(OwnAccount)),
        ("POST",   "/account/tokens",                     Needs(OwnAccount)),
        ("POST",   "/account/tokens/{id}/revoke",         Needs(OwnAccount)),
        ("POST",   "/account/sign-out-everywhere",        Needs(OwnAccount)),
        ("GET",    "/account/organisation",               Needs(OrganisationDeclare)),
        ("POST",   "/account/organisation",               Needs(OrganisationDeclare)),
        ("GET",   "/profile",                            Needs(TalentClaim)),
        ("POST",  "/profile/standing",                   Needs(TalentClaim)),
        ("GET",   "/profile/preview",                    Needs(TalentClaim)),
        ("GET",   "/profile/delete",                     Needs(TalentClaim)),
        ("POST",  "/profile/delete",                     Needs(TalentClaim)),
        ("GET",   "/profile/edit",                       Needs(TalentClaim)),
        ("POST",  "/profile/edit",                       Needs(TalentClaim)),
        ("GET",   "/profile/author",                     Needs(TalentClaim)),
        ("POST",  "/profile/author",                     Needs(TalentClaim)),
        ("POST",  "/profile/author/chosen",              Needs(TalentClaim)),
        ("GET",   "/profile/claim",                      Needs(TalentClaim)),
        ("POST",  "/profile/claim",                      Needs(TalentClaim)),
        ("POST",  "/profile/claim/search",               Needs(TalentClaim)),
        ("GET",   "/profile/evidence",                   Needs(TalentClaim)),
        ("POST",  "/profile/evidence",                   Needs(TalentClaim)),
        ("GET",   "/profile/evidence/new",               Needs(TalentClaim)),
        ("GET",   "/profile/evidence/{id}",              Needs(TalentClaim)),
        ("POST",  "/profile/evidence/{id}",              Needs(TalentClaim)),
        ("POST",  "/profile/evidence/{id}/hidden",       Needs(TalentClaim)),
        ("POST",  "/profile/evidence/{id}/remove",       Needs(TalentClaim)),
        ("GET",   "/profile/import",                     Needs(TalentClaim)),
        ("POST",  "/profile/import",                     Needs(TalentClaim)),
        ("GET",   "/profile/import/{id}",                Needs(TalentClaim)),
        ("POST",  "/profile/import/{id}",                Needs(TalentClaim)),
        ("GET",   "/profile/findability",                Needs(TalentClaim)),
        ("GET",   "/profile/needs",                      Needs(TalentClaim)),
        ("GET",   "/profile/needs/{id}",                 Needs(TalentClaim)),
        ("GET",   "/invitations",                        Needs(InvitationRead)),
        ("GET",   "/invitations/{id}",                   Needs(InvitationRead)),
        ("POST",  "/invitations/{id}/answer",            Needs(InvitationAnswer)),
        ("POST",  "/invitations/{id}/withdraw",          Needs(Invite)),
        ("GET",    "/needs",                              Needs(NeedRead)),
        ("GET",    "/needs/new",                          Needs(NeedCreate)),
        ("POST",   "/needs/new",                          Needs(NeedCreate)),
        ("POST",   "/needs/findings",                     Needs(NeedAssess)),
        ("GET",    "/needs/{id}",                         Needs(NeedRead)),
        ("GET",    "/needs/{id}/edit",                    Needs(NeedUpdate)),
        ("POST",   "/needs/{id}/edit",                    Needs(NeedUpdate)),
        ("GET",    "/needs/{id}/versions",                Needs(NeedRead)),
        ("POST",   "/needs/{id}/submission",              Needs(NeedUpdate)),
        ("POST",   "/needs/{id}/decision",                Needs(NeedDecide)),
        ("POST",   "/needs/{id}/withdrawal",              Needs(NeedUpdate)),
        ("GET",    "/needs/{id}/attachments",             Needs(NeedRead)),
        ("POST",   "/needs/{id}/attachments",             Needs(NeedUpdate)),
        ("POST",   "/needs/{id}/attachments/{attachment}/delete", Needs(NeedUpdate)),
        ("GET",    "/needs/{id}/talents",                 Needs(Recommend)),
        ("GET",    "/needs/{id}/talents/list.xlsx",       Needs(Recommend)),
        ("POST",   "/needs/{id}/talents/{talent}/verdict", Needs(Recommend)),
        ("GET",    "/needs/{id}/comparison",              Needs(Recommend)),
        ("GET",    "/needs/{id}/invite/{talent}",         Needs(Invite)),
        ("POST",   "/needs/{id}/invite/{talent}",         Needs(Invite)),
        ("GET",    "/needs/{id}/invitations",             Needs(Recommend)),
        ("POST",   "/needs/{id}/invitations/{invitation}/withdrawal", Needs(Invite)),
        ("GET",    "/api/docs",                           Open),
        ("GET",    "/api/docs/",                          Open),
        ("GET",    "/api/docs/{*rest}",                   Open),
        ("GET",    "/api/v1/openapi.json",                Open),
        ("GET",    "/healthz",                            Open),
        ("GET",    "/readyz",                             Open),
        ("GET",    "/metrics",                            Open),
        ("POST",   "/api/v1/registrations",               Open),
        ("POST",   "/api/v1/session",                     Open),
        ("GET",    "/api/v1/session",                     Needs(OwnProfile)),
        ("DELETE", "/api/v1/session",                     Open),
        ("PUT",    "/api/v1/session/password",            Needs(OwnAccount)),
        ("GET",    "/api/v1/tokens",                      Needs(OwnAccount)),
        ("POST",   "/api/v1/tokens",                      Needs(OwnAccount)),
        ("DELETE", "/api/v1/tokens/{id}",                 Needs(OwnAccount)),
        ("GET",    "/api/v1/accounts",                    Needs(AccountRead)),
        ("POST",   "/api/v1/accounts",                    Needs(AccountManage)),
        ("GET",    "/api/v1/accounts/{id}",               Needs(AccountRead)),
        ("PUT",    "/api/v1/accounts/{id}",               Needs(AccountManage)),
        ("POST",   "/api/v1/accounts/{id}/decision",      Needs(RegistrationDecide)),
        ("POST",   "/api/v1/accounts/{id}/password-reset", Needs(AccountManage)),
        ("GET",    "/api/v1/organisations/{id}",          Needs(OrganisationRead)),
        ("PUT",    "/api/v1/organisations/{id}",          Needs(OrganisationUpdate)),
        ("GET",    "/api/v1/organisations/{id}/standing", Needs(OrganisationDeclare)),
        ("PUT",    "/api/v1/organisations/{id}/standing", Needs(OrganisationDeclare)),
        ("GET",    "/api/v1/organisations/{id}/integrity-records", Needs(OrganisationDeclare)),
        ("POST",   "/api/v1/organisations/{id}/integrity-records", Needs(IntegrityRecord)),
        ("POST",   "/api/v1/organisations/{id}/integrity-records/{record}/close", Needs(IntegrityRecord)),
        ("GET",    "/api/v1/profile",                     Needs(TalentRead)),
        ("PUT",    "/api/v1/profile",                     Needs(TalentUpdate)),
        ("DELETE", "/api/v1/profile",                     Needs(TalentUpdate)),
        ("POST",   "/api/v1/profile/evidence",            Needs(TalentUpdate)),
        ("PUT",    "/api/v1/profile/evidence/{evidence}", Needs(TalentUpdate)),
        ("DELETE", "/api/v1/profile/evidence/{evidence}", Needs(TalentUpdate)),
        ("POST",   "/api/v1/profile/author-file",         Needs(TalentCreate)),
        ("POST",   "/api/v1/profile/evidence-file",       Needs(TalentUpdate)),
        ("POST",   "/api/v1/profile/evidence-file/{id}/confirm", Needs(TalentUpdate)),
        ("GET",    "/api/v1/profile/claims",              Needs(TalentClaim)),
        ("POST",   "/api/v1/profile/claims",              Needs(TalentClaim)),
        ("GET",    "/api/v1/profile/needs",               Needs(TalentRead)),
        ("GET",    "/api/v1/profile/needs/{id}",          Needs(TalentRead)),
        ("GET",    "/api/v1/profile/findability",         Needs(TalentRead)),
        ("GET",    "/api/v1/talents",                     Needs(TalentCurate)),
        ("POST",   "/api/v1/talents",                     Needs(TalentCreate)),
        ("GET",    "/api/v1/talents/{id}",                Open),
        ("PUT",    "/api/v1/talents/{id}",                Needs(TalentUpdate)),
        ("DELETE", "/api/v1/talents/{id}",                Needs(TalentUpdate)),
        ("GET",    "/api/v1/talents/{id}/record",         Needs(TalentRead)),
        ("POST",   "/api/v1/talents/{id}/evidence",       Needs(TalentUpdate)),
        ("PUT",    "/api/v1/talents/{id}/evidence/{evidence}", Needs(TalentUpdate)),
        ("DELETE", "/api/v1/talents/{id}/evidence/{evidence}", Needs(TalentUpdate)),
        ("GET",    "/api/v1/claims",                      Needs(TalentCurate)),
        ("POST",   "/api/v1/claims/{id}/decision",        Needs(TalentCurate)),
        ("GET",    "/api/v1/imports",                     Needs(TalentImport)),
        ("POST",   "/api/v1/imports",                     Needs(TalentImport)),
        ("GET",    "/api/v1/imports/template.xlsx",       Needs(TalentImport)),
        ("GET",    "/api/v1/imports/{id}",                Needs(TalentImport)),
        ("POST",   "/api/v1/imports/{id}/confirm",        Needs(TalentImport)),
        ("GET",    "/api/v1/imports/{id}/report.xlsx",    Needs(TalentImport)),
        ("GET",    "/api/v1/duplicates",                  Needs(TalentCurate)),
        ("GET",    "/api/v1/merges",                      Needs(TalentCurate)),
        ("POST",   "/api/v1/merges",                      Needs(TalentCurate)),
        ("POST",   "/api/v1/merges/apart",                Needs(TalentCurate)),
        ("DELETE", "/api/v1/merges/{id}",                 Needs(TalentCurate)),
        ("GET",    "/api/v1/index",                       Needs(Operate)),
        ("GET",    "/api/v1/audit",                       Needs(AuditRead)),
        ("GET",    "/api/v1/dashboard",                   Needs(Operate)),
        ("GET",    "/operations",                         Needs(Operate)),
        ("GET",    "/search",                             Open),
        ("GET",    "/suggest",                            Open),
        ("GET",    "/published-needs",                    Open),
        ("GET",    "/published-needs/{id}",               Open),
        ("GET",    "/talents/{id}",                       Open),
        ("GET",    "/challenges",                         Open),
        ("GET",    "/challenges.atom",                    Open),
        ("GET",    "/challenges/{id}",                    Open),
        ("GET",    "/challenges/{id}/changes/{number}",   Open),
        ("GET",    "/challenges/{id}/files/{file}",       Open),
        ("POST",   "/challenges/{id}/watch",              Needs(ChallengeTalk)),
        ("POST",   "/challenges/{id}/unwatch",            Needs(ChallengeTalk)),
        ("POST",   "/challenges/{id}/questions",          Needs(ChallengeTalk)),
        ("POST",   "/challenges/{id}/agreement",          Needs(ChallengeTalk)),
        ("POST",   "/challenges/{id}/questions/{question}/answer", Needs(ChallengeWrite)),
        ("GET",    "/challenges/{id}/bids.json",          Open),
        ("GET",    "/receipts",                           Open),
        ("POST",   "/receipts",                           Open),
        ("GET",    "/trust",                              Open),
        ("GET",    "/trust/audit.jsonl",                  Open),
        ("GET",    "/needs/{id}/challenge",               Needs(ChallengeWrite)),
        ("POST",   "/needs/{id}/challenge",               Needs(ChallengeWrite)),
        ("GET",    "/challenges/own",                     Needs(ChallengeWrite)),
        ("GET",    "/challenges/{id}/manage",             Needs(ChallengeWrite)),
        ("GET",    "/challenges/{id}/edit",               Needs(ChallengeWrite)),
        ("POST",   "/challenges/{id}/edit",               Needs(ChallengeWrite)),
        ("POST",   "/challenges/{id}/submission",         Needs(ChallengeWrite)),
        ("POST",   "/challenges/{id}/withdrawal",         Needs(ChallengeWrite)),
        ("GET",    "/operations/challenges",              Needs(ChallengeDecide)),
        ("GET",    "/operations/challenges/{id}",         Needs(ChallengeDecide)),
        ("POST",   "/operations/challenges/{id}/decision", Needs(ChallengeDecide)),
        ("POST",   "/challenges/{id}/bid",                Needs(Bid)),
        ("GET",    "/bids",                               Needs(Bid)),
        ("GET",    "/bids/{id}",                          Needs(Bid)),
        ("GET",    "/bids/{id}/edit",                     Needs(Bid)),
        ("POST",   "/bids/{id}/edit",                     Needs(Bid)),
        ("POST",   "/bids/{id}/submission",               Needs(Bid)),
        ("POST",   "/bids/{id}/withdrawal",               Needs(Bid)),
        ("POST",   "/bids/{id}/confirmation",             Needs(Bid)),
        ("POST",   "/bids/{id}/membership",               Needs(Bid)),
        ("GET",    "/bids/{id}/receipt.json",             Needs(Bid)),
        ("POST",   "/bids/{id}/files",                    Needs(Bid)),
        ("GET",    "/bids/{id}/files/{file}",             Needs(Bid)),
        ("POST",   "/bids/{id}/files/{file}/deletion",    Needs(Bid)),
        ("GET",   "/panel",                              Needs(Panel)),
        ("GET",   "/panel/{challenge}",                  Needs(Panel)),
        ("POST",  "/panel/{challenge}/declaration",      Needs(Panel)),
        ("GET",   "/panel/{challenge}/comparison",       Needs(Panel)),
        ("GET",   "/panel/{challenge}/bids/{bid}",       Needs(Panel)),
        ("POST",  "/panel/{challenge}/bids/{bid}",       Needs(Panel)),
        ("GET",   "/panel/{challenge}/bids/{bid}/files/{file}", Needs(Panel)),
        ("GET",   "/operations/challenges/{id}/panel",   Needs(ChallengeDecide)),
        ("POST",  "/operations/challenges/{id}/panel",   Needs(ChallengeDecide)),
        ("POST",  "/operations/challenges/{id}/panel/removal", Needs(ChallengeDecide)),
        ("GET",   "/challenges/{id}/evaluation",         Needs(ChallengeRead)),
        ("GET",   "/challenges/{id}/evaluation/comparison", Needs(ChallengeWrite)),
        ("GET",   "/challenges/{id}/evaluation/ranking.xlsx", Needs(ChallengeRead)),
        ("GET",   "/challenges/{id}/evaluation/{bid}",   Needs(ChallengeWrite)),
        ("GET",   "/challenges/{id}/evaluation/{bid}/files/{file}", Needs(ChallengeWrite)),
        ("POST",  "/challenges/{id}/choice",             Needs(ChallengeWrite)),
        ("POST",  "/challenges/{id}/award",              Needs(ChallengeWrite)),
        ("POST",  "/challenges/{id}/contract",           Needs(ChallengeWrite)),
        ("POST",  "/challenges/{id}/objections",         Needs(ChallengeTalk)),
        ("POST",  "/challenges/{id}/objections/{objection}", Needs(ChallengeDecide)),
        ("GET",    "/inbox",                              Needs(Inbox)),
        ("POST",   "/inbox/read",                         Needs(Inbox)),
        ("GET",    "/inbox/{id}",                         Needs(Inbox)),
        ("POST",   "/inbox/{id}/read",                    Needs(Inbox)),
        ("GET",    "/searches",                           Needs(Inbox)),
        ("POST",   "/searches",                           Needs(Inbox)),
        ("GET",    "/searches/{id}",                      Needs(Inbox)),
        ("POST",   "/searches/{id}",                      Needs(Inbox)),
        ("POST",   "/searches/{id}/delete",               Needs(Inbox)),
        ("GET",    "/settings/notices",                   Needs(Inbox)),
        ("POST",   "/settings/notices",                   Needs(Inbox)),
        ("POST",   "/settings/notices/address",           Needs(Inbox)),
        ("POST",   "/settings/notices/end",               Needs(Inbox)),
        ("GET",    "/settings/notices/confirm",           Open),
        ("POST",   "/settings/notices/confirm",           Open),
        ("GET",    "/unsubscribe",                        Open),
        ("POST",   "/unsubscribe",                        Open),
        ("GET",    "/api/v1/search",                      Open),
        ("GET",    "/api/v1/suggestions",                 Open),
        ("GET",    "/api/v1/notices",                     Needs(Inbox)),
        ("POST",   "/api/v1/notices/{id}/read",           Needs(Inbox)),
        ("GET",    "/api/v1/saved-searches",              Needs(Inbox)),
        ("POST",   "/api/v1/saved-searches",              Needs(Inbox)),
        ("PUT",    "/api/v1/saved-searches/{id}",         Needs(Inbox)),
        ("DELETE", "/api/v1/saved-searches/{id}",         Needs(Inbox)),
        ("GET",    "/operations/index",                   Needs(Operate)),
        ("GET",    "/operations/audit",                   Needs(AuditRead)),
        ("GET",    "/operations/audit/check",             Needs(AuditRead)),
        ("GET",    "/operations/needs",                   Needs(NeedDecide)),
        ("POST",   "/operations/needs/decisions",         Needs(NeedDecide)),
        ("GET",    "/operations/talents",                 Needs(TalentCurate)),
        ("POST",   "/operations/talents/visibility",      Needs(TalentCurate)),
        ("GET",    "/operations/talents/new",             Needs(TalentCurate)),
        ("POST",   "/operations/talents/new",             Needs(TalentCurate)),
        ("GET",    "/operations/talents/{id}",            Needs(TalentCurate)),
        ("POST",   "/operations/talents/{id}",            Needs(TalentCurate)),
        ("POST",   "/operations/talents/{id}/deletion",   Needs(TalentCurate)),
        ("GET",    "/operations/claims",                  Needs(TalentCurate)),
        ("POST",   "/operations/claims/{id}/decision",    Needs(TalentCurate)),
        ("GET",    "/operations/duplicates",              Needs(TalentCurate)),
        ("GET",    "/operations/merges",                  Needs(TalentCurate)),
        ("POST",   "/operations/merges",                  Needs(TalentCurate)),
        ("POST",   "/operations/merges/apart",            Needs(TalentCurate)),
        ("POST",   "/operations/merges/{id}/undo",        Needs(TalentCurate)),
        ("GET",    "/operations/imports",                 Needs(TalentImport)),
        ("POST",   "/operations/imports",                 Needs(TalentImport)),
        ("GET",    "/operations/imports/{id}",            Needs(TalentImport)),
        ("POST",   "/operations/imports/{id}/confirm",    Needs(TalentImport)),
        ("GET",    "/operations/imports/{id}/progress",   Needs(TalentImport)),
        ("GET",    "/operations/accounts",                Needs(AccountRead)),
        ("POST",   "/operations/accounts/decisions",      Needs(RegistrationDecide)),
        ("GET",    "/operations/accounts/new",            Needs(AccountManage)),
        ("POST",   "/operations/accounts/new",            Needs(AccountManage)),
        ("GET",    "/operations/accounts/{id}",           Needs(AccountRead)),
        ("POST",   "/operations/accounts/{id}/status",    Needs(AccountManage)),
        ("GET",    "/operations/accounts/{id}/password",  Needs(AccountManage)),
        ("POST",   "/operations/accounts/{id}/password",  Needs(AccountManage)),
        ("GET",    "/operations/organisations/{id}",      Needs(AccountRead)),
        ("POST",   "/operations/organisations/{id}",      Needs(AccountRead)),
        ("GET",    "/operations/organisations/{id}/standing", Needs(IntegrityRecord)),
        ("POST",   "/operations/organisations/{id}/standing", Needs(IntegrityRecord)),
        ("POST",   "/operations/organisations/{id}/integrity-records", Needs(IntegrityRecord)),
        ("POST",   "/operations/organisations/{id}/integrity-records/{record}/close", Needs(IntegrityRecord)),
        ("GET",    "/operations/announcements",           Needs(Announce)),
        ("GET",    "/operations/announcements/new",       Needs(Announce)),
        ("POST",   "/operations/announcements/new",       Needs(Announce)),
        ("GET",    "/operations/announcements/{id}",      Needs(Announce)),
        ("POST",   "/operations/announcements/{id}",      Needs(Announce)),
        ("POST",   "/operations/announcements/{id}/withdrawal", Needs(Announce)),
        ("POST",   "/api/v1/match",                       Open),
        ("POST",   "/api/v1/needs/{id}/recommendations",  Needs(Recommend)),
        ("GET",    "/api/v1/needs/{id}/recommendations",  Needs(Recommend)),
        ("GET",    "/api/v1/recommendations/{id}",        Needs(Recommend)),
        ("GET",    "/api/v1/recommendations/{id}/rescore", Needs(Recommend)),
        ("GET",    "/api/v1/needs/{id}/comparison",       Needs(Recommend)),
        ("GET",    "/api/v1/needs/{id}/shortlist",        Needs(Recommend)),
        ("PUT",    "/api/v1/needs/{id}/shortlist/{talent}", Needs(Recommend)),
        ("DELETE", "/api/v1/needs/{id}/shortlist/{talent}", Needs(Recommend)),
        ("POST",   "/api/v1/needs/{id}/invitations",      Needs(Invite)),
        ("GET",    "/api/v1/invitations",                 Needs(InvitationRead)),
        ("GET",    "/api/v1/invitations/{id}",            Needs(InvitationRead)),
        ("DELETE", "/api/v1/invitations/{id}",            Needs(Invite)),
        ("PUT",    "/api/v1/invitations/{id}/answer",     Needs(InvitationAnswer)),
        ("GET",    "/api/v1/needs",                      Needs(NeedRead)),
        ("POST",   "/api/v1/needs",                      Needs(NeedCreate)),
        ("GET",    "/api/v1/needs/{id}",                 Needs(NeedRead)),
        ("PUT",    "/api/v1/needs/{id}",                 Needs(NeedUpdate)),
        ("POST",   "/api/v1/needs/{id}/submission",      Needs(NeedUpdate)),
        ("POST",   "/api/v1/needs/{id}/decision",        Needs(NeedDecide)),
        ("POST",   "/api/v1/needs/{id}/withdrawal",      Needs(NeedUpdate)),
        ("GET",    "/api/v1/needs/{id}/versions",        Needs(NeedRead)),
        ("GET",    "/api/v1/needs/{id}/versions/{version}", Needs(NeedRead)),
        ("GET",    "/api/v1/needs/{id}/changes",         Needs(NeedRead)),
        ("GET",    "/api/v1/needs/{id}/assessment",      Needs(NeedAssess)),
        ("POST",   "/api/v1/assessments",                Needs(NeedAssess)),
        ("GET",    "/api/v1/needs/{id}/attachments",     Needs(NeedRead)),
        ("POST",   "/api/v1/needs/{id}/attachments",     Needs(NeedUpdate)),
        ("GET",    "/api/v1/needs/{id}/attachments/{attachment}", Needs(NeedRead)),
        ("DELETE", "/api/v1/needs/{id}/attachments/{attachment}", Needs(NeedUpdate)),
        ("GET",    "/api/v1/published-needs",            Open),
        ("GET",    "/api/v1/published-needs/{id}",       Open),
        ("GET",    "/api/v1/panel",                       Needs(Panel)),
        ("GET",    "/api/v1/panel/{challenge}",           Needs(Panel)),
        ("POST",   "/api/v1/panel/{challenge}/declaration", Needs(Panel)),
        ("GET",    "/api/v1/panel/{challenge}/comparison", Needs(Panel)),
        ("GET",    "/api/v1/panel/{challenge}/bids/{bid}", Needs(Panel)),
        ("PUT",    "/api/v1/panel/{challenge}/bids/{bid}/sheet", Needs(Panel)),
        ("GET",    "/api/v1/challenges/{id}/panel",       Needs(ChallengeDecide)),
        ("POST",   "/api/v1/challenges/{id}/panel",       Needs(ChallengeDecide)),
        ("POST",   "/api/v1/challenges/{id}/panel/{account}/removal", Needs(ChallengeDecide)),
        ("GET",    "/api/v1/challenges/{id}/evaluation",  Needs(ChallengeRead)),
        ("GET",    "/api/v1/challenges/{id}/evaluation/{bid}", Needs(ChallengeWrite)),
        ("GET",    "/api/v1/challenges/{id}/comparison",  Needs(ChallengeWrite)),
        ("POST",   "/api/v1/challenges/{id}/choice",      Needs(ChallengeWrite)),
        ("POST",   "/api/v1/challenges/{id}/award",       Needs(ChallengeWrite)),
        ("POST",   "/api/v1/challenges/{id}/contract",    Needs(ChallengeWrite)),
        ("POST",   "/api/v1/challenges/{id}/objections",  Needs(ChallengeTalk)),
        ("POST",   "/api/v1/challenges/{id}/objections/{objection}/answer", Needs(ChallengeDecide)),
        ("GET",    "/api/v1/challenges/{id}/outcome",     Open),
        ("GET",    "/api/v1/bids/{id}/scores",            Needs(Bid)),
        ("POST",   "/api/v1/needs/{id}/challenge",       Needs(ChallengeWrite)),
        ("GET",    "/api/v1/challenges/{id}/record",     Needs(ChallengeRead)),
        ("PUT",    "/api/v1/challenges/{id}/record",     Needs(ChallengeWrite)),
        ("POST",   "/api/v1/challenges/{id}/submission", Needs(ChallengeWrite)),
        ("POST",   "/api/v1/challenges/{id}/decision",   Needs(ChallengeDecide)),
        ("POST",   "/api/v1/challenges/{id}/amendments", Needs(ChallengeWrite)),
        ("POST",   "/api/v1/challenges/{id}/withdrawal", Needs(ChallengeWrite)),
        ("POST",   "/api/v1/challenges/{id}/bids",       Needs(Bid)),
        ("GET",    "/api/v1/challenges/{id}/bids",       Open),
        ("GET",    "/api/v1/bids",                       Needs(Bid)),
        ("GET",    "/api/v1/bids/{id}",                  Needs(Bid)),
        ("PUT",    "/api/v1/bids/{id}",                  Needs(Bid)),
        ("POST",   "/api/v1/bids/{id}/submission",       Needs(Bid)),
        ("POST",   "/api/v1/bids/{id}/withdrawal",       Needs(Bid)),
        ("POST",   "/api/v1/bids/{id}/confirmation",     Needs(Bid)),
        ("PUT",    "/api/v1/bids/{id}/membership",       Needs(Bid)),
        ("GET",    "/api/v1/bids/{id}/receipt",          Needs(Bid)),
        ("GET",    "/api/v1/regulation",                 Open),
        ("GET",    "/api/v1/challenges",                 Open),
        ("GET",    "/api/v1/challenges/{id}",            Open),
        ("GET",    "/api/v1/challenges/{id}/terms",      Open),
        ("PUT",    "/api/v1/challenges/{id}/watch",      Needs(ChallengeTalk)),
        ("DELETE", "/api/v1/challenges/{id}/watch",      Needs(ChallengeTalk)),
        ("GET",    "/api/v1/challenges/{id}/questions",  Open),
        ("POST",   "/api/v1/challenges/{id}/questions",  Needs(ChallengeTalk)),
        ("PUT",    "/api/v1/challenges/{id}/questions/{question}/answer", Needs(ChallengeWrite)),
        ("GET",    "/api/v1/challenges/{id}/agreement",  Needs(ChallengeTalk)),
        ("PUT",    "/api/v1/challenges/{id}/agreement",  Needs(ChallengeTalk)),
        ("GET",    "/api/v1/challenges/{id}/files",      Open),
        ("GET",    "/api/v1/challenges/{id}/files/{file}", Open),
    ]
};

/// What a route asks for; `None` if the table does not have it.
pub fn access(method: &Method, path: &str) -> Option<Access> {
    let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
    ROUTES.iter().find(|(m, p, _)| *m == method && *p == path).map(|r| r.2)
}

/// Lets a request in, and notes who sent it for [`MaybeSigned`].
pub async fn admit(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let uri = parts.uri.clone();
    let session = cookie(&parts.headers, SESSION).map(str::to_owned);
    match check(&shared, &parts).await {
        Ok(actor) => {
            parts.extensions.insert(MaybeSigned(actor.clone()));
            let response = next.run(Request::from_parts(parts, body)).await;
            pages::framed(response, actor, session.as_deref(), &uri)
        }
        Err(problem) if problem.status() == StatusCode::UNAUTHORIZED && !is_api(&uri) => {
            pages::to_sign_in(Request::from_parts(parts, body)).await
        }
        Err(problem) => {
            // Who may not come in here is somebody all the same.
            let actor = actor(&shared, &parts).await.ok().flatten();
            pages::framed(answer(&uri, problem), actor, session.as_deref(), &uri)
        }
    }
}

async fn check(shared: &Shared, parts: &Parts) -> Result<Option<Actor>, Problem> {
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let Some(access) = access(&parts.method, path) else {
        // A method that the route does not have is the router's to refuse.
        let known = ROUTES.iter().any(|(_, p, _)| *p == path);
        let title = "这个接口没有登记访问规则";
        return if known { Ok(None) } else { Err(Problem::new(StatusCode::FORBIDDEN, "no-rule", title)) };
    };
    let actor = actor(shared, parts).await?;
    match (access, &actor) {
        (Access::Open, _) => {}
        (Access::Needs(_), None) => return Err(AppError::Unauthenticated.into()),
        (Access::Needs(action), Some(actor)) => actor.require(action)?,
    }
    Ok(actor)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Who sends a request. A token that is given must be good; a session that has ended is none.
pub(super) async fn actor(shared: &Shared, parts: &Parts) -> Result<Option<Actor>, AppError> {
    if let Some(token) = bearer(&parts.headers) {
        let actor = shared.app.actor_by_token(token).await?.ok_or(AppError::Unauthenticated)?;
        if !parts.method.is_safe() && !actor.may_write() {
            let message = "这个令牌只能读取；请建立带 write 权限的令牌".into();
            return Err(AppError::Forbidden { code: "token-read-only", message });
        }
        return Ok(Some(actor));
    }
    match cookie(&parts.headers, SESSION) {
        Some(token) => shared.app.actor_by_session(token).await,
        None => Ok(None),
    }
}
