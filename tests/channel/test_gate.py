"""Every rule of the gate, one by one: what goes, what waits, what never goes, and the sentence it says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from carewright.channel import actions, queries, wording
from carewright.channel.models import Message
from tests.channel.conftest import NOON
from tests.factories.registry import AddressFactory, ContactPointFactory, PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db


def text(phone, by, at=NOON, template="please_call", **more) -> Message:
    return actions.send(to=phone, kind="sms", template=template, by=by, at=at, **more)


def sent(message, at=None) -> Message:
    actions.deliver(message_id=message.pk, by="system:test", at=at or message.next_try_at)
    message.refresh_from_db()
    return message


def test_a_text_somebody_agreed_to_goes_out(phone, nurse):
    message = text(phone, nurse)
    assert (message.state, message.to, message.patient) == ("queued", "+14135550123", phone.patient)
    assert message.body.startswith("Riverside Care: We would like to talk with you. Please call 413-555-0100.")
    assert sent(message).state == "delivered"
    assert [receipt.what for receipt in message.receipts.order_by("pk")] == ["queued", "delivered"]


def test_what_a_person_asked_for_names_them_and_what_the_house_asked_for_does_not(phone, nurse):
    assert text(phone, nurse).asked_by == nurse
    assert text(phone, "system:reminders", NOON + timedelta(days=1)).asked_by is None


@pytest.mark.parametrize("consent", [None, "refused", "withdrawn"])
def test_without_consent_nothing_goes(phone, nurse, consent):
    phone.text_consent = consent
    phone.save()
    message = text(phone, nurse)
    assert (message.state, message.because) == ("refused", "no_consent")
    assert message.said.endswith(".")


def test_a_number_flagged_wrong_gets_nothing(phone, nurse):
    phone.wrong_since_on = NOON.date()
    phone.save()
    message = text(phone, nurse)
    assert (message.state, message.because) == ("refused", "wrong_number")


def test_where_a_message_is_not_safe_none_is_left(phone, nurse):
    phone.is_safe_for_message = False
    phone.save()
    assert text(phone, nurse).because == "not_safe"


def test_words_about_safe_contact_are_read_by_people_not_by_machines(phone, nurse, ruth):
    from carewright.registry.models import PatientPreference

    PatientPreference.objects.create(patient=ruth, safe_contact="Mornings only.", said_at=NOON)
    assert text(phone, "system:reminders").because == "safe_contact"
    assert text(phone, nurse).state == "queued"


def test_the_dead_are_not_written_to(phone, nurse, ruth):
    ruth.died_on = NOON.date()
    ruth.save()
    assert text(phone, nurse).because == "died"


@pytest.mark.parametrize(
    ("hour", "minute", "state"), [(20, 59, "queued"), (21, 0, "refused"), (7, 59, "refused"), (8, 0, "queued")]
)
def test_texts_go_from_eight_to_nine_where_they_live(phone, nurse, hour, minute, state):
    at = datetime(2026, 11, 23, hour, minute, tzinfo=UTC) + timedelta(hours=5)
    message = text(phone, nurse, at, "call_planned", values={"day": "Fri Nov 27", "time": "10 AM"})
    assert message.state == state
    assert state == "queued" or message.because == "quiet_hours"


def test_what_may_wait_waits_for_the_morning_and_goes_then(phone, nurse):
    late = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # 9 PM in Springfield
    message = text(phone, nurse, late)
    assert (message.state, message.because) == ("held", "quiet_hours")
    morning = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
    assert message.held_until == morning
    assert actions.release(at=morning - timedelta(minutes=1), by="system:test") == []
    assert actions.release(at=morning, by="system:test") == [message]
    assert sent(message, morning).state == "delivered"


def test_a_stop_in_the_night_is_obeyed_in_the_morning(phone, nurse):
    message = text(phone, nurse, datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
    actions.received_text(
        number="4135550123", words_said="Stop", by="system:gateway", at=datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    )
    message.refresh_from_db()
    assert (message.state, message.because) == ("refused", "stop")
    assert actions.release(at=datetime(2026, 11, 24, 13, 0, tzinfo=UTC), by="system:test") == []


def test_the_day_the_clocks_change_is_counted_by_the_zone(phone, nurse):
    """On November 1, 2026 Boston falls back: 8 AM is 13:00 UTC, the day before it was 12:00."""
    values = {"day": "Fri", "time": "10 AM"}
    before = text(phone, nurse, datetime(2026, 10, 31, 12, 0, tzinfo=UTC), "call_planned", values=values)
    on_the_day = text(phone, nurse, datetime(2026, 11, 1, 12, 30, tzinfo=UTC), "call_planned", values=values)
    after = text(phone, nurse, datetime(2026, 11, 1, 13, 0, tzinfo=UTC), "call_planned", values=values)
    assert [before.state, on_the_day.because, after.state] == ["queued", "quiet_hours", "queued"]


@pytest.mark.parametrize(
    ("zip_code", "state", "because"),
    [
        ("02139", "MA", ""),  # 8:30 AM in Boston
        ("97201", "OR", "quiet_hours"),  # 5:30 AM in Portland
        ("", "CA", "quiet_hours"),  # no ZIP code: the state
        ("79901", "TX", "quiet_hours"),  # El Paso is not on Texas's clock
        ("99999", "", ""),  # unknown everywhere: the organization's
    ],
)
def test_the_zone_is_where_they_live_not_where_the_number_is_from(sending, nurse, zip_code, state, because):
    patient = PatientFactory()
    AddressFactory(patient=patient, state=state, zip_code=zip_code)
    phone = ContactPointFactory(patient=patient, value="413-555-9999", text_consent="given", consent_at=NOON)
    at = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
    assert text(phone, nurse, at, "call_planned", values={"day": "Fri", "time": "10 AM"}).because == because


def test_what_they_told_us_about_their_clock_comes_first(phone, nurse, ruth):
    from carewright.registry.models import PatientPreference

    PatientPreference.objects.create(patient=ruth, time_zone="Pacific/Honolulu", said_at=NOON)
    assert text(phone, nurse).because == "quiet_hours"


def test_one_text_a_day_and_three_a_week(phone, nurse):
    states = [text(phone, nurse, NOON + timedelta(days=days, minutes=days)) for days in (0, 0, 1, 2, 3, 6, 7)]
    assert [(message.state, message.because) for message in states] == [
        ("queued", ""), ("refused", "too_often_day"), ("queued", ""), ("queued", ""),
        ("refused", "too_often_week"), ("refused", "too_often_week"), ("queued", ""),
    ]  # fmt: skip


def test_whoever_shares_a_number_shares_its_limit(phone, nurse):
    other = PatientFactory()
    AddressFactory(patient=other)
    same = ContactPointFactory(patient=other, value="(413) 555-0123", text_consent="given", consent_at=NOON)
    assert text(phone, nurse).state == "queued"
    assert text(same, nurse).because == "too_often_day"


def test_the_limit_holds_for_a_sender_who_cannot_see_the_other_patient(phone, nurse):
    from carewright.access.actor import acting_as
    from tests.factories.access import TieFactory

    other, colleague = PatientFactory(), UserFactory()
    AddressFactory(patient=other)
    same = ContactPointFactory(patient=other, value="4135550123", text_consent="given", consent_at=NOON)
    TieFactory(user=colleague, patient=other)
    text(phone, nurse)
    with acting_as(colleague, on=NOON.date()):
        assert Message.objects.count() == 0
        assert text(same, colleague).because == "too_often_day"


def test_161_characters_are_refused_and_160_are_not(phone, nurse, sending, settings):
    template = wording.Template("long", frozenset({"sms"}), {"en": "{words}"})
    for length, because in ((160, ""), (161, "too_long")):
        wording.BY_CODE["long"] = template
        try:
            at = NOON + timedelta(days=length - 160)
            assert text(phone, nurse, at, "long", values={"words": "a" * length}).because == because
        finally:
            del wording.BY_CODE["long"]


def test_a_wording_that_is_not_safe_for_others_is_refused(phone, nurse, monkeypatch):
    unsafe = replace(wording.BY_CODE["please_call"], is_public_safe=False)
    monkeypatch.setitem(wording.BY_CODE, "please_call", unsafe)
    assert text(phone, nurse).because == "not_public_safe"


@pytest.mark.parametrize("word", ["diabetes", "PHQ-9", "Chronic care", "HIV"])
def test_a_value_cannot_carry_what_the_wording_leaves_out(phone, nurse, word):
    message = text(phone, nurse, template="call_planned", values={"day": f"{word} day", "time": "10 AM"})
    assert (message.state, message.because) == ("refused", "private_words")


def test_a_request_not_to_be_contacted_stops_everything_at_once(phone, nurse, ruth):
    waiting = text(phone, nurse)
    actions.stop_contact(patient=ruth, because="asked", by=nurse, at=NOON + timedelta(seconds=1))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.because) == ("refused", "do_not_contact")
    assert actions.deliver(message_id=waiting.pk, by="system:test", at=NOON + timedelta(minutes=1)) is None
    later = NOON + timedelta(days=1)
    assert text(phone, nurse, later).because == "do_not_contact"
    actions.allow_contact(patient=ruth, why="She called and asked for it.", by=nurse, at=later)
    assert text(phone, nurse, later + timedelta(minutes=1)).state == "queued"


def test_a_stop_of_some_ways_leaves_the_others(phone, nurse, ruth):
    actions.stop_contact(patient=ruth, because="asked", kinds=["sms"], by=nurse, at=NOON)
    address = ruth.addresses.get()
    assert text(phone, nurse).because == "do_not_contact"
    values = {"name": ruth.name, "staff": "Maria"}
    assert actions.send(
        to=address, kind="letter", template="outreach_letter", values=values, by=nurse, at=NOON
    ).state == ("queued")


def test_a_letter_needs_a_whole_address(ruth, nurse):
    address = ruth.addresses.get()
    address.line = ""
    address.save()
    message = actions.send(
        to=address, kind="letter", template="outreach_letter", values={"name": "R", "staff": "M"}, by=nurse, at=NOON
    )
    assert message.because == "no_address"


def test_an_email_needs_consent_of_its_own(ruth, nurse):
    email = ContactPointFactory(patient=ruth, kind="email", value="Ruth@example.org")
    values = {"name": ruth.name}
    first = actions.send(to=email, kind="email", template="please_call_email", values=values, by=nurse, at=NOON)
    assert first.because == "no_consent"
    email.email_consent, email.consent_at = "given", NOON
    email.save()
    second = actions.send(to=email, kind="email", template="please_call_email", values=values, by=nurse, at=NOON)
    assert (second.state, second.to) == ("queued", "ruth@example.org")


def test_without_a_carrier_it_waits_and_says_what_to_set(phone, nurse, sending, settings):
    settings.CHANNEL = replace(sending, shows_only=False)
    message = text(phone, nurse)
    assert (message.state, message.because) == ("held", "no_carrier")
    assert "CAREWRIGHT_SMS_URL" in message.said


def test_the_patient_reads_their_own_language(ruth, phone, nurse):
    ruth.language = "es"
    ruth.save()
    message = text(phone, nurse)
    assert message.language == "es"
    assert "Llame al 413-555-0100" in message.body


def test_a_wording_nobody_wrote_and_a_value_nobody_gave_are_refused_aloud(phone, nurse):
    from carewright.kernel.errors import CannotDo

    with pytest.raises(CannotDo, match="no wording"):
        text(phone, nurse, template="nothing")
    with pytest.raises(CannotDo, match="needs day, time"):
        text(phone, nurse, template="call_planned")


def test_may_says_yes_or_why_not(phone, ruth, nurse):
    assert queries.may(ruth, "sms", NOON).yes
    assert queries.contact_point_for(ruth, "sms", NOON) == phone
    assert queries.may(ruth, "call", NOON).yes
    assert queries.may(ruth, "letter", NOON).yes
    assert queries.may(ruth, "email", NOON).because == "none"
    assert queries.may(ruth, "sms", NOON + timedelta(hours=12)).because == "quiet_hours"
    assert queries.may(ruth, "call", NOON + timedelta(hours=12)).because == "quiet_hours"
    actions.stop_contact(patient=ruth, because="safety", by=nurse, at=NOON)
    for kind in ("sms", "call", "letter"):
        assert queries.may(ruth, kind, NOON).because == "do_not_contact"


def test_a_number_held_away_for_safety_is_not_used(phone, nurse, ruth):
    from carewright.registry.models import RelatedPerson

    RelatedPerson.objects.create(
        patient=ruth,
        source="claims",
        external_id="1",
        phone="413-555-0123",
        held_at=NOON,
        held_because="safety",
        held_by=nurse,
    )
    assert text(phone, nurse).because == "held_away"
