"""What came in or came back at the gate becomes somebody's reminder: texts to be read, things that did not arrive."""

from datetime import datetime, time, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import override

from carewright.access.models import Tie
from carewright.channel.models import IncomingText, Kind, Message
from carewright.kernel.calendar import business_day_from, is_business_day
from carewright.registry.models import Patient
from carewright.staff import roles
from carewright.staff.models import Team, User
from carewright.staff.roles import Permission
from carewright.tasks import actions, sentences
from carewright.tasks.models import Task

LOOKED_BACK = timedelta(days=30)
TEXT, MESSAGE = "incoming_text", "message"
OPENS, CLOSES, LAST_READ = 8, 17, time(16)
ANSWERED_WITHIN, FIRST_THING = timedelta(hours=4), timedelta(hours=1)


def open_for_arrivals(*, at: datetime, by: str) -> list[Task]:
    """Open a task for every text a person must read and for every message that failed, each once."""
    since = at - LOOKED_BACK
    texts = IncomingText.objects.filter(
        read_as__in=[IncomingText.ReadAs.WORDS, IncomingText.ReadAs.HELP], at__gte=since
    )
    failed = Message.objects.filter(state=Message.State.FAILED, failed_at__gte=since).exclude(kind=Kind.PAGE)
    opened = []
    for text in texts.filter(~_has_task(TEXT)).select_related("patient").order_by("at"):
        opened += _remind(
            "answer_text", sentences.TEXT_CAME_IN.format(time=f"{timezone.localtime(text.at):%-I:%M %p}"),
            text.patient, (TEXT, text.public_id), by=by, at=at, due_at=answer_by(at),
        )  # fmt: skip
    for message in failed.filter(~_has_task(MESSAGE)).select_related("patient").order_by("failed_at"):
        with override(None):  # a reminder is kept, and read by others: as the house writes it
            why = sentences.NOT_ARRIVED.format(way=message.get_kind_display(), trouble=message.said)
        opened += _remind("failed_message", why, message.patient, (MESSAGE, message.public_id), by=by, at=at)
    return opened


def _has_task(kind: str) -> Exists:
    return Exists(Task.objects.filter(about_kind=kind, about_public_id=OuterRef("public_id")))


def answer_by(at: datetime) -> datetime:
    """
    By when a text is answered: within four hours while somebody reads them, else first thing on the next working day.

    Whoever writes at night is told that nobody reads texts then; a reminder that is due at two in the morning would only
    be late for everybody.
    """
    here = timezone.localtime(at)
    if is_business_day(here.date()) and time(OPENS) <= here.time() < LAST_READ:
        return min(here + ANSWERED_WITHIN, here.replace(hour=CLOSES, minute=0, second=0, microsecond=0))
    day = here.date() if here.time() < time(OPENS) else here.date() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(business_day_from(day), time(OPENS))) + FIRST_THING


def _remind(
    kind: str, why: str, patient: Patient | None, about: tuple, *, by: str, at: datetime, due_at: datetime | None = None
) -> list[Task]:
    owner = owner_for(patient, on=timezone.localdate(at))
    if owner is None:
        return []  # nobody works here yet; the next minute asks again
    mine = {"owner_user": owner} if isinstance(owner, User) else {"owner_team": owner}
    return [actions.open_task(
        kind=kind, patient=patient, why=why, about_kind=about[0], about_public_id=about[1], by=by, at=at, due_at=due_at,
        **mine,
    )]  # type: ignore[arg-type]  # fmt: skip


def owner_for(patient: Patient | None, *, on) -> User | Team | None:
    """
    Whose work something about a patient is when nobody is named: who leads their care, else a team that looks after them.

    For somebody without either, and for a number nobody knows: a team that answers for everyone, else any team, else
    somebody who leads one.
    """
    ties = Tie.objects.on(on).select_related("user", "team").order_by("pk")
    if patient is not None:
        own = ties.filter(patient=patient)
        for tie in own.filter(because=Tie.Because.CASELOAD, user__is_active=True):
            return tie.user
        for tie in own.filter(team__isnull=False):
            return tie.team
        for tie in ties.filter(team__isnull=False, population=f"payer:{patient.payer}"):
            return tie.team
    for tie in ties.filter(team__isnull=False, population__isnull=False):
        return tie.team
    if team := Team.objects.order_by("pk").first():
        return team
    may = [role.code for role in roles.who_may(Permission.SEE_TEAM)]
    return User.objects.filter(is_active=True, role__in=may).order_by("pk").first()
