//! The difference between two texts as people read it: sentences that stayed are left alone, and
//! within a sentence that changed, the characters or words that did.

/// Whether a stretch stands in both texts, or only in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Same,
    Removed,
    Added,
}

/// A stretch of text. The stretches that are not [`Change::Added`] make the text before, those not
/// [`Change::Removed`] the text after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub change: Change,
    pub text: String,
}

/// Edits that are looked for. The work and the memory grow with their square; texts that differ by
/// more have little in common, and are shown as one taken out and the other put in.
const MAX_EDITS: usize = 600;
/// Sentences whose characters that stayed are fewer than one in so many are shown whole: islands of
/// a character or two would make nobody wiser.
const ONE_IN: usize = 3;

/// The stretches in which `after` is like `before`, and those in which it is not.
pub fn text_diff(before: &str, after: &str) -> Vec<Piece> {
    let (old, new) = (sentences(before), sentences(after));
    let mut pieces = Pieces::default();
    let (mut removed, mut added) = (String::new(), String::new());
    for (change, sentence) in edits(&old, &new) {
        match change {
            Change::Removed => removed.push_str(sentence),
            Change::Added => added.push_str(sentence),
            Change::Same => {
                pieces.replaced(&removed, &added);
                (removed, added) = (String::new(), String::new());
                pieces.add(Change::Same, sentence);
            }
        }
    }
    pieces.replaced(&removed, &added);
    pieces.0
}

#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    /// Adds to the last stretch where it is of the same kind.
    fn add(&mut self, change: Change, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.change == change => last.text.push_str(text),
            _ => self.0.push(Piece { change, text: text.to_owned() }),
        }
    }

    /// One text in the place of another.
    fn replaced(&mut self, removed: &str, added: &str) {
        let (old, new) = (words(removed), words(added));
        let edits = edits(&old, &new);
        let same: usize = edits.iter().filter(|(change, _)| *change == Change::Same).map(|(_, t)| t.len()).sum();
        if same * ONE_IN < removed.len().min(added.len()) {
            self.add(Change::Removed, removed);
            self.add(Change::Added, added);
            return;
        }
        // What was taken out of a place comes before what was put there.
        let mut put = String::new();
        for (change, word) in edits {
            match change {
                Change::Added => put.push_str(word),
                Change::Removed => self.add(Change::Removed, word),
                Change::Same => {
                    self.add(Change::Added, &std::mem::take(&mut put));
                    self.add(Change::Same, word);
                }
            }
        }
        self.add(Change::Added, &put);
    }
}

/// A text in parts that end after the mark of a sentence or a line.
fn sentences(text: &str) -> Vec<&str> {
    text.split_inclusive(['。', '；', '！', '？', '\n', ';']).collect()
}

/// Runs of Latin letters and digits, and every other character by itself.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut begin = 0;
    let mut in_run = false;
    for (at, c) in text.char_indices() {
        let is_run = c.is_ascii_alphanumeric();
        if at > begin && !(is_run && in_run) {
            words.push(&text[begin..at]);
            begin = at;
        }
        in_run = is_run;
    }
    if begin < text.len() {
        words.push(&text[begin..]);
    }
    words
}

/// The fewest edits that lead from one sequence to the other (E. W. Myers, An O(ND) Difference
/// Algorithm and Its Variations, 1986), or all out and all in where they are over [`MAX_EDITS`].
fn edits<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(Change, &'a str)> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let (from, to) = (&old_rest[..old_rest.len() - tail], &new_rest[..new_rest.len() - tail]);
    let same = |part: &[&'a str]| part.iter().map(|&t| (Change::Same, t)).collect::<Vec<_>>();
    let mut all = same(&old[..head]);
    all.extend(shortest(from, to).unwrap_or_else(|| {
        let out = from.iter().map(|&t| (Change::Removed, t));
        out.chain(to.iter().map(|&t| (Change::Added, t))).collect()
    }));
    all.extend(same(&old_rest[old_rest.len() - tail..]));
    all
}

/// `None` if there are more than [`MAX_EDITS`].
fn shortest<'a>(old: &[&'a str], new: &[&'a str]) -> Option<Vec<(Change, &'a str)>> {
    let (n, m) = (old.len(), new.len());
    let most = (n + m).min(MAX_EDITS);
    // furthest[k + most + 1]: how far along `old` one comes on the diagonal k = x − y.
    let at = |k: isize| (k + most as isize + 1) as usize;
    let mut furthest = vec![0_usize; 2 * most + 3];
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    for edits in 0..=most as isize {
        rounds.push(furthest[at(-edits - 1)..=at(edits + 1)].to_vec());
        for k in (-edits..=edits).step_by(2) {
            let down = k == -edits || k != edits && furthest[at(k - 1)] < furthest[at(k + 1)];
            let mut x = if down { furthest[at(k + 1)] } else { furthest[at(k - 1)] + 1 };
            while x < n && ((x as isize - k) as usize) < m && old[x] == new[(x as isize - k) as usize] {
                x += 1;
            }
            furthest[at(k)] = x;
            if x >= n && (x as isize - k) as usize >= m {
                return Some(traced(old, new, &rounds));
            }
        }
    }
    None
}

/// The way back from the ends through what each round began with.
fn traced<'a>(old: &[&'a str], new: &[&'a str], rounds: &[Vec<usize>]) -> Vec<(Change, &'a str)> {
    let (mut x, mut y) = (old.len() as isize, new.len() as isize);
    let mut back = Vec::new();
    for (edits, round) in rounds.iter().enumerate().rev() {
        let edits = edits as isize;
        let furthest = |k: isize| round[(k + edits + 1) as usize] as isize;
        let k = x - y;
        let down = k == -edits || k != edits && furthest(k - 1) < furthest(k + 1);
        let before = if down { k + 1 } else { k - 1 };
        let (from_x, from_y) = if edits == 0 { (0, 0) } else { (furthest(before), furthest(before) - before) };
        while x > from_x && y > from_y {
            (x, y) = (x - 1, y - 1);
            back.push((Change::Same, old[x as usize]));
        }
        if edits > 0 && down {
            y -= 1;
            back.push((Change::Added, new[y as usize]));
        } else if edits > 0 {
            x -= 1;
            back.push((Change::Removed, old[x as usize]));
        }
    }
    back.reverse();
    back
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `[-out-]` and `{+in+}`.
    fn shown(before: &str, after: &str) -> String {
        let show = |p: &Piece| match p.change {
            Change::Same => p.text.clone(),
            Change::Removed => format!("[-{}-]", p.text),
            Change::Added => format!("{{+{}+}}", p.text),
        };
        text_diff(before, after).iter().map(show).collect()
    }

    #[test]
    fn a_difference_reads_well() {
        for (before, after, expected) in [
            ("", "", ""),
            ("电芯失控。", "电芯失控。", "电芯失控。"),
            ("", "电芯", "{+电芯+}"),
            ("电芯", "", "[-电芯-]"),
            ("循环寿命≥3000次。", "循环寿命≥3500次。", "循环寿命≥[-3000-]{+3500+}次。"),
            ("电芯失控后引燃相邻电芯。", "单体电芯失控后会引燃电芯。", "{+单体+}电芯失控后{+会+}引燃[-相邻-]电芯。"),
            ("甲乙丙丁。现状不明。", "现状不明。戊己。", "[-甲乙丙丁。-]现状不明。{+戊己。+}"),
            ("完全是另一回事。", "此句无一字相同。", "[-完全是另一回事。-]{+此句无一字相同。+}"),
            ("用BMS采集", "用VCU采集", "用[-BMS-]{+VCU+}采集"),
        ] {
            assert_eq!(shown(before, after), expected);
        }
    }

    #[test]
    fn texts_that_have_nothing_in_common_take_no_time() {
        let before: String = (0..60_000).map(|n| char::from_u32(0x4e00 + n % 9_000).unwrap()).collect();
        let after: String = (0..60_000).map(|n| char::from_u32(0x4e00 + (n * 7_919 + 13) % 9_000).unwrap()).collect();
        let changes: Vec<Change> = text_diff(&before, &after).iter().map(|p| p.change).collect();
        assert_eq!(changes, [Change::Removed, Change::Added]);
    }

    proptest::proptest! {
        #[test]
        fn both_texts_can_be_read_from_the_difference(before in "[电池a1。\n]{0,40}", after in "[电池a1。\n]{0,40}") {
            let pieces = text_diff(&before, &after);
            let without = |change: Change| -> String {
                pieces.iter().filter(|p| p.change != change).map(|p| p.text.as_str()).collect()
            };
            proptest::prop_assert_eq!(without(Change::Added), before.clone());
            proptest::prop_assert_eq!(without(Change::Removed), after.clone());
            proptest::prop_assert!(pieces.windows(2).all(|w| w[0].change != w[1].change), "{:?}", pieces);
            proptest::prop_assert!(before != after || pieces.iter().all(|p| p.change == Change::Same));
        }
    }
}
