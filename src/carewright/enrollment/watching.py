"""
What the house does by itself for people on their way: each minute and each night, and safe to do twice.

Each minute: whoever was accepted on the candidate list begins to be reached, a reported death stops everything, and the
plan of each person who was just called is worked out anew; whoever is not to be contacted rests, and a no that was
written down by mistake is taken back with the mistake. Each night: those whose waiting time is over are closed, those
who came back after a time are opened, coverage is compared with enrollment, and whoever can ask is reminded of consents
to share that run out; whoever holds a licence that runs out is reminded to renew it, and once it has, a supervisor is asked to move the patients.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q

from carewright.chart.models import Encounter
from carewright.contacts.models import Contact
from carewright.enrollment import consenting, deaths, enrolling, licences, mistakes, reaching, triaging
from carewright.enrollment.consenting import untie
from carewright.enrollment.models import Enrollment, IncomingReferral, OutreachEpisode, Pause
from carewright.knowledge.programs import name_of
from carewright.registry.models import Coverage
from carewright.tasks import sentences
from carewright.tasks.models import Alarm, Task

Outcome = OutreachEpisode.Outcome


@dataclass(frozen=True)
class Watched:
    """What was found and done."""

    deaths: int = 0
    begun: int = 0
    planned: int = 0
    reopened: int = 0
    coverage: int = 0
    resumed: int = 0
    renewals: int = 0


def each_minute(*, at: datetime, on: date, by: str) -> Watched:
    """Deaths first; then who was accepted, who was contacted, and who came back."""
    found = deaths.notice(at=at, on=on, by=by)
    begun = triaging.take_over_accepted(at=at, on=on, by=by)
    reaching.note_letters(at=at, by=by)
    reaching.heed_stops(at=at, by=by)
    mistakes.take_back_noes(at=at, by=by)
    return Watched(deaths=found, begun=begun, planned=_after_contacts(at, by), reopened=_came_back(at, on, by))


def each_night(*, at: datetime, on: date, by: str) -> Watched:
    """Give up where everything was tried, resume pauses whose last day is over, look at coverage."""
    planned = 0
    due = OutreachEpisode.objects.to_work().filter(Q(next_until__lt=at) | Q(next_from__isnull=True))
    for episode in due.select_related("patient", "owner"):
        reaching.replan(episode=episode, at=at, by=by)
        planned += 1
    resumed = 0
    for pause in Pause.objects.filter(resumed_at__isnull=True, ends_on__lt=on).exclude(because=deaths.HELD):
        enrolling.resume(pause=pause, on=pause.ends_on or on, by=by, at=at)
        resumed += 1
    _let_go(on, by)
    renewals = consenting.remind_to_renew(at=at, on=on, by=by) + licences.remind_to_renew(at=at, on=on, by=by)
    licences.ask_to_move(at=at, on=on, by=by)
    return Watched(planned=planned, resumed=resumed, coverage=_coverage(at, on, by), renewals=renewals)


def _after_contacts(at: datetime, by: str) -> int:
    """Plan anew for everyone who was contacted after their plan was made, whoever recorded it."""
    newer = Contact.objects.standing().filter(
        patient=OuterRef("patient"), recorded_at__gt=OuterRef("planned_at"), started_at__gte=OuterRef("opened_at")
    )
    changed = 0
    for episode in OutreachEpisode.objects.to_work().filter(Exists(newer)).select_related("patient", "owner"):
        # One after the other: a no that was followed by another call in the same minute is a no.
        made = Contact.objects.standing().filter(
            patient=episode.patient, recorded_at__gt=episode.planned_at, started_at__gte=episode.opened_at
        )  # fmt: skip
        for contact in made.order_by("recorded_at", "pk"):
            consenting.after_contact(contact=contact, by=by, at=at)
        changed += 1
    return changed


def _came_back(at: datetime, on: date, by: str) -> int:
    """Open the question again for people we could not reach and to whom something new happened since."""
    given_up = OutreachEpisode.objects.filter(
        outcome=Outcome.UNREACHABLE, closed_at__gt=at - timedelta(days=365), again__isnull=True,
        patient__died_on__isnull=True,
    ).select_related("patient")  # fmt: skip
    later = Q(patient=OuterRef("patient"))
    called = Contact.objects.standing().filter(later, direction="in", started_at__gt=OuterRef("closed_at"))
    referred = IncomingReferral.objects.filter(later, received_at__gt=OuterRef("closed_at"))
    hospital = Encounter.objects.filter(
        later, class_code__in=["EMER", "IMP"], starts_on__gt=OuterRef("closed_at__date"), starts_on__lte=on
    )
    opened = 0
    for because, rows in (("called_us", called), ("referral", referred), ("hospital", hospital)):
        for episode in given_up.filter(Exists(rows)):
            opened += len(reaching.reopen(patient=episode.patient, because=because, by=by, on=on, at=at))
    return opened


def _coverage(at: datetime, on: date, by: str) -> int:
    """Remind the lead of everyone whose coverage ended, and take the reminder back when it runs again."""
    covered = Coverage.objects.filter(patient=OuterRef("patient"), starts_on__lte=on).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on)
    )
    known = Coverage.objects.filter(patient=OuterRef("patient"))
    running = Enrollment.objects.running().filter(lead__isnull=False).select_related("patient", "lead")
    lost = 0
    for enrollment in running.filter(Exists(known)).exclude(Exists(covered)):
        about = Task.objects.open().filter(kind="coverage_lost", about_public_id=enrollment.public_id)
        if not about.exists():
            reaching.remind(
                kind="coverage_lost", patient=enrollment.patient, owner=enrollment.lead, about_kind="enrollment",
                about=enrollment.public_id, by=by, at=at, due_at=at + timedelta(days=7), title="Coverage has ended",
                why=sentences.NO_COVERAGE.format(program=name_of(enrollment.program)),
            )  # fmt: skip
            lost += 1
    waiting = Task.objects.open().filter(kind="coverage_lost", about_kind="enrollment").values("about_public_id")
    back = running.filter(Exists(covered), public_id__in=waiting)
    reaching.close_reminders(
        "enrollment", back.values_list("public_id", flat=True), because=Task.Closed.NOT_NEEDED, by=by, at=at,
        kinds=["coverage_lost"],
    )  # fmt: skip
    return lost


def _let_go(on: date, by: str) -> None:
    """End the ties of former leads that an open alarm had kept, once it is closed."""
    ended = Enrollment.objects.filter(ends_on__lt=on, lead__isnull=False, patient__ties__user=F("lead")).filter(
        patient__ties__ends_on__isnull=True, patient__ties__because="caseload"
    )
    open_alarms = Alarm.objects.open().values("patient")
    for enrollment in ended.exclude(patient__in=open_alarms).distinct():
        untie(enrollment, on=on, by=by)
