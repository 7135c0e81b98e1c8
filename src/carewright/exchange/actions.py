"""
Everything that changes what was received. Nothing else may.

`ingest` is the one way in for files: the command line, the upload page, the watched folder and the demo all call it.
It works in batches of files that land together, remembers each step, and is safe to kill at any moment: the next call
first finishes what was left half done.
"""

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from carewright.audit import actions as audit
from carewright.exchange import receiving
from carewright.exchange.batch import Batch, ColumnRead, FileReport, Reason, ReceivedFile, Said
from carewright.exchange.files import duplicates
from carewright.exchange.files.recognize import (
    Archive,
    Fhir,
    Recognized,
    SavedMap,
    Table,
    Unmapped,
    recognize,
)
from carewright.exchange.files.tables import Reader
from carewright.exchange.models import ColumnMap, Delivery
from carewright.exchange.receiving import Given
from carewright.kernel.errors import BadInput, NotNow
from carewright.plumbing import home as homes
from carewright.plumbing.home import Home
from carewright.warehouse import landing
from carewright.warehouse.landing import Delivered

BATCH_FILES, BATCH_BYTES = 500, 256 << 20
DEFAULT_SOURCES = {"fhir": "fhir", "caseload": "caseload", "medical_claim": "claims", "pharmacy_claim": "claims"} | {
    "eligibility": "claims"
}
Report = Callable[[str, int, int], None]
"""Called with what is being read, the bytes read so far, and the bytes in all."""


def ingest(
    paths: Iterable[Path | str],
    *,
    source: str = "",
    strict: bool = False,
    by,
    report: Report | None = None,
    at: datetime | None = None,
    home: Home | None = None,
) -> list[FileReport]:
    """
    Take files in: keep their bytes, land their rows, and say of every row what became of it.

    One `FileReport` per file, in the order given. A file that cannot be read has a `problem` and stops no other.
    `source` names the feed; without it the file's own `data_source` does, or the kind of file. `by` is a member of
    staff or `system:…`. Raises `NotNow` when another ingest works in this home, `BadInput` for a path that is not there.
    """
    home, at = home or homes.current(), at or timezone.now()
    given = receiving.files_in(paths)
    with landing.alone(home) as is_alone:
        if not is_alone:
            raise NotNow("Another ingest is reading into this home. Wait until it has finished, then try again.")
        try:
            finish_what_was_left(by=by, at=at, home=home)
            return _Ingest(home, source, strict, by, at, report).all(given)
        finally:
            receiving.clear_scratch(home)


class _Ingest:
    """One call of `ingest`: recognizes files, gathers them into batches, and reads batch after batch."""

    def __init__(self, home: Home, source: str, strict: bool, by, at: datetime, report: Report | None):
        self.home, self.source, self.strict, self.by, self.at = home, source, strict, by, at
        self.report = report or (lambda name, done, of: None)
        self.done = self.total = 0
        self.reports: dict[int, FileReport] = {}

    def all(self, given: Sequence[Given]) -> list[FileReport]:
        maps = saved_maps()
        waiting: list[tuple[int, Given, Recognized]] = []
        given = list(given)
        number = 0
        while number < len(given):
            each = given[number]
            try:
                what = recognize(each.path, each.name, maps)
                if isinstance(what, Archive):
                    given[number : number + 1] = receiving.unpack(self.home, each)
                    continue
                waiting.append((number, each, what))
                self.total += each.path.stat().st_size
            except BadInput as problem:
                self.reports[number] = FileReport(each.name, "", state="refused", problem=str(problem))
            number += 1
        for group in _grouped(waiting):
            self._batch(group)
        return [self.reports[number] for number in sorted(self.reports)]

    def _batch(self, group: list[tuple[int, Given, Recognized]]) -> None:
        """Receive and read some files that land together."""
        started = f"{self.at:%Y%m%d-%H%M%S}-{os.urandom(3).hex()}"
        received: list[tuple[int, ReceivedFile, Recognized, Delivery]] = []
        seq = landing.next_seq(self.home, len(group))
        shas: set[str] = set()
        for number, given, what in group:
            size = given.path.stat().st_size
            try:
                path, sha = receiving.keep(self.home, given)
            except BadInput as problem:
                self.reports[number] = FileReport(given.name, "", state="refused", problem=str(problem))
                continue
            known = Delivery.objects.filter(sha256=sha).first()
            if sha in shas or (known and known.state == Delivery.State.LANDED):
                self.reports[number] = _again(
                    given, known, shas_of={each[1].sha256: each[1] for each in received}, sha=sha
                )
                self._moved(given.name, size)
                continue
            shas.add(sha)
            file = ReceivedFile(path, given.name, sha, seq + len(received), size)
            received.append((number, file, what, self._open(file, what, started, known)))
        if not received:
            return
        batch = Batch(started, timezone.localdate(self.at), tuple(file for _, file, _, _ in received))
        reports = self._read(batch, [what for _, _, what, _ in received], [d for _, _, _, d in received])
        _close(self.home, batch, reports, at=self.at, by=self.by)
        for (number, *_), report in zip(received, reports, strict=True):
            self.reports[number] = report

    def _open(self, file: ReceivedFile, what: Recognized, batch_id: str, known: Delivery | None) -> Delivery:
        delivery = known or Delivery(sha256=file.sha256, delivery_id=file.delivery_id)
        delivery.file_name, delivery.path, delivery.bytes = file.file_name, file.name, file.bytes
        delivery.state, delivery.batch_id, delivery.received_seq = Delivery.State.READING, batch_id, file.received_seq
        delivery.kind, delivery.source = _kind_of(what), self._source_of(what)
        delivery.received_at, delivery.received_by = self.at, _name_of(self.by)
        delivery.finished_at, delivery.problem = None, ""
        if isinstance(what, Table) and what.map:
            delivery.map = ColumnMap.objects.get(fingerprint=what.map.fingerprint, version=what.map.version)
        with audit.change(delivery, by=self.by, did="received"):
            pass
        return delivery

    def _source_of(self, what: Recognized) -> str:
        if self.source:
            return self.source
        if isinstance(what, Table):
            if what.map and (mapped := ColumnMap.objects.filter(fingerprint=what.map.fingerprint).first()):
                return mapped.source or mapped.name
            return own_source(what) or DEFAULT_SOURCES.get(what.layout.table, "clinical")
        return DEFAULT_SOURCES["fhir"] if isinstance(what, Fhir) else ""

    def _read(self, batch: Batch, whats: list[Recognized], deliveries: list[Delivery]) -> list[FileReport]:
        if isinstance(whats[0], Fhir):
            from carewright.exchange.fhir import ingest as fhir

            name = batch.files[0].file_name if len(batch.files) == 1 else f"{len(batch.files)} FHIR files"
            source = deliveries[0].source
            return fhir.read_files(
                batch, home=self.home, source=source, by=self.by, is_strict=self.strict, said=self._says(name)
            )
        reader = Reader(self.home, batch, strict=self.strict, report=self._says(""))
        reports = []
        for file, what, delivery in zip(batch.files, whats, deliveries, strict=True):
            if isinstance(what, Unmapped):
                self._moved(file.file_name, file.bytes)
                report = FileReport(file.name, "", state="waiting", problem=what.sentence, delivery_id=file.delivery_id)
            else:
                before, reader.report = self.done, self._says(file.file_name, file.bytes, what)
                try:
                    report = reader.read(file, what, delivery.source)
                except BadInput as problem:
                    report = FileReport(
                        file.name,
                        what.layout.table,
                        state="refused",
                        problem=str(problem),
                        delivery_id=file.delivery_id,
                    )
                self._moved(file.file_name, before + file.bytes - self.done)
            reports.append(report)
        landing.gather(self.home, batch.batch_id)
        return reports

    def _says(self, name: str, size: int = 0, what: Table | None = None) -> Said:
        """How a reader reports bytes; those of a packed file are counted at the size it has unpacked so far."""
        packed = what is not None and what.beginning is not None and what.beginning.packed

        def said(read: int) -> None:
            self._moved(name, read // 7 if packed else read)

        return said

    def _moved(self, name: str, read: int) -> None:
        self.done += read
        self.report(name, min(self.done, self.total), self.total)


def _grouped(waiting: list[tuple[int, Given, Recognized]]) -> Iterable[list[tuple[int, Given, Recognized]]]:
    """Files of one kind together, in their order, as many as one batch holds."""
    by_kind: dict[bool, list[tuple[int, Given, Recognized]]] = {False: [], True: []}
    for each in waiting:
        by_kind[isinstance(each[2], Fhir)].append(each)
    for each_kind in by_kind.values():
        group: list[tuple[int, Given, Recognized]] = []
        size = 0
        for each in each_kind:
            own = each[1].path.stat().st_size
            if group and (len(group) >= BATCH_FILES or size + own > BATCH_BYTES):
                yield group
                group, size = [], 0
            group.append(each)
            size += own
        if group:
            yield group


def own_source(what: Table) -> str:
    """The feed a file names itself in its column data_source, when the rows at its beginning agree on one."""
    if what.header is None or what.beginning is None:
        return ""
    place = next((b.raw for b in what.bindings if b.column.name == "data_source"), None)
    if place is None:
        return ""
    import csv
    import io

    text = what.beginning.data[what.header.bytes :].decode("utf-8", errors="replace")
    rows = list(csv.reader(io.StringIO(text.replace("\0", "")), delimiter=what.header.delimiter))[:-1][:100]
    number = int(place[1:])
    said = {row[number].strip() for row in rows if len(row) == len(what.header.names)}
    return said.pop()[:80] if len(said) == 1 else ""


def _kind_of(what: Recognized) -> str:
    if isinstance(what, Fhir):
        return "fhir"
    return what.layout.table if isinstance(what, Table) else ""


def _name_of(by) -> str:
    return by if isinstance(by, str) else by.email


def _again(given: Given, known: Delivery | None, *, shas_of: dict[str, ReceivedFile], sha: str) -> FileReport:
    """The report for bytes that are here already: every row is the same again, and nothing changes."""
    if known is None:
        other = shas_of[sha].file_name
        return FileReport(
            given.name, "", state="again", problem=f"The same bytes as {other}; read once.", delivery_id=sha[:12]
        )
    when = timezone.localtime(known.received_at)
    return FileReport(
        given.name,
        known.kind,
        rows_read=known.rows_read,
        duplicates=known.rows_read,
        first_date=known.first_date,
        last_date=known.last_date,
        problem=f"Received before, on {when:%b} {when.day}, {when.year} as {known.file_name}; nothing changed.",
        state="again",
        delivery_id=known.delivery_id,
        source=known.source,
    )


# --- closing a batch, and finishing one that was left -----------------------------------------------------------------


def _close(home: Home, batch: Batch, reports: list[FileReport], *, at: datetime, by) -> None:
    """
    Make a batch whole: first what is needed to say so again, then the manifest, then the deliveries.

    Killed before the manifest, nothing has landed and the batch is read again; killed after it, only the deliveries'
    rows are written again, from the saved reports.
    """
    folder = home.folder("landed", "_reports")
    path = folder / f"{batch.batch_id}.json"
    path.write_text(json.dumps([asdict(report) for report in reports], default=str), encoding="utf-8")
    os.sync()
    delivered = [
        Delivered(
            file.delivery_id, file.sha256, file.file_name, report.source, batch.received_on, file.received_seq,
            report.kind, report.rows_kept,
        )
        for file, report in zip(batch.files, reports, strict=True)
    ]  # fmt: skip
    landing.finish(home, batch.batch_id, delivered, at=at)
    _write_down(batch.batch_id, reports, at=at, by=by)
    path.unlink()


def _write_down(batch_id: str, reports: list[FileReport], *, at: datetime, by) -> None:
    with transaction.atomic():
        for report in reports:
            delivery = Delivery.objects.get(delivery_id=report.delivery_id)
            refused = report.state == "refused" or (
                report.problem and not report.rows_read and report.state == "landed"
            )
            delivery.state = Delivery.State.REFUSED if refused else report.state
            delivery.kind, delivery.problem = report.kind or delivery.kind, report.problem
            delivery.rows_read, delivery.rows_kept = report.rows_read, report.rows_kept
            delivery.rows_rejected, delivery.duplicates = report.rows_rejected, report.duplicates
            delivery.first_date, delivery.last_date = report.first_date, report.last_date
            delivery.rejects_path = Path(report.rejects_path).name if report.rejects_path else ""
            delivery.reasons = [asdict(reason) for reason in report.reasons]
            delivery.columns = [asdict(column) for column in report.columns]
            delivery.notes = list(report.notes)
            delivery.finished_at = max(at, delivery.received_at)
            with audit.change(delivery, by=by, did="read"):
                pass


def finish_what_was_left(*, by, at: datetime, home: Home) -> int:
    """
    Finish deliveries that an earlier ingest was killed over; returns how many batches that were.

    Only called while the home's landing is held, so nobody is still at work on them.
    """
    left = sorted(set(Delivery.objects.filter(state=Delivery.State.READING).values_list("batch_id", flat=True)))
    finished = {manifest.batch_id for manifest in landing.manifests(home)}
    for batch_id in left:
        deliveries = list(
            Delivery.objects.filter(batch_id=batch_id, state=Delivery.State.READING).order_by("received_seq")
        )
        saved = home.landed / "_reports" / f"{batch_id}.json"
        if batch_id in finished and saved.exists():
            _write_down(batch_id, [_restored(said) for said in json.loads(saved.read_text())], at=at, by=by)
            saved.unlink()
            continue
        landing.sweep(home, batch_id)
        duplicates.sweep(home, batch_id)
        saved.unlink(missing_ok=True)
        again = _Ingest(home, "", False, by, at, None)
        for source in sorted({delivery.source for delivery in deliveries}):
            again.source = source
            again.all([Given(home.received / d.sha256, d.path) for d in deliveries if d.source == source])
    return len(left)


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


def saved_maps() -> list[SavedMap]:
    """The column maps in force: the latest version for each header, unless it was retired."""
    latest: dict[str, ColumnMap] = {}
    for each in ColumnMap.objects.order_by("fingerprint", "-version"):
        latest.setdefault(each.fingerprint, each)
    return [
        SavedMap(each.name, each.version, each.table, each.fingerprint, tuple(each.columns))
        for each in latest.values()
        if each.retired_at is None
    ]
