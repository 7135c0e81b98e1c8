"""
Finishing a call: the contact, its minutes, its note, the tasks of what was flagged and the next contact, all or none.

Nothing is written here: each of these is an action of its own room.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.contacts import actions as contacts
from carewright.contacts.models import Contact
from carewright.enrollment import actions as enrollment
from carewright.enrollment.models import Enrollment, OutreachEpisode
from carewright.kernel.errors import NotNow
from carewright.knowledge import task_kinds
from carewright.knowledge.scripts import Script
from carewright.registry import reaching as registry
from carewright.registry.models import ContactPoint, Patient, RelatedPerson
from carewright.staff.models import User
from carewright.tasks import actions as tasks
from carewright.tasks import sentences
from carewright.tasks.models import Task
from carewright.web.call import forms, identity, noting, planning
from carewright.web.call.opening import Opened


@dataclass(frozen=True)
class Finished:
    """What a finished call left behind; `next_try` is when outreach calls again, by its own rules."""

    recorded: contacts.Recorded
    made: list[Task]
    minutes: int
    next_try: datetime | None = None


def finish(
    *, opened: Opened, patient: Patient, script: Script, facts: dict, answers: list[noting.Given], task: Task | None,
    by: User, at: datetime,
) -> Finished:  # fmt: skip
    """Write down a call that has ended. A second save of the same call is refused."""
    if Contact.objects.filter(by=by, patient=patient, started_at=opened.started_at).exists():
        raise NotNow(_("This call is written down already. Nothing was saved twice."))
    incoming = opened.is_incoming
    if (
        incoming
        and facts["ended"] == forms.Ended.REACHED
        and opened.with_whom in (Contact.With.PROXY, Contact.With.FAMILY)
    ):
        facts = facts | {"ended": forms.Ended.REACHED_PROXY}
    ended = facts["ended"]
    minutes = minutes_of(facts.get("minutes"), opened, at=at)
    ended_at = min(at, opened.started_at + timedelta(minutes=minutes)) if minutes else opened.started_at
    person = _person(patient, opened, facts)
    with_whom = opened.with_whom if incoming else _with_whom(ended, person)
    known_by = opened.identified_by if incoming else tuple(facts["identified_by"])
    following = (
        None
        if ended == forms.Ended.DIED or facts["no_next"]
        else next_contact(patient, script, ended=ended, chosen=facts["next_at"], at=at)
    )
    written = noting.Call(
        script, answers, _opening(script, facts, person, known_by, opened), _closing(following), facts["words"]
    )
    talked = ended in forms.SPOKE
    with transaction.atomic():
        if facts["born_on"] and patient.born_on is None:
            # Whoever asked for help by themselves was not asked at the door; from now on they can be known by it.
            registry.correct_facts(patient=patient, facts={"born_on": facts["born_on"]}, by=by, at=at)
        recorded = contacts.record(
            patient=patient, kind=Contact.Kind.CALL, direction=opened.direction, with_whom=with_whom, ended=ended,
            contact_point=_point(patient, facts), related_person=person, started_at=opened.started_at,
            ended_at=ended_at, interpreter=facts["interpreter"], interpreter_name=facts["interpreter_name"], task=task,
            books_minutes=talked and minutes > 0, program=program_of(patient, on=timezone.localdate(at)),
            note=noting.note(written) if noting.is_worth_a_note(written) or opened.anyway else "", note_template=_template(script),
            next_task=following, identified_by=known_by, by=by, at=at,
        )  # fmt: skip
        made = _tasks_of_flags(patient, answers, by=by, at=at) if facts["make_tasks"] else []
        if recorded.reported_death:
            source = "family" if with_whom == Contact.With.FAMILY else "call"
            enrollment.report_death(patient=patient, source=source, by=by, at=at, on=timezone.localdate(at))
        enrollment.after_contact(contact=recorded.contact, at=at, by=by)
        if facts["next_at"] and _sets_the_next_try(patient, ended):
            for episode in OutreachEpisode.objects.running().filter(patient=patient):
                enrollment.call_back(episode=episode, when=facts["next_at"], by=by, at=at)
    planned = OutreachEpisode.objects.to_work().filter(patient=patient, next_means="call").order_by("next_from").first()
    return Finished(recorded, made, minutes if recorded.minutes else 0, planned.next_from if planned else None)


def _sets_the_next_try(patient: Patient, ended: str) -> bool:
    """Whether the day and time on the form are those of the next try to reach them, which outreach plans."""
    if ended == forms.Ended.DIED:
        return False
    return ended == forms.Ended.CALL_BACK or planning.is_asked_to_join(patient)


def minutes_of(said: int | None, opened: Opened, *, at: datetime) -> int:
    """The minutes of a call: as said, never more than have passed since it began; without a word, those that passed."""
    passed = max(0, int((at - opened.started_at) / timedelta(minutes=1)))
    return min(passed if said is None else said, passed)


def next_contact(
    patient: Patient, script: Script, *, ended: str, chosen: datetime | None, at: datetime
) -> contacts.Next | None:
    """The next contact as a reminder; nothing when outreach plans it by its own rules, or when they said no."""
    outreach_runs = OutreachEpisode.objects.running().filter(patient=patient).exists()
    if ended == forms.Ended.CALL_BACK:
        return None if outreach_runs else contacts.Next("call_back", chosen, _("They asked to be called then"))  # type: ignore[arg-type]
    if planning.is_asked_to_join(patient):
        return None
    if chosen is not None:
        return contacts.Next("follow_up_call", chosen, _("Agreed on the last call"))
    if ended in forms.TALKED:
        proposed = planning.after_talk(script, is_asked=False, at=at)
    elif planning.wants_another(ended):
        proposed = planning.after_miss(patient, is_reached_out_to=outreach_runs, at=at)
    else:
        return None
    if proposed.at is None or (outreach_runs and ended not in forms.TALKED):
        return None
    return contacts.Next("follow_up_call", proposed.at, proposed.why)


def program_of(patient: Patient, *, on) -> str:
    """The program the minutes count for: the one that is open, the earliest begun of several; empty before any."""
    found = Enrollment.objects.filter(patient=patient).at_work(on).order_by("starts_on", "pk").first()
    return found.program if found else ""


def _person(patient: Patient, opened: Opened, facts: dict) -> RelatedPerson | None:
    pk = opened.related_person if opened.is_incoming else facts.get("related_person")
    if opened.is_incoming or facts["ended"] == forms.Ended.REACHED_PROXY:
        return RelatedPerson.objects.filter(patient=patient, pk=pk).first() if pk else None
    return None


def _with_whom(ended: str, person: RelatedPerson | None) -> str:
    if ended == forms.Ended.REACHED_PROXY:
        return Contact.With.PROXY
    return Contact.With.FAMILY if person else Contact.With.PATIENT


def _point(patient: Patient, facts: dict) -> ContactPoint | None:
    pk = facts.get("contact_point")
    return ContactPoint.objects.filter(patient=patient).right().filter(pk=pk).first() if pk else None


def _template(script: Script) -> str:
    return {"after_discharge": "discharge", "offer": "outreach", "safety": "safety"}.get(script.code, "call")


def _opening(script: Script, facts: dict, person, known_by, opened: Opened) -> list[str]:
    who = person.name if person else opened.caller
    end = str(dict(Contact.Ended.choices)[facts["ended"]])
    lines = [
        (_("They called us; %s.") % end.lower()) if opened.is_incoming else _("Call: %s.") % end.lower(),
        _("Script: %(name)s, version %(version)s.") % {"name": script.name, "version": script.version},
    ]
    if opened.anyway:
        lines.append(_("Called though they are not to be contacted: %s.") % opened.anyway.rstrip("."))
    if who:
        lines.append(_("On the line: %s.") % who)
    if known_by:
        lines.append(_("Known by: %s.") % ", ".join(str(identity.SAID[name]).lower() for name in known_by))
    if facts["interpreter"]:
        means = dict(forms.INTERPRETERS)[facts["interpreter"]]
        named = f", {facts['interpreter_name']}" if facts["interpreter_name"] else ""
        lines.append(_("Interpreter: %s.") % f"{str(means).lower()}{named}")
    return lines


def _closing(following: contacts.Next | None) -> list[str]:
    if following is None:
        return []
    when = timezone.localtime(following.due_at)
    return [_("Next contact: %(when)s (%(why)s).") % {"when": date_format(when, "D M j, g:i A"), "why": following.why}]


def _tasks_of_flags(patient: Patient, answers: list[noting.Given], *, by: User, at: datetime) -> list[Task]:
    """One reminder for each flagged answer that asks for one; its owner is who made the call."""
    made = []
    for one in answers:
        if one.answer and one.answer.task:
            kind = task_kinds.BY_CODE[one.answer.task]
            made.append(
                tasks.open_task(
                    kind=kind.code, patient=patient, title=sentences.ANSWERED_SO.format(kind=kind.name, question=one.question.short.lower()), why=one.said,
                    owner_user=by, by=by, at=at,
                )
            )  # fmt: skip
    return made
