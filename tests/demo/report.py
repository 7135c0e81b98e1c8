"""
The rates of the demo world beside those it should have, as the table of docs/demo.md.

`python -m tests.demo.report FOLDER AS_OF` prints it for a world written before; the tests hold the page to it.
"""

import csv
import sys
from datetime import date
from pathlib import Path

import duckdb

from carewright.demo.tables import FOLDER
from tests.demo import reading
from tests.shared import SHARED

FROM, TO = "date '2024-06-01'", "date '2026-05-31'"
NAMES = {
    "HYPERT": "high blood pressure", "HYPERL": "high cholesterol", "RAOA": "arthritis", "DIABETES": "diabetes",
    "ISCHMCHT": "ischemic heart disease", "CKD": "chronic kidney disease", "DEPRESSN": "depression",
    "CHF": "heart failure", "COPD": "COPD", "DEMENTIA": "dementia", "ATRIALF": "atrial fibrillation",
    "CANCER": "cancer", "OSTEOPRS": "osteoporosis", "ASTHMA": "asthma", "STRKETIA": "stroke or TIA",
}  # fmt: skip
SENIORS = dict(zip(NAMES, (58, 50, 33, 27, 27, 25, 17, 13, 11, 10, 10, 8, 7, 5, 4), strict=True))
MEDICAID = {"HYPERT": 25, "DEPRESSN": 25, "DIABETES": 13, "ASTHMA": 12, "COPD": 6, "CHF": 3}


def name_drugs(con: duckdb.DuckDBPyConnection) -> None:
    """Make table `drug`: which drug each package code is."""
    with (FOLDER / "drugs.csv").open(encoding="utf-8") as file:
        file.readline()
        pairs = [(ndc, row["drug"]) for row in csv.DictReader(file) for ndc in row["ndcs"].split("|")]
    con.execute("create or replace table drug (ndc varchar, drug varchar)")
    con.executemany("insert into drug values (?, ?)", pairs)


def rows(con: duckdb.DuckDBPyConnection) -> list[tuple[str, float, float]]:
    """What is measured, what it should be, what it is."""
    found: list[tuple[str, float, float]] = []
    members = dict(
        con.execute("select segment, 100.0 * count(*) / sum(count(*)) over () from person group by 1").fetchall()
    )
    stays = reading.rates_a_year(con, "stay", "admitted_on", FROM, TO)
    visits = reading.rates_a_year(con, "ed", "visited_on", FROM, TO)
    back = reading.readmissions(con, FROM, TO)
    wanted = ((20, 240, 480, 15), (4, 330, 1000, 18), (30, 95, 640, 12), (22, 25, 420, 5), (24, 50, 200, 8))
    for name, (share, stay, visit, again) in zip(reading.SEGMENTS, wanted, strict=True):
        found += [
            (f"{name}: share of members, %", share, members[name]),
            (f"{name}: stays per 1,000 a year", stay, stays[name]),
            (f"{name}: emergency visits per 1,000 a year", visit, visits[name]),
            (f"{name}: unplanned 30-day readmission, %", again, 100 * back[name][0] / back[name][1]),
        ]
    reading.conditions(con, SHARED / "reference/chronic/ccw30_2017plus_codes.csv")
    for condition, percent in SENIORS.items():
        share = reading.share_with(con, condition, "segment = 'medicare 65+'")
        found.append((f"65+: {NAMES[condition]}, %", percent, share))
    for condition, percent in MEDICAID.items():
        share = reading.share_with(con, condition, "segment = 'medicaid adults' and years < 65")
        found.append((f"Medicaid adults: {NAMES[condition]}, %", percent, share))
    reading.cost(con)
    for name, wanted_share, low, high in (
        ("top 1 %", 22, 0, 0.01),
        ("top 5 %", 50, 0, 0.05),
        ("lower half", 3, 0.5, 1),
    ):
        found.append((f"cost held by the {name}, %", wanted_share, 100 * reading.held_by(con, "year_2", low, high)))
    found.append(("of the dearest 5 %, still there a year later, %", 40, 100 * reading.still_dear(con)))
    name_drugs(con)
    for name, wanted_share, share in zip(
        ("1 to 4", "5 to 9", "10 or more"), (40, 20, 7), reading.medicine_counts(con, "years >= 18"), strict=True
    ):
        found.append((f"adults who fill {name} medicines a year, %", wanted_share, 100 * share))
    days = reading.statin_days(con, date(2025, 9, 1), date(2026, 8, 31))
    found.append(("statins: mean share of days covered, %", 75, 100 * sum(days) / len(days)))
    found.append(("statins: people at 80 % or more, %", 60, 100 * sum(one >= 0.8 for one in days) / len(days)))
    return found


def table(con: duckdb.DuckDBPyConnection) -> str:
    """The table as Markdown."""
    lines = ["| what | wanted | found |", "|---|---:|---:|"]
    lines += [f"| {what} | {wanted:g} | {found:.1f} |" for what, wanted, found in rows(con)]
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(reading.connect(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))))
