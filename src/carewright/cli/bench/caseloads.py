"""
Caseloads for the web bench: nurses who each lead sixty patients who were assessed, and have work due.

Written in bulk, because clicking nine thousand enrollments through their actions would take longer than what is
measured; the tables and their constraints are the product's own.
"""

import copy
import itertools
import uuid
from datetime import timedelta

PATIENTS = 60
VERSION = "bench"
EXAMPLES = 20
BATCH = 2_000
KINDS = ("follow_up_call", "finish_assessment", "hand_over")


def lead(nurses: list) -> None:
    """Give each nurse sixty patients of the list: consent, enrollment and assessment, and three reminders for two of three."""
    from django.db import transaction
    from django.utils import timezone

    from carewright.access.models import Tie
    from carewright.enrollment.models import Consent, Enrollment
    from carewright.knowledge import task_kinds
    from carewright.population import queries
    from carewright.population.models import Candidate
    from carewright.tasks.models import Task

    new = [nurse for nurse in nurses if not Enrollment.objects.filter(lead=nurse).exists()]
    at = timezone.now()
    began = timezone.localdate(at) - timedelta(days=40)
    led = Enrollment.objects.running().values("patient")
    listed = (
        Candidate.objects.filter(run=queries.current_run())
        .exclude(patient__in=led)
        .exclude(patient__died_on__isnull=False)
    )
    chosen = list(
        listed.order_by("patient", "rank")
        .distinct("patient")
        .values_list("patient_id", "program")[: PATIENTS * len(new)]
    )
    with transaction.atomic():
        leads = {patient: nurse for nurse, part in zip(new, _parts(chosen), strict=False) for patient, _program in part}
        consents = Consent.objects.bulk_create(
            Consent(
                patient_id=patient, program=program, answer="agreed", version=VERSION, how="verbal", language="en",
                at=at - timedelta(days=41), by=leads[patient],
            )
            for patient, program in chosen if patient in leads
        )  # fmt: skip
        Enrollment.objects.bulk_create(
            Enrollment(
                patient_id=each.patient_id, program=each.program, consent=each, lead=leads[each.patient_id],
                led_since=began, starts_on=began,
            )
            for each in consents
        )  # fmt: skip
        Tie.objects.bulk_create(
            Tie(user=nurse, patient_id=patient, because="caseload", starts_on=began) for patient, nurse in leads.items()
        )
        Task.objects.bulk_create(
            Task(
                patient_id=patient, kind=kind, title=task_kinds.BY_CODE[kind].name, owner_user=nurse, opened_at=at,
                opened_by=nurse, due_at=at + timedelta(days=(number + 2 * place) % 9 - 3),
                priority=task_kinds.BY_CODE[kind].consequence,
            )
            for number, (patient, nurse) in enumerate(leads.items()) if number % 3
            for place, kind in enumerate(KINDS)
        )  # fmt: skip
        _assess(list(leads))


def _assess(patients: list[int]) -> None:
    """Give each of them what one of the demo's assessed patients answered, so that their pages have needs to work out."""
    from django.db import connection

    from carewright.assessment.models import Answer, Assessment, ScoreResult, Section
    from carewright.cli.bench import copies

    examples = list(
        Assessment.objects.filter(kind=Assessment.COMPREHENSIVE, source="", finished_at__isnull=False)
        .exclude(patient__in=patients)
        .order_by("pk")[:EXAMPLES]
    )
    if not examples or not copies.leave_triggers_out():  # a finished assessment takes no more answers
        return
    again = [_copy(one, patient_id=patient) for patient, one in zip(patients, itertools.cycle(examples), strict=False)]
    made = list(zip(Assessment.objects.bulk_create(again), itertools.cycle(examples), strict=False))
    rows = {model: _of(model, examples) for model in (Section, Answer, ScoreResult)}
    sections = [
        (one.pk, _copy(one, assessment=new, patient_id=new.patient_id))
        for new, example in made for one in rows[Section].get(example.pk, ())
    ]  # fmt: skip
    Section.objects.bulk_create([section for _old, section in sections], batch_size=BATCH)
    now = {(section.assessment_id, old): section for old, section in sections}
    Answer.objects.bulk_create(
        (_copy(one, assessment=new, patient_id=new.patient_id, section=now[new.pk, one.section_id])
         for new, example in made for one in rows[Answer].get(example.pk, ())), batch_size=BATCH,
    )  # fmt: skip
    ScoreResult.objects.bulk_create(
        (_copy(one, assessment=new, patient_id=new.patient_id)
         for new, example in made for one in rows[ScoreResult].get(example.pk, ())), batch_size=BATCH,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = origin")


def _of(model, examples: list) -> dict[int, list]:
    """The rows of each example, those that nothing has replaced and no addendum brought."""
    found: dict[int, list] = {}
    for row in model.objects.filter(assessment__in=examples).order_by("pk"):
        if not getattr(row, "addendum_id", None):
            found.setdefault(row.assessment_id, []).append(row)
    return found


def _copy(row, **changes):
    """A row like this one, not yet on file, with these changes."""
    made = copy.copy(row)
    made._state = copy.copy(row._state)
    made._state.fields_cache = {}
    made.pk, made._state.adding = None, True
    if hasattr(made, "public_id"):
        made.public_id = uuid.uuid4()
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def _parts(chosen: list) -> list[list]:
    return [chosen[start : start + PATIENTS] for start in range(0, len(chosen), PATIENTS)]
