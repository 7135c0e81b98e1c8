"""The questionnaires this installation asks, on what terms, and loading one's own."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from carewright.access import guard
from carewright.assessment import forms, loading, shelf
from carewright.assessment.wording import PROBLEMS
from carewright.kernel.errors import BadInput
from carewright.knowledge import instruments
from carewright.staff import roles
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission


@require_GET
@guard.requires_one_of(Permission.ASSESS, Permission.MANAGE_PROGRAMS)
def questionnaires(request: StaffRequest) -> HttpResponse:
    """Every questionnaire: its version, its terms, how many questions it has, whether it is ours or the site's own."""
    return render(request, "assessment/questionnaires.html", _shelf(request, forms.LoadForm()))


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.MANAGE_PROGRAMS)
def load(request: StaffRequest) -> HttpResponse:
    """Load a questionnaire of one's own; what cannot be kept to is refused with a sentence."""
    form = forms.LoadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given, scoring = form.cleaned_data["questionnaire"], form.cleaned_data["scoring"]
        try:
            found = loading.load(
                content=given.read(), name=given.name, scoring=scoring.read() if scoring else None,
                scoring_name=scoring.name if scoring else "", by=request.user,
            )  # fmt: skip
        except BadInput as refusal:
            form.add_error(None, PROBLEMS.worded(refusal))
        else:
            told = {"title": found.title, "version": found.version, "questions": len(found.questions())}
            messages.success(
                request, _("%(title)s, version %(version)s, with %(questions)s questions, is loaded.") % told
            )
            return redirect("assessment:questionnaires")
    return render(request, "assessment/questionnaires.html", _shelf(request, form), status=422 if form.errors else 200)


def _shelf(request: StaffRequest, form: forms.LoadForm) -> dict:
    found = [one for one in instruments.catalog(shelf.site()) if one.is_from_site or not one.code.startswith("cw-")]
    return {
        "found": sorted(found, key=lambda one: (not one.is_from_site, one.title)),
        "wrong": [PROBLEMS.worded(each) for each in shelf.problems()],
        "form": form,
        "may_load": roles.allows(request.user, Permission.MANAGE_PROGRAMS),
        "may_assess": roles.allows(request.user, Permission.ASSESS),
    }
