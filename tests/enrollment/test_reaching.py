"""Reaching people: the next attempt plans itself, the letter is sent once, giving up has its way back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from carewright.channel.models import DoNotContact, Message
from carewright.contacts import actions as contacts
from carewright.enrollment import consenting, deaths, queries, reaching, triaging, watching
from carewright.enrollment.models import Consent, OutreachEpisode, TriageItem
from carewright.enrollment.referring import receive
from carewright.kernel.errors import NotNow, NotPermitted
from carewright.population.models import CandidateDecision, ProgramSetting
from carewright.tasks import actions as tasks
from carewright.tasks.models import Task
from tests.enrollment.conftest import AT, ON
from tests.factories.enrollment import ConsentFactory, EnrollmentFactory
from tests.factories.registry import ContactPointFactory, PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
SYSTEM = "system:test"


@pytest.fixture
def episode(patient, nurse) -> OutreachEpisode:
    """Somebody is being reached since this morning."""
    return reaching.start(patient=patient, program="complex_care", owner=nurse, by=nurse, on=ON, at=AT)


def call(episode, nurse, at, ended="no_answer"):
    point = episode.patient.contact_points.phones().first()
    made = contacts.record(patient=episode.patient, kind="call", ended=ended, contact_point=point, by=nurse, at=at)
    reaching.after_contact(contact=made.contact, at=at, by=nurse)
    episode.refresh_from_db()
    return made


def open_tasks(patient) -> list[str]:
    return sorted(Task.objects.open().filter(patient=patient).values_list("kind", flat=True))


def the_call(episode) -> Task:
    return Task.objects.open().get(kind="outreach_call", about_public_id=episode.public_id)


def falsely_dead(episode, nurse, *, for_minutes=5):
    found = deaths.report(patient=episode.patient, source="file", died_on=ON, by=SYSTEM, at=AT, on=ON)
    deaths.was_wrong(found=found, words="I spoke with her", by=nurse, on=ON, at=AT + timedelta(minutes=for_minutes))


def test_a_call_put_off_by_somebody_stays_put_off_when_a_death_was_reported_falsely(episode, nurse):
    until = AT + timedelta(days=2)
    tasks.snooze(task=the_call(episode), until=until, because="Her daughter marries", by=nurse, at=AT)
    tasks.weigh(task=the_call(episode), consequence=4, because="She lives alone", by=nurse, at=AT)
    falsely_dead(episode, nurse)
    after = the_call(episode)
    assert (after.snoozed_until, after.snoozed_because) == (until, "Her daughter marries")
    assert (after.priority, after.weighed_by, after.weighed_because) == (4, nurse, "She lives alone")
    falsely_dead(episode, nurse)
    assert the_call(episode).snoozed_until == until, "nor the second time"


def test_nothing_is_put_off_by_what_was_over_before_the_report(episode, nurse):
    tasks.snooze(task=the_call(episode), until=AT + timedelta(days=2), because="later", by=nurse, at=AT)
    tasks.close(task=the_call(episode), because="done", by=nurse, at=AT)
    falsely_dead(episode, nurse)
    assert the_call(episode).snoozed_until is None
    tasks.snooze(task=the_call(episode), until=AT + timedelta(minutes=7), because="later", by=nurse, at=AT)
    falsely_dead(episode, nurse, for_minutes=8)
    assert the_call(episode).snoozed_until is None, "its moment has come"


def test_starting_plans_the_first_call_and_reminds_whoever_calls(episode, nurse, patient):
    assert (episode.next_means, episode.next_part) == ("call", "morning")
    task = Task.objects.open().get(patient=patient)
    assert (task.kind, task.owner_user, task.due_at) == ("outreach_call", nurse, episode.next_until)
    assert nurse.ties.filter(patient=patient).exists()


def test_an_attempt_plans_the_next_one_and_moves_the_reminder(episode, nurse, patient):
    call(episode, nurse, AT)
    assert episode.next_from > AT + timedelta(days=2)
    assert episode.next_part != "morning"
    assert open_tasks(patient) == ["outreach_call"]
    assert Task.objects.filter(patient=patient, closed_because="done").count() == 1


def test_three_calls_a_letter_waiting_and_giving_up(episode, nurse, patient, settings):
    settings.CHANNEL = replace(settings.CHANNEL, shows_only=True, phone="413-555-0100")
    for _number in range(3):
        call(episode, nurse, episode.next_from)
    assert episode.next_means == "letter"
    assert open_tasks(patient) == ["outreach_letter"]
    reaching.send_letter(episode=episode, by=nurse, at=episode.next_from)
    episode.refresh_from_db()
    assert episode.next_means == "wait"
    assert Message.objects.get(kind="letter").about_public_id == episode.public_id
    with pytest.raises(NotNow, match="on its way"):
        reaching.send_letter(episode=episode, by=nurse, at=AT + timedelta(days=9))
    watching.each_night(at=AT + timedelta(days=29), on=ON + timedelta(days=29), by=SYSTEM)
    episode.refresh_from_db()
    assert episode.closed_at is None
    later = AT + timedelta(days=41)
    watching.each_night(at=later, on=timezone.localdate(later), by=SYSTEM)
    episode.refresh_from_db()
    assert episode.outcome == "unreachable"
    assert open_tasks(patient) == []


def test_somebody_not_reached_is_called_again_when_they_call_or_are_referred(episode, nurse, patient):
    reaching.close(episode=episode, outcome="unreachable", by=nurse, at=AT)
    later = AT + timedelta(days=20)
    contacts.record(patient=patient, kind="call", ended="reached", direction="in", by=nurse, at=later)
    watching.each_minute(at=later + timedelta(minutes=1), on=timezone.localdate(later), by=SYSTEM)
    again = OutreachEpisode.objects.running().get(patient=patient)
    assert (again.again_after, again.again_because) == (episode, "called_us")
    watching.each_minute(at=later + timedelta(minutes=2), on=timezone.localdate(later), by=SYSTEM)
    assert OutreachEpisode.objects.filter(patient=patient).count() == 2, "safe to do twice"


def test_a_wrong_number_is_never_offered_again_and_counts_for_nothing(episode, nurse, patient):
    call(episode, nurse, AT, "wrong_number")
    assert patient.contact_points.right().phones().count() == 0
    assert episode.next_means == "letter", "no number works"
    ContactPointFactory(patient=patient, value="(312) 555-0199")
    reaching.replan(episode=episode, at=AT + timedelta(hours=1), by=nurse)
    assert episode.next_means == "call"
    assert queries.counted(nurse, since=AT - timedelta(days=1), on=ON).calls == 1


def test_a_call_asked_for_comes_at_that_time(episode, nurse):
    call(episode, nurse, AT, "call_back")
    wanted = AT + timedelta(days=1, hours=3)
    reaching.call_back(episode=episode, when=wanted, by=nurse, at=AT)
    episode.refresh_from_db()
    assert episode.next_from == wanted
    call(episode, nurse, wanted + timedelta(minutes=2))
    assert episode.asked_for is None


def test_the_time_of_day_they_asked_for_at_the_door_is_used(nurse, patient):
    item = receive(door="self", at=AT, by="system:public_form", person_name="Alberto Moreno", best_time="evening",
                   person_phone="312 555 0182").referral.item  # fmt: skip
    triaging.say_who(item=item, patient=patient, by=nurse, on=ON, at=AT)
    found = triaging.accept(item=item, program="complex_care", owner=nurse, by=nurse, on=ON, at=AT)
    assert found.next_part == "evening"
    decided = CandidateDecision.objects.standing().get(patient=patient)
    assert decided.decision == "accepted"


def test_the_hours_are_those_where_the_person_lives(nurse):
    from tests.factories.registry import AddressFactory

    far = PatientFactory()
    ContactPointFactory(patient=far)
    AddressFactory(patient=far, state="HI", city="Honolulu", zip_code="96813")
    found = reaching.start(patient=far, program="complex_care", owner=nurse, by=nurse, on=ON, at=AT)
    assert timezone.localtime(found.next_from, reaching.zone_of(far)).hour == 9
    assert found.next_from > AT, "at 9 in Chicago it is 5 in Honolulu"


def test_a_site_changes_the_rule_from_a_day_on(episode, nurse, supervisor, patient):
    ProgramSetting.objects.create(
        program="complex_care", key="outreach_tries", value="4", from_on=ON + timedelta(days=5), by=supervisor,
        because="contract", at=AT,
    )  # fmt: skip
    assert reaching.rule_of("complex_care", ON).tries == 3
    assert reaching.rule_of("complex_care", ON + timedelta(days=5)).tries == 4
    assert reaching.rule_of("chronic_care", ON + timedelta(days=5)).tries == 3
    for _number in range(3):
        call(episode, nurse, episode.next_from)
    assert episode.next_means == "call", "the fourth call"


def test_the_thresholds_of_outreach_are_set_like_any_other_number(supervisor):
    from carewright.population import actions as population

    population.set_threshold(program="transitional_care", key="outreach_tries", value="3", from_on=ON, because="x",
                             by=supervisor, at=AT)  # fmt: skip
    with pytest.raises(NotNow):
        population.set_threshold(program="complex_care", key="outreach_tries", value="0", from_on=ON, because="x",
                                 by=supervisor, at=AT)  # fmt: skip
    population.set_threshold(program="complex_care", key="decline_holds_days", value="180", from_on=ON, because="x",
                             by=supervisor, at=AT)  # fmt: skip
    assert consenting.days_a_no_holds("complex_care", ON) == 180
    assert consenting.days_a_no_holds("chronic_care", ON) == 90


def test_nobody_is_reached_twice_for_one_program_or_when_enrolled(episode, nurse, patient):
    with pytest.raises(NotNow, match="already"):
        reaching.start(patient=patient, program="complex_care", owner=nurse, by=nurse, on=ON, at=AT)
    other = EnrollmentFactory().patient
    with pytest.raises(NotNow, match="is in Complex care"):
        reaching.start(patient=other, program="complex_care", owner=nurse, by=nurse, on=ON, at=AT)


def test_a_do_not_call_leaves_the_letter_and_a_full_stop_is_refused_by_the_gate(episode, nurse, patient, settings):
    settings.CHANNEL = replace(settings.CHANNEL, shows_only=True, phone="413-555-0100")
    DoNotContact.objects.create(patient=patient, kinds="call", because="asked", starts_at=AT)
    reaching.replan(episode=episode, at=AT, by=nurse)
    assert episode.next_means == "letter"
    DoNotContact.objects.create(patient=patient, because="asked", starts_at=AT)
    refused = reaching.send_letter(episode=episode, by=nurse, at=AT)
    assert (refused.state, refused.because) == ("refused", "do_not_contact")
    assert not episode.letter_sent_at


def test_who_is_accepted_on_the_candidate_list_is_called_within_a_minute(nurse, patient):
    CandidateDecision.objects.create(patient=patient, decision="accepted", because="fits", by=nurse, at=AT)
    for minute in (1, 2):
        watching.each_minute(at=AT + timedelta(minutes=minute), on=ON, by=SYSTEM)
    item = TriageItem.objects.get(patient=patient)
    assert (item.door, item.decision, item.decided_by) == ("claims", "accepted", nurse)
    assert OutreachEpisode.objects.get(patient=patient).owner == nurse


def test_a_person_who_said_no_and_is_accepted_from_claims_waits_for_somebody_to_look(nurse, patient):
    consenting.decline(patient=patient, program="complex_care", because="too busy", how="verbal", language="en", by=nurse,
                       on=ON, at=AT)  # fmt: skip
    later = AT + timedelta(days=10)
    CandidateDecision.objects.create(patient=patient, decision="accepted", because="fits", by=nurse, at=later)
    for minute in (1, 2):
        watching.each_minute(at=later + timedelta(minutes=minute), on=timezone.localdate(later), by=SYSTEM)
    item = TriageItem.objects.get(patient=patient)
    assert item.decision is None
    assert "said no on March 2, 2026" in item.note
    assert not OutreachEpisode.objects.filter(patient=patient).exists()


def test_calls_are_handed_over_by_whoever_makes_them_or_by_a_supervisor(episode, nurse, supervisor):
    other, stranger = UserFactory(role="community_health_worker"), UserFactory(role="care_manager")
    with pytest.raises(NotPermitted):
        reaching.hand_over(episode=episode, to=other, by=stranger, on=ON, at=AT)
    reaching.hand_over(episode=episode, to=other, by=supervisor, on=ON, at=AT)
    assert Task.objects.open().get(patient=episode.patient).owner_user == other
    assert other.ties.filter(patient=episode.patient).exists()


def test_the_numbers_above_the_list_are_the_lengths_of_the_lists(episode, nurse):
    for state, number in queries.outreach_counts(nurse, on=ON, at=AT).items():
        assert number == len(queries.outreach(nurse, on=ON, at=AT, state=state)), state
    assert queries.outreach_counts(nurse, on=ON, at=AT)["now"] == 1
    for state, number in queries.triage_counts(nurse, on=ON).items():
        assert number == len(queries.triage(nurse, on=ON, state=state)), state


def test_a_stranger_sees_none_of_it(episode):
    stranger = UserFactory(role="care_manager")
    assert not queries.outreach(stranger, on=ON, at=AT).exists()


def test_lost_coverage_reminds_the_lead_once_and_is_taken_back_when_it_runs_again(nurse):
    from tests.factories.registry import CoverageFactory

    enrolled = EnrollmentFactory(lead=nurse)
    span = CoverageFactory(patient=enrolled.patient, starts_on=date(2025, 1, 1), ends_on=date(2026, 3, 10))
    on = date(2026, 3, 12)
    for _night in range(2):
        watching.each_night(at=AT + timedelta(days=10), on=on, by=SYSTEM)
    assert open_tasks(enrolled.patient) == ["coverage_lost"]
    span.ends_on = None
    span.save()
    watching.each_night(at=AT + timedelta(days=11), on=on + timedelta(days=1), by=SYSTEM)
    assert open_tasks(enrolled.patient) == []
    enrolled.refresh_from_db()
    assert enrolled.ends_on is None, "losing coverage for a day ends nothing by itself"


def test_a_yes_ends_the_reaching_when_they_join(episode, nurse, patient):
    from carewright.enrollment import enrolling

    ConsentFactory(patient=patient, at=AT)
    enrolling.enroll(patient=patient, program="complex_care", starts_on=ON, by=nurse, at=AT)
    episode.refresh_from_db()
    assert episode.outcome == "enrolled"
    assert open_tasks(patient) == []


def test_a_no_on_a_call_is_kept_as_a_no_whoever_recorded_it(episode, nurse, patient):
    at = AT + timedelta(minutes=5)
    contacts.record(patient=patient, kind="call", ended="declined", by=nurse, at=at)
    watching.each_minute(at=at + timedelta(minutes=1), on=ON, by=SYSTEM)
    episode.refresh_from_db()
    assert episode.outcome == "declined"
    no = Consent.objects.get(patient=patient)
    assert (no.answer, no.by, no.final_until) == ("declined", nurse, ON + timedelta(days=90))
    assert open_tasks(patient) == []
