"""
What a run of the warehouse writes in English, given back in the reader's language.

A sentence is found among those in `sentences`, its numbers, days and names are taken out and put into its translation;
names of conditions, needs and lines of a rule are in `published_words`. What is found nowhere stays as it was written, so
that nothing is ever lost. In English every text comes back as it is.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from django.utils.translation import get_language, gettext

from carewright.plumbing.wording import Phrases, filled
from carewright.population import sentences
from carewright.population.published_words import WORDS

_DAY = r"\d{4}-\d{2}-\d{2}"
_SHAPES = {
    "day": _DAY, "age": r"\d+\+?|unknown", "status": r"\w+", "payer": r".+", "feed": r".+", "because": r".+", "conditions": r".+",
    "needs": rf".+ \({_DAY}\)", "shown": r".+", "now": r".+", "before": r".+", "label": r".+?", "part": r".+",
    "kind": r"[\w ]+", "set_kind": r"[\w ]+", "was": r"\w+", "is_now": r"\w+", "stays": r"\d+ \w+", "visits": r"\d+ ED \w+",
    "words": r".+",
}  # fmt: skip
"""How what is filled in looks like, by its name; what is not named here is a number."""


def translated(text: str | None) -> str:
    """
    Words of a run in the reader's language; days stay as they are written.

    >>> translated("2 unplanned hospital stays in 12 months. 2 or more count.")
    '2 unplanned hospital stays in 12 months. 2 or more count.'
    """
    return _translated(text, get_language()) if text else ""


@lru_cache(maxsize=16_384)
def _translated(text: str, _language: str | None) -> str:
    said = read(text)
    return text if said is None else said


def ruled_out(text: str) -> str:
    """
    What rules somebody out, as it goes on after “because”.

    >>> ruled_out("Died on 2026-05-01.")
    'this person died on 2026-05-01'
    """
    for form in PHRASES.forms(tuple(sentences.RULED_OUT)):
        values = form.found(text)
        if values is not None:
            clause = sentences.RULED_OUT[str(form.words)]
            return filled(gettext(clause), values) or filled(clause, values)
    return translated(text).rstrip(".")


def read(text: str) -> str | None:
    """The same, or None for words that no sentence and no table of ours has."""
    if text in WORDS:
        return gettext(text)
    said = PHRASES.one_of(text, sentences.PARTS + sentences.CHIPS + sentences.ABOUT_PARTS + sentences.HCC_OTHER)
    if said is None:
        said = _sentences(text)
    if said is None:
        said = PHRASES.one_of(text, sentences.MOVED + sentences.TIES)
    if said is None:
        said = PHRASES.listed(text, sentences.HCC_PERSON)
    return said


def _sentences(text: str) -> str | None:
    return PHRASES.one_after_the_other(text, sentences.SENTENCES)


def _word(text: str) -> str | None:
    return gettext(text) if text in WORDS else None


def _word_or_name(text: str) -> str:
    return gettext(text) if text in WORDS else text


def _conditions(text: str) -> str | None:
    """Names one after the other, some with commas of their own."""
    if text in WORDS:
        return gettext(text)
    for end in (found.start() for found in re.finditer(", ", text)):
        rest = _conditions(text[end + 2 :]) if text[:end] in WORDS else None
        if rest is not None:
            return f"{gettext(text[:end])}, {rest}"
    return None


_NEED = re.compile(rf"(.+?) \(({_DAY})\)(, |$)")


def _needs(text: str) -> str:
    return _NEED.sub(lambda found: f"{_word_or_name(found[1])} ({found[2]}){found[3]}", text)


_NESTED: dict[str, Callable[[str], str | None]] = {
    "because": lambda text: PHRASES.one_of(text, sentences.BECAUSE),
    "conditions": _conditions,
    "needs": _needs,
    "shown": lambda text: PHRASES.listed(text, sentences.SHOWN),
    "now": _sentences,
    "before": _sentences,
    "label": _word,
    "part": lambda text: PHRASES.one_of(text, sentences.PARTS + sentences.ABOUT_PARTS[:1]),
    "kind": _word_or_name,
    "set_kind": _word_or_name,
    "was": _word_or_name,
    "is_now": _word_or_name,
    "age": _word_or_name,
    "stays": lambda text: PHRASES.one_of(text, sentences.TIES[1:]),
    "visits": lambda text: PHRASES.one_of(text, sentences.TIES[1:]),
    "words": lambda text: ", ".join(map(_word_or_name, text.split(", "))),
}
"""What is filled in and is words itself, and how these are said."""

PHRASES: Phrases = Phrases(_SHAPES, _NESTED)
"""How the sentences of a run are found and said again."""
