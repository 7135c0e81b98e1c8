"""Somebody known by two numbers, whose records were joined: every fact of both is theirs, and apart again once it is undone."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carewright.warehouse import evidence, run
from carewright.warehouse.layout import layouts
from carewright.warehouse.step import BrokenPromise
from tests.warehouse.by_hand import NOON, TODAY, ByHand, day, steps

EVERYTHING = (
    "core.inpatient_stay", "core.ed_visit", "core.diagnosis", "core.procedure", "core.dispensing", "core.coverage",
    "core.person", "marts.readmission", "marts.utilization", "marts.hcc", "marts.hcc_score", "marts.chronic_condition",
    "marts.comorbidity", "marts.social_need",
)  # fmt: skip


@pytest.fixture
def twice():
    """Ada, covered as `ada`, and by the hospital's count `ada2`: two stays here, one there."""
    home = ByHand()
    home.person("ada")
    home.person("ada2", first_name="Ada")
    home.bed("a1", day(2, 1), day(2, 5))
    home.bed("a2", day(5, 1), day(5, 5))
    home.bed("b1", day(5, 20), day(5, 25), person_id="ada2")
    return home


def stays(home) -> list[tuple]:
    return home.table("core.inpatient_stay", "person_id, admitted_on")


def test_the_joined_person_has_the_stays_of_both_numbers(twice):
    apart = stays(twice)
    twice.joined = {"ada2": "ada"}
    assert stays(twice) == [("ada", day(2, 1)), ("ada", day(5, 1)), ("ada", day(5, 20))]
    assert twice.table("marts.utilization", "person_id, stays_12") == [("ada", 3)]
    assert twice.table("core.person", "person_id") == [("ada",)]
    twice.joined = {}
    assert stays(twice) == apart == [("ada", day(2, 1)), ("ada", day(5, 1)), ("ada2", day(5, 20))]


def test_a_return_under_the_other_number_is_a_readmission(twice):
    found = "person_id, discharged_on, readmitted_on"
    assert not [row for row in twice.table("marts.readmission", found) if row[2]]
    twice.joined = {"ada2": "ada"}
    assert ("ada", day(5, 5), day(5, 20)) in twice.table("marts.readmission", found)


def test_the_run_says_which_numbers_it_counted_as_one(twice):
    assert twice.table("published.joined_number") == []
    twice.joined = {"ada2": "ada"}
    assert twice.table("published.joined_number", "person_id, number") == [("ada", "ada2")]


def test_the_landed_rows_behind_a_stay_keep_the_number_they_came_with(twice):
    twice.joined = {"ada2": "ada"}
    [(ids,)] = twice.build("core.inpatient_stay").execute(
        "select evidence from core.inpatient_stay where admitted_on = date '2025-05-20'"
    ).fetchall()  # fmt: skip
    rows = evidence.open_rows(_Home(twice), [ids])
    assert [row.row["person_id"] for row in rows] == ["ada2"]


class _Home:
    """A home by hand, with the folder of received bytes that evidence asks for."""

    def __init__(self, hand: ByHand):
        self.landed, self.received = hand.landed, hand.path / "received"


def test_a_claim_sent_again_under_the_new_number_counts_once():
    home = ByHand()
    home.person("ada")
    home.bed("c1", day(2, 1), day(2, 5), delivery=1)
    home.bed("c1", day(2, 1), day(2, 6), person_id="ada2", delivery=2)
    home.joined = {"ada2": "ada"}
    assert home.table("core.inpatient_stay", "person_id, admitted_on, discharged_on") == [("ada", day(2, 1), day(2, 6))]


def test_a_reversal_under_the_other_number_takes_its_fill_away():
    home = ByHand()
    home.person("ada")
    home.fill("f1", day(3, 1))
    home.fill("f2", day(3, 1), person_id="ada2", quantity=-30, paid_amount=-10)
    assert home.table("core.dispensing", "person_id, claim_id") == [("ada", "f1")]
    home.joined = {"ada2": "ada"}
    assert home.table("core.dispensing", "person_id, claim_id") == []


def test_a_span_of_coverage_sent_under_both_numbers_is_as_last_sent():
    home = ByHand()
    home.person("ada", enrollment_end_date=None, delivery=1)
    home.person("ada2", enrollment_end_date=day(6, 30), delivery=2)
    home.joined = {"ada2": "ada"}
    assert home.table("core.coverage", "person_id, starts_on, ends_on") == [("ada", date(2020, 1, 1), day(6, 30))]


def test_what_two_joined_records_say_differently_was_settled_and_is_no_doubt():
    home = ByHand()
    home.person("ada")
    clinic = {"source": "clinic", "last_name": "Tset", "birth_date": date(1951, 5, 5), "gender": "female"}
    home.add("person", person_id="ada2", first_name="Adda", **clinic)
    home.joined = {"ada2": "ada"}
    assert home.table("core.person", "person_id, identity_in_doubt") == [("ada", False)]


def test_sources_that_contradict_each_other_about_one_number_stay_in_doubt():
    home = ByHand()
    home.person("ada")
    clinic = {"source": "clinic", "last_name": "Tset", "birth_date": date(1951, 5, 5), "gender": "female"}
    home.add("person", person_id="ada", first_name="Adda", **clinic)
    home.person("ada2", plan="Silver")
    home.joined = {"ada2": "ada"}
    assert home.table("core.person", "person_id, identity_in_doubt") == [("ada", True)]


@pytest.mark.parametrize(
    "pairs",
    [[("b", "a"), ("b", "c")], [("b", "a"), ("a", "c")]],
    ids=["one number as two people's", "a chain"],
)
def test_a_number_is_counted_as_one_person_and_in_one_step(pairs):
    home = ByHand()
    home.person()
    home.land()
    with pytest.raises(BrokenPromise, match="nobody else's"):
        run.run(home, as_of=TODAY, joined_numbers=pairs, at=NOON)
    assert run.current(home) is None


BY_EVIDENCE = {"marts.hcc_person"}
"""Steps that look up more of a landed row they know by its place, and take the person from a step below."""


def test_every_step_that_reads_people_from_landed_rows_puts_their_number_right():
    people = {f"landed.{name}" for name, shape in layouts().items() if "person_id" in shape.by_name}
    reading = {name for name, step in steps().items() if step.reads & people and "person_id" in step.columns}
    assert len(reading) > 5
    assert {name for name in reading if "knowledge.joined_number" not in steps()[name].reads} == BY_EVIDENCE


# --- whatever is landed -------------------------------------------------------------------------------------------------

NUMBERS = st.sampled_from(["ada", "ada2"])
DAYS = st.integers(1, 300).map(lambda n: date.fromordinal(date(2025, 1, 1).toordinal() + n))
CODES = st.sampled_from(["I509", "E1122", "J449", "F329", "Z590"])


@st.composite
def facts(draw):
    """Some facts as (what, number, first day, length, code, delivery)."""
    return draw(
        st.lists(
            st.tuples(
                st.sampled_from(["bed", "emergency", "claim", "fill", "encounter", "condition", "coverage"]),
                NUMBERS, DAYS, st.integers(0, 20), CODES, st.integers(1, 3),
            ),
            min_size=1, max_size=12,
        )
    )  # fmt: skip


def written(rows, number_of) -> ByHand:
    """A home with these facts, each under the number that `number_of` gives."""
    home = ByHand()
    for number in ("ada", "ada2"):
        home.person(number_of(number), first_name="Ada")
        home.add("person", person_id=number_of(number), first_name="Ada", last_name="Test", source="clinic")
    for place, (what, number, on, length, code, delivery) in enumerate(rows):
        person, end = number_of(number), date.fromordinal(on.toordinal() + length)
        shared = {"person_id": person, "delivery": delivery, "diagnosis_code_1": code}
        match what:
            case "bed":
                home.bed(f"c{place % 5}", on, end, **shared)
            case "emergency":
                home.emergency(f"c{place % 5}", on, on, **shared)
            case "claim":
                home.claim(f"p{place % 5}", on, hcpcs_code="99213", **shared)
            case "fill":
                home.fill(f"f{place % 5}", on, person_id=person, delivery=delivery, quantity=30 if length else -30)
            case "encounter":
                home.add(
                    "encounter", person_id=person, delivery=delivery, encounter_id=f"e{place % 5}", source="clinic",
                    encounter_class="IMP", encounter_start_date=on, encounter_end_date=end,
                )  # fmt: skip
            case "condition":
                home.add(
                    "condition", person_id=person, delivery=delivery, condition_id=f"k{place % 5}", source="clinic",
                    normalized_code=code, normalized_code_type="icd-10-cm", recorded_date=on,
                )  # fmt: skip
            case _:
                home.person(person, enrollment_start_date=on, enrollment_end_date=end, plan="Silver", delivery=delivery)
    return home


@given(facts())
@settings(max_examples=6, deadline=None)
def test_joined_numbers_count_as_if_every_row_had_come_under_one(rows):
    joined = written(rows, lambda number: number)
    joined.joined = {"ada2": "ada"}
    one, relabeled = joined.build(*EVERYTHING), written(rows, lambda _number: "ada").build(*EVERYTHING)
    for table in EVERYTHING:
        asked = f"select * from {table} order by all"
        assert one.execute(asked).fetchall() == relabeled.execute(asked).fetchall(), table
