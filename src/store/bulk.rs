//! Statements over many rows: as few as the databases' bounds on parameters allow.
//!
//! PostgreSQL's parameters are `$1`, `$2`, …; SQLite takes these for names and looks each up among
//! all before it, which for ten thousand takes longer than the statement. There they are `?`.

use std::fmt::Write as _;

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::error::BoxDynError;
use sqlx::{AnyConnection, Arguments, AssertSqlSafe};

use super::StoreError;

/// Parameters of one statement. SQLite takes 32,766 and PostgreSQL 65,535; longer statements gain
/// nothing more.
const PARAMETERS: usize = 12_000;
/// Ids asked for at once.
pub(super) const IDS: usize = 1_000;

/// `head ($1, $2), ($3, $4) … tail` for all rows; `bind` adds the columns of one row.
pub(super) async fn insert<T>(
    connection: &mut AnyConnection,
    head: &str,
    tail: &str,
    columns: usize,
    rows: &[T],
    bind: impl Fn(&T, &mut AnyArguments) -> Result<(), BoxDynError>,
) -> Result<(), StoreError> {
    for rows in rows.chunks(PARAMETERS / columns) {
        let mut sql = head.to_owned();
        let mut arguments = AnyArguments::default();
        for (row, at) in rows.iter().zip(0..) {
            sql.push_str(if at == 0 { " (" } else { "), (" });
            places(connection, &mut sql, at * columns, columns);
            bind(row, &mut arguments).map_err(sqlx::Error::Encode)?;
        }
        sql.push_str(") ");
        sql.push_str(tail);
        // Made of our own texts and of numbers.
        let insert = sqlx::query_with(AssertSqlSafe(sql), arguments).persistent(false);
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

/// `head (ids) tail`, for as many ids as there are; the rows of all answers.
pub(super) async fn select(
    connection: &mut AnyConnection,
    head: &str,
    ids: &[&str],
    tail: &str,
) -> Result<Vec<AnyRow>, StoreError> {
    let mut rows = Vec::new();
    for ids in ids.chunks(IDS) {
        let (sql, arguments) = with_ids(connection, head, ids, tail)?;
        let select = sqlx::query_with(AssertSqlSafe(sql), arguments).persistent(false);
        rows.extend(select.fetch_all(&mut *connection).await?);
    }
    Ok(rows)
}

/// `head (ids) tail`, for as many ids as there are.
pub(super) async fn execute(
    connection: &mut AnyConnection,
    head: &str,
    ids: &[&str],
    tail: &str,
) -> Result<(), StoreError> {
    for ids in ids.chunks(IDS) {
        let (sql, arguments) = with_ids(connection, head, ids, tail)?;
        sqlx::query_with(AssertSqlSafe(sql), arguments).persistent(false).execute(&mut *connection).await?;
    }
    Ok(())
}

fn with_ids(
    connection: &AnyConnection,
    head: &str,
    ids: &[&str],
    tail: &str,
) -> Result<(String, AnyArguments), StoreError> {
    let mut sql = format!("{head} (");
    places(connection, &mut sql, 0, ids.len());
    sql.push_str(") ");
    sql.push_str(tail);
    let mut arguments = AnyArguments::default();
    ids.iter().try_for_each(|id| arguments.add(*id)).map_err(sqlx::Error::Encode)?;
    Ok((sql, arguments))
}

fn places(connection: &AnyConnection, sql: &mut String, before: usize, count: usize) {
    let is_numbered = connection.backend_name() == "PostgreSQL";
    for place in before + 1..=before + count {
        sql.push_str(if place == before + 1 { "" } else { ", " });
        if is_numbered {
            let _ = write!(sql, "${place}");
        } else {
            sql.push('?');
        }
    }
}
