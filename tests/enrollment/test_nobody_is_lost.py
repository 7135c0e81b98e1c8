"""Whose word counts, what never rests, who is not to be contacted, and how a mistake finds its way back."""

from datetime import date, timedelta

import pytest

from carewright.channel import actions as channel
from carewright.channel import queries as channel_queries
from carewright.channel.configuration import Sending
from carewright.channel.models import Message
from carewright.contacts import actions as contacts
from carewright.enrollment import consenting, deaths, enrolling, progress, reaching, referring, triaging, watching
from carewright.enrollment.models import Consent, DeathReport, IncomingReferral, OutreachEpisode, TriageItem
from carewright.kernel.errors import NotNow
from carewright.registry import joining
from carewright.registry import reaching as registry
from carewright.registry.models import Authority, ContactPoint
from carewright.tasks import actions as tasks
from carewright.tasks.models import Task
from tests.enrollment.conftest import AT, ON
from tests.enrollment.test_consent_and_enrollment import agree, enroll
from tests.factories.registry import AddressFactory, PatientFactory, RelatedPersonFactory

pytestmark = pytest.mark.django_db
SYSTEM = "system:test"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def episode(patient, nurse) -> OutreachEpisode:
    return reaching.start(patient=patient, program="complex_care", owner=nurse, by=nurse, on=ON, at=AT)


def said_no(patient, nurse, at=AT + MINUTE, **more):
    return contacts.record(patient=patient, kind="call", ended="declined", by=nurse, at=at, **more).contact


def minute(at=AT + 2 * MINUTE):
    return watching.each_minute(at=at, on=ON, by=SYSTEM)


def kinds_in_sight(patient, at):
    return set(Task.objects.in_sight_at(at).filter(patient=patient).values_list("kind", flat=True))


# --- whose no it is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("with_whom", ["family", "proxy", "unknown", "provider"])
def test_a_no_is_the_patients_own_and_nobody_elses(episode, patient, nurse, with_whom):
    said_no(patient, nurse, with_whom=with_whom)
    minute()
    episode.refresh_from_db()
    assert (episode.closed_at, Consent.objects.count()) == (None, 0)
    assert Task.objects.open().filter(patient=patient, kind="outreach_call").exists()


def test_who_decides_for_the_patient_says_no_for_them(episode, patient, nurse):
    daughter = RelatedPersonFactory(patient=patient, given_name="Elena", family_name="Moreno")
    Authority.objects.create(
        patient=patient, related_person=daughter, kind="full_proxy", document="Power of attorney", starts_on=ON,
        verified_at=AT, verified_by=nurse,
    )  # fmt: skip
    said_no(patient, nurse, with_whom="proxy", related_person=daughter)
    minute()
    no = Consent.objects.get(patient=patient)
    assert (no.answer, no.given_by, no.authority) == (
        "declined", "Elena Moreno", "Full proxy: sees and decides with the patient",
    )  # fmt: skip
    episode.refresh_from_db()
    assert episode.outcome == "declined"


def test_a_no_written_down_for_the_wrong_patient_is_taken_back_with_it(episode, patient, nurse):
    contact = said_no(patient, nurse)
    minute()
    assert Consent.objects.refused_on(ON).filter(patient=patient).exists()
    contacts.retract(contact=contact, because="It was the other Moreno", by=nurse, at=AT + 10 * MINUTE)
    minute(AT + 11 * MINUTE)
    assert not Consent.objects.refused_on(ON).filter(patient=patient).exists()
    again = OutreachEpisode.objects.running().get(patient=patient)
    assert (again.program, again.owner, again.next_means) == ("complex_care", nurse, "call")
    minute(AT + 12 * MINUTE)
    assert OutreachEpisode.objects.filter(patient=patient).count() == 2, "once"


def test_a_no_that_was_given_on_the_consent_page_is_not_undone_by_an_old_correction(patient, nurse):
    contact = said_no(patient, nurse, at=AT - DAY)
    consenting.decline(
        patient=patient, program="complex_care", because="Not for me", how="verbal", language="en", by=nurse, on=ON, at=AT
    )  # fmt: skip
    contacts.retract(contact=contact, because="Another patient", by=nurse, at=AT + MINUTE)
    minute()
    assert Consent.objects.refused_on(ON).filter(patient=patient).exists()


# --- a death that was told by mistake -------------------------------------------------------------------------------


def test_a_death_told_by_mistake_can_always_be_settled(patient, nurse):
    contact = contacts.record(patient=patient, kind="call", ended="died", by=nurse, at=AT).contact
    contacts.correct(contact=contact, facts={"ended": "no_answer"}, because="Wrong line", by=nurse, at=AT + MINUTE / 2)
    minute()
    found = DeathReport.objects.get(patient=patient)
    deaths.was_wrong(found=found, words="Pressed by mistake", by=nurse, on=ON, at=AT + 3 * MINUTE)
    assert channel_queries.standing_stops(patient, AT + 3 * MINUTE) == []
    minute(AT + 4 * MINUTE)
    assert DeathReport.objects.count() == 1


# --- what never rests -----------------------------------------------------------------------------------------------


def test_their_own_words_and_a_danger_do_not_rest_while_an_enrollment_is_paused(patient, nurse):
    enrolled = enroll(patient, nurse)
    for kind in ("answer_text", "new_result", "safety_call", "follow_up_call"):
        tasks.open_task(kind=kind, patient=patient, by=nurse, at=AT)
    enrolling.pause(enrollment=enrolled, because="traveling", on=ON, by=nurse, at=AT)
    assert kinds_in_sight(patient, AT) == {"answer_text", "new_result", "safety_call"}


def test_a_text_of_somebody_reported_dead_stays_in_sight_and_somebody_settles_the_report(patient, nurse, supervisor):
    enroll(patient, nurse)
    for kind in ("answer_text", "follow_up_call", "safety_call"):
        tasks.open_task(kind=kind, patient=patient, by=nurse, at=AT)
    deaths.report(patient=patient, source="file", by=SYSTEM, at=AT, on=ON)
    assert kinds_in_sight(patient, AT) == {"answer_text", "confirm_death"}


def test_leaving_one_program_leaves_the_calls_for_another(patient, nurse):
    enrolled = enroll(patient, nurse, "chronic_care")
    reaching.start(patient=patient, program="complex_care", owner=nurse, by=nurse, on=ON, at=AT)
    enrolling.end(enrollment=enrolled, reason="goals_met", on=ON, by=nurse, at=AT + MINUTE)
    assert [task.kind for task in Task.objects.open().filter(patient=patient)] == ["outreach_call"]


# --- not to be contacted --------------------------------------------------------------------------------------------


def test_whoever_asked_not_to_be_contacted_is_neither_called_nor_looked_for(episode, patient, nurse):
    channel.stop_contact(patient=patient, because="asked", by=nurse, at=AT + MINUTE)
    minute()
    episode.refresh_from_db()
    assert (episode.next_from, Task.objects.open().filter(patient=patient).count()) == (None, 0)
    assert episode.held_because == "do_not_contact"
    minute(AT + DAY)
    assert not Task.objects.open().filter(patient=patient).exists()
    channel.allow_contact(patient=patient, why="They called us", by=nurse, at=AT + 2 * DAY)
    minute(AT + 2 * DAY)
    assert [task.kind for task in Task.objects.open().filter(patient=patient)] == ["outreach_call"]


def test_nobody_begins_to_reach_whoever_withdrew_but_who_asks_for_help_again_is_called(patient, nurse):
    agree(patient, nurse)
    consenting.withdraw(patient=patient, how="on the phone", by=nurse, on=ON, at=AT)
    later = AT + DAY

    def accepted(door):
        came = referring.receive(
            door=door, at=later, by=SYSTEM, person_name="Alberto Moreno", person_phone="312 555 0182", for_whom="me"
        )  # fmt: skip
        item = triaging.say_who(item=came.referral.item, patient=patient, by=nurse, on=ON, at=later)
        return triaging.accept(item=item, program="complex_care", owner=nurse, by=nurse, on=ON, at=later)

    with pytest.raises(NotNow, match="Withdrew consent"):
        accepted("provider")
    assert not OutreachEpisode.objects.exists()
    assert accepted("self").next_means == "call"
    assert channel_queries.standing_stops(patient, later) == []


def test_a_hospital_stay_opens_nothing_again_for_whoever_withdrew_meanwhile(episode, patient, nurse):
    reaching.close(episode=episode, outcome="unreachable", by=nurse, at=AT)
    agree(patient, nurse, "chronic_care")
    consenting.withdraw(patient=patient, how="on the phone", by=nurse, on=ON, at=AT)
    assert reaching.reopen(patient=patient, because="hospital", by=SYSTEM, on=ON, at=AT + DAY) == []


# --- letters --------------------------------------------------------------------------------------------------------


@pytest.fixture
def writes(settings):
    settings.CHANNEL = Sending(shows_only=True, phone="413-555-0100")


def test_letters_go_where_the_person_receives_mail(patient, nurse, supervisor, episode, writes):
    AddressFactory(patient=patient, use="mail", line="PO Box 9", city="Chicago", state="IL", zip_code="60601")
    assert "PO Box 9" in reaching.send_letter(episode=episode, by=nurse, at=AT).to
    enrolled = enroll(patient, nurse, "chronic_care")
    enrolling.assign_lead(enrollment=enrolled, lead=nurse, by=supervisor, on=ON, at=AT)
    assert "PO Box 9" in enrolling.told_of_lead(enrolled).to


def test_no_letter_leaves_by_itself_where_a_person_must_decide_how(patient, nurse, supervisor, writes):
    registry.set_preference(patient=patient, facts={"safe_contact": "No mail: he opens it"}, by=nurse, at=AT)
    enrolled = enroll(patient, nurse)
    enrolling.assign_lead(enrollment=enrolled, lead=nurse, by=supervisor, on=ON, at=AT)
    letter = enrolling.told_of_lead(enrolled)
    assert (letter.state, letter.because) == ("refused", "safe_contact")
    assert not Message.objects.filter(patient=patient, state="queued").exists()
    assert enrolled.lead == nurse


# --- what a referral says about a number ----------------------------------------------------------------------------


def test_not_safe_to_leave_a_message_holds_though_nobody_looked_at_the_referral(patient, nurse):
    point = ContactPoint.objects.get(patient=patient)
    typed = {"person_name": "Alberto Moreno", "person_phone": "312 555 0182", "for_whom": "me"}
    first = referring.receive(door="self", at=AT, by=SYSTEM, may_leave_message=True, **typed)
    triaging.say_who(item=first.referral.item, patient=patient, by=nurse, on=ON, at=AT)
    point.refresh_from_db()
    assert point.is_safe_for_message is True
    second = referring.receive(door="self", at=AT + DAY, by=SYSTEM, may_leave_message=False, **typed)
    assert second.joined
    point.refresh_from_db()
    assert point.is_safe_for_message is False


def test_a_stranger_who_knows_a_number_and_a_birth_date_adds_no_phone(patient):
    from tests.factories.registry import IdentifierFactory

    IdentifierFactory(patient=patient, value="MBR-77120")
    referring.receive(
        door="self", at=AT, by=SYSTEM, person_name="Alberto Moreno", person_phone="312 555 0999", for_whom="me",
        person_born="03/17/1958", person_number="MBR-77120", may_leave_message=True,
    )  # fmt: skip
    assert [point.value for point in ContactPoint.objects.filter(patient=patient)] == ["(312) 555-0182"]
    assert patient.born_on == date(1958, 3, 17)


# --- two records of one person --------------------------------------------------------------------------------------


def test_calls_to_a_record_that_was_joined_rest_and_go_on_when_it_is_separated(episode, patient, nurse):
    twin = PatientFactory(family_name="Moreno")
    other = reaching.start(patient=twin, program="complex_care", owner=nurse, by=nurse, on=ON, at=AT)
    join = joining.merge(keep=patient, other=twin, why="Same person", by=nurse, at=AT)
    contacts.record(patient=patient, kind="call", ended="no_answer", by=nurse, at=AT + MINUTE)
    watching.each_minute(at=AT + 2 * MINUTE, on=ON, by=SYSTEM)
    watching.each_night(at=AT + 9 * DAY, on=ON + 9 * DAY, by=SYSTEM)
    assert not Task.objects.filter(patient=twin).exists(), "nobody is reminded of a record that nobody opens"
    assert list(OutreachEpisode.objects.running()) == [episode]
    joining.unmerge(join=join, because="Brothers", by=nurse, at=AT + 10 * DAY)
    watching.each_night(at=AT + 10 * DAY, on=ON + 10 * DAY, by=SYSTEM)
    assert other in OutreachEpisode.objects.running()
    assert Task.objects.open().filter(patient=twin, about_public_id=other.public_id).exists()


def test_the_sender_of_a_referral_hears_of_the_person_whichever_record_it_was_about(patient, nurse):
    twin = PatientFactory(family_name="Moreno")

    def sent(who, phone):
        came = referring.receive(door="self", at=AT, by=SYSTEM, person_name="Al Moreno", person_phone=phone)
        triaging.say_who(item=came.referral.item, patient=who, by=nurse, on=ON, at=AT)
        return came.referral

    first, second = sent(patient, "312 555 0182"), sent(twin, "312 555 0183")
    joining.merge(keep=patient, other=twin, why="Same person", by=nurse, at=AT)
    item = TriageItem.objects.still_open().get(patient=patient)
    triaging.accept(item=item, program="complex_care", owner=nurse, by=nurse, on=ON, at=AT)
    told = [progress.fine(IncomingReferral.objects.get(pk=one.pk)) for one in (first, second)]
    assert told == ["calling", "calling"]


def test_a_no_that_another_call_followed_in_the_same_minute_is_a_no(episode, patient, nurse):
    said_no(patient, nurse)
    contacts.record(
        patient=patient,
        kind="call",
        ended="reached",
        with_whom="provider",
        by=nurse,
        at=AT + MINUTE + timedelta(seconds=9),
    )
    minute()
    episode.refresh_from_db()
    assert episode.outcome == "declined"
