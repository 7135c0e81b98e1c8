"""`/`: the first page the reader's role may see."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from carewright.access import guard
from carewright.staff.requests import StaffRequest
from carewright.web import navigation

LATER = {
    "community_health_worker": _(
        "The page of one patient, with how to reach them, their social needs and what to watch for at their home, "
        "comes with the chart; visits and calls come after it."
    ),
    "referral_coordinator": _(
        "The page of one patient, with how to reach them and who covers them, comes with the chart; referrals come "
        "after it."
    ),
    "billing": _("Coverage of the people the program looks after comes with the chart; time and claims come after it."),
}
"""What comes for the roles that have no page yet."""


@guard.for_all_staff
def start(request: StaffRequest) -> HttpResponse:
    """Go to the first place of this reader's sidebar; say so plainly when there is none yet."""
    links = navigation.links_for(request.user, path="/")
    if links:
        return redirect(links[0].href)
    return render(request, "web/nothing_yet.html", {"later": LATER.get(request.user.role, "")})
