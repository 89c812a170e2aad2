//! What operators look at, in the store:
//! 1. accounts, needs, talents and audit entries are found by each filter, page by page;
//! 2. what somebody types is never a wildcard;
//! 3. figures count what lies in each month, and nothing else;
//! 4. an announcement is seen by those whom it is for, while it lasts.

use zhihui::domain::{AccountStatus, InvitationStatus, Need, NeedStatus, Role, Talent, TalentKind};
use zhihui::store::{
    Account, AccountFilter, Announcement, AuditEntry, AuditFilter, Contact, Invitation, NeedFilter, NeedRecord,
    NeedSort, Saving, Store, StoreError, TalentFilter, TalentRecord, Waiting, Write,
};

use crate::databases::{Fresh, on_both};
use crate::{account, organisation};

/// One transaction.
async fn write<T>(store: &Store, work: impl AsyncFnOnce(&mut Write) -> Result<T, StoreError>) -> Result<T, StoreError> {
    let mut write = store.begin().await?;
    let done = work(&mut write).await?;
    write.commit().await?;
    Ok(done)
}

async fn people(store: &Store) {
    write(store, async |w| {
        w.organisation_add(&organisation("o1")).await?;
        w.organisation_add(&organisation("o2")).await?;
        w.account_add(&account("a1", Some("o1"))).await?;
        let pending =
            Account { status: AccountStatus::Pending, name: "示例·李某".into(), ..account("a2", Some("o2")) };
        w.account_add(&pending).await?;
        w.account_add(&Account { role: Role::Operator, name: "100%_Done\\".into(), ..account("a3", None) }).await
    })
    .await
    .unwrap();
}

#[test]
fn accounts_are_found_by_status_role_and_text() {
    on_both("accounts_found", |Fresh { store, .. }| async move {
        people(&store).await;
        let ids = async |filter: AccountFilter| {
            let found = store.accounts_found(&filter, "", 10).await.unwrap();
            found.into_iter().map(|a| a.id).collect::<Vec<_>>()
        };
        let text = |text: &str| AccountFilter { text: text.into(), ..AccountFilter::default() };
        assert_eq!(ids(AccountFilter::default()).await, ["a3", "a2", "a1"], "newest first");
        assert_eq!(ids(AccountFilter { status: Some(AccountStatus::Pending), ..text("") }).await, ["a2"]);
        assert_eq!(ids(AccountFilter { role: Some(Role::Operator), ..text("") }).await, ["a3"]);
        assert_eq!(ids(AccountFilter { organisation: "o1".into(), ..text("") }).await, ["a1"]);
        for (asked, expected) in [
            ("李某", &["a2"][..]),
            ("A2@EXAMPLE", &["a2"]),
            ("企业 o1", &["a1"]),
            ("%_done\\", &["a3"]),
            ("a_@", &[]),
            ("' OR 1=1", &[]),
        ] {
            assert_eq!(ids(text(asked)).await, expected, "{asked}");
        }
        let page = store.accounts_found(&text(""), "a3", 1).await.unwrap();
        assert_eq!((page.len(), page[0].id.as_str()), (1, "a2"));
        assert_eq!(page[0].organisation_name.as_deref(), Some("示例企业 o2"));
        let counted = store.accounts_counted().await.unwrap();
        let count = |status| counted.iter().find(|(s, _)| *s == status).map_or(0, |(_, n)| *n);
        assert_eq!((count(AccountStatus::Pending), count(AccountStatus::Active)), (1, 2));
        let names = store.account_names(&["a2", "nobody"]).await.unwrap();
        let names: Vec<_> = names.iter().map(|(id, name, _)| (id.as_str(), name.as_str())).collect();
        assert_eq!(names, [("a2", "示例·李某")]);
    });
}

#[test]
fn talents_are_found_by_text_kind_and_whether_they_are_claimed() {
    on_both("talents_found", |Fresh { store, .. }| async move {
        people(&store).await;
        let talent = |id: &str, name: &str, kind| {
            let talent = Talent {
                name: name.into(),
                organization: "重庆Alpha大学ÉCOLE".into(),
                ..Talent::blank(id.into(), kind)
            };
            TalentRecord::new(talent, 1)
        };
        let records = [
            TalentRecord { account: Some("a1".into()), ..talent("T1", "示例·甲某", TalentKind::Researcher) },
            talent("T2", "示例·乙某团队", TalentKind::Team),
        ];
        write(&store, async |w| w.talents_put(&records).await).await.unwrap();
        for (filter, expected) in [
            (TalentFilter::default(), &["T1", "T2"][..]),
            (TalentFilter { text: "乙某".into(), ..TalentFilter::default() }, &["T2"]),
            (TalentFilter { text: "alpha大".into(), ..TalentFilter::default() }, &["T1", "T2"]),
            // Lower case is that of ASCII, whatever the locale of the database.
            (TalentFilter { text: "École".into(), ..TalentFilter::default() }, &["T1", "T2"]),
            (TalentFilter { text: "école".into(), ..TalentFilter::default() }, &[]),
            (TalentFilter { text: "t2".into(), ..TalentFilter::default() }, &["T2"]),
            (TalentFilter { text: "%".into(), ..TalentFilter::default() }, &[]),
            (TalentFilter { kind: "team".into(), ..TalentFilter::default() }, &["T2"]),
            (TalentFilter { claimed: Some(true), ..TalentFilter::default() }, &["T1"]),
            (TalentFilter { claimed: Some(false), ..TalentFilter::default() }, &["T2"]),
        ] {
            let found = store.talents_listed(&filter, "", 10).await.unwrap();
            let ids: Vec<&str> = found.iter().map(|r| r.talent.id.as_str()).collect();
            assert_eq!(ids, expected, "{filter:?}");
        }
    });
}

fn need(id: &str, field: Option<&str>, submitted_at: Option<i64>, status: NeedStatus) -> NeedRecord {
    NeedRecord {
        need: Need {
            id: id.into(),
            title: Some(format!("{id} 热失控 Thermal")),
            field: field.map(str::to_owned),
            ..Need::from_text("电芯")
        },
        organisation: "o1".into(),
        organisation_name: "示例企业 o1".into(),
        organisation_region: Some("重庆市渝北区".into()),
        created_by: "a1".into(),
        status,
        reason: None,
        created_at: 1,
        updated_at: 1,
        submitted_at,
        published_at: None,
        version: 1,
    }
}

async fn needs(store: &Store) {
    let needs = [
        need("n1", Some("A1"), Some(10), NeedStatus::Published),
        need("n2", Some("A1"), Some(19), NeedStatus::Submitted),
        need("n3", None, Some(20), NeedStatus::Submitted),
        need("n4", Some("A1"), Some(12), NeedStatus::Withdrawn),
        need("n5", Some("A1"), None, NeedStatus::Draft),
        need("n6", Some("C1"), Some(30), NeedStatus::Published),
    ];
    write(store, async |w| {
        for need in &needs {
            w.need_add(need, Saving::PLAIN).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

#[test]
fn needs_are_listed_by_field() {
    on_both("needs_by_field", |Fresh { store, .. }| async move {
        people(&store).await;
        needs(&store).await;
        let (listed, all) = store
            .needs_page(
                &NeedFilter { submitted_in: Some("重庆市"), field: "A1", ..NeedFilter::default() },
                (NeedSort::Title, false),
                (2, 0),
            )
            .await
            .unwrap();
        assert_eq!((listed.iter().map(|n| n.id.as_str()).collect::<Vec<_>>(), all), (vec!["n1", "n2"], 3));
    });
}

#[test]
fn needs_and_their_matches_are_counted_in_their_months() {
    on_both("needs_by_month", |Fresh { store, .. }| async move {
        people(&store).await;
        needs(&store).await;
        let ids = async |since, stale| {
            let found = store.needs_unmeasured(since, stale, 10).await.unwrap();
            found.into_iter().map(|u| u.need.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(10, 0).await, ["n6", "n3", "n2", "n1"], "newest first, none that was taken back");
        write(&store, async |w| {
            w.need_match_put("n1", 1, 0, 5).await?;
            w.need_match_put("n1", 1, 3, 6).await?;
            w.need_match_put("n2", 1, 0, 6).await?;
            w.need_match_put("n3", 2, 0, 6).await?;
            w.need_match_put("gone", 1, 1, 6).await
        })
        .await
        .unwrap();
        assert_eq!(ids(10, 6).await, ["n6", "n3"], "not known, and of another version");
        assert_eq!(ids(20, 7).await, ["n6", "n3"], "not those before");
        assert_eq!(ids(10, 7).await, ["n6", "n3", "n2", "n1"], "found too long ago");

        let mut found = store.needs_by_month(&[10, 20, 30]).await.unwrap();
        found.sort_by_key(|row| row.month);
        let found: Vec<_> =
            found.iter().map(|r| (r.month, r.field.as_deref(), r.count, r.measured, r.matched)).collect();
        assert_eq!(found, [(0, Some("A1"), 2, 2, 1), (1, None, 1, 1, 0)]);
        assert_eq!(store.needs_by_month(&[100, 200]).await.unwrap(), []);
    });
}

#[test]
fn what_waits_and_what_became_of_invitations_is_counted() {
    on_both("invitations_by_month", |Fresh { store, .. }| async move {
        assert_eq!(store.waiting().await.unwrap(), Waiting::default());
        people(&store).await;
        needs(&store).await;
        assert_eq!(store.waiting().await.unwrap(), Waiting { registrations: 1, claims: 0, needs: 2 });
        let stamp = store.duplicates_stamp().await.unwrap();
        let talents: Vec<TalentRecord> =
            ["t1", "t2", "t3"].map(|id| TalentRecord::new(Talent::blank(id.into(), TalentKind::Team), 1)).into();
        write(&store, async |w| w.talents_put(&talents).await).await.unwrap();
        assert_ne!(store.duplicates_stamp().await.unwrap(), stamp, "profiles have changed");
        for (id, need, talent, created_at, answer) in [
            ("i1", "n1", "t1", 10, Some((InvitationStatus::Accepted, 40))),
            ("i2", "n1", "t2", 12, Some((InvitationStatus::Accepted, 15))),
            ("i3", "n6", "t1", 31, Some((InvitationStatus::Declined, 32))),
            ("i4", "n6", "t2", 32, None),
            ("i5", "n2", "t3", 100, Some((InvitationStatus::Accepted, 101))),
        ] {
            let invitation = invitation(id, need, talent, created_at);
            write(&store, async |w| {
                w.invitation_add(&invitation).await?;
                let Some((status, at)) = answer else { return Ok(()) };
                w.invitation_update(&Invitation { status, answered_at: Some(at), ..invitation.clone() }).await
            })
            .await
            .unwrap();
        }
        let mut found = store.invitations_by_month(&[10, 20, 30, 100]).await.unwrap();
        found.sort_by(|a, b| (a.month, &a.status).cmp(&(b.month, &b.status)));
        let found: Vec<_> = found.iter().map(|r| (r.month, r.status.as_str(), r.count)).collect();
        assert_eq!(found, [(0, "accepted", 2), (2, "declined", 1), (2, "sent", 1)]);
        let contact = |submitted_at, accepted_at| Contact { submitted_at, accepted_at };
        assert_eq!(store.contacts_since(15).await.unwrap(), [contact(19, 101), contact(10, 15)], "the first of a need");
        assert_eq!(store.contacts_since(16).await.unwrap(), [contact(19, 101)], "a later one is no first contact");
    });
}

fn invitation(id: &str, need: &str, talent: &str, created_at: i64) -> Invitation {
    Invitation {
        id: id.into(),
        need: need.into(),
        talent: talent.into(),
        organisation: "o1".into(),
        organisation_name: "示例企业 o1".into(),
        by_account: "a1".into(),
        message: "请洽谈".into(),
        released: "{}".into(),
        contact: "示例".into(),
        status: InvitationStatus::Sent,
        answer: None,
        created_at,
        answered_at: None,
        version: 1,
    }
}

#[test]
fn the_audit_log_is_looked_through() {
    on_both("audit_found", |Fresh { store, .. }| async move {
        let entry = |at, actor: Option<&str>, action: &str, object: &str| AuditEntry {
            at,
            actor: actor.map(str::to_owned),
            action: action.into(),
            object: object.into(),
            detail: "{}".into(),
        };
        let entries = [
            entry(10, Some("a1"), "need.create", "need:n1"),
            entry(20, Some("a2"), "need.publish", "need:n1"),
            entry(30, None, "import.confirm", "import:i1"),
            entry(40, Some("a1"), "needle.create", "need:n2"),
        ];
        write(&store, async |w| {
            for entry in &entries {
                w.audit_add(entry).await?;
            }
            Ok(())
        })
        .await
        .unwrap();
        let numbers = async |filter: AuditFilter, before| {
            let found = store.audit_found(&filter, before, 3).await.unwrap();
            found.into_iter().map(|(number, _)| number).collect::<Vec<_>>()
        };
        let all = AuditFilter::default;
        assert_eq!(numbers(all(), 0).await, [4, 3, 2]);
        assert_eq!(numbers(all(), 2).await, [1]);
        for (filter, expected) in [
            (AuditFilter { action: "need.publish".into(), ..all() }, &[2][..]),
            (AuditFilter { action: "need.".into(), ..all() }, &[2, 1]),
            (AuditFilter { action: "need".into(), ..all() }, &[]),
            (AuditFilter { object: "need:n1".into(), ..all() }, &[2, 1]),
            (AuditFilter { actor: "a1".into(), ..all() }, &[4, 1]),
            (AuditFilter { actor: "-".into(), ..all() }, &[3]),
            (AuditFilter { from: Some(20), until: Some(40), ..all() }, &[3, 2]),
            (AuditFilter { action: "need.".into(), actor: "a1".into(), object: "need:n1".into(), ..all() }, &[1]),
            (AuditFilter { object: "'; DROP TABLE audit; --".into(), ..all() }, &[]),
        ] {
            assert_eq!(numbers(filter.clone(), 0).await, expected, "{filter:?}");
        }
    });
}

#[test]
fn an_announcement_is_for_its_audience_while_it_lasts() {
    on_both("announcements", |Fresh { store, .. }| async move {
        let announcement = |id: &str, audience: &str, starts_at, ends_at| Announcement {
            id: id.into(),
            title: format!("公告 {id}"),
            content: "一\n二".into(),
            audience: audience.into(),
            starts_at,
            ends_at,
            withdrawn_at: None,
            created_by: "a1".into(),
            created_at: 1,
            updated_at: 1,
            version: 1,
        };
        let [first, second] = [announcement("n1", "all", 10, 20), announcement("n2", "enterprise", 15, 30)];
        write(&store, async |w| {
            w.announcement_add(&first).await?;
            w.announcement_add(&second).await
        })
        .await
        .unwrap();
        assert_eq!(store.announcement("n1").await.unwrap(), Some(first.clone()));
        let shown = async |now, role| {
            let found = store.announcements_shown(now, role, 3).await.unwrap();
            found.into_iter().map(|a| a.id).collect::<Vec<_>>()
        };
        for (now, role, expected) in [
            (9, "", &[][..]),
            (10, "", &["n1"]),
            (15, "enterprise", &["n2", "n1"]),
            (15, "talent", &["n1"]),
            (20, "enterprise", &["n2"]),
            (30, "enterprise", &[]),
        ] {
            assert_eq!(shown(now, role).await, expected, "{now} {role}");
        }
        let changed = Announcement { withdrawn_at: Some(16), title: "改过".into(), updated_at: 16, ..first };
        write(&store, async |w| w.announcement_update(&changed).await).await.unwrap();
        assert_eq!(shown(16, "enterprise").await, ["n2"], "taken back");
        let again = write(&store, async |w| w.announcement_update(&changed).await).await;
        assert!(matches!(again, Err(StoreError::Stale)));
        let listed = store.announcements("", 10).await.unwrap();
        assert_eq!(listed.iter().map(|a| (a.id.as_str(), a.version)).collect::<Vec<_>>(), [("n2", 1), ("n1", 2)]);
        assert_eq!(store.announcements("n2", 10).await.unwrap().len(), 1);
    });
}
