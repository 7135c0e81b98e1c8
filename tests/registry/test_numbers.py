"""Under which of somebody's warehouse numbers their facts are counted, while a join stands and once it is undone."""

from datetime import UTC, datetime

import pytest

from carewright.registry import joining
from carewright.registry.numbers import joined_numbers, numbers_of
from tests.factories.registry import IdentifierFactory, PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


@pytest.fixture
def join():
    nurse = UserFactory(role="supervisor")

    def made(keep, other):
        return joining.merge(keep=keep, other=other, why="She told us so", by=nurse, at=AT)

    return made


@pytest.fixture
def three():
    return [PatientFactory(person_id=f"p{number}") for number in (1, 2, 3)]


def undo(join):
    joining.unmerge(join=join, because="Two sisters", by=UserFactory(role="supervisor"), at=AT)


def test_nobody_has_two_numbers_before_a_join(three):
    assert joined_numbers() == []


def test_the_number_of_the_kept_record_stands_for_both(three, join):
    join(three[0], three[1])
    assert joined_numbers() == [("p2", "p1")]
    assert numbers_of(three[0]) == {"p1", "p2"}


def test_also_when_the_kept_record_is_the_younger_one(three, join):
    join(three[1], three[0])
    assert joined_numbers() == [("p1", "p2")]


def test_a_join_into_a_joined_record_ends_at_the_last_one(three, join):
    join(three[0], three[1])
    second = join(three[2], three[0])
    assert joined_numbers() == [("p1", "p3"), ("p2", "p3")]
    undo(second)
    assert joined_numbers() == [("p2", "p1")]


def test_undoing_a_join_counts_them_apart(three, join):
    undo(join(three[0], three[1]))
    assert joined_numbers() == []
    assert [numbers_of(one) for one in three] == [{"p1"}, {"p2"}, {"p3"}]


def test_a_record_without_a_number_of_its_own_is_counted_under_the_one_that_came(three, join):
    written_by_hand = PatientFactory(person_id=None)
    join(written_by_hand, three[0])
    assert joined_numbers() == []
    join(written_by_hand, three[1])
    assert joined_numbers() == [("p2", "p1")]


def test_other_kinds_of_numbers_are_no_warehouse_numbers(three, join):
    IdentifierFactory(patient=three[0], system="mrn", assigner="General", value="77")
    IdentifierFactory(patient=three[1], system="person_id", assigner="Elsewhere", value="p9")
    join(three[0], three[1])
    assert joined_numbers() == [("p2", "p1")]
