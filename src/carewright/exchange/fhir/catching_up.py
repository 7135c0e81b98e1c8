"""
People who come after the facts about them.

A feed may send a Condition before the Patient it is about: in another batch, or further down a long file. Such a fact
landed, and waited to enter the chart. When a person is new to the registry, the deliveries that spoke of them are read
again from their raw bytes, and only what is about them goes to the chart. Nothing lands twice: what is read again lands
in a folder that is thrown away, for its sensitivity tags only.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from django.db.models import Max

from carewright.exchange.batch import Batch, ReceivedFile
from carewright.exchange.fhir import apply, ingest, owed, reading, remembered
from carewright.exchange.fhir.at import At
from carewright.exchange.fhir.facts import Stamp
from carewright.exchange.fhir.putting_down import Progress
from carewright.registry.models import Identifier
from carewright.warehouse import landing, manifest
from carewright.warehouse.landing import Delivered

AT_ONCE = 10_000


@dataclass(frozen=True)
class Scratch:
    """A home's landed folder for the length of one reading."""

    landed: Path


def catch_up(home: Any, batch: Batch, applied: apply.Applied, *, by: Any) -> None:
    """After a batch: everything known already about the people it made known, and about those left owing before."""
    note = applied.owed or owed.Note(home.landed / owed.FOLDER)
    note.take_over()
    left = note.people - applied.new_people
    owed_to = applied.new_people | (left - _unknown(left) if left else set())
    if owed_to:
        earlier = [
            (_file(home, delivered), delivered)
            for delivered in speaking_of(home, owed_to)
            if delivered.delivery_id not in {file.delivery_id for file in batch.files}
        ]
        for file, delivered in earlier:
            stamp = Stamp(delivered.source, delivered.delivery_id, delivered.received_on, delivered.received_seq)
            _read_again(home, file, stamp, owed_to, by=by)
        if applied.is_waiting:
            for number, file in enumerate(batch.files):
                stamp = Stamp(applied.source, file.delivery_id, batch.received_on, file.received_seq)
                again = _read_again(home, file, stamp, owed_to, by=by)
                applied.unscored |= {(number, line) for _file, line in again.unscored}
    note.settle()


def people(home: Any, person_ids: set[str], *, by: Any, of: str = "", before: int | None = None) -> None:
    """
    The same for people who became patients otherwise, as when a warehouse run named them; or whose facts were taken
    back, of one feed and from the files received `before` a number.
    """
    for delivered in speaking_of(home, person_ids):
        if (of and delivered.source != of) or (before is not None and delivered.received_seq >= before):
            continue
        stamp = Stamp(delivered.source, delivered.delivery_id, delivered.received_on, delivered.received_seq)
        _read_again(home, _file(home, delivered), stamp, person_ids, by=by)


@contextmanager
def those_made_known(home: Any, *, by: Any) -> Iterator[None]:
    """
    Around what may make people known, as a warehouse run does: afterwards their charts get what had waited for them.

    Costs one look at the landed resources when nobody waited. Killed in between, the next one does it. So does the next
    when files are being read at this moment: they may speak of these people and have not landed yet.
    """
    with owed.note(home) as note:
        numbers = Identifier.objects.filter(system="person_id", assigner="")
        newest = numbers.aggregate(newest=Max("pk"))["newest"] or 0
        note.add(strangers(home))
        yield
        note.take_over()
        known = note.people - _unknown(note.people)
        with landing.alone(home) as nobody_reads:
            pass
        new = set(numbers.filter(pk__gt=newest).values_list("value", flat=True))
        new = new & spoken_of(home) if nobody_reads else new  # of some, facts may have landed while this went on
        note.add(new)
        if known | new:
            people(home, known | new, by=by)
        if nobody_reads:
            note.settle()


def strangers(home: Any) -> set[str]:
    """The `person_id`s that landed facts speak of and no patient has."""
    return _unknown(spoken_of(home))


def spoken_of(home: Any) -> set[str]:
    """The `person_id`s that landed facts speak of."""
    if not landing.files(home)["resource"]:
        return set()
    rows = landing.relation(home, "resource")
    with duckdb.connect() as con:
        found = con.execute(f"select distinct person_id from {rows} where used and person_id is not null").fetchall()
    return {person_id for (person_id,) in found}


def _unknown(person_ids: set[str]) -> set[str]:
    unknown, asked = set(person_ids), list(person_ids)
    for first in range(0, len(asked), AT_ONCE):
        some = asked[first : first + AT_ONCE]
        known = Identifier.objects.filter(system="person_id", assigner="", value__in=some)
        unknown.difference_update(known.values_list("value", flat=True))
    return unknown


def speaking_of(home: Any, person_ids: set[str]) -> list[Delivered]:
    """The finished deliveries with facts about any of these people, in the order of receipt."""
    if not landing.files(home)["resource"]:
        return []
    rows = landing.relation(home, "resource")
    wanted = pa.table({"person_id": pa.array(sorted(person_ids), pa.string())})
    with duckdb.connect() as con:
        con.register("wanted", wanted)
        found = con.execute(
            f"select distinct delivery_id from {rows} r semi join wanted using (person_id) where r.used"
        ).fetchall()
    known = manifest.deliveries(home)
    spoke = [known[delivery_id] for (delivery_id,) in found if delivery_id in known]
    return sorted(spoke, key=lambda delivered: delivered.received_seq)


def _file(home: Any, delivered: Delivered) -> ReceivedFile:
    path = home.received / delivered.sha256
    return ReceivedFile(path, delivered.file_name, delivered.sha256, delivered.received_seq)


def _read_again(home: Any, file: ReceivedFile, stamp: Stamp, person_ids: set[str], *, by: Any) -> apply.Applied:
    applied = apply.Applied(stamp.source)
    if not file.path.exists():
        return applied
    with tempfile.TemporaryDirectory(prefix="_again-", dir=home.landed) as folder:
        declared = home.landed / landing.PART2_SOURCES
        if declared.exists():
            shutil.copy(declared, folder)
        batch = Batch("again", stamp.received_on, (file,))
        chart = apply.to_chart(by=by, home=home, applied=applied, only=person_ids)
        progress = Progress(Scratch(Path(folder)), batch, [stamp], chart)
        at = At(links=remembered.recall(home, stamp.source), received_on=stamp.received_on)

        def pause() -> None:
            if len(at.facts) >= ingest.AT_ONCE:
                progress.put_down(at.facts.take())

        reading.read_file(reading.FileTally(file), at, is_strict=False, set_aside=lambda *_: None, pause=pause)
        progress.put_down(at.facts.take())
    return applied
