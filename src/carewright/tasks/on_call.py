"""Who answers alarms, hour by hour: shifts with a backup, and the hours nobody covers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from carewright.audit import actions as audit
from carewright.kernel.errors import CannotDo, NotNow
from carewright.staff import roles
from carewright.staff.models import User
from carewright.staff.roles import Permission
from carewright.tasks import queries
from carewright.tasks.models import OnCallShift

LONGEST = timedelta(days=14)
AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class Gap:
    """A stretch in which nobody is on call."""

    starts_at: datetime
    ends_at: datetime

    @property
    def hours(self) -> float:
        """How long it is."""
        return (self.ends_at - self.starts_at) / timedelta(hours=1)


def add_shift(*, user: User, backup_user: User, starts_at: datetime, ends_at: datetime, by: User) -> OnCallShift:
    """Put somebody on call from one moment up to another, with somebody else who stands in."""
    shift = OnCallShift(user=user, backup_user=backup_user, starts_at=starts_at, ends_at=ends_at)
    _check(shift)
    return _saved(shift, by=by, did="add_shift")


def change_shift(
    *, shift: OnCallShift, user: User, backup_user: User, starts_at: datetime, ends_at: datetime, by: User, at: datetime
) -> OnCallShift:
    """Change who is on call or when. What has been is not rewritten: of a running shift only people and end change."""
    if shift.ends_at <= at:
        raise NotNow(_("This shift is over; it stays as it was."))
    if shift.starts_at <= at and starts_at != shift.starts_at:
        raise NotNow(_("This shift has begun; its beginning stays as it was."))
    shift.user, shift.backup_user, shift.starts_at, shift.ends_at = user, backup_user, starts_at, ends_at
    _check(shift)
    return _saved(shift, by=by, did="change_shift")


def end_shift(*, shift: OnCallShift, by: User, at: datetime) -> OnCallShift | None:
    """Take a shift that is still to come off the roster, or end one that runs; what has been stays."""
    if shift.ends_at <= at:
        raise NotNow(_("This shift is over; it stays as it was."))
    if shift.starts_at < at:
        shift.ends_at = at
        return _saved(shift, by=by, did="end_shift")
    audit.happened(
        "remove_shift", audit.name_of(shift), by=by,
        after={"starts_at": shift.starts_at.isoformat(), "ends_at": shift.ends_at.isoformat()},
    )  # fmt: skip
    shift.delete()
    return None


def _check(shift: OnCallShift) -> None:
    if shift.ends_at <= shift.starts_at:
        raise CannotDo(_("A shift ends after it starts."))
    if shift.ends_at - shift.starts_at > LONGEST:
        raise CannotDo(_("A shift is 14 days long at most."))
    if shift.user == shift.backup_user:
        raise CannotDo(_("The backup must be another person."))
    for person in (shift.user, shift.backup_user):
        if not person.is_active:
            raise CannotDo(_("%(person)s no longer works here. Choose somebody else.") % {"person": person.name})
        if not roles.allows(person, Permission.WORK_TASKS):
            raise CannotDo(
                _("%(person)s does not look after patients and cannot be on call.") % {"person": person.name}
            )
        if not queries.hears_alarms(person):
            raise CannotDo(
                _("What alarms tell is not open to the role of %(person)s. Choose somebody else.")
                % {"person": person.name}
            )


def _saved(shift: OnCallShift, *, by: User, did: str) -> OnCallShift:
    try:
        with audit.change(shift, by=by, did=did):
            pass
    except ValidationError as refusal:
        raise NotNow(" ".join(refusal.messages)) from refusal
    return shift


def at(moment: datetime) -> OnCallShift | None:
    """The shift that runs at a moment."""
    return OnCallShift.objects.at(moment).select_related("user", "backup_user").first()


def whom_to_tell(moment: datetime) -> list[User]:
    """
    Whom an alarm is told to, in order: who is on call, the backup, then everyone who answers for the roster.

    Somebody whose account was closed is passed over.
    """
    shift = at(moment)
    people = [shift.user, shift.backup_user] if shift else []
    may = [role.code for role in roles.who_may(Permission.MANAGE_ON_CALL)]
    people += list(User.objects.filter(is_active=True, role__in=may).order_by("pk"))
    return [person for person in dict.fromkeys(people) if person.is_active]


def gaps(*, since: datetime, until: datetime) -> list[Gap]:
    """The stretches between two moments in which nobody is on call."""
    return uncovered(
        OnCallShift.objects.touching(since, until).order_by("starts_at").values_list("starts_at", "ends_at"),
        since=since, until=until,
    )  # fmt: skip


def uncovered(spans: Iterable[tuple[datetime, datetime]], *, since: datetime, until: datetime) -> list[Gap]:
    """What spans, in the order of their beginning, leave open between two moments."""
    found, reached = [], since
    for starts_at, ends_at in spans:
        if starts_at > reached:
            found.append(Gap(reached, min(starts_at, until)))
        reached = max(reached, ends_at)
    if reached < until:
        found.append(Gap(reached, until))
    return [gap for gap in found if gap.ends_at > gap.starts_at]


def gaps_ahead(moment: datetime) -> list[Gap]:
    """The hours of the coming week that nobody covers."""
    return gaps(since=moment, until=moment + AHEAD)


def gap_count(user: User) -> int:
    """How many uncovered stretches the coming week has; for the sidebar."""
    return len(gaps_ahead(timezone.now()))


def shifts_between(since: datetime, until: datetime) -> list[OnCallShift]:
    """The shifts of which a part lies between two moments, in order."""
    found = OnCallShift.objects.touching(since, until).select_related("user", "backup_user")
    return list(found.order_by("starts_at"))
