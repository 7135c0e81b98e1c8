"""The Charlson index and the readmission index: hand-worked cases and an obvious second reading."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from carewright.knowledge.comorbidity import charlson
from carewright.knowledge.table import rows
from tests.warehouse.clinical.rows import World

STEPS = ("marts.comorbidity_condition", "marts.comorbidity_elixhauser", "marts.comorbidity")
BILLABLE = [row["code"] for row in rows("value_sets/icd10cm.csv.gz") if row["billable"] == "1"]
PREFIXES = [prefix for illness in charlson.illnesses() for prefix in illness.prefixes]
MEANT = [code for code in BILLABLE if code.startswith(tuple(PREFIXES))]


def answer(*claims: str, kind: str = "CAR", **more) -> tuple:
    world = World()
    world.person()
    for claim in claims:
        world.claim(claim, kind=kind, **more)
    world.run(*STEPS)
    [found] = world.rows(
        "select charlson, charlson_2011, charlson_conditions, elixhauser_readmission from marts.comorbidity"
    )
    return found


def test_heart_failure_with_complicated_diabetes_is_three():
    assert answer("I509 E1122 E119") == (3, 3, "Diabetes with chronic complications;Heart failure", None)


def test_the_graver_form_replaces_the_milder():
    assert answer("C509 C787")[0] == 6
    assert answer("K703 K766")[0] == 3
    assert answer("E119")[0] == 1
    assert answer("E119 E1142")[0] == 2


def test_nothing_known_is_not_zero():
    world = World()
    world.person("covered")
    world.person("stranger", payer_type=None)
    world.person("lapsed", ends_on=date(2024, 6, 30))
    world.person("seen", payer_type=None)
    world.claim("Z0000", "seen")
    world.run(*STEPS)
    assert dict(world.rows("select person_id, charlson from marts.comorbidity")) == {
        "covered": 0,
        "stranger": None,
        "lapsed": None,
        "seen": 0,
    }


def test_only_24_months_and_nothing_protected():
    assert answer("I509", on=date(2024, 6, 30))[0] == 0
    assert answer("I509", on=date(2024, 7, 1))[0] == 1
    assert answer("K703", tags="behavioral;part2")[0] == 0


def test_tags_travel():
    world = World()
    world.person()
    world.claim("B20", tags="hiv")
    world.run(*STEPS)
    assert world.rows("select charlson, tags from marts.comorbidity") == [(6, "hiv")]


def test_the_readmission_index_counts_secondary_diagnoses_of_hospital_claims():
    # The principal diagnosis (heart failure) is the reason, not a comorbidity; drug abuse 6 and lung disease 4 are.
    assert answer("I509 F1120 J449", kind="IP")[3] == 10
    assert answer("I509 F1120 J449", kind="OP")[3] is None
    # Complicated diabetes drops the uncomplicated; a metastasis drops the solid tumor.
    assert answer("I10 E1122 E119", kind="IP")[3] == 4
    assert answer("I10 C787 C50911", kind="IP")[3] == 11


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(MEANT) | st.sampled_from(BILLABLE), max_size=8, unique=True))
def test_the_obvious_reading_agrees(codes):
    illnesses = {illness.condition: illness for illness in charlson.illnesses()}
    have = {name for name, illness in illnesses.items() if any(code.startswith(illness.prefixes) for code in codes)}
    have -= {illnesses[name].outranks for name in have}
    expected = (sum(illnesses[name].weight_1987 for name in have), sum(illnesses[name].weight_2011 for name in have))
    assert answer(" ".join(codes))[:2] == expected
