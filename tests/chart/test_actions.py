"""The chart receives what sources report: later corrects earlier, nothing is lost, the same again changes nothing."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from carewright.audit.models import Entry
from carewright.chart import actions
from carewright.chart.models import Condition, Encounter, Reported
from carewright.chart.receive import Received, own_columns
from carewright.kernel.errors import NotNow
from tests.factories.registry import PatientFactory

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
BY = "system:test"


def row(*, person="p1", external="c1", seq=1, line=1, name="Diabetes", in_error=False, source="clinic", tags=()):
    """One reported condition, as `actions.record` takes it."""
    own = {"name": name, "code": "E119", "code_system": "icd-10-cm", "onset_on": date(2015, 1, 1)}
    return (
        person, source, external, "active", f"d{seq}", line, date(2026, 11, seq), seq, list(tags), in_error,
        *(own.get(column) for column in own_columns(Condition)),
    )  # fmt: skip


def record(*rows):
    return actions.record({Condition: rows}, at=AT, by=BY, what="clinic")[Condition]


@pytest.mark.django_db
class TestRecording:
    def setup_method(self):
        self.patient = PatientFactory(person_id="p1")

    def test_a_reported_fact_keeps_who_said_it_and_where_it_stands(self):
        assert record(row(tags=["hiv"])) == Received(added=1)
        fact = Condition.objects.get()
        assert (fact.patient, fact.source, fact.evidence, fact.tags) == (self.patient, "clinic", "d1:1", ["hiv"])
        assert (fact.name, fact.onset_on, fact.note) == ("Diabetes", date(2015, 1, 1), "")

    def test_the_same_again_changes_nothing(self):
        record(row())
        assert record(row(name="other words for the same delivery and line")) == Received(unchanged=1)
        assert Condition.objects.get().name == "Diabetes"

    def test_a_later_report_corrects_and_an_earlier_one_never_does(self):
        record(row(seq=2, name="second"))
        assert record(row(seq=1, name="first")) == Received(unchanged=1)
        assert record(row(seq=3, name="third")) == Received(changed=1)
        assert Condition.objects.get().name == "third"

    def test_of_one_delivery_the_later_line_stands(self):
        assert record(row(line=1, name="above"), row(line=9, name="below")).added == 1
        assert Condition.objects.get().name == "below"

    def test_two_sources_may_use_the_same_number(self):
        assert record(row(), row(source="hospital")).added == 2

    def test_what_was_entered_in_error_is_retracted_and_may_be_put_right_by_its_source(self):
        record(row())
        record(row(seq=2, in_error=True))
        fact = Condition.objects.get()
        assert (fact.retracted_at, fact.retracted_by) == (AT, "source")
        assert not Condition.objects.standing().exists()
        record(row(seq=3))
        assert Condition.objects.standing().get().retracted_because is None

    def test_what_one_of_us_retracted_no_source_brings_back(self):
        record(row())
        actions.retract(Condition.objects.get(), because="Wrong person.", at=AT, by=BY)
        record(row(seq=2, name="again"))
        fact = Condition.objects.get()
        assert (fact.name, fact.retracted_by, fact.retracted_because) == ("again", BY, "Wrong person.")
        with pytest.raises(NotNow):
            actions.retract(fact, because="Twice.", at=AT, by=BY)

    def test_a_fact_about_somebody_unknown_waits(self):
        assert record(row(person="nobody")) == Received(waiting=1)
        assert not Condition.objects.exists()

    def test_one_entry_in_the_access_log_says_how_much_came(self):
        record(row(), row(external="c2"), row(person="nobody", external="c3"))
        entry = Entry.objects.get(did="recorded")
        assert entry.after == {"added_changed_waiting": {"condition": [2, 0, 1]}}
        record(row())
        assert Entry.objects.filter(did="recorded").count() == 1, "nothing came, nothing is written down"

    def test_all_of_it_or_none(self):
        bad = row(external="c2", tags=["no such tag"])
        with pytest.raises(IntegrityError), transaction.atomic():
            record(row(), bad)
        assert not Condition.objects.exists()

    def test_the_database_keeps_the_promises_of_a_visit(self):
        fields = {
            "source": "s", "external_id": "e", "delivery_id": "d", "line": 1, "received_on": AT, "received_seq": 1,
            "patient": self.patient,
        }  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Encounter.objects.create(starts_on=date(2026, 2, 2), ends_on=date(2026, 2, 1), **fields)
        with pytest.raises(IntegrityError), transaction.atomic():
            Encounter.objects.create(retracted_by="x", **fields)


class TestAnyOrderOfArrival(TestCase):
    """Whatever the order in which deliveries are applied, and however often, the latest word stands."""

    @settings(max_examples=30)
    @given(st.lists(st.integers(1, 6), min_size=1, max_size=12))
    def test_the_latest_delivery_stands(self, arrivals):
        PatientFactory(person_id="p1")
        for seq in arrivals:
            record(row(seq=seq, name=f"word {seq}"))
        fact = Condition.objects.get()
        assert (fact.name, fact.received_seq) == (f"word {max(arrivals)}", max(arrivals))


@pytest.mark.django_db
@pytest.mark.parametrize("model", Reported.__subclasses__())
def test_every_table_of_the_chart_says_what_is_private_and_stands_behind_the_wall(model):
    columns = {field.name for field in model._meta.concrete_fields}
    kinds = [set(getattr(model.Privacy, kind, ())) for kind in ("direct", "clinical", "plain")]
    assert sorted(columns) == sorted(column for kind in kinds for column in kind)
    with connection.cursor() as cursor:
        cursor.execute("select relrowsecurity from pg_class where relname = %s", [model._meta.db_table])
        assert cursor.fetchall() == [(True,)]
