"""
Everything that can go wrong, in one tree.

* CarewrightError
  x CannotDo        a person asked for something the house does not allow; shown as written
    + NotPermitted  ... because of who they are
    + NotNow        ... because of how things stand at this moment
  x BadInput        something from outside does not read; carries where, what, and how to mend it

A bug is none of these. It is whatever Python raises, and it is allowed to be loud.
"""

from dataclasses import dataclass


class CarewrightError(Exception):
    """The root of every error we raise on purpose."""


class CannotDo(CarewrightError):  # noqa: N818 - a word of the house
    """The message is a finished sentence, written for the person who asked; `at` names the answer it is about, if one is."""

    def __init__(self, *sentence: str, at: str = ""):
        super().__init__(*sentence)
        self.at = at


class NotPermitted(CannotDo):
    """This person may not do this."""


class NotNow(CannotDo):
    """This cannot be done as things stand."""


@dataclass(eq=False)
class BadInput(CarewrightError):  # noqa: N818 - a word of the house
    """One thing from outside that does not read: where it stands, what was found, what was expected, how to mend it."""

    where: str
    found: str
    expected: str
    mend: str = ""

    def __str__(self):
        sentence = f"{self.where}: expected {self.expected}, found {self.found!r}."
        return f"{sentence} {self.mend}".strip()
