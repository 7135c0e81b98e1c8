"""Whoever reads another language is refused in it: every sentence a page says no with was given to the translator."""

import html
from datetime import date

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from carewright.access import people
from carewright.assessment import actions as assessing
from carewright.assessment import sources
from carewright.audit.models import Entry
from carewright.channel import actions as channel
from carewright.channel import sentences
from carewright.channel.configuration import Sending
from carewright.enrollment import consenting, enrolling, moving
from carewright.enrollment.models import MovedEnrollment
from carewright.kernel.errors import NotNow
from carewright.knowledge import consent
from carewright.knowledge.programs import PROGRAMS
from carewright.population.sentences import NOT_A_NUMBER
from carewright.population.wording import PHRASES
from carewright.tasks import actions as tasks
from carewright.tasks import alarms
from tests.factories.access import TieFactory
from tests.factories.assessment import begun
from tests.factories.enrollment import EnrollmentFactory
from tests.factories.registry import ContactPointFactory, PatientFactory, RelatedPersonFactory
from tests.factories.staff import PASSWORD, UserFactory

WRONG = date(2026, 3, 6)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("made_up")]


@pytest.fixture
def ruth():
    return PatientFactory(given_name="Ruth", family_name="Abernathy", born_on=date(1952, 3, 9))


@pytest.fixture
def nurse(client, settings, ruth):
    """Who looks after Ruth, signed in."""
    settings.SECOND_FACTOR_ROLES = frozenset({"none"})
    settings.CHANNEL = Sending(shows_only=True, phone="413-555-0100")
    nurse = UserFactory(with_password=True)
    TieFactory(user=nurse, patient=ruth)
    client.force_login(nurse)
    return nurse


def told(answer) -> str:
    """What a refused form says on its page."""
    assert answer.status_code == 422
    return html.unescape(answer.content.decode())


def test_a_wrong_password_in_an_emergency(client, nurse, ruth):
    given = {
        "family_name": "Abernathy", "born_on": "1952-03-09", "reason": "medical_emergency",
        "words": "Unresponsive at home.", "password": PASSWORD + "x",
    }  # fmt: skip
    page = told(client.post(reverse("access:emergency"), given))
    assert "⟦This is not your password. Nothing was opened.⟧" in page
    assert "⟦Medical emergency: a delay could harm this person⟧" in page, "and so are the reasons to choose among"
    assert Entry.objects.get(did="refused").why == "wrong password", "what is kept is no language's"


def test_an_agreement_that_stands(client, nurse, ruth):
    consenting.agree(
        patient=ruth, program="complex_care", elements=[each.code for each in consent.elements_for("complex_care")],
        how="verbal", language="en", by=nurse, at=timezone.now(),
    )  # fmt: skip
    given = {"program": "complex_care", "because": "Too many calls", "how": "verbal", "language": "en"}
    page = told(client.post(reverse("enrollment:decline", args=[ruth.public_id]), given))
    assert "⟦This person has agreed to ⟦Complex care⟧. Write down a withdrawal instead.⟧" in page


def test_an_alarm_closed_without_a_word(client, nurse, ruth):
    alarm = alarms.raise_alarm(patient=ruth, code="hurt", because="Said so.", by="system:test", at=timezone.now())
    page = told(client.post(reverse("tasks:alarm", args=[alarm.public_id]), {"disposition": "no_danger", "words": " "}))
    assert "⟦Assessed: no danger now⟧" in page


def test_a_document_that_is_not_named_and_a_child_who_comes_of_age(client, nurse, ruth):
    def given(patient, kind, document=""):
        person = RelatedPersonFactory(patient=patient)
        return client.post(
            reverse("people:contact", args=[patient.public_id]),
            {"do": "authority", "row": person.pk}
            | {
                f"authority{person.pk}-{name}": value
                for name, value in {"kind": kind, "starts_on": "2026-11-01", "document": document}.items()
            },
        )

    assert "⟦Name the document that gives this authority: what it is, and its date.⟧" in told(given(ruth, "full_proxy"))
    child = PatientFactory(born_on=date(2014, 6, 5))
    TieFactory(user=nurse, patient=child)
    assert "⟦The patient comes of age on ⟦June⟧ 5, 2032" in told(
        given(child, "personal_representative", "Birth record")
    )


def test_one_question_left_open_and_many(client, nurse, ruth):
    made = begun(by=nurse, patient=ruth)
    with pytest.raises(NotNow, match="⟦4 required questions are open: "):
        assessing.set_section(assessment=made, code="goals", status="done", by=nurse, at=timezone.now())


def test_a_task_that_is_closed_already(client, nurse, ruth):
    task = tasks.open_task(kind="follow_up_call", patient=ruth, owner_user=nurse, by=nurse, at=timezone.now())
    tasks.close(task=task, because="not_needed", by=nurse, at=timezone.now())
    with pytest.raises(NotNow, match="⟦This task was closed already: ⟦no longer needed⟧"):
        tasks.close(task=task, because="done", by=nurse, at=timezone.now())


def test_an_account_that_is_closed_already(nurse):
    other = UserFactory(is_active=False)
    with pytest.raises(NotNow, match=f"⟦The account of {other.name} is closed already.⟧"):
        people.close_account(person=other, by=nurse)


def test_what_is_kept_stays_in_english_whoever_moves_them(nurse):
    boss, closed = UserFactory(role="supervisor"), UserFactory()
    running, today = EnrollmentFactory(lead=nurse), timezone.localdate()
    enrolling.end(enrollment=running, reason="moved", on=today, by=boss, at=timezone.now())
    moving.ask(before=nurse, to=closed, enrollments=[running], because="Leave", by=boss, on=today, at=timezone.now())
    assert MovedEnrollment.objects.get().refused.startswith("This enrollment ended on")


def test_where_a_fact_stands_is_said_in_the_reader_s_language():
    assert sources.where_said("24 claims, latest Nov 3, 2025") == "⟦24 claims, latest ⟦Nov⟧ 3, 2025⟧"
    assert sources.where_said("Dispensed Mar 6, 2026, 30 days") == "⟦⟦Dispensed⟧ ⟦Mar⟧ 6, 2026, 30 days⟧"
    assert sources.where_said("Mercy, since Mar 6, 2024") == "⟦Mercy, since ⟦Mar⟧ 6, 2024⟧"
    assert sources.where_said("Mercy") == "Mercy"


def test_why_a_message_did_not_go_is_kept_in_english_and_read_in_any_language(client, nurse, ruth):
    point = ContactPointFactory(patient=ruth, kind="phone", value="413-555-0100", wrong_since_on=WRONG)
    message = channel.send(to=point, kind="sms", template="please_call", by=nurse, at=timezone.now())
    assert message.said == "This number or address is flagged as wrong since Mar 6, 2026."
    assert message.told == "⟦This number or address is flagged as wrong since ⟦Mar⟧ 6, 2026.⟧"
    page = client.get(reverse("channel:of_patient", args=[ruth.public_id])).content.decode()
    assert message.told in page and message.said not in page


@pytest.mark.parametrize("words", sentences.FILLED_IN)
def test_every_sentence_of_the_gate_and_the_carriers_is_found_again(words):
    filled = {
        "word": "diabetes", "why": "Asked not to be contacted", "ways": " (call, letter)", "day": "Mar 6, 2026",
        "time": "9:05 PM", "setting": "CAREWRIGHT_SMS_URL", "trouble": "TimeoutError", "n": 3, "most": 160, "first": 8,
        "until": 20,
    }  # fmt: skip
    kept = words.format(**{name: value for name, value in filled.items() if f"{{{name}}}" in words})
    found = [form.words for form in sentences.PHRASES.forms(sentences.FILLED_IN) if form.found(kept)]
    assert found[:1] == [words], "no sentence before it takes it for its own"
    assert sentences.in_words(kept).startswith("⟦")
    with override(None):
        assert sentences.in_words(kept) == kept


@pytest.mark.parametrize("value", ["", "x", "-1", "0", "1000000", "nobody"])
@pytest.mark.parametrize("declared", [one for rules in PROGRAMS for one in rules.thresholds], ids=lambda one: one.key)
def test_why_a_value_is_no_number_of_a_program(declared, value):
    if problem := declared.problem(value):
        assert PHRASES.one_of(problem, NOT_A_NUMBER).startswith("⟦")


def test_a_message_of_a_page(client, nurse, ruth):
    answer = client.post(reverse("channel:allow_contact", args=[ruth.public_id]), {"why": "She asked."})
    said = [str(one) for one in get_messages(answer.wsgi_request)]
    assert said and all(one.startswith("⟦") for one in said)
