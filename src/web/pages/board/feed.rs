//! Challenges as an Atom feed (RFC 4287).

use std::fmt::Write as _;

use axum::http::{HeaderMap, header};

use crate::app::explain::Part;
use crate::app::search::{ChallengeItem, Found};
use crate::domain::{SearchQuery, SearchSort};
use crate::web::pages::shown;

/// How this site is addressed from outside: `https://zhihui.example.cn`; nothing where the request
/// does not say.
pub fn site(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let host = text(header::HOST.as_str());
    let is_host = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    if host.is_empty() || !host.chars().all(is_host) {
        return String::new();
    }
    let scheme = if text("x-forwarded-proto") == "https" { "https" } else { "http" };
    format!("{scheme}://{host}")
}

/// The address of the feed of a search.
pub fn place(query: &SearchQuery) -> String {
    let query = SearchQuery { sort: SearchSort::default(), ..query.clone() };
    query.place().replacen("/challenges", "/challenges.atom", 1)
}

/// The feed of what was found; `path` is its own address on the site, `now` the time where it is empty.
pub fn atom(site: &str, path: &str, found: &Found, now: i64) -> String {
    let title = match found.query.q.as_str() {
        "" => "智汇 · 揭榜挂帅".to_owned(),
        q => format!("智汇 · 揭榜挂帅：{q}"),
    };
    let updated = found.challenges.iter().map(|item| item.published_at).max().unwrap_or(now);
    let own = escaped(&format!("{site}{path}"));
    let mut feed = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    feed.push_str("<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"zh-CN\">\n");
    let _ = writeln!(feed, "<title>{}</title>", escaped(&title));
    let _ = writeln!(feed, "<id>{own}</id>\n<link rel=\"self\" type=\"application/atom+xml\" href=\"{own}\"/>");
    let page = escaped(&format!("{site}{}", found.query.place()));
    let _ = writeln!(feed, "<link rel=\"alternate\" type=\"text/html\" href=\"{page}\"/>");
    let _ = writeln!(feed, "<updated>{}</updated>", shown::machine(&updated));
    found.challenges.iter().for_each(|item| entry(&mut feed, site, item));
    feed.push_str("</feed>\n");
    feed
}

fn entry(feed: &mut String, site: &str, item: &ChallengeItem) {
    let (id, published) = (escaped(&item.id), shown::machine(&item.published_at));
    let _ = writeln!(feed, "<entry>\n<title>{}</title>\n<id>urn:uuid:{id}</id>", escaped(&plain(&item.title)));
    let _ = writeln!(feed, "<link rel=\"alternate\" type=\"text/html\" href=\"{}/challenges/{id}\"/>", escaped(site));
    let _ = writeln!(feed, "<published>{published}</published>\n<updated>{published}</updated>");
    let _ = writeln!(feed, "<author><name>{}</name></author>", escaped(&plain(&item.organization)));
    for term in item.cluster.iter().chain(&item.disciplines) {
        let _ = writeln!(feed, "<category term=\"{}\"/>", escaped(term));
    }
    let (reward, closes) = (shown::wan(&item.reward), shown::minute(&item.closes_at));
    let summary = format!("{}。榜单金额 {reward}，{closes} 截止。{}", item.status.name(), plain(&item.snippet));
    let _ = writeln!(feed, "<summary>{}</summary>\n</entry>", escaped(&summary));
}

fn plain(parts: &[Part]) -> String {
    parts.iter().map(|part| part.text.as_str()).collect()
}

/// A text as XML 1.0 has it; what it cannot have is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::events::Event;

    use super::*;
    use crate::domain::challenge::status::ChallengeStatus;
    use crate::domain::{SearchForm, SearchKind};

    fn item(text: &str) -> ChallengeItem {
        let part = || vec![Part { text: text.to_owned(), hit: true }];
        ChallengeItem {
            id: "0193".into(),
            title: part(),
            organization: part(),
            status: ChallengeStatus::Open,
            cluster: Some(text.to_owned()),
            disciplines: Vec::new(),
            region: None,
            reward: 1,
            opens_at: 0,
            closes_at: i64::MAX,
            published_at: 1_790_000_000_000,
            snippet: part(),
            is_named: false,
            words: Vec::new(),
            missing: Vec::new(),
            watchers: 0,
            bids: None,
        }
    }

    /// The texts of a feed, as a reader has them.
    fn read(feed: &str) -> Vec<String> {
        let mut reader = quick_xml::Reader::from_str(feed);
        let (mut texts, mut text, mut depth) = (Vec::new(), String::new(), 0);
        loop {
            match reader.read_event().expect("well-formed") {
                Event::Start(start) => {
                    start.attributes().for_each(|a| drop(a.expect("an attribute")));
                    depth += 1;
                    text.clear();
                }
                Event::End(_) => {
                    depth -= 1;
                    texts.push(std::mem::take(&mut text));
                }
                Event::Text(part) => text.push_str(&part.xml10_content()),
                Event::GeneralRef(part) => match part.resolve_char_ref().expect("a character") {
                    Some(c) => text.push(c),
                    None => {
                        let entity = part.xml10_content();
                        text.push_str(quick_xml::escape::resolve_predefined_entity(&entity).expect("an entity"));
                    }
                },
                Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(depth, 0);
        texts
    }

    fn found(text: &str) -> Found {
        let form = SearchForm { kind: SearchKind::Challenges.code().into(), q: text.into(), ..SearchForm::default() };
        let query: SearchQuery = form.read().0;
        Found {
            query,
            total: 1,
            is_bounded: false,
            page: 1,
            pages: 1,
            talents: Vec::new(),
            needs: Vec::new(),
            challenges: vec![item(text)],
            facets: Vec::new(),
            kinds: Vec::new(),
            unknown: Vec::new(),
            near: Vec::new(),
        }
    }

    proptest! {
        /// Whatever a title says, readers read the same, but for what XML cannot have.
        #[test]
        fn a_feed_is_well_formed_and_loses_nothing(text in ".{0,40}") {
            let texts = read(&atom("https://zhihui.test", "/challenges.atom?q=%3C&sort=reward", &found(&text), 0));
            let clean: String = text.chars().filter(|c| *c == '\t' || !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
            prop_assert!(texts.contains(&clean), "{:?}", texts);
        }
    }

    #[test]
    fn only_what_can_be_a_host_is_one() {
        let of = |host: &str, proto: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            headers.insert("x-forwarded-proto", proto.parse().unwrap());
            site(&headers)
        };
        assert_eq!(of("zhihui.test:8080", ""), "http://zhihui.test:8080");
        assert_eq!(of("zhihui.test", "https"), "https://zhihui.test");
        assert_eq!(of("a/b?c", "https"), "");
        assert_eq!(site(&HeaderMap::new()), "");
    }
}
