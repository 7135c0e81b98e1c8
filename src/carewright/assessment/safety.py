"""
What may not wait: an answer that shows a danger raises its alarm in the same moment it is saved.

It does not ask whether the form is complete, whether the answer was set aside because a colleague had answered too, or
whether it came from another system. Danger to life, and what is due the same day, is an alarm; the rest is a task with its
due day.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from carewright.assessment import shelf
from carewright.assessment.models import Assessment
from carewright.enrollment.models import Enrollment
from carewright.kernel.calendar import business_days_after
from carewright.knowledge.instruments import DECLINED, Instrument, SafetyAlert, Score, Value
from carewright.staff.models import User
from carewright.tasks import actions as tasks
from carewright.tasks import alarms, sentences

ALARM_DUE = "same day"
END_OF_DAY = time(17, 0)
SOURCE = "assessment"


@dataclass(frozen=True)
class Raised:
    """An alert that was just raised, with what to do at once."""

    alert: SafetyAlert
    because: str


def raise_new(
    *, assessment: Assessment, instrument: str, before: Score | None, after: Score, answers: dict[str, Value],
    changed: str, by: User | str, at: datetime,
) -> list[Raised]:  # fmt: skip
    """Raise what the latest answer shows and what did not stand before, or stands on that very answer."""
    stood = {alert.code for alert in before.safety} if before else set()
    raised = []
    for alert in after.safety:
        if alert.code in stood and changed not in alert.shown_by:
            continue
        with override(None):  # kept, and read by others: as the house writes it
            because = f"{said(shelf.get(instrument), alert, answers)}{_from_where(assessment)}"
        if alert.severity == "critical" or alert.due == ALARM_DUE:
            _alarm(assessment, alert, because, by, at)
        else:
            _task(assessment, alert, because, by, at)
        raised.append(Raised(alert, because))
    return raised


def said(instrument: Instrument, alert: SafetyAlert, answers: dict[str, Value]) -> str:
    """Why it was raised, in a sentence: the title, and the answer when one question shows it."""
    shown = sentences.SHOWN.format(instrument=instrument.title, alert=alert.title)
    if len(alert.shown_by) != 1:
        return shown
    item = instrument.by_link[alert.shown_by[0]]
    words = value_words(instrument, item.link_id, answers.get(item.link_id))
    answered = sentences.ANSWER_TO_QUESTION if item.prefix else sentences.ANSWER_TO
    return f"{shown} {answered.format(number=item.prefix, question_text=item.text, answer=words)}"


def _from_where(assessment: Assessment) -> str:
    """Of answers another system sent: who sent them, and when they were given."""
    if assessment.reason != Assessment.Reason.RECEIVED:
        return ""
    day = timezone.localdate(assessment.started_at)
    received = sentences.RECEIVED_FROM if assessment.source else sentences.RECEIVED
    return f" {received.format(sender=assessment.source, day=f'{day:%b %-d, %Y}')}"


def value_words(instrument: Instrument, link_id: str, value: Value | None) -> str:
    """An answer as it is read: the words of the chosen answers, a number, a day, or what was typed."""
    item = instrument.by_link[link_id]
    if value is None:
        return ""
    if value is DECLINED:
        return _("Would not say")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(
        (item.by_code[str(one)].display or str(one)) if str(one) in item.by_code else str(one) for one in values
    )


def due_at(due: str, at: datetime) -> datetime:
    """The moment by which something is due: the end of that business day."""
    days = int(due.split()[0]) if due[0].isdigit() else 0
    day = business_days_after(timezone.localdate(at), days) if days else timezone.localdate(at)
    return max(end_of(day), at + timedelta(minutes=30))


def end_of(day: date) -> datetime:
    """The moment a business day ends."""
    return timezone.make_aware(datetime.combine(day, END_OF_DAY))


def _alarm(assessment: Assessment, alert: SafetyAlert, because: str, by: User | str, at: datetime) -> None:
    alarms.raise_alarm(
        patient=assessment.patient, code=alert.code, because=because,
        severity="now" if alert.severity == "critical" else "today",
        source_kind=SOURCE, source_public_id=assessment.public_id, by=by, at=at,
    )  # fmt: skip


def _task(assessment: Assessment, alert: SafetyAlert, because: str, by: User | str, at: datetime) -> None:
    """A concealed matter has a title that tells nothing; what it is stands with the assessment."""
    owner = _owner(assessment, by, at)
    if owner is None:
        # Nobody of ours asked it, and nobody leads this person: whoever is on call hears of it.
        _alarm(assessment, alert, because, by, at)
        return
    tells_nothing = alert.is_concealed or bool(assessment.tags)
    tasks.open_task(
        kind="safety_call" if alert.is_concealed else "new_result", patient=assessment.patient, owner_user=owner,
        title="Private follow-up" if tells_nothing else alert.title,
        why="See the assessment." if tells_nothing else because,
        due_at=due_at(alert.due, at), about_kind=f"assessment:{alert.code}", about_public_id=assessment.public_id,
        by=by, at=at,
    )  # fmt: skip


def _owner(assessment: Assessment, by: User | str, at: datetime) -> User | None:
    """Whoever asked; of what another system sent, whoever leads this person, never who brought the file in."""
    if assessment.reason != Assessment.Reason.RECEIVED:
        return by if isinstance(by, User) else assessment.started_by
    led = Enrollment.objects.at_work(timezone.localdate(at)).filter(patient=assessment.patient, lead__isnull=False)
    first = led.select_related("lead").order_by("starts_on", "pk").first()
    return first.lead if first else None
