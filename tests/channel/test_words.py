"""What people text back: every way to say stop is obeyed, and nothing else is taken for it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carewright.channel import actions, words
from carewright.channel.models import IncomingText, Message, Stop
from carewright.registry import relating
from carewright.registry.models import ContactPoint, PatientPreference
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


def told_that_nobody_watches() -> list[Message]:
    return list(Message.objects.filter(template="not_watched").order_by("pk"))


def writes(words_said="My chest hurts", at=NIGHT):
    return actions.received_text(number="413-555-0123", words_said=words_said, by="system:gateway", at=at)


@pytest.mark.django_db
def test_whoever_writes_is_told_once_a_day_that_nobody_watches_at_night_too_and_though_a_text_went_out_today(
    phone, nurse
):
    actions.send(to=phone, kind="sms", template="please_call", by=nurse, at=NIGHT - timedelta(hours=6))
    first = writes()
    assert (first.read_as, first.answered_with.state, first.answered_with.is_automated) == ("words", "queued", False)
    for sign in ("911", "988", "day and night", "STOP"):
        assert sign in first.answered_with.body
    again = writes("Hello?", NIGHT + timedelta(minutes=40))  # 23:50 on the same evening
    assert again.answered_with is None
    assert len(told_that_nobody_watches()) == 1
    next_day = writes("Good morning", NIGHT + timedelta(minutes=55))  # five past midnight in Springfield
    assert next_day.answered_with.state == "queued"


@pytest.mark.django_db
def test_they_are_told_in_their_language(phone):
    phone.patient.language = "Spanish"
    phone.patient.save()
    answer = writes("Me duele el pecho").answered_with
    assert answer.language == "es"
    assert "911" in answer.body and "988" in answer.body and "PARAR" in answer.body


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["stop", "do_not_contact", "not_safe", "safe_contact", "no_consent"])
def test_what_stops_messages_stops_this_one_too_and_says_so(phone, ruth, nurse, how):
    """Only what somebody asked for with STOP, START or HELP is answered whatever stands: this one nobody asked for."""
    if how == "stop":
        writes("STOP", NOON - timedelta(days=2))
    elif how == "do_not_contact":
        actions.stop_contact(patient=ruth, because="asked", by=nurse, at=NOON - timedelta(days=2))
    elif how == "safe_contact":
        PatientPreference.objects.create(patient=ruth, safe_contact="He reads her phone", said_at=NOON)
    elif how == "not_safe":
        ContactPoint.objects.filter(pk=phone.pk).update(is_safe_for_message=False)
    else:
        ContactPoint.objects.filter(pk=phone.pk).update(text_consent="refused")
    text = writes()
    assert text.read_as == "words", "a person reads it all the same"
    assert (text.answered_with.state, text.answered_with.because) == ("refused", how)


@pytest.mark.django_db
def test_whoever_was_never_asked_about_texts_and_writes_to_us_is_answered(phone):
    ContactPoint.objects.filter(pk=phone.pk).update(text_consent=None, consent_at=None)
    assert writes().answered_with.state == "queued"


@pytest.mark.django_db
def test_one_of_two_who_share_a_number_for_whom_it_is_not_safe_is_enough(phone):
    ContactPointFactory(patient=PatientFactory(), value="413 555 0123", is_safe_for_message=False)
    text = writes()
    assert (text.patient, text.answered_with.because) == (None, "not_safe")


@pytest.mark.django_db
def test_a_machine_that_answers_every_text_is_not_answered_for_ever(phone):
    """ "Reply STOP to opt out" reads as a request to stop; two machines would tell each other so all night."""
    said = ["Thank you for calling Smith Plumbing! Reply STOP to opt out."] * 4
    texts = [
        actions.received_text(number="(413) 555-0123", words_said=words_said, by="system:gateway", at=NIGHT)
        for words_said in said
    ]
    assert [text.read_as for text in texts] == ["stop"] * 4
    assert [text.answered_with is not None for text in texts] == [True, False, False, False], "confirmed once"
    assert Message.objects.filter(template="stop_confirmed").count() == 1
    assert Stop.objects.filter(lifted_at=None).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("asks", [["HELP"], ["START"], ["STOP", "START"]])
def test_what_is_asked_over_and_over_is_answered_a_few_times_a_day(phone, asks):
    def write(times: int, at: datetime) -> None:
        for minute in range(times):
            for second, words_said in enumerate(asks):
                moment = at + timedelta(minutes=minute, seconds=second)
                actions.received_text(number="(413) 555-0123", words_said=words_said, by="system:gateway", at=moment)

    write(6, NOON)
    assert Message.objects.count() == len(asks) * actions.ANSWERS_A_DAY
    assert not Stop.objects.filter(lifted_at=None).exists()
    write(1, NOON + timedelta(days=1, hours=1))
    assert Message.objects.count() == len(asks) * (actions.ANSWERS_A_DAY + 1)


@pytest.mark.django_db
def test_who_stops_again_after_starting_again_hears_it_again(phone):
    for minute, said in enumerate(("STOP", "START", "STOP")):
        at = NOON + timedelta(minutes=minute)
        again = actions.received_text(number="(413) 555-0123", words_said=said, by="system:gateway", at=at)
    assert again.answered_with.template == "stop_confirmed"
