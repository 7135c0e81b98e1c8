"""
The months a demo history covers: the thirty whole months before the month of a day, and that month up to the day.

Days are whole numbers since January 1, 1970 (int32), as Arrow and Parquet store them.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

EPOCH = date(1970, 1, 1)
NEVER = np.int32(2_000_000)
"""A day nobody lives to see: the death of those who are alive."""


def number(day: date) -> int:
    """The day as a whole number."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The whole number as a day."""
    return EPOCH + timedelta(days=int(number))


def months_before(day: date, months: int) -> date:
    """The first day of the month that many months before the month of `day`."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, 1)


@dataclass(frozen=True)
class Calendar:
    """First and last day (inclusive) of every month of the history; the last month ends on `as_of`."""

    as_of: int
    firsts: np.ndarray
    lasts: np.ndarray

    @property
    def months(self) -> int:
        return len(self.firsts)

    @property
    def start(self) -> int:
        return int(self.firsts[0])


def ending(as_of: date, months: int = 30) -> Calendar:
    """The calendar of a history of that many whole months and the month of `as_of` up to that day."""
    firsts = [number(months_before(as_of, back)) for back in range(months, -1, -1)]
    lasts = [first - 1 for first in firsts[1:]] + [number(as_of)]
    return Calendar(as_of=number(as_of), firsts=np.array(firsts, dtype=np.int32), lasts=np.array(lasts, dtype=np.int32))
