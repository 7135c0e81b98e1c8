"""
What does not read, said in the reader's language.

A `BadInput` says where it stands, what was found, what was expected and how to mend it: each part in English, because it
is written into files, logs and tables as well. A page gives the whole sentence in the reader's language: its frame from
here, its parts from the sentences that the room which raised it has marked for translation.
"""

import ast
import re
from collections.abc import Callable, Mapping

from django.utils.translation import gettext, gettext_noop

from carewright.kernel.errors import BadInput, CarewrightError
from carewright.plumbing.wording import Group, Phrases

FRAME = gettext_noop("{where}: expected {expected}, found {found}.")
"""A `BadInput` as it says itself; how to mend it follows as sentences of their own."""
QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_STORED = re.compile(
    rf"(?P<where>.+?): expected (?P<expected>.+?), found (?P<found>{QUOTED})\.(?: (?P<mend>.+))?", re.DOTALL
)


class Problems:
    """
    The sentences of a room about what does not read: groups for each part, and `words` that are said as they stand.

    `shapes` and `nested` are those of `Phrases`; what they do not name looks like anything. What a source wrote itself is
    in no group, and stays as it is.
    """

    def __init__(
        self, *, where: Group = (), expected: Group = (), found: Group = (), mends: Group = (),
        words: frozenset[str] = frozenset(), shapes: Mapping[str, str] | None = None,
        nested: Mapping[str, Callable[[str], str | None]] | None = None,
    ):  # fmt: skip
        self._words, self._mends = words, mends
        of_parts: dict[str, Callable[[str], str | None]] = {
            "where": lambda text: self.part(text, where),
            "expected": lambda text: self.part(text, expected),
            "told": lambda text: self.part(text, found),
            "found": lambda text: self._quoted(text, found),
            "mend": self.mended,
        }
        self.phrases = Phrases(shapes or {}, of_parts | dict(nested or {}), other=".+")

    def part(self, text: str, group: Group) -> str:
        """One part in the reader's language; as it was written when none of ours wrote it."""
        if text in self._words:
            return gettext(text)
        return self.phrases.one_of(text, group) or text

    def mended(self, text: str) -> str:
        """How to mend it, a sentence or several."""
        return self.phrases.one_after_the_other(text, self._mends) or text

    def _quoted(self, text: str, group: Group) -> str:
        """What was found, between the quotation marks Python writes around it."""
        try:
            inside = ast.literal_eval(text)
        except (SyntaxError, ValueError):  # a text of somebody else's that looks like a sentence of ours
            return text
        return repr(self.part(inside, group)) if repr(inside) == text else text

    def worded(self, problem: BadInput) -> str:
        """The whole sentence in the reader's language."""
        return self._whole(problem.where, problem.expected, repr(problem.found), problem.mend)

    def said(self, refusal: CarewrightError) -> str:
        """Why something was refused: a problem part by part, any other refusal as it was written for who asked."""
        return self.worded(refusal) if isinstance(refusal, BadInput) else str(refusal)

    def read(self, text: str) -> str | None:
        """The same of a sentence as it was stored, or of how to mend something; None for a text that is neither."""
        stored = _STORED.fullmatch(text)
        if stored is None:
            return self.phrases.one_after_the_other(text, self._mends)
        return self._whole(stored["where"], stored["expected"], stored["found"], stored["mend"] or "")

    def _whole(self, where: str, expected: str, found: str, mend: str) -> str:
        [frame] = self.phrases.forms((FRAME,))
        sentence = self.phrases.say(frame, {"where": where, "expected": expected, "found": found}) or ""
        return f"{sentence} {self.mended(mend)}" if mend else sentence


PLAIN = Problems()
"""For rooms that have marked no sentences: the frame is said in the reader's language, the parts stay as they are."""
