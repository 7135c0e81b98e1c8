"""
When something may be sent, from values alone: hours by the patient's own clock, and how often.

Source: 47 USC 227 and 47 CFR 64.1200 with the FCC's health-care exemption (order of July 10, 2015): free to the end
user, one message a day and three a week, at most 160 characters, opt-out honored at once. The hours 8 AM to 9 PM hold
in law for telephone solicitation; here they hold for every text that is not an answer.
"""

import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def in_hours(at: datetime, zone: ZoneInfo, *, first: int, until: int) -> bool:
    """
    Whether a clock on the patient's wall stands between two hours; the second no longer counts.

    >>> from datetime import UTC
    >>> boston = ZoneInfo("America/New_York")
    >>> [in_hours(datetime(2026, 11, 23, hour, minute, tzinfo=boston), boston, first=8, until=21)
    ...  for hour, minute in ((7, 59), (8, 0), (20, 59), (21, 0))]
    [False, True, True, False]
    """
    return first <= at.astimezone(zone).hour < until


def next_opening(at: datetime, zone: ZoneInfo, *, first: int) -> datetime:
    """The next moment at which that hour strikes on the patient's clock: today's, or else tomorrow's."""
    local = at.astimezone(zone)
    opening = datetime.combine(local.date(), time(first), tzinfo=zone)
    if opening <= local:
        opening = datetime.combine(local.date() + timedelta(days=1), time(first), tzinfo=zone)
    return opening.astimezone(at.tzinfo)


def too_often(sent: Iterable[datetime], at: datetime, zone: ZoneInfo, *, a_day: int, a_week: int) -> str:
    """
    Which limit one more text would break: `day`, `week`, or none.

    A day is the patient's calendar day; a week is today and the six days before it.
    """
    today = at.astimezone(zone).date()
    days = [moment.astimezone(zone).date() for moment in sent]
    if sum(day == today for day in days) >= a_day:
        return "day"
    return "week" if sum(today - timedelta(days=6) <= day <= today for day in days) >= a_week else ""


PRIVATE = re.compile(
    r"\b(phq|gad-?7|audit-c|mini-cog|hcc|risk score|score of|diabet\w*|cancer\w*|hiv|aids|copd|asthma|stroke|dementia|"
    r"depress\w*|anxiety|bipolar|schizo\w*|suicid\w*|opioid\w*|methadone|buprenorphine|alcohol\w*|addict\w*|substance|"
    r"pregnan\w*|abortion|hepatitis|kidney|dialysis|heart failure|hospice|overdose|abuse|violence|insulin|metformin|"
    r"embaraz\w*|diabetes|c[aá]ncer|depresi[oó]n|suicidi\w*|violencia|adicci\w*|ri[nñ][oó]n)\b",
    re.IGNORECASE,
)
"""Words that say how somebody is. None may stand in what is sent in the open."""


def says_too_much(text: str, *, names: Iterable[str] = ()) -> str:
    """
    The first private word in a text, or the name of a program; nothing when it says none.

    >>> says_too_much("Call us about your Diabetes visit"), says_too_much("Please call us.")
    ('Diabetes', '')
    """
    if found := PRIVATE.search(text):
        return found.group()
    low = text.casefold()
    return next((name for name in names if name and name.casefold() in low), "")
