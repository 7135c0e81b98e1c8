"""Yes, no and a change of mind; joining, resting and leaving; who leads; a death that was reported."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from carewright.channel.models import DoNotContact
from carewright.contacts import actions as contacts
from carewright.enrollment import consenting, deaths, enrolling, leads, queries, reaching, watching
from carewright.enrollment.models import (
    Consent,
    DeathReport,
    Disclosure,
    Enrollment,
    LeadProfile,
    OutreachEpisode,
    Pause,
)
from carewright.kernel.errors import CannotDo, NotNow, NotPermitted
from carewright.knowledge import consent as words
from carewright.tasks import actions as tasks
from carewright.tasks import alarms
from carewright.tasks.models import Alarm, Task
from tests.enrollment.conftest import AT, ON
from tests.factories.enrollment import ConsentFactory, EnrollmentFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
SYSTEM = "system:test"
EVERYTHING = tuple(words.ELEMENTS)


def agree(patient, nurse, program="complex_care", at=AT, **more):
    given = {"elements": EVERYTHING, "how": "verbal", "language": "en"} | more
    return consenting.agree(patient=patient, program=program, by=nurse, at=at, **given)


def enroll(patient, nurse, program="complex_care", at=AT, on=ON):
    agree(patient, nurse, program, at)
    return enrolling.enroll(patient=patient, program=program, starts_on=on, by=nurse, at=at)


def share(patient, nurse, **more):
    given = {
        "recipient_class": "community",
        "categories": ["general"],
        "purpose": "Food",
        "how": "verbal",
        "language": "en",
    }
    return consenting.share(patient=patient, by=nurse, on=ON, at=AT, **given | more)


# --- consent --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", ["complex_care", "chronic_care", "transitional_care", "social_needs"])
def test_every_element_of_the_program_has_to_be_said(patient, nurse, program):
    wanted = [element.code for element in words.elements_for(program)]
    for left_out in wanted:
        with pytest.raises(NotNow, match=words.ELEMENTS[left_out].name):
            agree(patient, nurse, program, elements=[code for code in wanted if code != left_out])
    assert agree(patient, nurse, program, elements=wanted).elements == wanted


def test_what_is_billed_says_what_it_costs_and_that_one_practitioner_gives_it():
    assert {"cost_sharing", "one_practitioner"} <= {element.code for element in words.elements_for("chronic_care")}
    assert all(element.digame and element.digame != element.say for element in words.ELEMENTS.values())


def test_signing_on_the_screen_needs_the_name_and_speaking_for_somebody_the_right_to(patient, nurse):
    with pytest.raises(ValidationError, match="Type the name"):
        agree(patient, nurse, how="e_signed")
    with pytest.raises(ValidationError, match="which right"):
        agree(patient, nurse, given_by="Elena Moreno")
    given = agree(
        patient, nurse, given_by="Elena Moreno", authority="Health care proxy", interpreter="LL 4471", language="es"
    )
    assert (given.version, given.by, given.interpreter) == (words.VERSION, nurse, "LL 4471")


def test_a_consent_stands_once_per_program(patient, nurse):
    agree(patient, nurse)
    with pytest.raises(NotNow, match="already"):
        agree(patient, nurse)
    with pytest.raises(IntegrityError), transaction.atomic():
        Consent.objects.bulk_create([ConsentFactory.build(patient=patient, by=nurse)])


def test_a_no_is_final_for_its_days_and_ends_the_calls(patient, nurse):
    episode = reaching.start(patient=patient, program="complex_care", owner=nurse, by=nurse, on=ON, at=AT)
    no = consenting.decline(patient=patient, program="complex_care", because="No time", how="verbal", language="en",
                            by=nurse, on=ON, at=AT)  # fmt: skip
    episode.refresh_from_db()
    assert (episode.outcome, no.final_until) == ("declined", ON + timedelta(days=90))
    assert not Task.objects.open().filter(patient=patient).exists()
    with pytest.raises(NotNow, match="said no on March 2, 2026"):
        reaching.start(
            patient=patient, program="complex_care", owner=nurse, by=nurse, on=ON + timedelta(days=89), at=AT
        )
    reaching.start(patient=patient, program="complex_care", owner=nurse, by=nurse, on=ON + timedelta(days=91), at=AT)


def test_a_no_is_open_again_when_they_ask(patient, nurse):
    no = consenting.decline(patient=patient, program="complex_care", because="No time", how="verbal", language="en",
                            by=nurse, on=ON, at=AT)  # fmt: skip
    with pytest.raises(CannotDo):
        consenting.reopen_refusal(consent=no, because=" ", by=nurse, at=AT)
    consenting.reopen_refusal(consent=no, because="He called us", by=nurse, at=AT)
    reaching.start(patient=patient, program="complex_care", owner=nurse, by=nurse, on=ON, at=AT)


def test_withdrawing_is_one_action_and_an_alarm_stays_open(patient, nurse, supervisor):
    enrolled = enroll(patient, nurse)
    enrolling.assign_lead(enrollment=enrolled, lead=nurse, by=supervisor, on=ON, at=AT)
    shared = share(patient, nurse)
    tasks.open_task(kind="follow_up_call", patient=patient, owner_user=nurse, by=nurse, at=AT)
    alarm = alarms.raise_alarm(patient=patient, code="phq9_item9", because="Answered: several days", by=nurse, at=AT)
    reaching.start(patient=patient, program="social_needs", owner=nurse, by=nurse, on=ON, at=AT)
    done = consenting.withdraw(patient=patient, how="on the phone", by=nurse, on=ON, at=AT, words_said="Enough")
    assert (done.consents, done.enrollments, done.outreach, done.sharing, done.open_alarms) == (1, 1, 1, 1, 1)
    enrolled.refresh_from_db()
    shared.refresh_from_db()
    alarm.refresh_from_db()
    assert (enrolled.ends_on, enrolled.end_reason) == (ON, "withdrew")
    left = Task.objects.filter(patient=patient).exclude(closed_because="done", kind="enroll_agreed")
    assert set(left.values_list("closed_because", flat=True)) == {"withdrawn"}
    assert shared.revoked_at == AT
    assert alarm.closed_at is None
    assert consenting.covering(patient, recipient_class="community", categories=["general"], on=ON) is None
    assert DoNotContact.objects.get(patient=patient).because == "withdrew"
    assert nurse.ties.filter(patient=patient, because="caseload", ends_on=None).exists(), "while the alarm is open"
    with pytest.raises(NotNow, match="nothing to withdraw"):
        consenting.withdraw(patient=patient, how="again", by=nurse, on=ON, at=AT)


def test_withdrawing_from_one_program_leaves_the_other(patient, nurse):
    enroll(patient, nurse)
    chronic = enroll(patient, nurse, "chronic_care")
    shared = share(patient, nurse)
    consenting.withdraw(patient=patient, how="letter", program="complex_care", by=nurse, on=ON, at=AT)
    assert list(Enrollment.objects.running().filter(patient=patient)) == [chronic]
    shared.refresh_from_db()
    assert shared.revoked_at is None
    assert not DoNotContact.objects.filter(patient=patient).exists()


def test_coming_back_after_a_withdrawal_asks_anew_and_lets_us_write_again(patient, nurse):
    enroll(patient, nurse)
    consenting.withdraw(patient=patient, how="letter", by=nurse, on=ON, at=AT)
    later = AT + timedelta(days=40)
    with pytest.raises(NotNow, match="not agreed"):
        enrolling.enroll(patient=patient, program="complex_care", starts_on=date(2026, 4, 11), by=nurse, at=later)
    agree(patient, nurse, at=later)
    enrolling.enroll(patient=patient, program="complex_care", starts_on=date(2026, 4, 11), by=nurse, at=later)
    assert not [stop for stop in DoNotContact.objects.filter(patient=patient) if stop.ends_at is None]


# --- sharing --------------------------------------------------------------------------------------------------------


def test_each_protected_kind_is_shared_only_when_it_was_asked_about_by_itself(patient, nurse):
    share(patient, nurse)
    share(patient, nurse, recipient_class="treating", categories=["general", "behavioral"])
    for kind in words.CATEGORIES:
        allowed = consenting.covering(patient, recipient_class="treating", categories=[kind], on=ON)
        assert bool(allowed) == (kind in ("general", "behavioral")), kind
        if kind != "general":
            assert (
                consenting.covering(patient, recipient_class="community", categories=["general", kind], on=ON) is None
            )
    assert consenting.covering(patient, recipient_class="plan", categories=["general"], on=ON) is None
    assert consenting.covering(patient, recipient_class="treating", categories=[], on=ON) is None


def test_a_consent_for_one_recipient_is_not_one_for_another_and_it_ends(patient, nurse):
    share(patient, nurse, recipient="Food Bank", expires_on=ON + timedelta(days=30))
    ask = {"recipient_class": "community", "categories": ["general"]}
    assert consenting.covering(patient, recipient="food bank", on=ON, **ask)
    assert consenting.covering(patient, recipient="Rides", on=ON, **ask) is None
    assert consenting.covering(patient, recipient="Food Bank", on=ON + timedelta(days=30), **ask)
    assert consenting.covering(patient, recipient="Food Bank", on=ON + timedelta(days=31), **ask) is None


def test_part_2_is_signed_and_goes_with_its_notice_and_never_on_another_ground(patient, nurse):
    with pytest.raises(CannotDo, match="signed"):
        share(patient, nurse, categories=["part2"])
    share(patient, nurse, recipient_class="treating", categories=["part2"], how="written", signed_name="A. Moreno")
    told = {"patient": patient, "recipient_class": "treating", "recipient": "Dr Shah", "categories": ["part2"],
            "what": "Methadone dose", "purpose": "Treatment", "by": nurse, "on": ON, "at": AT}  # fmt: skip
    with pytest.raises(NotNow, match="Part 2"):
        consenting.disclose(basis="treatment", **told)
    kept = consenting.disclose(basis="consent", **told)
    assert kept.consent is not None and "42 CFR part 2" in kept.notice
    with pytest.raises(NotNow, match="No consent"):
        consenting.disclose(basis="consent", **told | {"recipient_class": "plan"})
    with pytest.raises(DatabaseError), transaction.atomic():
        Disclosure.objects.update(what="something else")


def test_revoking_holds_from_now_and_the_ledger_stays(patient, nurse):
    given = share(patient, nurse)
    consenting.disclose(patient=patient, recipient_class="community", recipient="Food Bank", categories=["general"],
                        what="Name and phone", purpose="Food", basis="consent", by=nurse, on=ON, at=AT)  # fmt: skip
    consenting.revoke(consent=given, how="on the phone", by=nurse, at=AT)
    assert consenting.covering(patient, recipient_class="community", categories=["general"], on=ON) is None
    assert patient.disclosures.count() == 1
    with pytest.raises(NotNow):
        consenting.revoke(consent=given, how="again", by=nurse, at=AT)


# --- enrollment -----------------------------------------------------------------------------------------------------


def test_nobody_joins_without_a_consent_before_it_or_twice(patient, nurse):
    with pytest.raises(NotNow, match="not agreed"):
        enrolling.enroll(patient=patient, program="complex_care", starts_on=ON, by=nurse, at=AT)
    agree(patient, nurse)
    with pytest.raises(NotNow, match="cannot have joined before"):
        enrolling.enroll(patient=patient, program="complex_care", starts_on=ON - timedelta(days=1), by=nurse, at=AT)
    enrolling.enroll(patient=patient, program="complex_care", starts_on=ON, by=nurse, at=AT)
    with pytest.raises(NotNow, match="already"):
        enrolling.enroll(patient=patient, program="complex_care", starts_on=ON, by=nurse, at=AT)


def test_the_database_itself_refuses_two_enrollments_at_once():
    first = EnrollmentFactory()
    with pytest.raises(IntegrityError, match="enrollment_once_per_program_at_a_time"), transaction.atomic():
        EnrollmentFactory(patient=first.patient, consent=first.consent, starts_on=ON + timedelta(days=9))
    Enrollment.objects.filter(pk=first.pk).update(ends_on=ON + timedelta(days=9), end_reason="goals_met")
    with pytest.raises(IntegrityError), transaction.atomic():
        EnrollmentFactory(patient=first.patient, consent=first.consent, starts_on=ON + timedelta(days=9))
    EnrollmentFactory(patient=first.patient, consent=first.consent, starts_on=ON + timedelta(days=10))


def test_a_pause_rests_the_reminders_and_resuming_brings_them_back(patient, nurse):
    enrolled = enroll(patient, nurse)
    task = tasks.open_task(kind="follow_up_call", patient=patient, owner_user=nurse, by=nurse, at=AT)
    rest = enrolling.pause(
        enrollment=enrolled, because="hospital", on=ON, by=nurse, at=AT, until=ON + timedelta(days=5)
    )
    task.refresh_from_db()
    assert task.paused_until is not None
    with pytest.raises(NotNow, match="paused already"):
        enrolling.pause(enrollment=enrolled, because="traveling", on=ON, by=nurse, at=AT)
    watching.each_night(at=AT + timedelta(days=6), on=ON + timedelta(days=6), by=SYSTEM)
    rest.refresh_from_db()
    task.refresh_from_db()
    assert rest.resumed_at is not None
    assert task.paused_until is None


def test_leaving_ends_the_consent_the_pause_the_tie_and_the_reminders(patient, nurse, supervisor):
    enrolled = enroll(patient, nurse)
    enrolling.assign_lead(enrollment=enrolled, lead=nurse, by=supervisor, on=ON, at=AT)
    enrolling.pause(enrollment=enrolled, because="traveling", on=ON, by=nurse, at=AT)
    tasks.open_task(kind="follow_up_call", patient=patient, owner_user=nurse, by=nurse, at=AT)
    with pytest.raises(CannotDo, match="who takes over"):
        enrolling.end(enrollment=enrolled, reason="transferred", on=ON, by=nurse, at=AT)
    with pytest.raises(NotNow, match="pages of their own"):
        enrolling.end(enrollment=enrolled, reason="withdrew", on=ON, by=nurse, at=AT)
    enrolling.end(enrollment=enrolled, reason="goals_met", on=ON + timedelta(days=9), by=nurse, at=AT)
    assert not queries.standing_of(patient, on=ON).agreed
    assert not Pause.objects.filter(resumed_at__isnull=True).exists()
    assert not nurse.ties.filter(patient=patient, because="caseload", ends_on=None).exists()
    assert not Task.objects.open().filter(patient=patient).exists()
    with pytest.raises(NotNow, match="ended on"):
        enrolling.pause(enrollment=enrolled, because="traveling", on=ON, by=nurse, at=AT)


def test_what_an_enrollment_was_is_kept(patient, nurse, supervisor):
    enrolled = enroll(patient, nurse)
    first, second = UserFactory(role="care_manager"), UserFactory(role="care_manager")
    for lead in (first, second):
        enrolling.assign_lead(enrollment=enrolled, lead=lead, by=supervisor, on=ON, at=AT)
    assert [row.lead_id for row in enrolled.history.order_by("pgh_id")] == [None, first.pk]


# --- leads ----------------------------------------------------------------------------------------------------------


def test_a_lead_is_suggested_by_language_and_load_with_reasons_and_accepted_by_a_supervisor(patient, nurse, supervisor):
    patient.language = "es"
    patient.save()
    enrolled = enroll(patient, nurse)
    speaks, full, plain = (UserFactory(role="care_manager", last_name=name) for name in ("Delgado", "Brimful", "Plain"))
    LeadProfile.objects.create(user=speaks, languages=["es"])
    LeadProfile.objects.create(user=full, languages=["es"], minutes_a_week=10)
    LeadProfile.objects.create(user=plain, takes_new=False)
    found = {each.user: each for each in leads.suggest_lead(patient, program="complex_care", on=ON, most=20)}
    best = max(found.values(), key=lambda each: each.points)
    assert best.user == speaks
    assert "Speaks Spanish" in best.reasons
    assert any("minutes a week" in reason for reason in best.reasons)
    assert any("interpreter" in no for no in found[nurse].against)
    assert any("%" in no for no in found[full].against), "too much work is said against them"
    assert plain not in found
    assert supervisor not in found
    with pytest.raises(NotPermitted, match="leads a team"):
        enrolling.assign_lead(enrollment=enrolled, lead=speaks, by=nurse, on=ON, at=AT)
    enrolling.assign_lead(enrollment=enrolled, lead=speaks, by=supervisor, on=ON, at=AT)
    assert speaks.ties.get(patient=patient).because == "caseload"


def test_a_licence_that_ran_out_or_is_for_another_state_keeps_somebody_from_leading(patient, nurse, supervisor):
    enrolled = enroll(patient, nurse)
    lead = UserFactory(role="care_manager")
    enrolling.keep_licence(user=lead, kind="RN", state="tx", number="1", expires_on=date(2030, 1, 1), by=supervisor)
    with pytest.raises(NotNow, match="No licence for IL"):
        enrolling.assign_lead(enrollment=enrolled, lead=lead, by=supervisor, on=ON, at=AT)
    enrolling.keep_licence(
        user=lead, kind="RN", state="COMPACT", number="2", expires_on=ON - timedelta(days=1), by=supervisor
    )
    with pytest.raises(NotNow):
        enrolling.assign_lead(enrollment=enrolled, lead=lead, by=supervisor, on=ON, at=AT)
    enrolling.keep_licence(
        user=lead, kind="RN", state="COMPACT", number="2", expires_on=date(2030, 1, 1), by=supervisor
    )
    enrolling.assign_lead(enrollment=enrolled, lead=lead, by=supervisor, on=ON, at=AT)


def test_the_load_is_counted_in_minutes_not_in_heads(nurse):
    for program in ("complex_care", "chronic_care"):
        EnrollmentFactory(lead=nurse, program=program, starts_on=ON)
    [load] = leads.loads(on=ON, users=[nurse])
    assert (load.patients, load.minutes) == (2, 42 + 18)
    [later] = leads.loads(on=ON + timedelta(days=40), users=[nurse])
    assert later.minutes < load.minutes
    [none] = leads.loads(on=ON, users=[UserFactory(role="care_manager")])
    assert (none.patients, none.minutes, none.percent) == (0, 0, 0)


# --- death ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def followed(patient, nurse, supervisor):
    """In one program, being reached for another, with a reminder and an open alarm."""
    enrolled = enroll(patient, nurse)
    enrolling.assign_lead(enrollment=enrolled, lead=nurse, by=supervisor, on=ON, at=AT)
    tasks.open_task(kind="follow_up_call", patient=patient, owner_user=nurse, by=nurse, at=AT)
    reaching.start(patient=patient, program="social_needs", owner=nurse, by=nurse, on=ON, at=AT)
    alarms.raise_alarm(patient=patient, code="phq9_item9", because="Answered: several days", by=nurse, at=AT)
    return patient


def state_of(patient) -> tuple:
    """What would be noticed: what is open, due and planned."""
    return (
        sorted(Task.objects.open().filter(patient=patient).values_list("kind", "due_at", "paused_until", "owner_user")),
        sorted(
            OutreachEpisode.objects.running()
            .filter(patient=patient)
            .values_list("program", "held_because", "next_from")
        ),
        sorted(Enrollment.objects.running().filter(patient=patient).values_list("program", "lead")),
        Pause.objects.filter(patient=patient, resumed_at__isnull=True).count(),
        Alarm.objects.open().filter(patient=patient).count(),
        [stop.because for stop in DoNotContact.objects.filter(patient=patient) if stop.ends_at is None],
    )


def test_a_call_that_tells_of_a_death_stops_everything_within_the_minute(followed, nurse):
    at = AT + timedelta(hours=2)
    contacts.record(patient=followed, kind="call", ended="died", with_whom="family", by=nurse, at=at)
    watching.each_minute(at=at + timedelta(minutes=1), on=ON, by=SYSTEM)
    found = DeathReport.objects.get(patient=followed)
    assert (found.source, found.verdict) == ("family", None)
    episode = OutreachEpisode.objects.get(patient=followed)
    assert (episode.held_because, episode.next_from) == ("death_reported", None)
    assert list(
        Task.objects.in_sight_at(at + timedelta(minutes=1)).filter(patient=followed).values_list("kind", flat=True)
    ) == ["confirm_death"]
    assert Pause.objects.get(patient=followed).because == "death_reported"
    assert Enrollment.objects.running().filter(patient=followed).exists(), "nothing ends before somebody confirms"
    assert Alarm.objects.open().filter(patient=followed).count() == 1
    watching.each_minute(at=at + timedelta(minutes=2), on=ON, by=SYSTEM)
    assert DeathReport.objects.count() == 1


def test_if_it_was_wrong_everything_is_as_it_was(followed, nurse):
    before = state_of(followed)
    found = deaths.report(patient=followed, source="file", died_on=ON, by=SYSTEM, at=AT, on=ON)
    assert state_of(followed) != before
    with pytest.raises(CannotDo):
        deaths.was_wrong(found=found, words=" ", by=nurse, on=ON, at=AT)
    deaths.was_wrong(found=found, words="He answered the phone", by=nurse, on=ON, at=AT)
    assert state_of(followed) == before
    followed.refresh_from_db()
    assert followed.died_on is None


def test_confirmed_everything_ends_and_one_reminder_is_left(followed, nurse):
    found = deaths.report(patient=followed, source="family", by=nurse, at=AT, on=ON)
    with pytest.raises(CannotDo, match="future"):
        deaths.confirm(found=found, died_on=ON + timedelta(days=1), words="x", by=nurse, on=ON, at=AT)
    deaths.confirm(found=found, died_on=ON, words="Death notice", by=nurse, on=ON, at=AT)
    followed.refresh_from_db()
    assert followed.died_on == ON
    [left] = Task.objects.open().filter(patient=followed)
    assert left.title == "Write to the family"
    assert set(Enrollment.objects.filter(patient=followed).values_list("end_reason", flat=True)) == {"died"}
    assert OutreachEpisode.objects.get(patient=followed).outcome == "died"
    assert Alarm.objects.open().filter(patient=followed).count() == 1, "an alarm is closed by a clinician, not by this"
    with pytest.raises(NotNow, match="has died"):
        agree(followed, nurse, "social_needs")
    with pytest.raises(NotNow, match="settled already"):
        deaths.was_wrong(found=found, words="x", by=nurse, on=ON, at=AT)


def test_a_day_that_was_found_wrong_is_not_believed_again_but_another_day_is(followed, nurse):
    found = deaths.report(patient=followed, source="file", died_on=ON, by=SYSTEM, at=AT, on=ON)
    deaths.was_wrong(found=found, words="He answered the phone", by=nurse, on=ON, at=AT)
    type(followed).objects.filter(pk=followed.pk).update(died_on=ON)  # the file says it again
    watching.each_minute(at=AT + timedelta(days=1), on=ON + timedelta(days=1), by=SYSTEM)
    followed.refresh_from_db()
    assert followed.died_on is None
    assert DeathReport.objects.count() == 1
    type(followed).objects.filter(pk=followed.pk).update(died_on=ON + timedelta(days=30))
    watching.each_minute(at=AT + timedelta(days=31), on=ON + timedelta(days=31), by=SYSTEM)
    assert DeathReport.objects.filter(verdict__isnull=True).count() == 1


def test_somebody_reported_dead_does_not_join(patient, nurse):
    agree(patient, nurse)
    deaths.report(patient=patient, source="call", by=nurse, at=AT, on=ON)
    with pytest.raises(NotNow, match="death was reported"):
        enrolling.enroll(patient=patient, program="complex_care", starts_on=ON, by=nurse, at=AT)


def test_who_may_do_it(patient):
    pharmacist = UserFactory(role="pharmacist")
    for refused in (
        lambda: agree(patient, pharmacist),
        lambda: consenting.withdraw(patient=patient, how="x", by=pharmacist, on=ON, at=AT),
        lambda: enrolling.enroll(patient=PatientFactory(), program="complex_care", starts_on=ON, by=pharmacist, at=AT),
    ):
        with pytest.raises(NotPermitted):
            refused()
