"""From a file to the chart: people registered once, facts beside their source, nothing twice, nothing lost on the way."""

import datetime
import threading
from unittest import mock

import pytest
from django.db import connection
from django.utils import timezone

from carewright.audit.models import Entry
from carewright.chart import models as chart
from carewright.chart.models import Condition, Document, MedicationListing, Observation, OutsideGoal, OutsideTeamMember
from carewright.exchange import actions as exchange
from carewright.exchange.fhir import apply, catching_up, ingest, owed
from carewright.registry.models import Identifier, Patient, RelatedPerson
from carewright.warehouse import landing
from carewright.warehouse.landing import Delivered
from tests.exchange.fhir import examples as ex
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


def take(tmp_path, content, *, seq=1, batch=None, name=None, finish=True, **options):
    """Read one file into the home and the chart, and close its batch."""
    batch = batch or f"b{seq}"
    file = ex.received(tmp_path / "home" / "received", name or f"{seq}.json", content, seq)
    kept = file.path.rename(file.path.parent / file.sha256)
    file = ex.ReceivedFile(kept, name or f"{seq}.json", file.sha256, seq, file.bytes)
    home, [report] = ex.land(tmp_path, file, batch=batch, into_chart=True, **options)
    if finish:
        landing.finish(
            home, batch, [Delivered(file.delivery_id, file.sha256, file.name, "example", ex.ON, seq, "fhir")]
        )
    return report


def counts():
    return {name: getattr(chart, name).objects.count() for name in chart.__all__ if name != "Reported"}


def test_every_kind_of_resource_reaches_its_place_in_the_chart(tmp_path):
    take(tmp_path, ex.bundle(*ex.EVERY))
    assert counts() == {
        "Allergy": 1, "Appointment": 1, "Condition": 1, "Document": 2, "Encounter": 1, "Immunization": 1,
        "MedicationListing": 3, "Observation": 4, "OutsideCarePlan": 1, "OutsideGoal": 1, "OutsideTeamMember": 1,
        "Procedure": 1, "ServiceOrder": 1,
    }  # fmt: skip
    patient = Patient.objects.get()
    assert (patient.given_name, patient.family_name, patient.born_on) == ("Ada Mae", "Quill", datetime.date(1950, 3, 4))
    assert set(patient.identifiers.values_list("system", "assigner", "value")) == {
        ("person_id", "", "p1"), ("mrn", "https://hospital.example/mrn", "00123"), ("mbi", "", "1EG4TE5MK73"),
    }  # fmt: skip
    visit = patient.encounters.get()
    assert (visit.class_code, visit.starts_on, visit.facility) == ("IMP", datetime.date(2026, 3, 1), "Ashford General")
    assert visit.starts_at == datetime.datetime(2026, 3, 2, 4, 30, tzinfo=datetime.UTC)
    condition = patient.conditions.get()
    assert (condition.name, condition.onset_on, condition.onset_written) == (
        "Type 2 diabetes", datetime.date(2015, 1, 1), "2015",
    )  # fmt: skip
    a1c = patient.observations.get(code="4548-4")
    assert (a1c.value_number, a1c.unit, a1c.low, a1c.high, a1c.flag) == (9.4, "%", "4", "5.6", "H")
    assert Document.objects.get(kind="note").text == "Went home."
    assert Document.objects.get(kind="report").text == "High glucose."
    assert OutsideTeamMember.objects.get().name == "Dr. Ruth Okafor"
    assert OutsideGoal.objects.get().words == "Walk to church again"
    assert patient.outside_care_plans.get().activities == ["Daily weight (in-progress)"]
    assert RelatedPerson.objects.get().relationship == "Daughter"
    assert MedicationListing.objects.get(kind="reported").status == "not-taken"
    assert not Condition.objects.exclude(retracted_at=None).exists()


def test_the_chart_carries_the_tags_the_rows_landed_with(tmp_path):
    secret = ex.CONDITION | {"code": ex.concept(ex.ICD, "F32.9", "Depression")}
    drug_test = ex.LAB | {"id": "o9", "meta": {"security": [{"code": "HIV"}]}}
    take(tmp_path, ex.bundle(ex.PATIENT, secret, ex.PRESSURE, drug_test, ex.LAB))
    assert Condition.objects.get().tags == ["behavioral"]
    assert {fact.external_id: fact.tags for fact in Observation.objects.all()} == {
        "o1": [], "o2.1": [], "o2.2": [], "o9": ["hiv"],
    }  # fmt: skip


def test_the_same_file_twice_changes_nothing(tmp_path):
    take(tmp_path, ex.bundle(*ex.EVERY), finish=False)
    before = {name: list(getattr(chart, name).objects.order_by("id").values()) for name in counts()}
    people = list(Patient.objects.values())
    take(tmp_path, ex.bundle(*ex.EVERY), batch="b1")
    assert {name: list(getattr(chart, name).objects.order_by("id").values()) for name in counts()} == before
    assert list(Patient.objects.values()) == people


def test_a_later_file_corrects_and_takes_back(tmp_path):
    take(tmp_path, ex.bundle(ex.PATIENT, ex.CONDITION, ex.LAB))
    corrected = ex.LAB | {"status": "corrected", "valueQuantity": {"value": 6.1, "unit": "%"}}
    wrong = ex.CONDITION | {"verificationStatus": ex.status("entered-in-error")}
    take(tmp_path, ex.bundle(corrected, wrong), seq=2)
    assert Observation.objects.get().value == "6.1"
    assert Condition.objects.get().retracted_by == "source"


def test_two_people_of_the_same_name_stay_two(tmp_path):
    twin = ex.PATIENT | {"id": "p2", "identifier": []}
    take(tmp_path, ex.bundle(ex.PATIENT, twin))
    assert Patient.objects.count() == 2


def test_somebody_known_by_another_number_is_found_and_not_added(tmp_path):
    take(tmp_path, ex.bundle(ex.PATIENT))
    take(tmp_path, ex.bundle(ex.PATIENT | {"id": "other-record"}), seq=2)
    patient = Patient.objects.get()
    assert set(patient.identifiers.filter(system="person_id").values_list("value", flat=True)) == {
        "p1", "other-record",
    }  # fmt: skip


def test_facts_that_come_before_their_person_wait_and_enter_when_the_person_comes(tmp_path):
    report = take(tmp_path, ex.bundle(ex.CONDITION, ex.LAB))
    assert report.rows_kept == 2
    assert not Condition.objects.exists()
    take(tmp_path, ex.bundle(ex.PATIENT), seq=2)
    assert (Condition.objects.count(), Observation.objects.count()) == (1, 1)
    assert Condition.objects.get().received_seq == 1


def test_facts_that_stand_above_their_person_in_a_long_file_enter_too(tmp_path, monkeypatch):
    monkeypatch.setattr(ingest, "AT_ONCE", 1)
    lines = [ex.CONDITION, ex.LAB, ex.PATIENT, ex.PRESSURE]
    take(tmp_path, lines, name="mixed.ndjson")
    assert (Condition.objects.count(), Observation.objects.count()) == (1, 3)


def test_killed_half_way_the_next_reading_finishes(tmp_path):
    """The chart breaks off after the people; read again, everything is there once."""
    killed = mock.patch("carewright.exchange.fhir.apply.chart.record", side_effect=KeyboardInterrupt)
    with killed, pytest.raises(KeyboardInterrupt):
        take(tmp_path, ex.bundle(*ex.EVERY), finish=False)
    assert not Condition.objects.exists() and not Patient.objects.exists()
    take(tmp_path, ex.bundle(*ex.EVERY))
    assert Condition.objects.count() == 1 and Identifier.objects.filter(system="person_id").count() == 1


def test_a_number_where_a_word_belongs_reaches_the_chart_as_text(tmp_path):
    odd = ex.PATIENT | {"name": [{"family": 5, "given": [7]}]}
    report = take(tmp_path, ex.bundle(odd, ex.IMMUNIZATION | {"lotNumber": 12}))
    assert report.rows_rejected == 0
    assert Patient.objects.get().family_name == "5"
    assert chart.Immunization.objects.get().lot_number == "12"


def tags_in_chart():
    return {
        name: {tuple(tags) for tags in getattr(chart, name).objects.values_list("tags", flat=True)} for name in counts()
    }


def test_everything_from_a_protected_feed_is_closed_in_the_chart(tmp_path):
    """Notes, orders, teams, plans and goals land in no table of the warehouse; they are protected all the same."""
    landing.declare_part2(ex.Home(tmp_path / "home"), [("feed", "example")])
    take(tmp_path, ex.bundle(*ex.EVERY))
    assert all("part2" in tags for found in tags_in_chart().values() for tags in found)


def test_a_feed_declared_later_closes_what_the_chart_has_already(tmp_path):
    take(tmp_path, ex.bundle(*ex.EVERY))
    assert not any("part2" in tags for found in tags_in_chart().values() for tags in found)
    declared = {"kind": "feed", "value": "example", "because": "An opioid treatment program.", "at": timezone.now()}
    exchange.declare_sensitive_source(**declared, by=UserFactory(role="administrator"), home=ex.Home(tmp_path / "home"))
    assert all("part2" in tags for found in tags_in_chart().values() for tags in found)
    assert Entry.objects.get(did="protected").after["part2"]["outsidegoal"] == 1


def test_a_provider_declared_later_closes_what_names_their_number(tmp_path):
    npi = "1215930367"
    by_them = ex.ENCOUNTER | {
        "participant": [{"individual": {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": npi}}}]
    }
    take(tmp_path, ex.bundle(ex.PATIENT, by_them, ex.CONDITION))
    declared = {"kind": "npi", "value": npi, "because": "An opioid treatment program.", "at": timezone.now()}
    exchange.declare_sensitive_source(**declared, by=UserFactory(role="administrator"), home=ex.Home(tmp_path / "home"))
    assert chart.Encounter.objects.get().tags == ["part2"]
    assert Condition.objects.get().tags == []


NPI = "1215930367"
US_NPI = "http://hl7.org/fhir/sid/us-npi"
PROGRAM = {"resourceType": "Organization", "id": "otp", "name": "Riverside", "identifier": [
    {"system": US_NPI, "value": NPI}]}  # fmt: skip
BY_ID, BY_NUMBER = {"reference": "Organization/otp"}, {"identifier": {"system": US_NPI, "value": NPI}}


def behind(pointer):
    """One resource of each kind that names who stands behind it in a field of its own."""
    return [
        ex.CONDITION | {"recorder": pointer},
        ex.ORDER | {"requester": pointer},
        ex.NOTE | {"author": [pointer]},
        ex.REPORT | {"performer": [pointer]},
        ex.GOAL | {"expressedBy": pointer},
        ex.PLAN | {"author": pointer},
        ex.TEAM | {"participant": [{"member": pointer}]},
        ex.APPOINTMENT | {"participant": [*ex.APPOINTMENT["participant"], {"actor": pointer, "status": "accepted"}]},
    ]


def protected_tables():
    return {name for name, found in tags_in_chart().items() if found and all("part2" in tags for tags in found)}


BEHIND = {
    "Condition", "ServiceOrder", "Document", "OutsideGoal", "OutsideCarePlan", "OutsideTeamMember", "Appointment",
}  # fmt: skip


@pytest.mark.parametrize("pointer", [BY_ID, BY_NUMBER], ids=["by id", "by number"])
def test_what_a_protected_provider_wrote_is_closed_from_the_first(tmp_path, pointer):
    home = ex.Home(tmp_path / "home")
    landing.declare_part2(home, [("npi", NPI)])
    take(tmp_path, ex.bundle(ex.PATIENT, PROGRAM, ex.LAB, *behind(pointer)))
    assert protected_tables() == BEHIND
    assert Observation.objects.get().tags == []
    landed = ex.rows(home, "condition")
    assert [row["tags"] for row in landed] == ["part2"], "the warehouse counts nothing of it either"


def test_a_provider_who_came_in_an_earlier_file_is_known_by_their_id(tmp_path):
    landing.declare_part2(ex.Home(tmp_path / "home"), [("npi", NPI)])
    take(tmp_path, ex.bundle(PROGRAM))
    take(tmp_path, [ex.PATIENT, *behind(BY_ID)], seq=2, name="later.ndjson")
    assert protected_tables() == BEHIND


def test_what_a_provider_wrote_is_closed_when_they_are_declared_later(tmp_path):
    take(tmp_path, ex.bundle(ex.PATIENT, PROGRAM, ex.LAB, *behind(BY_ID)))
    assert not protected_tables()
    declared = {"kind": "npi", "value": NPI, "because": "An opioid treatment program.", "at": timezone.now()}
    exchange.declare_sensitive_source(**declared, by=UserFactory(role="administrator"), home=ex.Home(tmp_path / "home"))
    assert protected_tables() == BEHIND
    assert Observation.objects.get().tags == []


def test_somebody_nobody_has_sent_cannot_be_known(tmp_path):
    """Said in the decision: such a feed is declared by its name."""
    landing.declare_part2(ex.Home(tmp_path / "home"), [("npi", NPI)])
    take(tmp_path, [ex.PATIENT, *behind(BY_ID)], name="alone.ndjson")
    assert not protected_tables()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("kind", "value"), [("feed", "example"), ("npi", "1215930367")])
def test_a_source_declared_while_its_file_is_being_read_closes_all_of_it(tmp_path, monkeypatch, kind, value):
    """Declared between two bites of the same file: what was taken before is tagged, and so is what comes after."""
    monkeypatch.setattr(ingest, "AT_ONCE", 1)
    number = {"identifier": {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1215930367"}}
    visits = [ex.ENCOUNTER | {"id": f"e{n}", "serviceProvider": number, "participant": []} for n in range(3)]
    who, home = UserFactory(role="administrator"), ex.Home(tmp_path / "home")
    takes, declaring = [], []
    record = apply.chart.record

    def declare():
        exchange.declare_sensitive_source(
            kind=kind, value=value, because="An opioid treatment program.", at=timezone.now(), by=who, home=home
        )
        connection.close()

    def take_and_declare(*args, **kwargs):
        """While the second bite is on its way to the chart, unseen by anybody yet, somebody declares the source."""
        takes.append(1)
        if len(takes) == 3:
            declaring.append(threading.Thread(target=declare))
            declaring[0].start()
            declaring[0].join(0.5)
            assert declaring[0].is_alive(), "it waits for the lock"
        return record(*args, **kwargs)

    monkeypatch.setattr(apply.chart, "record", take_and_declare)
    take(tmp_path, [ex.PATIENT, *visits], name="visits.ndjson", finish=False)
    declaring[0].join()
    assert len(takes) >= 4
    assert [visit.tags for visit in chart.Encounter.objects.order_by("external_id")] == [["part2"]] * 3


def test_facts_that_waited_enter_the_chart_when_a_run_makes_their_person_known(tmp_path):
    take(tmp_path, ex.bundle(ex.CONDITION))
    home = ex.Home(tmp_path / "home")
    waited = catching_up.strangers(home)
    assert len(waited) == 1
    assert not Condition.objects.exists()
    with catching_up.those_made_known(home, by="system:test"):
        PatientFactory(person_id=next(iter(waited)))
    assert Condition.objects.count() == 1
    with (
        mock.patch.object(catching_up, "people", side_effect=AssertionError("nobody waits")),
        catching_up.those_made_known(home, by="system:test"),
    ):
        pass


def killed_at(step):
    return mock.patch(step, side_effect=KeyboardInterrupt)


@pytest.mark.parametrize("step", ["speaking_of", "_read_again"])
def test_killed_before_catching_up_the_next_reading_catches_up(tmp_path, step):
    """The person is known by then, so nothing but the note says that their earlier facts are still owed."""
    take(tmp_path, ex.bundle(ex.CONDITION, ex.LAB))
    with killed_at(f"carewright.exchange.fhir.catching_up.{step}"), pytest.raises(KeyboardInterrupt):
        take(tmp_path, ex.bundle(ex.PATIENT), seq=2, finish=False)
    assert Patient.objects.exists() and not Condition.objects.exists()
    take(tmp_path, ex.bundle(ex.PATIENT), batch="b2again", seq=2)
    assert (Condition.objects.count(), Observation.objects.count()) == (1, 1)
    assert not list((tmp_path / "home" / "landed" / owed.FOLDER).iterdir())


def test_killed_between_a_run_and_catching_up_the_next_run_catches_up(tmp_path):
    take(tmp_path, ex.bundle(ex.CONDITION))
    home = ex.Home(tmp_path / "home")
    waited = catching_up.strangers(home)
    killed = killed_at("carewright.exchange.fhir.catching_up.people")
    with killed, pytest.raises(KeyboardInterrupt), catching_up.those_made_known(home, by="system:test"):
        PatientFactory(person_id=next(iter(waited)))
    assert not catching_up.strangers(home), "nobody is a stranger any more"
    assert not Condition.objects.exists()
    with catching_up.those_made_known(home, by="system:test"):
        pass
    assert Condition.objects.count() == 1
    assert not list((home.landed / owed.FOLDER).iterdir())


def test_a_note_somebody_is_writing_is_left_alone(tmp_path):
    home = ex.Home(tmp_path / "home")
    with owed.note(home) as theirs:
        theirs.add(["p1"])
        with owed.note(home) as ours:
            ours.take_over()
            assert not ours.people
    with owed.note(home) as ours:
        ours.add(["p2"])
        ours.take_over()
        assert ours.people == {"p1", "p2"}
        ours.settle()
    assert not list((home.landed / owed.FOLDER).iterdir())
