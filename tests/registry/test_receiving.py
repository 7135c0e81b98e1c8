"""A run's people meet our patients: nobody is lost, nobody is merged, nothing known is forgotten."""

from datetime import date

import pytest
from django.db import connection
from django.db.utils import DataError
from django.utils import timezone

from carewright.audit.models import Entry
from carewright.kernel import states
from carewright.kernel.errors import BadInput
from carewright.registry import actions, joining, receiving
from carewright.registry.models import Address, Coverage, Identifier, Patient
from carewright.registry.names import name_key
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db

COLUMNS = {
    "person_id": "text", "first_name": "text", "last_name": "text", "born_on": "date", "died_on": "date", "sex": "text",
    "race": "text", "ethnicity": "text", "language": "text", "address": "text", "city": "text", "state": "text",
    "zip_code": "text", "phone": "text", "email": "text", "payer": "text", "payer_type": "text", "plan": "text",
    "member_id": "text", "first_enrolled_on": "date", "last_enrolled_on": "date", "is_covered": "boolean",
    "dual_status_code": "text", "identity_in_doubt": "boolean", "evidence": "text",
}  # fmt: skip
RUTH = {
    "person_id": "p1", "first_name": "Ruth", "last_name": "Abernathy", "born_on": date(1950, 5, 2), "sex": "female",
    "payer": "Evergreen", "plan": "Gold", "member_id": "M1", "first_enrolled_on": date(2024, 1, 1),
    "last_enrolled_on": date(2026, 10, 31), "phone": "413-555-0100", "address": "12 Elm Street", "zip_code": "01101",
}  # fmt: skip


def receive(*people, run_id="run-1"):
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists receiving_person")
        named = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        cursor.execute(f"create temporary table receiving_person ({named})")
        for person in people:
            marks = ", ".join(["%s"] * len(person))
            cursor.execute(
                f"insert into receiving_person ({', '.join(person)}) values ({marks})", list(person.values())
            )
        return actions.receive_people(cursor, run_id=run_id, by="system:nightly")


def ruth() -> Patient:
    return Patient.objects.get(identifiers__system="person_id", identifiers__value="p1")


def test_what_a_person_settled_while_joining_no_run_overwrites():
    """Two records with two birth dates: whoever joined them said which is right."""
    receive(RUTH, RUTH | {"person_id": "p2", "born_on": date(1950, 2, 5), "member_id": "M2"})
    other = Patient.objects.get(identifiers__value="p2")
    joining.merge(keep=ruth(), other=other, why="She showed her card", by=UserFactory(), at=timezone.now())
    receive(RUTH | {"born_on": date(1950, 2, 5), "language": "es"}, run_id="run-2")
    assert (ruth().born_on, ruth().language) == (date(1950, 5, 2), "es")


def test_of_joined_records_each_numbers_coverage_ends_when_its_payer_says_so():
    """The run knows one latest coverage of a person; the span of the second number must not stay open for good."""
    borough = {"person_id": "p2", "payer": "Borough", "plan": "Silver", "member_id": "B2"}
    receive(RUTH, RUTH | borough | {"last_enrolled_on": None})
    other = Patient.objects.get(identifiers__value="p2")
    joining.merge(keep=ruth(), other=other, why="She showed her card", by=UserFactory(), at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(receiving.EVERY_SPAN)
        for payer, plan, member_id, ends_on in (
            ("Evergreen", "Gold", "M1", date(2026, 10, 31)), ("Borough", "Silver", "B2", date(2026, 3, 31)),
        ):  # fmt: skip
            cursor.execute(
                "insert into receiving_coverage values ('p1', %s, 'medicare', %s, %s, '', '2024-01-01', %s)",
                [payer, plan, member_id, ends_on],
            )
    receive(RUTH, run_id="run-2")
    assert set(ruth().coverages.values_list("payer", "ends_on")) == {
        ("Evergreen", date(2026, 10, 31)), ("Borough", date(2026, 3, 31)),
    }  # fmt: skip


def test_a_new_person_becomes_a_patient_with_all_that_is_known():
    assert receive(RUTH) == actions.Received(people=1, new=1, changed=0)
    patient = ruth()
    assert (patient.name, patient.born_on, patient.sex, patient.payer) == (
        "Ruth Abernathy", date(1950, 5, 2), "female", "Evergreen",
    )  # fmt: skip
    assert patient.sort_name == "abernathy ruth"
    assert patient.addresses.get().zip_code == "01101"
    assert patient.contact_points.get().value == "413-555-0100"
    coverage = patient.coverages.get()
    assert (coverage.member_id, coverage.starts_on, coverage.ends_on) == ("M1", date(2024, 1, 1), date(2026, 10, 31))
    assert Entry.objects.get(did="received_people").after == {"people": 1, "new": 1, "changed": 0}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("IL", "IL"),
        (" il", "IL"),
        ("Illinois", "IL"),
        ("new  york ", "NY"),
        ("Ontario", "Ontario"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_state_is_kept_by_its_letters_however_it_is_written(said, kept):
    """Licences, ages and clocks are asked by them; a name that is no state stays as it was said."""
    receive(RUTH | {"state": said})
    assert ruth().addresses.get().state == kept == states.code_of(said)


def test_a_state_written_out_is_mended_by_the_next_run():
    receive(RUTH | {"state": "Illinois"})
    Address.objects.filter(patient=ruth()).update(state="Illinois")
    receive(RUTH | {"state": "Illinois"}, run_id="run-2")
    assert ruth().addresses.get().state == "IL"


def test_the_same_run_again_changes_nothing():
    receive(RUTH)
    before = list(Patient.objects.values())
    assert receive(RUTH, run_id="run-2") == actions.Received(people=1, new=0, changed=0)
    assert list(Patient.objects.values()) == before
    assert not ruth().history.exists()


def test_a_new_surname_is_changed_and_the_old_one_stays_in_the_history():
    receive(RUTH)
    assert receive(RUTH | {"last_name": "Núñez"}, run_id="run-2").changed == 1
    patient = ruth()
    assert (patient.sort_name, patient.run_id) == ("nunez ruth", "run-2")
    assert [version.family_name for version in patient.history.all()] == ["Abernathy"]


def test_what_is_known_is_not_forgotten_because_a_run_left_it_empty():
    receive(RUTH)
    receive({"person_id": "p1", "first_name": None, "last_name": "", "sex": "unknown"}, run_id="run-2")
    patient = ruth()
    assert (patient.name, patient.sort_name, patient.given_key) == ("Ruth Abernathy", "abernathy ruth", "ruth")
    assert (patient.born_on, patient.sex, patient.payer) == (date(1950, 5, 2), "female", "Evergreen")


def test_someone_the_run_no_longer_names_stays():
    receive(RUTH)
    receive(RUTH | {"person_id": "p2"}, run_id="run-2")
    assert Patient.objects.count() == 2
    assert ruth().family_name == "Abernathy"


def test_two_persons_are_never_made_one_however_alike():
    receive(RUTH, RUTH | {"person_id": "p2"})
    assert Patient.objects.count() == Identifier.objects.count() == 2


def test_someone_known_by_another_number_is_not_guessed_to_be_the_same():
    PatientFactory(given_name="Ruth", family_name="Abernathy", born_on=date(1950, 5, 2))
    assert receive(RUTH).new == 1


def test_a_death_before_the_birth_is_left_out_and_said_to_be_in_doubt():
    receive(RUTH | {"died_on": date(1949, 1, 1)})
    assert (ruth().died_on, ruth().identity_in_doubt) == (None, True)


def test_a_coverage_that_goes_on_is_the_same_coverage():
    receive(RUTH)
    receive(RUTH | {"last_enrolled_on": date(2026, 11, 30)}, run_id="run-2")
    assert [c.ends_on for c in ruth().coverages.all()] == [date(2026, 11, 30)]


def test_a_change_of_payer_is_a_second_coverage():
    receive(RUTH)
    receive(RUTH | {"payer": "Other", "first_enrolled_on": date(2026, 11, 1), "last_enrolled_on": None}, run_id="run-2")
    assert Coverage.objects.count() == 2
    assert ruth().payer == "Other"


def test_a_plan_somebody_left_ends_when_its_payer_says_so():
    """The latest coverage alone would leave the plan before it open for good, and its loss unseen."""
    receive(RUTH | {"last_enrolled_on": None})
    with connection.cursor() as cursor:
        cursor.execute(receiving.EVERY_SPAN)
        for plan, starts_on, ends_on in (
            ("Gold", date(2024, 1, 1), date(2026, 5, 31)), ("Silver", date(2026, 6, 1), None),
        ):  # fmt: skip
            cursor.execute(
                "insert into receiving_coverage values ('p1', 'Evergreen', 'medicare', %s, 'M1', '', %s, %s)",
                [plan, starts_on, ends_on],
            )
    receive(RUTH | {"plan": "Silver", "first_enrolled_on": date(2026, 6, 1), "last_enrolled_on": None}, run_id="run-2")
    assert set(ruth().coverages.values_list("plan", "ends_on")) == {("Gold", date(2026, 5, 31)), ("Silver", None)}


def test_a_person_named_twice_stops_the_whole_run_with_a_sentence():
    with pytest.raises(BadInput, match="expected one row per person_id"):
        receive(RUTH, RUTH)
    assert not Patient.objects.exists()


def test_the_caller_learns_which_patient_each_person_is():
    receive(RUTH)
    with connection.cursor() as cursor:
        cursor.execute("select person_id, patient_id, is_new from received_person")
        assert cursor.fetchall() == [("p1", ruth().pk, True)]


def test_names_are_keyed_alike_in_bulk_and_one_by_one():
    names = ["Núñez-Ortega", "O'Neil", "STRAUß", "Đặng", "李", "  van  der Berg ", "Ångström"]
    receive(*(RUTH | {"person_id": f"p{n}", "last_name": name} for n, name in enumerate(names)))
    for number, name in enumerate(names):
        patient = Patient.objects.get(identifiers__value=f"p{number}")
        assert patient.sort_name == name_key(f"{name} Ruth")
        patient.save()
        again = Patient.objects.get(pk=patient.pk)
        assert again.sort_name == patient.sort_name


def test_a_sex_we_do_not_know_is_unknown_and_not_an_error():
    try:
        receive(RUTH | {"sex": "other"})
    except DataError:  # pragma: no cover
        pytest.fail("a value outside the list must not stop the run")
    assert ruth().sex == "unknown"
