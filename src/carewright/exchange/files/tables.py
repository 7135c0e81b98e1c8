"""
A file that lands in one table: read a chunk at a time, checked, split into kept and set aside, put down as Parquet.

While one chunk is being checked and written by DuckDB, the next one is being unpacked and split into fields; memory
stays what two chunks take, however large the file is.
"""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from carewright.exchange.batch import Batch, ColumnRead, FileReport, Reason, ReceivedFile, Said
from carewright.exchange.files import duplicates, records, set_aside
from carewright.exchange.files.checking import Check, Plan, plan
from carewright.exchange.files.opening import refused
from carewright.exchange.files.recognize import Table
from carewright.kernel.errors import BadInput
from carewright.plumbing.home import Home
from carewright.warehouse import landing
from carewright.warehouse.landing import quoted, text

T = TypeVar("T")
PARQUET_ROWS = 100_000

BROKEN = {
    records.WRONG_FIELDS: (
        "Row with too many or too few fields",
        "Quotation marks around fields that contain the delimiter would keep the fields apart.",
    ),
    records.NUL_BYTE: (
        "Row with a NUL byte in it",
        "The file was damaged on its way; ask the sender to send it again.",
    ),
    records.OPEN_QUOTE: (
        "Quotation mark that is not closed, or not where a field begins or ends",
        "Double a quotation mark inside a field, and close every one.",
    ),
    records.NOT_TEXT: ("Row that is no text", "Ask the sender to save the file as UTF-8."),
}


@dataclass
class _Tally:
    """What is counted while a file is read."""

    read: int = 0
    bad: int = 0
    landed: int = 0
    first: date | None = None
    last: date | None = None
    reasons: dict[tuple[str, str, bool], Reason] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    rewritten: list[int] = field(default_factory=list)
    parts: list[landing.Landed] = field(default_factory=list)

    def reason(self, what: str, column: str, mend: str, rows: int, line: int, example: str, kept: bool = False) -> None:
        known = self.reasons.get((what, column, kept))
        if known is None:
            self.reasons[(what, column, kept)] = Reason(what, rows, line, mend, example[:80], column, kept)
        else:
            earlier = line < known.first_line
            self.reasons[(what, column, kept)] = Reason(
                what, known.rows + rows, min(line, known.first_line), mend, example[:80] if earlier else known.example,
                column, kept,
            )  # fmt: skip


class Reader:
    """Reads the files of one batch into its tables; numbers the Parquet parts of each table."""

    def __init__(self, home: Home, batch: Batch, *, strict: bool, report: Said):
        self.home, self.batch, self.strict, self.report = home, batch, strict, report
        self.parts: dict[str, int] = {}

    def read(self, file: ReceivedFile, table: Table, source: str) -> FileReport:
        """Read one file whole. Raises `BadInput` when it breaks off; then nothing of it has landed."""
        tally, shape = _Tally(), table.layout
        writer = set_aside.Writer(self.home, file.delivery_id, table.names)
        first_part = self.parts.get(shape.table, 0)
        with _scratch(self.home) as con:
            try:
                for chunk in _ahead(self._chunks(file, table)):
                    self._chunk(con, chunk, file, table, source, tally, writer)
                    self.report(chunk.bytes)
                again = self._leave_out_again(con, table, source, tally)
                if tally.landed:
                    duplicates.write_down(
                        con, self.home, shape, self.batch.batch_id, first_part, source, file.received_seq
                    )
                rejects = writer.close()
            except BaseException:
                for landed in tally.parts:
                    (self.home.landed / landed.path).unlink(missing_ok=True)
                raise
            finally:
                writer.abandon()
        return self._report(file, table, source, tally, again, rejects)

    # --- a chunk -----------------------------------------------------------------------------------------------------

    def _chunks(self, file: ReceivedFile, table: Table) -> Iterator[records.Chunk]:
        if table.is_parquet:
            return _parquet_chunks(file)
        return records.chunks(file.path, file.file_name, table.beginning, table.header)

    def _chunk(self, con, chunk: records.Chunk, file, table: Table, source: str, tally: _Tally, writer) -> None:
        tally.read += chunk.table.num_rows + len(chunk.broken)
        tally.rewritten += chunk.rewritten
        for broken in chunk.broken:
            what, mend = BROKEN[broken.what]
            tally.reason(what, "", mend, 1, broken.line, "")
            writer.add(broken.line, f"{what}.", mend, broken.fields)
            tally.bad += 1
        if not chunk.table.num_rows:
            return
        types = {}
        for name, column in zip(chunk.table.column_names, chunk.table.columns, strict=True):
            filled = len(column) - column.null_count
            tally.filled[name] = tally.filled.get(name, 0) + filled
            if filled:
                types[name] = _kind(column.type)
        how = plan(table.layout, table.bindings, received_on=self.batch.received_on, types=types, spaced=chunk.spaced)
        given = chunk.table.append_column("line", pa.array(chunk.lines))
        con.register("given", given)
        self._check(con, table, how)
        self._set_aside(con, table, how, tally, writer)
        self._remark(con, table, how, tally)
        self._land(con, file, table, source, how, tally)
        con.unregister("given")

    def _check(self, con, table: Table, how: Plan) -> None:
        """Fill the scratch table `checked`: values, the number of the first thing wrong (0: none), remarks as bits."""
        stops = how.checks if self.strict else how.stops
        cases = " ".join(f"when {check.test} then {number}" for number, check in enumerate(stops, 1))
        problem = f"case {cases} else 0 end" if cases else "0"
        bits = [f"case when {check.test} then {1 << number} else 0 end" for number, check in enumerate(how.remarks)]
        has = list(how.values)
        con.execute(
            f"""
            create or replace temp table checked as
            select line, {", ".join([*map(quoted, has), ""])}
                {problem} as problem,
                {" | ".join(bits) if bits and not self.strict else "0"} as remarks,
                {duplicates.unit_sql(table.layout, has)} as unit,
                {duplicates.row_sql(table.layout, has)} as row
            from ({_typed(how)}) as typed
            """
        )

    def _set_aside(self, con, table: Table, how: Plan, tally: _Tally, writer) -> None:
        [[bad]] = con.execute("select count(*) from checked where problem > 0").fetchall()
        if not bad:
            return
        tally.bad += bad
        stops = how.checks if self.strict else how.stops
        theirs = {binding.column.name: binding.found for binding in table.bindings}
        sentences = ", ".join(f"case when {c.test} then {_sentence(c, theirs)} end" for c in stops)
        mends = ", ".join(f"case when {c.test} then {text(c.mend)} end" for c in stops)
        found = " ".join(f"when {n} then {c.found}" for n, c in enumerate(stops, 1))
        originals = ", ".join(f"cast(typed.{quoted(f'r{n}')} as varchar)" for n in range(len(table.names)))
        rows = con.execute(
            f"""
            select line, checked.problem, concat_ws(' ', {sentences}), list_distinct([{mends}]),
                case checked.problem {found} end, {originals}
            from ({_typed(how)}) as typed
            join (select line, problem from checked where problem > 0) as checked using (line)
            order by line
            """
        )
        while some := rows.fetchmany(2000):
            for line, number, problem, mend, example, *values in some:
                check = stops[number - 1]
                column = theirs.get(check.column, check.column)
                shown = (example or "") if check.shows else ""
                tally.reason(check.what, column, check.mend, 1, line, shown)
                writer.add(line, problem, " ".join(each for each in mend if each), values)

    def _remark(self, con, table: Table, how: Plan, tally: _Tally) -> None:
        if self.strict or not how.remarks:
            return
        theirs = {binding.column.name: binding.found for binding in table.bindings}
        counted = con.execute(
            "select remarks, count(*), min(line) from checked where remarks > 0 and problem = 0 group by remarks"
        ).fetchall()
        for number, check in enumerate(how.remarks):
            with_it = [(rows, line) for bits, rows, line in counted if bits >> number & 1]
            if not with_it:
                continue
            line = min(line for _, line in with_it)
            example = ""
            if check.shows:
                [[example]] = con.execute(f"select {check.found} from ({_typed(how)}) where line = {line}").fetchall()
            rows = sum(rows for rows, _ in with_it)
            tally.reason(
                check.what, theirs.get(check.column, check.column), check.mend, rows, line, example or "", kept=True
            )

    def _land(self, con, file: ReceivedFile, table: Table, source: str, how: Plan, tally: _Tally) -> None:
        shape = table.layout
        dates = f"min({shape.first_date or 'null'}), max(coalesce({_or_null(shape.last_date, how)}, {_or_null(shape.first_date, how)}))"
        if shape.first_date not in how.values:
            dates = "null, null"
        [[rows, first, last]] = con.execute(f"select count(*), {dates} from checked where problem = 0").fetchall()
        if not rows:
            return
        tally.first = min(filter(None, (tally.first, _day(first))), default=None)
        tally.last = max(filter(None, (tally.last, _day(last))), default=None)
        values = {name: quoted(name) for name in how.values} | {
            "source": text(source),
            "delivery_id": text(file.delivery_id),
            "line": "line",
            "received_on": f"date '{self.batch.received_on}'",
            "received_seq": f"{file.received_seq}::bigint",
        }
        part = self.parts.get(shape.table, 0)
        self.parts[shape.table] = part + 1
        landed = landing.copy_to(
            con, self.home, shape, self.batch.batch_id, "(select * from checked where problem = 0)", values, part=part
        )
        tally.parts.append(landed)
        tally.landed += landed.rows
        duplicates.remember(con, "select unit, row, line from checked where problem = 0")

    # --- the end of a file --------------------------------------------------------------------------------------------

    def _leave_out_again(self, con, table: Table, source: str, tally: _Tally) -> int:
        """Take rows that say nothing new out of what has just landed; returns how many they were."""
        if not tally.landed:
            return 0
        again = duplicates.find(con, self.home, table.layout, source)
        if not again:
            return 0
        for landed in tally.parts:
            path = self.home.landed / landed.path
            rest = path.with_name(f".{path.name}.rest")
            only = f"from read_parquet({text(str(path))}) where line not in (select line from again)"
            [[rows]] = con.execute(f"select count(*) {only}").fetchall()
            if rows:
                con.execute(f"copy (select * {only}) to {text(str(rest))} (format parquet, compression snappy)")
                rest.replace(path)
            else:
                path.unlink()
        return again

    def _report(self, file, table: Table, source: str, tally: _Tally, again: int, rejects: Path | None) -> FileReport:
        rows = max(tally.read, 1)
        columns = [
            ColumnRead(binding.found, binding.column.name, tally.filled.get(binding.raw, 0), tally.read)
            for binding in table.bindings
            if binding.found and not binding.column.never
        ]
        read = {binding.raw for binding in table.bindings}
        columns += [
            ColumnRead(name, "", tally.filled.get(f"r{number}", 0), tally.read)
            for number, name in enumerate(table.names)
            if f"r{number}" not in read
        ]
        notes = list(table.notes)
        if tally.rewritten:
            notes.append(
                f"{len(tally.rewritten):,} lines were not UTF-8 and were read as Windows-1252 (line {tally.rewritten[0]:,} "
                "first). Names may show a wrong accent; ask the sender to save the file as UTF-8."
            )
        if not tally.read:
            notes.append("The file has a header and no rows.")
        if tally.bad == rows and tally.read:
            notes.append("No row of the file could be kept.")
        return FileReport(
            path=file.name,
            kind=table.layout.table,
            rows_read=tally.read,
            rows_kept=tally.landed - again,
            rows_rejected=tally.bad,
            duplicates=again,
            first_date=tally.first,
            last_date=tally.last,
            rejects_path=str(rejects) if rejects else None,
            delivery_id=file.delivery_id,
            source=source,
            reasons=tuple(sorted(tally.reasons.values(), key=lambda reason: (reason.kept, -reason.rows))),
            columns=tuple(columns),
            notes=tuple(notes),
        )


def _or_null(name: str, how: Plan) -> str:
    return quoted(name) if name in how.values else "null"


def _typed(how: Plan) -> str:
    """The chunk with every landed value beside the columns it came in."""
    values = "".join(f", {value} as {quoted(name)}" for name, value in how.values.items())
    return f"select given.*{values} from given"


def _sentence(check: Check, theirs: dict[str, str]) -> str:
    """What is wrong with one row, as SQL: `column DOB: expected a date written YYYY-MM-DD, found '5/2/1948'.`"""
    begins = text(f"column {theirs.get(check.column, check.column)}: expected {check.expected}, found '")
    return f"({begins} || coalesce(left({check.found}, 80), '') || '''.')"


def _day(found) -> date | None:
    return found.date() if hasattr(found, "date") else found


def _kind(kind: pa.DataType) -> str:
    """What kind of value a Parquet or CSV column holds, as `checking.plan` names it."""
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "text"
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return "date"
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_floating(kind):
        return "float"
    if pa.types.is_decimal(kind):
        return "decimal"
    return "bool" if pa.types.is_boolean(kind) else "other"


def _parquet_chunks(file: ReceivedFile) -> Iterator[records.Chunk]:
    """A Parquet file as chunks; the line of a row is its number, counted from 1."""
    try:
        with pq.ParquetFile(file.path) as parquet:
            line, share = 1, file.bytes / max(1, parquet.metadata.num_rows)
            for batch in parquet.iter_batches(batch_size=PARQUET_ROWS):
                table = pa.Table.from_batches([batch])
                table = table.rename_columns([f"r{number}" for number in range(table.num_columns)])
                for number, column in enumerate(table.columns):
                    if pa.types.is_binary(column.type) or pa.types.is_dictionary(column.type):
                        table = table.set_column(number, f"r{number}", column.cast(pa.string()))
                lines = np.arange(line, line + table.num_rows, dtype=np.int64)
                yield records.Chunk(table, lines, bytes=int(share * table.num_rows))
                line += table.num_rows
    except (pa.ArrowException, OSError) as error:
        raise refused(
            file.file_name,
            "a damaged Parquet file",
            "a whole Parquet file",
            "Nothing of it was read. Ask for it again.",
        ) from error


@contextmanager
def _scratch(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of our own with a limit on its memory; what does not fit goes to a folder in the home."""
    con = duckdb.connect()
    try:
        con.execute("set threads = 2; set memory_limit = '1GB'; set preserve_insertion_order = true")
        con.execute(f"set temp_directory = {text(str(home.folder('scratch')))}")
        yield con
    finally:
        con.close()


def _ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, one of them always being prepared on another thread while the last one is worked on."""
    ready: queue.Queue = queue.Queue(maxsize=1)
    stopped = threading.Event()
    end = object()

    def prepare() -> None:
        result: object = end
        try:
            for item in items:
                while not stopped.is_set():
                    with suppress(queue.Full):
                        ready.put(item, timeout=0.2)
                        break
                if stopped.is_set():
                    return
        except (BadInput, Exception) as error:  # handed to the thread that asked
            result = error
        while not stopped.is_set():
            with suppress(queue.Full):
                ready.put(result, timeout=0.2)
                return

    thread = threading.Thread(target=prepare, daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not end:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        thread.join()
