"""
Reading a received file once more in its own place: with the day it came and its number in the order of receipt.

What lands takes the place of what the file landed before, in one step: a reader of the warehouse sees the one or the
other, never both. So rows that were set aside can be tried again after a column map or a questionnaire was mended, and
rows that a later file repeated can land from that file when the file that said them first is taken back.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from carewright.audit import actions as audit
from carewright.exchange import charting
from carewright.exchange.batch import Batch, FileReport, ReceivedFile
from carewright.exchange.files.recognize import Fhir, SavedMap, Table, recognize
from carewright.exchange.files.tables import Reader
from carewright.exchange.ingesting import NOT_THE_FILES_FAULT, saved_maps, sweep
from carewright.exchange.models import ColumnMap, Delivery
from carewright.exchange.writing_down import forget_reports, save_reports, saved_reports, write_down
from carewright.kernel.errors import BadInput
from carewright.plumbing.home import Home
from carewright.warehouse import landing, manifest
from carewright.warehouse.manifest import Delivered

log = logging.getLogger(__name__)
FAULT = "That is a fault of ours; the log says where. After an upgrade, try again."
Landing = tuple[str, str]
"""What one batch landed of one file: (batch, delivery)."""


@dataclass
class Reread:
    """Files that were read once more and do not count yet: their reports, and the landings they take the place of."""

    batch_id: str
    reports: list[FileReport]
    delivered: list[Delivered]
    instead_of: list[Landing]


def name_for(home: Home, delivery: Delivery, what: str) -> str:
    """A name for the batch that takes the place of a delivery's; it sorts where the delivery's own batch does."""
    place = manifest.places(home).get(delivery.delivery_id)
    first = (place[0] if place else delivery.batch_id).partition("-then-")[0]
    return f"{first}-then-{what}"


def in_place(
    home: Home, batch_id: str, deliveries: Sequence[Delivery], *, by, taken_back: Sequence[Landing] = (),
    is_mended: bool = False,
) -> Reread:  # fmt: skip
    """
    Read files of tables once more, the earliest first, as if what is `taken_back` had never come. Nothing counts yet.

    They are read by the column maps they were read by; with `is_mended`, by those in force today. Raises `BadInput` for
    a file that no map knows any more.
    """
    sweep(home, batch_id)
    places = manifest.places(home)
    ordered = sorted(deliveries, key=lambda each: places[each.delivery_id][1].received_seq)
    own = [(places[each.delivery_id][0], each.delivery_id) for each in ordered]
    made = Reread(batch_id, [], [], [*taken_back, *own])
    reader: Reader | None = None
    for delivery in ordered:
        before = places[delivery.delivery_id][1]
        batch = _batch(home, batch_id, delivery, before, tuple(made.instead_of))
        what = recognize(batch.files[0].path, delivery.path, _maps(delivery, is_mended=is_mended))
        if isinstance(what, Fhir):
            report = _fhir(home, batch, delivery, by=by)
        elif isinstance(what, Table):
            was = reader
            reader = Reader(home, batch, strict=delivery.is_strict, said=lambda read: None)
            if was is not None:
                reader.parts, reader.seen_parts = was.parts, was.seen_parts
            [report] = reader.read([(batch.files[0], what, delivery.source)])
            delivery.map = _row_of(what.map)
        else:
            raise BadInput(delivery.file_name, "columns no map knows", "a file that is known", "Map its columns first.")
        if report.problem and not report.rows_read:
            raise BadInput(delivery.file_name, report.problem, "a file that reads", "Its rows stay as they are.")
        made.reports.append(report)
        made.delivered.append(replace(before, kind=report.kind, rows=report.rows_kept))
    return made


def put_in_force(home: Home, made: Reread, *, at: datetime) -> None:
    """From this step on the warehouse counts what was read, and not what it takes the place of."""
    save_reports(home, made.batch_id, made.reports)
    landing.finish(home, made.batch_id, made.delivered, at=at, instead_of=made.instead_of)


def write_down_what_came_of_it(home: Home, batch_id: str, *, at: datetime | None, by) -> None:
    """The deliveries get the counts of their last reading; safe to do again. With `at`, they were finished then."""
    reports = saved_reports(home, batch_id)
    if reports:
        deliveries = Delivery.objects.filter(delivery_id__in=[report.delivery_id for report in reports])
        write_down(batch_id, deliveries, reports, at=at, by=by)
    forget_reports(home, batch_id)


def rows_again(home: Home, delivery: Delivery, *, token: str, by, at: datetime) -> FileReport | None:
    """
    Try the rows set aside of a landed file again; those that read now land from their own lines. None when it has not
    landed any more. Safe to do again: `token` names the one time somebody asked.
    """
    if delivery.state != Delivery.State.LANDED or delivery.delivery_id not in manifest.places(home):
        return None
    batch_id = name_for(home, delivery, token)
    was_read_by = delivery.map_id
    if batch_id not in manifest.batches_that_count(home):
        try:
            made = in_place(home, batch_id, [delivery], by=by, is_mended=True)
        except NOT_THE_FILES_FAULT:
            raise
        except Exception as refusal:
            sweep(home, batch_id)
            why = str(refusal) if isinstance(refusal, BadInput) else FAULT
            if why == FAULT:
                log.exception("Rows set aside could not be tried again.")
            _note(delivery, f"Its rows were tried again, and nothing changed. {why}", by=by)
            return None
        [report] = made.reports
        is_news = (report.rows_kept, report.rows_rejected) != (delivery.rows_kept, delivery.rows_rejected)
        if not is_news and delivery.map_id == was_read_by:
            sweep(home, batch_id)
            audit.happened("tried_rows_again", audit.name_of(delivery), by=by, after={"rows": 0})
            return report
        if delivery.map_id != was_read_by:
            Delivery.objects.filter(pk=delivery.pk).update(map=delivery.map)
        put_in_force(home, made, at=at)
    charting.read_again(delivery.source, delivery.kind)
    reports = saved_reports(home, batch_id)
    write_down_what_came_of_it(home, batch_id, at=at, by=by)
    if reports:
        now = reports[0].rows_kept - delivery.rows_kept
        audit.happened("tried_rows_again", audit.name_of(delivery), by=by, after={"rows": now})
        return reports[0]
    return None


def _batch(home: Home, batch_id: str, delivery: Delivery, before: Delivered, instead_of: tuple[Landing, ...]) -> Batch:
    path = home.received / delivery.sha256
    file = ReceivedFile(path, delivery.path or delivery.file_name, delivery.sha256, before.received_seq, delivery.bytes)
    return Batch(batch_id, before.received_on, (file,), instead_of)


def _maps(delivery: Delivery, *, is_mended: bool) -> list[SavedMap]:
    """The map a file was read by, or the one that took its place."""
    own = [_as_read(delivery.map)] if delivery.map else []
    if not is_mended:
        return own
    in_force = saved_maps()
    known = {each.fingerprint for each in in_force}
    return [*in_force, *(each for each in own if each.fingerprint not in known)]


def _as_read(saved: ColumnMap) -> SavedMap:
    return SavedMap(saved.name, saved.version, saved.table, saved.fingerprint, tuple(saved.columns), saved.source)


def _row_of(saved: SavedMap | None) -> ColumnMap | None:
    return ColumnMap.objects.get(fingerprint=saved.fingerprint, version=saved.version) if saved else None


def _fhir(home: Home, batch: Batch, delivery: Delivery, *, by) -> FileReport:
    from carewright.exchange.fhir import ingest

    [report] = ingest.read_files(batch, home=home, source=delivery.source, by=by, is_strict=delivery.is_strict)
    return report


def _note(delivery: Delivery, sentence: str, *, by) -> None:
    with audit.change(delivery, by=by, did="tried_rows_again"):
        delivery.notes = [*delivery.notes, sentence]
