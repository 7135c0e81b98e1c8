"""
A request as our views meet it: somebody of the staff has signed in.

`web.sessions.SignInRequired` sends everybody else away before a view is called, and `access.middleware` adds what the
house remembers about the request. This file only says so to the type checker; nothing is made of this class.
"""

from typing import Any

from django.http import HttpRequest
from django.urls import ResolverMatch

from carewright.staff.models import User


class StaffRequest(HttpRequest):
    """A request by a signed-in member of staff."""

    user: User
    resolver_match: ResolverMatch
    refusals: list[dict[str, Any]]
    has_raised: bool
    break_glass: Any
    part2_until: Any  # until when a medical emergency opens Part 2 records of this patient, who is theirs
    through_glass: list[int]  # the patients that a broken glass opened so far
    htmx: Any
    code: str  # set by web.security.Headers: what an error page shows and the log carries
