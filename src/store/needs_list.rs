//! Lists of needs as people read them: filtered, sorted, a page at a time, with how many there are.

use sqlx::Row;

use super::needs::{NeedHead, content, read_head};
use super::{Store, StoreError, bulk, holding};
use crate::domain::need_progress::Invitations;
use crate::domain::{InvitationStatus, Need, NeedMode, NeedStatus};

/// What a list of needs is sorted by; the id decides between equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NeedSort {
    /// The one that changed last comes first.
    #[default]
    Updated,
    /// The nearest day comes first, needs without one last.
    Deadline,
    Title,
    /// In the order in which a need goes.
    Status,
}

impl NeedSort {
    pub const ALL: [Self; 4] = [Self::Updated, Self::Deadline, Self::Title, Self::Status];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Updated => "updated",
            Self::Deadline => "deadline",
            Self::Title => "title",
            Self::Status => "status",
        }
    }
}

/// Which needs; what is `""` or `None` is not asked for.
#[derive(Debug, Clone, Default)]
pub struct NeedFilter<'a> {
    /// Id of the enterprise.
    pub organisation: &'a str,
    /// Only those that were ever submitted, of enterprises in this region, `""` for any.
    pub submitted_in: Option<&'a str>,
    pub status: Option<NeedStatus>,
    pub mode: Option<NeedMode>,
    /// Taxonomy code.
    pub field: &'a str,
    /// A part of the title or of the enterprise's name.
    pub text: &'a str,
}

macro_rules! matching {
    ($select:expr, $tail:expr) => {
        concat!(
            "SELECT ",
            $select,
            " FROM need n JOIN organisation o ON o.id = n.organisation_id WHERE ($1 = '' OR n.organisation_id = $1) ",
            "AND ($2 = '' OR n.submitted_at IS NOT NULL) AND ($3 = '' OR substr(o.region, 1, length($3)) = $3) ",
            "AND ($4 = '' OR n.status = $4) AND ($5 = '' OR n.mode = $5) ",
            "AND ($6 = '' OR LOWER(n.title COLLATE \"binary\") LIKE $6 ESCAPE '!' ",
            "OR LOWER(o.name COLLATE \"binary\") LIKE $6 ESCAPE '!') ",
            "AND ($7 = '' OR n.field = $7) ",
            $tail
        )
    };
}

macro_rules! page_by {
    ($order:literal) => {
        matching!(
            "n.id, n.organisation_id, o.name, n.status, n.title, n.mode, n.field, n.region, n.deadline, n.reason, \
             n.created_at, n.updated_at, n.published_at, n.version",
            concat!("ORDER BY ", $order, ", n.id DESC LIMIT $8 OFFSET $9")
        )
    };
}

const COUNT: &str = matching!("COUNT(*)", "");

/// The page of a sorting, one way or the other.
const fn page(sort: NeedSort, reversed: bool) -> &'static str {
    match (sort, reversed) {
        (NeedSort::Updated, false) => page_by!("n.updated_at DESC"),
        (NeedSort::Updated, true) => page_by!("n.updated_at ASC"),
        (NeedSort::Deadline, false) => page_by!("n.deadline ASC NULLS LAST"),
        (NeedSort::Deadline, true) => page_by!("n.deadline DESC NULLS LAST"),
        (NeedSort::Title, false) => page_by!("n.title ASC"),
        (NeedSort::Title, true) => page_by!("n.title DESC"),
        (NeedSort::Status, false) => page_by!(
            "CASE n.status WHEN 'draft' THEN 0 WHEN 'submitted' THEN 1 WHEN 'published' THEN 2 WHEN 'challenge' THEN 3 \
             WHEN 'nominated' THEN 4 WHEN 'project' THEN 5 WHEN 'withdrawn' THEN 6 ELSE 7 END"
        ),
        (NeedSort::Status, true) => page_by!(
            "CASE n.status WHEN 'draft' THEN 7 WHEN 'submitted' THEN 6 WHEN 'published' THEN 5 WHEN 'challenge' THEN 4 \
             WHEN 'nominated' THEN 3 WHEN 'project' THEN 2 WHEN 'withdrawn' THEN 1 ELSE 0 END"
        ),
    }
}

impl Store {
    /// A page of the needs that a filter admits, and how many there are in all.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn needs_page(
        &self,
        filter: &NeedFilter<'_>,
        (sort, reversed): (NeedSort, bool),
        (limit, offset): (i64, i64),
    ) -> Result<(Vec<NeedHead>, i64), StoreError> {
        let text = holding(filter.text);
        macro_rules! bound {
            ($query:expr) => {
                $query
                    .bind(filter.organisation)
                    .bind(filter.submitted_in.map_or("", |_| "yes"))
                    .bind(filter.submitted_in.unwrap_or_default())
                    .bind(filter.status.map_or("", NeedStatus::code))
                    .bind(filter.mode.map_or("", NeedMode::code))
                    .bind(&text)
                    .bind(filter.field)
            };
        }
        let all: i64 = bound!(sqlx::query_scalar(COUNT)).fetch_one(&self.pool).await?;
        if offset >= all {
            return Ok((Vec::new(), all));
        }
        let rows = bound!(sqlx::query(page(sort, reversed))).bind(limit).bind(offset).fetch_all(&self.pool).await?;
        Ok((rows.iter().map(read_head).collect::<Result<_, _>>()?, all))
    }

    /// What these needs say.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn need_contents(&self, ids: &[&str]) -> Result<Vec<Need>, StoreError> {
        let mut read = self.pool.acquire().await?;
        let rows = bulk::select(&mut read, "SELECT content FROM need WHERE id IN", ids, "").await?;
        rows.iter().map(|row| content(row.try_get(0)?)).collect()
    }

    /// How the invitations of these needs stand. A need without any is not in the list.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn invitations_counted(&self, needs: &[&str]) -> Result<Vec<(String, Invitations)>, StoreError> {
        let mut read = self.pool.acquire().await?;
        let head = "SELECT need_id, status, COUNT(*) FROM invitation WHERE need_id IN";
        let rows = bulk::select(&mut read, head, needs, "GROUP BY need_id, status").await?;
        let mut counted: Vec<(String, Invitations)> = Vec::new();
        for row in &rows {
            let (need, status, number): (String, String, i64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let status = InvitationStatus::from_code(&status).ok_or(StoreError::Unreadable { what: "邀请状态" })?;
            if counted.iter().all(|(id, _)| *id != need) {
                counted.push((need.clone(), Invitations::default()));
            }
            let found = counted.iter_mut().find(|(id, _)| *id == need);
            found.into_iter().for_each(|(_, of)| of.count(status, u32::try_from(number).unwrap_or(u32::MAX)));
        }
        Ok(counted)
    }
}
