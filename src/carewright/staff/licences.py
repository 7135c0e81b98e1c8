"""
Whose work needs a licence, and what is on file of it: one that holds, one that ran out, or none.

None on file is unknown, not no: nothing is refused for it, and it is said wherever it matters until somebody writes the
licence down. A role needs one, or a title that is only given with one; a community health worker needs none.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.staff.models import Licence, User

ROLES = frozenset({"care_manager", "behavioral_health_clinician", "pharmacist", "medical_director"})
TITLES = frozenset(
    ["RN", "LPN", "LVN", "NP", "APRN", "CNS", "MD", "DO", "PA", "PA-C", "PharmD", "RPh", "LCSW", "LICSW", "LISW", "LMSW",
     "LSW", "LMHC", "LPC", "LPCC", "LMFT", "PsyD"]
)  # fmt: skip
"""Titles that a state gives with a licence; not exhaustive, and no judgment of any other."""

ENDS_SOON = timedelta(days=60)


class State(StrEnum):
    """What is on file of somebody's licence."""

    HOLDS = "holds"
    RAN_OUT = "ran_out"
    NONE = "none"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True)
class OnFile:
    """The licences of one person as they stand on a day."""

    user: User
    state: State
    licences: tuple[Licence, ...]
    on: date

    @property
    def last(self) -> Licence | None:
        """The one that runs the longest."""
        return max(self.licences, key=lambda one: one.expires_on, default=None)

    @property
    def ends_soon(self) -> bool:
        """Whether the last one that holds runs out within sixty days."""
        return self.state == State.HOLDS and self.last is not None and self.last.expires_on <= self.on + ENDS_SOON

    @property
    def said(self) -> str:
        """What is on file, in words; nothing for somebody whose work needs none."""
        if self.last is None:
            return _("No licence on file") if self.state == State.NONE else ""
        named = {"kind": f"{self.last.kind} {self.last.state}", "day": date_format(self.last.expires_on, "F j, Y")}
        return (_("%(kind)s to %(day)s") if self.state == State.HOLDS else _("%(kind)s ran out on %(day)s")) % named


def needs_one(user: User) -> bool:
    """Whether somebody works in a role, or with a title, that needs a licence, and nobody has said that they need none."""
    if user.unlicensed_because:
        return False
    titles = {word.casefold() for word in re.split(r"[\s,/]+", user.credential) if word}
    return user.role in ROLES or bool(titles & {title.casefold() for title in TITLES})


def of(user: User, *, on: date) -> OnFile:
    """What is on file of one person."""
    return of_all([user], on=on)[user.pk]


def of_all(users: Iterable[User], *, on: date) -> dict[int, OnFile]:
    """What is on file of each of these people, by their number."""
    people, held = list(users), defaultdict[int, list[Licence]](list)
    for licence in Licence.objects.filter(user__in=people).order_by("kind", "state"):
        held[licence.user_id].append(licence)
    return {user.pk: OnFile(user, _state(user, held[user.pk], on), tuple(held[user.pk]), on) for user in people}


def _state(user: User, held: list[Licence], on: date) -> State:
    if not held:
        return State.NONE if needs_one(user) else State.NOT_NEEDED
    return State.HOLDS if any(licence.expires_on >= on for licence in held) else State.RAN_OUT


def needing_none() -> QuerySet[User]:
    """Those at work of whom somebody said that their work needs no licence."""
    return User.objects.filter(is_active=True).exclude(unlicensed_because="")


def to_settle(*, on: date, among: QuerySet[User] | None = None) -> list[OnFile]:
    """Everyone at work of whom no licence is on file, or one that ran out or does so soon; what ran out first."""
    people = (User.objects.all() if among is None else among).filter(is_active=True)
    order = {State.RAN_OUT: 0, State.NONE: 1, State.HOLDS: 2}
    found = [one for one in of_all(people, on=on).values() if one.state in (State.RAN_OUT, State.NONE) or one.ends_soon]
    return sorted(found, key=lambda one: (order[one.state], one.user.last_name, one.user.first_name, one.user.pk))
