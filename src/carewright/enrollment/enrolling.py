"""
Being in a program: joining, resting, leaving, and who leads.

Nobody joins without a consent that stands. Who leads is suggested with reasons (`leads`) and accepted by somebody who
leads a team; the lead's tie, the open work and the reminders go with it.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.access.models import Tie
from carewright.audit import actions as audit
from carewright.channel import actions as channel
from carewright.channel import gate
from carewright.channel import queries as channel_queries
from carewright.channel.models import Message
from carewright.enrollment import consenting, leads, reaching
from carewright.enrollment.consenting import close_all_tasks, end_rows, untie
from carewright.enrollment.models import Consent, DeathReport, Enrollment, LeadProfile, OutreachEpisode, Pause
from carewright.kernel.errors import CannotDo, NotNow, NotPermitted
from carewright.knowledge import task_kinds
from carewright.knowledge.programs import name_of
from carewright.registry.models import Patient
from carewright.staff import roles
from carewright.staff.models import Licence, User
from carewright.tasks import actions as tasks
from carewright.tasks.models import Task

EndReason = Enrollment.EndReason
LETTERS_ABOUT = "lead"
SENDS_BY_ITSELF = "system:lead"
"""Nobody looked at this letter before it went: where a person must decide how to write safely, the gate refuses it."""

CLOSED_AS = {
    EndReason.WITHDREW: Task.Closed.WITHDRAWN,
    EndReason.DIED: Task.Closed.DIED,
    EndReason.UNREACHABLE: Task.Closed.UNREACHABLE,
    EndReason.MISTAKE: Task.Closed.RETRACTED,
}


def enroll(*, patient: Patient, program: str, starts_on: date, by: User, at: datetime) -> Enrollment:
    """
    Somebody joins a program, from a day on that is not before they said yes.

    Outreach for the program ends with it. Nobody leads yet: a supervisor accepts one of the leads suggested.
    """
    _must_ask(by)
    if patient.died_on is not None:
        raise NotNow(_("This person has died."))
    if DeathReport.objects.filter(patient=patient, verdict__isnull=True).exists():
        raise NotNow(_("A death was reported and is being checked. Settle that first."))
    consent = Consent.objects.standing().filter(patient=patient, program=program).first()
    if consent is None:
        raise NotNow(
            _("This person has not agreed to %(program)s yet. Ask for consent first.")
            % {"program": _(name_of(program))}
        )
    agreed_on = timezone.localdate(consent.at)
    if starts_on < agreed_on:
        raise NotNow(
            _("They agreed on %(day)s; they cannot have joined before.") % {"day": date_format(agreed_on, "F j, Y")},
            at="starts_on",
        )
    if Enrollment.objects.running().filter(patient=patient, program=program).exists():
        raise NotNow(_("This person is in %(program)s already.") % {"program": _(name_of(program))}, at="program")
    enrollment = Enrollment(patient=patient, program=program, consent=consent, starts_on=starts_on)
    with transaction.atomic():
        with audit.change(enrollment, by=by, did="enrolled"):
            pass
        for episode in OutreachEpisode.objects.running().filter(patient=patient, program=program):
            reaching.close(episode=episode, outcome=OutreachEpisode.Outcome.ENROLLED, by=by, at=at)
        reaching.close_reminders(consenting.AGREED, [consent.public_id], because=Task.Closed.DONE, by=by, at=at)
        reaching.tie(by, patient, on=min(starts_on, timezone.localdate(at)), by=by)
    return enrollment


def assign_lead(
    *, enrollment: Enrollment, lead: User, by: User, on: date, at: datetime, because: str = "another lead"
) -> Enrollment:
    """Accept a lead for an enrollment: they see the patient from today, and the work that was waiting goes to them."""
    if not roles.allows(by, roles.Permission.SEE_TEAM):
        raise NotPermitted(_("A lead is accepted by somebody who leads a team."))
    _must_be_open(enrollment)
    leads.may_be_lead(lead)
    leads.must_be_licensed(lead, enrollment.patient, on=on)
    before = enrollment.lead
    if before is not None and before.pk == lead.pk:
        raise NotNow(_("%(person)s leads this patient already.") % {"person": lead.name}, at="lead")
    with transaction.atomic():
        if before is not None:
            untie(enrollment, on=on, by=by)
        with audit.change(enrollment, by=by, did="assigned_lead"):
            enrollment.lead, enrollment.led_since = lead, max(on, enrollment.starts_on)
        reaching.tie(lead, enrollment.patient, on=on, by=by, because=Tie.Because.CASELOAD)
        if before is not None:
            _move_work(enrollment.patient, before, lead, because=because, by=by, at=at)
        _tell_patient(enrollment, is_new=before is None, on=on, at=at)
    return enrollment


def told_of_lead(enrollment: Enrollment) -> Message | None:
    """The latest letter in which the patient was told who leads, with what became of it; nothing without an address."""
    letters = Message.objects.filter(about_kind=LETTERS_ABOUT, about_public_id=enrollment.public_id)
    return letters.order_by("-asked_at", "-pk").first()


def _tell_patient(enrollment: Enrollment, *, is_new: bool, on: date, at: datetime) -> None:
    """Tell the patient who their person is, by letter: welcome at first, later that somebody new takes over."""
    patient, lead = enrollment.patient, enrollment.lead
    address = channel_queries.mail_address(patient)
    if address is None or lead is None:
        return
    values = {"name": patient.name, "staff": lead.name}
    if not is_new:
        values["day"] = _day_said(max(on, enrollment.starts_on), gate.language_of(patient))
    channel.send(
        to=address, kind="letter", template="welcome_letter" if is_new else "new_person_letter", values=values, at=at,
        about=(LETTERS_ABOUT, enrollment.public_id), by=SENDS_BY_ITSELF,
    )  # fmt: skip


def _day_said(day: date, language: str) -> str:
    """
    A day as a letter says it, in the language of the letter.

    >>> _day_said(date(2026, 12, 1), "en"), _day_said(date(2026, 12, 1), "es")
    ('December 1, 2026', '1 de diciembre de 2026')
    """
    with translation.override(language):
        return date_format(day, "j \\d\\e F \\d\\e Y" if language == "es" else "F j, Y")


def pause(
    *, enrollment: Enrollment, because: str, on: date, by: User | str, at: datetime, until: date | None = None,
    words: str = "",
) -> Pause:  # fmt: skip
    """
    Let an enrollment rest: its reminders rest with it, until the last day or until somebody resumes it.

    What the person wrote to us, a result and a danger stay in sight: they do not wait for anybody's return.
    """
    _must_be_open(enrollment)
    if on < enrollment.starts_on:
        raise CannotDo(_("A pause cannot begin before the enrollment does."))
    if until is not None and until < on:
        raise CannotDo(_("The last day is before the first. Choose a later one, or none."), at="until")
    if Pause.objects.filter(enrollment=enrollment, resumed_at__isnull=True).exists():
        raise NotNow(_("This enrollment is paused already."))
    rest = Pause(
        enrollment=enrollment, patient=enrollment.patient, because=because, words=words.strip(), starts_on=on,
        ends_on=until, paused_by=by if isinstance(by, str) else by.email,
    )  # fmt: skip
    with transaction.atomic():
        with audit.change(rest, by=by, did="paused", why=because):
            pass
        last = until or on + timedelta(days=366)
        resting = timezone.make_aware(datetime.combine(last, time.max).replace(microsecond=0))
        open_tasks = Task.objects.open().filter(patient=enrollment.patient, paused_until__isnull=True)
        for task in open_tasks.exclude(kind__in=task_kinds.NEVER_REST):
            tasks.pause(task=task, until=resting, because=f"enrollment paused: {because}", by=by, at=at)
    return rest


def resume(*, pause: Pause, on: date, by: User | str, at: datetime) -> Pause:
    """End a pause: the enrollment and its reminders go on."""
    if pause.resumed_at is not None:
        raise NotNow(_("This pause is over already."))
    with transaction.atomic():
        with audit.change(pause, by=by, did="resumed"):
            pause.ends_on, pause.resumed_at = max(on, pause.starts_on), at
        resting = Task.objects.open().filter(
            patient=pause.patient, paused_because=f"enrollment paused: {pause.because}"
        )
        for task in resting:
            tasks.resume(task=task, by=by, at=at, keeps_snooze=True)
    return pause


def end(
    *, enrollment: Enrollment, reason: str, on: date, by: User, at: datetime, words: str = "", transferred_to: str = ""
) -> Enrollment:
    """
    Somebody leaves a program, with the reason. Reminders close when this was their last program.

    Withdrawing is `consenting.withdraw`, and a death `deaths.report`: they do more than end an enrollment.
    """
    _must_ask(by)
    _must_be_open(enrollment)
    if reason in (EndReason.WITHDREW, EndReason.DIED):
        raise NotNow(_("A withdrawal and a death have pages of their own, because more ends with them."))
    if on < enrollment.starts_on:
        raise NotNow(
            _("They cannot leave before joining on %(day)s.") % {"day": date_format(enrollment.starts_on, "F j, Y")}
        )
    if reason == EndReason.TRANSFERRED and not transferred_to.strip():
        raise CannotDo(_("Say who takes over."), at="transferred_to")
    with transaction.atomic():
        end_rows(enrollment, reason=reason, on=on, by=by, at=at, said=words.strip(), to=transferred_to.strip())
        closed_as = CLOSED_AS.get(EndReason(reason), Task.Closed.ENDED)
        after_leaving(enrollment, closed_as=closed_as, by=by, at=at)
    return enrollment


def after_leaving(enrollment: Enrollment, *, closed_as: str, by: User | str, at: datetime) -> None:
    """What ends with an enrollment besides it: its reminders, all of them where it was the last, and its consent."""
    if _is_still_worked_with(enrollment.patient):
        reaching.close_reminders("enrollment", [enrollment.public_id], because=closed_as, by=by, at=at)
    else:
        close_all_tasks(enrollment.patient, because=closed_as, by=by, at=at)
    withdraw_rest(enrollment, by=by, at=at)


def _is_still_worked_with(patient: Patient) -> bool:
    """Whether somebody is in a program, or is being reached for one, so that their reminders go on."""
    return (
        Enrollment.objects.running().filter(patient=patient).exists()
        or OutreachEpisode.objects.running().filter(patient=patient).exists()
    )


def withdraw_rest(enrollment: Enrollment, *, by: User | str, at: datetime) -> None:
    """A consent to a program ends with the enrollment it was given for; coming back later asks anew."""
    consent = enrollment.consent
    if consent.stands:
        with audit.change(consent, by=by, did="consent_ended", why=f"enrollment ended: {enrollment.end_reason}"):
            consent.withdrawn_at, consent.withdrawn_how = max(at, consent.at), "enrollment ended"
            consent.withdrawn_by = by if isinstance(by, str) else by.email


def keep_licence(*, user: User, kind: str, state: str, number: str, expires_on: date, by: User) -> Licence:
    """Write down what somebody is licensed as, or the new last day of a licence we have."""
    if not roles.allows(by, roles.Permission.SEE_TEAM) and not roles.allows(by, roles.Permission.MANAGE_PEOPLE):
        raise NotPermitted(_("Licences are kept by somebody who leads a team, or by the administrator."))
    known = Licence.objects.filter(user=user, kind=kind.strip(), state=state.strip().upper()).first()
    licence = known or Licence(user=user, kind=kind.strip(), state=state.strip().upper())
    with audit.change(licence, by=by, did="kept_licence"):
        licence.number, licence.expires_on = number.strip(), expires_on
    return licence


def need_no_licence(*, user: User, because: str, by: User) -> User:
    """Say that somebody's work needs no licence, and why; without a reason they need one again. What is on file counts."""
    if not roles.allows(by, roles.Permission.SEE_TEAM) and not roles.allows(by, roles.Permission.MANAGE_PEOPLE):
        raise NotPermitted(_("Licences are kept by somebody who leads a team, or by the administrator."))
    if user.pk == by.pk:
        raise NotPermitted(_("Somebody else says this of you."))
    with audit.change(user, by=by, did="needs_no_licence", why=because.strip()):
        user.unlicensed_because = because.strip()
    return user


def describe_lead(
    *, user: User, languages: Iterable[str], places: Iterable[str], skills: Iterable[str], minutes_a_week: int,
    takes_new: bool, by: User,
) -> LeadProfile:  # fmt: skip
    """Write down what somebody brings who leads patients, and how many minutes a week they have."""
    if not roles.allows(by, roles.Permission.SEE_TEAM):
        raise NotPermitted(_("This is written by somebody who leads a team."))
    profile = LeadProfile.objects.filter(user=user).first() or LeadProfile(user=user)
    with audit.change(profile, by=by, did="described_lead"):
        profile.languages, profile.places = _codes(languages), _codes(places)
        profile.skills, profile.minutes_a_week, profile.takes_new = _codes(skills), minutes_a_week, takes_new
    return profile


def _codes(given: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(one.strip() for one in given if one.strip()))


def _move_work(patient: Patient, before: User, to: User, *, because: str, by: User, at: datetime) -> None:
    for task in Task.objects.open().filter(patient=patient, owner_user=before):
        tasks.hand_over(task=task, to_user=to, because=because, by=by, at=at)
    for episode in OutreachEpisode.objects.running().filter(patient=patient, owner=before):
        with audit.change(episode, by=by, did="handed_over_outreach"):
            episode.owner = to


def _must_be_open(enrollment: Enrollment) -> None:
    if enrollment.ends_on is not None:
        raise NotNow(_("This enrollment ended on %(day)s.") % {"day": date_format(enrollment.ends_on, "F j, Y")})


def _must_ask(by: User) -> None:
    if not roles.allows(by, roles.Permission.TAKE_CONSENT):
        raise NotPermitted(_("Your role does not enroll people."))
