"""
Files that land in one table: read a chunk at a time, checked, split into kept and set aside, put down as Parquet.

Memory stays what a few chunks take, however large a file is. Small files with the same columns are read together, so
that ten thousand of them take minutes, not hours; each keeps its own counts and its own rows set aside.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

import duckdb
import pyarrow as pa

from carewright.exchange.batch import Batch, ColumnRead, FileReport, Reason, ReceivedFile, Said
from carewright.exchange.files import duplicates, records
from carewright.exchange.files.checking import Check, Plan, plan
from carewright.exchange.files.chunking import ahead, chunks_of, streams
from carewright.exchange.files.opening import refused
from carewright.exchange.files.recognize import Table
from carewright.exchange.files.set_aside import Writer
from carewright.kernel.errors import BadInput
from carewright.plumbing.home import Home
from carewright.warehouse import landing
from carewright.warehouse.landing import quoted, text

ROWS_AT_ONCE = 120_000
"""Rows gathered before they are checked and put down as one Parquet file."""

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
    records.TOO_LONG: (
        f"Field of more than {records.LONGEST_FIELD >> 20} MB",
        "No column of a table is that long; the file was damaged, or two of its lines were joined.",
    ),
    records.NOT_TEXT: ("Row that is no text", "Ask the sender to save the file as UTF-8."),
    records.HEADER_AGAIN: (
        "Column names a second time",
        "Nothing is lost by it: files were joined, each with its header. Ask the sender to leave out the later ones.",
    ),
}


@dataclass
class _Tally:
    """What is counted while one file is read."""

    file: ReceivedFile
    table: Table
    source: str
    writer: Writer
    read: int = 0
    bad: int = 0
    landed: int = 0
    again: int = 0
    first: date | None = None
    last: date | None = None
    problem: str = ""
    reasons: dict[tuple[str, str, bool], Reason] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    rewritten: list[int] = field(default_factory=list)

    def reason(self, what: str, column: str, mend: str, rows: int, line: int, example: str, kept: bool = False) -> None:
        """Count rows under a reason; the first line with it, and what was found there, are remembered."""
        known = self.reasons.get((what, column, kept))
        if known is None:
            self.reasons[(what, column, kept)] = Reason(what, rows, line, mend, example[:80], column, kept)
            return
        is_earlier = line < known.first_line
        shown = example[:80] if is_earlier else known.example
        first_line = min(line, known.first_line)
        self.reasons[(what, column, kept)] = Reason(what, known.rows + rows, first_line, mend, shown, column, kept)


class Reader:
    """Reads the files of one batch into its tables; numbers the Parquet parts of each table."""

    def __init__(self, home: Home, batch: Batch, *, strict: bool, said: Said):
        self.home, self.batch, self.strict, self.said = home, batch, strict, said
        self.parts: dict[str, int] = {}
        self.seen_parts: dict[str, int] = {}

    def read(self, files: Sequence[tuple[ReceivedFile, Table, str]]) -> list[FileReport]:
        """Read files, each with what it was recognized as and its feed; one report each, in their order."""
        reports: dict[int, FileReport] = {}
        with _scratch(self.home) as con:
            for positions in streams(files):
                some = [files[position] for position in positions]
                for position, report in zip(positions, self._stream(con, some), strict=True):
                    reports[position] = report
        return [reports[position] for position in range(len(files))]

    def _stream(self, con, files: Sequence[tuple[ReceivedFile, Table, str]]) -> list[FileReport]:
        """Read one large file, or several small ones with the same columns."""
        tallies = [
            _Tally(file, table, source, Writer(self.home, file.delivery_id, table.names))
            for file, table, source in files
        ]
        parts: list[landing.Landed] = []
        duplicates.begin(con)
        try:
            if tallies[0].table.is_parquet:
                self._parquet(con, tallies[0], parts)
            else:
                self._csv(con, tallies, parts)
            self._leave_out_again(con, tallies, parts)
            return [self._report(tally) for tally in tallies]
        except BaseException as error:
            for landed in parts:
                (self.home.landed / landed.path).unlink(missing_ok=True)
            if isinstance(error, BadInput) and len(tallies) == 1:
                refused = _Tally(tallies[0].file, tallies[0].table, tallies[0].source, tallies[0].writer)
                refused.writer.abandon()
                refused.problem = str(error)
                return [self._report(refused)]
            raise
        finally:
            for tally in tallies:
                tally.writer.abandon()

    # --- rows --------------------------------------------------------------------------------------------------------

    def _csv(self, con, tallies: list[_Tally], parts: list[landing.Landed]) -> None:
        """Read the chunks of CSV files, some at a time."""
        gathered: list[records.Chunk] = []
        for number, chunk in ahead(chunks_of([(tally.file, tally.table) for tally in tallies])):
            if isinstance(chunk, BadInput):
                tallies[number].problem = str(chunk)
                continue
            self._count(tallies[number], number, chunk)
            gathered.append(chunk)
            if sum(each.table.num_rows for each in gathered) >= ROWS_AT_ONCE:
                self._chunks(con, gathered, tallies, parts)
                gathered = []
            self.said(chunk.bytes)
        self._chunks(con, gathered, tallies, parts)

    def _count(self, tally: _Tally, number: int, chunk: records.Chunk) -> None:
        """Count a chunk's rows, set aside what is no row, and let go of columns that are empty in it."""
        tally.read += chunk.table.num_rows + len(chunk.broken)
        tally.rewritten += chunk.rewritten
        for broken in chunk.broken:
            what, mend = BROKEN[broken.what]
            tally.reason(what, "", mend, 1, broken.line, "")
            tally.writer.add(broken.line, f"{what}.", mend, broken.fields)
            tally.bad += 1
        empty = []
        for name, column in zip(chunk.table.column_names, chunk.table.columns, strict=True):
            filled = len(column) - column.null_count
            tally.filled[name] = tally.filled.get(name, 0) + filled
            if not filled:
                empty.append(name)
        of_file = pa.repeat(pa.scalar(number, pa.int16()), chunk.table.num_rows)
        chunk.table = chunk.table.append_column("line", pa.array(chunk.lines)).append_column("file", of_file)
        chunk.table = chunk.table.drop_columns(empty)

    def _chunks(self, con, gathered: list[records.Chunk], tallies: list[_Tally], parts: list[landing.Landed]) -> None:
        given = pa.concat_tables([chunk.table for chunk in gathered], promote_options="default") if gathered else None
        if not given:
            return
        con.register("given", given.combine_chunks() if len(gathered) > 8 else given)
        types = dict.fromkeys((name for name in given.column_names if name[0] == "r"), "text")
        self._rows(con, types, any(chunk.spaced for chunk in gathered), tallies, parts)
        con.unregister("given")

    def _parquet(self, con, tally: _Tally, parts: list[landing.Landed]) -> None:
        """Read a Parquet file as a whole: DuckDB streams it. The line of a row is its number, counted from 1."""
        file = tally.file
        names = ", ".join(f"{quoted(name)} as r{number}" for number, name in enumerate(tally.table.names))
        path = text(str(file.path))
        try:
            con.execute(
                f"create or replace temp view given as select {names}, 0::smallint as file, file_row_number + 1 as line"
                f" from read_parquet({path}, file_row_number = true, binary_as_string = true)"
            )
            kinds = {name: _kind(kind) for name, kind, *_ in con.execute("describe given").fetchall() if name[0] == "r"}
            [[tally.read, *filled]] = con.execute(
                f"select count(*), {', '.join(f'count({name})' for name in kinds)} from given"
            ).fetchall()
            tally.filled = dict(zip(kinds, filled, strict=True))
            types = {name: kind for name, kind in kinds.items() if tally.filled[name]}
            if tally.read:
                self._rows(con, types, True, [tally], parts)
        except duckdb.Error as error:
            raise refused(
                file.file_name, "a damaged Parquet file", "a whole Parquet file",
                "Nothing of it was read. Ask the sender to send it again.",
            ) from error  # fmt: skip
        finally:
            con.execute("drop view if exists given")  # the next file's rows take the name
        self.said(file.bytes)

    def _rows(
        self, con, types: dict[str, str], spaced: bool, tallies: list[_Tally], parts: list[landing.Landed]
    ) -> None:
        """Check the rows of `given`, set aside those that must be, and put the others down as one Parquet file."""
        table = tallies[0].table
        how = plan(table.layout, table.bindings, received_on=self.batch.received_on, types=types, spaced=spaced)
        self._check(con, table, how)
        is_bad = self._set_aside(con, table, how, set(types), tallies)
        self._remark(con, table, how, tallies)
        self._land(con, how, tallies, parts, is_bad)

    def _check(self, con, table: Table, how: Plan) -> None:
        """
        Fill the scratch table `checked`: for each row the number of the first thing wrong (0: none), remarks as bits,
        what the row is about and what it says (`duplicates`), and its days.
        """
        stops = how.checks if self.strict else how.stops
        cases = " ".join(f"when {check.test} then {number}" for number, check in enumerate(stops, 1))
        bits = [f"case when {check.test} then {1 << number} else 0 end" for number, check in enumerate(how.remarks)]
        has, shape = list(how.values), table.layout
        first, last = (quoted(each) if each in has else "null::date" for each in (shape.first_date, shape.last_date))
        con.execute(
            f"""
            create or replace temp table checked as
            select file, line,
                {f"case {cases} else 0 end" if cases else "0"} as problem,
                {" | ".join(bits) if bits and not self.strict else "0"} as remarks,
                {duplicates.unit_sql(shape, has)} as unit,
                {duplicates.row_sql(shape, has)} as row,
                {first} as first_day,
                {last} as last_day
            from ({_typed(how)}) as typed
            """
        )

    def _set_aside(self, con, table: Table, how: Plan, has: set[str], tallies: list[_Tally]) -> bool:
        """Write down the rows that may not land, each with all that is wrong with it; returns whether there are any."""
        [[bad]] = con.execute("select count(*) from checked where problem > 0").fetchall()
        if not bad:
            return False
        stops = how.checks if self.strict else how.stops
        theirs = {binding.column.name: binding.found for binding in table.bindings}
        sentences = ", ".join(f"case when {c.test} then {_sentence(c, theirs)} end" for c in stops)
        mends = ", ".join(f"case when {c.test} then {text(c.mend)} end" for c in stops)
        found = " ".join(f"when {n} then {c.found}" for n, c in enumerate(stops, 1))
        raws = [f"r{n}" for n in range(len(table.names))]
        originals = ", ".join(f"cast(typed.{raw} as varchar)" if raw in has else "null" for raw in raws)
        rows = con.execute(
            f"""
            select file, line, checked.problem, concat_ws(' ', {sentences}), list_distinct([{mends}]),
                case checked.problem {found} end, {originals}
            from ({_typed(how)}) as typed
            join (select file, line, problem from checked where problem > 0) as checked using (file, line)
            order by file, line
            """
        )
        while some := rows.fetchmany(2000):
            for file, line, number, problem, mend, example, *values in some:
                check, tally = stops[number - 1], tallies[file]
                column = theirs.get(check.column, check.column)
                shown = (example or "") if check.shows else ""
                tally.bad += 1
                tally.reason(check.what, column, check.mend, 1, line, shown)
                tally.writer.add(line, problem, " ".join(each for each in mend if each), values)
        return True

    def _remark(self, con, table: Table, how: Plan, tallies: list[_Tally]) -> None:
        """Count what is odd about rows that land all the same."""
        counted = con.execute(
            "select file, remarks, count(*), min(line) from checked where remarks > 0 and problem = 0 group by 1, 2"
        ).fetchall()
        theirs = {binding.column.name: binding.found for binding in table.bindings}
        for number, check in enumerate(how.remarks if counted else ()):
            column = theirs.get(check.column, check.column)
            for file in sorted({file for file, bits, _, _ in counted if bits >> number & 1}):
                own = [(rows, line) for of, bits, rows, line in counted if of == file and bits >> number & 1]
                line, example = min(line for _, line in own), ""
                if check.shows:
                    where = f"where file = {file} and line = {line}"
                    [[example]] = con.execute(f"select {check.found} from ({_typed(how)}) {where}").fetchall()
                rows = sum(rows for rows, _ in own)
                tallies[file].reason(check.what, column, check.mend, rows, line, example or "", kept=True)

    def _land(self, con, how: Plan, tallies: list[_Tally], parts: list[landing.Landed], is_bad: bool) -> None:
        # Coverage that lasts is written with an end far away; it says nothing about what the file spans.
        soon = f"date '{self.batch.received_on + timedelta(days=366)}'"
        counted = con.execute(
            f"""
            select file, count(*), min(first_day), max(case when last_day <= {soon} then last_day else first_day end)
            from checked where problem = 0 group by file
            """
        ).fetchall()
        if not counted:
            return
        for file, rows, first, last in counted:
            tally = tallies[file]
            tally.landed += rows
            tally.first = min(filter(None, (tally.first, _day(first))), default=None)
            tally.last = max(filter(None, (tally.last, _day(last))), default=None)
        shape = tallies[0].table.layout
        values = how.values | {
            "source": text(tallies[0].source),
            "delivery_id": _by_file([text(tally.file.delivery_id) for tally in tallies]),
            "line": "line",
            "received_on": f"date '{self.batch.received_on}'",
            "received_seq": _by_file([f"{tally.file.received_seq}::bigint" for tally in tallies]),
        }
        good = "given"
        if is_bad:
            good = "(select given.* from given anti join (from checked where problem > 0) as bad using (file, line))"
        if duplicates.find_at_once(con):
            good = f"(select given.* from {good} as given anti join again using (file, line))"
        part = self.parts.get(shape.table, 0)
        self.parts[shape.table] = part + 1
        parts.append(landing.copy_to(con, self.home, shape, self.batch.batch_id, good, values, part=part))

    # --- the end of a stream -----------------------------------------------------------------------------------------

    def _leave_out_again(self, con, tallies: list[_Tally], parts: list[landing.Landed]) -> None:
        """Take rows that say nothing new out of what has just landed, and remember what was said."""
        if not parts:
            return
        shape, source = tallies[0].table.layout, tallies[0].source
        first = min(tally.file.received_seq for tally in tallies)
        again = duplicates.find(con, self.home, shape, source, self.batch, before=first)
        for file, rows in again.items():
            tallies[file].again = rows
        [[late]] = con.execute("select count(*) from late").fetchall()
        if late:
            ids = ", ".join(f"({number}, {text(t.file.delivery_id)})" for number, t in enumerate(tallies))
            con.execute(
                f"create or replace temp table left_out as select delivery_id, line from late"
                f" join (values {ids}) as files(file, delivery_id) using (file)"
            )
            for landed in parts:
                landing.leave_out(con, self.home, landed, "left_out")
        seqs = [tally.file.received_seq for tally in tallies]
        part = self.seen_parts.get(shape.table, 0)
        self.seen_parts[shape.table] = part + 1
        duplicates.write_down(con, self.home, shape, self.batch.batch_id, part, source, _by_file(list(map(str, seqs))))

    def _report(self, tally: _Tally) -> FileReport:
        file, table = tally.file, tally.table
        if tally.problem:
            return FileReport(
                file.name, table.layout.table, state="refused", problem=tally.problem, delivery_id=file.delivery_id,
                source=tally.source,
            )  # fmt: skip
        rejects = tally.writer.close()
        return FileReport(
            path=file.name,
            kind=table.layout.table,
            rows_read=tally.read,
            rows_kept=tally.landed - tally.again,
            rows_rejected=tally.bad,
            duplicates=tally.again,
            first_date=tally.first,
            last_date=tally.last,
            rejects_path=str(rejects) if rejects else None,
            delivery_id=file.delivery_id,
            source=tally.source,
            reasons=tuple(sorted(tally.reasons.values(), key=lambda reason: (reason.kept, -reason.rows))),
            columns=tuple(_columns(tally)),
            notes=tuple(_notes(tally)),
        )


def _columns(tally: _Tally) -> Iterator[ColumnRead]:
    """The columns of the file: those that are read with what they mean, then those nobody reads."""
    for binding in tally.table.bindings:
        if binding.found and not binding.column.never:
            yield ColumnRead(binding.found, binding.column.name, tally.filled.get(binding.raw, 0), tally.read)
    read = {binding.raw for binding in tally.table.bindings}
    for number, name in enumerate(tally.table.names):
        if f"r{number}" not in read:
            yield ColumnRead(name, "", tally.filled.get(f"r{number}", 0), tally.read)


def _notes(tally: _Tally) -> Iterator[str]:
    yield from tally.table.notes
    if tally.rewritten:
        number = len(tally.rewritten)
        lines = "1 line was not UTF-8 and was" if number == 1 else f"{number:,} lines were not UTF-8 and were"
        yield (
            f"{lines} read as Windows-1252 (line {tally.rewritten[0]:,} first). Names may show a wrong accent; ask the"
            " sender to save the file as UTF-8."
        )
    if not tally.read:
        yield "The file has a header and no rows."
    elif tally.bad == tally.read:
        yield "No row of the file could be kept."
    if tally.table.layout.table == "caseload" and tally.landed:
        yield "The caseload is kept here; a supervisor looks through it and applies it under Leads, Caseload files."
    if tally.table.layout.table == "appointment" and tally.landed:
        yield (
            "Appointments of a table stay in the warehouse and stand in no patient's chart, since their hours are kept"
            " without a time zone. Sent as FHIR, with a time zone, they stand in the chart."
        )


def _by_file(values: list[str]) -> str:
    """One value per file of a stream, as SQL over the column `file`."""
    if len(values) == 1:
        return values[0]
    return f"case file {' '.join(f'when {number} then {value}' for number, value in enumerate(values))} end"


def _typed(how: Plan) -> str:
    """The chunk with every landed value beside the columns it came in."""
    values = "".join(f", {value} as {quoted(name)}" for name, value in how.values.items())
    return f"select given.*{values} from given"


def _sentence(check: Check, theirs: dict[str, str]) -> str:
    """What is wrong with one row, as SQL: `column DOB: expected a date written YYYY-MM-DD, found '5/2/1948'.`"""
    begins = text(f"column {theirs.get(check.column) or check.column}: expected {check.expected}, found '")
    return f"({begins} || coalesce(left({check.found}, 80), '') || '''.')"


def _day(found) -> date | None:
    return found.date() if hasattr(found, "date") else found


def _kind(kind: str) -> str:
    """What kind of value a Parquet column holds, as `checking.plan` names it."""
    known = {
        "text": ("VARCHAR",), "date": ("DATE", "TIMESTAMP"), "integer": ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT",
        "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"), "float": ("FLOAT", "DOUBLE"), "decimal": ("DECIMAL",),
        "bool": ("BOOLEAN",),
    }  # fmt: skip
    plain = kind.split("(")[0].split(" ")[0].split("_")[0]
    return next((word for word, kinds in known.items() if plain in kinds), "other")


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
