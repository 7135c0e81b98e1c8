"""The clock of the organization: its time zone decides which day it is, in pages, jobs and commands alike."""

import time
import zoneinfo

from django.conf import settings
from django.utils import timezone

from carewright.staff.models import Organization

KEPT_FOR = 60.0
_known: tuple[float, str] = (0.0, "")


def time_zone() -> str:
    """The organization's time zone; until there is one, that of the settings. Asked of the database once a minute."""
    global _known
    asked_at, name = _known
    now = time.monotonic()
    if not name or now - asked_at > KEPT_FOR:
        stored = Organization.objects.values_list("time_zone", flat=True).first()
        name = stored if stored in zoneinfo.available_timezones() else settings.TIME_ZONE
        _known = (now, name)
    return name


def forget() -> None:
    """Ask again at the next need: the organization was changed."""
    global _known
    _known = (0.0, "")


def set_clock() -> None:
    """From here on, in this thread, days and times are those of the organization."""
    timezone.activate(zoneinfo.ZoneInfo(time_zone()))
