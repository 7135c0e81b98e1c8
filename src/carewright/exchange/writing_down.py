"""
Deliveries written down: many at once, and what became of each file kept until it is.

The reports of a batch are kept beside it before its manifest is written. Whoever is killed between the manifest and the
deliveries' rows is finished from them.
"""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path

import orjson
from django.db import connection, transaction
from django.db.models import Field

from carewright.audit import actions as audit
from carewright.exchange.batch import ColumnRead, FileReport, Reason
from carewright.exchange.models import Delivery
from carewright.plumbing.home import Home

OPENED = ["file_name", "path", "bytes", "state", "batch_id", "received_seq", "kind", "source", "received_at"] + [
    "received_by", "finished_at", "problem", "map", "is_strict", "charted_upto",
]  # fmt: skip
CLOSED = ["state", "kind", "problem", "rows_read", "rows_kept", "rows_rejected", "duplicates", "first_date"] + [
    "last_date", "rejects_path", "reasons", "columns", "notes", "finished_at", "batch_id", "map",
]  # fmt: skip
NUL_IN_JSON = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def save_reports(home: Home, batch_id: str, reports: list[FileReport]) -> None:
    """Keep what became of each file until it is written down, should this be killed after the manifest."""
    (home.folder("landed", "_reports") / f"{batch_id}.json").write_bytes(orjson.dumps(reports))
    os.sync()


def saved_reports(home: Home, batch_id: str) -> list[FileReport]:
    """What became of each file of a finished batch that was not written down yet; empty when it was."""
    path = home.landed / "_reports" / f"{batch_id}.json"
    return [_restored(said) for said in orjson.loads(path.read_bytes())] if path.exists() else []


def forget_reports(home: Home, batch_id: str) -> None:
    """They are written down."""
    (home.landed / "_reports" / f"{batch_id}.json").unlink(missing_ok=True)


def _restored(said: dict) -> FileReport:
    report = FileReport(**said)
    return replace(
        report,
        reasons=tuple(Reason(**each) for each in said["reasons"]),
        columns=tuple(ColumnRead(**each) for each in said["columns"]),
        notes=tuple(said["notes"]),
        first_date=date.fromisoformat(said["first_date"]) if said["first_date"] else None,
        last_date=date.fromisoformat(said["last_date"]) if said["last_date"] else None,
    )


def write_down(batch_id: str, given: Iterable[Delivery], reports: list[FileReport], *, at: datetime | None, by) -> None:
    """Write what became of each file into its delivery; without `at`, it was finished when it was."""
    deliveries = {each.delivery_id: each for each in given}
    for report in reports:
        delivery = deliveries[report.delivery_id]
        is_refused = report.state == "refused" or (report.problem and not report.rows_read and report.state == "landed")
        delivery.batch_id = batch_id
        delivery.state = Delivery.State.REFUSED if is_refused else report.state
        delivery.kind, delivery.problem = report.kind or delivery.kind, report.problem
        delivery.rows_read, delivery.rows_kept = report.rows_read, report.rows_kept
        delivery.rows_rejected, delivery.duplicates = report.rows_rejected, report.duplicates
        delivery.first_date, delivery.last_date = report.first_date, report.last_date
        delivery.rejects_path = Path(report.rejects_path).name if report.rejects_path else ""
        delivery.reasons = [asdict(reason) for reason in report.reasons]
        delivery.columns = [asdict(column) for column in report.columns]
        delivery.notes = list(report.notes)
        delivery.finished_at = max(at, delivery.received_at) if at else delivery.finished_at
    counts = {
        "files": len(reports),
        "rows_read": sum(report.rows_read for report in reports),
        "rows_kept": sum(report.rows_kept for report in reports),
        "rows_rejected": sum(report.rows_rejected for report in reports),
    }
    with transaction.atomic():
        save_all(deliveries.values(), CLOSED)
        audit.happened("read", f"batch:{batch_id}", by=by, after=counts)


def add_all(deliveries: Sequence[Delivery]) -> None:
    """Add many deliveries: copied in, where inserting them would take longer than reading their files."""
    fields = [field for field in Delivery._meta.concrete_fields if not field.primary_key]
    table = connection.ops.quote_name(Delivery._meta.db_table)
    if deliveries:
        with connection.cursor() as cursor, cursor.copy(f"copy {table} ({_listed(fields)}) from stdin") as copy:
            for each in deliveries:
                copy.write_row(_values(each, fields))


def save_all(deliveries: Iterable[Delivery], names: list[str]) -> None:
    """Write these columns of many deliveries: copied beside the table, then taken over in one statement."""
    fields = [field for field in Delivery._meta.concrete_fields if field.name in names]
    rows = [[each.pk, *_values(each, fields)] for each in deliveries]
    if not rows:
        return
    table = connection.ops.quote_name(Delivery._meta.db_table)
    written = ", ".join(f"{name} = w.{name}" for name in (connection.ops.quote_name(str(f.column)) for f in fields))
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists delivery_written")
        cursor.execute(
            f"create temporary table delivery_written on commit drop as select id, {_listed(fields)} from {table} limit 0"
        )
        with cursor.copy(f"copy delivery_written (id, {_listed(fields)}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"update {table} d set {written} from delivery_written w where d.id = w.id")


def _values(delivery: Delivery, fields: Sequence[Field]) -> list[object]:
    """A delivery as COPY takes it: JSON as text, everything else as it is."""
    return [_without_nul(getattr(delivery, field.attname)) for field in fields]


def _without_nul(value: object) -> object:
    """What a sender wrote may hold the character NUL, which no database keeps in text."""
    if isinstance(value, list | dict):
        written = orjson.dumps(value).decode()
        return NUL_IN_JSON.sub(r"\1", written) if "\\u0000" in written else written
    return value.replace("\0", "") if isinstance(value, str) else value


def _listed(fields: Iterable[Field]) -> str:
    return ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
