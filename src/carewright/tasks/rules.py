"""
How pressing a task is, from values alone: urgency (how little time is left) times consequence (what waiting costs).

Both run from 1 to 5. Neither is stored: they are read off the clock whenever somebody looks.
"""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LEFT: tuple[tuple[timedelta, int], ...] = ((4 * HOUR, 5), (DAY, 4), (3 * DAY, 3), (7 * DAY, 2))
"""With at most so much time left, a task is that urgent; with more, 1."""

LONGEST_SNOOZE = 30 * DAY


def urgency(due_at: datetime, at: datetime, *, escalated: bool = False) -> int:
    """
    How little time is left, 1 to 5; what is late or escalated is 5.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    >>> [urgency(noon + left, noon) for left in (-DAY, HOUR, 20 * HOUR, 2 * DAY, 5 * DAY, 30 * DAY)]
    [5, 5, 4, 3, 2, 1]
    """
    if escalated:
        return 5
    left = due_at - at
    return next((number for limit, number in LEFT if left <= limit), 1)


def rank(*, urgency: int, consequence: int) -> int:
    """The place in a worklist: the product, 1 to 25; the higher comes first."""
    return urgency * consequence


def time_left(due_at: datetime, at: datetime) -> str:
    """
    How late it is or how much time is left, in words.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    >>> time_left(noon - 2 * DAY, noon), time_left(noon + 90 * timedelta(minutes=1), noon), time_left(noon + 4 * DAY, noon)
    ('2 days late', '1 hour left', '4 days left')
    """
    late = due_at < at
    number, unit = _amount(abs(due_at - at))
    said = {
        "d": ngettext("%(n)d day", "%(n)d days", number),
        "h": ngettext("%(n)d hour", "%(n)d hours", number),
        "m": ngettext("%(n)d minute", "%(n)d minutes", number),
    }[unit] % {"n": number}
    return (_("%(time)s late") if late else _("%(time)s left")) % {"time": said}


def _amount(span: timedelta) -> tuple[int, str]:
    if span >= DAY:
        return span // DAY, "d"
    if span >= HOUR:
        return span // HOUR, "h"
    return span // timedelta(minutes=1), "m"
