"""When the next contact is proposed: after a talk as the script says, after a miss on another day at another time."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from carewright.contacts.models import Contact
from carewright.enrollment import reaching
from carewright.enrollment.models import Enrollment, OutreachEpisode
from carewright.kernel.calendar import business_day_from
from carewright.knowledge import outreach
from carewright.knowledge.scripts import Script
from carewright.registry.models import Patient

MORNING, LATER = time(9), time(16, 30)


@dataclass(frozen=True)
class Proposal:
    """The next contact as it is proposed, and why then; no moment when outreach plans it by its own rules."""

    at: datetime | None
    why: str


def is_asked_to_join(patient: Patient) -> bool:
    """Whether somebody is being asked to join and is in no program yet; outreach plans every call to them."""
    return is_being_reached(patient) and not Enrollment.objects.running().filter(patient=patient).exists()


def is_being_reached(patient: Patient) -> bool:
    """Whether outreach to somebody runs; it plans each next try by its own rules."""
    return OutreachEpisode.objects.running().filter(patient=patient).exists()


def after_talk(script: Script, *, is_asked: bool, at: datetime) -> Proposal:
    """The next contact once they were reached; `is_asked` when they are being asked to join."""
    if is_asked:
        return Proposal(None, _("planned by the outreach rules"))
    day = business_day_from(timezone.localdate(at) + script.again_after)
    return Proposal(_on(day, MORNING), _("%s days after this call") % script.again_after.days)


def after_miss(patient: Patient, *, is_reached_out_to: bool, at: datetime) -> Proposal:
    """The next attempt when nobody was reached: another day, another time of day, unless outreach plans it."""
    if is_reached_out_to:
        return Proposal(None, _("planned by the outreach rules"))
    zone = reaching.zone_of(patient)
    now = at.astimezone(zone)
    day = business_day_from(now.date() + timedelta(days=1))
    was_early = outreach.part_of(now) == outreach.Part.MORNING
    moment = datetime.combine(day, LATER if was_early else MORNING, zone)
    return Proposal(moment, _("another day, another time of day"))


def wants_another(ended: str) -> bool:
    """Whether nobody was reached, so that somebody tries again."""
    return ended in (
        Contact.Ended.LEFT_MESSAGE, Contact.Ended.NO_ANSWER, Contact.Ended.BUSY, Contact.Ended.LANGUAGE_BARRIER,
    )  # fmt: skip


def _on(day, hour: time) -> datetime:
    return datetime.combine(day, hour, timezone.get_current_timezone())
