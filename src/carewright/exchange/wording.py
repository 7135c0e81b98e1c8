"""
What became of files, rows and resources, given back in the reader's language.

It is stored in English; each sentence is found among those in `sentences` and said again. What a source wrote itself
(values, names of columns and files, codes) stays as it is, and so does a text that is nowhere among them.
"""

import re
from functools import partial

from django.utils.translation import gettext, gettext_noop

from carewright.assessment import sentences as of_answers
from carewright.exchange import sentences
from carewright.exchange.files.set_aside import OURS
from carewright.plumbing.problems import QUOTED, Problems
from carewright.plumbing.wording import NUMBER
from carewright.warehouse import layout

_DAY = r"\d{4}-\d{2}-\d{2}"
_SHAPES = of_answers.SHAPES | {
    "n": r"\d[\d,]*", "line": r"\d[\d,]*", "size": NUMBER, "times": NUMBER, "gigabytes": r"[\d,.]+", "first": _DAY,
    "last": _DAY, "day": _DAY, "release": r"DSTU2|STU3|R5", "byte": r"0x\w+", "place": NUMBER, "column": ".+?",
    "plain_column": r"[a-z0-9 ]+", "last_column": r"[a-z0-9 ]+", "first_column": r"[a-z0-9 ]+", "kind": r"[A-Za-z]+",
    "where": ".+?", "expected": ".+?", "file": ".+?", "text": QUOTED,
}  # fmt: skip
_OF_ROW = re.compile(
    r"column .+?: expected .+?, found (?:'.*?'|a value that is not shown here)\.(?= column |$)", re.DOTALL
)
_MISSING = " and no "
_EXPECTED = sentences.EXPECTED + of_answers.EXPECTED
_COLUMNS = {
    "line": gettext_noop("Line"), "problem": gettext_noop("What is wrong"), "mend": gettext_noop("How to mend it"),
    "resource_type": gettext_noop("Kind of resource"), "id": gettext_noop("Id"), "field": gettext_noop("Field"),
    "found": gettext_noop("Found"), "expected": gettext_noop("Expected"),
}  # fmt: skip
"""What the columns of a file of rows set aside are called on a page, as far as they are ours."""
MEANINGS = frozenset(text for _place, text in layout.meanings()) | {gettext_noop("Excel day number")}
"""What landed tables and their columns mean, and the one way of writing a date that is words."""


def said(text: str | None) -> str:
    """
    A sentence about a file, a row or a resource in the reader's language.

    >>> said("claims.csv: expected a header and rows, found 'an empty file'. Ask the sender to send it again.")
    "claims.csv: expected a header and rows, found 'an empty file'. Ask the sender to send it again."
    """
    return (read(text) or text) if text else ""


def read(text: str) -> str | None:
    """The same, or None for a text that no sentence of ours is."""
    if text in MEANINGS:
        return gettext(text)
    for group in (sentences.OF_A_FILE, sentences.NOT_A_ROW, sentences.REASONS):
        found = PROBLEMS.phrases.one_of(text, group)
        if found is not None:
            return found
    return _of_row(text) or PROBLEMS.read(text) or PROBLEMS.phrases.one_of(text, sentences.OF_RESOURCES)


def of_value(reason: str, expected: str, mend: str) -> str:
    """What is wrong with a value while a column map is tried."""
    return f"{_said(sentences.IN_A_PREVIEW, reason=reason, expected=expected)} {PROBLEMS.mended(mend)}"


def of_no_row(reason: str) -> str:
    """What is wrong with a record that is no row, while a column map is tried."""
    return _said(sentences.NOT_A_ROW[:1], reason=reason)


def of_set_aside(row: list[str], kind: str) -> list[str]:
    """A row that was set aside as a page shows it: its line, what is wrong, how to mend it; then what the sender wrote."""
    line, problem, mend, *values = row
    if kind == "fhir":
        *values, found, expected = values
        values += [PROBLEMS.part(found, sentences.FOUND), PROBLEMS.part(expected, _EXPECTED)]
    return [line, said(problem), PROBLEMS.mended(mend), *values]


def header_of_set_aside(header: list[str], kind: str) -> list[str]:
    """The names of its columns: ours in the reader's language, the sender's as they stand in the file."""
    ours = header if kind == "fhir" else header[: len(OURS)]
    return [gettext(_COLUMNS.get(name, name)) for name in ours] + header[len(ours) :]


def _said(group: tuple, **values: str) -> str:
    [form] = PROBLEMS.phrases.forms(group)
    return PROBLEMS.phrases.say(form, values) or ""


def _of_row(text: str) -> str | None:
    """All that is wrong with one row of a table, a sentence after the other."""
    reason = PROBLEMS.phrases.one_of(text[:-1], sentences.REASONS) if text.endswith(".") else None
    if reason is not None:
        return f"{reason}."
    told = [found[0] for found in _OF_ROW.finditer(text)]
    if not told or " ".join(told) != text:
        return None
    return " ".join(PROBLEMS.phrases.one_of(each, sentences.OF_ROWS) or each for each in told)


def _reason(text: str) -> str | None:
    return PROBLEMS.phrases.one_of(text, sentences.REASONS)


def _missing(text: str) -> str:
    return gettext(" and no ").join(text.split(_MISSING))


def _one_of(group: tuple, text: str) -> str:
    return PROBLEMS.phrases.one_of(text, group) or text


PROBLEMS: Problems = Problems(
    where=sentences.WHERE + of_answers.WHERE,
    expected=_EXPECTED,
    found=sentences.FOUND,
    mends=sentences.MENDS + of_answers.MENDS,
    words=MEANINGS,
    shapes=_SHAPES,
    nested={
        "because": said,
        "format": said,
        "reason": _reason,
        "missing": _missing,
        "no_bundle": partial(_one_of, sentences.NO_BUNDLE),
        "broken": partial(_one_of, sentences.BREAKS),
    },
)
"""The sentences of files, rows and resources, and how they are found again."""
