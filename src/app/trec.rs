//! Judgements (qrels) and rankings (run files), as trec_eval reads and writes them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::matching::metrics::Grades;

/// Need id → grades.
pub type Qrels = BTreeMap<String, Grades>;

/// A line of a qrels file that is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("第 {line} 行：{reason}")]
pub struct TrecError {
    pub line: usize,
    pub reason: String,
}

/// Reads `need 0 talent grade` lines. Grades below 0 count as 0, as in trec_eval.
///
/// # Errors
/// The first line that has not four columns, a grade over 3, or contradicts an earlier line.
pub fn parse_qrels(text: &str) -> Result<Qrels, TrecError> {
    let mut qrels = Qrels::new();
    for (line, row) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let bad = |reason: String| TrecError { line: line + 1, reason };
        let columns: Vec<&str> = row.split_whitespace().collect();
        let &[need, _, talent, grade] = columns.as_slice() else {
            return Err(bad(format!("应为四列“需求 0 人才 等级”，实际 {} 列", columns.len())));
        };
        let grade = grade.parse::<i64>().ok().filter(|g| *g <= 3);
        let grade = grade.ok_or_else(|| bad("等级应为 0–3 的整数".into()))?.max(0) as u8;
        let before = qrels.entry(need.to_owned()).or_default().insert(talent.to_owned(), grade);
        if before.is_some_and(|b| b != grade) {
            return Err(bad(format!("需求 {need} 对人才 {talent} 已有另一个等级")));
        }
    }
    Ok(qrels)
}

/// Appends `need Q0 talent rank score tag` lines. Scores strictly decrease, so that a tool that
/// sorts by score, whatever it does with ties, gets the same ranking.
pub fn write_run<'a>(out: &mut String, need: &str, ranking: impl Iterator<Item = (&'a str, f64)>, tag: &str) {
    let mut last = f64::INFINITY;
    for ((talent, score), rank) in ranking.zip(1_u32..) {
        // trec_eval keeps scores as f32: the step must survive that.
        last = score.min(f64::from((last as f32).next_down()));
        let _ = writeln!(out, "{need} Q0 {talent} {rank} {last} {tag}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qrels_are_read_and_bad_lines_named() {
        let qrels = parse_qrels("n1 0 t1 2\nn1 0 t2 -1\n\nn2 0 t1 3\n").unwrap();
        assert_eq!(qrels["n1"]["t1"], 2);
        assert_eq!(qrels["n1"]["t2"], 0);
        assert_eq!(qrels["n2"].len(), 1);
        for (text, line) in [("n 0 t", 1), ("n 0 t 1\nn 0 t x", 2), ("n 0 t 4", 1), ("n 0 t 1\nn 0 t 2", 2)] {
            assert_eq!(parse_qrels(text).unwrap_err().line, line, "{text}");
        }
    }

    #[test]
    fn run_scores_strictly_decrease_even_as_f32() {
        let mut out = String::new();
        write_run(&mut out, "n", [("a", 0.5), ("b", 0.5), ("c", 0.5), ("d", 0.1)].into_iter(), "zhihui");
        let scores: Vec<f32> = out.lines().map(|l| l.split(' ').nth(4).unwrap().parse().unwrap()).collect();
        assert!(scores.windows(2).all(|w| w[0] > w[1]), "{out}");
        assert!(out.starts_with("n Q0 a 1 0.5 zhihui\n"));
    }
}
