"""Who helps a patient, how to reach them, what is open, and how much care they use."""

from dataclasses import dataclass

from django.db.models import Prefetch, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.access.models import Tie
from carewright.assessment import queries as assessment
from carewright.assessment.models import Answer
from carewright.assessment.queries import NeedSeen
from carewright.careplan import queries as careplan
from carewright.careplan.models import Goal
from carewright.careplan.queries import GoalShown
from carewright.chart.models import OutsideTeamMember
from carewright.enrollment.models import Enrollment
from carewright.knowledge.programs import name_of
from carewright.plumbing.charts import Part
from carewright.population import codes, queries, wording
from carewright.population.models import AttributedProvider, Run, Score, ScorePart, SocialNeed, Utilization
from carewright.population.queries import Reader
from carewright.registry import relating
from carewright.registry.models import Authority, ContactPoint, RelatedPerson
from carewright.web.patient.sight import Sight


@dataclass(frozen=True)
class Helper:
    """Somebody who stands beside the patient: who, as what, how to reach them."""

    name: str
    role: str
    phone: str = ""
    leads: bool = False
    source: str = ""


def team(sight: Sight, leads: list[Enrollment], run: Run | None) -> list[Helper]:
    """Ours first, then family with what they may hear, then who others name."""
    found = [
        Helper(
            one.lead.full_title, _("Leads %(program)s since %(day)s") % {
                "program": _(name_of(one.program)), "day": date_format(one.led_since, "M j, Y"),
            },
            leads=True,
        )
        for one in leads
        if one.lead and one.led_since
    ]  # fmt: skip
    named = {helper.name for helper in found}
    ties = Tie.objects.on(sight.on).filter(patient=sight.patient, user__isnull=False).select_related("user")
    for tie in ties.order_by("starts_on"):
        if tie.user and tie.user.full_title not in named:
            named.add(tie.user.full_title)
            found.append(Helper(tie.user.full_title, f"{tie.user.described_role.name} · {tie.get_because_display()}"))
    found += _family(sight)
    if run is not None:
        for row in AttributedProvider.objects.filter(run=run, patient=sight.patient, rank=1):
            found.append(
                Helper(codes.named(row.provider_name, row.npi), _("Primary care, by visits"), source=_("claims"))
            )
    for member in sight.facts(OutsideTeamMember.objects.exclude(name="")).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=sight.on)
    )[:8]:
        if member.name not in named:
            named.add(member.name)
            found.append(Helper(member.name, member.role or member.member_kind, member.phone, source=member.source))
    return found


def _family(sight: Sight) -> list[Helper]:
    in_force = Prefetch("authorities", Authority.objects.on(sight.on), to_attr="in_force")
    people = sight.of(RelatedPerson.objects.all()).prefetch_related(in_force).order_by("pk")
    order = {kind: place for place, kind in enumerate(Authority.STRONGEST_FIRST)}
    found, held = [], relating.held_from([sight.patient.pk])
    for person in people:
        strongest = min(person.in_force, key=lambda one: order[one.kind], default=None)
        may = strongest.get_kind_display() if strongest else _("May be told nothing until the patient says so")
        phone = person.phone if strongest and strongest.kind != Authority.Kind.NONE else ""
        if held.leads(sight.patient.pk, phone):
            phone = ""  # the number of the house rings where somebody is held away from the patient
        found.append(Helper(person.name, " · ".join(filter(None, (person.relationship, str(may)))), phone))
    return found


def phones(sight: Sight) -> list[ContactPoint]:
    """Every number, the one to try first on top; those known to be wrong last."""
    return sorted(sight.phones, key=lambda row: row.wrong_since_on is not None)


def risk(sight: Sight, run: Run | None) -> dict | None:
    """The score of the latest run with its parts, as this reader may see them; nothing before the first run."""
    if run is None or not sight.clinical:
        return None
    reader = Reader(sight.user, sight.on)
    row = Score.objects.filter(run=run, patient=sight.patient).first()
    if row is None:
        return None
    queries.show_scores(reader, [row])
    parts = queries.parts_for(reader, ScorePart.objects.filter(run=run, patient=sight.patient).order_by("position"))
    return {
        "row": row,
        "band": {"high": _("High"), "rising": _("Rising")}.get(row.band, _("Steady")),
        "parts": [Part(wording.translated(part.label), part.points) for part in parts],
        "sees_all": reader.sees_all,
    }


def use(sight: Sight, run: Run | None) -> dict | None:
    """Stays, emergency visits and money of twelve months, from unprotected facts for who does not see all of them."""
    if run is None or not sight.clinical:
        return None
    row = Utilization.objects.filter(run=run, patient=sight.patient).first()
    if row is None:
        return None
    sees_all = Reader(sight.user, sight.on).sees_all
    return {
        "stays": row.stays_12 if sees_all else row.open_stays_12,
        "ed": row.ed_visits_12 if sees_all else row.open_ed_visits_12,
        "paid": row.paid_12 if sees_all else row.open_paid_12,
        "readmissions": row.readmissions_12 if sees_all else None,
        "pcp": row.pcp_visits_12 if sees_all else None,
        "medicines": row.medicines_12 if sees_all else None,
        "months": row.months_enrolled_12,
    }


def social_needs(sight: Sight, run: Run | None) -> list[SocialNeed]:
    """Needs that somebody else wrote down and sent us."""
    return [] if run is None else list(sight.facts(SocialNeed.objects.filter(run=run)).order_by("-on"))


OPEN_AREAS = frozenset({"social", "communication", "support"})
"""Needs that roles without clinical sight work with."""


def found_needs(sight: Sight) -> list[NeedSeen]:
    """The needs that assessments show, each with its answers; those closed to this reader are left out silently."""
    if not sight.has(Answer):
        return []
    found = assessment.needs_for(sight.patient, sight.on, hidden_tags=sight.hidden)
    return [one for one in found if sight.clinical or one.need.area in OPEN_AREAS]


def goals(sight: Sight) -> list[GoalShown]:
    """What the patient wants, in their words, with the open steps towards it."""
    if not sight.clinical or not sight.has(Goal):
        return []
    return careplan.plan_of(sight.patient, without=careplan.closed_to(sight.hidden)).goals
