"""The programs, read aloud, with the numbers that hold, where the rules come from, and who reviewed them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from carewright.access import guard
from carewright.kernel.errors import CannotDo
from carewright.knowledge import ranking
from carewright.knowledge.programs import ALL_RULES
from carewright.population import actions, forms, queries
from carewright.population.models import ProgramSetting
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission


@require_GET
@guard.requires_one_of(Permission.SEE_POPULATION, Permission.SEE_CANDIDATES)
def programs(request: StaffRequest, bound: forms.SetThreshold | None = None) -> HttpResponse:
    """Every program's statement, lines, numbers and sources; the ranking and its ladder."""
    today = timezone.localdate()
    now = queries.numbers_on(today)
    history: dict[tuple[str, str], list[ProgramSetting]] = {}
    for row in ProgramSetting.objects.select_related("by").order_by("-from_on", "-at"):
        history.setdefault((row.program, row.key), []).append(row)

    def numbers(code: str, thresholds) -> list[dict]:
        return [
            {
                "threshold": found,
                "value": now.get((code, found.key), found.default),
                "is_default": now.get((code, found.key), found.default) == found.default,
                "history": history.get((code, found.key), []),
                "form": bound
                if bound and bound.data.get("program") == code and bound.data.get("key") == found.key
                else forms.SetThreshold(initial={"program": code, "key": found.key}, auto_id=f"{code}-{found.key}-%s"),
            }
            for found in thresholds
        ]

    context = {
        "rules": [
            {"program": rule, "numbers": numbers(rule.code, rule.thresholds + actions.on_the_way(rule.code))}
            for rule in ALL_RULES
        ],
        "ranking": ranking,
        "ranking_paragraphs": [" ".join(part.split()) for part in (ranking.__doc__ or "").strip().split("\n\n")],
        "ranking_numbers": numbers(ranking.RANKING, ranking.THRESHOLDS),
        "may_set": request.user.may(Permission.MANAGE_PROGRAMS),
        "today": today,
        "run": queries.current_run(),
    }
    return render(request, "population/programs.html", context, status=422 if bound else 200)


@require_POST
@guard.requires(Permission.SEE_CANDIDATES, Permission.MANAGE_PROGRAMS)
def set_threshold(request: StaffRequest) -> HttpResponse:
    """Set one number from a day on; the next run uses it."""
    code, key = request.POST.get("program", ""), request.POST.get("key", "")
    form = forms.SetThreshold(request.POST, auto_id=f"{code}-{key}-%s")
    if form.is_valid():
        try:
            actions.set_threshold(
                program=code, key=key, value=form.cleaned_data["value"], from_on=form.cleaned_data["from_on"],
                because=form.cleaned_data["because"], by=request.user, at=timezone.now(),
            )  # fmt: skip
        except CannotDo as refusal:
            form.add_error("value", str(refusal))
        else:
            messages.success(request, _("Set. The next run uses it for days from then on."))
            return redirect("population:programs")
    request.method = "GET"
    return programs(request, bound=form)
