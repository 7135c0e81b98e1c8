"""Whatever is joined and undone in whatever order, undoing it all gives back what was there."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from carewright.kernel.errors import NotNow
from carewright.registry import joining
from carewright.registry.models import ContactPoint, Identifier, Join, Patient
from tests.factories.registry import ContactPointFactory, IdentifierFactory, PatientFactory
from tests.factories.staff import UserFactory

BEGAN = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
IDENTIFIERS = ("registry.Identifier", "patient")


class Joining(RuleBasedStateMachine):
    """Four records; somebody joins, undoes and adds numbers; a plain dictionary says whose each number must be."""

    joins = Bundle("joins")

    def __init__(self):
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()

    @initialize()
    def four_records(self):
        self.by = UserFactory(role="supervisor")
        self.at = BEGAN
        self.records = [PatientFactory() for _ in range(4)]
        self.whose = {}  # number → the record that it belongs to, whatever is joined
        self.stands_for = {record.pk: record.pk for record in self.records}
        for place, record in enumerate(self.records):
            self.add(record, record)
            ContactPointFactory(patient=record, value=f"413-555-01{place:02d}")
        ContactPointFactory(patient=self.records[0], value="413-555-0199")
        ContactPointFactory(patient=self.records[1], value="413-555-0199")
        self.points = dict(ContactPoint.every_one.values_list("pk", "patient"))

    def add(self, on, truly):
        number = IdentifierFactory(patient=on, system="mrn", assigner="General", value=f"n{len(self.whose)}")
        self.whose[str(number.pk)] = truly.pk

    def standing(self, pk):
        while self.stands_for[pk] != pk:
            pk = self.stands_for[pk]
        return pk

    @rule(target=joins, one=st.integers(0, 3), other=st.integers(0, 3))
    def join(self, one, other):
        keep, joined = self.records[one], self.records[other]
        self.at += timedelta(minutes=1)
        if one == other or self.stands_for[keep.pk] != keep.pk or self.stands_for[joined.pk] != joined.pk:
            with pytest.raises(Exception, match=r"same record|joined into another"):
                joining.merge(keep=keep, other=joined, why="test", by=self.by, at=self.at)
            return None
        join = joining.merge(keep=keep, other=joined, why="test", by=self.by, at=self.at)
        self.stands_for[joined.pk] = keep.pk
        return join

    @rule(record=st.integers(0, 3))
    def a_number_comes(self, record):
        """A file brings a number for one of the four: it lands on whoever stands for them."""
        truly = self.records[record]
        self.add(Patient.every_record.get(pk=self.standing(truly.pk)), truly)

    @rule(join=consumes(joins))
    def undo(self, join):
        if join is None:
            return
        join.refresh_from_db()
        self.at += timedelta(minutes=1)
        if self.stands_for[join.patient_id] != join.patient_id:
            with pytest.raises(NotNow, match="Undo that join first"):
                joining.unmerge(join=join, because="test", by=self.by, at=self.at)
            return
        below = {pk for pk in self.stands_for if self.reaches(pk, join.other_id)}
        later = joining.later_rows(join).get(IDENTIFIERS, [])
        hers = [key for key in later if self.whose[key] in below]
        joining.unmerge(join=join, because="test", by=self.by, at=self.at, later={IDENTIFIERS: hers})
        self.stands_for[join.other_id] = join.other_id

    def reaches(self, pk, target):
        while pk != target and self.stands_for[pk] != pk:
            pk = self.stands_for[pk]
        return pk == target

    @invariant()
    def every_number_is_with_the_record_that_stands_for_its_owner(self):
        found = {str(pk): patient for pk, patient in Identifier.objects.values_list("pk", "patient")}
        assert found == {key: self.standing(owner) for key, owner in self.whose.items()}

    @invariant()
    def nobody_stands_twice(self):
        assert set(Patient.objects.values_list("pk", flat=True)) == {
            pk for pk, to in self.stands_for.items() if pk == to
        }

    @invariant()
    def no_phone_is_lost(self):
        assert ContactPoint.every_one.count() == len(self.points)

    def teardown(self):
        """Undo what still stands, the last first: everything is as it was. Then forget the example."""
        try:
            if hasattr(self, "whose") and not transaction.get_connection().needs_rollback:
                self.undo_everything()
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    def undo_everything(self):
        for join in Join.objects.standing().order_by("-pk"):
            below = {pk for pk in self.stands_for if self.reaches(pk, join.other_id)}
            later = joining.later_rows(join).get(IDENTIFIERS, [])
            hers = [key for key in later if self.whose[key] in below]
            joining.unmerge(join=join, because="test", by=self.by, at=self.at, later={IDENTIFIERS: hers})
            self.stands_for[join.other_id] = join.other_id
        found = {str(pk): patient for pk, patient in Identifier.objects.values_list("pk", "patient")}
        assert found == self.whose
        assert dict(ContactPoint.every_one.values_list("pk", "patient")) == self.points


@pytest.mark.django_db
def test_joining_any_way():
    run_state_machine_as_test(Joining, settings=settings(max_examples=15, stateful_step_count=12, deadline=None))
