//! Which characters after a number are a unit.

/// What a unit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitKind {
    /// Something that is measured, or a share.
    Measure,
    /// Things: often stock or staff rather than an aim.
    Count,
}

/// A unit at the start of some characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// That many characters.
    Unit(UnitKind, usize),
    /// Money, a date or an age: no aim of a technical kind.
    Excluded,
    None,
}

/// Symbols that take a prefix of the SI.
const PREFIXED: &[&str] = &[
    "m", "g", "s", "A", "V", "W", "Ω", "Hz", "Pa", "J", "N", "F", "H", "T", "L", "l", "mol", "Wh", "Ah", "bar", "eV",
    "B", "b", "bit", "bps", "lm", "lx", "cd", "K", "S", "Gy", "Sv", "Bq", "VA", "var", "t", "ε", "Da", "FLOPS", "W·h",
    "rad", "sps", "Pa·s",
];
const PREFIXES: &[char] = &['k', 'M', 'G', 'T', 'P', 'm', 'μ', 'u', 'n', 'p', 'f', 'c', 'd', 'h'];

/// Symbols that take none.
const PLAIN: &[&str] = &[
    "min", "h", "d", "rpm", "rps", "r", "ppm", "ppb", "ppt", "dB", "dBm", "dBi", "dBc", "dBA", "HRC", "HRA", "HV",
    "HB", "fps", "FPS", "px", "wt%", "vol%", "in", "inch", "ft", "psi", "CFU", "cfu", "IU", "U", "cP", "cSt", "phr",
    "nit", "nits", "℃", "℉", "°", "°C", "°F", "TOPS", "QPS", "TPS", "qps", "tps", "Torr", "mmHg", "atm", "sccm", "slm",
    "dpi", "ppi", "Å", "mM", "μM", "nM", "㎡", "㎥", "㎜", "㎝", "㎞", "㎏", "㎎", "ℓ", "%", "%FS", "%RH", "‰", "bp",
    "C", "Oe", "dtex", "tex", "KB", "mil", "ct", "Ra", "UI",
];

/// Longest first among those that begin alike.
const MEASURES: &[&str] = &[
    "个百分点",
    "百分点",
    "摄氏度",
    "立方厘米",
    "立方毫米",
    "立方米",
    "平方厘米",
    "平方毫米",
    "平方公里",
    "平方千米",
    "平方米",
    "千瓦时",
    "兆瓦时",
    "瓦时",
    "兆瓦",
    "千瓦",
    "毫瓦",
    "微克",
    "毫克",
    "公斤",
    "千克",
    "公里",
    "千米",
    "微升",
    "毫升",
    "纳米",
    "微米",
    "毫米",
    "厘米",
    "分米",
    "英寸",
    "英尺",
    "毫秒",
    "微秒",
    "纳秒",
    "分钟",
    "小时",
    "毫伏",
    "千伏",
    "毫安时",
    "安时",
    "毫安",
    "微安",
    "安培",
    "兆赫",
    "千赫",
    "吉赫",
    "赫兹",
    "兆帕",
    "千帕",
    "帕",
    "牛米",
    "牛顿",
    "焦耳",
    "摩尔",
    "欧姆",
    "伏特",
    "分贝",
    "流明",
    "勒克斯",
    "像素",
    "字节",
    "比特",
    "标方",
    "周次",
    "循环",
    "秒",
    "伏",
    "瓦",
    "转",
    "帧",
    "度",
    "倍",
    "次",
    "吨",
    "克",
    "升",
    "米",
    "天",
];

const COUNTS: &[&str] = &[
    "人次", "通道", "个", "台", "套", "件", "名", "人", "家", "条", "辆", "张", "片", "只", "颗", "支", "种", "项",
    "组", "批", "列", "起", "分", "户", "亩", "头", "座", "枚", "根", "路", "点", "层", "例", "株", "块", "处", "位",
    "艘", "架", "卷", "瓶", "箱", "吋",
];

/// A unit's last character, and what must not follow it: then it is another word (升级, 转换, 次品).
const OTHER_WORDS: &[(&str, &str)] = &[
    ("升", "级降温"),
    ("转", "换型化移让运向变入"),
    ("次", "品年日生要"),
    ("天", "然线猫"),
    ("克", "服隆拉"),
    ("伏", "安"),
    ("分", "别析布为之解离层类期批步阶"),
    ("个", "月性人"),
    ("点", "击"),
    ("位", "数置于"),
    ("度", "假"),
    ("人", "民工"),
    ("家", "庭"),
    ("组", "织合成"),
    ("处", "理于"),
    ("层", "次"),
    ("台", "阶"),
    ("条", "件款例"),
    ("项", "目"),
    ("片", "段面"),
    ("根", "据本"),
    ("例", "如"),
    ("起", "来"),
    ("A", "级股轮"),
    ("C", "端"),
    ("B", "端轮"),
];

/// What makes a number money, a date or an age.
const EXCLUDED: &[&str] = &[
    "元",
    "美元",
    "欧元",
    "港元",
    "人民币",
    "个月",
    "月",
    "年",
    "周年",
    "周",
    "日",
    "号",
    "岁",
    "季度",
    "世纪",
    "届",
    "期",
    "星期",
];

/// Reads the unit after a number and the multiplier before it (`60 万件`, `20 余颗`, `×10^6` is part
/// of the number). `spaced` says whether white space stands before.
pub(super) fn unit(chars: &[char], spaced: bool) -> Found {
    let multiplier = chars.iter().take_while(|c| "十百千万亿余多来".contains(**c)).count();
    let mut rest = &chars[multiplier..];
    let mut skipped = multiplier;
    if rest.first() == Some(&' ') {
        rest = &rest[1..];
        skipped += 1;
    }
    if EXCLUDED.iter().any(|word| starts(rest, word)) {
        return Found::Excluded;
    }
    let chinese = |words: &[&str], kind| {
        let word = words.iter().find(|word| starts(rest, word))?;
        let length = word.chars().count();
        let ends = !is_other_word(word, rest.get(length));
        ends.then(|| Found::Unit(kind, skipped + length + compound(&rest[length..])))
    };
    if let Some(found) = chinese(MEASURES, UnitKind::Measure).or_else(|| chinese(COUNTS, UnitKind::Count)) {
        return found;
    }
    match latin(rest, spaced || multiplier > 0) {
        0 => Found::None,
        length => Found::Unit(UnitKind::Measure, skipped + length + compound(&rest[length..])),
    }
}

/// Length of the unit in Latin letters or symbols at the start; 0 where there is none.
fn latin(chars: &[char], spaced: bool) -> usize {
    let run = chars.iter().take(6).take_while(|c| is_symbol(**c)).count();
    // `dB(A)`, `W·h`: the run ends before a separator, the longest known symbol counts.
    (1..=run)
        .rev()
        .find(|length| {
            let symbol: String = chars[..*length].iter().map(|c| if *c == 'µ' { 'μ' } else { *c }).collect();
            let next = chars.get(*length);
            let exponent = usize::from(next.is_some_and(|c| "23".contains(*c)));
            let after = chars.get(length + exponent);
            let whole = after.is_none_or(|c| !c.is_ascii_alphanumeric());
            let grade = symbol == "K" && !spaced && next != Some(&'/');
            whole && !grade && is_known(&symbol) && !is_other_word(&symbol, next)
        })
        .unwrap_or(0)
}

/// Length of what follows the first unit: exponents, `(A)`, and further units after `/` or `·`.
fn compound(chars: &[char]) -> usize {
    let mut at = 0;
    loop {
        at += chars[at..].iter().take_while(|c| "²³⁻¹⁰⁴⁵⁶⁷⁸⁹".contains(**c)).count();
        if chars[at..].first().is_some_and(|c| "23".contains(*c)) {
            at += 1;
        }
        if starts(&chars[at..], "(A)") {
            at += 3;
        }
        if !chars[at..].first().is_some_and(|c| "/·".contains(*c)) {
            return at;
        }
        let tail = &chars[at + 1..];
        let digits = tail.iter().take_while(|c| c.is_ascii_digit()).count();
        let next = match latin(&tail[digits..], true) {
            0 => usize::from(tail.get(digits).is_some_and(|c| c.is_alphabetic() && !c.is_ascii())),
            length => length,
        };
        if next == 0 {
            return at;
        }
        at += 1 + digits + next;
    }
}

fn is_known(symbol: &str) -> bool {
    let prefixed = || {
        let mut rest = symbol.chars();
        rest.next().is_some_and(|c| PREFIXES.contains(&c)) && PREFIXED.contains(&rest.as_str())
    };
    PLAIN.contains(&symbol) || PREFIXED.contains(&symbol) || prefixed()
}

fn is_symbol(c: char) -> bool {
    c.is_ascii_alphabetic() || "μµΩε°℃℉%‰Å㎡㎥㎜㎝㎞㎏㎎ℓ".contains(c)
}

fn is_other_word(unit: &str, next: Option<&char>) -> bool {
    OTHER_WORDS.iter().any(|(word, after)| *word == unit && next.is_some_and(|c| after.contains(*c)))
}

fn starts(chars: &[char], word: &str) -> bool {
    let mut at = chars.iter();
    word.chars().all(|c| at.next() == Some(&c))
}
