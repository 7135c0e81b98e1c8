"""
Whom nobody may accept today, and why: someone who has died, is not covered or is in hospice; someone a person excluded;
someone no program suggests.

The rules are asked as of the latest run, the date of death also of the registry, which may know it earlier.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import formats
from django.utils.translation import gettext as _

from carewright.knowledge.program import EVERY_PROGRAM
from carewright.population import queries
from carewright.population.labels import RULED_OUT
from carewright.population.models import CandidateDecision, Criterion, Score
from carewright.population.templatetags.population_words import said
from carewright.registry.models import Patient


@dataclass(frozen=True)
class Refusal:
    """Why one person is not accepted: in three words for counts, and as a sentence."""

    short: str
    sentence: str


def refusals(patients: Iterable[Patient], *, on: date) -> dict[int, Refusal]:
    """Of these patients, those who must not be accepted on that day, by number, with the first reason for each."""
    patients = list(patients)
    run = queries.current_run()
    scores = {row.patient_id: row for row in Score.objects.filter(run=run, patient__in=patients)} if run else {}
    excluded = {
        row.patient_id: row
        for row in CandidateDecision.objects.in_force(on).filter(patient__in=patients, decision="excluded")
    }
    lines = Criterion.objects.filter(run=run, patient__in=patients, program=EVERY_PROGRAM, verdict="no")
    texts = {(line.patient_id, line.code): said(line.text) for line in lines} if run else {}
    is_closed = run is None and queries.closed_run() is not None
    found = {}
    for patient in patients:
        refusal = _refusal(patient, scores.get(patient.pk), excluded.get(patient.pk), texts, is_closed=is_closed)
        if refusal is not None:
            found[patient.pk] = refusal
    return found


def _refusal(
    patient: Patient, row: Score | None, excluded: CandidateDecision | None, texts: dict, *, is_closed: bool
) -> Refusal | None:
    if patient.died_on:
        day = formats.date_format(patient.died_on, "M j, Y")
        return Refusal(str(RULED_OUT["alive"]), _("This person died on %s and cannot be accepted.") % day)
    if row is not None and row.excluded_because:
        short = str(RULED_OUT.get(row.excluded_because, row.excluded_because))
        text = texts.get((patient.pk, row.excluded_because)) or f"{short}."
        return Refusal(short, _("This person cannot be accepted: %s") % text)
    if excluded is not None:
        why = excluded.get_because_display()
        return Refusal(
            why, _("This person is excluded: %s. A supervisor or a medical director can lift that first.") % why
        )
    if is_closed:
        return Refusal(_("Lists closed"), _("The lists are closed until the next run. Decide when it has finished."))
    if row is None:
        return Refusal(_("Not in the latest run"), _("This person is not in the latest run; no program suggests them."))
    if not row.programs:
        return Refusal(_("No program suggests them"), _("No program suggests this person today."))
    return None
