"""What is due, what one patient was asked, and a blank form to print."""

from collections.abc import Iterable
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from carewright.access import guard, sensitive
from carewright.assessment import actions, clocks, forms, learned, queries, results, shelf
from carewright.assessment.models import Assessment, ScoreResult
from carewright.assessment.sheet import day_of
from carewright.enrollment import queries as enrollment
from carewright.enrollment.models import Enrollment, OutreachEpisode
from carewright.kernel.errors import CannotDo
from carewright.knowledge import comprehensive
from carewright.knowledge.instruments import Instrument
from carewright.knowledge.programs import name_of
from carewright.population.codes import language_name
from carewright.registry.models import PatientPreference
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.tasks.returning import back_of

AHEAD = (14, 30, 60)


@require_GET
@guard.requires(Permission.ASSESS)
def due(request: StaffRequest) -> HttpResponse:
    """Which assessments will be late, the first to be late on top; one's own caseload, or everyone one may see."""
    on = timezone.localdate()
    ahead = int(request.GET["days"]) if request.GET.get("days") in {str(days) for days in AHEAD} else 30
    whose = "all" if request.GET.get("whose") == "all" else "mine"
    mine = guard.patients_for(request.user, on=on)
    rows = clocks.look_ahead(_people(request.user, whose, on), on=on, within_days=ahead)
    open_ones = [one for one in queries.open_of(mine) if whose == "all" or one.started_by_id == request.user.pk]
    guard.saw_list(request, {row.patient.pk for row in rows} | {one.patient_id for one in open_ones})
    context = {
        "rows": [(row, row.days_left(on), -row.days_left(on), _(name_of(row.program))) for row in rows],
        "open": _lines(open_ones),
        "ahead": ahead, "choices": AHEAD, "whose": whose, "until": on + timedelta(days=ahead),
    }  # fmt: skip
    return render(request, "assessment/due.html", context)


def _people(user, whose: str, on):
    """Everyone enrolled whom this person may see, with the day their clock began: identified, not enrolled."""
    enrolled = enrollment.caseload(user, on=on)
    if whose == "all":
        enrolled = Enrollment.objects.at_work(on).filter(patient__in=guard.patients_for(user, on=on))
    for one, since in clocks.since_when(list(enrolled.select_related("patient"))):
        yield one.patient, one.program, since


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.ASSESS)
def of_patient(request: StaffRequest, public_id) -> HttpResponse:
    """What one patient was asked so far, their needs, and the start of the next assessment."""
    patient = guard.open_patient(request, public_id)
    on, now = timezone.localdate(), timezone.now()
    form = forms.StartForm(request.POST or None, patient=patient, on=on, initial=_known(patient, on))
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.start(patient=patient, by=request.user, at=now, **form.cleaned_data)
            return redirect("assessment:section", made.public_id, made.sections.order_by("pk")[0].code)
        except CannotDo as refusal:
            form.add_error(refusal.at if refusal.at in form.fields else None, str(refusal))
    hidden = sensitive.hidden_tags(request.user, patient)
    asked = patient.assessments.select_related("started_by", "finished_by").prefetch_related("sections")
    asked = asked.exclude(tags__overlap=sorted(hidden)).order_by("-started_at")
    context = {
        "patient": patient,
        "form": form,
        "asked": _lines(asked),
        "needs": queries.needs_for(patient, on, hidden_tags=hidden, gone=True),
        "quality": _with_change(queries.score_history(patient, "hrqol-4", "unhealthy-days", hidden_tags=hidden)),
        "learned": learned.of(patient, hidden_tags=hidden),
        "may_write": request.break_glass is None,
    }
    return render(request, "assessment/of_patient.html", context, status=422 if form.errors else 200)


@require_POST
@guard.requires(Permission.ASSESS)
def learned_of(request: StaffRequest, public_id) -> HttpResponse:
    """Put something that was said on the record of contact details, or leave the record as it is."""
    patient, code = guard.open_patient(request, public_id), request.POST.get("code", "")
    hidden = sensitive.hidden_tags(request.user, patient)
    kind = learned.BY_CODE.get(code)
    try:
        if kind is None or shelf.get(kind.instrument).by_link[kind.link_id].sensitivity in hidden:
            raise CannotDo(_("Choose one of those shown."))
        if request.POST.get("do") == "keep":
            learned.keep(patient=patient, code=code, by=request.user, at=timezone.now())
            messages.success(request, _("On the record."))
        else:
            learned.leave(patient=patient, code=code, by=request.user, at=timezone.now())
            messages.success(request, _("The record stays as it is."))
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    return redirect(back_of(request, reverse("assessment:of_patient", args=[patient.public_id])))


def _lines(found: Iterable[Assessment]) -> list[tuple]:
    """Assessments as a list shows them: each with its name, its clock, and where to go on."""
    clockwork = clocks.Clockwork()
    return [(one, results.kind_title(one.kind), clockwork.due_dates(one), queries.next_section(one)) for one in found]


def _with_change(rows: list[ScoreResult]) -> list[tuple[ScoreResult, int | None]]:
    """Scores, the latest first, each with how many fewer days than the time before; nothing for the first."""
    values = [row.value for row in rows]
    before = [None, *values]
    changes = [
        int(old - new) if old is not None and new is not None else None
        for old, new in zip(before, values, strict=False)
    ]
    return list(zip(rows, changes, strict=True))[::-1]


def _known(patient, on) -> dict:
    """What the form begins with: the language on file, the program it decides about with its clock, and why now."""
    wish = PatientPreference.objects.filter(patient=patient).first()
    spoken = (wish.spoken_language if wish else "") or patient.language
    known: dict[str, object] = {"language": language_name(spoken) if spoken else ""}
    done = Assessment.objects.counting().filter(
        patient=patient, kind=Assessment.COMPREHENSIVE, finished_at__isnull=False
    )
    if done.exists():
        known["reason"] = Assessment.Reason.YEARLY
    enrolled = list(Enrollment.objects.at_work(on).filter(patient=patient)[:1])
    for one, since in clocks.since_when(enrolled):
        known |= {"program": one.program, "eligible_on": since}
    if not enrolled and (asked := OutreachEpisode.objects.running().filter(patient=patient).first()):
        # through whichever door they came: the program they are being asked to join, since they were identified
        known |= {"program": asked.program, "eligible_on": day_of(asked.opened_at)}
    return known


@require_GET
@guard.requires(Permission.ASSESS)
def blank(request: StaffRequest, kind: str) -> HttpResponse:
    """An empty form on paper: every question with its answers, and on what terms its text is used."""
    known = {one.code for one in shelf.asked()}
    language = request.GET.get("language", "")
    if kind == Assessment.COMPREHENSIVE:
        sections = [
            (_(section.title), [(_in_words(feed.instrument, language), feed) for feed in section.feeds])
            for section in comprehensive.SECTIONS
        ]
    elif kind in known:
        sections = [("", [(_in_words(kind, language), comprehensive.Feed(kind))])]
    else:
        raise Http404
    parts = [
        (title, [(found, [inner for item in feed.items(found) for inner in item.walk()]) for found, feed in feeds])
        for title, feeds in sections
    ]
    terms = {found.code: found for _title, feeds in sections for found, _feed in feeds}
    return render(
        request, "assessment/blank.html",
        {"title": results.kind_title(kind), "parts": parts, "terms": terms.values(), "kind": kind},
    )  # fmt: skip


def _in_words(code: str, language: str) -> Instrument:
    """An instrument in the official translation of a language the site has loaded, or as it stands."""
    return shelf.wording(code, language) or shelf.get(code)
