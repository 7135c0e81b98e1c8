"""
A warehouse made by hand: write down a few claims as one would on paper, build, and look at a table.

Every row has a source, a delivery and a line, as landed rows do. Deliveries are numbered from 1 in the order of receipt.
"""

import itertools
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from carewright.warehouse import landing, run
from carewright.warehouse.layout import layout
from carewright.warehouse.step import Step, all_steps
from tests.made_once import SHARED

NOON = datetime(2026, 1, 1, 12)
TODAY = date(2025, 12, 31)


@cache
def steps() -> dict[str, Step]:
    """Every step, parsed once for all tests."""
    return all_steps()


def day(month: int, number: int, year: int = 2025) -> date:
    """A day of the year the tests play in."""
    return date(year, month, number)


@dataclass
class ByHand:
    """A home with landed tables and nothing else."""

    path: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="by-hand-", dir=SHARED)))
    rows: dict[str, list[dict]] = field(default_factory=dict)
    lines: itertools.count = field(default_factory=lambda: itertools.count(2))
    joined: dict[str, str] = field(default_factory=dict)
    """Numbers that are counted as another's, since their records were joined."""

    @property
    def landed(self) -> Path:
        return self.path / "landed"

    @property
    def warehouse(self) -> Path:
        (self.path / "warehouse").mkdir(parents=True, exist_ok=True)
        return self.path / "warehouse"

    # --- writing down -------------------------------------------------------------------------------------------------

    def add(self, table: str, *, delivery: int = 1, source: str = "acme", received_on: date | None = None, **values):
        """One landed row of any table; returns its evidence id."""
        line = values.pop("line", None) or next(self.lines)
        delivery_id = f"{source[:4]:x<4}{delivery:08d}"
        stamps = {
            "source": source,
            "delivery_id": delivery_id,
            "line": line,
            "received_on": received_on or day(1, 1, 2026),
            "received_seq": delivery,
        }
        self.rows.setdefault(table, []).append(values | stamps)
        return f"{delivery_id}:{line}"

    def person(self, person_id: str = "ada", born: date = date(1950, 5, 5), **values):
        """Someone covered from 2020 on, unless said otherwise."""
        given = {
            "birth_date": born,
            "gender": "female",
            "first_name": person_id.title(),
            "last_name": "Test",
            "payer": "Acme",
            "payer_type": "medicare",
            "plan": "Gold",
            "enrollment_start_date": date(2020, 1, 1),
            "enrollment_end_date": date(2099, 12, 31),
        }
        return self.add("eligibility", person_id=person_id, **(given | values))

    def claim(self, claim_id: str, start: date, end: date | None = None, **values):
        """One line of a claim; institutional when it has a type of bill."""
        given = {
            "claim_line_number": 1,
            "claim_type": "institutional" if values.get("bill_type_code") else "professional",
            "person_id": "ada",
            "claim_start_date": start,
            "claim_end_date": end or start,
            "paid_amount": 100,
            "diagnosis_code_1": "I10",
            "diagnosis_code_type": "icd-10-cm",
        }
        return self.add("medical_claim", claim_id=claim_id, **(given | values))

    def bed(self, claim_id: str, start: date, end: date, *, facility: str | None = "1111111111", **values):
        """A hospital bill from admission to discharge, home afterwards, unless said otherwise."""
        given = {
            "bill_type_code": "111",
            "admission_date": start,
            "discharge_date": end,
            "discharge_disposition_code": "01",
            "admit_type_code": "1",
            "revenue_center_code": "0120",
            "facility_npi": facility,
        }
        return self.claim(claim_id, start, end, **(given | values))

    def emergency(self, claim_id: str, start: date, end: date | None = None, *, facility="1111111111", **values):
        """An outpatient hospital bill with an emergency room line."""
        given = {"bill_type_code": "131", "revenue_center_code": "0450", "facility_npi": facility}
        return self.claim(claim_id, start, end, **(given | values))

    def fill(self, claim_id: str, on: date, **values):
        """One fill at a pharmacy."""
        given = {
            "claim_line_number": 1,
            "person_id": "ada",
            "dispensing_date": on,
            "ndc_code": "00000111122",
            "quantity": 30,
            "days_supply": 30,
            "paid_amount": 10,
        }
        return self.add("pharmacy_claim", claim_id=claim_id, **(given | values))

    # --- building -----------------------------------------------------------------------------------------------------

    def land(self, order=lambda rows: rows) -> None:
        """Put all rows down as one finished batch."""
        for table, written in self.rows.items():
            rows = order(list(written))
            schema = {column.name: column.type for column in layout(table).all_columns}
            arrays = {}
            for name in {name for row in rows for name in row}:
                kind = {"DATE": pa.date32(), "BIGINT": pa.int64(), "INTEGER": pa.int32(), "DOUBLE": pa.float64()}.get(
                    schema[name], pa.float64() if schema[name].startswith("DECIMAL") else pa.string()
                )
                if schema[name] == "BOOLEAN":
                    kind = pa.bool_()
                arrays[name] = pa.array([row.get(name) for row in rows], type=kind)
            landing.write(self, table, "batch", pa.table(arrays))
        (self.landed / "_batches").mkdir(parents=True, exist_ok=True)
        landing.finish(self, "batch", [], at=NOON)

    def build(self, *wanted: str, as_of: date = TODAY, order=lambda rows: rows) -> duckdb.DuckDBPyConnection:
        """Build the wanted tables and all they stand on; returns the connection that holds them."""
        if not (self.landed / "_batches" / "batch.json").exists():
            self.land(order)
        con = duckdb.connect()
        con.execute("set threads = 1")
        run.give(con, self, as_of, "by-hand", NOON, joined_numbers=self.joined.items())
        run.build(con, run.needed_for(steps(), wanted), self)
        return con

    def table(self, name: str, columns: str = "*", as_of: date = TODAY, order=lambda rows: rows) -> list[tuple]:
        """The rows of one table, in order of the chosen columns."""
        con = self.build(name, as_of=as_of, order=order)
        return con.execute(f"select {columns} from {name} order by all").fetchall()


def ids(rows: Iterable[tuple]) -> list:
    """The first column of rows."""
    return [row[0] for row in rows]
