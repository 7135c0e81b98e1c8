"""
Assessments of a demo home: one finished with needs and a change since last time, one half done by two colleagues, one
asked again, one that a clinic's portal sent; and everybody else who is followed has been assessed since they joined.

They are asked through the same actions as on the page. Where nothing else is said, the answer is the first of the list
that shows neither a need nor a danger. Of everybody else the first is asked so; the others answered much as one of these
did, and their rows are written together, because a demo has to stand within a minute.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from carewright.assessment import actions, receiving, results, shelf
from carewright.assessment.clocks import Known, since_when
from carewright.assessment.models import Answer, Assessment, ScoreResult, Section
from carewright.assessment.sheet import age_on
from carewright.audit import actions as audit
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
    "cw-communication": {"message": "yes"},
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
    "cw-communication": {"message": "yes"},
    "cw-health": {"pain": 3, "bothers-most": "My feet are numb at night."},
    "hrqol-4": {"general-health": "fair", "physical-days": 9, "mental-days": 12, "limited-days": 10},
    "ahc-hrsn-core": {"/88122-7": SOMETIMES_TRUE, "/88123-5": NEVER_TRUE},
}
CALM: dict[str, dict[str, object]] = {
    "cw-communication": {"message": "yes"},
    "cw-health": {"pain": 2, "bothers-most": "Some days my knees."},
    "hrqol-4": {"general-health": "good", "physical-days": 3, "mental-days": 1, "limited-days": 1},
    "cw-goals": {"matters": "My garden, and my own front door.", "goal": "I want to stay in my house."},
}
"""What most of the others said."""
REASON = "Followed for the reasons they were found for."
NEW_DAYS = 20
"""Who joined within so many days is still to be asked."""
LASTS = timedelta(hours=2)
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
    _everybody_else(on=on, at=at)
    return Assessment.objects.count()


def _everybody_else(*, on: date, at: datetime) -> None:
    """Who is followed for a while and was not asked yet has been assessed by whoever leads them, within the last months."""
    asked = Assessment.objects.filter(kind=Assessment.COMPREHENSIVE).values("patient")
    led = (
        Enrollment.objects.at_work(on)
        .filter(lead__isnull=False, patient__died_on__isnull=True, starts_on__lte=on - timedelta(days=NEW_DAYS))
        .exclude(patient__in=asked)
        .select_related("patient", "lead")
        .order_by("pk")
    )
    enrolled = list({one.patient_id: one for one in led if _is_grown(one.patient, on)}.values())
    since, stays = dict(since_when(enrolled)), Known.of((one.patient_id for one in enrolled), on=on).discharged_on
    copies = []
    calm: Assessment | None = None
    burdened = Assessment.objects.filter(kind=Assessment.COMPREHENSIVE, finished_at__isnull=False).first()
    for number, enrollment in enumerate(enrolled):
        moment = _morning(at, _days_ago(enrollment, number, stays.get(enrollment.patient_id), on=on))
        if calm is None:
            calm = _whole(enrollment, CALM, eligible_on=since[enrollment], at=moment)
        else:
            pattern = burdened if burdened is not None and number % 4 == 3 else calm
            copies.append((pattern, enrollment, since[enrollment], moment))
    _copy(copies)


def _days_ago(enrollment: Enrollment, number: int, home_on: date | None, *, on: date) -> int:
    """How long ago somebody was assessed: after they joined and after their last stay, and no two weeks alike."""
    longest = (on - enrollment.starts_on).days - 7
    if home_on is not None:
        longest = min(longest, (on - home_on).days - 2)
    return max(1, min(longest, 12 + (number * 11) % 140))


def _whole(
    enrollment: Enrollment, said: dict[str, dict[str, object]], *, eligible_on: date, at: datetime
) -> Assessment:
    """A comprehensive assessment from its first section to its last, on one morning."""
    by = enrollment.lead
    assert by is not None
    made = actions.start(
        patient=enrollment.patient, kind=Assessment.COMPREHENSIVE, by=by, at=at, program=enrollment.program,
        eligible_on=eligible_on, language=_language(enrollment.patient),
    )  # fmt: skip
    for number, section in enumerate(made.sections.order_by("pk")):
        moment = at + timedelta(minutes=5 * number)
        _section(made, section.code, said, by, at=moment)
        actions.set_section(assessment=made, code=section.code, status="done", by=by, at=moment)
    return actions.finish(
        assessment=made,
        by=by,
        at=at + LASTS,
        verdict="confirmed",
        because=REASON,
    )


def _copy(wanted: list[tuple[Assessment, Enrollment, date, datetime]]) -> None:
    """
    The same answers by other people, each in their own language and on their own day, asked by whoever leads them.

    Words of their own are left out, for no two people say the same.
    """
    made = Assessment.objects.bulk_create(
        Assessment(
            patient=enrollment.patient, kind=pattern.kind, version=pattern.version, reason=pattern.reason,
            mode=pattern.mode, program=enrollment.program, eligible_on=eligible_on,
            language=_language(enrollment.patient), started_at=at, started_by=enrollment.lead,
        )
        for pattern, enrollment, eligible_on, at in wanted
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "create temporary table demo_copy (pattern bigint, made bigint, patient bigint, who bigint, moved interval,"
            " spoken text) on commit drop"
        )
        cursor.executemany(
            "insert into demo_copy values (%s, %s, %s, %s, %s * interval '1 second', %s)",
            [
                (
                    pattern.pk,
                    one.pk,
                    one.patient_id,
                    one.started_by_id,
                    (at - pattern.started_at).total_seconds(),
                    one.language,
                )
                for one, (pattern, _enrollment, _since, at) in zip(made, wanted, strict=True)
            ],
        )
        for statement in COPY:
            cursor.execute(statement)
    for one in made:
        one.finished_at, one.finished_by = one.started_at + LASTS, one.started_by
        one.verdict, one.verdict_because = Assessment.Verdict.CONFIRMED, REASON
    Assessment.objects.bulk_update(made, ["finished_at", "finished_by", "verdict", "verdict_because"], batch_size=500)
    audit.happened("began_demo", by=BY, patient_ids=[one.patient_id for one in made], after={"assessments": len(made)})


def _copied(model: type[Model], join: str = "", where: str = "true", **own: str) -> str:
    """The statement that writes the rows of each pattern anew for each copy; `own` are the columns that differ."""
    columns = [str(field.column) for field in model._meta.concrete_fields if not field.primary_key]
    said = ", ".join(own.get(column, f"r.{column}") for column in columns)
    table = model._meta.db_table
    return f"insert into {table} ({', '.join(columns)}) select {said} from {table} r join demo_copy c on r.assessment_id = c.pattern {join} where {where}"


ITS_OWN = {"assessment_id": "c.made", "patient_id": "c.patient", "at": "r.at + c.moved"}
COPY = (
    _copied(Section, by_id="case when r.by_id is null then null else c.who end", **ITS_OWN),
    _copied(
        Answer,
        join="join assessment_section old on old.id = r.section_id"
        " join assessment_section own on own.assessment_id = c.made and own.code = old.code",
        where="r.replaced_at is null and r.confirmed_at is not null"
        " and (r.text is null or r.link_id in ('language', 'reading-language'))",
        section_id="own.id", by_id="c.who", confirmed_by_id="c.who", confirmed_at="r.at + c.moved",
        public_id="gen_random_uuid()", source="'patient'", source_words="''",
        text="case when r.text is null then null else c.spoken end", **ITS_OWN,
    ),
    _copied(ScoreResult, where="r.replaced_at is null", **ITS_OWN),
)  # fmt: skip


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
    sheet = results.sheet_of(made, on=timezone.localdate(at))
    if not sheet.was_asked(section):
        # Nothing here is required; a section is done when something was asked.
        first = sheet.asked(code)[0]
        value = _calm(first.instrument, first.item)
        actions.answer(
            assessment=made, instrument=first.instrument.code, link_id=first.item.link_id, value=value, by=by, at=at
        )


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
