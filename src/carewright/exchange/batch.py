"""
What one run of reading works on, and what it says afterwards.

A `Batch` is a handful of received files that land together: all of them or none. Whoever reads it (tables in
`exchange.files`, FHIR in `exchange.fhir`) writes rows with `landing.write(home, table, batch.batch_id, rows, part=…)`,
writes what it sets aside with `set_aside.write`, and answers with one `FileReport` per file. Opening and closing the
batch, the `Delivery` rows and the manifest are `exchange.actions`' work.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class ReceivedFile:
    """One file that was received: its bytes in the home, and what it was called where it came from."""

    path: Path
    """The raw bytes, in `received/`; read-only."""
    name: str
    """The path as it was given; its last part is shown on pages."""
    sha256: str
    received_seq: int
    bytes: int = 0

    @property
    def delivery_id(self) -> str:
        """The first 12 digits of the SHA-256: the left half of every evidence id."""
        return self.sha256[:12]

    @property
    def file_name(self) -> str:
        return os.path.basename(self.name.rstrip("/"))  # noqa: PTH119 (asked four times of each of 10,000 files)


@dataclass(frozen=True)
class Batch:
    """Files that land together, on one day."""

    batch_id: str
    received_on: date
    files: tuple[ReceivedFile, ...]
    instead_of: tuple[tuple[str, str], ...] = ()
    """The earlier landings, as (batch, delivery), that count no more once this batch is finished."""


@dataclass(frozen=True)
class Reason:
    """Why rows were set aside (or were kept with a remark): one sentence, how many, where first, how to mend it."""

    what: str
    rows: int
    first_line: int
    mend: str
    example: str = ""
    column: str = ""
    kept: bool = False
    """True for a remark on rows that landed all the same."""


@dataclass(frozen=True)
class ColumnRead:
    """One column of a file: what it was called, what we take it for, and how many rows filled it."""

    found: str
    means: str
    filled: int
    rows: int


@dataclass(frozen=True)
class FileReport:
    """
    What became of one file. `rows_read = rows_kept + rows_rejected + duplicates`, always.

    `kind` is the landed table, `fhir`, or empty when nobody recognized it; `problem` is the sentence that says why a
    file could not be read (then all counts are 0) or what to know about one that was (a file received before).
    """

    path: str
    kind: str
    rows_read: int = 0
    rows_kept: int = 0
    rows_rejected: int = 0
    duplicates: int = 0
    first_date: date | None = None
    last_date: date | None = None
    rejects_path: str | None = None
    problem: str = ""
    state: str = "landed"
    delivery_id: str = ""
    source: str = ""
    reasons: tuple[Reason, ...] = field(default=())
    columns: tuple[ColumnRead, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())

    @property
    def adds_up(self) -> bool:
        return self.rows_read == self.rows_kept + self.rows_rejected + self.duplicates


Said = Callable[[int], None]
"""How a reader says that it is moving: it is called with the number of bytes read since the last call."""
