"""
Caseloads for the web bench: nurses who each lead sixty patients and have work due.

Written in bulk, because clicking nine thousand enrollments through their actions would take longer than what is
measured; the tables and their constraints are the product's own.
"""

from datetime import timedelta

PATIENTS = 60
VERSION = "bench"
KINDS = ("follow_up_call", "finish_assessment", "hand_over")


def lead(nurses: list) -> None:
    """Give each nurse sixty patients of the list, a consent and an enrollment for each, and three reminders for two of three."""
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


def _parts(chosen: list) -> list[list]:
    return [chosen[start : start + PATIENTS] for start in range(0, len(chosen), PATIENTS)]
