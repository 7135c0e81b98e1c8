"""The list of licences to look at: none on file, run out, or about to; and the form that writes one down."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from carewright.access import guard
from carewright.enrollment import enrolling
from carewright.enrollment.forms import inside as forms
from carewright.enrollment.models import Enrollment
from carewright.staff import licences as on_file
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.tasks.returning import did


@require_http_methods(["GET", "POST"])
@guard.requires_one_of(Permission.SEE_TEAM, Permission.MANAGE_PEOPLE)
def licences(request: StaffRequest) -> HttpResponse:
    """
    Everyone whose licence is missing, ran out or is about to, what ran out first.

    Whoever leads a team sees how many patients each leads, and goes on to move them; the administrator sees people only.
    """
    today = timezone.localdate()
    begins = {"expires_on": forms.a_year_on(today), "user": request.GET.get("user", "")}
    form = forms.LicenceOf(initial=begins, auto_id="licence_%s")
    none = forms.NeedsNone(auto_id="none_%s")
    if request.method == "POST":
        asked: Form
        if "needs_none" in request.POST:
            asked = none = forms.NeedsNone(request.POST, auto_id="none_%s")
        else:
            asked = form = forms.LicenceOf(request.POST, auto_id="licence_%s")
        if asked.is_valid() and did(asked, lambda: _keep(request, asked.cleaned_data)):
            messages.success(request, _("Kept."))
            return redirect("enrollment:licences")
    rows, sees_patients = on_file.to_settle(on=today), request.user.may(Permission.SEE_TEAM)
    led: dict[int, int] = {}
    if sees_patients:
        for one in rows:
            led[one.user.pk] = Enrollment.objects.running().filter(lead=one.user).values("patient").distinct().count()
    context = {
        "rows": [(one, led.get(one.user.pk)) for one in rows],
        "form": form,
        "none": none,
        "needing_none": on_file.needing_none(),
        "sees_patients": sees_patients,
    }
    return render(request, "enrollment/licences.html", context, status=422 if form.errors or none.errors else 200)


def _keep(request: StaffRequest, given: dict) -> None:
    if "because" in given:
        enrolling.need_no_licence(user=given["user"], because=given["because"], by=request.user)
    else:
        enrolling.keep_licence(by=request.user, **given)
