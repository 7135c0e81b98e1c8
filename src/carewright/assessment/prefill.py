"""
What the records already say, laid ready to be confirmed or changed: nobody is asked what we know, and nothing is taken on trust.

A fact stands in the section where it is talked about, with where it comes from and since when. Until a person has said
that it is right, it counts for nothing. What the asking person may not see is not laid before them.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import override

from carewright.access import sensitive
from carewright.assessment.models import Answer, Assessment, RecordedFact, Section, Source
from carewright.assessment.sheet import day_of
from carewright.chart.models import Allergy, Condition, MedicationListing
from carewright.knowledge import instruments, medicines
from carewright.knowledge.instruments import DECLINED, Item, Value
from carewright.population import queries as population
from carewright.population.codes import language_name
from carewright.population.models import ChronicCondition, EdVisit, Stay
from carewright.registry.models import PatientPreference
from carewright.staff.models import User

MOST = 25
MEDICINE_DAYS = 180
VISIT_DAYS = 182
CLAIM = "Claim"
"""What the words say where an answer stands begin with, when claims give it."""
GONE = ("resolved", "inactive", "remission", "entered-in-error")
MEDICINE_GONE = ("stopped", "cancelled", "entered-in-error", "completed", "not-done")


def put_value(row: Answer, item: Item, value: Value) -> None:
    """Write an answer into the column of its kind."""
    if value is DECLINED:
        row.declined = True
    elif isinstance(value, tuple):
        row.codes = [str(one) for one in value]
    elif item.kind in ("integer", "decimal"):
        row.number = Decimal(str(value))
    elif item.kind == "boolean":
        row.yes = bool(value)
    elif item.kind == "date":
        row.day = date.fromisoformat(str(value))
    elif item.kind in ("choice", "open-choice"):
        row.code = str(value)
    else:
        row.text = str(value)


def fill(assessment: Assessment, *, at: datetime, by: User) -> None:
    """Lay what the records say into a new comprehensive assessment."""
    if assessment.kind != Assessment.COMPREHENSIVE:
        return
    with override(None):  # where it stands is kept in English, and said in each reader's language (`sources`)
        _lay_ready(assessment, at=at, by=by)


def _lay_ready(assessment: Assessment, *, at: datetime, by: User) -> None:
    sections = {section.code: section for section in assessment.sections.all()}
    on = day_of(at)
    facts = {
        (fact.kind, fact.key): fact
        for fact in (
            *_conditions(assessment, sections["medicines"], by),
            *_medicines(assessment, sections["medicines"], by, on),
            *_allergies(assessment, sections["medicines"], by),
        )
    }
    RecordedFact.objects.bulk_create(facts.values())
    for section, instrument, link_id, value, where in _answers(assessment, by, on):
        found = instruments.get(instrument)
        item = found.by_link[link_id]
        row = Answer(
            assessment=assessment, section=sections[section], patient=assessment.patient, instrument=instrument,
            instrument_version=found.version, link_id=link_id, source=Source.RECORD, source_words=where, at=at,
            tags=[item.sensitivity] if item.sensitivity else [],
        )  # fmt: skip
        put_value(row, item, value)
        row.save()


def _conditions(assessment: Assessment, section: Section, by: User) -> Iterator[RecordedFact]:
    patient = assessment.patient
    rows = sensitive.without_hidden(Condition.objects.standing().filter(patient=patient), by)
    seen = set()
    for row in rows.exclude(status__in=GONE).order_by("-recorded_on", "pk")[:MOST]:
        seen.add(row.name.casefold())
        since = row.onset_on or row.recorded_on
        yield _fact(assessment, section, "condition", row.code or row.name, row.name, f"{row.source}{_since(since)}",
                    row.evidence, row.tags)  # fmt: skip
    run = population.current_run()
    if run is None:
        return
    claims = sensitive.without_hidden(ChronicCondition.objects.filter(run=run, patient=patient, scheme="ccw30"), by)
    for found in claims.order_by("-latest_on", "condition")[:MOST]:
        if found.label.casefold() not in seen:
            number = f"{found.claims} claims" if found.claims and found.claims > 1 else "Claim"
            yield _fact(
                assessment, section, "condition", f"ccw30:{found.condition}", found.label,
                f"{number}{_since(found.latest_on, 'latest')}", found.evidence, found.tags,
            )  # fmt: skip


def _medicines(assessment: Assessment, section: Section, by: User, on: date) -> Iterator[RecordedFact]:
    rows = MedicationListing.objects.standing().filter(patient=assessment.patient)
    handed_out = Q(
        kind=MedicationListing.Kind.DISPENSED, status="completed"
    )  # so it ends at the counter, not in the cup
    rows = rows.filter(handed_out | ~Q(status__in=MEDICINE_GONE))
    found, hidden = 0, sensitive.hidden_tags(by)
    for row in sensitive.without_hidden(rows, by).order_by("-received_seq"):
        day = row.dispensed_on or row.ordered_on or row.taken_on
        if (row.ended_on and row.ended_on < on) or day is None or day < on - timedelta(days=MEDICINE_DAYS):
            continue
        # Others read the assessment too: it is kept as close as the medicine asks for, though its source tagged nothing.
        tags = medicines.tags_as_listed(row.ndc, row.name).union(row.tags)
        if not hidden.isdisjoint(tags):
            continue
        supply = f", {row.days_supply} days" if row.days_supply else ""
        yield _fact(
            assessment, section, "medicine", row.rxnorm or row.ndc or row.name.casefold(), row.name,
            f"{row.get_kind_display()}{_since(day, '')}{supply}", row.evidence, sorted(tags),
        )  # fmt: skip
        found += 1
        if found == MOST:
            return


def _allergies(assessment: Assessment, section: Section, by: User) -> Iterator[RecordedFact]:
    rows = Allergy.objects.standing().filter(patient=assessment.patient).exclude(status__in=GONE)
    for row in sensitive.without_hidden(rows, by).order_by("-recorded_on", "pk")[:MOST]:
        words = f"{row.name}: {row.reaction}" if row.reaction else row.name
        yield _fact(assessment, section, "allergy", row.code or row.name.casefold(), words,
                    f"{row.source}{_since(row.recorded_on)}", row.evidence, row.tags)  # fmt: skip


def _fact(assessment, section, kind, key, words, where, evidence, tags) -> RecordedFact:
    return RecordedFact(
        assessment=assessment, section=section, patient=assessment.patient, kind=kind, key=key, words=words,
        source_words=where, evidence=evidence, tags=list(tags),
    )  # fmt: skip


def _answers(assessment: Assessment, by: User, on: date) -> Iterator[tuple[str, str, str, Value, str]]:
    """Answers the records give: section, instrument, question, value, where it stands."""
    patient = assessment.patient
    wish = PatientPreference.objects.filter(patient=patient).first()
    asked = f"Asked{_since(day_of(wish.said_at), '')}" if wish else ""
    if wish and wish.spoken_language:
        yield "communication", "cw-communication", "language", language_name(wish.spoken_language), asked
    elif patient.language:
        where = "Coverage file" if patient.evidence else "Written down when they came to us"
        yield "communication", "cw-communication", "language", language_name(patient.language), where
    if wish and wish.needs_interpreter is not None:
        yield "communication", "cw-communication", "interpreter", "yes" if wish.needs_interpreter else "no", asked
    if wish and wish.written_language:
        yield "communication", "cw-communication", "reading-language", language_name(wish.written_language), asked
    run = population.current_run()
    if run is None or not sensitive.sees_clinical(by):
        return
    since = on - timedelta(days=VISIT_DAYS)
    visits = EdVisit.objects.filter(run=run, patient=patient, visited_on__gte=since, visited_on__lte=on)
    if visit := sensitive.without_hidden(visits, by).order_by("-visited_on").first():
        yield "health", "cw-health", "emergency", "yes", f"{CLAIM}{_since(visit.visited_on, '')}"
    stays = Stay.objects.filter(run=run, patient=patient, admitted_on__gte=since, admitted_on__lte=on)
    if stay := sensitive.without_hidden(stays, by).order_by("-admitted_on").first():
        yield "health", "cw-health", "hospital", "yes", f"{CLAIM}{_since(stay.admitted_on, '')}"


def _since(day: date | None, word: str = "since") -> str:
    if day is None:
        return ""
    return f", {word} {day:%b} {day.day}, {day.year}" if word else f" {day:%b} {day.day}, {day.year}"
