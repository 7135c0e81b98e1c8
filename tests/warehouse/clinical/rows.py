"""Hand-made core tables for the clinical steps, and a way to run a few steps on them."""

from collections.abc import Iterable
from datetime import date
from functools import cache

import duckdb
import pyarrow as pa

from carewright.warehouse import tables
from carewright.warehouse.run import check_grain
from tests.warehouse import by_hand

TODAY = date(2026, 6, 30)

PERSON = {
    "person_id": "VARCHAR",
    "born_on": "DATE",
    "died_on": "DATE",
    "sex": "VARCHAR",
    "payer_type": "VARCHAR",
    "zip_code": "VARCHAR",
}
ELIGIBILITY = {
    "person_id": "VARCHAR",
    "payer": "VARCHAR",
    "payer_type": "VARCHAR",
    "starts_on": "DATE",
    "ends_on": "DATE",
    "dual_status_code": "VARCHAR",
    "original_reason_entitlement_code": "VARCHAR",
    "medicare_status_code": "VARCHAR",
    "is_institutional": "BOOLEAN",
    "received_seq": "BIGINT",
    "evidence": "VARCHAR",
}
LANDED = {"delivery_id": "VARCHAR", "line": "BIGINT", "enrollment_status": "VARCHAR", "snp_type": "VARCHAR"}
MONTH = {"person_id": "VARCHAR", "month": "DATE", "payer": "VARCHAR", "payer_type": "VARCHAR"}
DIAGNOSIS = {
    "person_id": "VARCHAR",
    "code": "VARCHAR",
    "position": "INTEGER",
    '"on"': "DATE",
    "ends_on": "DATE",
    "claim_key": "BIGINT",
    "claim_kind": "VARCHAR",
    "is_risk_eligible": "BOOLEAN",
    "tags": "VARCHAR",
    "evidence": "VARCHAR",
}


@cache
def _database() -> tuple[duckdb.DuckDBPyConnection, set[str]]:
    """One database for all worlds of a test run, so that knowledge is read once; a world replaces what it needs."""
    con = duckdb.connect()
    con.execute("set threads = 1")
    for schema in ("landed", "input", "core", "marts", "published", "knowledge"):
        con.execute(f"create schema {schema}")
    return con, set()


class World:
    """A small population: say who and what, run steps, and read their rows before the next world begins."""

    def __init__(self, as_of: date = TODAY) -> None:
        self.con, self.loaded = _database()
        self.people: list[tuple] = []
        self.spans: list[tuple] = []
        self.landed: list[tuple] = []
        self.months: list[tuple] = []
        self.diagnoses: list[tuple] = []
        self.as_of(as_of)

    def as_of(self, day: date) -> None:
        """Set the day of the run."""
        self.con.execute("create or replace table knowledge.run as select ?::date as as_of", [day])

    def person(
        self,
        name: str = "ada",
        born_on: date | None = date(1950, 5, 5),
        sex: str = "female",
        payer_type: str | None = "medicare",
        zip_code: str | None = None,
        died_on: date | None = None,
        dual: str = "00",
        orec: str | None = "0",
        medicare_status: str = "10",
        is_institutional: bool = False,
        status: str = "continuing",
        snp_type: str = "",
        starts_on: date = date(2020, 1, 1),
        ends_on: date = date(9999, 12, 31),
        months: Iterable[date] = (),
    ) -> None:
        """A person and the coverage they have; without `payer_type` they have none."""
        self.people.append((name, born_on, died_on, sex, payer_type, zip_code))
        if payer_type:
            line = len(self.landed) + 1
            self.landed.append(("elig", line, status, snp_type))
            self.spans.append(
                (
                    name,
                    "plan",
                    payer_type,
                    starts_on,
                    ends_on,
                    dual,
                    orec,
                    medicare_status,
                    is_institutional,
                    1,
                    f"elig:{line}",
                )
            )
            self.months += [(name, month, "plan", payer_type) for month in months]

    def claim(
        self,
        codes: str,
        name: str = "ada",
        on: date = date(2025, 3, 1),
        kind: str = "CAR",
        key: int | None = None,
        eligible: bool = True,
        tags: str = "",
        ends_on: date | None = None,
    ) -> str:
        """A claim with diagnosis codes, the principal one first; gives its evidence id."""
        key = key if key is not None else len(self.diagnoses) + 1
        evidence = f"claims:{key}"
        for position, code in enumerate(codes.split(), start=1):
            at = None if kind == "CLINICAL" else key
            self.diagnoses.append((name, code, position, on, ends_on or on, at, kind, eligible, tags, evidence))
        return evidence

    def run(self, *steps: str) -> None:
        """Run the named steps in this order, each grain checked."""
        for table, columns, rows in (
            ("core.person", PERSON, self.people),
            ("input.eligibility", ELIGIBILITY, self.spans),
            ("landed.eligibility", LANDED, self.landed),
            ("core.member_month", MONTH, self.months),
            ("core.diagnosis", DIAGNOSIS, self.diagnoses),
        ):
            self.fill(table, columns, rows)
        found = by_hand.steps()
        wanted = {name.split(".")[1] for step in steps for name in found[step].reads if name.startswith("knowledge.")}
        wanted -= {"run"} | self.loaded
        tables.register_knowledge(self.con, wanted)
        self.loaded |= wanted
        for step in steps:
            self.con.execute(f"create or replace table {step} as {found[step].sql}")
            check_grain(self.con, found[step])

    def fill(self, table: str, columns: dict[str, str], rows: list[tuple]) -> None:
        """Make a core table from the rows said so far."""
        declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        self.con.execute(f"create or replace table {table} ({declared})")
        if rows:
            given = pa.table([pa.array(values) for values in zip(*rows, strict=True)], names=list(columns))
            self.con.register("given", given)
            self.con.execute(f"insert into {table} select * from given")
            self.con.unregister("given")

    def rows(self, query: str) -> list[tuple]:
        """The rows of a query."""
        return self.con.execute(query).fetchall()


HCC = (
    "marts.hcc_person",
    "marts.hcc_diagnosis",
    "marts.hcc_condition",
    "marts.hcc_condition_list",
    "marts.hcc",
    "marts.hcc_score",
)
