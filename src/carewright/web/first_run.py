"""
The first run of a real home: the organization, its first administrator, the place for backups.

The page is there only while nobody works here, and only for someone who holds the set-up code, which `./run` prints and
which lies in the home (`secrets/setup`). Afterwards it answers 404, for good.
"""

import hmac

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from carewright.access import people
from carewright.access.actor import acting_as
from carewright.kernel.errors import CannotDo
from carewright.staff.models import User
from carewright.web import first_run_state
from carewright.web.administration.forms import FirstRun

TRIES_PER_HOUR = 20
WRONG_CODES = "first_run:wrong_codes"


@login_not_required
@never_cache
@sensitive_post_parameters()
def first_run(request: HttpRequest) -> HttpResponse:
    """Ask everything on one page; then sign the new administrator in and offer a second factor."""
    if not first_run_state.is_open():
        raise Http404
    form = FirstRun(request.POST or None, initial={"time_zone": settings.TIME_ZONE}, holds_the_code=_holds_the_code)
    if form.is_bound:
        form.person = User(
            email=request.POST.get("email", ""),
            first_name=request.POST.get("first_name", ""),
            last_name=request.POST.get("last_name", ""),
        )
    if form.is_valid() and (administrator := _set_up(form)) is not None:
        login(request, administrator, backend=settings.AUTHENTICATION_BACKENDS[0])
        record_authentication(request, administrator, method="password")
        messages.success(request, _("Everything is set up. One thing is left: a second factor for your account."))
        return redirect("mfa_activate_totp")
    return render(request, "web/first_run.html", {"form": form}, status=422 if form.is_bound else 200)


def _holds_the_code(given: str) -> bool:
    """Compare without telling by the time it takes how much of it was right; after many wrong ones, wait an hour."""
    wrong = cache.get(WRONG_CODES, 0)
    if wrong >= TRIES_PER_HOUR:
        return False
    right = hmac.compare_digest(given.strip().encode(), settings.HOME.secret("setup").encode())
    if not right:
        cache.set(WRONG_CODES, wrong + 1, 3600)
    return right


def _set_up(form: FirstRun) -> User | None:
    said = form.cleaned_data
    try:
        with acting_as("system:first_run"):
            return people.set_up(
                organization=said["name"], time_zone=said["time_zone"], backup_folder=said["backup_folder"],
                email=said["email"], first_name=said["first_name"], last_name=said["last_name"],
                password=said["password"],
            )  # fmt: skip
    except CannotDo as refusal:
        form.add_error(None, str(refusal))
        return None
