"""
A death that one source reported: everything stops at once, a person confirms it, and if it was wrong all goes on again.

Nobody should be called, written to or billed after they died; and nobody living should be forgotten because a file was
wrong. So the report itself stops calls, letters, reminders and enrollments without ending any of them, and only a person
ends them. Safety alarms are not touched.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from carewright.audit import actions as audit
from carewright.channel import actions as channel
from carewright.channel.models import DoNotContact
from carewright.contacts.models import Contact
from carewright.enrollment import enrolling, reaching
from carewright.enrollment.consenting import close_all_tasks, end_rows
from carewright.enrollment.models import Consent, DeathReport, Enrollment, OutreachEpisode, Pause
from carewright.kernel.errors import CannotDo, NotNow, NotPermitted
from carewright.registry import deaths as registry
from carewright.registry.models import Patient
from carewright.staff import roles
from carewright.staff.models import Team, User
from carewright.tasks import actions as tasks
from carewright.tasks import arrivals, sentences, sight
from carewright.tasks.models import Task

HELD = "death_reported"
RESTS = "a death was reported"
THEIR_WORDS = "answer_text"  # a text from somebody reported dead may be the proof that they live
ABOUT = "death_report"
LONG = timedelta(days=366)
WRITTEN_WITHIN = timedelta(days=7)
Verdict = DeathReport.Verdict


def report(
    *,
    patient: Patient,
    source: str,
    by: User | str,
    at: datetime,
    on: date,
    died_on: date | None = None,
    words: str = "",
) -> DeathReport:
    """
    Somebody says that a patient has died: stop reaching them at once, and ask a person to confirm it.

    A second report while one waits adds nothing but its words to the log; the first is answered.
    """
    if died_on is not None and died_on > on:
        raise CannotDo(_("The day of death is in the future."), at="died_on")
    if waiting := DeathReport.objects.filter(patient=patient, verdict__isnull=True).first():
        audit.happened(
            "reported_death_again", audit.name_of(waiting), by=by, patient_ids=[patient.pk], after={"source": source}
        )
        return waiting
    found = DeathReport(
        patient=patient, source=source, words=words.strip(), died_on=died_on, reported_at=at,
        reported_by=by if isinstance(by, str) else by.email,
    )  # fmt: skip
    with transaction.atomic():
        with audit.change(found, by=by, did="reported_death"):
            pass
        owner = _who_confirms(patient, by, on=on)
        for task in Task.objects.open().filter(patient=patient, kind="confirm_death"):
            # The contact that told us reminded somebody already; one reminder is enough.
            tasks.close(task=task, because=Task.Closed.DUPLICATE, by=by, at=at)
        _stop_everything(patient, by=by, at=at, on=on)
        with override(None):  # a reminder is kept, and read by others: as the house writes it
            source = found.get_source_display()
        if owner is not None:
            reaching.remind(
                kind="confirm_death", patient=patient, owner=owner, about_kind=ABOUT, about=found.public_id, by=by, at=at,
                due_at=at + timedelta(days=1), title="Confirm a reported death",
                why=sentences.DEATH_REPORTED.format(source=source),
            )  # fmt: skip
    return found


def confirm(*, found: DeathReport, died_on: date, words: str, by: User, on: date, at: datetime) -> DeathReport:
    """It is true: enrollments and outreach end with the death, reminders close, and one is left, to write to the family."""
    _must_settle(by)
    _must_wait(found)
    patient = found.patient
    if died_on > on:
        raise CannotDo(_("The day of death is in the future."), at="died_on")
    if patient.born_on is not None and died_on < patient.born_on:
        raise CannotDo(_("The day of death is before the birth date."), at="died_on")
    with transaction.atomic():
        if patient.died_on != died_on:
            registry.set_death(patient=patient, died_on=died_on, by=by, at=at, why=words.strip() or "confirmed")
        lead = _lead_of(patient)
        for enrollment in list(Enrollment.objects.running().filter(patient=patient)):
            last = max(min(died_on, on), enrollment.starts_on)
            end_rows(enrollment, reason=Enrollment.EndReason.DIED, on=last, by=by, at=at)
            enrolling.withdraw_rest(enrollment, by=by, at=at)
        for episode in list(OutreachEpisode.objects.running().filter(patient=patient)):
            reaching.close(episode=episode, outcome=OutreachEpisode.Outcome.DIED, by=by, at=at)
        for consent in Consent.objects.standing().filter(patient=patient):
            with audit.change(consent, by=by, did="consent_ended", why="died"):
                consent.withdrawn_at, consent.withdrawn_by = max(at, consent.at), by.email
                consent.withdrawn_how = "died"
        close_all_tasks(patient, because=Task.Closed.DIED, by=by, at=at)
        with audit.change(found, by=by, did="confirmed_death", why=words.strip()):
            found.verdict, found.settled_at, found.settled_by = Verdict.CONFIRMED, at, by
            found.died_on, found.settled_words = died_on, words.strip()
        # The lead's own tie has just got its last day; who is to write sees the patient until it is written.
        sight.let_see(
            lead or by, patient, until=at + WRITTEN_WITHIN + sight.AFTER_IT_IS_DUE, by=by, at=at,
            why="writes to the family",
        )  # fmt: skip
        reaching.remind(
            kind="other", patient=patient, owner=lead or by, about_kind="condolence", about=found.public_id, by=by, at=at,
            due_at=at + WRITTEN_WITHIN, title="Write to the family",
            why="The person has died; a word of condolence is the only thing left to do.",
        )  # fmt: skip
    return found


def was_wrong(*, found: DeathReport, words: str, by: User, on: date, at: datetime) -> DeathReport:
    """The person lives: everything that the report stopped goes on where it was."""
    _must_settle(by)
    _must_wait(found)
    if not words.strip():
        raise CannotDo(_("Say how you know that it was wrong."), at="words")
    patient = found.patient
    with transaction.atomic():
        with audit.change(found, by=by, did="death_was_wrong", why=words.strip()):
            found.verdict, found.settled_at, found.settled_by = Verdict.WRONG, at, by
            found.settled_words = words.strip()
        if patient.died_on is not None:
            registry.set_death(patient=patient, died_on=None, by=by, at=at, why=words.strip())
        reaching.close_reminders(ABOUT, [found.public_id], because=Task.Closed.RETRACTED, by=by, at=at)
        reaching.allow_contact(patient, because="reported_dead", why=words.strip(), by=by, at=at)
        for pause in Pause.objects.filter(patient=patient, resumed_at__isnull=True, because=HELD):
            enrolling.resume(pause=pause, on=on, by=by, at=at)
        for task in Task.objects.open().filter(patient=patient, paused_because=RESTS):
            tasks.resume(task=task, by=by, at=at, why="the report was wrong", keeps_snooze=True)
        reaching.release(patient=patient, because=HELD, by=by, at=at)
    return found


def notice(*, at: datetime, on: date, by: str) -> int:
    """
    Look for deaths that something told us and nobody reported: a call that ended so, or a date in the registry.

    Runs each minute; answers how many reports it made. A date that somebody found wrong before is not reported again.
    """
    made = 0
    told = (
        Contact.objects.standing()
        .filter(ended=Contact.Ended.DIED, recorded_at__gt=at - timedelta(days=30))
        .select_related("patient", "by")
    )
    for contact in told:
        if not DeathReport.objects.filter(patient=contact.patient_id, reported_at__gte=contact.started_at).exists():
            source = DeathReport.Source.FAMILY if contact.with_whom == "family" else DeathReport.Source.CALL
            report(patient=contact.patient, source=source, by=contact.by or by, at=at, on=on)
            made += 1
    for stop in _stops_without_a_report():
        # The call that told of it was corrected before this minute: somebody still has to say whether they live.
        report(patient=stop.patient, source=DeathReport.Source.CALL, by=stop.started_by or by, at=at, on=on)
        made += 1
    for patient in Patient.objects.filter(died_on__isnull=False, death_reports__verdict=Verdict.WRONG).distinct():
        if patient.death_reports.filter(verdict=Verdict.WRONG, died_on=patient.died_on).exists():
            # A file said again what a person found wrong; another day would be a new report.
            registry.set_death(patient=patient, died_on=None, by=by, at=at, why="this day was found wrong before")
    active = OutreachEpisode.objects.running().values("patient")
    enrolled = Enrollment.objects.running().values("patient")
    dead = Patient.objects.filter(died_on__isnull=False).filter(Q(pk__in=active) | Q(pk__in=enrolled))
    for patient in dead.exclude(pk__in=DeathReport.objects.filter(verdict__isnull=True).values("patient")):
        day = patient.died_on if patient.died_on and patient.died_on <= on else None  # a file may name a day to come
        report(patient=patient, source=DeathReport.Source.FILE, died_on=day, by=by, at=at, on=on)
        made += 1
    return made


def _stops_without_a_report() -> list[DoNotContact]:
    """Where contact stands still because of a death and nobody can settle it, because nothing was reported."""
    reported = DeathReport.objects.filter(patient=OuterRef("patient"), reported_at__gte=OuterRef("starts_at"))
    standing = DoNotContact.objects.filter(because=DoNotContact.Because.REPORTED_DEAD, ends_at__isnull=True)
    return list(standing.exclude(Exists(reported)).select_related("patient", "started_by"))


def _stop_everything(patient: Patient, *, by: User | str, at: datetime, on: date) -> None:
    channel.stop_contact(patient=patient, because="reported_dead", by=by, at=at)
    resting = Task.objects.open().filter(patient=patient, paused_until__isnull=True)
    for task in resting.exclude(kind=THEIR_WORDS):
        tasks.pause(task=task, until=at + LONG, because=RESTS, by=by, at=at)
    reaching.hold(patient=patient, because=HELD, by=by, at=at)
    for enrollment in Enrollment.objects.running().filter(patient=patient):
        if not Pause.objects.filter(enrollment=enrollment, resumed_at__isnull=True).exists():
            enrolling.pause(enrollment=enrollment, because=HELD, on=max(on, enrollment.starts_on), by=by, at=at)


def _who_confirms(patient: Patient, by: User | str, *, on: date) -> User | Team | None:
    episode = OutreachEpisode.objects.running().filter(patient=patient, owner__isnull=False).first()
    asked = (_lead_of(patient), by if isinstance(by, User) else None, episode.owner if episode else None)
    # Whoever may not settle it would have a reminder they cannot keep, and everything would stand still for ever.
    known = next((one for one in asked if one is not None and roles.allows(one, roles.Permission.TAKE_CONSENT)), None)
    return known or arrivals.owner_for(patient, on=on)


def _lead_of(patient: Patient) -> User | None:
    led = Enrollment.objects.running().filter(patient=patient, lead__isnull=False).select_related("lead").first()
    return led.lead if led else None


def _must_settle(by: User) -> None:
    if not roles.allows(by, roles.Permission.TAKE_CONSENT):
        raise NotPermitted(_("Your role does not confirm a death."))


def _must_wait(found: DeathReport) -> None:
    if found.verdict is not None:
        raise NotNow(_("This report was settled already."))
