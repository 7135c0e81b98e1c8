"""
Reaching people: the next attempt plans itself, the letter goes out, and giving up has its rule and its way back.

Attempts are contacts; nothing here counts anything else. After each one, and whenever a number or a setting changes, the
plan is worked out anew from `knowledge.outreach` in the person's own time zone, and a task reminds whoever calls.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.access.models import Tie
from carewright.audit import actions as audit
from carewright.channel import actions as channel
from carewright.channel import gate, places
from carewright.channel import queries as channel_queries
from carewright.channel.models import DoNotContact, Message
from carewright.contacts import actions as contacts
from carewright.contacts.models import Contact
from carewright.enrollment.models import Consent, DeathReport, Enrollment, OutreachEpisode, TriageItem
from carewright.kernel.errors import CannotDo, NotNow, NotPermitted
from carewright.knowledge import outreach
from carewright.knowledge.outreach import Attempt, AttemptRule, Next, Step
from carewright.knowledge.programs import PROGRAMS, name_of
from carewright.population import queries as population
from carewright.population.models import Candidate
from carewright.registry.models import Patient
from carewright.staff import roles
from carewright.staff.models import Team, User
from carewright.tasks import actions as tasks
from carewright.tasks import sentences
from carewright.tasks.models import Task

Outcome = OutreachEpisode.Outcome
ABOUT = "outreach"
TASK_OF = {Step.CALL: "outreach_call", Step.LETTER: "outreach_letter", Step.REPAIR: "repair_contact"}
ASKED_BY_THEMSELVES = frozenset({"self", "staff"})
LIFTED_BY_ASKING = frozenset({"withdrew", "asked", "declined"})
NOT_TO_BE_CONTACTED = "do_not_contact"
AGREED = "They said yes. Enroll them; there is nothing more to call about."


def start(
    *, patient: Patient, program: str, owner: User, by: User | str, on: date, at: datetime,
    item: TriageItem | None = None, after: OutreachEpisode | None = None, because: str = "",
) -> OutreachEpisode:  # fmt: skip
    """
    Begin to try to reach somebody for a program, and plan the first attempt.

    Refused for somebody who died, who is in the program, whom we are trying to reach already, or who said no a short
    while ago or is not to be contacted, and did not come back by themselves.
    """
    _must_be_a_program(program)
    if patient.died_on is not None:
        raise NotNow(_("This person has died."))
    if DeathReport.objects.filter(patient=patient, verdict__isnull=True).exists():
        raise NotNow(_("A death was reported and is being checked. Settle that first."))
    if Enrollment.objects.running().filter(patient=patient, program=program).exists():
        raise NotNow(_("This person is in %(program)s already.") % {"program": _(name_of(program))})
    if OutreachEpisode.objects.running().filter(patient=patient, program=program).exists():
        raise NotNow(
            _("We are trying to reach this person for %(program)s already.") % {"program": _(name_of(program))}
        )
    _heed_standing_stops(patient, item, by=by, at=at)
    no = Consent.objects.refused_on(on).filter(patient=patient, program=program).order_by("-at").first()
    came_back = because != "" or (
        item is not None and item.referrals.filter(received_at__gt=no.at).exists() if no else False
    )
    if no is not None and not came_back:
        raise NotNow(
            _("This person said no on %(day)s. That holds until %(until)s, unless they ask.")
            % {"day": date_format(timezone.localdate(no.at), "F j, Y"), "until": date_format(no.final_until, "F j, Y")}
        )
    with transaction.atomic():
        episode = OutreachEpisode(
            patient=patient, program=program, rule=rule_of(program, on).code, item=item, owner=owner, opened_at=at,
            opened_by=_name(by), again_after=after, again_because=because,
        )  # fmt: skip
        with audit.change(episode, by=by, did="began_outreach", why=because):
            pass
        tie(owner, patient, on=on, by=by)
        replan(episode=episode, at=at, by=by)
    return episode


def _heed_standing_stops(patient: Patient, item: TriageItem | None, *, by: User | str, at: datetime) -> None:
    """Refuse to reach whoever is not to be contacted, unless they have asked for help by themselves since."""
    while (stop := channel_queries.not_to_be_reached(patient, at)) is not None:
        asked = item.referrals.filter(door__in=ASKED_BY_THEMSELVES, for_whom="me") if item else None
        if stop.because not in LIFTED_BY_ASKING or asked is None or not asked.filter(
            received_at__gt=stop.starts_at
        ).exists():  # fmt: skip
            raise NotNow(
                _("%(stopped)s They are not to be contacted unless they ask for it.")
                % {"stopped": gate.said_stop(stop)}
            )
        allow_contact(patient, because=stop.because, why="They asked for help again", by=by, at=at)


def heed_stops(*, at: datetime, by: str) -> int:
    """
    Let the calls to everyone rest who is not to be contacted since, and go on where that ended; answers how many changed.

    Runs each minute: the gate stops what is sent in the same moment, and this takes the reminders away.
    """
    running = OutreachEpisode.objects.running()
    stopped = DoNotContact.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at, patient__in=running.values("patient")
    ).exclude(because=DoNotContact.Because.REPORTED_DEAD)  # a reported death has a rest of its own
    changed = 0
    for patient in Patient.objects.filter(pk__in=stopped.values("patient")):
        if channel_queries.not_to_be_reached(patient, at) is not None:
            changed += hold(patient=patient, because=NOT_TO_BE_CONTACTED, by=by, at=at)
    resting = running.filter(held_because=NOT_TO_BE_CONTACTED)
    for patient in Patient.objects.filter(pk__in=resting.values("patient")):
        if channel_queries.not_to_be_reached(patient, at) is None:
            changed += release(patient=patient, because=NOT_TO_BE_CONTACTED, by=by, at=at)
    return changed


def replan(*, episode: OutreachEpisode, at: datetime, by: User | str) -> OutreachEpisode:
    """Work out the next step anew, move the reminder, and close the episode when everything was tried."""
    if episode.closed_at is not None:
        return episode
    if episode.held_because or episode.patient.died_on is not None:
        return _forget_plan(episode, by=by, at=at)
    step = next_step(episode, at=at)
    if step.step == Step.CLOSE:
        return close(episode=episode, outcome=Outcome.UNREACHABLE, by=by, at=at, words=step.why)
    with audit.change(episode, by=by, did="planned_outreach"):
        episode.next_from, episode.next_until, episode.next_means = step.starts, step.ends, step.step.value
        episode.next_part, episode.next_why, episode.planned_at = step.part, step.why, at
    _remind_of(episode, step, by=by, at=at)
    return episode


def next_step(episode: OutreachEpisode, *, at: datetime) -> Next:
    """What comes next, worked out from what was tried; nothing is written. Whoever said yes is not called again for it."""
    patient = episode.patient
    if _said_yes(episode):
        return Next(Step.WAIT, at, at, "", AGREED)
    numbers = list(patient.contact_points.right().phones().in_dialing_order())
    best = next((number.best_time for number in numbers if number.best_time in set(outreach.Part)), "")
    return outreach.plan(
        rule_of(episode.program, timezone.localdate(at)),
        [*attempts_of(patient, since=episode.opened_at), *_letters_on_their_way(episode)], opened=episode.opened_at,
        now=at, zone=zone_of(patient), has_number=bool(numbers) and gate.standing_stop(patient, "call", at) is None,
        has_address=patient.addresses.exclude(line="").exists(), best=best or _wished(episode), asked_for=episode.asked_for,
    )  # fmt: skip


def _said_yes(episode: OutreachEpisode) -> bool:
    """Whether they agreed since we began to call, and have not joined with it; an old yes is no answer to a new offer."""
    given = Consent.objects.standing().filter(
        patient=episode.patient, program=episode.program, at__gte=episode.opened_at, enrollments__isnull=True
    )
    return given.exists()


def call_back(*, episode: OutreachEpisode, when: datetime, by: User, at: datetime) -> OutreachEpisode:
    """They asked to be called then: the next attempt is at that time, within the hours in which we call."""
    if when <= at:
        raise CannotDo(_("Choose a time that is still to come."), at="call_back_at")
    _must_run(episode)
    with audit.change(episode, by=by, did="asked_for_call_back"):
        episode.asked_for = when
    return replan(episode=episode, at=at, by=by)


def after_contact(*, contact: Contact, at: datetime, by: User | str) -> list[OutreachEpisode]:
    """
    An attempt was recorded: plan the next one, or close what it ended.

    A no closes nothing by itself: it is written down as the person's answer (`consenting.decline`), with how long it holds.
    """
    changed = []
    running = OutreachEpisode.objects.running().filter(patient=contact.patient_id, opened_at__lte=contact.started_at)
    for episode in running.select_related("patient"):
        if episode.asked_for is not None and contact.started_at >= episode.asked_for.replace(second=0, microsecond=0):
            episode.asked_for = None
            episode.save(update_fields=["asked_for"])
        if contact.kind == Contact.Kind.LETTER and contact.ended == Contact.Ended.SENT and not episode.letter_sent_at:
            episode.letter_sent_at = contact.started_at
            episode.save(update_fields=["letter_sent_at"])
        changed.append(replan(episode=episode, at=at, by=by))
    return changed


def close(*, episode: OutreachEpisode, outcome: str, by: User | str, at: datetime, words: str = "") -> OutreachEpisode:
    """End an episode with how it ended; its reminders close with it. Being unreachable is not a no."""
    _must_run(episode)
    with transaction.atomic():
        with audit.change(episode, by=by, did=f"outreach_{outcome}", why=words):
            episode.closed_at, episode.closed_by = max(at, episode.opened_at), _name(by)
            episode.outcome, episode.outcome_words = outcome, words
            episode.next_from = episode.next_until = episode.asked_for = None
            episode.next_means = episode.next_part = episode.next_why = ""
        close_reminders(ABOUT, [episode.public_id], because=CLOSED_AS[Outcome(outcome)], by=by, at=at)
    return episode


CLOSED_AS = {
    Outcome.ENROLLED: Task.Closed.DONE,
    Outcome.DECLINED: Task.Closed.DECLINED,
    Outcome.UNREACHABLE: Task.Closed.UNREACHABLE,
    Outcome.STOPPED: Task.Closed.WITHDRAWN,
    Outcome.WITHDREW: Task.Closed.WITHDRAWN,
    Outcome.DIED: Task.Closed.DIED,
    Outcome.EXCLUDED: Task.Closed.NOT_NEEDED,
}


def reopen(*, patient: Patient, because: str, by: User | str, on: date, at: datetime) -> list[OutreachEpisode]:
    """Something new happened to somebody we could not reach: try again, for each program, with whoever called before."""
    if because not in outreach.REOPENS:
        raise CannotDo(_("Outreach opens again because of %(reasons)s.") % {"reasons": ", ".join(outreach.REOPENS)})
    again = []
    for program in dict.fromkeys(
        OutreachEpisode.objects.filter(patient=patient, outcome=Outcome.UNREACHABLE).values_list("program", flat=True)
    ):
        last = OutreachEpisode.objects.filter(patient=patient, program=program).order_by("-opened_at", "-pk").first()
        if last is None or last.outcome != Outcome.UNREACHABLE or patient.died_on is not None:
            continue
        if DeathReport.objects.filter(patient=patient, verdict__isnull=True).exists():
            continue
        if channel_queries.not_to_be_reached(patient, at) is not None:
            continue
        if Enrollment.objects.running().filter(patient=patient, program=program).exists():
            continue
        owner = last.owner if last.owner and last.owner.is_active else None
        if owner is None:
            continue
        again.append(
            start(patient=patient, program=program, owner=owner, by=by, on=on, at=at, after=last, because=because)
        )
    return again


def send_letter(*, episode: OutreachEpisode, by: User, at: datetime) -> Message:
    """
    Ask the gate to send the letter that offers the program, in the person's language, and plan anew.

    Answers the message: a gate that refuses says why in `said`, and the letter stays to be sent.
    """
    _must_run(episode)
    address = channel_queries.mail_address(episode.patient)
    if address is None:
        raise NotNow(_("There is no address for this person. Find one first."))
    if _letters(episode, (*Message.ON_THEIR_WAY, Message.State.HELD)).exists():
        raise NotNow(_("A letter to this person is on its way already, or waits at the gate."))
    message = channel.send(
        to=address, kind="letter", template="outreach_letter", values={"name": episode.patient.name, "staff": (episode.owner or by).name}, by=by, at=at,
        about=(ABOUT, episode.public_id),
    )  # fmt: skip
    replan(episode=episode, at=at, by=by)
    return message


def hold(*, patient: Patient, because: str, by: User | str, at: datetime) -> int:
    """Stop calling somebody for now, in every program; answers how many episodes rest."""
    held = OutreachEpisode.objects.running().filter(patient=patient, held_because="")
    for episode in (found := list(held.select_related("patient"))):
        with audit.change(episode, by=by, did="held_outreach", why=because):
            episode.held_because = because
        _forget_plan(episode, by=by, at=at)
    return len(found)


def release(*, patient: Patient, because: str, by: User | str, at: datetime) -> int:
    """Go on with what was held for this reason, put off as it was; answers how many episodes go on."""
    held = OutreachEpisode.objects.running().filter(patient=patient, held_because=because)
    for episode in (found := list(held)):
        with audit.change(episode, by=by, did="released_outreach", why=because):
            episode.held_because = ""
            episode.patient = patient
        rested = _last_reminder(episode)
        replan(episode=episode, at=at, by=by)
        if rested is not None:
            for task in Task.objects.open().filter(about_public_id=episode.public_id, kind=rested.kind):
                tasks.stand_in_for(task=task, before=rested, by=by, at=at)
    return len(found)


def _last_reminder(episode: OutreachEpisode) -> Task | None:
    """The reminder that closed when the episode was held; nothing when the last one had been closed before, by hand."""
    reminders = Task.objects.filter(about_kind=ABOUT, about_public_id=episode.public_id, closed_at__isnull=False)
    last = reminders.order_by("-closed_at", "-pk").first()
    return last if last is not None and last.closed_because == Task.Closed.NOT_NEEDED else None


def hand_over(*, episode: OutreachEpisode, to: User, by: User, on: date, at: datetime) -> OutreachEpisode:
    """Let somebody else make the calls."""
    _must_run(episode)
    if not roles.allows(by, roles.Permission.SEE_TEAM) and by.pk != episode.owner_id:
        raise NotPermitted(_("Calls are handed over by whoever makes them, or by somebody who leads a team."))
    with transaction.atomic():
        with audit.change(episode, by=by, did="handed_over_outreach"):
            episode.owner = to
        tie(to, episode.patient, on=on, by=by)
        replan(episode=episode, at=at, by=by)
    return episode


def rule_of(program: str, on: date) -> AttemptRule:
    """The attempt rule of a program with the numbers that hold on a day."""
    numbers = {key: value for code, key, value in population.settings_in_force(on) if code == program}
    return outreach.rule_for(program, numbers)


def attempts_of(patient: Patient, *, since: datetime | None = None) -> list[Attempt]:
    """What we tried with somebody, as the rules count it: days and times of day are those where they live."""
    made = patient.contacts.standing().filter(direction="out").order_by("started_at")
    if since is not None:
        made = made.filter(started_at__gte=since)
    with_them = made.exclude(with_whom__in=["provider", "payer", "community"]).select_related("contact_point")
    zone = zone_of(patient)
    return [replace(each, at=each.at.astimezone(zone)) for each in as_attempts(with_them)]


def as_attempts(contacts: Iterable[Contact]) -> Iterable[Attempt]:
    """Contacts as the rules see them; a number that had been flagged wrong before the call counts for nothing."""
    for contact in contacts:
        point = contact.contact_point
        known_bad = bool(
            point and point.wrong_since_on and point.wrong_since_on < timezone.localdate(contact.started_at)
        )
        yield Attempt(
            at=contact.started_at,
            means=contact.kind,
            ended=contact.ended,
            to_known_bad=known_bad,
            person=contact.patient_id,
        )


def zone_of(patient: Patient) -> ZoneInfo:
    """The time zone a patient lives in, as the gate knows it."""
    return places.zone_of(patient)


def program_suggested(patient: Patient) -> str:
    """The program that suggests somebody first in the latest run; complex care where none does."""
    run = population.current_run()
    found = Candidate.objects.filter(run=run, patient=patient).order_by("rank").first() if run else None
    return found.program if found else PROGRAMS[0].code


def tie(user: User, patient: Patient, *, on: date, by: User | str, because: str = Tie.Because.TRIAGE) -> None:
    """Let somebody see a patient they are asked to work with, from that day on; nothing when they may already."""
    if Tie.objects.on(on).filter(user=user, patient=patient, because=because).exists():
        return
    made = Tie(user=user, patient=patient, because=because, starts_on=on)
    with audit.change(made, by=by, did="tied"):
        pass


def allow_contact(patient: Patient, *, because: str, why: str, by: User | str, at: datetime) -> None:
    """Let somebody be contacted again whom only this reason kept from it; nothing when it did not."""
    if any(stop.because == because for stop in channel_queries.standing_stops(patient, at)):
        channel.allow_contact(patient=patient, because=because, why=why, by=by, at=at)


def remind(
    *, kind: str, patient: Patient, owner: User | Team, about_kind: str, about: UUID, by: User | str, at: datetime,
    due_at: datetime, title: str, why: str, starts: datetime | None = None,
) -> None:  # fmt: skip
    """Open a reminder, or move the one there is for the same thing."""
    whose = {"owner_user": owner} if isinstance(owner, User) else {"owner_team": owner}
    close_reminders(about_kind, [about], because=Task.Closed.NOT_NEEDED, by=by, at=at, kinds=[kind])
    tasks.open_task(
        kind=kind, title=title, why=why, patient=patient, due_at=max(due_at, at), window_starts_at=starts,
        about_kind=about_kind, about_public_id=about, by=by, at=at, **whose,
    )  # type: ignore[arg-type]  # fmt: skip


def close_reminders(
    about_kind: str, about: Iterable[UUID], *, because: str, by: User | str, at: datetime, kinds: Iterable[str] = ()
) -> int:
    """Close the open reminders about these things; answers how many."""
    waiting = Task.objects.open().filter(about_kind=about_kind, about_public_id__in=list(about))
    if kinds:
        waiting = waiting.filter(kind__in=list(kinds))
    for task in (found := list(waiting)):
        tasks.close(task=task, because=because, by=by, at=at)
    return len(found)


def _remind_of(episode: OutreachEpisode, step: Next, *, by: User | str, at: datetime) -> None:
    wanted = TASK_OF.get(step.step)
    others = [kind for kind in TASK_OF.values() if kind != wanted]
    close_reminders(ABOUT, [episode.public_id], because=Task.Closed.NOT_NEEDED, by=by, at=at, kinds=others)
    if wanted is None or episode.owner is None:
        return
    titles = {
        Step.CALL: sentences.CALL_ABOUT,
        Step.LETTER: sentences.LETTER_ABOUT,
        Step.REPAIR: sentences.FIND_A_WAY,
    }
    remind(
        kind=wanted, patient=episode.patient, owner=episode.owner, about_kind=ABOUT, about=episode.public_id, by=by, at=at,
        due_at=step.ends, starts=step.starts, title=titles[step.step].format(program=name_of(episode.program)), why=step.why,
    )  # fmt: skip


def _forget_plan(episode: OutreachEpisode, *, by: User | str, at: datetime) -> OutreachEpisode:
    if episode.next_from is not None:
        with audit.change(episode, by=by, did="stopped_planning"):
            episode.next_from = episode.next_until = None
            episode.next_means = episode.next_part = episode.next_why = ""
    close_reminders(ABOUT, [episode.public_id], because=Task.Closed.NOT_NEEDED, by=by, at=at)
    return episode


def _wished(episode: OutreachEpisode) -> str:
    if episode.item is None:
        return ""
    said = episode.item.referrals.exclude(best_time="").order_by("-received_at").values_list("best_time", flat=True)
    return next((time for time in said if time in set(outreach.Part)), "")


def _letters_on_their_way(episode: OutreachEpisode) -> list[Attempt]:
    """Letters the gate let through that are not written down as contacts yet; nobody sends a second one meanwhile."""
    sent = _letters(episode, Message.ON_THEIR_WAY)
    return [Attempt(message.asked_at, "letter", "sent", person=episode.patient_id) for message in sent]


def _letters(episode: OutreachEpisode, states: Iterable[str]) -> QuerySet[Message]:
    return Message.objects.filter(
        kind="letter",
        about_kind=ABOUT,
        about_public_id=episode.public_id,
        contacts__isnull=True,
        state__in=list(states),
    )


def note_letters(*, at: datetime, by: str) -> int:
    """Write down as contacts the letters of outreach that have been sent; answers how many. Runs each minute."""
    sent = Message.objects.filter(
        kind="letter", about_kind=ABOUT, state__in=["sent", "delivered"], contacts__isnull=True, sent_at__isnull=False,
        patient__isnull=False,
    ).select_related("patient")  # fmt: skip
    for message in (found := list(sent)):
        contacts.record(
            patient=message.patient,  # type: ignore[arg-type]
            kind="letter",
            ended="sent",
            started_at=message.sent_at,
            message=message,
            by=by,
            at=at,
        )
    return len(found)


def _must_run(episode: OutreachEpisode) -> None:
    if episode.closed_at is not None:
        raise NotNow(_("This is over already."))


def _must_be_a_program(code: str) -> None:
    if code not in {program.code for program in PROGRAMS}:
        raise CannotDo(_("There is no program %(code)s.") % {"code": repr(code)})


def _name(by: User | str) -> str:
    return by if isinstance(by, str) else by.email
