"""The pages about one patient: at a glance, the whole story, every medicine on every list."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from carewright.access import guard
from carewright.knowledge import medicines as medicines_known
from carewright.population import queries as population
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.web.patient import around, chart, fills, page, story
from carewright.web.patient.sight import Sight

STEP = 50


def sight_of(request: StaffRequest, public_id) -> Sight:
    """The patient as this reader sees them now; 404 for somebody who is not theirs. The look is written down."""
    patient = guard.open_patient(request, public_id)
    return Sight(
        user=request.user, patient=patient, on=timezone.localdate(), at=timezone.now(),
        is_emergency=request.break_glass is not None,
        part2_is_open=getattr(request, "part2_until", None) is not None,
    )  # fmt: skip


@require_GET
@guard.requires(Permission.SEE_CHART)
def glance(request: StaffRequest, public_id) -> HttpResponse:
    """The patient at a glance."""
    return render(request, "patient/page.html", page.everything(sight_of(request, public_id)))


@require_GET
@guard.requires(Permission.SEE_CHART)
def whole_story(request: StaffRequest, public_id) -> HttpResponse:
    """Everything that happened, of all kinds or of one; more is shown in steps."""
    sight = sight_of(request, public_id)
    kind = request.GET.get("kind", "") if request.GET.get("kind") in story.KINDS else ""
    asked = request.GET.get("most", "")
    most = min(int(asked), 2000) if asked.isascii() and asked.isdigit() and int(asked) else STEP
    run = population.current_run()
    events = story.story(sight, run, most=most + 1, kind=kind)
    return render(
        request, "patient/story.html",
        page.top(sight) | {
            "run": run, "events": events[:most], "more": most + STEP if len(events) > most else 0, "kind": kind,
            "kinds": story.KINDS.items(),
        },
    )  # fmt: skip


@require_GET
@guard.requires(Permission.SEE_CHART)
def medicines(request: StaffRequest, public_id) -> HttpResponse:
    """Every medicine on every list, and apart from them what pharmacies billed; read only."""
    sight, run = sight_of(request, public_id), population.current_run()
    shown = page.top(sight) | {
        "run": run,
        "medicines": chart.medicines(sight), "use": around.use(sight, run), "filled": fills.filled(sight, run),
        "rxnorm": medicines_known.SOURCES[0], "rxnorm_notice": medicines_known.NOTICE,
    }  # fmt: skip
    return render(request, "patient/medicines.html", shown)
