"""
Counting days the way a clinic counts them: working days, and the federal holidays of the United States.

Nothing here reads the clock. The day is always handed in.
"""

from collections.abc import Container
from datetime import date, timedelta
from functools import cache

ONE_DAY = timedelta(days=1)
SATURDAY, SUNDAY = 5, 6


@cache
def federal_holidays(year: int) -> frozenset[date]:
    """
    The days of a year on which federal offices are closed; one that falls on a weekend is kept on the working day beside.

    >>> date(2026, 7, 3) in federal_holidays(2026)    # the Fourth is a Saturday
    True
    """
    fixed = [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)]
    kept = {_kept(date(each, month, day)) for each in (year, year + 1) for month, day in fixed}
    kept |= {
        _nth(year, 1, 0, 3), _nth(year, 2, 0, 3), _last(year, 5, 0), _nth(year, 9, 0, 1), _nth(year, 10, 0, 2),
        _nth(year, 11, 3, 4),
    }  # fmt: skip
    return frozenset(day for day in kept if day.year == year)


def is_business_day(day: date, also_closed: Container[date] = ()) -> bool:
    """
    Whether a clinic is open: not a weekend, not a federal holiday, not one of the site's own closed days.

    >>> is_business_day(date(2026, 3, 6)), is_business_day(date(2026, 3, 7))
    (True, False)
    """
    return day.weekday() < SATURDAY and day not in federal_holidays(day.year) and day not in also_closed


def business_days_after(start: date, count: int, also_closed: Container[date] = ()) -> date:
    """
    The date of the nth business day after `start`. The start itself never counts.

    >>> business_days_after(date(2026, 3, 6), 2)     # home on Friday, call by Tuesday
    datetime.date(2026, 3, 10)
    """
    day = start
    while count:
        day += ONE_DAY
        count -= is_business_day(day, also_closed)
    return day


def business_day_from(day: date, also_closed: Container[date] = ()) -> date:
    """The day itself when the clinic is open, otherwise the next day it is."""
    while not is_business_day(day, also_closed):
        day += ONE_DAY
    return day


def _kept(day: date) -> date:
    shift = {SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0)
    return day + shift * ONE_DAY


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _last(year: int, month: int, weekday: int) -> date:
    day = date(year, month, 31)
    return day - timedelta(days=(day.weekday() - weekday) % 7)
