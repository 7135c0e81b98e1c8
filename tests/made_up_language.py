"""
A made-up language for tests: whatever a page asks a translation for stands between brackets, ⟦like this⟧.

What is left without brackets was never asked for, and no translator could ever change it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.utils.translation.trans_real import DjangoTranslation

from carewright.population import wording

OPENS, CLOSES = "⟦", "⟧"
CONTEXT_ENDS = "\x04"
"""What gettext puts between the context of a text and the text."""


def bracketed(text: str) -> str:
    """A text as this language says it: the same, between brackets."""
    return f"{OPENS}{text.split(CONTEXT_ENDS)[-1]}{CLOSES}"


@contextmanager
def made_up_language(says: Callable[[str], str] = bracketed) -> Iterator[None]:
    """While it is open, every reader has this language; `says` may translate in another way, or note what is asked for."""
    with (
        patch.object(DjangoTranslation, "gettext", lambda _self, text: says(text)),
        patch.object(DjangoTranslation, "ngettext", lambda _self, one, many, n: says(one if n == 1 else many)),
    ):
        wording._translated.cache_clear()
        try:
            yield
        finally:
            wording._translated.cache_clear()
