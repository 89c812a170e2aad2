//! A small made-up world: talents, shared evidence and needs, and what may happen to them.

use proptest::prelude::*;
use sqlx::{Connection, Executor};
use zhihui::domain::{Evidence, EvidenceType, Need, Talent, TalentKind, TalentStatus};
use zhihui::matching::random::SplitMix64;
use zhihui::store::{Store, StoreError, TalentRecord};

/// What the needs of the tests ask for.
pub const QUESTIONS: [&str; 4] =
    ["锂电池热失控的抑制与预警", "风电齿轮箱故障诊断", "铝合金压铸件缺陷检测", "毫米波雷达目标识别"];
const SUBJECTS: [&str; 8] = [
    "锂电池热失控蔓延机理",
    "动力电池模组预警",
    "风电齿轮箱振动诊断",
    "行星齿轮故障特征",
    "铝合金压铸缺陷",
    "X射线铸件检测",
    "毫米波雷达识别",
    "雷达目标跟踪",
];

/// Each piece has some of them, so that no two are equals to a need.
const WORDS: [&str; 24] = [
    "传感",
    "标定",
    "仿真",
    "阈值",
    "谱分析",
    "冷却",
    "相变",
    "涂层",
    "寿命",
    "电压",
    "红外",
    "图像",
    "神经网络",
    "滤波",
    "小波",
    "润滑",
    "疲劳",
    "应力",
    "气孔",
    "模具",
    "天线",
    "点云",
    "聚类",
    "融合",
];

pub fn piece(number: u8, version: u8) -> Evidence {
    let subject = SUBJECTS[usize::from(number) % SUBJECTS.len()];
    let mut random = SplitMix64::new(u64::from(number) << 8 | u64::from(version));
    let words: String = (0..6).map(|_| WORDS[random.below(WORDS.len())]).collect();
    Evidence {
        id: format!("e{number:03}"),
        r#type: EvidenceType::ALL[usize::from(number) % 6],
        title: format!("{subject}研究之{number}，第{version}版"),
        r#abstract: Some(format!("针对{subject}，提出一种{words}的示例方法，并做了试验。")),
        keywords: vec![subject.into(), "示例".into()],
        year: Some(2000 + u16::from(number % 25)),
    }
}

pub fn talent(number: u8, bio: u8, evidence: Vec<Evidence>) -> Talent {
    Talent {
        id: format!("t{number:03}"),
        kind: TalentKind::Researcher,
        name: format!("示例{number}"),
        organization: "重庆示例大学".into(),
        region: Some(["重庆市渝北区", "重庆市北碚区"][usize::from(number % 2)].into()),
        title: None,
        keywords: vec![SUBJECTS[usize::from(bio) % SUBJECTS.len()].into()],
        bio: Some(format!("示例简介{bio}")),
        fields: Vec::new(),
        members: Vec::new(),
        evidence,
    }
}

/// Something that happens in the store.
#[derive(Debug, Clone)]
pub enum Event {
    /// A talent is made, or gets another profile and list of evidence.
    Put {
        talent: u8,
        bio: u8,
        pieces: Vec<u8>,
    },
    Delete(u8),
    /// Turns each piece's being hidden over.
    HidePiece {
        talent: u8,
        place: usize,
    },
    SetStatus {
        talent: u8,
        status: u8,
        other: u8,
    },
    /// Another content for all owners.
    Rewrite {
        piece: u8,
        version: u8,
    },
    Need {
        need: u8,
        status: u8,
        subject: u8,
    },
}

pub fn event() -> impl Strategy<Value = Event> {
    const TALENTS: u8 = 8;
    const PIECES: u8 = 12;
    let pieces = proptest::collection::btree_set(0..PIECES, 0..5).prop_map(|set| set.into_iter().collect());
    prop_oneof![
        6 => (0..TALENTS, any::<u8>(), pieces).prop_map(|(talent, bio, pieces)| Event::Put { talent, bio, pieces }),
        2 => (0..TALENTS).prop_map(Event::Delete),
        2 => (0..TALENTS, 0..5_usize).prop_map(|(talent, place)| Event::HidePiece { talent, place }),
        3 => (0..TALENTS, 0..3_u8, 0..TALENTS)
            .prop_map(|(talent, status, other)| Event::SetStatus { talent, status, other }),
        1 => (0..PIECES, any::<u8>()).prop_map(|(piece, version)| Event::Rewrite { piece, version }),
        2 => (0..4_u8, 0..4_u8, any::<u8>())
            .prop_map(|(need, status, subject)| Event::Need { need, status, subject }),
    ]
}

/// Lets it happen, or nothing where it cannot.
pub async fn happen(store: &Store, url: &str, event: &Event) -> Result<(), StoreError> {
    let id = |number: &u8| format!("t{number:03}");
    let mut write = match event {
        Event::Need { need, status, subject } => return set_need(url, *need, *status, *subject).await,
        _ => None,
    };
    match event {
        Event::Put { talent: number, bio, pieces } => {
            let mut evidence = Vec::new();
            for number in pieces {
                // As it is in the store, where it has been rewritten.
                let kept = store.evidence(&[&piece(*number, 0).id]).await?.pop();
                evidence.push(kept.map_or_else(|| piece(*number, 0), |kept| kept.evidence));
            }
            let talent = talent(*number, *bio, evidence);
            let record = match store.talent(&talent.id).await? {
                Some(record) => TalentRecord { talent, ..record },
                None => TalentRecord::new(talent, 0),
            };
            write.insert(store.begin().await?).talent_put(&record).await?;
        }
        Event::Delete(number) => write.insert(store.begin().await?).talent_delete(&id(number)).await?,
        Event::HidePiece { talent, place } => {
            let Some(mut record) = store.talent(&id(talent)).await? else { return Ok(()) };
            let Some(piece) = record.talent.evidence.get(*place) else { return Ok(()) };
            if !record.hidden.remove(&piece.id) {
                record.hidden.insert(piece.id.clone());
            }
            write.insert(store.begin().await?).talent_put(&record).await?;
        }
        Event::SetStatus { talent, status, other } => {
            let Some(mut record) = store.talent(&id(talent)).await? else { return Ok(()) };
            record.status = match status {
                0 => TalentStatus::Active,
                1 => TalentStatus::Hidden,
                _ if talent == other || store.talent(&id(other)).await?.is_none() => return Ok(()),
                _ => TalentStatus::Merged { into: id(other) },
            };
            write.insert(store.begin().await?).talent_put(&record).await?;
        }
        Event::Rewrite { piece: number, version } => {
            let piece = piece(*number, *version);
            if store.evidence(&[&piece.id]).await?.is_empty() {
                return Ok(());
            }
            write.insert(store.begin().await?).evidence_put(&[piece]).await?;
        }
        Event::Need { .. } => {}
    }
    match write {
        Some(write) => write.commit().await,
        None => Ok(()),
    }
}

/// An enterprise with an account, for needs to belong to.
pub async fn found(url: &str) {
    let mut database = sqlx::AnyConnection::connect(url).await.unwrap();
    database
        .execute(
            "INSERT INTO organisation (id, kind, name, high_tech, tech_sme, status, created_at, version) \
             VALUES ('o', 'enterprise', '示例企业', 0, 0, 'approved', 0, 1); \
             INSERT INTO account (id, login, name, role, password_hash, password_is_temporary, status, created_at, \
             version) VALUES ('a', 'a', '示例', 'enterprise', '', 0, 'active', 0, 1)",
        )
        .await
        .unwrap();
}

async fn set_need(url: &str, number: u8, status: u8, subject: u8) -> Result<(), StoreError> {
    let mut database = sqlx::AnyConnection::connect(url).await?;
    let subject = SUBJECTS[usize::from(subject) % SUBJECTS.len()];
    let need = Need {
        id: format!("n{number}"),
        title: Some(subject.into()),
        problem: format!("拟解决{subject}方面的示例问题"),
        ..Need::default()
    };
    let mut write = database.begin().await?;
    let number: i64 = sqlx::query_scalar("UPDATE counter SET value = value + 1 WHERE name = 'change' RETURNING value")
        .fetch_one(&mut *write)
        .await?;
    let put = "INSERT INTO need (id, organisation_id, created_by, status, content, created_at, updated_at, version) \
               VALUES ($1, 'o', 'a', $2, $3, 0, 0, 1) \
               ON CONFLICT (id) DO UPDATE SET status = excluded.status, content = excluded.content";
    let status = ["draft", "published", "withdrawn", "challenge"][usize::from(status)];
    let content = serde_json::to_string(&need).unwrap();
    sqlx::query(put).bind(&need.id).bind(status).bind(content).execute(&mut *write).await?;
    let log = sqlx::query("INSERT INTO change (number, kind, id) VALUES ($1, 'need', $2)");
    log.bind(number).bind(&need.id).execute(&mut *write).await?;
    write.commit().await?;
    Ok(())
}
