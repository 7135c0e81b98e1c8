"""
Assessments of a demo home: one finished with needs and a change since last time, one half done by two colleagues, one
asked again, and one that a clinic's portal sent.

They are asked through the same actions as on the page. Where nothing else is said, the answer is the first of the list
that shows neither a need nor a danger.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.utils import timezone

from carewright.assessment import actions, receiving, results, shelf
from carewright.assessment.clocks import since_when
from carewright.assessment.models import Assessment
from carewright.assessment.sheet import age_on
from carewright.careplan import actions as plans
from carewright.enrollment.models import Enrollment
from carewright.knowledge import instruments
from carewright.knowledge.instruments import Instrument, Item
from carewright.population.codes import language_name
from carewright.registry.models import Patient
from carewright.staff.models import User

BY = "system:demo"
ADULT = 18
HALF_A_YEAR = 186
YES, NO, NEVER_TRUE, SOMETIMES_TRUE = "LA33-6", "LA32-8", "LA28398-8", "LA6729-3"

HALF_A_YEAR_AGO: dict[str, dict[str, object]] = {
    "ahc-hrsn-core": {"/88122-7": SOMETIMES_TRUE, "/88123-5": SOMETIMES_TRUE, "/93030-5": NO},
    "hrqol-4": {"general-health": "poor", "physical-days": 18, "mental-days": 6, "limited-days": 14},
}
NOW: dict[str, dict[str, object]] = {
    "cw-health": {"pain": 6, "bothers-most": "I get out of breath on the stairs.", "hospital": "yes", "emergency": "yes"},
    "hrqol-4": {"general-health": "fair", "physical-days": 11, "mental-days": 4, "limited-days": 8},
    "ahc-hrsn-core": {"/88122-7": NEVER_TRUE, "/88123-5": NEVER_TRUE, "/93030-5": YES},
    "cw-resources": {"waiting": "no"},
    "cw-goals": {
        "matters": "My church, and cooking for the family on Sundays.",
        "goal": "I want to walk to church by Easter.", "first-step": "Around the block each morning.", "ready": 8,
        "confident": 6, "in-the-way": "The stairs, and no ride home.",
    },
}  # fmt: skip
"""What the first of the nurse's patients says today; the rest is calm."""
BEGUN: dict[str, dict[str, object]] = {
    "cw-health": {"pain": 3, "bothers-most": "My feet are numb at night."},
    "hrqol-4": {"general-health": "fair", "physical-days": 9, "mental-days": 12, "limited-days": 10},
    "ahc-hrsn-core": {"/88122-7": SOMETIMES_TRUE, "/88123-5": NEVER_TRUE},
}
PORTAL = {"/69725-0": 2, "/68509-9": 2, "/69733-4": 2, "/69734-2": 1, "/69735-9": 1, "/69689-8": 1, "/69736-7": 1}
"""The answers of a GAD-7 filled in at a clinic's portal: ten points."""


def ask(nurse: User, social_worker: User, *, on: date, at: datetime) -> int:
    """Ask; how many assessments there are now."""
    led = Enrollment.objects.at_work(on).filter(lead=nurse, patient__died_on__isnull=True).select_related("patient")
    enrolled = list({one.patient_id: one for one in led.order_by("pk") if _is_grown(one.patient, on)}.values())
    since = dict(since_when(enrolled))
    for number, enrollment in enumerate(enrolled[:4]):
        eligible_on = since[enrollment]
        match number:
            case 0:
                _finished(enrollment, nurse, eligible_on=eligible_on, at=at)
            case 1:
                _half_done(enrollment, nurse, social_worker, eligible_on=eligible_on, at=at)
            case 2:
                _again(enrollment.patient, nurse, at=at)
            case 3:
                _from_a_portal(enrollment.patient, at=at)
    return Assessment.objects.count()


def _is_grown(patient: Patient, on: date) -> bool:
    age = age_on(patient.born_on, on)
    return age is not None and age >= ADULT


def _morning(at: datetime, days: int) -> datetime:
    """Ten o'clock so many days ago."""
    return timezone.localtime(at - timedelta(days=days)).replace(hour=10, minute=5, second=0, microsecond=0)


def _language(patient: Patient) -> str:
    return language_name(patient.language) if patient.language else "English"


def _finished(enrollment: Enrollment, nurse: User, *, eligible_on: date, at: datetime) -> None:
    """Half a year ago social needs and quality of life, now everything; a need that is new goes onto the plan."""
    patient = enrollment.patient
    for code in HALF_A_YEAR_AGO:
        _alone(patient, code, HALF_A_YEAR_AGO[code], nurse, reason="initial", at=_morning(at, HALF_A_YEAR))
    first = _morning(at, 6)
    made = actions.start(
        patient=patient, kind=Assessment.COMPREHENSIVE, by=nurse, at=first, mode="visit", program=enrollment.program,
        eligible_on=eligible_on, language=_language(patient),
    )  # fmt: skip
    for number, section in enumerate(made.sections.order_by("pk")):
        moment = first + timedelta(minutes=6 * number)
        if section.code == "culture":
            actions.set_section(
                assessment=made, code=section.code, status="declined", because="Prefers to talk about it with the pastor",
                by=nurse, at=moment,
            )  # fmt: skip
            continue
        _section(made, section.code, NOW, nurse, at=moment)
        actions.set_section(assessment=made, code=section.code, status="done", by=nurse, at=moment)
    done = first + timedelta(hours=2)
    actions.finish(
        assessment=made, by=nurse, at=done, verdict="confirmed",
        because="Out of breath on the stairs, in hospital this year, and no way to get to visits.",
    )  # fmt: skip
    plans.add_problem(
        patient=patient, title="No reliable way to get around", priority="medium",
        need_code="transportation-insecurity", because="Said in the assessment: missed visits for want of a ride",
        by=nurse, at=done,
    )  # fmt: skip


def _half_done(enrollment: Enrollment, nurse: User, social_worker: User, *, eligible_on: date, at: datetime) -> None:
    """Two sections by the nurse, one by the social worker, the rest still open."""
    first = _morning(at, 3)
    made = actions.start(
        patient=enrollment.patient, kind=Assessment.COMPREHENSIVE, by=nurse, at=first, program=enrollment.program,
        eligible_on=eligible_on, language=_language(enrollment.patient),
    )  # fmt: skip
    for code, who, after in (
        ("communication", nurse, timedelta(minutes=4)), ("health", nurse, timedelta(minutes=15)),
        ("social", social_worker, timedelta(days=2)),
    ):  # fmt: skip
        _section(made, code, BEGUN, who, at=first + after)
        actions.set_section(assessment=made, code=code, status="done", by=who, at=first + after)


def _again(patient: Patient, nurse: User, *, at: datetime) -> None:
    """Quality of life and social needs, then and now: better, and food is no longer short."""
    for code in HALF_A_YEAR_AGO:
        _alone(patient, code, HALF_A_YEAR_AGO[code], nurse, reason="initial", at=_morning(at, HALF_A_YEAR))
        _alone(patient, code, NOW[code], nurse, reason="half_year", at=_morning(at, 2))


def _from_a_portal(patient: Patient, *, at: datetime) -> None:
    answered_at = _morning(at, 9)
    receiving.receive(
        patient=patient, instrument="gad-7", answers=PORTAL, by=BY, at=_morning(at, 8),
        sent=receiving.Sent(
            source="Oakwood Clinic portal", external_id="demo-gad-7", answered_at=answered_at, who="patient",
            answered_by=patient.name,
        ),
    )  # fmt: skip


def _alone(patient: Patient, code: str, said: dict[str, object], by: User, *, reason: str, at: datetime) -> None:
    made = actions.start(patient=patient, kind=code, by=by, at=at, reason=reason)
    _section(made, code, {code: said}, by, at=at)
    actions.set_section(assessment=made, code=code, status="done", by=by, at=at)
    actions.finish(assessment=made, by=by, at=at + timedelta(minutes=5))


def _section(made: Assessment, code: str, said: dict[str, dict[str, object]], by: User, *, at: datetime) -> None:
    """Confirm what the records say one by one, and answer what is required or was said."""
    section = made.sections.get(code=code)
    for fact in section.facts.filter(response__isnull=True):
        actions.confirm_fact(fact=fact, response="yes", by=by, at=at)
    for waiting in results.sheet_of(made, on=timezone.localdate(at)).waiting.values():
        if waiting.section_id == section.pk:
            actions.confirm_answer(answer=waiting, by=by, at=at)
    # An answer may bring up another question: ask until none is left.
    while left := list(_to_answer(results.sheet_of(made, on=timezone.localdate(at)), code, said)):
        for instrument, item in left:
            value = said.get(instrument.code, {}).get(item.link_id, _calm(instrument, item))
            actions.answer(assessment=made, instrument=instrument.code, link_id=item.link_id, value=value, by=by, at=at)


def _to_answer(sheet, code: str, said: dict[str, dict[str, object]]) -> Iterator[tuple[Instrument, Item]]:
    for one in sheet.asked(code):
        chosen = said.get(one.instrument.code, {})
        key = one.instrument.code, one.item.link_id
        if key in sheet.waiting or key in sheet.standing:
            continue
        if one.item.required or one.item.link_id in chosen:
            yield one.instrument, one.item


def _calm(instrument: Instrument, item: Item) -> object:
    """An answer that shows neither a need nor a danger: the first of the list that does not."""
    if not item.options:
        return {"integer": item.least or 0, "decimal": item.least or 0, "boolean": False}.get(
            item.kind, "Nothing to add"
        )
    # "No" is tried before "yes"; it is passed over where it shows a need, as with an advance directive.
    for option in sorted(item.options, key=lambda option: option.code not in ("no", NO)):
        found = instruments.score(shelf.get(instrument.code), {item.link_id: option.code})
        if not found.safety and not any(need.result == "positive" for need in found.needs):
            return option.code
    return item.options[0].code
