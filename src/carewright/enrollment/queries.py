"""Questions about people on their way: the triage list, who is being reached, who agreed to what, who leads whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from carewright.access import guard
from carewright.contacts.models import Contact
from carewright.enrollment.leads import Suggestion, suggest_lead
from carewright.enrollment.models import (
    Consent,
    DeathReport,
    Door,
    Enrollment,
    IncomingReferral,
    OutreachEpisode,
    Pause,
    SharingConsent,
    TriageItem,
)
from carewright.enrollment.reaching import as_attempts
from carewright.knowledge import referral as words
from carewright.knowledge.outreach import Tally, tally
from carewright.population import queries as population
from carewright.population.filters import Filters
from carewright.registry.models import Patient

__all__ = ["Suggestion", "suggest_lead"]

LATE, SOON = timedelta(0), timedelta(hours=4)


@dataclass(frozen=True)
class Row:
    """One line of the triage list: the item, what was sent about the person, and where its clock stands."""

    item: TriageItem
    referrals: list[IncomingReferral]
    clock: str
    waiting_days: int

    @property
    def first(self) -> IncomingReferral | None:
        """What was sent first."""
        return self.referrals[0] if self.referrals else None

    @property
    def name(self) -> str:
        """The patient's name; until we know who it is, the name as it was typed."""
        if self.item.patient is not None:
            return self.item.patient.name
        return self.first.person_name if self.first else ""

    @property
    def asked_for(self) -> str:
        """What they ask for, in words: why now, and what was written beside it."""
        if self.first is None:
            return self.item.said_note
        reasons = [words.ALL[code].english for code in self.first.reasons if code in words.ALL]
        return "; ".join(part for part in (", ".join(reasons), self.first.words.strip()) if part)


def triage(user, *, on: date, state: str = "waiting", door: str = "") -> QuerySet[TriageItem]:
    """
    The items a reader may see, the longest waiting first: `waiting`, `pcp`, `not_now`, `accepted` or `excluded`.

    An item about nobody we know yet is open to everyone who may triage; one about a patient to those with a tie.
    """
    items = TriageItem.objects.filter(joined_to__isnull=True)
    match state:
        case "pcp":
            items = items.filter(decision=TriageItem.Decision.ASK_PCP)
        case "not_now":
            items = items.filter(decision=TriageItem.Decision.NOT_NOW, until__gte=on)
        case "accepted" | "excluded":
            items = items.filter(decision=state)
        case _:
            items = items.waiting(on).exclude(decision=TriageItem.Decision.ASK_PCP)
    if door:
        items = items.filter(Q(door=door) | Exists(IncomingReferral.objects.filter(item=OuterRef("pk"), door=door)))
    patients = guard.patients_for(user, on=on)
    if patients.query.where:
        items = items.filter(Q(patient__isnull=True) | Q(patient__in=patients))
    if state in ("accepted", "excluded"):
        return items.order_by("-decided_at", "-pk")
    return items.order_by("opened_at", "pk")


def rows(items: Iterable[TriageItem], *, at: datetime) -> list[Row]:
    """The same items as lines, with what was sent about each."""
    found = list(items)
    sent: dict[int, list[IncomingReferral]] = {item.pk: [] for item in found}
    for referral in IncomingReferral.objects.filter(item__in=found).order_by("received_at", "pk"):
        sent[referral.item_id].append(referral)
    return [Row(item, sent[item.pk], clock_of(item.due_at, at), max(0, (at - item.opened_at).days)) for item in found]


def clock_of(due_at: datetime, at: datetime) -> str:
    """Where a clock stands: `over`, `soon` (four hours) or `ok`."""
    left = due_at - at
    if left < LATE:
        return "over"
    return "soon" if left <= SOON else "ok"


def triage_counts(user, *, on: date) -> dict[str, int]:
    """How many stand in each part of the list; each equals the length of its list."""
    return {
        state: triage(user, on=on, state=state).count()
        for state in ("waiting", "pcp", "not_now", "accepted", "excluded")
    }


def doors(user, *, on: date) -> list[tuple[str, str, int]]:
    """The doors with how many wait behind each: code, words, number."""
    return [(code, str(words), triage(user, on=on, door=code).count()) for code, words in Door.choices]


def waiting_from_claims(user, *, on: date) -> int | None:
    """
    How many people the rules suggest and nobody has decided about; the candidate list shows them. None while it is closed.
    """
    run = population.current_run()
    if run is None:
        return None if population.closed_run() else 0
    return population.people(population.Reader(user, on), run, Filters(state="waiting")).count()


def triage_count(user) -> int:
    """How many wait in triage; for the sidebar."""
    return triage(user, on=timezone.localdate()).count()


def outreach(user, *, on: date, at: datetime, state: str = "now", whose: str = "") -> QuerySet[OutreachEpisode]:
    """
    Episodes a reader may see: `now` (an attempt may be made), `later`, `letter`, `waiting`, `repair`, `held` or `over`.

    `whose` is `mine` for the reader's own.
    """
    episodes = OutreachEpisode.objects.select_related("patient", "owner")
    patients = guard.patients_for(user, on=on)
    if patients.query.where:
        episodes = episodes.filter(patient__in=patients)
    if whose == "mine":
        episodes = episodes.filter(owner=user)
    match state:
        case "now":
            episodes = episodes.to_work().filter(next_means="call", next_from__lte=at)
        case "later":
            episodes = episodes.to_work().filter(next_means="call", next_from__gt=at)
        case "letter" | "repair":
            episodes = episodes.to_work().filter(next_means=state)
        case "waiting":
            episodes = episodes.to_work().filter(next_means="wait")
        case "held":
            episodes = episodes.running().exclude(held_because="")
        case _:
            return episodes.filter(closed_at__isnull=False).order_by("-closed_at", "-pk")
    return episodes.order_by(F("next_until").asc(nulls_last=True), "pk")


def outreach_counts(user, *, on: date, at: datetime, whose: str = "") -> dict[str, int]:
    """How many stand in each part of the outreach list."""
    states = ("now", "later", "letter", "waiting", "repair", "held", "over")
    return {state: outreach(user, on=on, at=at, state=state, whose=whose).count() for state in states}


def outreach_count(user) -> int:
    """How many calls may be made now by this reader; for the sidebar."""
    at = timezone.now()
    return outreach(user, on=timezone.localdate(at), at=at, whose="mine").count()


def tried(episode: OutreachEpisode) -> QuerySet[Contact]:
    """The contacts since an episode opened, the latest first."""
    made = Contact.objects.standing().filter(patient=episode.patient, started_at__gte=episode.opened_at)
    if episode.closed_at is not None:
        made = made.filter(started_at__lte=episode.closed_at)
    return made.select_related("by", "contact_point").order_by("-started_at")


def counted(user, *, since: datetime, on: date) -> Tally:
    """How many calls were made to people a reader may see, how many people were called, and how many reached."""
    made = Contact.objects.standing().filter(direction="out", started_at__gte=since).select_related("contact_point")
    patients = guard.patients_for(user, on=on)
    if patients.query.where:
        made = made.filter(patient__in=patients)
    return tally(as_attempts(made))


@dataclass(frozen=True)
class Standing:
    """Everything about one patient's way into and through programs, as of a day."""

    consents: list[Consent]
    refusals: list[Consent]
    sharing: list[SharingConsent]
    enrollments: list[Enrollment]
    outreach: list[OutreachEpisode]
    death_report: DeathReport | None

    @property
    def open_enrollments(self) -> list[Enrollment]:
        """Those without an end."""
        return [each for each in self.enrollments if each.ends_on is None]

    @property
    def agreed(self) -> set[str]:
        """The programs agreed to."""
        return {each.program for each in self.consents if each.stands}


def standing_of(patient: Patient, *, on: date) -> Standing:
    """Where a patient stands: consents, refusals, sharing, enrollments with pauses, outreach, a death report."""
    enrollments = patient.enrollments.select_related("lead", "consent").prefetch_related(
        Prefetch("pauses", Pause.objects.order_by("-starts_on", "-pk"))
    )
    return Standing(
        consents=list(patient.consents.select_related("by")),
        refusals=list(patient.consents.refused_on(on).select_related("by")),
        sharing=list(patient.sharing_consents.select_related("given_to")),
        enrollments=list(enrollments),
        outreach=list(patient.outreach_episodes.select_related("owner").order_by("-opened_at")),
        death_report=patient.death_reports.filter(verdict__isnull=True).first(),
    )


def is_enrolled(patient: Patient, *, on: date, program: str = "") -> bool:
    """Whether somebody is in a program (or in this one) on a day."""
    found = Enrollment.objects.open_on(on).filter(patient=patient)
    return found.filter(program=program).exists() if program else found.exists()


def caseload(user, *, on: date) -> QuerySet[Enrollment]:
    """What somebody leads on a day; who left today is no longer among it."""
    return Enrollment.objects.at_work(on).led_by(user).select_related("patient").order_by("patient__sort_name", "pk")


def unassigned(user, *, on: date) -> QuerySet[Enrollment]:
    """Open enrollments that nobody leads, of patients a reader may see."""
    found = Enrollment.objects.running().filter(lead__isnull=True).select_related("patient")
    patients = guard.patients_for(user, on=on)
    if patients.query.where:
        found = found.filter(patient__in=patients)
    return found.order_by("starts_on", "pk")


def death_reports(user, *, on: date) -> QuerySet[DeathReport]:
    """Reports of deaths that wait to be confirmed, of patients a reader may see."""
    found = DeathReport.objects.filter(verdict__isnull=True).select_related("patient")
    patients = guard.patients_for(user, on=on)
    return found.filter(patient__in=patients) if patients.query.where else found


def death_count(user) -> int:
    """How many reported deaths wait; for the sidebar."""
    return death_reports(user, on=timezone.localdate()).count()


def funnel(user, *, since: date, on: date) -> dict[str, int]:
    """
    How many people came how far since a day: accepted, reached, agreed, enrolled, left. People, never calls.

    Each number counts people once, whatever they did how often.
    """
    patients = guard.patients_for(user, on=on)
    seen = Q(patient__in=patients) if patients.query.where else Q()
    episodes = OutreachEpisode.objects.filter(seen, opened_at__date__gte=since)
    reached = (
        Contact.objects.standing().reached().filter(patient=OuterRef("patient"), started_at__gte=OuterRef("opened_at"))
    )

    def people(found) -> int:
        return found.aggregate(n=Count("patient", distinct=True))["n"]

    return {
        "accepted": people(episodes),
        "reached": people(episodes.filter(Exists(reached))),
        "agreed": people(Consent.objects.filter(seen, answer="agreed", at__date__gte=since)),
        "enrolled": people(Enrollment.objects.filter(seen, starts_on__gte=since)),
        "left": people(Enrollment.objects.filter(seen, ends_on__gte=since)),
    }
