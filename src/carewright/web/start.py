"""`/`: My Day for who works with patients, for everyone else the first page their role may see."""

from django.http import HttpResponse
from django.shortcuts import redirect, render

from carewright.access import guard
from carewright.staff.requests import StaffRequest
from carewright.web import navigation


@guard.for_all_staff
def start(request: StaffRequest) -> HttpResponse:
    """Go to the first place of this reader's sidebar; say so plainly when there is none yet."""
    links = navigation.links_for(request.user, path="/")
    if links:
        return redirect(links[0].href)
    return render(request, "web/nothing_yet.html")
