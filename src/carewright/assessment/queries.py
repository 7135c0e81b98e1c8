"""
What others ask of assessments: which needs stand and who said so, and what changed. What is due: `clocks`.

A need is computed whenever it is asked for, from the latest answers to each instrument; nothing of it is stored.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from carewright.assessment import shelf
from carewright.assessment.models import Answer, Assessment, ScoreResult
from carewright.assessment.safety import value_words
from carewright.assessment.sheet import Sheet, age_on, day_of
from carewright.knowledge import needs
from carewright.knowledge.instruments import NeedFound
from carewright.knowledge.instruments.rules import leaves
from carewright.knowledge.needs import Need
from carewright.registry.models import Patient

TWO_PEOPLE = timedelta(minutes=10)


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
    The needs that stand on a day, each from the latest answers that decide it.

    What was not asked anew stands as it was, as old as it is: beginning an assessment again takes nothing away, and
    "not asked" is never "no". `hidden_tags` are what the reader may not see (`access.sensitive.hidden_tags`); such needs are left out silently.
    With `gone`, needs that stood last time and no longer do are listed too.
    """
    found: dict[str, NeedSeen] = {}
    before: dict[str, str] = {}
    for code, sheets in _sheets_by_instrument(patient, on, hidden_tags).items():
        for said in _decided(code, sheets).values():
            (one, sheet), *earlier = said
            _add(found, one, code, sheet)
            if earlier:
                last = earlier[0][0].result
                before[one.code] = "positive" if "positive" in (before.get(one.code), last) else last
    for code, seen in found.items():
        seen.change = _change(before.get(code), seen.result)
    kept = [
        seen
        for seen in found.values()
        if (seen.stands or (gone and seen.change == "gone")) and seen.need.sensitivity not in hidden_tags
    ]
    areas = list(needs.AREAS)
    return tuple(sorted(kept, key=lambda seen: (not seen.stands, areas.index(seen.need.area), seen.need.label)))


def _decided(code: str, sheets: list[Sheet]) -> dict[str, list[tuple[NeedFound, Sheet]]]:
    """For each need of an instrument, the last two times that its questions were asked: what they said, the latest first."""
    found: dict[str, list[tuple[NeedFound, Sheet]]] = {}
    for sheet in sheets:
        needs_of_it = sheet.score(code).needs
        for one in needs_of_it:
            if one.result != "not-asked" and len(found.setdefault(one.code, [])) < 2:
                found[one.code].append((one, sheet))
        if all(len(found.get(one.code, ())) == 2 for one in needs_of_it):
            break
    return {need: said for need, said in found.items() if said}


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


def _sheets_by_instrument(patient: Patient, on: date, hidden_tags: frozenset[str]) -> dict[str, list[Sheet]]:
    """For each instrument, the sheets of the assessments that asked it, the latest first, as they stood on a day."""
    end = timezone.make_aware(datetime.combine(on + timedelta(days=1), time.min))
    rows = (
        Answer.objects.filter(patient=patient, at__lt=end, confirmed_at__lt=end, set_aside=False)
        .filter(Q(replaced_at__isnull=True) | Q(replaced_at__gte=end), assessment__stopped_at__isnull=True)
        .exclude(assessment__tags__overlap=sorted(hidden_tags))
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
    return _of_adults(patient, rows.exclude(tags__overlap=sorted(hidden_tags)).order_by("at", "pk"))


def _of_adults(patient: Patient, rows: Iterable[ScoreResult]) -> list[ScoreResult]:
    """Without the scores of a child by what is made for adults, kept before the birth date was known."""
    found = []
    for row in rows:
        instrument, age = shelf.find(row.instrument), age_on(patient.born_on, day_of(row.at))
        if age is None or instrument is None or instrument.adult_from is None or age >= instrument.adult_from:
            found.append(row)
    return found


def score_trends(
    patient: Patient, codes: Collection[str], *, hidden_tags: frozenset[str] = frozenset()
) -> dict[str, list[list[ScoreResult]]]:
    """For each of these needs the scores that decide it, over time: one list for each score, the oldest first."""
    decided = {
        (instrument.code, leaf["score"]): rule.need
        for instrument in shelf.asked()
        for rule in instrument.rules.needs
        if rule.need in codes
        for leaf in leaves(rule.when)
        if "score" in leaf
    }
    rows = ScoreResult.objects.filter(
        patient=patient, instrument__in={code for code, _score in decided}, replaced_at__isnull=True,
        value__isnull=False, assessment__stopped_at__isnull=True,
    )  # fmt: skip
    found: dict[tuple[str, str], list[ScoreResult]] = {}
    for row in _of_adults(patient, rows.exclude(tags__overlap=sorted(hidden_tags)).order_by("at", "pk")):
        if (row.instrument, row.code) in decided:
            found.setdefault((row.instrument, row.code), []).append(row)
    trends: dict[str, list[list[ScoreResult]]] = {}
    for key, scores in found.items():
        trends.setdefault(decided[key], []).append(scores)
    return trends


def last_time(assessment: Assessment) -> dict[tuple[str, str], Answer]:
    """The answers of earlier assessments, question by question, the latest of each: shown, so that only changes are asked."""
    rows = (
        Answer.objects.standing()
        .filter(patient=assessment.patient, assessment__stopped_at__isnull=True, at__lt=assessment.started_at)
        .exclude(assessment=assessment)
        .exclude(assessment__tags__contains=["part2"])  # closed to every role
        .select_related("by", "assessment")
        .order_by("at", "pk")
    )
    return {(row.instrument, row.link_id): row for row in rows}


def others_here(assessment: Assessment, user, at: datetime) -> list[Answer]:
    """The latest answer of every colleague who answered in the last minutes, so that two people see each other."""
    rows = (
        Answer.objects.filter(assessment=assessment, at__gte=at - TWO_PEOPLE, by__isnull=False)
        .exclude(by=user)
        .select_related("by", "section", "assessment")
        .order_by("by_id", "-at")
        .distinct("by_id")
    )
    return list(rows)


# ── the verdict about a program ──


def verdicts_of(patient: Patient, *, program: str = "") -> list[Assessment]:
    """For each program the latest verdict with which an assessment ended; for one program, when it is named."""
    rows = Assessment.objects.counting().filter(patient=patient, verdict__isnull=False).select_related("finished_by")
    if program:
        rows = rows.filter(program=program)
    return list(rows.order_by("program", "-finished_at", "-pk").distinct("program"))


# ── lists ──


def next_section(assessment: Assessment) -> str:
    """Where to go on: the first section that is not closed, or the first of all; reads what was read ahead."""
    found = sorted(assessment.sections.all(), key=lambda section: section.pk)
    return next((one.code for one in found if not one.is_closed), found[0].code)


def open_of(patients) -> QuerySet[Assessment]:
    """Open assessments of these patients, the longest open first."""
    return (
        Assessment.objects.open()
        .filter(patient__in=patients)
        .select_related("patient", "started_by")
        .prefetch_related("sections")
        .order_by("started_at")
    )
