"""What people text back: every way to say stop is obeyed, and nothing else is taken for it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carewright.channel import actions, words
from carewright.channel.models import IncomingText, Message, Stop
from carewright.registry import relating
from tests.channel.conftest import NOON
from tests.factories.registry import AddressFactory, ContactPointFactory, PatientFactory

NIGHT = datetime(2026, 11, 24, 4, 10, tzinfo=UTC)  # 23:10 in Springfield


@pytest.mark.parametrize(
    "said",
    ["Stop", "STOP", "stop.", "Stop please", "please STOP texting me", "STOPALL", "quit", "End", "revoke", "opt out",
     "Please opt me out", "cancel", "UNSUBSCRIBE", "no more texts", "Don't text me", "Don’t text me any more", "remove me",
     "PARAR", "Parar por favor", "pare", "¡Alto!", "no más mensajes", "No me mande mensajes", "arrêter", "стоп", "停止",
     "그만", "توقف", "itigil", "leave me alone"],
)  # fmt: skip
def test_every_way_to_say_stop(said):
    assert words.read(said) == "stop"


@pytest.mark.parametrize(
    "said",
    ["I can't stop coughing", "When do I stop the water pill?", "I will be at the bus stop", "para mi mamá",
     "The end of the week is fine", "Yes", "", "👍", "help me I fell", "Please start the ride at 9", "ok thanks"],
)  # fmt: skip
def test_what_is_left_to_a_person(said):
    assert words.read(said) == "words"


@given(st.sampled_from(sorted(words.STOP)), st.data())
def test_case_marks_and_politeness_make_no_difference(word, data):
    case = data.draw(st.sampled_from([str.upper, str.lower, str.title]))
    around = data.draw(st.sampled_from(["{}", " {}!", "{} please", "Please {}", "{}, thank you."]))
    assert words.read(around.format(case(word))) == "stop"


@pytest.mark.django_db
@pytest.mark.parametrize(("said", "language"), [("Stop please", "en"), ("PARAR", "es")])
def test_stop_at_night_blocks_the_next_text_and_is_confirmed_once(phone, nurse, said, language):
    text = actions.received_text(number="(413) 555-0123", words_said=said, by="system:gateway", at=NIGHT)
    assert (text.read_as, text.patient) == ("stop", phone.patient)
    confirmation = text.answered_with
    assert (confirmation.template, confirmation.language, confirmation.state) == ("stop_confirmed", language, "queued")
    actions.deliver(message_id=confirmation.pk, by="system:test", at=NIGHT + timedelta(seconds=5))
    confirmation.refresh_from_db()
    assert confirmation.state == "delivered"
    next_day = NIGHT + timedelta(hours=14)
    refused = actions.send(to=phone, kind="sms", template="please_call", by=nurse, at=next_day)
    assert (refused.state, refused.because) == ("refused", "stop")


@pytest.mark.django_db
def test_stop_holds_for_everyone_who_shares_the_number(phone, nurse):
    husband = PatientFactory()
    AddressFactory(patient=husband)
    same = ContactPointFactory(patient=husband, value="+1 413 555 0123", text_consent="given", consent_at=NOON)
    text = actions.received_text(number="413-555-0123", words_said="stop", by="system:gateway", at=NOON)
    assert text.patient is None, "Nobody is guessed when two share a number."
    for point in (phone, same):
        sent = actions.send(to=point, kind="sms", template="please_call", by=nurse, at=NOON + timedelta(days=1))
        assert sent.because == "stop"


@pytest.mark.django_db
def test_start_lifts_it_and_is_remembered(phone, nurse):
    actions.received_text(number="413-555-0123", words_said="STOP", by="system:gateway", at=NOON)
    actions.received_text(number="413-555-0123", words_said="start", by="system:gateway", at=NOON + timedelta(days=1))
    stop = Stop.objects.get()
    assert stop.lifted_because == "START"
    sent = actions.send(to=phone, kind="sms", template="please_call", by=nurse, at=NOON + timedelta(days=2))
    assert sent.state == "queued"


@pytest.mark.django_db
def test_a_text_that_comes_twice_is_taken_once(phone):
    for _ in range(2):
        actions.received_text(number="413-555-0123", words_said="STOP", by="system:gateway", at=NOON, carrier_id="SM1")
    assert IncomingText.objects.count() == 1
    assert Message.objects.filter(template="stop_confirmed").count() == 1


@pytest.mark.django_db
def test_a_stop_from_a_number_nobody_knows_holds_when_somebody_gets_it(ruth, nurse):
    text = actions.received_text(number="413-555-7777", words_said="stop", by="system:gateway", at=NOON)
    assert text.answered_with is None
    later = ContactPointFactory(patient=ruth, value="413-555-7777", text_consent="given", consent_at=NOON)
    assert actions.send(to=later, kind="sms", template="please_call", by=nurse, at=NOON).because == "stop"


@pytest.mark.django_db
def test_whoever_writes_from_the_number_of_somebody_held_away_is_not_taken_for_the_patient(ruth, phone, nurse):
    person = relating.add_related_person(
        patient=ruth, given_name="Carl", family_name="Stone", relationship="husband", phone="413-555-0123", email="",
        by=nurse, at=NOON,
    )  # fmt: skip
    assert (
        actions.received_text(number="413-555-0123", words_said="I am fine", by="system:gateway", at=NOON).patient
        == ruth
    )
    relating.hold_person(person=person, because="She fears him", is_suspected_abuser=True, by=nurse, at=NOON)
    assert (
        actions.received_text(number="413-555-0123", words_said="I am fine", by="system:gateway", at=NOON).patient
        is None
    )
