"""
Taking back a load: a file that should not have been loaded counts no more, neither in the warehouse nor in the charts.

Its bytes, its landed rows and its report stay. What it had corrected counts again, and so do rows that a later file
repeated and that were left out for that reason: those files are read once more, as if this one had never come. Asked for
on a page, done by the next ingest under its lock, in steps that may be broken off anywhere:

1. the later files are read, and one manifest puts all of it in force;
2. the facts leave the charts, and what earlier files said of the same facts is read again;
3. the delivery says that it was taken back.
"""

import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import pyarrow as pa
from django.db import transaction
from django.utils.translation import gettext as _

from carewright.assessment import receiving
from carewright.assessment.models import Assessment
from carewright.audit import actions as audit
from carewright.chart import actions as chart
from carewright.chart.models import Reported
from carewright.enrollment.models import CaseloadRow
from carewright.exchange import charting, protecting, rereading
from carewright.exchange.ingesting import NOT_THE_FILES_FAULT
from carewright.exchange.models import Delivery, TakenBack
from carewright.kernel.errors import NotNow
from carewright.knowledge.programs import name_of
from carewright.plumbing.home import Home
from carewright.population.models import Candidate, Run
from carewright.registry.models import Identifier
from carewright.warehouse import landing, manifest
from carewright.warehouse.layout import layouts
from carewright.warehouse.manifest import Delivered

log = logging.getLogger(__name__)
BECAUSE = "The file it came in was taken back: {why}"
FAILED = (
    "It could not be finished by a fault of ours; the log says where. It is tried again before the next file is read."
)


@dataclass(frozen=True)
class Consequences:
    """What taking a load back would do: counted before somebody is asked."""

    rows: int
    facts: int = 0
    people: int = 0
    """How many people's charts lose something."""
    lists: list[tuple[str, int]] = field(default_factory=list)
    """Programs whose lists hold people this file speaks of, and how many of them."""
    read_again: int = 0
    """How many later files repeated rows of this one, and are read again."""
    answers: int = 0
    applied: int = 0
    """How many of its caseload rows were applied; they stay."""
    deaths: int = 0
    """How many deaths stand on records as this file reported them; they stay until somebody mends them."""


def consequences(home: Home, delivery: Delivery) -> Consequences:
    """What taking this load back would do."""
    at_home = manifest.places(home).get(delivery.delivery_id)
    told = _people_of(home, at_home[0], delivery.delivery_id) if at_home else []
    patients: set[int] = set()
    facts = 0
    for model in Reported.__subclasses__():
        standing = model._default_manager.filter(delivery_id=delivery.delivery_id, retracted_at__isnull=True)
        own = list(standing.values_list("patient__pk", flat=True))  # type: ignore[misc]
        facts += len(own)
        patients.update(own)
    answers = Assessment.objects.filter(evidence__startswith=f"{delivery.delivery_id}:", stopped_at__isnull=True)
    patients.update(answers.values_list("patient_id", flat=True))
    return Consequences(
        rows=delivery.rows_kept, facts=facts, people=len(patients), lists=_lists(told),
        read_again=len(_repeated_it(home, delivery)), answers=answers.count(),
        deaths=_deaths(home, at_home[0], delivery.delivery_id) if at_home else 0,
        applied=CaseloadRow.objects.filter(evidence_id__startswith=f"{delivery.delivery_id}:").count(),
    )  # fmt: skip


def begin(home: Home, delivery: Delivery, *, because: str, by, at: datetime) -> TakenBack:
    """Write down that a load is to be taken back; the next ingest does it. Raises `NotNow` for what did not land."""
    with transaction.atomic():
        delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if delivery.state != Delivery.State.LANDED:
            raise NotNow(_("Only a file that has landed can be taken back."))
        missing = [each for each in _repeated_it(home, delivery) if not (home.received / each.sha256).exists()]
        if missing:
            raise NotNow(
                _(
                    "A later file, %(delivery)s, repeats rows of this one, and its bytes are no longer here. Load that file again first."
                )
                % {"delivery": missing[0].delivery_id}
            )
        back = TakenBack(
            delivery=delivery, because=because.strip(), at=at, by=by, rows=delivery.rows_kept,
            batch_id=rereading.name_for(home, delivery, f"back{secrets.token_hex(4)}"),
        )  # fmt: skip
        with audit.change(back, by=by, did="took_back_load", why=because):
            pass
        with audit.change(delivery, by=by, did="taking_back", why=because):
            delivery.state = Delivery.State.LEAVING
    return back


def finish_what_waits(home: Home, *, at: datetime) -> int:
    """
    Finish every load that is being taken back; how many that were. Only called while the home's landing is held.

    One that fails by a fault of ours says so on its page, and holds up nobody's files.
    """
    done = 0
    for back in TakenBack.objects.filter(done_at__isnull=True).select_related("delivery", "by").order_by("at", "pk"):
        try:
            _finish(home, back, at=at)
            done += 1
        except NOT_THE_FILES_FAULT:
            raise
        except Exception:
            log.exception("A load could not be taken back.")
            TakenBack.objects.filter(pk=back.pk).update(problem=FAILED)
    return done


def _finish(home: Home, back: TakenBack, *, at: datetime) -> None:
    delivery = back.delivery
    place = manifest.places(home).get(delivery.delivery_id)
    if place is not None and back.batch_id not in _finished(home):
        landed = place[0], delivery.delivery_id
        later = _repeated_it(home, delivery)
        made = rereading.in_place(home, back.batch_id, later, by=back.by, taken_back=[landed])
        rereading.put_in_force(home, made, at=at)
    rereading.write_down_what_came_of_it(home, back.batch_id, at=None, by=back.by)
    facts = _leave_the_charts(home, back, at=at)
    with transaction.atomic():
        with audit.change(back, by=back.by, did="load_taken_back"):
            back.done_at, back.problem, back.facts = max(at, back.at), "", max(back.facts, facts)
        with audit.change(delivery, by=back.by, did="taken_back"):
            delivery.state = Delivery.State.TAKEN_BACK


def _leave_the_charts(home: Home, back: TakenBack, *, at: datetime) -> int:
    """Facts and answers stop counting; what earlier files said of the same people is read again."""
    delivery, because = back.delivery, BECAUSE.format(why=back.because)
    if delivery.kind not in ("fhir", *charting.TABLES):
        return 0
    with transaction.atomic():
        protecting.while_taking_to_the_chart()
        facts = chart.take_back(delivery_id=delivery.delivery_id, because=because, at=at, by=back.by)
        if delivery.kind == "fhir":
            facts += receiving.file_taken_back(delivery_id=delivery.delivery_id, because=because, at=at, by=back.by)
        else:
            charting.read_again(delivery.source, delivery.kind)
        TakenBack.objects.filter(pk=back.pk, facts__lt=facts).update(facts=facts)
    if delivery.kind != "fhir":
        return facts
    own = _landing_taken_back(home, back)
    people = {*_people_of(home, own[0], own[1].delivery_id), *_people_it_took_from(home, *own)} if own else set()
    if own and people:
        from carewright.exchange.fhir import catching_up

        catching_up.people(home, people, by=back.by, of=delivery.source, before=own[1].received_seq)
    return facts


def _landing_taken_back(home: Home, back: TakenBack) -> tuple[str, Delivered] | None:
    """The batch and the landing that this took back; it counts no more, but lies where it lay."""
    by_batch = {each.batch_id: each for each in manifest.manifests(home)}
    for batch_id, delivery_id in by_batch[back.batch_id].instead_of if back.batch_id in by_batch else ():
        for delivered in by_batch[batch_id].deliveries if delivery_id == back.delivery.delivery_id else ():
            if delivered.delivery_id == delivery_id:
                return batch_id, delivered
    return None


def _finished(home: Home) -> set[str]:
    return {each.batch_id for each in manifest.manifests(home)}


def _repeated_it(home: Home, delivery: Delivery) -> list[Delivery]:
    """Later files of the same feed and kind of which rows were left out, because an earlier file had said the same."""
    if delivery.kind == "fhir":
        return []  # FHIR resources land each time, and the later one counts
    later = Delivery.objects.landed().of_feed(delivery.source, delivery.kind).filter(duplicates__gt=0)
    places = manifest.places(home)
    own = places.get(delivery.delivery_id)
    return [
        each
        for each in later.select_related("map").order_by("received_seq")
        if own and each.delivery_id in places and places[each.delivery_id][1].received_seq > own[1].received_seq
    ]


def _people_of(home: Home, batch_id: str, delivery_id: str) -> list[str]:
    """Everybody a landed file speaks of, by `person_id`."""
    return sorted(person_id for (person_id,) in _said(home, batch_id, delivery_id, "person_id"))


def _people_it_took_from(home: Home, batch_id: str, delivered: Delivered) -> set[str]:
    """Whom other files of the feed told the same resources of: this file may have given them to somebody else."""
    said = _said(home, batch_id, delivered.delivery_id, "resource_type", "resource_id")
    if not said or not landing.files(home)["resource"]:
        return set()
    kinds, numbers = zip(*said, strict=True)
    rows = landing.relation(home, "resource")
    with duckdb.connect() as con:
        con.register("told", pa.table({"kind": pa.array(kinds, pa.string()), "number": pa.array(numbers, pa.string())}))
        found = con.execute(
            f"select distinct person_id from {rows} r semi join told t"
            " on r.resource_type = t.kind and r.resource_id = t.number"
            " where r.used and r.person_id is not null and r.source = ?",
            [delivered.source],
        ).fetchall()
    return {person_id for (person_id,) in found}


def _deaths(home: Home, batch_id: str, delivery_id: str) -> int:
    """How many deaths stand on records as this file reported them."""
    died = dict(_said(home, batch_id, delivery_id, "person_id", "death_date"))
    known = Identifier.objects.filter(system="person_id", assigner="", value__in=list(died))
    on_record = known.filter(patient__died_on__isnull=False).values_list("value", "patient__died_on", "patient_id")
    return len({patient_id for person_id, died_on, patient_id in on_record if died[person_id] == died_on})


def _said(home: Home, batch_id: str, delivery_id: str, *columns: str) -> set[tuple]:
    """What a landed file says in these columns, in every table that has them."""
    found: set[tuple] = set()
    files = next((each.files for each in manifest.manifests(home) if each.batch_id == batch_id), {})
    with duckdb.connect() as con:
        for table, landed in files.items():
            if layouts()[table].by_name.keys() >= set(columns):
                paths = [str(home.landed / each.path) for each in landed]
                found |= landing.said_of(con, paths, columns, delivery_id)
    return found


def _lists(person_ids: Iterable[str]) -> list[tuple[str, int]]:
    """The programs whose current lists hold any of these people, and how many of them."""
    known = Identifier.objects.filter(system="person_id", assigner="", value__in=list(person_ids))
    patients = set(known.values_list("patient_id", flat=True))
    counts: dict[str, int] = {}
    current = Candidate.objects.filter(run__in=Run.objects.in_force())
    for program, patient_id in current.values_list("program", "patient_id"):
        if patient_id in patients:
            counts[program] = counts.get(program, 0) + 1
    return sorted((name_of(program), people) for program, people in counts.items())
