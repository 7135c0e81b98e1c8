"""
What a run of the warehouse writes in English, given back in the reader's language.

A sentence is found among those in `sentences`, its numbers, days and names are taken out and put into its translation;
names of conditions, needs and lines of a rule are in `published_words`. What is found nowhere stays as it was written, so
that nothing is ever lost. In English every text comes back as it is.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from django.utils.translation import get_language, gettext, override

from carewright.population import sentences
from carewright.population.published_words import WORDS
from carewright.population.sentences import Words

_DAY = r"\d{4}-\d{2}-\d{2}"
_SHAPES = {
    "day": _DAY, "age": r"\d+\+?|unknown", "status": r"\w+", "payer": r".+", "feed": r".+", "because": r".+", "conditions": r".+",
    "needs": rf".+ \({_DAY}\)", "shown": r".+", "now": r".+", "before": r".+", "label": r".+?", "part": r".+",
    "kind": r"[\w ]+", "set_kind": r"[\w ]+", "was": r"\w+", "is_now": r"\w+", "stays": r"\d+ \w+", "visits": r"\d+ ED \w+",
}  # fmt: skip
"""How what is filled in looks like, by its name; what is not named here is a number."""
_FILLED = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Form:
    """One sentence to be found: its words, and how it looks for one and for many."""

    words: Words
    patterns: tuple[re.Pattern[str], ...]

    def found(self, text: str) -> dict[str, str] | None:
        """What is filled in, if this is the sentence; for a number, only if English would say it so."""
        for place, pattern in enumerate(self.patterns):
            match = pattern.fullmatch(text)
            if match is None:
                continue
            values = match.groupdict()
            if len(self.patterns) == 1 or (int(values["n"]) == 1) == (place == 0):
                return values
        return None

    def said(self, values: dict[str, str]) -> str:
        """The sentence in the reader's language; in English if a translation asks for what is not there."""
        if callable(self.words):
            number = int(values.get("n", "1"))
            return filled(self.words(number), values) or filled(_english(self.words, number), values)
        return filled(gettext(self.words), values) or filled(self.words, values)


def filled(words: str, values: dict[str, str]) -> str:
    """A template with its values; nothing when it asks for one that is not there."""
    try:
        return words.format(**values)
    except (KeyError, IndexError, ValueError):
        return ""


def _english(words: Callable[[int], str], number: int) -> str:
    with override(None):
        return words(number)


def _pattern(english: str) -> re.Pattern[str]:
    pieces = _FILLED.split(english)
    said = [
        re.escape(piece) if place % 2 == 0 else f"(?P<{piece}>{_SHAPES.get(piece, '[0-9]+')})"
        for place, piece in enumerate(pieces)
    ]
    return re.compile("".join(said))


@cache
def forms(group: tuple[Words, ...]) -> tuple[Form, ...]:
    """The sentences of a group, ready to be found; made once."""
    made = []
    for words in group:
        said = [_english(words, 1), _english(words, 2)] if callable(words) else [words]
        made.append(Form(words, tuple(map(_pattern, dict.fromkeys(said)))))
    return tuple(made)


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
    for form in forms(tuple(sentences.RULED_OUT)):
        values = form.found(text)
        if values is not None:
            clause = sentences.RULED_OUT[str(form.words)]
            return filled(gettext(clause), values) or filled(clause, values)
    return translated(text).rstrip(".")


def read(text: str) -> str | None:
    """The same, or None for words that no sentence and no table of ours has."""
    if text in WORDS:
        return gettext(text)
    said = one_of(text, sentences.PARTS + sentences.CHIPS + sentences.ABOUT_PARTS + sentences.HCC_OTHER)
    if said is None:
        said = _sentences(text)
    if said is None:
        said = one_of(text, sentences.MOVED + sentences.TIES)
    if said is None:
        said = _listed(text, sentences.HCC_PERSON)
    return said


def one_of(text: str, group: tuple[Words, ...]) -> str | None:
    """The text as the one of these sentences it is, in the reader's language; None when it is none of them."""
    return next((said for form in forms(group) if (said := told(form, text)) is not None), None)


def told(form: Form, text: str) -> str | None:
    """The text as this sentence, with words inside it in the reader's language too; None when it is another."""
    values = form.found(text)
    if values is None:
        return None
    said = {name: _NESTED[name](value) if name in _NESTED else value for name, value in values.items()}
    whole = {name: value for name, value in said.items() if value is not None}
    return form.said(whole) if len(whole) == len(said) else None


def _sentences(text: str) -> str | None:
    """One sentence after the other; a period inside a name does not end one."""
    whole = one_of(text, sentences.SENTENCES)
    if whole is not None:
        return whole
    for end in (found.start() + 1 for found in re.finditer(r"\. ", text)):
        first = one_of(text[:end], sentences.SENTENCES)
        rest = _sentences(text[end + 1 :]) if first is not None else None
        if rest is not None:
            return f"{first} {rest}"
    return None


def _listed(text: str, group: tuple[Words, ...]) -> str | None:
    return _joined(one_of(piece, group) for piece in text.split(", "))


def _joined(pieces: Iterable[str | None]) -> str | None:
    said = list(pieces)
    return None if None in said else ", ".join(piece for piece in said if piece is not None)


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
    "because": lambda text: one_of(text, sentences.BECAUSE),
    "conditions": _conditions,
    "needs": _needs,
    "shown": lambda text: _listed(text, sentences.SHOWN),
    "now": _sentences,
    "before": _sentences,
    "label": _word,
    "part": lambda text: one_of(text, sentences.PARTS + sentences.ABOUT_PARTS[:1]),
    "kind": _word_or_name,
    "set_kind": _word_or_name,
    "was": _word_or_name,
    "is_now": _word_or_name,
    "age": _word_or_name,
    "stays": lambda text: one_of(text, sentences.TIES[1:]),
    "visits": lambda text: one_of(text, sentences.TIES[1:]),
}
"""What is filled in and is words itself, and how these are said."""

__all__ = ["forms", "one_of", "read", "ruled_out", "told", "translated"]
