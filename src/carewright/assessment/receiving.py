"""
Answers that another system sent: kept as they came, with their source and their day, and looked at for danger at once.

They are finished when they come, for nothing more is asked, and their day is the day they were given, so that an old
answer never outweighs a newer one. The same answers twice change nothing. When their sender corrects them the corrected
ones count; when it takes them back, none do. What they showed stays in the story, and an alarm they raised stays open.

An adult's instrument about a child is kept and looked at for danger like any other; it is not scored (`sheet`). Nobody of
us asked it, and what was said is no less a danger.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import F, Func, Q, QuerySet
from django.db.models import Value as Constant
from django.utils.translation import gettext as _

from carewright.assessment import learned, prefill, results, safety, shelf
from carewright.assessment.models import Answer, Assessment, RecordedFact, ScoreResult, Section, Source
from carewright.assessment.sheet import Sheet, age_on, day_of
from carewright.audit import actions as audit
from carewright.kernel.errors import CannotDo
from carewright.knowledge import instruments
from carewright.knowledge.instruments import Instrument, Score, Value
from carewright.registry.models import Patient
from carewright.staff.models import User

CORRECTED = "The sender corrected it."
TAKEN_BACK = "The sender took it back: entered in error."


@dataclass(frozen=True)
class Sent:
    """
    Where received answers come from.

    `source` is the feed and `external_id` its number for them, `answered_at` when they were given, `who` whose words they
    are and `answered_by` who that was as the sender says, `evidence` the delivery and line, `received_seq` its place in
    the order of receipt, `tags` what the sender marked as sensitive.
    """

    source: str
    external_id: str
    answered_at: datetime
    who: str = Source.RECORD
    answered_by: str = ""
    evidence: str = ""
    received_seq: int = 0
    tags: frozenset[str] = frozenset()

    @property
    def order(self) -> tuple[int, int]:
        """Its place among everything received: the delivery, then the line."""
        return _order(self.received_seq, self.evidence)


@dataclass(frozen=True)
class Taken:
    """What became of received answers: the assessment that now holds them, and whether it is `new`, `changed` or `same`."""

    assessment: Assessment
    outcome: str
    is_scored: bool = True
    """Whether it is scored; an adult's instrument about a child is not."""


@transaction.atomic
def receive(
    *, patient: Patient, instrument: str, answers: Mapping[str, object], by: User | str, at: datetime,
    sent: Sent | None = None,
) -> Taken:  # fmt: skip
    """
    Keep answers that another system sent (a FHIR QuestionnaireResponse, or question and answer); dangers are raised now.

    An adult's instrument about a child is kept without a score. A response without an answer is refused.
    """
    found = shelf.get(instrument)
    read = instruments.read(found, answers, where=f"answers to {instrument}")
    if not read:
        raise CannotDo(_("There is no answer to %(instrument)s in it.") % {"instrument": _(found.title)})
    given_at = min(sent.answered_at, at) if sent else at
    age = age_on(patient.born_on, day_of(given_at))
    is_scored = age is None or found.adult_from is None or age >= found.adult_from
    outcome = "new"
    if sent is not None and (known := _known(sent.source, sent.external_id)) is not None:
        if sent.order <= _order_of(known) or _says_the_same(known, patient, found, read, given_at):
            return Taken(known, "same", is_scored)
        if known.stopped_at is None:
            _take_back(known, because=CORRECTED, evidence=known.evidence, seq=known.received_seq, by=by, at=at)
        outcome = "changed"
    made = _keep(patient, found, read, given_at, sent, by=by, at=at)
    _look_for_danger(made, found, read, by=by, at=at)
    results.freeze(made, at=given_at)
    return Taken(made, outcome, is_scored)


@transaction.atomic
def take_back(
    *, source: str, external_id: str, evidence: str, received_seq: int, by: User | str, at: datetime
) -> Assessment | None:
    """Their sender says they were entered in error: they are kept, and count for nothing. None when we never had them."""
    known = _known(source, external_id)
    if known is None or _order(received_seq, evidence) <= _order_of(known):
        return None
    return _take_back(known, because=TAKEN_BACK, evidence=evidence, seq=received_seq, by=by, at=at)


@transaction.atomic
def file_taken_back(*, delivery_id: str, because: str, by: User | str, at: datetime) -> int:
    """
    The file these answers came in was taken back: they are kept and count for nothing, and those they had corrected or
    taken back count again. An alarm they raised stays open. Answers how many stopped counting; safe to do again.
    """
    came_with = Assessment.objects.filter(evidence__startswith=f"{delivery_id}:").exclude(external_id="")
    stopped = 0
    for known in came_with.filter(stopped_because=TAKEN_BACK):
        _stands_again(known, by=by)
    for known in came_with.filter(stopped_at__isnull=True).select_for_update():
        earlier = (
            Assessment.objects.filter(source=known.source, external_id=known.external_id, received_seq__lt=known.received_seq)
            .order_by("-received_seq", "-pk").first()
        )  # fmt: skip
        _take_back(known, because=because, evidence=known.evidence, seq=known.received_seq, by=by, at=at)
        if earlier is not None and earlier.stopped_because == CORRECTED:
            _stands_again(earlier, by=by)
        stopped += 1
    return stopped


def protect(
    *, what: str, by: User | str, at: datetime, source: str = "", evidence: Iterable[tuple[str, int]] = (),
    deliveries: Collection[str] = (), patients: Iterable[int] = (),
) -> int:  # fmt: skip
    """
    A source was declared to be protected by 42 CFR Part 2: what assessments hold from it is closed to everyone.

    That are answers it sent (all of a feed, or those that stand on the landed rows in `evidence`), what was laid ready
    from its `deliveries` or those rows, and what was laid ready from anything for `patients`, of whom it said anything: which claims a fact counts is not known to the last one, so
    all of theirs that nobody has confirmed closes. What the patients themselves said to us stands. Answers how much it was.
    """
    places = {f"{delivery_id}:{line}" for delivery_id, line in evidence}
    asked = set(patients) & set(Assessment.objects.order_by().values_list("patient", flat=True).distinct())
    tag = Func(F("tags"), Constant("part2"), function="array_append")
    closed: dict[str, int] = {}

    def rests(evidence_ids: str) -> bool:
        return any(one in places or one.partition(":")[0] in deliveries for one in evidence_ids.split(";"))

    def close(rows: QuerySet, **also) -> None:
        count = rows.exclude(tags__contains=["part2"]).update(tags=tag, **also)
        name = str(rows.model._meta.model_name)
        closed.update({name: closed.get(name, 0) + count} if count else {})

    with transaction.atomic():
        sent = Assessment.objects.filter(Q(source=source) & ~Q(source="") | Q(evidence__in=places) & ~Q(evidence=""))
        ids = list(sent.values_list("pk", flat=True))
        close(Answer.objects.filter(assessment__in=ids))
        close(ScoreResult.objects.filter(assessment__in=ids))
        close(Assessment.objects.filter(pk__in=ids))
        of_them = RecordedFact.objects.filter(patient__in=asked)
        close(of_them.filter(confirmed_at__isnull=True))
        stands_on = [fact.pk for fact in of_them.exclude(evidence="") if rests(fact.evidence)]
        close(RecordedFact.objects.filter(pk__in=stands_on))
        laid_ready = Answer.objects.filter(patient__in=asked, source=Source.RECORD, confirmed_at__isnull=True)
        close(laid_ready.filter(replaced_at__isnull=True, source_words__startswith=prefill.CLAIM), replaced_at=at)
        if closed:
            audit.happened("protected", what, by=by, after={"part2": closed})
    return sum(closed.values())


def _stands_again(known: Assessment, *, by) -> None:
    with audit.change(known, by=by, did="assessment_stands_again"):
        known.stopped_at = known.stopped_because = None


def _known(source: str, external_id: str) -> Assessment | None:
    """What stands of these answers, else the latest that was taken back."""
    rows = Assessment.objects.filter(source=source, external_id=external_id).exclude(external_id="").select_for_update()
    return rows.filter(stopped_at__isnull=True).first() or rows.order_by("-received_seq", "-pk").first()


def _order_of(known: Assessment) -> tuple[int, int]:
    return _order(known.received_seq or 0, known.evidence)


def _order(seq: int, evidence: str) -> tuple[int, int]:
    line = evidence.rpartition(":")[2]
    return seq, int(line) if line.isdigit() else 0


def _says_the_same(
    known: Assessment, patient: Patient, found: Instrument, read: dict[str, Value], given_at: datetime
) -> bool:
    if known.stopped_at is not None or known.patient_id != patient.pk or known.kind != found.code:
        return False
    before = {row.link_id: row.value for row in known.answers.standing()}  # type: ignore[attr-defined]
    return before == read and known.started_at == given_at


def _take_back(known: Assessment, *, because: str, evidence: str, seq: int | None, by, at: datetime) -> Assessment:
    with audit.change(known, by=by, did="take_back_assessment", why=because):
        known.stopped_at, known.stopped_because = known.stopped_at or at, because
        known.evidence, known.received_seq = evidence, seq
    return known


def _keep(
    patient: Patient, found: Instrument, read: dict[str, Value], given_at: datetime, sent: Sent | None, *,
    by: User | str, at: datetime,
) -> Assessment:  # fmt: skip
    from_whom = sent or Sent("", "", given_at)
    made = Assessment(
        patient=patient, kind=found.code, version=found.version, reason=Assessment.Reason.RECEIVED,
        mode=Assessment.Mode.RECEIVED, started_at=given_at, received_at=at, source=from_whom.source,
        external_id=from_whom.external_id, evidence=from_whom.evidence, received_seq=from_whom.received_seq,
        answered_by=from_whom.answered_by, tags=sorted(from_whom.tags),
    )  # fmt: skip
    with audit.change(made, by=by, did="receive_assessment"):
        pass
    section = Section.objects.create(
        assessment=made, patient=patient, code=found.code, status=Section.Status.DONE, at=given_at
    )
    rows = []
    for link_id, value in read.items():
        item = found.by_link[link_id]
        row = Answer(
            assessment=made, section=section, patient=patient, instrument=found.code, instrument_version=found.version,
            link_id=link_id, source=from_whom.who, source_words=from_whom.source, at=given_at, confirmed_at=at,
            tags=sorted(from_whom.tags | ({item.sensitivity} if item.sensitivity else set())),
        )  # fmt: skip
        prefill.put_value(row, item, value)
        rows.append(row)
    Answer.objects.bulk_create(rows)
    for row in rows:
        learned.beware(answer=row, by=by, at=at)
    made.finished_at = given_at
    made.save(update_fields=["finished_at"])
    return made


def _look_for_danger(made: Assessment, found: Instrument, read: dict[str, Value], *, by, at: datetime) -> None:
    """Raise what the answers show, all of them together; not what a newer answer to the same question has overtaken."""
    if not found.rules.alerts:
        return
    sheet = Sheet.read(made, on=day_of(made.started_at))
    sheet.previous = results.previous_scores(made)  # type: ignore[assignment]
    after = _not_overtaken(made, sheet.score(found.code))
    safety.raise_new(
        assessment=made, instrument=found.code, before=None, after=after, answers=dict(read), changed="", by=by, at=at
    )


def _not_overtaken(made: Assessment, score: Score) -> Score:
    if not score.safety:
        return score
    newer = set(
        Answer.objects.standing()
        .filter(patient=made.patient, instrument=made.kind, at__gt=made.started_at, assessment__stopped_at__isnull=True)
        .values_list("link_id", flat=True)
    )
    return replace(score, safety=tuple(one for one in score.safety if not set(one.shown_by) <= newer))
