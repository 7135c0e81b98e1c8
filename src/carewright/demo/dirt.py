"""
What is wrong with real files: rows sent twice, dates that are none, members without a number, codes nobody knows.

A little of each, so that an import report has something to say and every number still adds up. Rows that cannot be
read appear only in CSV files; Parquet carries typed dates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from carewright.demo.columns import coded, plain
from carewright.demo.tables import DX

UNKNOWN_DIAGNOSES = ("I5O22", "E119X", "Z9999", "N1833")
"""Codes as they are mistyped: a letter O for a zero, one character too many, a number that was never given out."""
UNKNOWN_PACKAGE = "00000000000"
UNKNOWN_SHARE = 0.0015
SENT_TWICE = 0.004
UNREADABLE = 0.0025


@dataclass
class Dirt:
    """Where the dirt of one block comes from, and how much of it there was: rows by what is wrong with them."""

    rng: np.random.Generator
    counts: dict[str, int] = field(default_factory=dict)

    def unknown_codes(self, dx: np.ndarray) -> np.ndarray:
        """The diagnoses with a few of the later ones mistyped."""
        if not len(dx):
            return dx
        dx = dx.copy()
        position = (dx >= 0).sum(axis=1) - 1
        hit = np.flatnonzero((position >= 1) & (self.rng.random(len(dx)) < UNKNOWN_SHARE))
        numbers = np.array([DX.number(code) for code in UNKNOWN_DIAGNOSES])
        dx[hit, position[hit]] = numbers[self.rng.integers(0, len(numbers), len(hit))]
        self._count("claims with an unknown diagnosis", len(hit))
        return dx

    def unknown_packages(self, package: np.ndarray, codes: Sequence[str]) -> pa.Array:
        """Package codes with a few that mean nothing."""
        hit = self.rng.random(len(package)) < UNKNOWN_SHARE
        self._count("fills with an unknown package", int(hit.sum()))
        return coded(np.where(hit, len(codes), package), [*codes, UNKNOWN_PACKAGE])

    def spoil(self, path: str, rows: pa.Table) -> pa.Table:
        """Some rows twice and, in CSV files, some that cannot be read."""
        count = len(rows)
        if not count:
            return rows
        twice = np.flatnonzero(self.rng.random(count) < SENT_TWICE)
        if len(twice):
            rows = pa.concat_tables([rows, rows.take(pa.array(twice))])
            self._count("rows sent twice", len(twice))
        return rows if path.endswith(".parquet") else self._unreadable(plain(rows))

    def _unreadable(self, rows: pa.Table) -> pa.Table:
        kinds = [("a day that is none", _first(rows, ("claim_start_date", "dispensing_date", "result_datetime")), "2026-13-04"),
                 ("no member", "person_id", None)]  # fmt: skip
        for what, column, value in kinds:
            if column is None:
                continue
            hit = self.rng.random(len(rows)) < UNREADABLE / len(kinds)
            if not hit.any():
                continue
            spoiled = pc.if_else(pa.array(hit), pa.scalar(value, pa.string()), rows[column])
            rows = rows.set_column(rows.column_names.index(column), column, spoiled)
            self._count(f"rows with {what}", int(hit.sum()))
        return rows

    def _count(self, what: str, more: int) -> None:
        self.counts[what] = self.counts.get(what, 0) + more


def _first(rows: pa.Table, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in rows.column_names), None)
