"""
Receiving a run: its published Parquet files become rows of the record, all of them or none.

Everything is loaded beside the run that is current; the last thing the transaction does is to say which run counts.
A failure at any point leaves the earlier run as it was.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow.csv
from django.db import OperationalError, connection, transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.audit import actions as audit
from carewright.kernel.errors import NotNow
from carewright.plumbing import declaring
from carewright.population import movement
from carewright.population.loads import LOADS, Load
from carewright.population.models import Movement, Run
from carewright.population.partitions import drop_parts, join_part, open_part, part_of
from carewright.registry import actions as registry
from carewright.registry.receiving import EVERY_SPAN
from carewright.warehouse import kept_closed, landing

LOCK = 4_021_977
TABLES = (*(load.model for load in LOADS), Movement)
BATCH = 50_000


class DeclaredMeanwhile(NotNow):
    """A source was declared to be protected after a run had begun: what the run shows may rest on it."""


def receive(
    folder: Path,
    *,
    at: datetime,
    by,
    home: landing.HasLanded | None = None,
    settings: list[tuple[str, str, str]] = (),  # type: ignore[assignment]
    engine: str = "duckdb",
    report: Callable[[str, int], object] = lambda table, rows: None,
) -> Run:
    """
    Load the run in `folder` and make it the current one; a run that is current already is left as it is.

    `report` is told each table and its rows. Raises `NotNow` when files are missing or another load is under way, and
    `DeclaredMeanwhile` when the run does not know of a source that is declared to be protected in `home`.
    """
    _refuse_incomplete(folder)
    _refuse_what_rests_on_protected(folder, home)
    if same := Run.objects.in_force().filter(run_id=folder.name).first():
        return same
    with transaction.atomic(), connection.cursor() as cursor, _warehouse(folder) as con:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise NotNow(_("Another run is being received right now. Wait for it to finish."))
        _forget(cursor, folder.name)
        report("person", _receive_people(cursor, con, folder, by=by))
        before = Run.objects.filter(is_current=True).first() or Run.objects.order_by("received_at", "pk").last()
        run = Run.objects.create(
            run_id=folder.name, as_of=_as_of(con, folder), engine=engine, received_at=at,
            received_by=str(audit.who(by)["by"]), settings=[list(row) for row in settings], before=before,
        )  # fmt: skip
        counts = {}
        for load in LOADS:
            open_part(cursor, load.model, run.pk)
            counts[load.table] = _copy(
                cursor,
                con,
                load.select(run.pk, _path(folder, load)),
                part_of(load.model, run.pk),
                load.filled(),
                frozen=True,
            )
            join_part(cursor, load.model, run.pk)
            report(load.table, counts[load.table])
        open_part(cursor, Movement, run.pk)
        counts["movement"] = movement.fill(cursor, part_of(Movement, run.pk), run=run, before=before)
        join_part(cursor, Movement, run.pk)
        report("movement", counts["movement"])
        _refresh_population(cursor, run)
        # The last thing that happens: whoever declares a source from here on finds this run, and closes it.
        declaring.while_using()
        _refuse_what_rests_on_protected(folder, home)
        if before:
            before.is_current = False
            before.save(update_fields=["is_current"])
        if before is not None and not counts["score"] and before.rows.get("score"):
            raise NotNow(
                _(
                    "Nobody was known on %(day)s, so the list of %(before)s stays as it is. Choose a later day (--as-of)."
                )
                % {"day": date_format(run.as_of, "F j, Y"), "before": date_format(before.as_of, "F j, Y")}
            )
        run.rows, run.is_current = counts, True
        run.save(update_fields=["rows", "is_current"])
        audit.happened("received_run", f"run:{run.pk}", by=by, after={"rows": sum(counts.values())})
    forget_old_runs()
    return run


def forget_old_runs() -> int:
    """
    Let go of the rows of all runs but the current one and the one before; answers how many runs went.

    Of runs that were closed nothing is kept: once their rows are gone, no page can show them by mistake.
    """
    current = Run.objects.in_force().first()
    shown = [] if current is None else [current.pk, current.before_id if current.is_compared else current.pk]
    old = Run.objects.filter(is_kept=True).exclude(pk__in=shown)
    gone = 0
    for run in old:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                # Never make readers wait: what is busy now goes after the next run.
                cursor.execute("set local lock_timeout = '3s'")
                drop_parts(cursor, TABLES, run.pk)  # type: ignore[arg-type]
                run.is_kept = run.is_current = False
                run.save(update_fields=["is_kept", "is_current"])
                gone += 1
        except OperationalError:
            continue
    return gone


def _refuse_incomplete(folder: Path) -> None:
    missing = [name for name in ("person", *(load.table for load in LOADS)) if not _file(folder, name).exists()]
    if missing:
        raise NotNow(
            _("The run %(run)s is not complete: %(missing)s missing. Run ./carewright stratify again.")
            % {"run": folder.name, "missing": ", ".join(missing)}
        )


def _refuse_what_rests_on_protected(folder: Path, home: landing.HasLanded | None) -> None:
    if Run.objects.filter(run_id=folder.name, closed__isnull=False).exists():
        raise NotNow(
            _(
                "The run %(run)s was closed, because a source was declared to be protected after it was made. Run ./carewright stratify."
            )
            % {"run": folder.name}
        )
    if home is not None and kept_closed.declared_since(home, folder):
        raise DeclaredMeanwhile(
            _(
                "A source was declared to be protected by 42 CFR Part 2 while this run was made, so nobody is shown it. Run "
                "./carewright stratify again."
            )
        )


def _file(folder: Path, table: str) -> Path:
    return folder / f"published.{table}.parquet"


def _path(folder: Path, load: Load) -> str:
    return str(_file(folder, load.table)).replace("'", "''")


def _as_of(con: duckdb.DuckDBPyConnection, folder: Path) -> date:
    path = str(folder / "marts.score_date.parquet").replace("'", "''")
    [[day]] = con.execute(f"select scored_on from read_parquet('{path}') where is_today").fetchall()
    return day


@contextmanager
def _warehouse(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    try:
        con.execute("set threads = 2; set memory_limit = '1GB'; create schema receiving")
        yield con
    finally:
        con.close()


def _forget(cursor, run_id: str) -> None:
    """A run received before, and since replaced, is received anew: its old rows go first."""
    for run in Run.objects.filter(run_id=run_id):
        drop_parts(cursor, TABLES, run.pk)  # type: ignore[arg-type]
        run.is_kept = False
        run.run_id = f"{run.run_id}#{run.pk}"
        run.save(update_fields=["is_kept", "run_id"])


def _receive_people(cursor, con: duckdb.DuckDBPyConnection, folder: Path, *, by) -> int:
    """Hand everyone to the registry, then learn which patient each `person_id` is."""
    path = str(_file(folder, "person")).replace("'", "''")
    described = con.execute(f"describe select * from read_parquet('{path}')").fetchall()
    columns = ", ".join(f'"{name}" {_postgres_type(kind)}' for name, kind, *_ in described)
    cursor.execute("drop table if exists receiving_person")
    cursor.execute(f"create temporary table receiving_person ({columns}) on commit drop")
    rows = _copy(
        cursor, con, f"select * from read_parquet('{path}')", "receiving_person", [name for name, *_ in described]
    )
    _receive_spans(cursor, con, folder)
    registry.receive_people(cursor, run_id=folder.name, by=by)
    cursor.execute("select person_id, patient_id from received_person")
    found = cursor.fetchall()
    table = pyarrow.table(
        {"person_id": [value for value, _ in found], "patient_id": [patient_id for _, patient_id in found]},
        schema=pyarrow.schema([("person_id", pyarrow.string()), ("patient_id", pyarrow.int64())]),
    )
    con.register("known_people", table)
    con.execute("create table receiving.person as select * from known_people")
    con.unregister("known_people")
    return rows


def _receive_spans(cursor, con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Hand over every span of coverage, not only the latest: a plan somebody left must end when its payer says so."""
    cursor.execute("drop table if exists receiving_coverage")
    cursor.execute(EVERY_SPAN)
    path = _file(folder, "coverage")
    if path.exists():
        columns = ["person_id", "payer", "payer_type", "plan", "member_id", "dual_status_code", "starts_on", "ends_on"]
        spans = str(path).replace("'", "''")
        _copy(cursor, con, f"select {', '.join(columns)} from read_parquet('{spans}')", "receiving_coverage", columns)


def _postgres_type(kind: str) -> str:
    kind = kind.upper()
    if kind.startswith("DECIMAL"):
        return "numeric"
    return {
        "VARCHAR": "text", "DATE": "date", "BOOLEAN": "boolean", "DOUBLE": "double precision", "BIGINT": "bigint",
        "HUGEINT": "numeric", "INTEGER": "integer", "TIMESTAMP": "timestamp",
    }.get(kind, "text")  # fmt: skip


class _Pipe:
    """Hands what Arrow writes straight to PostgreSQL."""

    closed = False

    def __init__(self, copy):
        self.copy = copy

    def write(self, data) -> int:
        self.copy.write(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """The pipe is PostgreSQL's; it closes it."""


_NAME = re.compile(r"^[a-z_0-9]+$")


def _copy(
    cursor, con: duckdb.DuckDBPyConnection, query: str, table: str, columns: list[str], *, frozen: bool = False
) -> int:
    """
    Stream a query's rows into a table as CSV; missing values arrive as null, empty text as empty text.

    `frozen` rows need no later vacuum before indexes alone can answer; the table must be made in this transaction.
    """
    if not all(_NAME.match(name) for name in (table, *columns)):
        raise ValueError(f"{table} and its columns must be plain names.")
    reader = con.sql(query).to_arrow_reader(BATCH)
    named = ", ".join(f'"{name}"' for name in columns)
    freeze = ", freeze" if frozen else ""
    rows = 0
    options = pyarrow.csv.WriteOptions(include_header=False)
    with cursor.cursor.copy(f'copy "{table}" ({named}) from stdin (format csv{freeze})') as copy:
        pipe = _Pipe(copy)
        for batch in reader:
            if batch.num_rows:
                pyarrow.csv.write_csv(batch, pipe, options)
                rows += batch.num_rows
    return rows


def _refresh_population(cursor, run: Run) -> None:
    """The named population `candidates`: people some program suggests in this run. Ties may name it."""
    cursor.execute("delete from access_populationmember where population = 'candidates'")
    cursor.execute(
        "insert into access_populationmember (population, patient_id)"
        " select distinct 'candidates', patient_id from population_candidate where run_id = %s",
        [run.pk],
    )
