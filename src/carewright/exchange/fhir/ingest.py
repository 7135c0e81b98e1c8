"""
From received FHIR files to landed tables and the chart.

`read_files` reads a batch of files one after the other and puts facts down whenever enough are together, so that memory
stays flat however large the batch is. The landed rows come first, the chart second; both may be done twice without harm
(the batch's files are replaced whole, the chart knows what it has).
"""

import datetime
import gc
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from carewright.exchange.batch import Batch, FileReport
from carewright.exchange.fhir import owed, reading, remembered
from carewright.exchange.fhir.at import At
from carewright.exchange.fhir.facts import Stamp
from carewright.exchange.fhir.putting_down import Progress
from carewright.exchange.fhir.roomy import RoomyDict
from carewright.exchange.fhir.values import Unreadable
from carewright.exchange.files.set_aside import Writer

SET_ASIDE_COLUMNS = ("resource_type", "id", "field", "found", "expected")
AT_ONCE = 150_000
"""Rows held before they are put down: about 150 MB."""


class Aside:
    """The rows set aside of one file; most files have none, and then nothing is opened."""

    def __init__(self, home: Any, delivery_id: str):
        self._home, self._delivery_id = home, delivery_id
        self._writer: Writer | None = None

    def add(self, line: int, problem: str, mend: str, values: tuple[Any, ...]) -> None:
        if self._writer is None:
            self._writer = Writer(self._home, self._delivery_id, SET_ASIDE_COLUMNS)
        self._writer.add(line, problem, mend, values)

    def close(self) -> Path | None:
        return self._writer.close() if self._writer else None

    def abandon(self) -> None:
        if self._writer:
            self._writer.abandon()


def read_files(
    batch: Batch,
    *,
    home: Any,
    source: str,
    by: Any,
    is_strict: bool = False,
    said: Callable[[int], None] | None = None,
    into_chart: bool = True,
) -> list[FileReport]:
    """
    Read every file of a batch; land what is used, set aside what does not read; one report per file, in their order.

    `home` is anything with `landed` and `set_aside` folders, `by` who asked (a member of staff or `system:…`), `said`
    hears of every stretch of bytes read. `into_chart=False` leaves PostgreSQL alone (measurements, and homes without a
    chart). Nothing here opens or closes the batch: the manifest is the caller's.
    """
    stamps = [Stamp(source, file.delivery_id, batch.received_on, file.received_seq) for file in batch.files]
    chart = applied = None
    if into_chart:
        from carewright.exchange.fhir import apply

        applied = apply.Applied(source, owed=owed.Note(home.landed / owed.FOLDER))
        chart = apply.to_chart(by=by, home=home, applied=applied)
    progress = Progress(home, batch, stamps, chart)
    folder = home.set_aside
    before_us = {name for name in os.listdir(folder) if name.endswith(".csv")} if folder.exists() else set()  # noqa: PTH208
    for file in batch.files:
        if f"{file.delivery_id}.csv" in before_us:
            (folder / f"{file.delivery_id}.csv").unlink(missing_ok=True)
    at = At(links=remembered.recall(home, source), received_on=batch.received_on, billed=RoomyDict(home.landed))
    number_of = {file: number for number, file in enumerate(batch.files)}
    tallies: dict[int, tuple[reading.FileTally, Path | None]] = {}

    def pause() -> None:
        if len(at.facts) >= AT_ONCE:
            progress.put_down(at.facts.take())
            gc.collect()  # what writes tables does make cycles

    # JSON makes millions of objects and no cycles: counting references frees them, looking for cycles only costs time
    had_collector = gc.isenabled()
    gc.disable()
    try:
        for file, _ in reading.in_reading_order(batch.files):
            at.file = number_of[file]
            tally = reading.FileTally(file)
            aside = Aside(home, file.delivery_id)
            try:
                reading.read_file(tally, at, is_strict=is_strict, set_aside=aside.add, said=said, pause=pause)
                tallies[at.file] = tally, aside.close()
            finally:
                aside.abandon()
            pause()
        progress.put_down(at.facts.take())
        progress.finish()
        if applied is not None:
            _set_aside_late(home, applied, tallies)
        remembered.remember(home, batch.batch_id, source, at.links)
        if applied is not None:
            from carewright.exchange.fhir import catching_up

            catching_up.catch_up(home, batch, applied, by=by)
    finally:
        if applied is not None and applied.owed is not None:
            applied.owed.close()
        if had_collector:
            gc.enable()
    unscored = Counter(number for number, _line in applied.unscored) if applied is not None else Counter()
    return [
        _report(*tallies[number], source, progress.dates.get(number), unscored=unscored[number])
        for number in range(len(batch.files))
    ]


def _set_aside_late(home: Any, applied: Any, tallies: dict[int, tuple[reading.FileTally, Path | None]]) -> None:
    """What read well and was refused when it was to be kept."""
    for number in sorted({file for file, *_ in applied.refused}):
        tally, path = tallies[number]
        writer = Writer(home, tally.file.delivery_id, SET_ASIDE_COLUMNS)
        writer.go_on_from(path)
        try:
            for file, line, own, sentence in applied.refused:
                if file == number:
                    bad = Unreadable(
                        "subject",
                        sentence,
                        "answers that can be kept",
                        "Ask the sender what it should say, and to send it again.",
                    )
                    reading.reject_late(tally, writer.add, line, "QuestionnaireResponse", own, bad)
            tallies[number] = tally, writer.close()
        finally:
            writer.abandon()


def _report(
    tally: reading.FileTally, path: Path | None, source: str, dates: tuple[datetime.date, datetime.date] | None, *,
    unscored: int,
) -> FileReport:  # fmt: skip
    said = FileReport(
        path=tally.file.name, kind="fhir", delivery_id=tally.file.delivery_id, source=source, problem=tally.problem
    )
    if tally.problem and not tally.read:
        return said
    return replace(
        said,
        rows_read=tally.read,
        rows_kept=tally.kept,
        rows_rejected=tally.rejected,
        duplicates=tally.duplicates,
        first_date=dates[0] if dates else None,
        last_date=dates[1] if dates else None,
        rejects_path=str(path) if path else None,
        reasons=tuple(sorted(tally.reasons.values(), key=lambda reason: -reason.rows)),
        notes=notes(tally) + _not_scored(unscored),
    )


def _not_scored(number: int) -> tuple[str, ...]:
    """That answers made for adults came about children, and what became of them."""
    if not number:
        return ()
    what = "answered questionnaire" if number == 1 else "answered questionnaires"
    return (f"Kept and looked at for danger, not scored: {number:,} {what} made for adults, about a child.",)


def notes(tally: reading.FileTally) -> tuple[str, ...]:
    """What was in the file, kind by kind: used, and kept without being used."""
    used = ", ".join(f"{kind} {count:,}" for kind, count in sorted(tally.used.items()))
    kept = ", ".join(f"{kind} {count:,}" for kind, count in sorted(tally.unused.items()))
    return tuple(
        sentence
        for sentence in (f"Used: {used}." if used else "", f"Kept, not used: {kept}." if kept else "")
        if sentence
    )
