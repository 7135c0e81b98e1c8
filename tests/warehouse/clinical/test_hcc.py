"""CMS-HCC: worked cases, who it applies to, and what must always be true of it."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carewright.knowledge.table import rows
from tests.warehouse.clinical.rows import HCC, World

KNOWN_CODES = sorted({row["code"] for row in rows("risk/hcc_code.csv.gz")})
# Heart failure, diabetes, kidney, lung and psychiatric codes meet in hierarchies, interactions and the rule of HCC 223.
FAMILIES = [code for code in KNOWN_CODES if code[:3] in {"I50", "E11", "N18", "J44", "J96", "F20", "F11", "C50", "Z94"}]
HIERARCHY: dict[tuple[str, str], set[str]] = {}
for _row in rows("risk/hcc_hierarchy.csv"):
    HIERARCHY.setdefault((_row["model"], _row["hcc"]), set()).add(_row["drops"])

codes = st.lists(st.sampled_from(FAMILIES) | st.sampled_from(KNOWN_CODES), max_size=12)


def scores(world: World, year: int = 2026) -> dict[str, tuple[str, Decimal, Decimal | None]]:
    found = world.rows(f"select model, hccs, raw_score, payment_score from marts.hcc_score where payment_year = {year}")
    return {model: (hccs, raw, payment) for model, hccs, raw, payment in found}


def scored(*claims: str, year: int = 2026, **about) -> dict[str, tuple[str, Decimal, Decimal | None]]:
    world = World()
    world.person(**about)
    for claim in claims:
        world.claim(claim, on=date(year - 1, 3, 1))
    world.run(*HCC)
    return scores(world, year)


def status(**about) -> tuple[str, str]:
    world = World()
    world.person(**about)
    world.run(*HCC)
    [found] = world.rows("select distinct status, remark from marts.hcc_score where payment_year = 2026")
    return found


def test_a_woman_of_72_with_diabetes_and_heart_failure_is_worth_1_033():
    # 0.395 for a woman of 70 to 74, 0.166 for HCC 37, 0.360 for HCC 226, 0.112 for the two together.
    hccs, raw, payment = scored("E1122 I509", born_on=date(1953, 6, 1))["V28"]
    assert (hccs, raw) == ("37;226", Decimal("1.033"))
    # 1.033 / 1.067 = 0.968; 0.968 × 0.941 = 0.911.
    assert payment == Decimal("0.911")


def test_parts_are_said_in_words_and_add_up():
    world = World()
    world.person(born_on=date(1953, 6, 1))
    first = world.claim("E1122 I509", on=date(2025, 2, 1))
    latest = world.claim("I509", on=date(2025, 9, 1))
    world.run(*HCC)
    parts = world.rows(
        "select hcc, label, points, kind, evidence from marts.hcc"
        " where model = 'V28' and payment_year = 2026 order by kind, hcc"
    )
    assert [(hcc, label, str(points), kind) for hcc, label, points, kind, _ in parts] == [
        ("F70_74", "Woman, 72 years old", "0.395", "demographic"),
        ("226", "Heart Failure, Except End-Stage and Acute", "0.360", "hcc"),
        ("37", "Diabetes with Chronic Complications", "0.166", "hcc"),
        ("DIABETES_HF_V28", "Diabetes with heart failure", "0.112", "interaction"),
    ]
    assert {hcc: evidence for hcc, *_, evidence in parts}["226"] == f"{latest};{first}"


@pytest.mark.parametrize(
    "about, segment",
    [
        ({"born_on": date(1950, 1, 1)}, "CNA"),
        ({"born_on": date(1980, 1, 1), "orec": "1"}, "CND"),
        ({"dual": "02"}, "CFA"),
        ({"dual": "8"}, "CFA"),
        ({"dual": "04", "born_on": date(1980, 1, 1)}, "CFD"),
        ({"dual": "03"}, "CPA"),
        ({"dual": "06", "born_on": date(1980, 1, 1)}, "CPD"),
        ({"dual": "09"}, "CNA"),
        ({"is_institutional": True}, "INS"),
        ({"status": "new"}, "NE"),
        ({"status": "new", "is_institutional": True}, "NE"),
        ({"status": "new", "snp_type": "C-SNP"}, "SNPNE"),
        ({"status": "new", "snp_type": "D-SNP"}, "NE"),
    ],
)
def test_everyone_falls_into_one_segment(about, segment):
    world = World()
    world.person(**about)
    world.run(*HCC)
    assert world.rows("select distinct segment from marts.hcc_score") == [(segment,)]


@pytest.mark.parametrize(
    "born_on, orec, cell",
    [
        (date(1961, 2, 1), "0", "NEF65"),  # 65 on the day itself
        (date(1961, 2, 2), "0", "NEF65"),  # 64, entitled by age
        (date(1961, 2, 2), "1", "NEF60_64"),  # 64, entitled by disability
        (date(1961, 2, 2), None, "NEF60_64"),  # 64, nobody knows why
        (date(1958, 2, 2), "2", "NEF67"),
    ],
)
def test_a_newcomers_cell_follows_the_birthday_and_the_entitlement(born_on, orec, cell):
    world = World()
    world.person(born_on=born_on, orec=orec, status="new")
    world.run(*HCC)
    assert world.rows("select cell from marts.hcc_person where payment_year = 2026") == [(cell,)]


@pytest.mark.parametrize("orec, is_new", [("0", False), ("1", False), ("1", True)])
def test_originally_disabled_adds_points_from_65_on(orec, is_new):
    world = World()
    world.person(orec=orec, status="new" if is_new else "continuing")
    world.run(*HCC)
    terms = {term for (term,) in world.rows("select hcc from marts.hcc where payment_year = 2026")}
    assert ("OriginallyDisabled_Female" in terms) == (orec == "1" and not is_new)
    assert any("_ORIGDIS_" in term for term in terms) == (orec == "1" and is_new)


def test_medicaid_counts_in_a_nursing_facility():
    without = scored(is_institutional=True, dual="00")["V28"][1]
    assert scored(is_institutional=True, dual="02")["V28"][1] - without == Decimal("0.130")
    assert scored(is_institutional=True, dual="09")["V28"][1] == without  # 09 is without Medicaid coverage


@pytest.mark.parametrize(
    "about, words",
    [
        ({"payer_type": "commercial"}, "Medicare score"),
        ({"payer_type": None}, "no coverage"),
        ({"born_on": None}, "birth date"),
        ({"sex": "unknown"}, "sex"),
        ({"born_on": date(2015, 1, 1)}, "children"),
        ({"died_on": date(2025, 12, 31)}, "Died"),
        ({"ends_on": date(2024, 12, 31)}, "no Medicare coverage is known in 2025 or 2026"),
    ],
)
def test_it_is_not_applicable_and_says_why(about, words):
    answer, why = status(**about)
    assert answer == "not_applicable"
    assert words in why


def test_who_is_not_scored_has_no_number_at_all():
    world = World()
    world.person(payer_type="medicaid")
    world.claim("E1122 I509")
    world.run(*HCC)
    assert world.rows("select distinct segment, hccs, raw_score, payment_score from marts.hcc_score") == [
        (None, None, None, None)
    ]
    assert world.rows("select * from marts.hcc") == []


def test_kidney_failure_is_scored_with_a_remark():
    answer, remark = status(medicare_status="21", born_on=date(1980, 1, 1), orec="2")
    assert answer == "scored"
    assert "ESRD" in remark


def test_a_newcomers_conditions_are_listed_without_points():
    hccs, raw, _ = scored("E1122 I509", status="new")["V28"]
    assert hccs == "37;226"
    assert raw == scored(status="new")["V28"][1]


def test_fewer_than_twelve_months_is_new_unless_the_payers_data_begin_late():
    months = [date(2025, month, 1) for month in range(1, 13)]
    world = World()
    world.person("whole", status="", months=months)
    world.person("joined", status="", months=months[5:])
    world.run(*HCC)
    assert dict(world.rows("select person_id, is_new from marts.hcc_person where payment_year = 2026")) == {
        "whole": False,
        "joined": True,
    }
    late = World()
    late.person("there from the start", status="", months=months[5:])
    late.person("joined", status="", months=months[8:])
    late.run(*HCC)
    found = late.rows("select person_id, is_new, remark from marts.hcc_person where payment_year = 2026 order by 1")
    assert [(name, new) for name, new, _ in found] == [("joined", True), ("there from the start", False)]
    assert "data begin during the collection year" in found[1][2]


def test_only_eligible_diagnoses_of_the_collection_year_count():
    world = World()
    world.person()
    world.claim("I509", on=date(2025, 5, 1), eligible=False)
    world.claim("E1122", on=date(2026, 1, 5))
    world.claim("J449", on=date(2024, 12, 30), ends_on=date(2025, 1, 3), kind="IP")
    world.claim("G35", on=date(2024, 3, 1))
    world.run(*HCC)
    assert scores(world, 2026)["V28"][0] == "280"  # the stay that ended in 2025
    assert scores(world, 2025)["V28"][0] == "198"


def test_a_run_in_the_middle_of_the_collection_year_sees_only_what_had_happened():
    world = World(date(2025, 6, 30))
    world.person()
    world.claim("I509", on=date(2025, 3, 1))
    world.claim("E1122", on=date(2025, 8, 1))
    world.run(*HCC)
    assert scores(world, 2026)["V28"][0] == "226"
    [(remark,)] = world.rows("select distinct remark from marts.hcc_score where payment_year = 2026")
    assert remark == "Only the first 6 months of 2025 are known on the day of this run."


def test_before_the_collection_year_there_is_no_score():
    world = World(date(2024, 6, 30))
    world.person()
    world.run(*HCC)
    assert world.rows("select payment_year, status from marts.hcc_score where model = 'V28' order by 1") == [
        (2025, "scored"),
        (2026, "not_applicable"),
    ]


def test_facts_of_protected_substance_use_programs_never_enter_and_tags_travel():
    world = World()
    world.person()
    world.claim("F1120", tags="behavioral;part2")
    world.claim("F200", tags="behavioral")
    world.claim("B20", tags="hiv")
    world.claim("I509")
    world.run(*HCC)
    parts = dict(world.rows("select hcc, tags from marts.hcc where model = 'V28' and payment_year = 2026"))
    assert "137" not in parts
    assert (parts["151"], parts["1"], parts["226"]) == ("behavioral", "hiv", "")
    assert world.rows("select distinct tags from marts.hcc_score where payment_year = 2026") == [("behavioral;hiv",)]


def test_acute_on_chronic_heart_failure_needs_a_companion():
    code = next(row["code"] for row in rows("risk/hcc_code.csv.gz") if row["model"] == "V28" and row["hcc"] == "223")
    assert scored(code)["V28"][0] == ""
    assert scored(code, "I509")["V28"][0] == "223"  # and 226 is dropped by the hierarchy


def test_breast_cancer_weighs_more_before_fifty():
    old, young = scored("C50911")["V28"][0], scored("C50911", born_on=date(1980, 1, 1), orec="1")["V28"][0]
    assert (old, young) == ("23", "22")


def test_hemophilia_in_a_woman_counts_as_another_category():
    assert scored("D66", sex="male")["V24"][0] == "46"
    assert scored("D66", sex="female")["V24"][0] == "48"


def test_without_a_factor_there_is_no_payment_score():
    found = scored("I509")
    assert found["V24"][2] is None
    assert found["V28"][2] is not None


def crowd(people: list[list[str]]) -> dict[tuple[str, str], tuple[set[str], Decimal]]:
    """Each list of codes is one person's; gives categories and raw score by person and model."""
    world = World()
    for number, codes_of_one in enumerate(people):
        world.person(f"p{number}", dual="02" if number % 2 else "00", is_institutional=number % 3 == 0)
        for code in codes_of_one:
            world.claim(code, f"p{number}")
    world.run(*HCC)
    sums = {
        (person, model): points
        for person, model, points in world.rows(
            "select person_id, model, sum(points) from marts.hcc where payment_year = 2026 group by 1, 2"
        )
    }
    found = {}
    for person, model, hccs, raw in world.rows(
        "select person_id, model, hccs, raw_score from marts.hcc_score where payment_year = 2026"
    ):
        assert raw == sums[person, model]  # the parts add up, always
        found[person, model] = (set(hccs.split(";")) - {""}, raw)
    return found


@settings(max_examples=8, deadline=None)
@given(st.lists(codes, min_size=10, max_size=20), st.randoms())
def test_the_order_and_repetition_of_diagnoses_do_not_matter(people, chance):
    again = [found + found[:2] for found in people]
    for found in again:
        chance.shuffle(found)
    assert crowd(people) == crowd(again)


@settings(max_examples=8, deadline=None)
@given(st.lists(codes, min_size=10, max_size=20), st.sampled_from(FAMILIES))
def test_one_more_diagnosis_drops_a_category_only_by_the_hierarchy(people, extra):
    before, after = crowd(people), crowd([[*found, extra] for found in people])
    for (person, model), (was, _) in before.items():
        now = after[person, model][0]
        dropped_by = set().union(*(HIERARCHY.get((model, hcc), set()) for hcc in now))
        assert was - now <= dropped_by


@settings(max_examples=8, deadline=None)
@given(st.lists(codes, min_size=10, max_size=20))
def test_no_category_stands_beside_one_that_drops_it(people):
    for (_, model), (standing, _) in crowd(people).items():
        assert not standing & set().union(*(HIERARCHY.get((model, hcc), set()) for hcc in standing))
