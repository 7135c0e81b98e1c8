"""
The sidebar: which pages there are, who may open them, and how many things wait on each.

A page is listed when its address exists and the reader's role permits it, so a room that is not built yet, and a room
the reader may not enter, are simply not there. `Place.letter` is what follows `G` on the keyboard.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from carewright.web.counts import counts_for


@dataclass(frozen=True)
class Place:
    """One page of the sidebar: `permission` names a member of `staff.roles.Permission`."""

    name: str | Promise
    icon: str
    url_name: str
    permission: str
    group: str | Promise = ""
    letter: str = ""
    under: str = ""  # the part of the address all its pages share, when it is not its own
    also: str = ""  # a second permission it takes
    count: str = ""  # "package.module:function", called with the reader; a number, or None for nothing to show
    is_urgent: bool = False  # counted anew for every page, never kept for some seconds


PLACES = (
    Place(
        _("My day"), "checklist", "day:day", "WORK_TASKS", letter="D",
        count="carewright.web.day.worklist:count",
    ),
    Place(_("Find a patient"), "list-search", "web:search", "SEE_CHART", letter="F"),
    Place(
        _("Outreach"), "phone-call", "enrollment:outreach", "WORK_TASKS", letter="U",
        count="carewright.enrollment.queries:outreach_count",
    ),
    Place(
        _("Alarms"), "alarm", "tasks:alarms", "WORK_TASKS", letter="L",
        count="carewright.tasks.queries:alarm_count", is_urgent=True,
    ),
    Place(
        _("Candidates"), "users-group", "population:candidates", "SEE_CANDIDATES", letter="C",
        count="carewright.population.queries:waiting_count",
    ),
    Place(
        _("Triage"), "list-check", "enrollment:triage", "DECIDE_CANDIDATES", letter="T",
        count="carewright.enrollment.queries:triage_count",
    ),
    Place(_("Assessments"), "clipboard-list", "assessment:due", "ASSESS", letter="N"),
    Place(_("Team"), "users", "team:board", "SEE_TEAM", letter="M"),
    Place(_("Leads"), "users-group", "enrollment:loads", "SEE_TEAM", count="carewright.enrollment.queries:death_count"),
    Place(_("Population"), "chart-histogram", "population:overview", "SEE_POPULATION", letter="O"),
    Place(_("On call"), "phone-call", "tasks:on_call", "WORK_TASKS", count="carewright.tasks.on_call:gap_count"),
    Place(_("Caseload sheet"), "printer", "printouts:caseload", "WORK_TASKS"),
    Place(
        _("Matching"), "users", "people:waiting", "MATCH_PEOPLE", under="/people/",
        count="carewright.web.people.matching:waiting_count",
    ),
    Place(
        _("Data imports"), "database", "exchange:imports", "SEE_IMPORTS", group=_("Data"), letter="I",
        count="carewright.exchange.queries:attention_count",
    ),
    Place(
        _("Access review"), "shield-check", "access:review", "REVIEW_ACCESS", group=_("Oversight"), letter="R",
        count="carewright.access.queries:review_count",
    ),
    Place(_("Programs"), "adjustments", "population:programs", "MANAGE_PROGRAMS", group=_("Oversight")),
    Place(
        _("Administration"), "settings", "administration:people", "MANAGE_PEOPLE", group=_("Oversight"), letter="A",
        under="/administration/",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Link:
    """A place as it stands in the sidebar of one reader."""

    name: str
    icon: str
    href: str
    group: str
    letter: str
    count: int | None
    here: bool


def links_for(user, *, path: str) -> list[Link]:
    """The places this reader may go to, in order; `path` is the page they are on."""
    found = [
        (place, href)
        for place in PLACES
        if may(user, place.permission)
        and (not place.also or may(user, place.also))
        and (href := address(place.url_name)) is not None
    ]
    counts = _counts([place for place, _href in found], user)
    current = max((href for place, href in found if _within(path, place.under or href)), key=len, default=None)
    return [
        Link(
            name=str(place.name),
            icon=place.icon,
            href=href,
            group=str(place.group),
            letter=place.letter,
            count=counts.get(place.count),
            here=href == current,
        )
        for place, href in found
    ]


def may_search(user) -> bool:
    """Whether finding a patient leads this reader anywhere: to the patient's page."""
    return may(user, "SEE_CHART")


def may(user, permission: str) -> bool:
    """Whether this person's role permits it. The roles themselves are described in `staff/roles.py`."""
    from carewright.staff import roles

    member = getattr(roles.Permission, permission, None)
    return member is not None and bool(getattr(user, "is_authenticated", False)) and user.may(member)


def address(url_name: str) -> str | None:
    """Where the page is, or None when no such page is built."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return None


def _within(path: str, href: str) -> bool:
    return path == href or path.startswith(href.rstrip("/") + "/")


def _counts(places: list[Place], user) -> dict[str, int | None]:
    counted = [(place, counter) for place in places if place.count and (counter := counter_named(place.count))]
    urgent = {place.count: counter(user) for place, counter in counted if place.is_urgent}
    return urgent | counts_for(user, {place.count: counter for place, counter in counted if not place.is_urgent})


@cache
def counter_named(dotted: str) -> Callable | None:
    """The function behind a count, or None when that room does not offer one."""
    module, _colon, name = dotted.partition(":")
    try:
        return getattr(import_module(module), name, None)
    except ModuleNotFoundError as missing:
        # Only "that room is not built" is expected; a broken import inside it is a bug and must be loud.
        if missing.name and module.startswith(missing.name):
            return None
        raise
