"""
Files as they arrive: which delivery holds what, and one writer per file that takes block after block.

A payer sends its whole history first, then a file a month, the last one on the final day. The history is Parquet (or
CSV when asked for); the commercial payer's monthly files and all clinical files are CSV, because some always are.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from carewright.demo.calendar import Calendar, day_of, months_before, number
from carewright.demo.columns import plain, same

MONTHLY_DELIVERIES = 4
DELIVERY_DAY = 5
SENDERS = {
    "meridian": "Meridian",
    "harbor": "Harbor",
    "atlas": "Atlas",
    "laboratory": "Great Lakes Laboratory",
    "practices": "Oakwood and Harbor records",
    "screening": "Needs screening",
    "hospitals": "Hospital notices",
    "directory": "Provider directory",
    "caseload": "Care team caseload",
}
"""Who sends the files of each folder: the name of the feed."""


@dataclass(frozen=True)
class Schedule:
    """The days on which a payer sends a file; each holds what was paid since the one before."""

    cuts: tuple[int, ...]

    def delivery_of(self, day: np.ndarray) -> np.ndarray:
        """Which delivery has what was paid on these days."""
        return np.searchsorted(np.array(self.cuts), day)

    def name(self, delivery: int) -> str:
        """The day of a delivery, as files are named."""
        return day_of(self.cuts[delivery]).isoformat()


def schedule(calendar: Calendar) -> Schedule:
    """The history up to four months ago, then every month on the fifth, then on the last day."""
    as_of = day_of(calendar.as_of)
    cuts = [number(months_before(as_of, back)) + DELIVERY_DAY - 1 for back in range(MONTHLY_DELIVERIES, -1, -1)]
    return Schedule(tuple([cut for cut in cuts if cut < calendar.as_of] + [calendar.as_of]))


@dataclass
class Writers:
    """Open files by path below the folder; each call to `write` adds rows to one of them."""

    folder: Path
    rows: dict[str, int] = field(default_factory=dict)
    _open: dict[str, tuple[Any, Any]] = field(default_factory=dict)

    def write(self, path: str, rows: pa.Table) -> None:
        """Add rows to the file of that name, signed by its sender; its ending says how it is written."""
        if not len(rows):
            return
        feed = path.split("/", 1)[0]
        if feed in SENDERS and feed != "caseload":
            rows = rows.append_column("data_source", same(SENDERS[feed], len(rows)))
        if path.endswith(".parquet"):
            self._parquet(path, rows)
        else:
            self._csv(path, plain(rows))
        self.rows[path] = self.rows.get(path, 0) + len(rows)

    def _parquet(self, path: str, rows: pa.Table) -> None:
        if path not in self._open:
            target = self._place(path)
            self._open[path] = (pq.ParquetWriter(target, rows.schema, compression="snappy"), None)
        writer = self._open[path][0]
        writer.write_table(rows)

    def _csv(self, path: str, rows: pa.Table) -> None:
        if path not in self._open:
            target = self._place(path)
            stream = (
                pa.CompressedOutputStream(str(target), "gzip") if path.endswith(".gz") else pa.OSFile(str(target), "wb")
            )
            options = pyarrow.csv.WriteOptions(quoting_style="needed", quoting_header="none")
            self._open[path] = (pyarrow.csv.CSVWriter(stream, rows.schema, write_options=options), stream)
        self._open[path][0].write_table(rows)

    def _place(self, path: str) -> Path:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def close(self) -> None:
        """Finish every file."""
        for writer, stream in self._open.values():
            writer.close()
            if stream is not None:
                stream.close()
        self._open.clear()
