"""
The programs and the ranking as tables, for the warehouse: the same numbers, as CSV.

The Python files are what is read and reviewed; the CSV files beside this one are written from them
(`python -m carewright.knowledge.programs.tables`) and a test holds that they agree.
"""

import csv
import io
from pathlib import Path

from carewright.knowledge import ranking
from carewright.knowledge.programs import ALL_RULES, PROGRAMS

FOLDER = Path(__file__).parent
FIRST_LINE = "# source: carewright.knowledge.programs and carewright.knowledge.ranking, written by programs/tables.py; edition: {}; licence: Apache-2.0"


def program_rows() -> list[tuple]:
    """One row per program: code, place in lists, name, version."""
    return [("program", "position", "name", "version")] + [
        (program.code, place, program.name, program.version) for place, program in enumerate(PROGRAMS, start=1)
    ]


def criterion_rows() -> list[tuple]:
    """One row per line of a rule: program, code, place, kind, the group it is an alternative in, label."""
    rows: list[tuple] = [("program", "code", "position", "kind", "any_of", "label")]
    for program in ALL_RULES:
        for place, line in enumerate(program.criteria, start=1):
            rows.append((program.code, line.code, place, line.kind.value, line.any_of or line.code, line.label))
    return rows


def threshold_rows() -> list[tuple]:
    """One row per number a site may set, with the value that holds until it does."""
    rows: list[tuple] = [("program", "key", "value")]
    for program in ALL_RULES:
        rows += [(program.code, threshold.key, threshold.default) for threshold in program.thresholds]
    return rows + [(ranking.RANKING, threshold.key, threshold.default) for threshold in ranking.THRESHOLDS]


def ranking_part_rows() -> list[tuple]:
    """One row per part of the score: place and words."""
    return [("part", "position", "one", "many")] + [
        (part.code, place, part.one, part.many) for place, part in enumerate(ranking.PARTS, start=1)
    ]


def ranking_step_rows() -> list[tuple]:
    """One row per step of a part's ladder."""
    return [("part", "at_least", "points")] + [
        (part.code, step.at_least, step.points) for part in ranking.PARTS for step in part.steps
    ]


TABLES = {
    "program": program_rows,
    "program_criterion": criterion_rows,
    "program_threshold": threshold_rows,
    "ranking_part": ranking_part_rows,
    "ranking_step": ranking_step_rows,
}


def text_of(name: str) -> str:
    """The whole CSV file of that name."""
    out = io.StringIO()
    out.write(FIRST_LINE.format(f"ranking {ranking.VERSION}") + "\n")
    csv.writer(out, lineterminator="\n").writerows(TABLES[name]())
    return out.getvalue()


def write() -> list[Path]:
    """Write all tables; answers which files."""
    written = []
    for name in TABLES:
        path = FOLDER / f"{name}.csv"
        path.write_text(text_of(name), encoding="utf-8")
        written.append(path)
    return written


if __name__ == "__main__":
    write()
