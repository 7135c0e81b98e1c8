"""The patient page: nothing that must be seen is missed, nothing closed is shown, and it asks the database little."""

import re
from datetime import date, timedelta

import pytest
from django.contrib.contenttypes.models import ContentType  # noqa: F401  (warms the app registry)
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.access.models import BreakGlass
from carewright.audit.models import Entry
from carewright.chart.models import Allergy, Condition, Encounter, MedicationListing, Observation
from carewright.enrollment.models import SharingConsent
from carewright.registry.models import PatientPreference, RelatedPerson
from carewright.tasks import actions as tasks
from carewright.tasks import alarms
from carewright.web.patient import chart
from carewright.web.patient.on_file import TABLES, on_file
from carewright.web.patient.sight import Sight
from tests.factories.access import BreakGlassFactory, TieFactory
from tests.factories.registry import ContactPointFactory, PatientFactory
from tests.factories.staff import UserFactory
from tests.web import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria(client):
    """A care manager who is signed in."""
    user = UserFactory(role="care_manager")
    client.force_login(user)
    return user


@pytest.fixture
def ruth(maria):
    """A patient of hers."""
    patient = PatientFactory(given_name="Ruth", family_name="Abernathy")
    TieFactory(user=maria, patient=patient)
    return patient


def page(client, patient, name="patient:glance") -> str:
    answer = client.get(reverse(name, args=[patient.public_id]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_nobody_told_us_is_said_to_be_unknown(client, ruth):
    shown = page(client, ruth)
    assert "Allergies unknown: ask" in shown
    assert "No advance directive on file" in shown
    assert "No consent to share on file" in shown
    assert "No known allergies" not in shown


def test_an_allergy_stands_on_top_with_its_reaction(client, ruth):
    making.reported(Allergy, ruth, "Penicillin", reaction="anaphylaxis")
    shown = page(client, ruth)
    assert "Penicillin: anaphylaxis" in shown
    assert "Allergies unknown" not in shown


def test_no_allergies_is_said_only_when_a_source_says_so(client, ruth):
    making.reported(Allergy, ruth, "No known allergy", code="716186003")
    assert "No known allergies (mercy_fhir" in page(client, ruth)


def test_a_refuted_or_retracted_allergy_makes_nobody_safe(client, ruth):
    making.reported(Allergy, ruth, "Latex", verification_status="refuted")
    making.reported(
        Allergy, ruth, "Sulfa", retracted_at=timezone.now(), retracted_by="system:test", retracted_because="mistake"
    )
    shown = page(client, ruth)
    assert "Allergies unknown: ask" in shown
    assert "Latex" not in shown
    assert "Sulfa" not in shown


def test_language_interpreter_and_how_to_call_safely_are_seen_first(client, ruth):
    PatientPreference.objects.create(
        patient=ruth, spoken_language="es", needs_interpreter=True, preferred_name="Doña Ruth", pronouns="she",
        safe_contact="Only mornings; hang up if he answers.", said_at=timezone.now(),
    )  # fmt: skip
    shown = page(client, ruth)
    assert "Spanish, interpreter" in shown
    assert "“Doña Ruth”, she" in shown
    assert "Only mornings; hang up if he answers." in shown


def test_somebody_held_away_is_nowhere_and_the_concern_is_seen_by_who_may(client, ruth):
    RelatedPerson.objects.create(
        patient=ruth, given_name="Karl", family_name="Held", phone="413-555-9999", source="staff", external_id="k",
        is_suspected_abuser=True, held_at=timezone.now(), held_by=UserFactory(), held_because="She told us.",
    )  # fmt: skip
    ContactPointFactory(patient=ruth, value="413-555-9999")
    shown = page(client, ruth)
    assert "Safety concern on file" in shown
    assert "Karl" not in shown
    assert "555-9999" not in shown
    pharmacist = UserFactory(role="pharmacist")
    TieFactory(user=pharmacist, patient=ruth)
    client.force_login(pharmacist)
    assert "Safety concern" not in page(client, ruth)


def test_consent_limits_say_what_is_not_shared(client, ruth, maria):
    SharingConsent.objects.create(
        patient=ruth, recipient_class="treating", categories=["general", "behavioral"], purpose="Care", version="2026-11",
        how="verbal", language="en", starts_on="2026-01-01", given_at=timezone.now(), given_to=maria,
    )  # fmt: skip
    shown = page(client, ruth)
    assert "Shares 1 of 5 protected kinds" in shown
    assert "HIV" in shown


def test_facts_closed_to_a_role_are_on_none_of_the_pages(client, ruth, maria):
    facts = [(Condition, "Opioid use disorder"), (Observation, "Urine drug screen"), (MedicationListing, "Methadone"),
             (Encounter, "Intake at the clinic")]  # fmt: skip
    for model, name in facts:
        more = {MedicationListing: {"kind": "ordered"}, Observation: {"category": "laboratory", "value": "positive",
                "observed_on": making.TODAY}, Encounter: {"starts_on": making.TODAY}}  # fmt: skip
        making.reported(model, ruth, name, tags=["part2"], **more.get(model, {}))
    making.reported(Condition, ruth, "Heart failure")
    for address in ("patient:glance", "patient:story", "patient:medicines"):
        shown = page(client, ruth, address)
        assert not [name for _model, name in facts if name in shown]
    assert "Heart failure" in page(client, ruth)


def test_who_sees_no_clinical_facts_gets_the_page_without_them(client, ruth):
    making.reported(Condition, ruth, "Heart failure")
    making.reported(MedicationListing, ruth, "Furosemide 40 mg", kind="ordered")
    making.reported(Allergy, ruth, "Penicillin")
    worker = UserFactory(role="community_health_worker")
    TieFactory(user=worker, patient=ruth)
    making.note(ruth, UserFactory(), "Ankles swollen.")
    client.force_login(worker)
    for address in ("patient:glance", "patient:story", "patient:medicines"):
        shown = page(client, ruth, address)
        assert "Heart failure" not in shown
        assert "Furosemide" not in shown
        assert "Penicillin" not in shown
        assert "Ankles" not in shown
    assert "Allergies: not shown to your role" in page(client, ruth)


def test_the_story_holds_what_we_did_and_what_others_told_with_its_source(client, ruth, maria):
    making.contact(ruth, maria, ended="left_message")
    making.note(ruth, maria, "Ankles swollen, slept in a chair.")
    making.enrolled(ruth, maria)
    making.reported(Encounter, ruth, "Office visit", starts_on=making.TODAY, class_code="AMB")
    shown = page(client, ruth, "patient:story")
    for words in (
        "Call, left a message",
        "Ankles swollen",
        "Joined Complex care",
        "Said yes to Complex care",
        "Office visit",
    ):
        assert words in shown
    assert "mercy_fhir" in shown
    assert maria.full_title in shown
    assert (
        "Office visit"
        not in client.get(reverse("patient:story", args=[ruth.public_id]), {"kind": "ours"}).content.decode()
    )


def test_a_private_note_is_its_authors_alone(client, ruth, maria):
    making.note(ruth, maria, "Only for me.", level="private")
    assert "Only for me." in page(client, ruth, "patient:story")
    colleague = UserFactory(role="supervisor")
    TieFactory(user=colleague, population="everyone")
    client.force_login(colleague)
    assert "Only for me." not in page(client, ruth, "patient:story")


def test_the_most_pressing_work_stands_on_top(client, ruth, maria):
    making.task(ruth, maria, title="Call after a hospital stay", due=making.HOUR * 2, priority=5, clock="first_contact")
    making.task(ruth, maria, title="Review the plan", due=making.DAY * 20, priority=2)
    shown = page(client, ruth)
    assert shown.index("Call after a hospital stay") < shown.index("Review the plan")
    assert "banner warn" in shown


def test_broken_glass_opens_the_page_to_read_and_offers_nothing_to_do(client, ruth):
    stranger = UserFactory(role="care_manager")
    client.force_login(stranger)
    url = reverse("patient:glance", args=[ruth.public_id])
    assert client.get(url).status_code == 404
    BreakGlassFactory(user=stranger, patient=ruth)
    shown = client.get(url).content.decode()
    assert "Emergency access is open" in shown
    assert '/call"' not in shown
    assert "/call?" not in shown


def test_in_a_medical_emergency_who_looks_after_them_reads_part_2_too_and_still_works(client, ruth, maria):
    """The nurse herself is called from the ambulance: a tie opens no Part 2 record, and an hour's glass does."""
    making.reported(Condition, ruth, "Opioid dependence", tags=["part2"])
    assert "Opioid dependence" not in page(client, ruth)
    BreakGlassFactory(user=maria, patient=ruth)
    assert "Opioid dependence" not in page(client, ruth), "not without the record that 42 CFR 2.51 asks for"
    glass = BreakGlassFactory(
        user=maria, patient=ruth, opens_part2=True, part2_disclosed_to="Dr. Shah", part2_emergency="Overdose"
    )
    shown = page(client, ruth)
    assert "Opioid dependence" in shown and "Part 2) are open to you until" in shown and '/call"' in shown
    assert Entry.objects.filter(did="saw").latest("pk").purpose == "emergency"
    making.task(ruth, maria)
    assert "Opioid" not in client.get(reverse("day:day")).content.decode()
    over = timezone.now() - timedelta(minutes=1)
    BreakGlass.objects.filter(pk=glass.pk).update(starts_at=over - timedelta(hours=1), ends_at=over)
    assert "Opioid dependence" not in page(client, ruth)


def asked_for(client, patient) -> int:
    with CaptureQueriesContext(connection) as questions:
        page(client, patient)
    return len(questions)


def test_the_page_asks_the_database_a_bounded_number_of_times(client, ruth, maria):
    """Tables that hold nothing about somebody are not asked one by one, and more rows are no more questions."""
    page(client, ruth)
    assert asked_for(client, ruth) <= 24

    def more(number):
        making.reported(Condition, ruth, f"Condition {number}")
        making.reported(MedicationListing, ruth, f"Medicine {number}", kind="ordered")
        making.reported(Allergy, ruth, f"Allergy {number}")
        making.contact(ruth, maria)
        making.note(ruth, maria, f"Note {number}")
        making.task(ruth, maria, title=f"Task {number}")
        TieFactory(patient=ruth)

    more(0)
    making.enrolled(ruth, maria)
    few = asked_for(client, ruth)
    for number in range(1, 12):
        more(number)
    assert asked_for(client, ruth) == few <= 36


def test_the_question_what_is_on_file_looks_into_every_table_named_and_by_an_index():
    with connection.cursor() as cursor:
        cursor.execute("select prosrc, prosecdef from pg_proc where proname = 'web_on_file'")
        source, as_owner = cursor.fetchone()
        cursor.execute(
            "select distinct i.indrelid::regclass::text from pg_index i join pg_attribute a"
            " on a.attrelid = i.indrelid and a.attnum = i.indkey[0] where a.attname = 'patient_id'"
        )
        by_patient = {name for (name,) in cursor.fetchall()}
    assert not as_owner, "it would see over the wall"
    assert set(re.findall(r"FROM (\w+) WHERE", source)) == TABLES
    assert by_patient >= TABLES


def test_of_somebody_who_is_not_theirs_nothing_is_on_file(ruth, maria):
    stranger = PatientFactory()
    for patient in (ruth, stranger):
        making.reported(Allergy, patient, "Penicillin")
    with acting_as(maria):
        assert on_file(ruth) == {"chart_allergy"}
        assert on_file(stranger) == frozenset()


def test_goals_in_their_words_stand_on_the_page_for_who_may_see_them(client, ruth, maria):
    """What somebody wants is quoted, never to a role without clinical sight."""
    from carewright.careplan import actions as careplan

    careplan.set_goal(
        patient=ruth, words="I want to walk to church by Easter.", target="Walk 400 m", target_on=date(2027, 3, 28),
        by=maria, at=timezone.now(),
    )  # fmt: skip
    assert "I want to walk to church by Easter." in page(client, ruth)
    worker = UserFactory(role="community_health_worker")
    TieFactory(user=worker, patient=ruth)
    client.force_login(worker)
    assert "walk to church" not in page(client, ruth)


def test_of_a_child_in_danger_the_page_does_not_send_to_the_representative(client, ruth, maria):
    ruth.born_on, ruth.sex = timezone.localdate() - timedelta(days=15 * 365), "unknown"
    ruth.save()
    assert "Under 18: speak with the representative" in page(client, ruth)
    assert "sex not on file" in page(client, ruth), "not the bare word unknown"
    alarms.raise_alarm(patient=ruth, code="phq9_item9", because="Yes", by=maria, at=timezone.now())
    shown = page(client, ruth)
    assert "Under 18: speak with the child first, alone" in shown and "speak with the representative" not in shown


def test_a_number_where_no_message_is_safe_says_so_on_top(client, ruth):
    ContactPointFactory(patient=ruth, value="(413) 555-0188", is_safe_for_message=False)
    assert "Leave no message: not safe" in page(client, ruth)


def test_how_long_there_is_stands_once_in_a_row_of_work(client, ruth, maria):
    at = timezone.now()
    tasks.open_task(
        kind="follow_up_call", patient=ruth, why="Agreed", due_at=at + timedelta(days=4, hours=1), by=maria, at=at
    )
    row = page(client, ruth).split("Follow-up call<small>")[1].split("</li>")[0]
    assert "Agreed." in row and "days left" not in row


def test_a_medicine_that_tells_what_a_parent_on_the_line_may_not_hear_is_closed_to_them_though_its_source_tagged_nothing(
    ruth, maria
):
    for name in ("Lisinopril 20 mg", "Sertraline 50 mg", "norethindrone 0.35 mg", "Biktarvy", "as discussed"):
        making.reported(MedicationListing, ruth, name, kind="ordered")

    def shown(*closed: str) -> list[str]:
        sight = Sight(maria, ruth, timezone.localdate(), timezone.now(), also_hidden=frozenset(closed))
        return [one.name for one in chart.medicines(sight)]

    assert len(shown()) == 5
    assert shown("behavioral", "hiv", "reproductive") == ["Lisinopril 20 mg"]
    assert shown("hiv") == ["Lisinopril 20 mg", "norethindrone 0.35 mg", "Sertraline 50 mg"]
    assert len(shown("safety")) == 5


def test_a_medicine_the_pharmacy_handed_out_is_shown_though_the_handing_out_is_completed(ruth, maria):
    """FHIR calls a MedicationDispense completed once it is in the person's hands; an order that is completed is over."""
    on = timezone.localdate()
    for name, kind, status, day in (
        ("Metformin 500 mg", "dispensed", "completed", on - timedelta(days=20)),
        ("Cephalexin 500 mg", "dispensed", "completed", on - timedelta(days=800)),
        ("Warfarin 5 mg", "dispensed", "cancelled", on - timedelta(days=20)),
        ("Prednisone 10 mg", "ordered", "completed", None),
    ):
        making.reported(MedicationListing, ruth, name, kind=kind, status=status, dispensed_on=day)
    shown = [one.name for one in chart.medicines(Sight(maria, ruth, on, timezone.now()))]
    assert shown == ["Metformin 500 mg"]
