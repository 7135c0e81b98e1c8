"""Whoever is given work about a patient sees the patient: without a tie, the task would stand on nobody's day."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from carewright.access import guard
from carewright.access.models import Tie
from carewright.audit import actions as audit
from carewright.registry.models import Patient
from carewright.staff.models import Team, User

AFTER_IT_IS_DUE = timedelta(days=90)
"""How long somebody who was given a task may see the patient after the task is due; leading a patient has no end."""


def let_see(
    owner: User | Team | None, patient: Patient | None, *, until: datetime, by: User | str, at: datetime, why: str
) -> Tie | None:
    """
    Tie a colleague or a team to a patient as a stand-in, for a while; nothing when they see the patient already.

    Only somebody who sees the patient gives work away, and what is given is written into the log with its reason.
    """
    if owner is None or patient is None:
        return None
    day = timezone.localdate(at)
    last = max(timezone.localdate(until), day)
    whose = {"user": owner} if isinstance(owner, User) else {"team": owner}
    # A tie that ends before the work does would take it off their day: they see the patient on both days, or are tied.
    if all(_sees(owner, patient, on=each) for each in {day, last}):
        return None
    tie = Tie(patient=patient, because=Tie.Because.COVER, starts_on=day, ends_on=last, **whose)
    with audit.change(tie, by=by, did="tied", why=why):
        pass
    return tie


def _sees(owner: User | Team, patient: Patient, *, on: date) -> bool:
    if isinstance(owner, Team):
        return _team_sees(owner, patient, on=on)
    return guard.patients_for(owner, on=on).filter(pk=patient.pk).exists()


def _team_sees(team: Team, patient: Patient, *, on: date) -> bool:
    ties = Tie.objects.on(on).filter(team=team)
    return ties.filter(patient=patient).exists() or ties.filter(population__isnull=False).exists()
