"""
Why somebody was not moved, or not reached: a refusal that is kept in English, given back in each reader's language.

They are said where something is refused, and stand here once more so that they are found again.
"""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop

from carewright.channel import sentences as channel_sentences
from carewright.knowledge.programs import ALL_RULES
from carewright.plumbing.wording import Group, Phrases

LICENCES: Group = (gettext_noop("The licence ran out on %(day)s."), gettext_noop("No licence for %(state)s."))

REFUSED: Group = (
    *LICENCES,
    gettext_noop("This person has died."),
    gettext_noop("A death was reported and is being checked. Settle that first."),
    gettext_noop("This person is in %(program)s already."),
    gettext_noop("We are trying to reach this person for %(program)s already."),
    gettext_noop("This person said no on %(day)s. That holds until %(until)s, unless they ask."),
    gettext_noop("%(stopped)s They are not to be contacted unless they ask for it."),
    gettext_noop("A lead is accepted by somebody who leads a team."),
    gettext_noop("%(person)s leads this patient already."),
    gettext_noop("This enrollment ended on %(day)s."),
    gettext_noop("The account of %(person)s is closed."),
    gettext_noop("%(person)s does not lead patients in their role."),
    gettext_noop(
        "%(person)s cannot lead this patient. %(problem)s Write down the new last day on their page, or choose somebody else."
    ),
)
"""Why a patient was not moved to another lead, or an accepted candidate is not being reached."""

NAMES = frozenset(program.name for program in ALL_RULES)


def _day(kept: str) -> str:
    return date_format(datetime.strptime(kept, "%B %d, %Y").date(), "F j, Y")  # noqa: DTZ007


PHRASES: Phrases = Phrases(
    {"day": r"[A-Z][a-z]+ \d{1,2}, \d{4}", "until": r"[A-Z][a-z]+ \d{1,2}, \d{4}", "state": "[A-Z]{2}"},
    {
        "day": _day, "until": _day, "stopped": channel_sentences.in_words,
        "program": lambda kept: gettext(kept) if kept in NAMES else None,
        "problem": lambda kept: PHRASES.one_of(kept, LICENCES),
    },
    other=".+",
)  # fmt: skip


def in_words(kept: str) -> str:
    """
    A kept refusal in the reader's language; what somebody typed stays as it is.

    >>> in_words("This enrollment ended on March 6, 2026."), in_words("Wants to wait")
    ('This enrollment ended on March 6, 2026.', 'Wants to wait')
    """
    return PHRASES.one_of(kept, REFUSED) or kept
