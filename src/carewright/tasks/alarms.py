"""
Raising, accepting and closing safety alarms, and telling people of them until somebody has taken one on.

An alarm is raised inside the action that saw the danger. Whoever is on call is told at once; when nobody has accepted
within an hour (a setting), the next person is: the backup, then those who answer for the roster, one after another. A
page that fails is an alarm itself, and the next person is told without waiting.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from carewright.audit import actions as audit
from carewright.channel import actions as channel
from carewright.channel.models import Message
from carewright.kernel.errors import CannotDo, NotNow, NotPermitted
from carewright.registry.models import Patient
from carewright.staff import licences, roles
from carewright.staff.models import User
from carewright.staff.roles import Permission
from carewright.tasks import on_call, queries, sentences, sight
from carewright.tasks.models import Alarm, Paging

PAGE_FAILED = "page_failed"
SIGHT_FOR = timedelta(days=2)


def raise_alarm(
    *, patient: Patient, code: str, because: str, by: User | str, at: datetime, severity: str = Alarm.Severity.NOW,
    source_kind: str = "", source_public_id: UUID | None = None,
) -> Alarm:  # fmt: skip
    """
    Say that somebody may be in danger, and tell whoever is on call in the same moment.

    The same answer saved twice raises one alarm: while one of this code for this source is open, that one is answered.
    """
    source = {"code": code, "source_kind": source_kind, "source_public_id": source_public_id}
    if known := _open_from(**source):  # type: ignore[arg-type]
        return known
    alarm = Alarm(
        patient=patient, because=because.strip(), severity=severity, raised_at=at,
        raised_by=by if isinstance(by, User) else None, **source,
    )  # fmt: skip
    with transaction.atomic():
        try:
            with transaction.atomic(), audit.change(alarm, by=by, did="raise_alarm", why=code):
                pass
        except IntegrityError:
            # Somebody raised it in the same moment.
            if known := _open_from(**source):  # type: ignore[arg-type]
                return known
            raise
        if code != PAGE_FAILED:
            page_next(alarm=alarm, by=by, at=at)
    return alarm


def _open_from(*, code: str, source_kind: str, source_public_id: UUID | None) -> Alarm | None:
    if source_public_id is None:
        return None
    found = Alarm.objects.open().filter(code=code, source_kind=source_kind, source_public_id=source_public_id)
    return found.first()


def page_next(*, alarm: Alarm, by: User | str, at: datetime) -> Paging | None:
    """
    Tell the next person of an alarm: who is on call, the backup, then those who answer for the roster, and from the start.

    They may see the patient from then on, for two days. Nothing happens when there is nobody to tell; the page of alarms
    says so.
    """
    told = list(alarm.pagings.order_by("step").values_list("user", flat=True))
    people = on_call.whom_to_tell(at)
    if not people:
        audit.happened("nobody_to_page", audit.name_of(alarm), by=by, patient_ids=[alarm.patient_id])
        return None
    fresh = [person for person in people if person.pk not in told]
    person = fresh[0] if fresh else people[len(told) % len(people)]
    template = "alarm" if not told else "alarm_next"
    with transaction.atomic():
        _let_see(person, alarm.patient, by=by, at=at)
        message = channel.send(
            to=person, kind="page", template=template, by=by, at=at, patient=alarm.patient,
            values={"time": f"{timezone.localtime(alarm.raised_at):%-I:%M %p}"}, about=("alarm", alarm.public_id),
        )  # fmt: skip
        paging = Paging(alarm=alarm, patient=alarm.patient, user=person, step=len(told) + 1, message=message, at=at)
        with audit.change(paging, by=by, did="page", why=f"step {paging.step}"):
            pass
    return paging


def _let_see(person: User, patient: Patient, *, by: User | str, at: datetime) -> None:
    """Whoever is told of an alarm may open the patient: a tie for two days, as a stand-in."""
    sight.let_see(person, patient, until=at + SIGHT_FOR, by=by, at=at, why="told of a safety alarm")


def escalate_alarms(*, at: datetime, by: str) -> list[Paging]:
    """
    Tell the next person of every alarm that nobody accepted in time; called each minute.

    A page that could not be delivered is an alarm of its own, and the next person is told at once. So it is with an
    alarm whose keeper has left: an account that is closed keeps nothing.
    """
    _keep_in_sight(at=at, by=by)
    patience = timedelta(minutes=settings.CHANNEL.alarm_minutes)
    told = []
    for pk in list(
        Alarm.objects.not_accepted().exclude(code=PAGE_FAILED).order_by("raised_at").values_list("pk", flat=True)
    ):
        with transaction.atomic():
            alarm = Alarm.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if alarm is None or alarm.closed_at is not None or (alarm.accepted_by and alarm.accepted_by.is_active):
                continue
            latest = alarm.pagings.order_by("-step").select_related("message", "user").first()
            if latest is not None and _has_failed(latest) and latest.failure_noted_at is None:
                _note_failure(latest, by=by, at=at)
            elif latest is not None and latest.at > at - patience:
                continue
            if paging := page_next(alarm=alarm, by=by, at=at):
                told.append(paging)
    return told


def _keep_in_sight(*, at: datetime, by: str) -> None:
    """Let whoever took an open alarm on see the patient for as long as it is open; being told of it gave two days."""
    kept = Alarm.objects.open().filter(accepted_by__is_active=True).select_related("accepted_by", "patient")
    for alarm in kept:
        _let_see(alarm.accepted_by, alarm.patient, by=by, at=at)  # type: ignore[arg-type]


def _has_failed(paging: Paging) -> bool:
    return paging.message.state in (Message.State.FAILED, Message.State.REFUSED)


def _note_failure(paging: Paging, *, by: str, at: datetime) -> None:
    with audit.change(paging, by=by, did="note_failed_page"):
        paging.failure_noted_at = at
    raise_alarm(
        patient=paging.patient,
        code=PAGE_FAILED,
        by=by,
        at=at,
        source_kind="paging",
        source_public_id=paging.public_id,
        because=sentences.PAGE_FAILED.format(
            person=paging.user.name, page_trouble=paging.message.said or gettext_noop("the page did not arrive.")
        ),
    )


def accept(*, alarm: Alarm, by: User, at: datetime) -> Alarm:
    """
    Take an alarm on: from now on it is yours, and nobody else is told. A colleague may take it over from you.

    Only who is told what was answered takes it on: nobody else could act on it, and the next person would not be told.
    """
    _must_work(by)
    _must_hear(by)
    if alarm.closed_at is not None:
        raise NotNow(_("This alarm was closed by %(name)s.") % {"name": alarm.name})
    if alarm.accepted_by_id == by.pk:
        return alarm
    with audit.change(alarm, by=by, did="accept_alarm"):
        alarm.accepted_at, alarm.accepted_by = at, by
    return alarm


def close_alarm(*, alarm: Alarm, disposition: str, words: str, by: User, at: datetime) -> Alarm:
    """
    Close an alarm: a clinician writes what was done, and signs with name, credential and time.

    Nothing else closes one. Name and credential are kept as they are today, whatever becomes of the account; and so is
    what is on file of the licence. One that ran out stops nobody here, because safety goes first, and stands on record.
    """
    if isinstance(by, str):
        raise NotPermitted(_("An alarm is closed by a clinician, never by the house itself."))
    _must_work(by)
    _must_hear(by)
    if alarm.closed_at is not None:
        raise NotNow(_("This alarm was closed by %(name)s.") % {"name": alarm.name})
    if disposition not in Alarm.Disposition.values:
        raise CannotDo(_("Say what was done: choose one of the list."))
    if not words.strip():
        raise CannotDo(_("Write what was done, with whom, and what comes next."))
    if not by.credential.strip():
        raise NotPermitted(
            _(
                "An alarm is closed by somebody with a clinical credential (RN, LCSW, MD). Your account has none; ask a "
                "clinician, or the administrator to add yours."
            )
        )
    with audit.change(alarm, by=by, did="close_alarm", why=disposition):
        alarm.accepted_at, alarm.accepted_by = alarm.accepted_at or at, alarm.accepted_by or by
        alarm.closed_at, alarm.closed_by = at, by
        alarm.disposition, alarm.disposition_words = disposition, words.strip()
        alarm.name, alarm.credential = by.name, by.credential.strip()
        alarm.licence = licences.of(by, on=timezone.localdate(at)).said
    return alarm


def _must_hear(by: User) -> None:
    if not queries.hears_alarms(by):
        raise NotPermitted(_("What was answered is not open to your role, so you cannot take this on or close it. Tell "
                           "whoever is on call."))  # fmt: skip


def _must_work(by: User) -> None:
    if not roles.allows(by, Permission.WORK_TASKS):
        raise NotPermitted(_("Alarms are taken on by those who look after patients."))
