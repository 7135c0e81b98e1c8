"""What the call screen shows: script on the left; on the right plan, medicines, the last talk, and what was tried."""

from dataclasses import replace

from django.utils import timezone

from carewright.careplan import queries as careplan
from carewright.careplan.models import Goal, Intervention
from carewright.channel import queries as channel
from carewright.contacts import queries as contacts
from carewright.contacts.models import Contact, Note
from carewright.enrollment.models import OutreachEpisode
from carewright.knowledge import minors, scripts
from carewright.knowledge.scripts import Script
from carewright.population import queries as population
from carewright.registry import relating
from carewright.registry.models import PatientPreference, RelatedPerson
from carewright.tasks import queries as tasks
from carewright.tasks.models import Task
from carewright.web.call import forms, identity, opening, planning
from carewright.web.patient import around, chart, fills
from carewright.web.patient.header import header_of
from carewright.web.patient.sight import Sight

TRIED, STEPS = 6, 5


def script_for(task: Task | None, opened: opening.Opened, *, is_asked: bool) -> Script:
    """
    The script of this call: of the task it is for.

    Without one, whoever is being asked to join and is in no program yet (`is_asked`) is offered the program; nobody asks
    a stranger how things went since the last talk.
    """
    if task is None and not opened.is_incoming and is_asked:
        return scripts.OFFER
    return scripts.for_kind(task.kind if task else "", incoming=opened.is_incoming)


def needs_interpreter(sight: Sight) -> bool:
    """Whether the patient said that they need an interpreter."""
    needs = sight.of(PatientPreference.objects.all()).values_list("needs_interpreter", flat=True).first()
    return bool(needs)


def is_asked_to_join(sight: Sight) -> bool:
    """Whether they are being asked to join a program; of somebody nobody ever reached out to, nothing is asked."""
    return sight.has(OutreachEpisode) and planning.is_asked_to_join(sight.patient)


def everything(
    sight: Sight, opened: opening.Opened, task: Task | None, *, posted=None, form: forms.Outcome | None = None
) -> dict:
    """All parts of the screen; nothing of the chart when whoever is on the line may not hear of it."""
    patient, header = sight.patient, header_of(sight)
    is_asked = is_asked_to_join(sight)
    script = script_for(task, opened, is_asked=is_asked)
    person = (
        RelatedPerson.objects.filter(patient=patient, pk=opened.related_person).first()
        if opened.related_person
        else None
    )
    hearing = identity.Hearing(True)
    if opened.is_incoming:
        hearing = identity.hearing(patient, opened.with_whom, person, on=sight.on)
    hears = hearing.may
    phones = around.phones(sight)
    context = {
        "sight": sight,
        "patient": patient,
        "header": header,
        "opened": opened,
        "sealed": opening.seal(opened),
        "started": int(opened.started_at.timestamp()),
        "script": script,
        "questions": [_asked(question, posted, header.language) for question in script.questions],
        "task": tasks.row_of(task, at=sight.at) if task else None,
        "hears": hears,
        "hearing": hearing,
        "under_age": relating.view_said(
            minors.view(born_on=patient.born_on, state=relating.state_of(patient), on=sight.on)
        )
        if identity.is_minor(patient, on=sight.on)
        else "",
        "caller": person.name if person else opened.caller,
        "phones": phones,
        "best": next((phone.pk for phone in phones if phone.wrong_since_on is None), None),
        "family": [] if opened.is_incoming else list(sight.of(RelatedPerson.objects.all()).order_by("pk")),
        "first": forms.WHEN_IN if opened.is_incoming else forms.FIRST,
        "rare": [] if opened.is_incoming else forms.RARE,
        "said": identity.SAID.items(),
        "interpreters": forms.INTERPRETERS,
        "form": form,
        "posted": _kept(posted),
        "tried": list(sight.of(Contact.objects.standing().select_related("by")).order_by("-started_at")[:TRIED]),
        "may": None if opened.is_incoming else channel.may(patient, channel.CALL, sight.at),
        "after_talk": planning.after_talk(script, is_asked=is_asked, at=sight.at),
        "after_miss": None if opened.is_incoming else _after_miss(sight),
        "earliest": forms.local_input(timezone.now()),
    }
    if not hears:
        return context
    return context | _beside(replace(sight, also_hidden=hearing.hidden_tags) if hearing.hidden_tags else sight)


def _after_miss(sight: Sight) -> planning.Proposal:
    runs = sight.has(OutreachEpisode) and planning.is_being_reached(sight.patient)
    return planning.after_miss(sight.patient, is_reached_out_to=runs, at=sight.at)


def _beside(sight: Sight) -> dict:
    """Plan, medicines and the last talk, for who may speak of them; notes are in words, which no tag can close."""
    is_planned = sight.clinical and sight.has(Goal, Intervention)
    plan = careplan.plan_of(sight.patient, without=careplan.closed_to(sight.hidden)) if is_planned else None
    steps = [step for shown in plan.goals for step in shown.steps if step.closed_at is None] if plan else []
    steps += [step for step in plan.loose_steps if step.closed_at is None] if plan else []
    last = contacts.latest_contact(sight.patient, reached=True) if sight.has(Contact) else None
    notes = contacts.notes_of(sight.patient, reader=sight.user).filter(voided_at__isnull=True)
    may_read = sight.has(Note) and not sight.also_hidden
    run = population.current_run()
    medicines, filled = chart.medicines(sight), fills.filled(sight, run)
    return {
        "run": run,
        "goals": [shown.goal for shown in plan.goals] if plan else [],
        "steps": steps[:STEPS],
        "medicines": medicines[: chart.MEDICINES],
        "medicine_count": len(medicines),
        **fills.short(filled),
        "last": last,
        "last_note": notes.first() if may_read else None,
    }


def _asked(question, posted, language: str) -> dict:
    """A question as the page shows it: its wording in the patient's language where a reviewed one exists, what was given."""
    other = dict(question.translations).get({"Spanish": "es"}.get(language, ""), "")
    return {
        "question": question,
        "other": other,
        "picked": posted.get(f"q-{question.code}", "") if posted else "",
        "words": posted.get(f"w-{question.code}", "") if posted else "",
    }


def _kept(posted) -> dict:
    """What was typed and chosen, to show again when something else is missing."""
    if not posted:
        return {"make_tasks": "on", "identified_by": []}
    return {name: posted.get(name, "") for name in posted if name != "call"} | {
        "identified_by": posted.getlist("identified_by")
    }
