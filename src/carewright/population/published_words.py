"""
Words that a run publishes by themselves: the names of the knowledge tables, and a few that stand in no table.
"""

from django.utils.translation import gettext_noop

from carewright.knowledge import words

_OTHERS = (
    # Bands, where a fact is from, kinds of code.
    gettext_noop("unknown"),
    gettext_noop("steady"),
    gettext_noop("rising"),
    gettext_noop("high"),
    gettext_noop("claim"),
    gettext_noop("clinical record"),
    gettext_noop("type of bill"),
    gettext_noop("discharge status"),
    gettext_noop("place of service"),
    gettext_noop("revenue center"),
    gettext_noop("service category"),
    gettext_noop("member number"),
)

WORDS: frozenset[str] = frozenset(_OTHERS) | {text for _place, text in words.of_runs()}
"""Names that come back in the reader's language wherever they stand."""
