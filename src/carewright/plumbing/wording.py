"""
Stored English given back in the reader's language.

What a program writes down for everybody it writes in English. Each of its sentences stands once more among templates
marked for translation, with what is filled in between braces: a stored text is found among them, what was filled in is
taken out and put into the translation. What is found nowhere stays as it was written, so that nothing is ever lost, and
in English every text comes back as it is.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext, override

Words = str | Callable[[int], str]
"""A sentence as it stands, or one that asks how many; its number is called `n`."""
Group = tuple[Words, ...]
NUMBER = "[0-9]+"
_FILLED = re.compile(r"\{(\w+)\}")
_OLDER = re.compile(r"%\((\w+)\)s")


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
            if len(self.patterns) == 1 or (_number(values) == 1) == (place == 0):
                return values
        return None

    def said(self, values: Mapping[str, str]) -> str:
        """The sentence in the reader's language; in English if a translation asks for what is not there."""
        if callable(self.words):
            number = _number(values)
            return filled(self.words(number), values) or filled(_english(self.words, number), values)
        return filled(gettext(self.words), values) or filled(self.words, values)


class Phrases:
    """
    How sentences are found and said again.

    `shapes` is how what is filled in looks, by its name; what is not named there looks like `other`. `nested` are the
    names whose values are words themselves, and how these are said; None of them means that it is another sentence.
    """

    def __init__(
        self, shapes: Mapping[str, str], nested: Mapping[str, Callable[[str], str | None]], *, other: str = NUMBER
    ):
        self._shapes, self._nested, self._other = shapes, nested, other
        self.forms = cache(self._forms)

    def _forms(self, group: Group) -> tuple[Form, ...]:
        """The sentences of a group, ready to be found; made once."""
        made = []
        for words in group:
            said = [_english(words, 1), _english(words, 2)] if callable(words) else [words]
            made.append(Form(words, tuple(map(self._pattern, dict.fromkeys(said)))))
        return tuple(made)

    def _pattern(self, english: str) -> re.Pattern[str]:
        pieces = _FILLED.split(_braced(english))
        said = [
            re.escape(piece) if place % 2 == 0 else f"(?P<{piece}>{self._shapes.get(piece, self._other)})"
            for place, piece in enumerate(pieces)
        ]
        return re.compile("".join(said), re.DOTALL)

    def one_of(self, text: str, group: Group) -> str | None:
        """The text as the one of these sentences it is, in the reader's language; None when it is none of them."""
        return next((said for form in self.forms(group) if (said := self.told(form, text)) is not None), None)

    def told(self, form: Form, text: str) -> str | None:
        """The text as this sentence, with words inside it in the reader's language too; None when it is another."""
        values = form.found(text)
        return self.say(form, values) if values is not None else None

    def say(self, form: Form, values: Mapping[str, str]) -> str | None:
        """A sentence with what is filled in, words of it in the reader's language too; None when one of them is none."""
        said = {name: self._nested[name](value) if name in self._nested else value for name, value in values.items()}
        whole = {name: value for name, value in said.items() if value is not None}
        return form.said(whole) if len(whole) == len(said) else None

    def one_after_the_other(self, text: str, group: Group) -> str | None:
        """Several of these sentences in a row; a period inside a name does not end one."""
        whole = self.one_of(text, group)
        if whole is not None:
            return whole
        for end in (found.start() + 1 for found in re.finditer(r"\. ", text)):
            first = self.one_of(text[:end], group)
            rest = self.one_after_the_other(text[end + 1 :], group) if first is not None else None
            if rest is not None:
                return f"{first} {rest}"
        return None

    def listed(self, text: str, group: Group) -> str | None:
        """Several of these with commas between them."""
        return _joined(self.one_of(piece, group) for piece in text.split(", "))


def _braced(words: str) -> str:
    """A sentence that is filled in Python's older way, with its places between braces."""
    return _OLDER.sub(r"{\1}", words)


def filled(words: str, values: Mapping[str, str]) -> str:
    """A template with its values; nothing when it asks for one that is not there."""
    try:
        return _braced(words).format(**values)
    except (KeyError, IndexError, ValueError):
        return ""


def _number(values: Mapping[str, str]) -> int:
    return int(values.get("n", "1").replace(",", ""))


def _english(words: Callable[[int], str], number: int) -> str:
    with override(None):
        return words(number)


def _joined(pieces: Iterable[str | None]) -> str | None:
    said = list(pieces)
    return None if None in said else ", ".join(piece for piece in said if piece is not None)
