"""
Whatever people do in whichever order, no state can be reached that the journey forbids.

Hypothesis plays a clinic of two patients and two programs: it asks, enrolls, pauses, withdraws, reports deaths, finds
them wrong, lets days pass and the house work; after every step the promises are compared with the rows.
"""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from carewright.access.models import Tie
from carewright.channel import queries as channel
from carewright.enrollment import consenting, deaths, enrolling, reaching, watching
from carewright.enrollment.models import Consent, DeathReport, Enrollment, OutreachEpisode, Pause, SharingConsent
from carewright.kernel.errors import CannotDo
from carewright.knowledge import consent as words
from carewright.tasks import actions as tasks
from carewright.tasks import alarms
from carewright.tasks.models import Alarm, Task
from tests.enrollment.conftest import AT
from tests.factories.access import TieFactory
from tests.factories.registry import AddressFactory, ContactPointFactory, PatientFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
PROGRAMS = ("complex_care", "chronic_care")
who = st.integers(0, 1)
programs = st.sampled_from(PROGRAMS)
SYSTEM = "system:test"


class Clinic(RuleBasedStateMachine):
    """Two patients, two programs, a nurse and a supervisor; the clock only goes forward."""

    def __init__(self):
        super().__init__()
        self.outer = transaction.atomic()
        self.outer.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    @initialize()
    def begin(self):
        self.at = AT
        self.nurse, self.lead = UserFactory(role="care_manager"), UserFactory(role="care_manager")
        self.supervisor = UserFactory(role="supervisor")
        for user in (self.nurse, self.lead, self.supervisor):
            TieFactory(user=user, patient=None, population="everyone")
        self.patients = [PatientFactory(), PatientFactory()]
        for patient in self.patients:
            ContactPointFactory(patient=patient)
            AddressFactory(patient=patient, zip_code="60601", state="IL")
        self.alarms = 0

    @property
    def on(self):
        return timezone.localdate(self.at)

    def attempt(self, act):
        """Do it; what the house refuses with a sentence changes nothing."""
        for patient in self.patients:
            patient.refresh_from_db()
        try:
            with transaction.atomic():
                return act()
        except (CannotDo, ValidationError):
            return None

    @rule(days=st.integers(0, 40))
    def time_passes(self, days):
        self.at += timedelta(days=days, hours=1)

    @rule(who=who, program=programs)
    def reach(self, who, program):
        self.attempt(lambda: reaching.start(patient=self.patients[who], program=program, owner=self.nurse, by=self.nurse,
                                            on=self.on, at=self.at))  # fmt: skip

    @rule(who=who, program=programs, all_said=st.booleans())
    def ask(self, who, program, all_said):
        said = list(words.ELEMENTS) if all_said else ["what_it_is"]
        self.attempt(lambda: consenting.agree(patient=self.patients[who], program=program, elements=said, how="verbal",
                                              language="en", by=self.nurse, at=self.at))  # fmt: skip

    @rule(who=who, program=programs)
    def say_no(self, who, program):
        self.attempt(lambda: consenting.decline(patient=self.patients[who], program=program, because="no", how="verbal",
                                                language="en", by=self.nurse, on=self.on, at=self.at))  # fmt: skip

    @rule(who=who, program=programs, late=st.integers(-3, 3))
    def join(self, who, program, late):
        self.attempt(lambda: enrolling.enroll(patient=self.patients[who], program=program, by=self.nurse, at=self.at,
                                              starts_on=self.on + timedelta(days=late)))  # fmt: skip

    @rule(who=who, program=programs)
    def lead_it(self, who, program):
        for found in Enrollment.objects.filter(patient=self.patients[who], program=program):
            self.attempt(lambda found=found: enrolling.assign_lead(enrollment=found, lead=self.lead, by=self.supervisor,
                                                                   on=self.on, at=self.at))  # fmt: skip

    @rule(who=who)
    def pause(self, who):
        for found in Enrollment.objects.filter(patient=self.patients[who]):
            self.attempt(lambda found=found: enrolling.pause(enrollment=found, because="hospital", on=self.on,
                                                             by=self.nurse, at=self.at))  # fmt: skip

    @rule(who=who)
    def resume(self, who):
        for found in Pause.objects.filter(patient=self.patients[who]).exclude(because="death_reported"):
            self.attempt(lambda found=found: enrolling.resume(pause=found, on=self.on, by=self.nurse, at=self.at))

    @rule(who=who, program=programs)
    def agree_and_join(self, who, program):
        """The short way in, so that what comes after it is reached often."""
        self.ask(who, program, all_said=True)
        self.join(who, program, late=0)

    @rule(who=who, reason=st.sampled_from(["goals_met", "moved", "withdrew", "died", "unreachable"]))
    def leave(self, who, reason):
        for found in Enrollment.objects.filter(patient=self.patients[who]):
            self.attempt(lambda found=found: enrolling.end(enrollment=found, reason=reason, on=self.on, by=self.nurse,
                                                           at=self.at))  # fmt: skip

    @rule(who=who, program=programs, to=st.sampled_from(["", "   ", "Lakeside Hospital program"]))
    def transfer(self, who, program, to):
        for found in Enrollment.objects.running().filter(patient=self.patients[who], program=program):
            done = self.attempt(lambda found=found: enrolling.end(enrollment=found, reason="transferred", on=self.on,
                                                                  by=self.nurse, at=self.at, transferred_to=to))  # fmt: skip
            if done is None:
                continue
            assert to.strip(), "nobody is handed over to nobody"
            ours = {"patient": done.patient, "program": done.program}
            assert not Consent.objects.standing().filter(**ours).exists(), "coming back asks anew"
            # Who is being reached for another program is still called about that one.
            still = [
                rows.running().filter(patient=done.patient) for rows in (Enrollment.objects, OutreachEpisode.objects)
            ]
            if not any(rows.exists() for rows in still):
                assert not Task.objects.open().filter(patient=done.patient).exclude(kind="confirm_death").exists()

    @rule(who=who)
    def reported_dead_and_found_alive(self, who):
        """A false report, found wrong after some minutes, leaves everything as it was."""
        patient = self.patients[who]
        patient.refresh_from_db()
        if patient.died_on is not None or DeathReport.objects.filter(patient=patient, verdict__isnull=True).exists():
            return
        # What the clock does by itself is done before, so that only the report is looked at.
        self.the_house_works()
        before = self.everything_about(patient)
        found = deaths.report(patient=patient, source="file", died_on=self.on, by=SYSTEM, at=self.at, on=self.on)
        assert not OutreachEpisode.objects.to_work().filter(patient=patient).exists()
        assert not Task.objects.in_sight_at(self.at).filter(patient=patient).exclude(kind="confirm_death").exists()
        assert not channel.may(patient, "call", self.at)
        self.at += timedelta(minutes=5)
        watching.each_minute(at=self.at, on=self.on, by=SYSTEM)
        deaths.was_wrong(found=found, words="I spoke with them", by=self.nurse, on=self.on, at=self.at)
        assert self.everything_about(patient) == before

    def everything_about(self, patient):
        """Where somebody stands, without the moments at which it was worked out."""
        ours = {"patient": patient}
        return {
            "enrollments": sorted(Enrollment.objects.running().filter(**ours).values_list("pk", "lead")),
            "resting": sorted(Pause.objects.filter(**ours, resumed_at__isnull=True).values_list("pk", "because")),
            "consents": sorted(Consent.objects.standing().filter(**ours).values_list("pk")),
            "sharing": sorted(SharingConsent.objects.filter(**ours, revoked_at__isnull=True).values_list("pk")),
            "outreach": sorted(OutreachEpisode.objects.running().filter(**ours).values_list("pk", "held_because", "next_means")),
            "tasks": sorted(
                (
                    (task.kind, task.paused_because, task.snoozed_until if task.snoozed_until and task.snoozed_until > self.at else None)
                    for task in Task.objects.open().filter(**ours)
                ), key=str,
            ),
            "stops": sorted(stop.because for stop in channel.standing_stops(patient, self.at)),
            "ties": sorted(Tie.objects.filter(**ours, ends_on__isnull=True).values_list("user", "because")),
        }  # fmt: skip

    @rule(who=who, days=st.integers(1, 20))
    def snooze(self, who, days):
        for task in Task.objects.in_sight_at(self.at).filter(patient=self.patients[who]):
            self.attempt(lambda task=task: tasks.snooze(task=task, until=self.at + timedelta(days=days), because="later",
                                                        by=self.nurse, at=self.at))  # fmt: skip

    @rule(who=who, program=st.sampled_from(["", *PROGRAMS]))
    def withdraw(self, who, program):
        done = self.attempt(lambda: consenting.withdraw(patient=self.patients[who], how="phone", program=program,
                                                        by=self.nurse, on=self.on, at=self.at))  # fmt: skip
        if done is not None and program == "":
            patient = self.patients[who]
            assert not Task.objects.open().filter(patient=patient).exclude(kind="confirm_death").exists()
            assert not SharingConsent.objects.filter(patient=patient, revoked_at__isnull=True).exists()
            assert not Consent.objects.standing().filter(patient=patient).exists()

    @rule(who=who)
    def share(self, who):
        self.attempt(lambda: consenting.share(patient=self.patients[who], recipient_class="plan", categories=["general"],
                                              purpose="care", how="verbal", language="en", by=self.nurse, on=self.on,
                                              at=self.at))  # fmt: skip

    @rule(who=who)
    def remind(self, who):
        self.attempt(lambda: tasks.open_task(kind="other", patient=self.patients[who], owner_user=self.nurse, by=self.nurse,
                                             at=self.at))  # fmt: skip

    @precondition(lambda self: self.alarms < 2)
    @rule(who=who)
    def danger(self, who):
        alarms.raise_alarm(patient=self.patients[who], code="phq9_item9", because="answered", by=self.nurse, at=self.at)
        self.alarms += 1

    @rule(who=who)
    def told_of_a_death(self, who):
        self.attempt(
            lambda: deaths.report(patient=self.patients[who], source="call", by=self.nurse, at=self.at, on=self.on)
        )

    @rule(who=who, true=st.booleans())
    def settle_it(self, who, true):
        for found in DeathReport.objects.filter(patient=self.patients[who]):
            if true:
                self.attempt(lambda found=found: deaths.confirm(found=found, died_on=self.on, words="notice", by=self.nurse,
                                                                on=self.on, at=self.at))  # fmt: skip
            else:
                self.attempt(lambda found=found: deaths.was_wrong(found=found, words="alive", by=self.nurse, on=self.on,
                                                                  at=self.at))  # fmt: skip

    @rule()
    def the_house_works(self):
        watching.each_minute(at=self.at, on=self.on, by=SYSTEM)
        watching.each_night(at=self.at, on=self.on, by=SYSTEM)

    @invariant()
    def an_enrollment_rests_on_a_consent_of_its_program(self):
        for found in Enrollment.objects.running().select_related("consent"):
            assert found.consent.stands
            assert (found.consent.program, found.consent.patient_id) == (found.program, found.patient_id)
            assert timezone.localdate(found.consent.at) <= found.starts_on
        for consent in Consent.objects.filter(answer="agreed"):
            assert set(consent.elements) >= {element.code for element in words.elements_for(consent.program)}

    @invariant()
    def coming_back_is_another_enrollment_on_another_consent(self):
        for patient in getattr(self, "patients", []):
            for program in PROGRAMS:
                stays = list(Enrollment.objects.filter(patient=patient, program=program).order_by("starts_on"))
                assert len({stay.consent_id for stay in stays}) == len(stays)
                for earlier, later in pairwise(stays):
                    assert earlier.ends_on is not None and earlier.ends_on < later.starts_on
                for stay in stays:
                    assert (stay.end_reason == "transferred") == bool(stay.transferred_to)

    @invariant()
    def a_lead_who_left_nobody_sees_nobody(self):
        """A lead's tie outlives the enrollment only while an alarm about the patient is open."""
        for patient in getattr(self, "patients", []):
            led = Enrollment.objects.filter(patient=patient, lead=self.lead)
            if led.running().exists() or Alarm.objects.open().filter(patient=patient).exists():
                continue
            over = led.filter(ends_on__lt=self.on).exists()
            open_ties = Tie.objects.filter(patient=patient, user=self.lead, because="caseload", ends_on__isnull=True)
            assert not (over and open_ties.exists())

    @invariant()
    def never_two_at_once(self):
        for patient in getattr(self, "patients", []):
            for program in PROGRAMS:
                ours = {"patient": patient, "program": program}
                assert Enrollment.objects.running().filter(**ours).count() <= 1
                assert Consent.objects.standing().filter(**ours).count() <= 1
                assert OutreachEpisode.objects.running().filter(**ours).count() <= 1
            assert DeathReport.objects.filter(patient=patient, verdict__isnull=True).count() <= 1

    @invariant()
    def nobody_calls_somebody_who_joined_or_said_no(self):
        for episode in OutreachEpisode.objects.running():
            ours = {"patient": episode.patient_id, "program": episode.program}
            assert not Enrollment.objects.running().filter(**ours).exists()
            no = Consent.objects.filter(**ours, answer="declined", reopened_at__isnull=True).order_by("-at").first()
            assert no is None or no.at < episode.opened_at

    @invariant()
    def nobody_calls_or_reminds_about_the_dead(self):
        for patient in getattr(self, "patients", []):
            patient.refresh_from_db()
            reported = DeathReport.objects.filter(patient=patient, verdict__isnull=True).exists()
            if patient.died_on is not None or reported:
                assert not OutreachEpisode.objects.to_work().filter(patient=patient, next_from__isnull=False).exists()
            if patient.died_on is not None:
                assert not Enrollment.objects.running().filter(patient=patient).exists()
                assert not OutreachEpisode.objects.running().filter(patient=patient).exists()
                assert not Consent.objects.standing().filter(patient=patient).exists()

    @invariant()
    def what_ended_has_no_pause_and_no_plan(self):
        assert not Pause.objects.filter(resumed_at__isnull=True, enrollment__ends_on__isnull=False).exists()
        assert not OutreachEpisode.objects.filter(closed_at__isnull=False, next_from__isnull=False).exists()
        over = OutreachEpisode.objects.filter(closed_at__isnull=False).values("public_id")
        assert not Task.objects.open().filter(about_kind="outreach", about_public_id__in=over).exists()

    @invariant()
    def no_alarm_was_closed(self):
        assert Alarm.objects.open().count() == getattr(self, "alarms", 0)


def test_no_state_can_be_reached_that_the_journey_forbids(db):
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Clinic,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, phases=[Phase.explicit, Phase.generate]
        ),
    )


def test_each_of_these_ways_is_really_walked(db):
    """The machine above plays at random; here it takes each step once, so that no rule is silently refused always."""
    clinic = Clinic()
    clinic.begin()

    def holds():
        for name in dir(clinic):
            if getattr(getattr(clinic, name), "hypothesis_stateful_invariant", None) is not None:
                getattr(clinic, name)()

    running = Enrollment.objects.running().filter(patient=clinic.patients[0])
    try:
        clinic.agree_and_join(0, "complex_care")
        clinic.lead_it(0, "complex_care")
        assert running.get().lead == clinic.lead
        clinic.remind(0)
        clinic.snooze(0, days=3)
        clinic.reported_dead_and_found_alive(0)
        assert Task.objects.open().get(patient=clinic.patients[0]).snoozed_until is not None
        holds()
        clinic.pause(0)
        assert Pause.objects.filter(patient=clinic.patients[0], resumed_at__isnull=True).count() == 1
        clinic.reported_dead_and_found_alive(0)
        assert Pause.objects.get(patient=clinic.patients[0], resumed_at__isnull=True).because == "hospital"
        clinic.resume(0)
        clinic.transfer(0, "complex_care", to="")
        assert running.exists(), "without saying who takes over nothing happens"
        clinic.transfer(0, "complex_care", to="Lakeside Hospital program")
        assert not running.exists()
        holds()
        clinic.time_passes(2)
        clinic.the_house_works()
        clinic.agree_and_join(0, "complex_care")
        assert running.count() == 1 and Enrollment.objects.filter(patient=clinic.patients[0]).count() == 2
        clinic.withdraw(0, "")
        assert not running.exists()
        clinic.time_passes(1)
        clinic.agree_and_join(0, "complex_care")
        assert running.count() == 1, "who comes back after a withdrawal is asked anew and joins"
        clinic.told_of_a_death(0)
        clinic.settle_it(0, true=True)
        assert not running.exists()
        holds()
        clinic.agree_and_join(0, "complex_care")
        assert not running.exists(), "nobody joins after a death"
        holds()
    finally:
        clinic.teardown()
