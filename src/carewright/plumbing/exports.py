"""
Any list as a CSV file that is safe to open.

A cell that a spreadsheet would take for a formula gets an apostrophe in front, so nothing that came from outside runs
on the desk of whoever opens the file. Columns of a privacy class the reader may not see are left out by the caller.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime

A_NUMBER = re.compile(r"[+-][0-9]+([.][0-9]+)?")
"""A signed number: no spreadsheet runs it, and a person's number at a payer may be one."""

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(value: object) -> str:
    """
    One cell as text. Numbers stay numbers, also written as text; text that would start a formula is quoted.

    >>> safe("=1+1"), safe(-5), safe("-10000010288391"), safe("-5+A1"), safe(None)
    ("'=1+1", '-5', '-10000010288391', "'-5+A1", '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str):
        if A_NUMBER.fullmatch(value):
            return value
        return f"'{value}" if value.lstrip(" ").startswith(STARTS_A_FORMULA) else value
    if isinstance(value, list | tuple | set | frozenset):
        return safe(";".join(sorted(str(part) for part in value)))
    return str(value)


class _Line:
    """A file of one line: gives back what the writer wrote."""

    def write(self, text: str) -> str:
        return text


def as_csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The file line by line, header first."""
    writer = csv.writer(_Line(), lineterminator="\r\n")
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([safe(value) for value in row])


def guarded_sql(columns: Iterable[tuple[str, str]]) -> str:
    """The same guard as SQL for the warehouse: a select list over (name, type) in which every text column is safe."""
    parts = []
    for name, kind in columns:
        if kind.upper() == "VARCHAR":
            parts.append(
                f"case when regexp_matches(ltrim(\"{name}\", ' '), '^[=+\\-@\\t\\r\\n＝＋－＠]') "
                f"and not regexp_full_match(\"{name}\", '{A_NUMBER.pattern}') "
                f'then \'\'\'\' || "{name}" else "{name}" end as "{name}"'
            )
        else:
            parts.append(f'"{name}"')
    return ", ".join(parts)
