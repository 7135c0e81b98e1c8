"""
Where a fact of the records stands, said in the reader's language.

It is kept in English, as it was laid ready: whoever reads the assessment later may read another language than whoever
began it.
"""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop, ngettext

from carewright.plumbing.wording import Group, Phrases

SAID: Group = (
    lambda n: ngettext("{n} claim, latest {day}", "{n} claims, latest {day}", n),
    lambda n: ngettext("{n} claim", "{n} claims", n),
    gettext_noop("Claim, latest {day}"),
    gettext_noop("Claim {day}"),
    gettext_noop("Claim"),
    gettext_noop("Asked {day}"),
    gettext_noop("Coverage file"),
    gettext_noop("Written down when they came to us"),
    gettext_noop("{kind} {day}, {days} days"),
    gettext_noop("{kind} {day}"),
    gettext_noop("{source}, since {day}"),
)
"""Each way it is written."""


def _day(written: str) -> str:
    return date_format(datetime.strptime(written, "%b %d, %Y").date(), "M j, Y")  # noqa: DTZ007 - a day, no moment


PHRASES = Phrases(
    {"day": r"[A-Z][a-z]{2} \d{1,2}, \d{4}", "kind": "Ordered|Dispensed|Reported|Administered", "source": ".+"},
    {"day": _day, "kind": gettext},
)


def where_said(kept: str) -> str:
    """
    Where a fact stands, in words; the bare name of a source stays as it is.

    >>> where_said("24 claims, latest Nov 3, 2025"), where_said("Mercy, since Mar 6, 2024"), where_said("Mercy")
    ('24 claims, latest Nov 3, 2025', 'Mercy, since Mar 6, 2024', 'Mercy')
    """
    return PHRASES.one_of(kept, SAID) or kept
