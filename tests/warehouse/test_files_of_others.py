"""Files written by others give the facts their manifest expects: ten members of Tuva's, people of Synthea's."""

import gzip
import json
from collections import Counter
from datetime import date

import duckdb
import pytest

from carewright.warehouse import landing, run
from carewright.warehouse.layout import layout
from tests.shared import shared
from tests.warehouse.by_hand import NOON, ByHand, steps

END_OF_2018 = date(2018, 12, 31)


@pytest.fixture(scope="module")
def tuva():
    """The warehouse of Tuva's ten members, at the end of their last year."""
    folder = shared("testdata/claims/tuva_input_layer_2023")
    home = ByHand()
    con = duckdb.connect()
    for number, table in enumerate(("eligibility", "medical_claim", "pharmacy_claim"), start=1):
        path = folder / f"{table}_seed.csv.gz"
        con.execute(
            f"create or replace table given as select *, row_number() over () + 1 as line_in_file"
            f" from read_csv('{path}', all_varchar = true, parallel = false)"
        )
        here = {name for name, *_ in con.execute("describe given").fetchall()}
        shape = layout(table)
        values = {
            column.name: f"cast({landing.normal(landing.quoted(column.name), column)} as {column.type})"
            for column in shape.columns
            if column.name in here
        } | {
            "source": "'tuva'",
            "delivery_id": f"'tuva{number:08d}'",
            "line": "line_in_file",
            "received_on": "date '2019-01-05'",
            "received_seq": str(number),
        }
        landing.copy_to(con, home, shape, "batch", "given", values)
    landing.finish(home, "batch", [], at=NOON)
    found = duckdb.connect()
    run.give(found, home, END_OF_2018, "tuva", NOON)
    wanted = ["core.ed_visit", "core.snf_stay", "marts.readmission", "marts.utilization", "marts.month"]
    run.build(found, run.needed_for(steps(), wanted + ["marts.attribution", "core.encounter"]), home)
    return found


def one(con, sql):
    [[found]] = con.execute(sql).fetchall()
    return found


def test_ten_people_and_all_their_claims_and_money(tuva):
    assert one(tuva, "select count(*) from core.person") == 10
    assert one(tuva, "select count(*) from core.claim") == 1138
    assert one(tuva, "select count(*) from core.claim where claim_type = 'institutional'") == 132
    assert one(tuva, "select cast(sum(paid) as double) from core.claim") == 163818.97
    assert one(tuva, "select count(*) from input.line_left_out") == 0


def test_ten_emergency_claims_and_six_of_hospital_inpatient(tuva):
    assert one(tuva, "select count(*) from core.claim where is_emergency and claim_type = 'institutional'") == 10
    assert one(tuva, "select count(*) from core.claim where bill_type_code like '11%'") == 6


def test_each_hospital_claim_is_in_one_stay(tuva):
    ids = [
        claim_id
        for (joined,) in tuva.execute("select claim_ids from core.inpatient_stay").fetchall()
        for claim_id in joined.split(";")
    ]
    [expected] = [tuva.execute("select claim_id from core.claim where bill_type_code like '11%'").fetchall()]
    assert sorted(ids) == sorted(claim_id for (claim_id,) in expected)


def test_each_emergency_claim_is_in_one_visit(tuva):
    ids = Counter(
        claim_id
        for (joined,) in tuva.execute("select claim_ids from core.ed_visit").fetchall()
        for claim_id in joined.split(";")
    )
    hospital = "select claim_id from core.claim where is_emergency and claim_type = 'institutional'"
    emergency = "select claim_id from core.claim where is_emergency"
    assert {one for (one,) in tuva.execute(hospital).fetchall()} <= set(ids)
    assert set(ids) <= {one for (one,) in tuva.execute(emergency).fetchall()}
    assert set(ids.values()) == {1}


def test_a_doctors_claim_outside_every_visit_bills_no_emergency_visit(tuva):
    """Decision 42: what is left out is a doctor's claim on a day without a hospital's bill and without a visit's code."""
    visits = "'99281', '99282', '99283', '99284', '99285', 'G0380', 'G0381', 'G0382', 'G0383', 'G0384'"
    left_out = """
        select c.claim_id, c.claim_type from core.claim as c
        where c.is_emergency and not exists (
            select 1 from core.ed_visit as v
            where ';' || v.claim_ids || ';' like '%;' || c.claim_id || ';%'
        )"""
    assert one(tuva, f"select count(*) from ({left_out}) where claim_type <> 'professional'") == 0
    assert (
        one(
            tuva,
            f"""
        select count(*) from ({left_out}) as o inner join input.claim_line as l on l.claim_id = o.claim_id
        where l.hcpcs in ({visits})""",
        )
        == 0
    )


def test_every_claim_belongs_to_exactly_one_encounter(tuva):
    assert one(tuva, "select sum(claims) from core.encounter") == 1138
    assert one(tuva, "select cast(sum(paid) as double) from core.encounter") == 163818.97


# --- Synthea ------------------------------------------------------------------------------------------------------------


def encounters(path):
    """Each encounter of a Synthea bundle: number, class, first and last day."""
    with gzip.open(path) as file:
        bundle = json.load(file)
    for entry in bundle["entry"]:
        said = entry["resource"]
        if said["resourceType"] == "Encounter":
            period = said["period"]
            yield said["id"], said["class"]["code"], period["start"][:10], period["end"][:10], said["status"]


def synthea_people():
    folder = shared("testdata/synthea/fhir_r4_generated-sample-data")
    return sorted(path for path in folder.glob("*.json.gz") if "Information" not in path.name)


def test_stays_and_visits_of_synthea_people_come_from_their_encounters():
    home = ByHand()
    inpatient, emergency, days = Counter(), Counter(), {}
    for path in synthea_people():
        person = path.name.split(".")[0]
        for number, kind, start, end, status in encounters(path):
            home.add(
                "encounter",
                source="synthea",
                person_id=person,
                encounter_id=number,
                encounter_class=kind,
                status=status,
                encounter_start_date=date.fromisoformat(start),
                encounter_end_date=date.fromisoformat(end),
            )
            inpatient[person] += kind == "IMP"
            emergency[person] += kind == "EMER"
            if kind == "IMP":
                days.setdefault(person, []).append((start, end))
    con = home.build("core.ed_visit", "core.inpatient_stay", as_of=date(2026, 1, 1))
    beds = Counter(dict(con.execute("select person_id, count(*) from core.bed group by 1").fetchall()))
    assert beds == +inpatient
    assert sum(inpatient.values()) > 40
    told = Counter(dict(con.execute("select person_id, count(*) from core.emergency_event group by 1").fetchall()))
    assert told == +emergency
    stays = con.execute("select person_id, admitted_on, discharged_on from core.inpatient_stay").fetchall()
    for person, start, end in stays:
        assert any(str(start) == first for first, _ in days[person])
        assert any(str(end) == latest for _, latest in days[person])
    assert one(con, "select count(*) from core.inpatient_stay where told_by <> 'records'") == 0
