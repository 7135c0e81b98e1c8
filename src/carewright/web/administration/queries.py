"""What the administration pages show: people with their teams and second factors, roles with their pages."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.urls import URLResolver, get_resolver
from django.utils.translation import gettext_lazy

from carewright.access.models import Tie
from carewright.access.ties import said
from carewright.audit.models import Entry
from carewright.staff import roles
from carewright.staff.models import Membership, Team, User
from carewright.staff.roles import Permission
from carewright.web import navigation


def people(*, on: date, words: str = "", role: str = "", state: str = "open") -> QuerySet[User]:
    """Everyone who works here, with the teams of that day in `.todays_memberships` and whether they have a second factor."""
    found = User.objects.annotate(
        has_second_factor=Exists(Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP))
    ).prefetch_related(
        Prefetch("memberships", Membership.objects.on(on).select_related("team"), to_attr="todays_memberships")
    )
    for word in words.split():
        found = found.filter(Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(email__icontains=word))
    if role in roles.BY_CODE:
        found = found.filter(role=role)
    if state in {"open", "closed"}:
        found = found.filter(is_active=state == "open")
    return found


def has_second_factor(person: User) -> bool:
    """Whether somebody's phone is asked for at the sign-in."""
    return Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists()


def states() -> dict[str, int]:
    """How many accounts are open and closed."""
    counts = User.objects.aggregate(
        open=Count("pk", filter=Q(is_active=True)), closed=Count("pk", filter=Q(is_active=False))
    )
    return {"open": counts["open"], "closed": counts["closed"]}


@dataclass(frozen=True)
class Reach:
    """One tie as the page shows it: who, whom, why, from when until when, and by which team a person holds it."""

    tie: Tie
    whom: str
    by_team: str
    now: bool


def reach_of(person: User, *, on: date) -> list[Reach]:
    """Which populations somebody may see on that day: by their own ties and by their teams'."""
    held = Tie.objects.on(on).of(person, on).filter(patient__isnull=True).select_related("team", "user")
    return [Reach(tie, said(tie.population), tie.team.name if tie.team else "", True) for tie in held]


def patients_of_their_own(person: User, *, on: date) -> int:
    """To how many single patients somebody is tied; who they are is no business of an administrator."""
    return Tie.objects.on(on).of(person, on).filter(patient__isnull=False).count()


def ties(*, on: date, past: bool = False) -> list[Reach]:
    """Every tie to a population: those in force or to come, or those that ended."""
    ended = Q(ends_on__lt=on)
    found = Tie.objects.filter(patient__isnull=True).select_related("team", "user")
    found = found.filter(ended) if past else found.exclude(ended)
    ordered = found.order_by("population", "team__name", "user__last_name", "-starts_on")
    return [Reach(tie, said(tie.population), "", tie.starts_on <= on) for tie in ordered]


@dataclass(frozen=True)
class TeamOfToday:
    """A team as the list of teams shows it: who is in it, whom it may see."""

    team: Team
    memberships: list[Membership]
    sees: list[str]


def teams(*, on: date) -> list[TeamOfToday]:
    """Every team with its members of that day and the populations it may see."""
    members = defaultdict(list)
    for membership in Membership.objects.on(on).select_related("user"):
        members[membership.team_id].append(membership)
    seen = defaultdict(list)
    for tie in Tie.objects.on(on).filter(patient__isnull=True, team__isnull=False):
        seen[tie.team_id].append(said(tie.population))
    return [TeamOfToday(team, members[team.pk], seen[team.pk]) for team in Team.objects.all()]


def changes_to(person: User, *, limit: int = 12) -> QuerySet[Entry]:
    """The latest changes of somebody's account, from the log."""
    return Entry.objects.filter(what=f"user:{person.pk}").order_by("-id")[:limit]


@dataclass(frozen=True)
class DescribedRole:
    """A role as the roles page prints it: its sentence, its pages, what it may do, what stays closed, how many hold it."""

    role: roles.Role
    pages: list[str]
    holders: int

    @property
    def closed(self) -> list[str]:
        """Which kinds of sensitive facts never reach it."""
        return [str(TAGS[tag]) for tag in TAGS if tag in self.role.hidden_tags]


TAGS = {
    "part2": gettext_lazy("substance use program records (42 CFR Part 2)"),
    "behavioral": gettext_lazy("behavioral health"),
    "hiv": gettext_lazy("HIV"),
    "reproductive": gettext_lazy("reproductive health"),
    "safety": gettext_lazy("safety at home"),
    "minor": gettext_lazy("a minor’s confidential services"),
}


@cache
def permissions_in_use() -> tuple[Permission, ...]:
    """What some page asks for; a permission whose pages are not built yet is promised to nobody."""

    def asked(resolver: URLResolver) -> Iterator[frozenset[Permission]]:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLResolver):
                yield from asked(pattern)
            else:
                yield getattr(pattern.callback, "requires", frozenset())
                yield getattr(pattern.callback, "requires_one_of", frozenset())

    named = frozenset().union(*asked(get_resolver()))
    return tuple(permission for permission in Permission if permission in named)


def described_roles() -> list[DescribedRole]:
    """Every role, as it is written in `staff/roles.py`; the pages follow from what it permits."""
    holders = dict(User.objects.filter(is_active=True).order_by().values_list("role").annotate(Count("pk")))
    return [
        DescribedRole(
            role,
            [
                str(place.name)
                for place in navigation.PLACES
                if navigation.address(place.url_name) and role.allows(roles.Permission[place.permission])
            ],
            holders.get(role.code, 0),
        )
        for role in roles.ROLES
    ]
