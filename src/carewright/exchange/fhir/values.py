"""
Dates, moments and amounts as FHIR writes them, and what each becomes here.

* A **day** is the day the source wrote down, on its own clock: `2023-03-01T23:30:00-05:00` is March 1.
* A date may say only a year or a month (`2015`, `2015-06`). It is then kept as its first day, so that it can be sorted,
  *beside* what was written, so that a page never shows a precision nobody gave.
* A **moment** counts only when it carries a time zone; without one the day is all we know.
* A day that no calendar has (`2023-02-30`) raises `Unreadable`, and the resource is set aside.
"""

import datetime
import math
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

PARTIAL = re.compile(r"^\d{4}(-\d{2})?$")
WHOLE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
EARLIEST, LATEST = datetime.date(1800, 1, 1), datetime.date(2200, 1, 1)
ENOUGH = 50_000


@dataclass(eq=False)
class Unreadable(Exception):  # noqa: N818 (it names what the field is)
    """One field we use that does not read: which, what stood there, what was expected, how to mend it."""

    field: str
    found: str
    expected: str
    mend: str = "Ask the sender to correct it at the source."


class When(NamedTuple):
    """A date as we keep it: its day, its exact moment when known, and what was written when only part was given."""

    day: datetime.date | None
    moment: str | None
    written: str
    clock: str | None
    """The same as the source's clock showed it, without zone, for the warehouse."""


NEVER = When(None, None, "", None)
_seen: dict[str, When] = {}


def when(text: str | None, field: str) -> When:
    """Read a FHIR date, dateTime or instant; nothing written is `NEVER`."""
    if not text:
        return NEVER
    known = _seen.get(text) if isinstance(text, str) else None
    if known is None:
        known = _parse(text, field)
        if len(_seen) > ENOUGH:
            _seen.clear()
        _seen[text] = known
    return known


def _parse(text: Any, field: str) -> When:
    if not isinstance(text, str):
        raise Unreadable(field, repr(text)[:60], "a date in quotation marks, written YYYY-MM-DD")
    try:
        if PARTIAL.match(text):
            day = datetime.date(int(text[:4]), int(text[5:7] or 1), 1)
            found = When(day, None, text, f"{day}T00:00:00")
        elif WHOLE.match(text):
            day = datetime.date.fromisoformat(text)
            found = When(day, None, "", f"{text}T00:00:00")
        else:
            moment = datetime.datetime.fromisoformat(text)
            day = moment.date()
            # a moment we could not compare with others (no zone) is kept as its day
            zoned = moment.isoformat() if moment.tzinfo else None
            found = When(day, zoned, "", moment.replace(tzinfo=None).isoformat(timespec="microseconds"))
    except ValueError:
        raise Unreadable(
            field,
            text[:60],
            "a day that exists, written YYYY-MM-DD (a time and zone may follow)",
            "Ask the sender to correct it at the source.",
        ) from None
    if not EARLIEST <= day <= LATEST:
        # 0999-12-27 and 9999-12-31 are how some senders write "none"
        return NEVER
    return found


def day(text: str | None, field: str) -> datetime.date | None:
    """Only the day of a date."""
    return when(text, field).day


def text_of(value: Any) -> str | None:
    """Any simple JSON value as text; a whole number is written without its `.0`."""
    if value is None or value == "":
        return None
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def number(value: Any, field: str) -> float | None:
    """A number, also when it was written in quotation marks."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    if isinstance(value, float | int):
        return float(value)
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found):  # "NaN" and "1e999" are written by programs that had no number to write
        raise Unreadable(field, repr(value)[:60], "a number")
    return found


def whole(value: Any, field: str) -> int | None:
    """A whole number; days of supply written 30.0 are 30."""
    found = number(value, field)
    return None if found is None else round(found)


def money(value: dict[str, Any] | None, field: str) -> float | None:
    """An amount in US dollars; an amount in another currency is not read."""
    if not value or value.get("currency") not in (None, "USD"):
        return None
    return number(value.get("value"), field)


def zip_code(text: str | None) -> str | None:
    """A ZIP code as it lands: five digits, or ZIP+4 with its dash; anything else stays as written."""
    if not text:
        return None
    digits = text.replace("-", "").replace(" ", "")
    if digits.isdigit() and len(digits) == 9:
        return f"{digits[:5]}-{digits[5:]}"
    return text.strip()


def npi(text: Any) -> str | None:
    """A National Provider Identifier: ten digits, or nothing."""
    return text if isinstance(text, str) and len(text) == 10 and text.isdigit() else None
