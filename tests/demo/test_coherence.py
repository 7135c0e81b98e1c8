"""What the files say holds together: nobody is treated before birth or after death, codes are real, bills are right."""

import csv

import duckdb
import pytest

from carewright.demo.dirt import UNKNOWN_DIAGNOSES, UNKNOWN_PACKAGE
from carewright.demo.tables import FOLDER
from tests.shared import shared


def count(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    return con.execute(f"select count(*) from ({sql})").fetchall()[0][0]


def codes(con: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    return {row[0] for row in con.execute(sql).fetchall() if row[0]}


def test_no_service_before_birth_or_after_death(read_world):
    for table, day in (("line", "starts_on"), ("line", "ends_on"), ("fill", "on_day")):
        wrong = f"select 1 from {table} join person using (person_id) where {day} < born_on or {day} > died_on"
        assert count(read_world, wrong) == 0, (table, day)


def test_coverage_covers_every_day_of_service(read_world):
    for table, day in (("claim", "starts_on"), ("fill", "on_day")):
        outside = (
            f"select t.claim_id from {table} as t anti join span as s "
            f"on t.person_id = s.person_id and t.payer = s.payer and t.{day} between s.starts_on and s.ends_on"
        )
        assert count(read_world, outside) == 0, table


def test_nothing_lies_in_the_future(read_world):
    assert count(read_world, "select 1 from line where greatest(starts_on, ends_on, paid_on) > as_of()") == 0
    assert count(read_world, "select 1 from fill where on_day > as_of()") == 0


def test_days_follow_one_another(read_world):
    assert count(read_world, "select 1 from line where ends_on < starts_on or paid_on < ends_on") == 0
    assert count(read_world, "select 1 from line where discharged_on < admitted_on") == 0
    assert count(read_world, "select 1 from span where ends_on < starts_on or starts_on < born_on") == 0


def test_only_women_of_childbearing_age_are_pregnant(read_world):
    wrong = """
        select 1 from diagnosis join person using (person_id)
        where (code like 'O%' or code between 'Z33' and 'Z3A9Z' and code not like 'Z38%')
            and (gender <> 'female' or date_diff('year', born_on, starts_on) not between 15 and 47)
    """
    assert count(read_world, wrong) == 0


def test_conditions_of_one_sex_are_found_in_that_sex(read_world):
    assert (
        count(
            read_world,
            "select 1 from diagnosis join person using (person_id) where (code like 'N40%' or code = 'C61') and gender <> 'male'",
        )
        == 0
    )
    assert (
        count(
            read_world,
            "select 1 from diagnosis join person using (person_id) where code like 'C50%' and gender <> 'female'",
        )
        == 0
    )


def test_children_have_no_old_age(read_world):
    wrong = "select 1 from diagnosis join person using (person_id) where years < 18 and (code like 'G30%' or code like 'M81%' or code = 'Z0000')"
    assert count(read_world, wrong) == 0


def test_every_diagnosis_is_in_icd_10_cm(read_world):
    table = shared("reference/icd10/icd10cm_2026_april.parquet")
    known = codes(read_world, f"select code from '{table}' where kind = 'billable' and in_april_2026_list = '1'")
    used = codes(read_world, "select distinct code from diagnosis")
    assert used - known == set(UNKNOWN_DIAGNOSES)
    assert len(used) > 250


def test_mistyped_diagnoses_are_few(read_world):
    mistyped = ", ".join(f"'{code}'" for code in UNKNOWN_DIAGNOSES)
    share = read_world.execute(f"select avg(cast(code in ({mistyped}) as int)) from diagnosis").fetchall()[0][0]
    assert 0 < share < 0.003


def test_every_drg_revenue_code_and_procedure_is_in_its_table(read_world):
    def column(name: str, path: str) -> set[str]:
        with shared(path).open(encoding="utf-8") as file:
            return {row[name] for row in csv.DictReader(file)}

    assert codes(read_world, "select distinct drg_code from line") <= column(
        "ms_drg", "reference/codes/ms_drg_v43_1.csv"
    )
    assert codes(read_world, "select distinct revenue_center_code from line") <= column(
        "code", "reference/codes/revenue_center.csv"
    )
    table = shared("reference/icd10/icd10pcs_2024.parquet")
    assert codes(read_world, "select distinct procedure_code_1 from line") <= codes(
        read_world, f"select code from '{table}'"
    )
    statuses = column("code", "reference/codes/discharge_status.csv")
    assert codes(read_world, "select distinct discharge_disposition_code from line") <= statuses
    # The shared list is of 2017; telehealth at home (10) came in 2022.
    places = column("code", "reference/codes/place_of_service.csv") | {"10"}
    assert codes(read_world, "select distinct place_of_service_code from line") <= places


def test_every_package_dispensed_is_in_the_drug_table_and_in_rxnorm(read_world):
    with (FOLDER / "drugs.csv").open(encoding="utf-8") as file:
        file.readline()
        ours = {ndc for row in csv.DictReader(file) for ndc in row["ndcs"].split("|")}
    used = codes(read_world, "select distinct ndc from fill")
    assert used - ours == {UNKNOWN_PACKAGE}
    table = shared("meds/tables/ndc_rxcui.parquet")
    assert ours <= codes(read_world, f"select ndc11 from '{table}' where source like 'rxnorm_prescribe%'")


def test_providers_have_numbers_with_a_right_check_digit_and_stand_in_the_directory(read_world, folder):
    used = codes(
        read_world,
        "select rendering_npi from line union select billing_npi from line union select facility_npi from line",
    )
    listed = codes(
        read_world,
        f"select npi from read_csv('{folder}/directory/*/practitioner.csv', all_varchar = true)"
        f" union select npi from read_csv('{folder}/directory/*/organization.csv', all_varchar = true)",
    )
    assert used <= listed
    for npi in listed:
        doubled = [int(digit) for digit in "80840" + npi]
        for at in range(len(doubled) - 2, -1, -2):
            doubled[at] = doubled[at] * 2 - 9 * (doubled[at] > 4)
        assert sum(doubled) % 10 == 0
        assert npi[0] == "2"


def test_bills_look_like_bills(read_world):
    """Hospitals bill with a bill type and revenue codes, doctors with a place of service; stays have a DRG."""
    assert (
        count(
            read_world,
            "select 1 from line where claim_type = 'institutional' and (bill_type_code is null or revenue_center_code is null)",
        )
        == 0
    )
    assert (
        count(
            read_world,
            "select 1 from line where claim_type = 'professional' and (place_of_service_code is null or hcpcs_code is null or bill_type_code is not null)",
        )
        == 0
    )
    assert (
        count(
            read_world,
            "select 1 from line where left(bill_type_code, 2) = '11' and (drg_code is null or admission_date is null or admit_type_code is null or discharge_disposition_code is null)",
        )
        == 0
    )
    assert (
        count(
            read_world,
            "select 1 from line where discharge_disposition_code = '30' and bill_type_code like '11_' and bill_type_code not in ('112', '113')",
        )
        == 0
    )
    assert count(read_world, "select 1 from line where paid > cast(allowed_amount as double) + 0.005 and paid > 0") == 0


def test_every_kind_of_care_is_there(read_world):
    kinds = codes(read_world, "select distinct left(bill_type_code, 2) from line")
    assert {"11", "13", "21", "32", "72", "81"} <= kinds
    assert {"112", "114", "117", "118", "137", "138"} <= codes(
        read_world, "select distinct bill_type_code from raw_line"
    )
    for revenue in ("0450", "0762", "0120", "0651", "0821"):
        assert count(read_world, f"select 1 from line where revenue_center_code = '{revenue}'") > 0, revenue


def test_some_stays_go_through_two_hospitals(read_world):
    moved = """
        select 1 from claim as a join claim as b on a.person_id = b.person_id
            and a.status = '02' and left(a.bill_type, 2) = '11' and left(b.bill_type, 2) = '11'
            and b.admitted_on = a.discharged_on and a.facility <> b.facility
    """
    assert count(read_world, moved) > 20


def test_nursing_facility_stays_follow_a_hospital_stay(read_world):
    alone = """
        select c.claim_id from claim as c anti join stay as s
            on c.person_id = s.person_id and c.admitted_on between s.admitted_on and s.discharged_on + 1
        where left(c.bill_type, 2) = '21' and c.admitted_on > date '2024-07-01' and c.starts_on < date '2026-01-01'
    """
    have = count(read_world, "select 1 from claim where left(bill_type, 2) = '21'")
    # A hospital bill that was voided, or not paid yet, leaves a nursing facility stay alone.
    assert have > 100
    assert count(read_world, alone) < 0.03 * have


def test_mothers_live_with_their_newborns_and_gave_birth_that_day(read_world):
    births = count(
        read_world, "select 1 from claim where drg in ('788', '787', '807', '806') and left(bill_type, 2) = '11'"
    )
    assert births > 100
    at_home = """
        select distinct c.claim_id from claim as c
        join member as m on c.person_id = m.person_id
        join member as k on m.address = k.address and m.zip_code = k.zip_code
            and abs(date_diff('day', c.starts_on, cast(k.birth_date as date))) <= 1
        where c.drg in ('788', '787', '807', '806') and left(c.bill_type, 2) = '11'
    """
    assert count(read_world, at_home) > 0.97 * births


def test_results_fit_the_conditions(read_world, folder):
    read_world.execute(
        f"""create or replace temp table result as select person_id, source_component_code as code, cast(result as double) as value
            from read_csv('{folder}/laboratory/*/lab_result.csv.gz', all_varchar = true) where person_id is not null"""
    )
    average = """
        select avg(value) from result where code = '{}' and person_id {} (
            select person_id from diagnosis where code like '{}%' group by 1 having count(distinct starts_on) >= 3
        )
    """
    for code, disease, sign in (("4548-4", "E11", 1), ("98979-8", "N18", -1), ("42637-9", "I50", 1)):
        with_it, without = (
            read_world.execute(average.format(code, word, disease)).fetchall()[0][0] for word in ("in", "not in")
        )
        assert sign * with_it > sign * without * 1.2, code


def test_sensitive_care_occurs(read_world):
    for what in (
        "code like 'F%'",
        "code in ('B20', 'Z21')",
        "code like 'Z30%'",
        "code like 'T74%' or code = 'Z6911'",
        "code like 'F11%'",
    ):
        assert count(read_world, f"select 1 from diagnosis where {what}") > 5, what


def test_one_protected_program_is_declared_and_bills(read_world, folder):
    with (folder / "part2_sources.csv").open(encoding="utf-8") as file:
        (declared,) = csv.DictReader(file)
    assert (declared["kind"], declared["tag"]) == ("npi", "part2")
    billed = f"from line where billing_npi = '{declared['value']}'"
    assert count(read_world, f"select distinct person_id {billed}") > 10
    assert codes(read_world, f"select distinct place_of_service_code {billed}") == {"58"}


def test_family_doctors_are_sometimes_missing(read_world):
    share = read_world.execute("select avg(cast(pcp_npi is null as int)) from member").fetchall()[0][0]
    assert 0.08 < share < 0.20


def test_two_people_contradict_themselves(read_world):
    doubtful = """
        select person_id from member group by 1
        having count(distinct birth_date) > 1 and count(distinct first_name) > 1 and count(distinct payer) > 1
    """
    assert 1 <= count(read_world, doubtful) <= 20


@pytest.mark.parametrize("state", ["IL", "WI", "IN"])
def test_places_are_real(read_world, state):
    import zipcodes

    rows = read_world.execute(f"select distinct zip_code, city from member where state = '{state}'").fetchall()
    assert len(rows) > 10
    for zip_code, city in rows:
        (real,) = zipcodes.matching(zip_code)
        assert (real["state"], real["city"]) == (state, city)


def test_phones_are_nobodys(read_world):
    assert (
        count(
            read_world,
            "select 1 from member where phone is null or not regexp_matches(phone, '^555-01[0-9]-[0-9]{4}$')",
        )
        == 0
    )
