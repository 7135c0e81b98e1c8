"""
How fast we turn diagnoses into CMS-HCC scores, and whether every score is right.

Random Medicare members (about ten diagnoses each) are scored by our warehouse steps and, one by one, by the Python
package hccinfhir. Condition sets and raw scores must be equal for every adult; payment scores are not compared, because
hccinfhir's normalization is not CMS's.

hccinfhir is a development dependency: it is the yardstick, never the source of a score.
"""

import argparse
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from carewright.kernel.errors import CannotDo
from carewright.warehouse import tables
from carewright.warehouse.run import check_grain
from carewright.warehouse.step import all_steps

MODELS = {"V24": "CMS-HCC Model V24", "V28": "CMS-HCC Model V28"}
STEPS = (
    "marts.hcc_person",
    "marts.hcc_diagnosis",
    "marts.hcc_condition",
    "marts.hcc_condition_list",
    "marts.hcc",
    "marts.hcc_score",
)
Answers = dict[tuple[str, str], tuple[frozenset[str], Decimal]]
"""(person, model) → (condition categories, raw score)."""

DUAL = ("00", "01", "02", "03", "04", "05", "06", "08")


@dataclass(frozen=True)
class Members:
    """Random people as columns: one entry per person, and `person`/`code` pairs for their diagnoses."""

    born_on: list[date]
    sex: list[str]
    orec: list[str]
    dual: list[str]
    is_new: list[bool]
    is_institutional: list[bool]
    is_in_chronic_plan: list[bool]
    diagnosis_person: np.ndarray
    diagnosis_code: list[str]

    def __len__(self) -> int:
        return len(self.born_on)

    def codes(self) -> list[list[str]]:
        """The diagnosis codes of each person."""
        found: list[list[str]] = [[] for _ in self.born_on]
        for person, code in zip(self.diagnosis_person.tolist(), self.diagnosis_code, strict=True):
            found[person].append(code)
        return found


def members(count: int, seed: int, year: int) -> Members:
    """
    Random people, the same for the same seed: every segment, sex, age 18 to 104, entitlement and Medicaid status.

    A third of the diagnoses are drawn from codes some CMS-HCC model knows, the rest from all of ICD-10-CM.
    """
    chance = np.random.default_rng(seed)
    con = duckdb.connect()
    tables.register_knowledge(con, {"hcc_code", "icd10cm"})
    known = _texts(con, "select distinct code from knowledge.hcc_code order by 1")
    every = _texts(con, "select code from knowledge.icd10cm where billable = '1' order by 1")
    # A quarter are born to be 63 to 70 in the payment year, where the rules change from birthday to birthday.
    ages = np.where(chance.random(count) < 0.25, chance.integers(63, 71, count), chance.integers(18, 105, count))
    lasting = chance.integers(0, 364, count)
    each = np.maximum(chance.poisson(10, count), 0)
    person = np.repeat(np.arange(count), each)
    of_model = chance.random(len(person)) < 1 / 3
    first, second = chance.integers(0, len(known), len(person)), chance.integers(0, len(every), len(person))
    # Most people are neither new nor in a nursing facility; enough are both that every segment has its hundreds.
    return Members(
        born_on=[_birth_date(year, age, days) for age, days in zip(ages.tolist(), lasting.tolist(), strict=True)],
        sex=chance.choice(["female", "male"], count).tolist(),
        orec=chance.choice(["0", "1", "2", "3"], count, p=[0.55, 0.3, 0.08, 0.07]).tolist(),
        dual=chance.choice(DUAL, count).tolist(),
        is_new=(chance.random(count) < 0.2).tolist(),
        is_institutional=(chance.random(count) < 0.15).tolist(),
        is_in_chronic_plan=(chance.random(count) < 0.3).tolist(),
        diagnosis_person=person,
        diagnosis_code=np.where(of_model, np.array(known)[first], np.array(every)[second]).tolist(),
    )


def prepare(con: duckdb.DuckDBPyConnection, people: Members, year: int) -> None:
    """Lay the members out as the core tables the steps read; the work before the clock starts."""
    names = [f"p{number:07d}" for number in range(len(people))]
    for schema in ("landed", "input", "core", "marts", "knowledge"):
        con.execute(f"create schema if not exists {schema}")
    con.execute("create or replace table knowledge.run as select ?::date as as_of", [date(year, 6, 30)])
    reads = frozenset().union(*(all_steps()[name].reads for name in STEPS))
    knowledge = {name.split(".")[1] for name in reads if name.startswith("knowledge.")}
    tables.register_knowledge(con, knowledge - {"run"})
    con.execute("delete from knowledge.hcc_factor where payment_year <> ?", [str(year)])  # one year, as the yardstick
    lines = list(range(1, len(people) + 1))
    con.register(
        "given",
        pa.table(
            {
                "person_id": names,
                "born_on": people.born_on,
                "sex": people.sex,
                "orec": people.orec,
                "dual": people.dual,
                "is_institutional": people.is_institutional,
                "enrollment_status": ["new" if new else "continuing" for new in people.is_new],
                "snp_type": ["c-snp" if plan else "" for plan in people.is_in_chronic_plan],
                "line": lines,
            }
        ),
    )
    con.register(
        "coded",
        pa.table({"person": people.diagnosis_person, "code": people.diagnosis_code}),
    )
    con.execute("""create or replace table core.person as
        select person_id, born_on, null::date as died_on, sex, 'medicare' as payer_type from given""")
    con.execute("""create or replace table landed.eligibility as
        select 'bench' as delivery_id, line, enrollment_status, snp_type from given""")
    con.execute(f"""create or replace table input.eligibility as
        select person_id, 'medicare' as payer_type, date '{year - 3}-01-01' as starts_on, date '9999-12-31' as ends_on,
               dual as dual_status_code, orec as original_reason_entitlement_code, '10' as medicare_status_code,
               is_institutional, 1 as received_seq, 'bench:' || line as evidence from given""")
    con.execute("""create or replace table core.member_month as
        select person_id, 'plan' as payer, 'medicare' as payer_type, current_date as month from given where false""")
    con.execute(f"""create or replace table core.diagnosis as
        select 'p' || lpad(person::varchar, 7, '0') as person_id, code, date '{year - 1}-03-01' as "on",
               date '{year - 1}-03-01' as ends_on, true as is_risk_eligible, '' as tags,
               'bench:' || (1000000 + row_number() over ()) as evidence from coded""")
    con.unregister("given")
    con.unregister("coded")


def score(con: duckdb.DuckDBPyConnection) -> tuple[float, float]:
    """Run the six CMS-HCC steps, as a run would; gives the seconds of the steps, and of the checks of their grain."""
    steps = all_steps()
    working = checking = 0.0
    for name in STEPS:
        began = time.perf_counter()
        con.execute(f"create or replace table {name} as {steps[name].sql}")
        built = time.perf_counter()
        check_grain(con, steps[name])
        working += built - began
        checking += time.perf_counter() - built
    return working, checking


def scores(con: duckdb.DuckDBPyConnection, year: int) -> Answers:
    """Our answers for one payment year: (person, model) → (condition categories, raw score)."""
    rows = con.execute(
        "select person_id, model, hccs, raw_score from marts.hcc_score where payment_year = ? and status = 'scored'",
        [year],
    ).fetchall()
    return {(person, model): (frozenset(hccs.split(";")) - {""}, raw) for person, model, hccs, raw in rows}


def engines(year: int) -> dict[str, Any]:
    """hccinfhir's two models with its tables of the year, its hierarchies those of 2026."""
    try:
        from hccinfhir import HCCInFHIR
    except ImportError:
        raise CannotDo(
            "bench hcc compares with the package hccinfhir, which is not installed here. Install the development"
            " dependencies, or use --compare 0."
        ) from None
    return {
        model: HCCInFHIR(
            model_name=name,
            dx_cc_mapping_filename=f"ra_dx_to_cc_{year}.csv",
            coefficients_filename=f"ra_coefficients_{year}.csv",
            # Its 2025 file lacks 22 rows of the one V28 hierarchy CMS has for both years.
            hierarchies_filename="ra_hierarchies_2026.csv",
        )
        for model, name in MODELS.items()
    }


def yardstick(people: Members, which: Iterable[int], year: int, models: dict[str, Any]) -> Answers:
    """What hccinfhir says of the given members, in the shape of `scores`."""
    from hccinfhir import Demographics

    codes = people.codes()
    found = {}
    for number in which:
        about = Demographics(
            age=age_on(people.born_on[number], date(year, 2, 1)),
            sex="F" if people.sex[number] == "female" else "M",
            dual_elgbl_cd=people.dual[number],
            orec=people.orec[number],
            crec="0",
            new_enrollee=people.is_new[number],
            snp=people.is_in_chronic_plan[number],
            lti=people.is_institutional[number],
        )
        for model, engine in models.items():
            result = engine.calculate_from_diagnosis(codes[number], about)
            found[f"p{number:07d}", model] = (frozenset(result.hcc_list), Decimal(f"{result.risk_score:.3f}"))
    return found


def differs_from_cms(people: Members, number: int, year: int) -> bool:
    """Whether hccinfhir is known not to follow CMS for this member (decision record: where the yardstick bends)."""
    if not people.is_new[number]:
        return False
    # It asks for an institutional score with a newcomer's age cell, and such a cell does not exist.
    if people.is_institutional[number]:
        return True
    # It gives newcomers with kidney failure the cell 65_69, which the newcomers' model does not have.
    return people.orec[number] in "23" and 65 <= age_on(people.born_on[number], date(year, 2, 1)) <= 69


def age_on(born_on: date, day: date) -> int:
    """Full years on a day."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command line may set."""
    parser.add_argument("--members", type=int, default=100_000, help="how many random members (default 100,000)")
    parser.add_argument("--compare", type=int, default=20_000, help="how many of them hccinfhir scores too")
    parser.add_argument("--year", type=int, default=2026, choices=(2025, 2026), help="payment year")
    parser.add_argument("--seed", type=int, default=2026, help="the same seed gives the same members")


def run(args: argparse.Namespace) -> dict:
    """Score the members both ways; gives the figures and every member on whom the two disagree."""
    people = members(args.members, args.seed, args.year)
    with duckdb.connect() as con:  # in memory, as the yardstick has its members
        con.execute("set threads = 2")
        con.execute("set preserve_insertion_order = false")  # as a run does
        prepare(con, people, args.year)
        spent = time.process_time()
        seconds, checking = score(con)
        our_cpu = time.process_time() - spent
        ours = scores(con, args.year)
    compared = min(args.compare, args.members)
    models = engines(args.year) if compared else {}
    began, spent = time.perf_counter(), time.process_time()
    theirs = yardstick(people, range(compared), args.year, models) if compared else {}
    their_seconds, their_cpu = time.perf_counter() - began, time.process_time() - spent
    unequal, bent = [], 0
    for number in range(compared):
        pair = [(ours[f"p{number:07d}", model], theirs[f"p{number:07d}", model]) for model in MODELS]
        if differs_from_cms(people, number, args.year):
            bent += 1
        elif any(mine != other for mine, other in pair):
            unequal.append(f"p{number:07d}")
    our_rate = args.members / seconds
    their_rate = compared / their_seconds if compared else None
    return {
        "members": args.members,
        "diagnoses": len(people.diagnosis_code),
        "payment_year": args.year,
        "seconds": round(seconds, 2),
        "grain_check_seconds": round(checking, 2),
        "members_per_second": round(our_rate),
        "hccinfhir_members_per_second": round(their_rate) if their_rate else None,
        "times_hccinfhir": round(our_rate / their_rate, 1) if their_rate else None,
        "goal": "at least 20 times",
        # Processor time does not suffer when the machine is busy with something else.
        "cpu_microseconds_per_member": round(our_cpu / args.members * 1e6, 1),
        "hccinfhir_cpu_microseconds_per_member": round(their_cpu / compared * 1e6, 1) if compared else None,
        "compared": compared,
        "left_out_known_deviation": bent,
        "unequal": len(unequal),
        "unequal_members": unequal[:20],
    }


def _texts(con: duckdb.DuckDBPyConnection, query: str) -> list[str]:
    return [text for (text,) in con.execute(query).fetchall()]


def _birth_date(year: int, age: int, days: int) -> date:
    """A birth date that makes someone this old on February 1 of the year, by so many days."""
    return date.fromordinal(date(year - age, 2, 1).toordinal() - days)
