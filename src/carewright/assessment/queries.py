"""
What others ask of assessments: which needs stand and who said so, what changed, what is due.

A need is computed whenever it is asked for, from the latest answers to each instrument; nothing of it is stored.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Max, Q
from django.utils import timezone

from carewright.assessment import shelf
from carewright.assessment.models import Answer, Assessment, ScoreResult
from carewright.assessment.safety import value_words
from carewright.assessment.sheet import Sheet, day_of
from carewright.enrollment.models import Enrollment, TriageItem
from carewright.knowledge import comprehensive, needs
from carewright.knowledge.comprehensive import Clocks
from carewright.knowledge.instruments import NeedFound
from carewright.knowledge.needs import Need
from carewright.population import queries as population
from carewright.registry.models import Patient

TWO_PEOPLE = timedelta(minutes=10)
GRACE_MONTHS = 2
"""How long after twelve months a yearly assessment still counts as yearly (ncqa.md)."""


@dataclass(frozen=True)
class Shown:
    """One answer that shows a need: the question, the answer in words, who gave it, when."""

    question: str
    words: str
    instrument: str
    answer: Answer


@dataclass
class NeedSeen:
    """
    One need as it stands on a day, with every answer that shows it.

    `change` compares with the assessment before: `new`, `still`, `gone`, or empty when nothing was asked before.
    """

    need: Need
    result: str
    on: date
    shown_by: list[Shown] = field(default_factory=list)
    z_codes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    change: str = ""

    @property
    def stands(self) -> bool:
        """Whether the need is there."""
        return self.result == "positive"


def needs_for(
    patient: Patient, on: date, *, hidden_tags: frozenset[str] = frozenset(), gone: bool = False
) -> tuple[NeedSeen, ...]:
    """
    The needs that stand on a day, from the latest answers to each instrument.

    `hidden_tags` are what the reader may not see (`access.sensitive.hidden_tags`); such needs are left out silently.
    With `gone`, needs that stood last time and no longer do are listed too.
    """
    found: dict[str, NeedSeen] = {}
    before: dict[str, str] = {}
    for code, sheets in _sheets_by_instrument(patient, on).items():
        now = sheets[0]
        for one in now.score(code).needs:
            _add(found, one, code, now)
        if len(sheets) > 1:
            for one in sheets[1].score(code).needs:
                before[one.code] = "positive" if "positive" in (before.get(one.code), one.result) else one.result
    for code, seen in found.items():
        seen.change = _change(before.get(code), seen.result)
    kept = [
        seen
        for seen in found.values()
        if (seen.stands or (gone and seen.change == "gone")) and seen.need.sensitivity not in hidden_tags
    ]
    areas = list(needs.AREAS)
    return tuple(sorted(kept, key=lambda seen: (not seen.stands, areas.index(seen.need.area), seen.need.label)))


def needs_in(sheet: Sheet, code: str) -> list[NeedSeen]:
    """The needs that one section's answers show so far."""
    found: dict[str, NeedSeen] = {}
    for instrument, _items in sheet.feeds(code):
        if sheet.given.get(instrument.code):
            for one in sheet.score(instrument.code).needs:
                _add(found, one, instrument.code, sheet)
    return [seen for seen in found.values() if seen.stands]


def _add(found: dict[str, NeedSeen], one: NeedFound, code: str, sheet: Sheet) -> None:
    if one.result == "not-asked":
        return
    seen = found.setdefault(one.code, NeedSeen(needs.need(one.code), one.result, sheet.on))
    if one.result == "positive" and not seen.stands:
        seen.result, seen.shown_by = "positive", []
    if one.result != seen.result:
        return
    seen.on = max(seen.on, sheet.on)
    seen.shown_by += list(_shown(one, code, sheet))
    seen.z_codes = tuple(dict.fromkeys((*seen.z_codes, *one.z_codes)))
    seen.remarks = tuple(dict.fromkeys((*seen.remarks, *one.remarks)))


def _shown(one: NeedFound, code: str, sheet: Sheet) -> Iterator[Shown]:
    instrument = shelf.get(code)
    for link in one.shown_by:
        row = sheet.standing.get((code, link)) or next(
            (row for (_other, other_link), row in sheet.standing.items() if other_link == link), None
        )
        if row is not None:
            words = value_words(instrument, link, row.value)
            yield Shown(instrument.by_link[link].text, words, instrument.title, row)


def _change(before: str | None, now: str) -> str:
    if before in (None, "not-asked"):
        return ""
    if now == "positive":
        return "still" if before == "positive" else "new"
    return "gone" if before == "positive" else ""


def _sheets_by_instrument(patient: Patient, on: date) -> dict[str, list[Sheet]]:
    """For each instrument, the sheets of the assessments that asked it, the latest first, as they stood on a day."""
    end = timezone.make_aware(datetime.combine(on + timedelta(days=1), time.min))
    rows = (
        Answer.objects.filter(patient=patient, at__lt=end, confirmed_at__lt=end, set_aside=False)
        .filter(Q(replaced_at__isnull=True) | Q(replaced_at__gte=end), assessment__stopped_at__isnull=True)
        .select_related("assessment", "by")
        .order_by("at", "pk")
    )
    by_assessment: dict[int, list[Answer]] = {}
    for row in rows:
        by_assessment.setdefault(row.assessment_id, []).append(row)
    found: dict[str, list[tuple[datetime, Sheet]]] = {}
    for answers in by_assessment.values():
        sheet = Sheet(answers[0].assessment, patient, day_of(answers[-1].at), answers)
        for code in sheet.given:
            latest = max(row.at for row in answers if row.instrument == code)
            found.setdefault(code, []).append((latest, sheet))
    return {
        code: [sheet for _at, sheet in sorted(pairs, key=lambda pair: pair[0], reverse=True)]
        for code, pairs in found.items()
    }


# ── what changed, and who else is here ──


def score_history(
    patient: Patient,
    instrument: str,
    code: str,
    *,
    until: datetime | None = None,
    hidden_tags: frozenset[str] = frozenset(),
) -> list[ScoreResult]:
    """The scores of one instrument over time, the oldest first."""
    rows = ScoreResult.objects.filter(
        patient=patient, instrument=instrument, code=code, replaced_at__isnull=True, value__isnull=False,
        assessment__stopped_at__isnull=True,
    )  # fmt: skip
    if until is not None:
        rows = rows.filter(at__lte=until)
    return list(rows.exclude(tags__overlap=sorted(hidden_tags)).order_by("at", "pk"))


def last_time(assessment: Assessment) -> dict[tuple[str, str], Answer]:
    """The answers of earlier assessments, question by question, the latest of each: shown, so that only changes are asked."""
    rows = (
        Answer.objects.standing()
        .filter(patient=assessment.patient, assessment__stopped_at__isnull=True, at__lt=assessment.started_at)
        .exclude(assessment=assessment)
        .select_related("by", "assessment")
        .order_by("at", "pk")
    )
    return {(row.instrument, row.link_id): row for row in rows}


def others_here(assessment: Assessment, user, at: datetime) -> list[Answer]:
    """The latest answer of every colleague who answered in the last minutes, so that two people see each other."""
    rows = (
        Answer.objects.filter(assessment=assessment, at__gte=at - TWO_PEOPLE, by__isnull=False)
        .exclude(by=user)
        .select_related("by", "section")
        .order_by("by_id", "-at")
        .distinct("by_id")
    )
    return list(rows)


# ── clocks ──


@dataclass(frozen=True)
class Due:
    """Something an assessment promises: what, for whom, by which day, and since when the clock runs."""

    patient: Patient
    what: str
    program: str
    since: date
    due_on: date
    assessment: Assessment | None = None

    def days_left(self, on: date) -> int:
        """Days until it is late; negative when it is."""
        return (self.due_on - on).days


def clocks_of(program: str, on: date) -> Clocks:
    """The clocks of a program as its site had set them on a day."""
    return comprehensive.clocks(
        {key: value for known, key, value in population.settings_in_force(on) if known == program}
    )


def due_dates(assessment: Assessment) -> tuple[date, date] | None:
    """By when an assessment had to begin, and has to be finished; None where no clock runs."""
    if assessment.eligible_on is None:
        return None
    clocks = clocks_of(assessment.program, assessment.eligible_on)
    return (
        assessment.eligible_on + timedelta(days=clocks.begin_days),
        assessment.eligible_on + timedelta(days=clocks.complete_days),
    )


def due_for(patient: Patient, *, program: str, eligible_on: date, on: date) -> Due | None:
    """
    What is due for one person in one program: begin, finish, or assess again.

    The program and the day of becoming eligible come from whoever enrolled them; the clock never waits for consent.
    """
    clocks = clocks_of(program, eligible_on)
    rows = Assessment.objects.counting().filter(
        patient=patient, kind=Assessment.COMPREHENSIVE, started_at__date__lte=on
    )
    latest = rows.order_by("-started_at").first()
    if latest is None:
        return Due(patient, "begin", program, eligible_on, eligible_on + timedelta(days=clocks.begin_days))
    if latest.finished_at is None:
        since = latest.eligible_on or eligible_on
        return Due(patient, "finish", program, since, since + timedelta(days=clocks.complete_days), latest)
    done_on = day_of(latest.finished_at)
    return Due(patient, "repeat", program, done_on, months_after(done_on, clocks.repeat_months), latest)


def quality_of_life_due(patient: Patient, *, program: str, on: date) -> date | None:
    """When quality of life is asked again; None when it was never asked."""
    latest = Answer.objects.standing().filter(patient=patient, instrument="hrqol-4", at__date__lte=on)
    asked = latest.filter(assessment__stopped_at__isnull=True).aggregate(at=Max("at"))["at"]
    return months_after(day_of(asked), clocks_of(program, on).quality_of_life_months) if asked else None


def look_ahead(people: Iterable[tuple[Patient, str, date]], *, on: date, within_days: int = 30) -> list[Due]:
    """
    What will be late: for each (patient, program, eligible on), what is due within so many days or is late already.

    The first to be late stands first.
    """
    found = []
    for patient, program, eligible_on in people:
        due = due_for(patient, program=program, eligible_on=eligible_on, on=on)
        if due is not None and due.days_left(on) <= within_days:
            found.append(due)
        again = quality_of_life_due(patient, program=program, on=on)
        if again is not None and (again - on).days <= within_days and (due is None or due.what == "repeat"):
            found.append(Due(patient, "quality_of_life", program, again, again))
    return sorted(found, key=lambda due: (due.due_on, due.patient.sort_name, due.patient.pk))


def since_when(enrollments: list[Enrollment]) -> Iterator[tuple[Enrollment, date]]:
    """Each enrollment with the day its clock began: when the person was identified, never later than the enrollment."""
    asked = dict(
        TriageItem.objects.filter(patient__in=[one.patient_id for one in enrollments])
        .order_by("opened_at")
        .values_list("patient_id", "opened_at")
    )
    for one in enrollments:
        first = day_of(asked[one.patient_id]) if one.patient_id in asked else one.starts_on
        yield one, min(first, one.starts_on)


def next_section(assessment: Assessment) -> str:
    """Where to go on: the first section that is not closed, or the first of all."""
    codes = list(assessment.sections.order_by("pk"))
    return next((one.code for one in codes if not one.is_closed), codes[0].code)


def months_after(day: date, months: int) -> date:
    """
    The same day so many months later, or the last day of a shorter month.

    >>> months_after(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def open_of(users_patients, *, on: date):
    """Open assessments of these patients, the longest open first."""
    return (
        Assessment.objects.open()
        .filter(patient__in=users_patients)
        .select_related("patient", "started_by")
        .order_by("started_at")
    )
