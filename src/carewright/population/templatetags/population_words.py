"""Words of the population pages: days written as people write them."""

import re
from datetime import date

from django import template
from django.utils import formats
from django.utils.translation import gettext

from carewright.knowledge.programs import name_of
from carewright.population import codes, marks, queries, wording
from carewright.population.models import Run

register = template.Library()

_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")


@register.filter
def said(text: str | None) -> str:
    """
    A sentence from the warehouse in the reader's language, with its days as people write them.

    >>> said("Home since 2026-11-06.")
    'Home since Nov 6, 2026.'
    """

    def day(found: re.Match) -> str:
        try:
            return formats.date_format(date(*map(int, found.groups())), "M j, Y")
        except ValueError:
            return found.group()

    return _ISO.sub(day, wording.translated(text))


@register.filter
def said_short(text: str | None) -> str:
    """
    The same for chips, where there is room for month and day only.

    >>> said_short("Home 2026-11-06")
    'Home Nov 6'
    """

    def day(found: re.Match) -> str:
        try:
            return formats.date_format(date(*map(int, found.groups())), "M j")
        except ValueError:
            return found.group()

    return _ISO.sub(day, wording.translated(text))


@register.simple_tag
def closed_run() -> Run | None:
    """The run that is closed to everyone until the next one; None while a run counts, or before the first."""
    return queries.closed_run()


@register.inclusion_tag("population/_closed.html")
def said_when_closed(run: Run | None) -> dict:
    """One banner while the lists are closed, on pages that show what a run tells beside other things; else nothing."""
    return {"closed": queries.closed_run() if run is None else None}


@register.filter
def program_name(code: str) -> str:
    """What people call a program."""
    return wording.translated(name_of(code))


@register.filter
def in_words(code: str) -> str:
    """What an ICD-10-CM code says."""
    return codes.in_words(code)


@register.filter
def dotted(code: str) -> str:
    """An ICD-10-CM code with its dot."""
    return codes.dotted(code)


@register.filter
def ruled_out_because(lines) -> str:
    """
    Why a person is ruled out, as one sentence, from the lines of the rule that say so.

    >>> from types import SimpleNamespace
    >>> ruled_out_because([SimpleNamespace(code="alive", text="Died on 2026-05-01.")])
    'Ruled out because this person died on May 1, 2026.'
    """
    reasons = [said(wording.ruled_out(line.text)) for line in lines]
    return gettext("Ruled out because %s.") % gettext(", and because ").join(reasons)


@register.filter
def place(fact) -> str:
    """Where a stay or a visit was."""
    return codes.named(fact.facility, fact.facility_npi)


@register.filter
def provider(found) -> str:
    """Who a provider is: an attributed one, or the one of a row in a list of people."""
    if hasattr(found, "pcp_npi"):
        return codes.named(found.pcp_name, found.pcp_npi)
    return codes.named(found.provider_name, found.npi)


@register.filter
def language_name(code: str) -> str:
    """A language in the reader's words."""
    return codes.language_said(code)


@register.filter
def get(mapping, key):
    """The value under a key of a dict; nothing when it has none."""
    return mapping.get(key) if mapping else None


@register.simple_tag
def mark(*key) -> str:
    """What stands in an address for a key that says something about a person."""
    return marks.mark(*key)
