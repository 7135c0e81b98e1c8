"""
The same again: rows that say nothing new.

A row is the same again when it repeats a row of its own file, or when everything the file says about its *unit* (a
claim, a span of coverage, a result) is exactly what the latest file of that feed said about it. A claim with one line
changed is a correction, not a repetition: all of its lines land, and the warehouse lets the later ones win.

What was said is remembered as two numbers per unit in `landed/_seen/<table>/<batch>.parquet`, beside the batch it
belongs to. The numbers come from DuckDB's `hash`; should a later DuckDB hash otherwise, a repetition lands once more,
and changes nothing in the warehouse.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from carewright.warehouse.landing import HasLanded, manifests, quoted, text
from carewright.warehouse.layout import Layout

LEFT_OUT = frozenset({"data_source", "file_name", "file_date", "ingest_datetime"})
"""Columns about the sending, not about the fact."""


def row_sql(layout: Layout, has: Sequence[str]) -> str:
    """A number that two rows share only when they say the same, whichever empty columns their files have."""
    columns = [column for column in layout.columns if column.name not in LEFT_OUT and not column.never]
    [[empty]] = duckdb.execute(
        "select " + _xor([f"hash(null, {number})" for number, _ in enumerate(columns, 1)])
    ).fetchall()
    terms = [f"{empty}::ubigint"]
    for number, column in enumerate(columns, 1):
        if column.name in has:
            # The empty value's share is taken out again, so that a column nobody sent and an empty one count alike.
            [[share]] = duckdb.execute(f"select hash(null, {number})").fetchall()
            terms += [f"{share}::ubigint", f"hash(cast({quoted(column.name)} as {column.type}), {number})"]
    return _xor(terms)


def unit_sql(layout: Layout, has: Sequence[str]) -> str:
    """A number for what the row is about: its claim, or the columns of its grain."""
    grain = ["claim_id"] if "claim_id" in layout.grain else [name for name in layout.grain if name != "source"]
    terms = [quoted(name) if name in has else "null" for name in grain]
    return f"hash({', '.join(terms)})"


def _xor(terms: list[str]) -> str:
    expression = terms[0]
    for term in terms[1:]:
        expression = f"xor({expression}, {term})"
    return expression


def remember(con: duckdb.DuckDBPyConnection, rows: str) -> None:
    """Keep unit, row and line of rows that would land (`rows` selects them) in the scratch table `seen_now`."""
    con.execute("create table if not exists seen_now (unit ubigint, row ubigint, line bigint)")
    con.execute(f"insert into seen_now {rows}")


def find(con: duckdb.DuckDBPyConnection, home: HasLanded, layout: Layout, source: str) -> int:
    """
    Fill the scratch table `again(line)` with the lines that say nothing new; returns how many there are.
    """
    con.execute("create or replace table again (line bigint)")
    con.execute(
        """
        insert into again
        select seen_now.line
        from seen_now
        join (
            select unit, row, min(line) as kept
            from seen_now group by unit, row having count(*) > 1
        ) as repeated using (unit, row)
        where seen_now.line > repeated.kept
        """
    )
    con.execute(
        """
        create or replace table said_now as
        select unit, cast(count(*) as integer) as rows, bit_xor(row) as said
        from (select distinct unit, row from seen_now) group by unit
        """
    )
    before = _earlier(home, layout.table)
    if before:
        listed = ", ".join(text(str(path)) for path in before)
        con.execute(
            f"""
            insert into again
            select line from seen_now
            where unit in (
                select said_now.unit
                from said_now
                join (
                    select unit, arg_max(rows, received_seq) as rows, arg_max(said, received_seq) as said
                    from read_parquet([{listed}])
                    where source = {text(source)}
                    group by unit
                ) as latest
                    on latest.unit = said_now.unit and latest.rows = said_now.rows and latest.said = said_now.said
            ) and line not in (select line from again)
            """
        )
    [[count]] = con.execute("select count(*) from again").fetchall()
    return count


def write_down(
    con: duckdb.DuckDBPyConnection, home: HasLanded, layout: Layout, batch_id: str, part: int, source: str, seq: int
) -> None:
    """Remember what this delivery said about each unit that landed, for the next one."""
    folder = home.landed / "_seen" / layout.table
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    con.execute(
        f"""
        copy (
            select said_now.unit, said_now.rows, said_now.said,
                {text(source)} as source, {seq}::bigint as received_seq
            from said_now
            where unit in (select unit from seen_now where line not in (select line from again))
        ) to {text(str(folder / f"{batch_id}.{part}.parquet"))} (format parquet)
        """
    )


def sweep(home: HasLanded, batch_id: str) -> None:
    """Forget what an unfinished batch said."""
    for path in (home.landed / "_seen").glob(f"*/{batch_id}.*.parquet"):
        path.unlink(missing_ok=True)


def _earlier(home: HasLanded, table: str) -> list[Path]:
    finished = {manifest.batch_id for manifest in manifests(home)}
    paths = sorted((home.landed / "_seen" / table).glob("*.parquet"))
    return [path for path in paths if path.name.split(".")[0] in finished]
