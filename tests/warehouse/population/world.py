"""A small world for the steps of this room: core tables filled by hand, our own steps run in order, rows read back."""

from datetime import date, timedelta
from functools import cache
from graphlib import TopologicalSorter

import duckdb

from carewright.warehouse import tables
from carewright.warehouse.run import check_grain
from carewright.warehouse.step import STEPS, Step

AS_OF = date(2026, 11, 20)

GIVEN = {
    "input.eligibility": {
        "person_id": "VARCHAR", "source": "VARCHAR", "payer": "VARCHAR", "starts_on": "DATE", "ends_on": "DATE",
    },
    "core.month": {"month": "DATE", "ends_on": "DATE", "months_ago": "BIGINT"},
    "input.condition": {"evidence": "VARCHAR", "is_over": "BOOLEAN"},
    "core.person": {
        "person_id": "VARCHAR", "first_name": "VARCHAR", "last_name": "VARCHAR", "born_on": "DATE", "died_on": "DATE",
        "sex": "VARCHAR", "language": "VARCHAR", "zip_code": "VARCHAR", "payer": "VARCHAR", "payer_type": "VARCHAR",
        "first_enrolled_on": "DATE", "last_enrolled_on": "DATE", "is_covered": "BOOLEAN", "in_hospice": "BOOLEAN",
        "identity_in_doubt": "BOOLEAN", "age": "BIGINT", "evidence": "VARCHAR",
    },
    "core.member_month": {
        "person_id": "VARCHAR", "month": "DATE", "payer_type": "VARCHAR", "dual_status_code": "VARCHAR",
    },
    "core.claim": {
        "claim_key": "VARCHAR", "person_id": "VARCHAR", "source": "VARCHAR", "claim_id": "VARCHAR",
        "claim_type": "VARCHAR", "paid_on": "DATE", "starts_on": "DATE", "principal_diagnosis": "VARCHAR",
        "ends_on": "DATE", "claim_kind": "VARCHAR", "service_category_2": "VARCHAR", "discharge_status": "VARCHAR",
        "tags": "VARCHAR", "evidence": "VARCHAR",
    },
    "core.diagnosis": {
        "person_id": "VARCHAR", "code": "VARCHAR", "position": "INTEGER", "on": "DATE", "ends_on": "DATE", "claim_key": "VARCHAR",
        "claim_kind": "VARCHAR", "tags": "VARCHAR", "evidence": "VARCHAR",
    },
    "core.inpatient_stay": {
        "stay_id": "VARCHAR", "person_id": "VARCHAR", "admitted_on": "DATE", "discharged_on": "DATE",
        "discharge_status": "VARCHAR", "claim_ids": "VARCHAR", "is_unplanned": "BOOLEAN", "tags": "VARCHAR",
        "evidence": "VARCHAR",
    },
    "core.ed_visit": {
        "visit_id": "VARCHAR", "person_id": "VARCHAR", "visited_on": "DATE", "led_to_stay": "BOOLEAN",
        "claim_ids": "VARCHAR", "tags": "VARCHAR", "evidence": "VARCHAR",
    },
    "core.dispensing": {
        "person_id": "VARCHAR", "ndc": "VARCHAR", "on": "DATE", "paid_on": "DATE", "tags": "VARCHAR",
        "evidence": "VARCHAR",
    },
    "marts.chronic_condition": {
        "person_id": "VARCHAR", "scheme": "VARCHAR", "condition": "VARCHAR", "label": "VARCHAR", "tags": "VARCHAR",
        "evidence": "VARCHAR",
    },
    "marts.social_need": {
        "person_id": "VARCHAR", "domain": "VARCHAR", "code": "VARCHAR", "on": "DATE", "tags": "VARCHAR",
        "evidence": "VARCHAR",
    },
    "marts.utilization": {
        "person_id": "VARCHAR", "months_enrolled_12": "INTEGER", "paid_12": "DECIMAL(18,2)",
        "paid_12_open": "DECIMAL(18,2)",
    },
    "marts.attribution": {
        "person_id": "VARCHAR", "rank": "INTEGER", "npi": "VARCHAR", "provider_name": "VARCHAR",
    },
    "marts.neighborhood": {"person_id": "VARCHAR", "county_fips": "VARCHAR", "county": "VARCHAR"},
    "marts.freshness": {"feed": "VARCHAR", "month": "DATE", "completeness": "DOUBLE", "rows": "BIGINT"},
    "marts.freshness_summary": {"feed": "VARCHAR", "complete_through": "DATE", "is_quiet": "BOOLEAN"},
    "marts.hcc_score": {
        "person_id": "VARCHAR", "model": "VARCHAR", "payment_year": "INTEGER", "raw_score": "DOUBLE",
        "status": "VARCHAR",
    },
}  # fmt: skip

OURS = (
    "condition_on_record", "criterion", "criterion_chronic_care", "criterion_count", "criterion_every_program", "criterion_known",
    "criterion_scope", "criterion_setting", "criterion_social_needs", "criterion_transitional_care", "eligibility",
    "candidate", "hospice", "score", "score_charlson", "score_condition", "score_date", "score_ed_visit", "score_fact", "score_part",
    "score_person", "score_point", "score_stay", "score_value", "worth",
)  # fmt: skip
PUBLISHED = ("criterion", "eligibility", "candidate", "score", "score_part", "worth")


@cache
def our_steps() -> tuple[Step, ...]:
    """The steps of this room, each after what it reads; read once, however many worlds are built."""
    found = [Step(STEPS / "marts" / f"{name}.sql") for name in OURS]
    found += [Step(STEPS / "published" / f"{name}.sql") for name in PUBLISHED]
    steps = {step.table: step for step in found}
    order = TopologicalSorter({table: step.reads & steps.keys() for table, step in steps.items()}).static_order()
    return tuple(steps[table] for table in order)


class World:
    """Rows by table name; a person gets everything that makes them an ordinary covered member unless told otherwise."""

    def __init__(self, as_of: date = AS_OF):
        self.as_of = as_of
        self.rows: dict[str, list[dict]] = {table: [] for table in GIVEN}
        self.numbers = iter(range(1, 1_000_000))
        self.feed(feed="claims", complete_through=as_of, is_quiet=False, months=2)
        for back in range(36):
            starts = self.month(back)
            self.add("core.month", month=starts, ends_on=self.month(back - 1) - timedelta(days=1), months_ago=back)

    def month(self, back: int) -> date:
        """The first day of the month so many months before that of the run."""
        year, month = divmod(self.as_of.year * 12 + self.as_of.month - 1 - back, 12)
        return date(year, month + 1, 1)

    def covered(self, person_id: str, payer: str, starts_on: date, ends_on: date, *, enrolled_by: str = "plan") -> None:
        """A span of coverage, as a source enrolled somebody with a payer."""
        self.add(
            "input.eligibility", person_id=person_id, source=enrolled_by, payer=payer, starts_on=starts_on, ends_on=ends_on
        )  # fmt: skip

    def add(self, table: str, **row) -> None:
        self.rows[table].append(row)

    def feed(
        self, *, feed: str, complete_through: date, is_quiet: bool, months: int, share: float = 1.0, silent: int = 0,
        told: int = 12,
    ) -> None:  # fmt: skip
        """A feed with its last `months` as complete as `share`; claims of the `told` months before the `silent` ones."""
        self.rows["marts.freshness_summary"] = [r for r in self.rows["marts.freshness_summary"] if r["feed"] != feed]
        self.rows["marts.freshness"] = [r for r in self.rows["marts.freshness"] if r["feed"] != feed]
        self.add("marts.freshness_summary", feed=feed, complete_through=complete_through, is_quiet=is_quiet)
        for back in range(silent + told):
            year, month = divmod(self.as_of.year * 12 + self.as_of.month - 1 - back, 12)
            self.add(
                "marts.freshness", feed=feed, month=date(year, month + 1, 1), completeness=share if back < months else 1.0,
                rows=0 if back < silent else 100,
            )  # fmt: skip

    def person(
        self, person_id: str, *, born_on: date | None = date(1950, 5, 2), months: int = 12, enrolled_by: str = "plan",
        **facts,
    ) -> str:  # fmt: skip
        age = None
        if born_on:
            age = self.as_of.year - born_on.year - ((self.as_of.month, self.as_of.day) < (born_on.month, born_on.day))
        row = {
            "person_id": person_id, "first_name": "Test", "last_name": person_id.title(), "born_on": born_on,
            "died_on": None, "sex": "female", "language": "English", "zip_code": "97201", "payer": "Plan A",
            "payer_type": "medicare", "first_enrolled_on": date(2020, 1, 1), "last_enrolled_on": date(2026, 12, 31),
            "is_covered": True, "in_hospice": False, "identity_in_doubt": False, "age": age,
            "evidence": f"person:{person_id}",
        }  # fmt: skip
        self.add("core.person", **(row | facts))
        if months:
            self.covered(
                person_id, (row | facts)["payer"], self.month(months - 1), date(9999, 12, 31), enrolled_by=enrolled_by
            )
        self.add("marts.utilization", person_id=person_id, months_enrolled_12=months, paid_12=100.0, paid_12_open=100.0)
        for back in range(24):
            year, month = divmod(self.as_of.year * 12 + self.as_of.month - 1 - back, 12)
            self.add(
                "core.member_month", person_id=person_id, month=date(year, month + 1, 1),
                payer_type=facts.get("payer_type", "medicare"), dual_status_code=facts.get("dual_status_code", "NA"),
            )  # fmt: skip
        for table in ("core.person",):
            self.rows[table][-1].pop("dual_status_code", None)
        return person_id

    def claim(
        self, person_id: str, *, paid_on: date | None, kind: str = "institutional", source: str = "claims",
        code: str | None = "Z0000", **more,
    ) -> str:  # fmt: skip
        number = next(self.numbers)
        self.add(
            "core.claim", claim_key=f"k{number}", person_id=person_id, source=source, claim_id=f"c{number}",
            claim_type=kind, paid_on=paid_on, principal_diagnosis=code,
            **({"starts_on": self.as_of, "ends_on": self.as_of, "claim_kind": "OP", "tags": "", "evidence": f"claim:{number}"} | more),
        )  # fmt: skip
        return f"c{number}"

    def stay(
        self, person_id: str, admitted_on: date, discharged_on: date | None, *, status: str = "01",
        unplanned: bool = True, tags: str = "", paid_on: date | None = None,
    ) -> None:  # fmt: skip
        claim = self.claim(person_id, paid_on=paid_on)
        self.add(
            "core.inpatient_stay", stay_id=f"s{claim}", person_id=person_id, admitted_on=admitted_on,
            discharged_on=discharged_on, discharge_status=status, claim_ids=claim, is_unplanned=unplanned, tags=tags,
            evidence=f"stay:{claim[1:]}",
        )  # fmt: skip

    def ed_visit(
        self,
        person_id: str,
        visited_on: date,
        *,
        led_to_stay: bool = False,
        tags: str = "",
        paid_on: date | None = None,
    ) -> None:
        claim = self.claim(person_id, paid_on=paid_on)
        self.add(
            "core.ed_visit", visit_id=f"v{claim}", person_id=person_id, visited_on=visited_on, led_to_stay=led_to_stay,
            claim_ids=claim, tags=tags, evidence=f"visit:{claim[1:]}",
        )  # fmt: skip

    def diagnosis(
        self, person_id: str, code: str, on: date, *, kind: str = "CAR", position: int = 1, tags: str = "",
        paid_on: date | None = None,
    ) -> None:  # fmt: skip
        claim = self.claim(person_id, paid_on=paid_on, kind="professional")
        self.add(
            "core.diagnosis", person_id=person_id, code=code, position=position, on=on, claim_key=f"k{claim[1:]}",
            claim_kind=kind, tags=tags, evidence=f"dx:{claim[1:]}",
        )  # fmt: skip

    def condition(self, person_id: str, condition: str, code: str, *days: date, tags: str = "") -> None:
        """A CCW condition shown by office visits on these days, and the mart's row for it."""
        for day in days:
            self.diagnosis(person_id, code, day, tags=tags, paid_on=day)
        self.add(
            "marts.chronic_condition", person_id=person_id, scheme="ccw30", condition=condition, label=condition,
            tags=tags, evidence=f"dx:{condition}{person_id}",
        )  # fmt: skip

    def record(
        self, person_id: str, code: str, on: date, *, ends_on: date | None = None, is_over: bool = False, tags: str = ""
    ) -> None:  # fmt: skip
        """A condition that a record names, no claim."""
        evidence = f"record:{next(self.numbers)}"
        self.add("input.condition", evidence=evidence, is_over=is_over)
        self.add(
            "core.diagnosis", person_id=person_id, code=code, position=None, on=on, ends_on=ends_on, claim_key=None,
            claim_kind="CLINICAL", tags=tags, evidence=evidence,
        )  # fmt: skip

    def need(self, person_id: str, domain: str, on: date, *, tags: str = "") -> None:
        self.add(
            "marts.social_need", person_id=person_id, domain=domain, code="Z590", on=on, tags=tags,
            evidence=f"need:{next(self.numbers)}",
        )  # fmt: skip

    def run(self, settings: list[tuple[str, str, str]] = ()) -> duckdb.DuckDBPyConnection:
        """Build every step of this room over these rows."""
        con = duckdb.connect()
        con.execute("set threads = 1")
        for schema in ("input", "core", "marts", "published"):
            con.execute(f"create schema {schema}")
        con.execute("create schema knowledge")
        tables.fill(con, "knowledge.run", {"as_of": "DATE", "run_id": "VARCHAR"}, [(self.as_of, "run")])
        columns = {"program": "VARCHAR", "key": "VARCHAR", "value": "VARCHAR"}
        tables.fill(con, "knowledge.program_setting", columns, settings)
        steps = our_steps()
        wanted = frozenset().union(*(step.reads for step in steps))
        tables.register_knowledge(
            con,
            {name.split(".")[1] for name in wanted if name.startswith("knowledge.")} - {"run", "program_setting"},
        )
        for table, columns in GIVEN.items():
            said = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            con.execute(f"create table {table} ({said})")
            if self.rows[table]:
                con.executemany(
                    f"insert into {table} values ({', '.join('?' * len(columns))})",
                    [[row.get(name) for name in columns] for row in self.rows[table]],
                )
        for step in steps:
            con.execute(f"create table {step.table} as {step.sql}")
            check_grain(con, step)
        return con


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict]:
    """The answer as dicts."""
    found = con.execute(sql)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
