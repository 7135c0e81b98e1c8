"""
Who could lead a patient, and why: a suggestion that a supervisor accepts or not, never a decision.

What counts is said with its points: the language they share, that they know each other, the practice and the place, a
skill for the program, and how much work the lead has already, in minutes a week rather than in heads.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.access.actor import acting_as
from carewright.enrollment.models import Enrollment, LeadProfile
from carewright.kernel import states
from carewright.kernel.errors import NotNow
from carewright.knowledge import workload
from carewright.knowledge.programs import name_of
from carewright.population import queries as population
from carewright.population.codes import language_name
from carewright.population.models import Score
from carewright.registry.models import Patient
from carewright.staff import licences, roles
from carewright.staff.models import Licence, User

LANGUAGE, KNOWN, PRACTICE, SKILL, PLACE, ROOM = 40, 25, 10, 15, 10, 30
"""The most points each reason gives."""


@dataclass(frozen=True)
class Load:
    """How much work a lead has: patients, paused ones among them, minutes a week, and how many they have for it."""

    user: User
    patients: int
    paused: int
    minutes: int
    capacity: int

    @property
    def percent(self) -> int:
        """The share of their minutes that is taken."""
        return round(100 * self.minutes / self.capacity) if self.capacity else 999


@dataclass(frozen=True)
class Suggestion:
    """A possible lead with points, the load they would then have, what speaks for them, and what speaks against."""

    user: User
    points: int
    load: Load
    minutes_more: int
    reasons: tuple[str, ...]
    against: tuple[str, ...]

    @property
    def percent_then(self) -> int:
        """The share of their minutes that would be taken with this patient."""
        return round(100 * (self.load.minutes + self.minutes_more) / self.load.capacity) if self.load.capacity else 999


def who_may_lead() -> list[User]:
    """Everyone whose role leads patients, active ones only."""
    codes = [
        role.code
        for role in roles.ROLES
        if role.allows(roles.Permission.PLAN_CARE)
        and role.allows(roles.Permission.TAKE_CONSENT)
        and not role.allows(roles.Permission.SEE_TEAM)
    ]
    return list(User.objects.filter(is_active=True, role__in=codes))


def loads(*, on: date, users: Iterable[User] | None = None) -> list[Load]:
    """
    The load of each lead on a day, the fullest first: numbers alone, of all their patients.

    Counted by the house: whoever sees only some of a colleague's patients would take a full week for an empty one.
    """
    with transaction.atomic(), acting_as("system:loads"):
        return _loads(on, users)


def own_load(user: User, *, on: date) -> Load | None:
    """What somebody leads themselves, all of whom they see: the same number without going through the house."""
    return next(iter(_loads(on, [user])), None)


def _loads(on: date, users: Iterable[User] | None) -> list[Load]:
    people = list(users) if users is not None else who_may_lead()
    profiles = {profile.user_id: profile for profile in LeadProfile.objects.filter(user__in=people)}
    enrollments = list(
        Enrollment.objects.at_work(on).filter(lead__in=people).prefetch_related("pauses").order_by("lead", "pk")
    )
    bands = _bands(enrollment.patient_id for enrollment in enrollments)
    minutes: dict[int, int] = defaultdict(int)
    heads: dict[int, set[int]] = defaultdict(set)
    resting: dict[int, set[int]] = defaultdict(set)
    for enrollment in enrollments:
        lead, paused = enrollment.lead_id, is_paused(enrollment)
        heads[lead].add(enrollment.patient_id)
        minutes[lead] += minutes_of(enrollment, on=on, band=bands.get(enrollment.patient_id, ""), paused=paused)
        if paused:
            resting[lead].add(enrollment.patient_id)
    found = [
        Load(
            user, len(heads[user.pk]), len(resting[user.pk]), minutes[user.pk],
            profiles[user.pk].minutes_a_week if user.pk in profiles else workload.FULL_WEEK,
        )
        for user in people
    ]  # fmt: skip
    return sorted(found, key=lambda load: (-load.percent, load.user.last_name, load.user.first_name))


def minutes_of(enrollment: Enrollment, *, on: date, band: str, paused: bool) -> int:
    """Minutes a week that one enrollment takes."""
    how_often = workload.level(enrollment.program, days_in=(on - enrollment.starts_on).days, band=band, paused=paused)
    return workload.minutes_a_week(enrollment.program, how_often)


def is_paused(enrollment: Enrollment) -> bool:
    """Whether it rests now."""
    return any(pause.resumed_at is None for pause in enrollment.pauses.all())


def suggest_lead(patient: Patient, *, program: str, on: date, most: int = 5) -> list[Suggestion]:
    """
    Who could lead this patient in this program, the best first, each with the reasons.

    Left out are leads who take nobody new and those whose licence ran out or does not hold where the patient lives.
    """
    people = who_may_lead()
    profiles = {profile.user_id: profile for profile in LeadProfile.objects.filter(user__in=people)}
    on_file = licences.of_all(people, on=on)
    state, zip_code = _place(patient)
    facts = _Facts(
        language=_language(patient),
        zip_code=zip_code,
        state=state,
        known=_known_by(patient),
        practice=_same_practice(patient),
        program=program,
    )
    new = workload.minutes_a_week(program, workload.level(program, days_in=0))
    found = []
    for load in loads(on=on, users=people):
        profile = profiles.get(load.user.pk)
        if profile is not None and not profile.takes_new:
            continue
        if licence_problem(on_file[load.user.pk].licences, state=state, on=on):
            continue
        suggestion = _weigh(load, profile, facts, new)
        if on_file[load.user.pk].state == licences.State.NONE:
            suggestion = replace(suggestion, against=(*suggestion.against, on_file[load.user.pk].said))
        found.append(suggestion)
    found.sort(key=lambda each: (-each.points, each.percent_then, each.user.last_name))
    return found[:most]


def licence_problem(found: Iterable[Licence], *, state: str, on: date) -> str:
    """
    Why somebody's licence does not let them lead a patient in a state; empty when it does, or when none is on file.

    Whether a site keeps licences is its own matter: without any on file nothing is refused.
    """
    held = list(found)
    if not held:
        return ""
    state = states.code_of(state)
    valid = [licence for licence in held if licence.expires_on >= on]
    if not valid:
        last = max(licence.expires_on for licence in held)
        return _("The licence ran out on %(day)s.") % {"day": date_format(last, "F j, Y")}
    if state and not any(licence.state in (state, "COMPACT") for licence in valid):
        return _("No licence for %(state)s.") % {"state": state}
    return ""


def may_be_lead(lead: User) -> None:
    """Refuse somebody as a lead whose account is closed, or whose role does not lead patients."""
    if not lead.is_active:
        raise NotNow(_("The account of %(person)s is closed.") % {"person": lead.name}, at="lead")
    if not roles.allows(lead, roles.Permission.PLAN_CARE) or not roles.allows(lead, roles.Permission.TAKE_CONSENT):
        raise NotNow(_("%(person)s does not lead patients in their role.") % {"person": lead.name}, at="lead")


def must_be_licensed(user: User, patient: Patient, *, on: date) -> None:
    """
    Refuse a lead whose licences on file ran out or do not hold where the patient lives.

    Without any on file nothing is refused: it is unknown, and is said beside the suggestion and on the list of licences.
    """
    state, _zip_code = _place(patient)
    if problem := licence_problem(licences.of(user, on=on).licences, state=state, on=on):
        raise NotNow(
            _("%(person)s cannot lead this patient. %(problem)s Write down the new last day on their page, or choose somebody else.") % {"person": user.name, "problem": problem}, at="lead",
        )  # fmt: skip


@dataclass(frozen=True)
class _Facts:
    """What is known of the patient that a lead may match."""

    language: str
    zip_code: str
    state: str
    known: frozenset[int]
    practice: frozenset[int]
    program: str


def _weigh(load: Load, profile: LeadProfile | None, facts: _Facts, new: int) -> Suggestion:
    points, reasons, against = 0, list[str](), list[str]()
    spoken = language_name(facts.language)
    if spoken and spoken != "English":
        if profile and spoken in {language_name(each) for each in profile.languages}:
            points, reasons = points + LANGUAGE, [*reasons, _("Speaks %(language)s") % {"language": spoken}]
        else:
            against.append(_("Does not speak %(language)s; an interpreter is needed") % {"language": spoken})
    if load.user.pk in facts.known:
        points, reasons = points + KNOWN, [*reasons, _("Led or called them before")]
    if load.user.pk in facts.practice:
        points, reasons = points + PRACTICE, [*reasons, _("Works with the same practice")]
    if profile and facts.program in profile.skills:
        points, reasons = (
            points + SKILL,
            [*reasons, _("Knows %(program)s well") % {"program": _(name_of(facts.program))}],
        )
    if profile and any(facts.zip_code.startswith(place) for place in profile.places if facts.zip_code):
        points, reasons = points + PLACE, [*reasons, _("Works around %(place)s") % {"place": facts.zip_code[:3]}]
    then = round(100 * (load.minutes + new) / load.capacity) if load.capacity else 999
    points += max(0, round(ROOM * (100 - then) / 100))
    said = _("%(taken)s of %(capacity)s minutes a week are taken; %(then)s%% with this patient") % {
        "taken": f"{load.minutes:,}", "capacity": f"{load.capacity:,}", "then": then,
    }  # fmt: skip
    if then > 100:
        points -= ROOM
        against.append(said)
    else:
        reasons.append(said)
    return Suggestion(load.user, points, load, new, tuple(reasons), tuple(against))


def _language(patient: Patient) -> str:
    preference = getattr(patient, "preference", None)
    return (preference.spoken_language if preference else "") or patient.language


def _place(patient: Patient) -> tuple[str, str]:
    home = patient.addresses.filter(use="home").first() or patient.addresses.first()
    return (home.state, home.zip_code) if home else ("", "")


def _known_by(patient: Patient) -> frozenset[int]:
    led = patient.enrollments.filter(lead__isnull=False).values_list("lead", flat=True)
    called = patient.contacts.reached().filter(by__isnull=False).values_list("by", flat=True)
    return frozenset(led) | frozenset(called)


def _same_practice(patient: Patient) -> frozenset[int]:
    """Leads who look after other patients of the same primary care provider, as the latest run attributes them."""
    run = population.current_run()
    if run is None:
        return frozenset()
    mine = Score.objects.filter(run=run, patient=patient).values_list("pcp_npi", flat=True).first()
    if not mine:
        return frozenset()
    others = Score.objects.filter(run=run, pcp_npi=mine).exclude(patient=patient).values("patient")
    return frozenset(
        Enrollment.objects.running().filter(patient__in=others, lead__isnull=False).values_list("lead", flat=True)
    )


def _bands(patient_ids: Iterable[int]) -> dict[int, str]:
    run = population.current_run()
    if run is None:
        return {}
    return dict(Score.objects.filter(run=run, patient__in=set(patient_ids)).values_list("patient", "band"))
