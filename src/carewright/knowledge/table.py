"""
The tables of knowledge: plain CSV files whose first line says where they come from.

The warehouse reads the same files; here they are read for the pages of `docs/clinical` and for people.
"""

import csv
import gzip
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def origin(path: str) -> dict[str, str]:
    """Source, edition and licence of a table, from its first line (`# source: …; edition: …; licence: …`)."""
    line = _text(path).split("\n", 1)[0]
    found = {}
    for key in ("source", "edition", "licence"):
        _, named, after = line.partition(f"{key}: ")
        if not named:
            raise ValueError(f"{path}: the first line does not say its {key}. Begin it with '# source: …; edition: …'.")
        found[key] = after
    found["source"] = found["source"].split("; edition: ")[0]
    found["edition"] = found["edition"].split("; licence: ")[0]
    return found


def rows(path: str) -> list[dict[str, str]]:
    """The rows of a table, every value text, codes with their leading zeros."""
    lines = (line for line in _text(path).splitlines() if not line.startswith("#"))
    return list(csv.DictReader(lines))


def _text(path: str) -> str:
    content = (FOLDER / path).read_bytes()
    return (gzip.decompress(content) if path.endswith(".gz") else content).decode()
