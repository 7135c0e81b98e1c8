"""
The same again: rows that say nothing new.

A row is the same again when it repeats a row of its own file, or when everything the file says about its *unit* (a
claim, a span of coverage, a result) is exactly what the file before it, of the same feed, said about it. A claim with
one line changed is a correction, not a repetition: all of its lines land, and the warehouse lets the later ones win.

What was said is remembered as two numbers per unit in `landed/_seen/<table>/<batch>.<part>.parquet`, beside the batch
it belongs to. The numbers come from DuckDB's `hash`; should a later DuckDB hash otherwise, a repetition lands once
more, and changes nothing in the warehouse.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import duckdb

from carewright.exchange.batch import Batch
from carewright.warehouse.landing import HasLanded, gone, manifests, quoted, text
from carewright.warehouse.layout import Layout, layout

LOOK_BACK = 5_000_000
"""Rows of a stream that a chunk is compared with before it is put down."""
LEFT_OUT = frozenset({"data_source", "file_name", "file_date", "ingest_datetime"})
"""Columns about the sending, not about the fact."""


def row_sql(shape: Layout, has: Sequence[str]) -> str:
    """A number that two rows share only when they say the same, whichever empty columns their files have."""
    names, shares = _shares(shape.table)
    constant = 0
    terms = []
    for number, (name, share) in enumerate(zip(names, shares, strict=True), 1):
        # An empty value counts for nothing, so that a column nobody sent and an empty one are alike.
        if name in has:
            constant ^= share
            terms.append(f"hash(cast({quoted(name)} as {shape.by_name[name].type}), {number})")
    expression = f"{constant}::ubigint"
    for term in terms:
        expression = f"xor({expression}, {term})"
    return expression


@cache
def _shares(table: str) -> tuple[list[str], list[int]]:
    """The columns of a table that are compared, and what an empty value adds to a row's number at each place."""
    names = [column.name for column in layout(table).columns if column.name not in LEFT_OUT and not column.never]
    with duckdb.connect() as con:
        listed = ", ".join(f"hash(null, {number})" for number, _ in enumerate(names, 1))
        [shares] = con.execute(f"select {listed}").fetchall()
    return names, list(shares)


def unit_sql(shape: Layout, has: Sequence[str]) -> str:
    """A number for what the row is about: its claim, or the columns of its grain."""
    grain = ["claim_id"] if "claim_id" in shape.grain else [name for name in shape.grain if name != "source"]
    terms = [quoted(name) if name in has else "null" for name in grain]
    return f"hash({', '.join(terms)})"


def begin(con: duckdb.DuckDBPyConnection) -> None:
    """Start a stream of files: nothing has been said yet, and nothing is the same again."""
    con.execute("create or replace temp table seen_now (file smallint, unit ubigint, row ubigint, line bigint)")
    con.execute("create or replace temp table again (file smallint, line bigint)")


def find_at_once(con: duckdb.DuckDBPyConnection) -> bool:
    """
    Remember the good rows of `checked` and add those that repeat a row of their own file to `again`, before they are
    put down; returns whether there are any.

    In a very large stream only repetitions within the same chunk are found here, the others by `find`.
    """
    [[seen]] = con.execute("select count(*) from seen_now").fetchall()
    con.execute("insert into seen_now select file, unit, row, line from checked where problem = 0")
    among = "seen_now" if seen <= LOOK_BACK else "(select * from checked where problem = 0)"
    con.execute(
        f"""
        insert into again
        select checked.file, checked.line
        from checked
        join (
            select file, unit, row, min(line) as kept
            from {among} as said semi join checked using (file, unit, row)
            group by file, unit, row having count(*) > 1
        ) as repeated using (file, unit, row)
        where checked.line > repeated.kept and checked.problem = 0
        """
    )
    [[found]] = con.execute("select count(*) from again").fetchall()
    return found > 0


def find(
    con: duckdb.DuckDBPyConnection, home: HasLanded, shape: Layout, source: str, batch: Batch, *, before: int
) -> dict[int, int]:
    """
    Add to `again` what is only known at the end: what earlier files have said already. Those rows have been put down and
    stand in the scratch table `late` too. Returns how many rows of each file say nothing new.

    Earlier is what was received before the number `before`. What does not count any more, or will not once this batch
    is finished, was never said.
    """
    [[seen]] = con.execute("select count(*) from seen_now").fetchall()
    # a stream that was compared as a whole, chunk by chunk, has no repetition left in it
    missed = f"seen_now.line > repeated.kept and {'true' if seen > LOOK_BACK else 'false'}"
    con.execute(
        f"""
        create or replace temp table late as
        select seen_now.file, seen_now.line
        from seen_now
        join (
            select file, unit, row, min(line) as kept
            from seen_now group by file, unit, row having count(*) > 1
        ) as repeated using (file, unit, row)
        anti join again using (file, line)
        where {missed}
        """
    )
    # A row's number is its columns' numbers laid over each other, so what two lines of a claim have in common would cancel
    # out between them, and a correction of it would not be seen; hashed once more, nothing of two rows meets.
    con.execute(
        """
        create or replace temp table said_now as
        select file, unit, cast(count(*) as integer) as rows, bit_xor(hash(row)) as said
        from (select distinct file, unit, row from seen_now) group by file, unit
        """
    )
    told = _earlier(home, shape.table, batch)
    earlier = "select null::ubigint as unit, null::integer as rows, null::ubigint as said where false"
    if told:
        listed = ", ".join(text(str(path)) for path in told)
        unsaid = [
            f"(filename = {text(str(path))} and received_seq in ({', '.join(map(str, sorted(seqs)))}))"
            for path, seqs in told.items()
            if seqs
        ]
        earlier = f"""
            select unit, arg_max(rows, received_seq) as rows, arg_max(said, received_seq) as said
            from read_parquet([{listed}], filename = true)
            where source = {text(source)} and unit in (select unit from said_now) and received_seq < {before}
                {f"and not ({' or '.join(unsaid)})" if unsaid else ""}
            group by unit"""
    con.execute(
        f"""
        create or replace temp table nothing_new as
        with told as (
            select -1 as file, unit, rows, said from ({earlier})
            union all select file, unit, rows, said from said_now
        ),
        compared as (
            select file, unit,
                rows = lag(rows) over (partition by unit order by file)
                    and said = lag(said) over (partition by unit order by file) as is_same
            from told
        )
        select file, unit from compared where file >= 0 and is_same
        """
    )
    con.execute(
        """
        insert into late
        select file, line
        from seen_now
        semi join nothing_new using (file, unit)
        anti join again using (file, line)
        anti join late using (file, line)
        """
    )
    con.execute("insert into again select file, line from late")
    return dict(con.execute("select file, count(*) from again group by file").fetchall())


def write_down(
    con: duckdb.DuckDBPyConnection, home: HasLanded, shape: Layout, batch_id: str, part: int, source: str, seq: str
) -> None:
    """Remember what these files said about each unit that landed, for the next ones; `seq` is SQL over `file`."""
    folder = home.landed / "_seen" / shape.table
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{batch_id}.{part}.parquet"
    con.execute(
        f"""
        copy (
            select unit, rows, said, {text(source)} as source, {seq}::bigint as received_seq
            from said_now anti join nothing_new using (file, unit)
        ) to {text(str(path))} (format parquet)
        """
    )


def sweep(home: HasLanded, batch_id: str) -> None:
    """Forget what an unfinished batch said."""
    for path in (home.landed / "_seen").glob(f"*/{batch_id}.*.parquet"):
        path.unlink(missing_ok=True)


def _earlier(home: HasLanded, table: str, batch: Batch) -> dict[Path, set[int]]:
    """
    What finished batches said, and what this one has said so far; for each file, the received files (by their number)
    whose part in it counts no more.
    """
    finished = {manifest.batch_id: manifest for manifest in manifests(home)}
    lost = gone(home)
    for batch_id, delivery_id in batch.instead_of:
        lost.setdefault(batch_id, set()).add(delivery_id)
    found: dict[Path, set[int]] = {}
    for path in sorted((home.landed / "_seen" / table).glob("*.parquet")):
        batch_id = path.name.split(".")[0]
        if batch_id in finished:
            own = finished[batch_id].deliveries
            found[path] = {each.received_seq for each in own if each.delivery_id in lost.get(batch_id, ())}
        elif batch_id == batch.batch_id:
            found[path] = set()
    return found
