"""
Answered questionnaires go to the assessments, and are looked at for danger in the transaction that keeps them.
"""

import datetime
import json
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from carewright.assessment import receiving
from carewright.chart.receive import Received
from carewright.exchange.fhir.facts import KINDS, Stamp
from carewright.exchange.fhir.registering import patients_of
from carewright.exchange.fhir.responses import KIND
from carewright.kernel.errors import CannotDo
from carewright.registry.models import Patient

PLACE = {name: position for position, name in enumerate(KINDS[KIND])}


@dataclass
class Taken:
    """What became of answered questionnaires: the counts, those refused, and those kept that are not scored."""

    received: Received = field(default_factory=Received)
    refused: list[tuple[int, int, str, str]] = field(default_factory=list)
    """File, line, the response's own id, and why in a sentence."""
    unscored: set[tuple[int, int]] = field(default_factory=set)
    """File and line of those made for adults and answered about a child: kept, looked at for danger, not scored."""


def take_in(
    rows: list[tuple[Any, ...]], stamps: list[Stamp], *, feeds: frozenset[str], by: Any, at: datetime.datetime,
    only: set[str] | None = None,
) -> Taken:  # fmt: skip
    """
    Take answered questionnaires to the assessments, the newest answers of each person first.

    Newest first, because a danger that a newer answer has overtaken is not raised. `feeds` are the sources protected by
    42 CFR Part 2; `only` restricts it to these people.
    """
    taken = Taken()
    wanted = [row for row in rows if only is None or row[PLACE["person_id"]] in only]
    if not wanted:
        return taken
    known = patients_of({row[PLACE["person_id"]] for row in wanted})
    patients = Patient.objects.in_bulk(list(set(known.values())))
    counts = {"new": 0, "changed": 0, "same": 0}
    waiting = 0
    for row in sorted(_latest(wanted, stamps), key=lambda row: _answered_at(row, at), reverse=True):
        patient = patients.get(known.get(row[PLACE["person_id"]], 0))
        if patient is None:
            waiting += 1
            continue
        try:
            outcome, is_scored = _take(row, stamps[row[0]], patient, feeds, by=by, at=at)
            counts[outcome] += 1
            if not is_scored:
                taken.unscored.add((row[0], row[1]))
        except CannotDo as refusal:
            taken.refused.append((row[0], row[1], row[PLACE["external_id"]], str(refusal)))
    taken.received = Received(counts["new"], counts["changed"], counts["same"], waiting)
    return taken


def _latest(rows: list[tuple[Any, ...]], stamps: list[Stamp]) -> list[tuple[Any, ...]]:
    """Of one response that came several times, what came last."""
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    for row in sorted(rows, key=lambda row: (stamps[row[0]].received_seq, row[1])):
        found[stamps[row[0]].source, row[PLACE["external_id"]]] = row
    return list(found.values())


def _take(
    row: tuple[Any, ...], stamp: Stamp, patient: Patient, feeds: frozenset[str], *, by: Any, at
) -> tuple[str, bool]:
    """What became of one: `new`, `changed` or `same`, and whether it is scored."""
    evidence = f"{stamp.delivery_id}:{row[1]}"
    if row[PLACE["is_retracted"]]:
        back = receiving.take_back(
            source=stamp.source, external_id=row[PLACE["external_id"]], evidence=evidence,
            received_seq=stamp.received_seq, by=by, at=at,
        )  # fmt: skip
        return "same" if back is None else "changed", True
    tags = set(row[PLACE["tags"]].split(";")) - {""}
    if stamp.source in feeds:
        tags.add("part2")
    sent = receiving.Sent(
        source=stamp.source, external_id=row[PLACE["external_id"]], answered_at=_answered_at(row, at),
        who=row[PLACE["whose"]], answered_by=row[PLACE["answered_by"]] or "", evidence=evidence,
        received_seq=stamp.received_seq, tags=frozenset(tags),
    )  # fmt: skip
    taken = receiving.receive(
        patient=patient, instrument=row[PLACE["instrument"]], answers=json.loads(row[PLACE["answers"]]), by=by, at=at,
        sent=sent,
    )  # fmt: skip
    return taken.outcome, taken.is_scored


def _answered_at(row: tuple[Any, ...], at: datetime.datetime) -> datetime.datetime:
    """When the answers were given; noon of a day without an hour, and now when nobody said."""
    moment, day = row[PLACE["answered_at"]], row[PLACE["answered_on"]]
    if moment:
        return datetime.datetime.fromisoformat(moment)
    if day:
        return min(at, timezone.make_aware(datetime.datetime.combine(day, datetime.time(12))))
    return at
