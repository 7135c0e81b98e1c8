"""
One call of `ingest`: files are recognized, gathered into batches, read, and closed, batch after batch.

Everything is done in an order that may be broken off anywhere: bytes are kept first, rows land without being visible,
the reports are saved, the manifest makes the batch visible, and the deliveries are written down last.
"""

import logging
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from django.db import OperationalError, transaction
from django.utils import timezone

from carewright.audit import actions as audit
from carewright.exchange import receiving
from carewright.exchange.batch import Batch, FileReport, ReceivedFile, Said
from carewright.exchange.files import duplicates
from carewright.exchange.files.recognize import (
    Archive,
    Fhir,
    Recognized,
    SavedMap,
    Table,
    Unmapped,
    own_source,
    recognize,
)
from carewright.exchange.files.tables import Reader
from carewright.exchange.models import ColumnMap, Delivery
from carewright.exchange.receiving import Given
from carewright.exchange.writing_down import (
    OPENED,
    add_all,
    forget_reports,
    save_all,
    save_reports,
    saved_reports,
    write_down,
)
from carewright.kernel.errors import BadInput
from carewright.plumbing.home import Home
from carewright.warehouse import landing
from carewright.warehouse.landing import Delivered

BATCH_FILES, BATCH_BYTES = 2_000, 256 << 20
DEFAULT_SOURCES = {"fhir": "fhir", "caseload": "caseload", "medical_claim": "claims", "pharmacy_claim": "claims"} | {
    "eligibility": "claims"
}
NOT_THE_FILES_FAULT = (OSError, OperationalError, MemoryError)
"""A full disk or a database that went away says nothing about a file."""
FAILED_TWICE = (
    "Reading it failed twice by a fault of ours; the log says where. Nothing of it has landed and its bytes are kept: "
    "after an upgrade, press Try again."
)
log = logging.getLogger(__name__)
Waiting = tuple[int, Given, Recognized, int]
"""A file to be read: its place among those given, what it is, and its bytes."""
Report = Callable[[str, int, int], None]
"""Called with what is being read, the bytes read so far, and the bytes in all."""


class Ingest:
    """One call of `ingest`: recognizes files, gathers them into batches, and reads batch after batch."""

    def __init__(
        self, home: Home, source: str, strict: bool, by, at: datetime, report: Report | None, *,
        keep_refused: bool = False, into_chart: bool = True, finished: frozenset[str] = frozenset(),
    ):  # fmt: skip
        self.keep_refused, self.into_chart, self.finished = keep_refused, into_chart, finished
        self.home, self.source, self.strict, self.by, self.at = home, source, strict, by, at
        self.report = report or (lambda name, done, of: None)
        self.done = self.total = 0
        self.began = time.monotonic()
        self.reports: dict[int, FileReport] = {}

    def all(self, given: Sequence[Given]) -> list[FileReport]:
        maps = saved_maps()
        waiting: list[Waiting] = []
        given = list(given)
        number = 0
        while number < len(given):
            each = given[number]
            try:
                what = recognize(each.path, each.name, maps)
                if isinstance(what, Archive):
                    given[number : number + 1] = receiving.unpack(self.home, each)
                    continue
                size = each.path.stat().st_size
                waiting.append((number, each, what, size))
                self.total += size
            except BadInput as problem:
                self.reports[number] = self._refuse(each, str(problem))
            number += 1
        for group in _grouped(waiting):
            self._batch(group)
        return [self.reports[number] for number in sorted(self.reports)]

    def _refuse(self, given: Given, problem: str) -> FileReport:
        """A file nobody can read; where operators look for it on a page, its bytes and the sentence are kept."""
        report = FileReport(given.name, "", state="refused", problem=problem)
        if not self.keep_refused:
            return report
        try:
            path, sha, _size = receiving.keep(self.home, given)
        except BadInput:
            return report
        delivery = Delivery.objects.filter(sha256=sha).first()
        if delivery is None or delivery.state in (Delivery.State.REFUSED, Delivery.State.WAITING):
            delivery = delivery or Delivery(sha256=sha, delivery_id=sha[:12], received_by=_name_of(self.by))
            delivery.file_name, delivery.path, delivery.bytes = Path(given.name).name, given.name, path.stat().st_size
            delivery.state, delivery.problem, delivery.source = Delivery.State.REFUSED, problem, self.source
            delivery.received_at = delivery.received_at or self.at
            delivery.finished_at = max(self.at, delivery.received_at)
            with audit.change(delivery, by=self.by, did="refused"):
                pass
        return replace(report, delivery_id=sha[:12])

    def _batch(self, group: list[Waiting]) -> None:
        """Receive and read some files that land together."""
        batch_id = f"{self.at:%Y%m%d-%H%M%S}-{os.urandom(3).hex()}"
        kept: list[tuple[int, Given, Recognized, Path, str, int]] = []
        for number, given, what, _size in group:
            try:
                kept.append((number, given, what, *receiving.keep(self.home, given)))
            except BadInput as problem:
                self.reports[number] = FileReport(given.name, "", state="refused", problem=str(problem))
        known = {each.sha256: each for each in Delivery.objects.filter(sha256__in={sha for *_, sha, _size in kept})}
        seq = landing.next_seq(self.home, max(1, len(kept)))
        received: dict[str, tuple[int, ReceivedFile, Recognized]] = {}
        for number, given, what, path, sha, size in kept:
            if sha in received:
                other = received[sha][1].file_name
                said = f"The same bytes as {other}; read once."
                self.reports[number] = FileReport(given.name, "", state="again", problem=said, delivery_id=sha[:12])
                self._moved(given.name, size)
            elif sha in known and known[sha].state in (Delivery.State.LANDED, Delivery.State.LEAVING):
                self.reports[number] = self._known(given, known[sha])
                self._moved(given.name, size)
            else:
                received[sha] = number, ReceivedFile(path, given.name, sha, seq + len(received), size), what
        if not received:
            return
        files = tuple(file for _, file, _ in received.values())
        batch = Batch(batch_id, timezone.localdate(self.at), files)
        sources = [self._source_of(what, file.path) for _, file, what in received.values()]
        self._open(batch, [what for *_, what in received.values()], sources, known)
        reports = self._read(batch, [what for *_, what in received.values()], sources)
        took = timedelta(seconds=time.monotonic() - self.began)
        _close(self.home, batch, reports, at=self.at + took, by=self.by)
        for (number, *_), report in zip(received.values(), reports, strict=True):
            self.reports[number] = report

    def _known(self, given: Given, known: Delivery) -> FileReport:
        """The report for bytes that are here already; of a file that this call finished, what became of it."""
        if known.delivery_id not in self.finished or known.state != Delivery.State.LANDED:
            return _again(given, known)
        return FileReport(
            given.name, known.kind, known.rows_read, known.rows_kept, known.rows_rejected, known.duplicates,
            known.first_date, known.last_date, delivery_id=known.delivery_id, source=known.source,
            notes=("An earlier reading of this file broke off; it was finished now, and each row is here once.",),
        )  # fmt: skip

    def _open(self, batch: Batch, whats: list[Recognized], sources: list[str], known: dict[str, Delivery]) -> None:
        """Write down that these files are being read; a delivery that could not be read before is read again."""
        maps = {(each.fingerprint, each.version): each for each in ColumnMap.objects.all()}
        new: list[Delivery] = []
        old: list[Delivery] = []
        for file, what, source in zip(batch.files, whats, sources, strict=True):
            delivery = known.get(file.sha256) or Delivery(sha256=file.sha256, delivery_id=file.delivery_id)
            delivery.file_name, delivery.path, delivery.bytes = file.file_name, file.name, file.bytes
            delivery.state, delivery.batch_id = Delivery.State.READING, batch.batch_id
            delivery.received_seq, delivery.kind, delivery.source = file.received_seq, _kind_of(what), source
            delivery.received_at, delivery.received_by = self.at, _name_of(self.by)
            delivery.finished_at, delivery.problem, delivery.is_strict = None, "", self.strict
            delivery.charted_upto = None
            saved = what.map if isinstance(what, Table) else None
            delivery.map = maps[saved.fingerprint, saved.version] if saved else None
            (old if delivery.pk else new).append(delivery)
        with transaction.atomic():
            add_all(new)
            save_all(old, OPENED)
            counts = {"files": len(batch.files), "source": sources[0]}
            audit.happened("received", f"batch:{batch.batch_id}", by=self.by, after=counts)

    def _source_of(self, what: Recognized, path: Path) -> str:
        if self.source:
            return self.source
        if isinstance(what, Table):
            if what.map:
                return what.map.source or what.map.name
            return own_source(what, path) or DEFAULT_SOURCES.get(what.layout.table, "clinical")
        return DEFAULT_SOURCES["fhir"] if isinstance(what, Fhir) else ""

    def _read(self, batch: Batch, whats: list[Recognized], sources: list[str]) -> list[FileReport]:
        if isinstance(whats[0], Fhir):
            from carewright.exchange.fhir import ingest as fhir

            name = batch.files[0].file_name if len(batch.files) == 1 else f"{len(batch.files)} FHIR files"
            before = self.done
            of_fhir = fhir.read_files(
                batch, home=self.home, source=sources[0], by=self.by, is_strict=self.strict, said=self._says(name),
                into_chart=self.into_chart,
            )  # fmt: skip
            self.done = before
            self._moved(name, sum(file.bytes for file in batch.files))
            return of_fhir
        reports: dict[int, FileReport] = {}
        tables = []
        for number, (file, what) in enumerate(zip(batch.files, whats, strict=True)):
            if isinstance(what, Table):
                tables.append((number, (file, what, sources[number])))
            else:
                sentence = what.sentence if isinstance(what, Unmapped) else ""
                reports[number] = FileReport(
                    file.name, "", state="waiting", problem=sentence, delivery_id=file.delivery_id
                )
        packed = any(what.beginning and what.beginning.packed for _, (_, what, _) in tables)
        name = batch.files[0].file_name if len(batch.files) == 1 else f"{len(batch.files)} files"
        before = self.done
        reader = Reader(self.home, batch, strict=self.strict, said=self._says(name, packed=packed))
        for (number, _), report in zip(tables, reader.read([each for _, each in tables]), strict=True):
            reports[number] = report
        landing.gather(self.home, batch.batch_id)
        self.done = before
        self._moved(name, sum(file.bytes for file in batch.files))
        return [reports[number] for number in range(len(batch.files))]

    def _says(self, name: str, *, packed: bool = False) -> Said:
        """How a reader reports the bytes it has read; packed claims unpack to about seven times their size."""

        def said(read: int) -> None:
            self._moved(name, read // 7 if packed else read)

        return said

    def _moved(self, name: str, read: int) -> None:
        self.done += read
        self.report(name, min(self.done, self.total), self.total)


def _grouped(waiting: list[Waiting]) -> Iterable[list[Waiting]]:
    """Files of one kind together, in their order, as many as one batch holds."""
    by_kind: dict[bool, list[Waiting]] = {False: [], True: []}
    for each in waiting:
        by_kind[isinstance(each[2], Fhir)].append(each)
    for each_kind in by_kind.values():
        group: list[Waiting] = []
        size = 0
        for each in each_kind:
            own = each[3]
            if group and (len(group) >= BATCH_FILES or size + own > BATCH_BYTES):
                yield group
                group, size = [], 0
            group.append(each)
            size += own
        if group:
            yield group


def _kind_of(what: Recognized) -> str:
    if isinstance(what, Fhir):
        return "fhir"
    return what.layout.table if isinstance(what, Table) else ""


def _name_of(by) -> str:
    return by if isinstance(by, str) else by.email


def _again(given: Given, known: Delivery) -> FileReport:
    """The report for bytes that are here already: every row is the same again, and nothing changes."""
    when = timezone.localtime(known.received_at)
    problem = f"Received before, on {when:%b} {when.day}, {when.year} as {known.file_name}; nothing changed."
    if known.state == Delivery.State.LEAVING:
        problem = "This file is being taken back. Load it again when that is done; nothing changed."
    return FileReport(
        given.name,
        known.kind,
        rows_read=known.rows_read,
        duplicates=known.rows_read,
        first_date=known.first_date,
        last_date=known.last_date,
        problem=problem,
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
    save_reports(home, batch.batch_id, reports)
    delivered = [
        Delivered(
            file.delivery_id, file.sha256, file.file_name, report.source, batch.received_on, file.received_seq,
            report.kind, report.rows_kept,
        )
        for file, report in zip(batch.files, reports, strict=True)
    ]  # fmt: skip
    landing.finish(home, batch.batch_id, delivered, at=at)
    write_down(batch.batch_id, Delivery.objects.filter(batch_id=batch.batch_id), reports, at=at, by=by)
    forget_reports(home, batch.batch_id)


def files_left() -> frozenset[str]:
    """The files over which an earlier ingest was killed, by number; asked while the home's landing is held."""
    left = Delivery.objects.filter(state=Delivery.State.READING).values_list("delivery_id", flat=True)
    return frozenset(left)


def finish_what_was_left(*, by, at: datetime, home: Home) -> int:
    """
    Finish deliveries that an earlier ingest was killed over; returns how many batches that were.

    Only called while the home's landing is held, so nobody is still at work on them. A file over which we fail a second
    time, by a fault of ours, is refused and says so: it must not stop everything that comes after it.
    """
    left = sorted(set(Delivery.objects.filter(state=Delivery.State.READING).values_list("batch_id", flat=True)))
    finished = {manifest.batch_id for manifest in landing.manifests(home)}
    for batch_id in left:
        deliveries = _being_read(batch_id)
        if batch_id in finished and (reports := saved_reports(home, batch_id)):
            write_down(batch_id, Delivery.objects.filter(batch_id=batch_id), reports, at=at, by=by)
            forget_reports(home, batch_id)
            continue
        sweep(home, batch_id)
        try:
            _read_again(deliveries, by=by, at=at, home=home)
        except NOT_THE_FILES_FAULT:
            raise
        except Exception:
            log.exception("A batch could not be finished; its files are tried one by one.")
            for delivery in deliveries:
                _read_alone(delivery, by=by, at=at, home=home)
    return len(left)


def _being_read(batch_id: str) -> list[Delivery]:
    return list(Delivery.objects.filter(batch_id=batch_id, state=Delivery.State.READING).order_by("received_seq"))


def sweep(home: Home, batch_id: str) -> None:
    """Remove everything that an unfinished batch left behind."""
    landing.sweep(home, batch_id)
    duplicates.sweep(home, batch_id)
    (home.landed / "_fhir" / f"{batch_id}.json").unlink(missing_ok=True)
    forget_reports(home, batch_id)


def _read_again(deliveries: Sequence[Delivery], *, by, at: datetime, home: Home) -> None:
    again = Ingest(home, "", False, by, at, None)
    for how in sorted({(delivery.source, delivery.is_strict) for delivery in deliveries}):
        again.source, again.strict = how
        again.all([Given(home.received / d.sha256, d.path) for d in deliveries if (d.source, d.is_strict) == how])


def _read_alone(delivery: Delivery, *, by, at: datetime, home: Home) -> None:
    """Read one file of a batch that failed; refuse it when it is the one."""
    delivery.refresh_from_db()
    if delivery.state != Delivery.State.READING:
        return
    finished = {manifest.batch_id for manifest in landing.manifests(home)}
    if delivery.batch_id in finished:  # its rows landed, only the report is owed: the next call writes it down
        return
    sweep(home, delivery.batch_id)
    try:
        _read_again([delivery], by=by, at=at, home=home)
    except NOT_THE_FILES_FAULT:
        raise
    except Exception:
        log.exception("A file failed twice by a fault of ours and is refused.")
        delivery.refresh_from_db()
        sweep(home, delivery.batch_id)
        with audit.change(delivery, by=by, did="refused"):
            delivery.state, delivery.problem = Delivery.State.REFUSED, FAILED_TWICE
            delivery.finished_at = max(at, delivery.received_at)


def saved_maps() -> list[SavedMap]:
    """The column maps in force: the latest version for each header, unless it was retired."""
    latest: dict[str, ColumnMap] = {}
    for each in ColumnMap.objects.order_by("fingerprint", "-version"):
        latest.setdefault(each.fingerprint, each)
    return [
        SavedMap(each.name, each.version, each.table, each.fingerprint, tuple(each.columns), each.source)
        for each in latest.values()
        if each.retired_at is None
    ]
