"""
What an assessment comes to: its sheet with last time's scores, where each question stands, and the scores at the end.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from carewright.assessment import shelf
from carewright.assessment.models import Assessment, ScoreResult
from carewright.assessment.sheet import Sheet, day_of
from carewright.knowledge import comprehensive
from carewright.knowledge.instruments import Instrument, Score, Value


def sheet_of(assessment: Assessment, *, on: date | None = None) -> Sheet:
    """The sheet of an assessment, with the scores of last time beside it."""
    sheet = Sheet.read(assessment, on=on or day_of(assessment.finished_at or assessment.started_at))
    sheet.previous = previous_scores(assessment)  # type: ignore[assignment]
    return sheet


def previous_scores(assessment: Assessment) -> dict[str, dict[str, Decimal | None]]:
    """The latest scores from before this assessment, by instrument and score."""
    rows = (
        ScoreResult.objects.filter(patient=assessment.patient, replaced_at__isnull=True, at__lt=assessment.started_at)
        .exclude(assessment=assessment)
        .filter(assessment__stopped_at__isnull=True, value__isnull=False)
        .order_by("at", "pk")
    )
    found: dict[str, dict[str, Decimal | None]] = {}
    for row in rows:
        found.setdefault(row.instrument, {})[row.code] = row.value
    return found


def score_with(sheet: Sheet, instrument: Instrument, answers: Mapping[str, Value]) -> Score:
    """The score of one instrument if these were its answers."""
    changed = replace(sheet)
    changed.previous = sheet.previous
    changed.__dict__["given"] = sheet.given | {instrument.code: dict(answers)}
    return changed.score(instrument.code)


def section_of(assessment: Assessment, instrument: str, link_id: str) -> str | None:
    """In which section a question of an instrument is asked; None where it is not asked."""
    if assessment.kind != Assessment.COMPREHENSIVE:
        return instrument if instrument == assessment.kind else None
    for section in comprehensive.SECTIONS:
        for feed in section.feeds:
            if feed.instrument == instrument and any(
                inner.link_id == link_id for item in feed.items(shelf.get(instrument)) for inner in item.walk()
            ):
                return section.code
    return None


def title_of(assessment: Assessment, code: str) -> str:
    """What a section is called."""
    if assessment.kind == Assessment.COMPREHENSIVE:
        return comprehensive.section(code).title
    return shelf.title_of(code)


def kind_title(kind: str) -> str:
    """What an assessment is called."""
    return _("Comprehensive assessment") if kind == Assessment.COMPREHENSIVE else shelf.title_of(kind)


def freeze(assessment: Assessment, *, at: datetime) -> list[ScoreResult]:
    """Keep the scores of every instrument that was answered; one that changed is kept anew, the old one beside it."""
    sheet = sheet_of(assessment)
    made = []
    for code in sorted(sheet.instruments_used()):
        instrument = shelf.get(code)
        scored = sheet.score(code)
        for rule in instrument.rules.scores:
            is_first = rule is instrument.rules.scores[0]
            row = ScoreResult(
                assessment=assessment, patient=assessment.patient, instrument=code,
                instrument_version=instrument.version, code=rule.code, value=_decimal(scored.scores[rule.code]),
                band=(scored.band or "") if is_first else "", positive=scored.positive if is_first else None,
                complete=scored.complete, because=scored.incomplete_because, at=at,
                tags=sorted({*assessment.tags, *(instrument.by_link[link].sensitivity for link in rule.items)} - {""}),
            )  # fmt: skip
            if _is_kept(row, at):
                made.append(row)
    return made


def as_told(row: ScoreResult, sheet: Sheet) -> ScoreResult:
    """A kept score as it is told today: none where a birth date written down since makes a child of this person."""
    instrument = shelf.find(row.instrument)
    if instrument is not None and sheet.is_too_young(instrument):
        row.value, row.band, row.positive, row.because = None, "", None, sheet.why_not_scored(instrument)
    return row


def _is_kept(row: ScoreResult, at: datetime) -> bool:
    standing = ScoreResult.objects.filter(
        assessment=row.assessment, instrument=row.instrument, code=row.code, replaced_at__isnull=True
    ).first()
    if standing is not None:
        said = ("value", "band", "positive", "complete")
        if all(getattr(standing, name) == getattr(row, name) for name in said):
            return False
        standing.replaced_at = at
        standing.save(update_fields=["replaced_at"])
    row.save()
    return True


def _decimal(number: object) -> Decimal | None:
    return None if number is None else Decimal(str(number))
