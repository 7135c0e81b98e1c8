"""Whether two records are one person: what a machine may join, what waits, and what is nobody's question."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carewright.audit.models import Entry
from carewright.cli.bench import match as bench
from carewright.registry.matching import actions, records, rules
from carewright.registry.matching.described import describe, phone_key, street_key, without_suffix
from carewright.registry.matching.invented import population
from carewright.registry.matching.likelihood import likely_pairs
from carewright.registry.models import Join, Patient, PossibleMatch
from tests.factories.registry import (
    AddressFactory,
    ContactPointFactory,
    CoverageFactory,
    IdentifierFactory,
    PatientFactory,
)

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
RUTH = describe(
    1, given_name="Ruth Ann", family_name="Abernathy", born_on=date(1950, 5, 2), sex="female", line="12 Elm Street",
    zip_code="01101", phones=["413-555-0100"], members=[("Evergreen", "M1")], numbers=[("mrn", "General", "7")],
)  # fmt: skip
AGAIN = replace(RUTH, id=2, numbers=frozenset())


def judge(**differs):
    return rules.judge(RUTH, replace(AGAIN, **differs), score=1.0)


def test_the_same_in_everything_is_sure_and_says_why():
    verdict = judge()
    assert verdict.kind == rules.SAME
    assert verdict.why.startswith("The same name; The same birth date; The same member number")


@pytest.mark.parametrize(
    ("differs", "because"),
    [
        ({"given": "rita ann"}, "could_be_twins"),
        ({"given": "ruth"}, "middle_names_differ"),
        ({"given": "ruth marie"}, "middle_names_differ"),
        ({"given": "baby girl"}, "no_name"),
        ({"given": ""}, "no_name"),
        ({"suffix": "jr"}, "suffixes_differ"),
        ({"born_on": date(1975, 5, 2)}, "birth_dates_differ"),
        ({"born_on": None}, "birth_date_missing"),
        ({"family": "ortega"}, "family_names_differ"),
        ({"sex": "male"}, "sexes_differ"),
        ({"numbers": frozenset({("mrn", "General", "8")})}, "two_numbers_of_one_kind"),
    ],
)
def test_one_thing_against_it_and_no_machine_joins_however_likely(differs, because):
    verdict = judge(**differs)
    assert verdict.kind != rules.SAME
    assert because in verdict.speaks_against


def test_a_name_and_a_birth_date_alone_are_not_enough():
    bare = replace(AGAIN, street="", zip_code="", phones=frozenset(), members=frozenset())
    verdict = rules.judge(RUTH, bare, score=0.9999999)
    assert (verdict.kind, verdict.speaks_against) == (rules.PERHAPS, ("nothing_besides_the_name",))


def test_another_number_of_another_hospital_speaks_against_nothing():
    assert judge(numbers=frozenset({("mrn", "Riverside", "8")})).kind == rules.SAME


def test_a_slip_of_the_pen_in_the_family_name_is_still_the_same():
    assert judge(family="abernaty").kind == rules.SAME
    assert judge(given="abernathy", family="ruth ann").kind == rules.SAME


def test_twins_are_not_even_asked_about_unless_their_names_are_close():
    twin = replace(AGAIN, given="dorothy")
    assert rules.judge(RUTH, twin, score=0.99).kind == rules.DIFFERENT
    assert rules.judge(RUTH, replace(AGAIN, given="rut"), score=0.99).kind == rules.PERHAPS


@given(st.sampled_from(population(300, seed=5).records), st.sampled_from(population(300, seed=5).records))
def test_which_record_comes_first_makes_no_difference(a, b):
    assert rules.judge(a, b, score=0.9995).kind == rules.judge(b, a, score=0.9995).kind
    assert rules.contradicts(a, b) == rules.contradicts(b, a)


@given(st.text(max_size=12), st.text(max_size=12))
def test_the_number_of_edits_is_a_distance(a, b):
    assert rules.edits(a, b) == rules.edits(b, a) <= max(len(a), len(b))
    assert (rules.edits(a, b) == 0) == (a == b)


def test_shapes():
    assert street_key("12 Elm Street, Apt. 4") == street_key("12 elm st apartment 4") == "12 elm st apt 4"
    assert phone_key("+1 (413) 555-0100 x12") == "4135550100"
    assert phone_key("000-000-0000") == phone_key("555-0100") == ""
    assert without_suffix("Smith, Jr.", "") == without_suffix("Smith", "Junior") == ("smith", "jr")
    assert without_suffix("V", "") == ("v", ""), "a name of one word is a name"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_two_people_are_made_one_and_nearly_everybody_is_found(seed):
    made = population(3_000, seed=seed, look_alikes=0.1)
    joined, waiting = bench.told(made)
    true = made.true_pairs()
    assert not joined - true
    assert len(joined & true) > len(true) / 3
    assert len((joined | waiting) & true) > 0.95 * len(true)


def test_the_same_people_are_always_told_alike():
    people = population(500, seed=7).records
    assert list(likely_pairs(people)) == list(likely_pairs(reversed(people)))


def person(**more):
    patient = PatientFactory(**{"given_name": "Ruth", "family_name": "Abernathy"} | more)
    AddressFactory(patient=patient)
    return patient


@pytest.mark.django_db
class TestFinding:
    """Everybody in the registry is compared; sure pairs are joined, others wait."""

    def look(self):
        return actions.find_matches(by="system:matching", at=AT)

    def test_a_sure_pair_is_joined_and_listed(self):
        one, other = person(), person()
        ContactPointFactory(patient=one, value="413-555-0100")
        ContactPointFactory(patient=other, value="(413) 555-0100")
        assert self.look() == actions.Found(records=2, joined=1, waiting=0)
        join = Join.objects.get()
        assert (join.patient, join.other, join.by_machine, join.joined_by) == (one, other, True, "system:matching")
        assert join.why and join.score > 0.999
        assert Entry.objects.get(did="looked_for_matches").after == {"records": 2, "joined": 1, "waiting": 0}
        assert self.look() == actions.Found(records=1, joined=0, waiting=0)

    def test_twins_stay_two_and_a_doubtful_pair_waits_once(self):
        person(), person(given_name="Dorothy"), person(born_on=date(1950, 5, 3))
        assert self.look().joined == 0
        (match,) = PossibleMatch.objects.waiting()
        assert "birth_dates_differ" in match.reasons
        assert self.look().waiting == 0
        assert PossibleMatch.objects.count() == 1

    def test_a_member_number_joins_only_with_name_and_birth_date(self):
        one, other, child = person(), person(), PatientFactory(given_name="Sam", family_name="Abernathy")
        for patient in (one, other, child):
            CoverageFactory(patient=patient, member_id="FAMILY-1")
        assert self.look().joined == 1
        assert set(Patient.objects.all()) == {one, child}

    def test_a_wrong_number_is_no_evidence(self):
        one = PatientFactory(given_name="Ruth", family_name="Abernathy")
        other = PatientFactory(given_name="Ruth", family_name="Abernathy")
        ContactPointFactory(patient=one, value="413-555-0100", wrong_since_on=date(2026, 1, 1))
        ContactPointFactory(patient=other, value="413-555-0100")
        assert not records.everyone()[one.pk].phones
        assert self.look().joined == 0

    def test_two_numbers_of_one_hospital_wait(self):
        one, other = person(), person()
        IdentifierFactory(patient=one, system="mrn", assigner="General", value="1")
        IdentifierFactory(patient=other, system="mrn", assigner="General", value="2")
        assert self.look() == actions.Found(records=2, joined=0, waiting=1)

    def test_three_records_of_one_person_are_joined_one_by_one(self):
        for _ in range(3):
            person()
        assert (self.look().joined, self.look().joined, self.look().joined) == (1, 1, 0)
        assert Patient.objects.count() == 1 and Join.objects.count() == 2
