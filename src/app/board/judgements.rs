//! What came of bids, for match quality: judgements, and the test collection around them that
//! `zhihui eval` and `tune` read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use super::bids::read_submission;
use super::seal::Seals;
use crate::app::error::AppError;
use crate::domain::{Need, Talent};
use crate::store::Store;

/// Need, talent, grade from 1 to 3.
pub type Judgement = (String, String, u8);

/// Judgements with the needs that they are of, and all talents that a search could find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    pub talents: Vec<Talent>,
    pub needs: Vec<Need>,
    pub judgements: Vec<Judgement>,
}

/// What came of opened bids as judgements for match quality (TREC): need, talent and grade, 1 for the
/// talents of a team that bid, 2 where it won, 3 where the contract was signed; the best of several.
///
/// # Errors
/// [`AppError`]
pub async fn judgements(store: &Store, seals: &Seals) -> Result<Vec<Judgement>, AppError> {
    const PAGE: i64 = 500;
    let (mut after, mut best) = (String::new(), BTreeMap::new());
    loop {
        let page = store.bid_outcomes(&after, PAGE).await?;
        let Some((_, last, _)) = page.last() else { break };
        after.clone_from(last);
        for (need, bid, outcome) in page {
            let grade = match outcome.as_str() {
                "contracted" => 3,
                "won" => 2,
                _ => 1,
            };
            let Some(handed_in) = store.bid(&bid).await?.and_then(|record| record.handed_in) else { continue };
            for talent in read_submission(seals, &bid, &handed_in)?.bid.team {
                let entry = best.entry((need.clone(), talent)).or_insert(grade);
                *entry = grade.max(*entry);
            }
        }
    }
    Ok(best.into_iter().map(|((need, talent), grade)| (need, talent, grade)).collect())
}

/// The test collection. Talents that hide themselves now are in none of it.
///
/// # Errors
/// [`AppError`]
pub async fn collection(store: &Store, seals: &Seals) -> Result<Collection, AppError> {
    const PAGE: i64 = 1000;
    let (mut snapshot, mut talents, mut after) = (store.snapshot().await?, Vec::new(), String::new());
    loop {
        let page = snapshot.talents_after(&after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.talent.id);
        talents.extend(page.into_iter().filter_map(|record| record.shown()));
    }
    drop(snapshot);
    let mut judgements = judgements(store, seals).await?;
    let shown: BTreeSet<&str> = talents.iter().map(|talent| talent.id.as_str()).collect();
    judgements.retain(|(_, talent, _)| shown.contains(talent.as_str()));
    let mut needs = Vec::new();
    for id in judgements.iter().map(|(need, ..)| need).collect::<BTreeSet<_>>() {
        needs.extend(store.need(id).await?.map(|record| record.need));
    }
    Ok(Collection { talents, needs, judgements })
}

impl Collection {
    /// Writes `talents.jsonl`, `needs.jsonl` and `qrels.txt` into a folder.
    ///
    /// # Errors
    /// The folder cannot be made, or a file not be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        lines(&folder.join("talents.jsonl"), &self.talents)?;
        lines(&folder.join("needs.jsonl"), &self.needs)?;
        fs::write(folder.join("qrels.txt"), self.qrels())
    }

    /// The judgements in the format of TREC.
    pub fn qrels(&self) -> String {
        self.judgements.iter().map(|(need, talent, grade)| format!("{need} 0 {talent} {grade}\n")).collect()
    }
}

fn lines<T: Serialize>(path: &Path, rows: &[T]) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for row in rows {
        serde_json::to_writer(&mut file, row)?;
        file.write_all(b"\n")?;
    }
    file.into_inner()?.sync_all()
}
