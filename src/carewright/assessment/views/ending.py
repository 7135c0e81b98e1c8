"""Reading an assessment whole, finishing it with the verdict, giving it up, and adding to it afterwards."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from carewright.access import guard, sensitive
from carewright.assessment import actions, clocks, forms, learned, page, queries, results, shelf
from carewright.assessment.models import Assessment
from carewright.assessment.safety import value_words
from carewright.assessment.views.asking import held, opened
from carewright.assessment.wording import PROBLEMS
from carewright.kernel.errors import BadInput, CannotDo
from carewright.knowledge.programs import name_of
from carewright.staff import licences
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission


@require_GET
@guard.requires(Permission.ASSESS)
def summary(request: StaffRequest, public_id) -> HttpResponse:
    """Everything that was answered, section by section, with scores, needs, the verdict and what was added."""
    return render(request, "assessment/summary.html", _whole(request, opened(request, public_id)))


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.ASSESS)
def finish(request: StaffRequest, public_id) -> HttpResponse:
    """What is still open, what it came to, and the verdict about the program."""
    assessment = held(request, public_id) if request.method == "POST" else opened(request, public_id)
    if not assessment.is_open:
        return redirect("assessment:summary", public_id)
    form = forms.FinishForm(request.POST or None) if assessment.program else None
    if request.method == "POST" and (form is None or form.is_valid()):
        given = form.cleaned_data if form else {}
        try:
            actions.finish(assessment=assessment, by=request.user, at=timezone.now(), **given)
        except CannotDo as refusal:
            return _finish_page(request, assessment, form, str(refusal), status=422)
        return redirect("assessment:summary", public_id)
    return _finish_page(request, assessment, form, status=422 if request.method == "POST" else 200)


def _finish_page(request, assessment: Assessment, form, problem: str = "", status: int = 200) -> HttpResponse:
    assessment.refresh_from_db()
    context = _whole(request, assessment) | {"form": form, "problem": problem, "giving_up": forms.ReasonForm()}
    context["on_file"] = licences.of(request.user, on=timezone.localdate())
    context["open_rails"] = [rail for rail in context["rails"] if not rail.section.is_closed]
    return render(request, "assessment/finish.html", context, status=status)


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.ASSESS)
def stop(request: StaffRequest, public_id) -> HttpResponse:
    """Give an assessment up, with the reason."""
    assessment = held(request, public_id) if request.method == "POST" else opened(request, public_id)
    if not assessment.is_open:
        return redirect("assessment:summary", public_id)
    form = forms.ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.stop(assessment=assessment, because=form.cleaned_data["because"], by=request.user, at=timezone.now())
        return redirect("assessment:of_patient", assessment.patient.public_id)
    context = {
        "assessment": assessment,
        "patient": assessment.patient,
        "form": form,
        "title": page.title_of(assessment),
    }
    return render(request, "assessment/stop.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.ASSESS)
def addendum(request: StaffRequest, public_id) -> HttpResponse:
    """Add words and, where one was wrong, the right answer; what stood before stays."""
    assessment = held(request, public_id) if request.method == "POST" else opened(request, public_id)
    if assessment.finished_at is None:
        return redirect("assessment:summary", public_id)
    form = forms.AddendumForm(request.POST or None, questions=_questions(assessment))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        instrument, _colon, link = given["question"].partition(":")
        changes = [(instrument, link, given["value"])] if instrument else []
        try:
            actions.amend(
                assessment=assessment, text=given["text"], changes=changes, by=request.user, at=timezone.now()
            )
            return redirect("assessment:summary", public_id)
        except (CannotDo, BadInput) as refusal:
            form.add_error(None, PROBLEMS.said(refusal))
    context = {
        "assessment": assessment,
        "patient": assessment.patient,
        "form": form,
        "title": page.title_of(assessment),
    }
    return render(request, "assessment/addendum.html", context, status=422 if form.errors else 200)


def _questions(assessment: Assessment) -> list[tuple[str, str]]:
    sheet = results.sheet_of(assessment)
    return [
        (one.key, f"{one.instrument.title}: {one.item.text}"[:120])
        for section in assessment.sections.order_by("pk")
        for one in sheet.asked(section.code)
    ]


def _whole(request: StaffRequest, assessment: Assessment) -> dict:
    sheet = results.sheet_of(assessment)
    hidden = sensitive.hidden_tags(request.user, assessment.patient)
    rails = page.rails(sheet, "")
    day = sheet.on if assessment.finished_at else timezone.localdate()
    if assessment.received_at is not None:
        day = max(day, timezone.localdate(assessment.received_at))  # before that day, nobody of us knew
    return {
        "assessment": assessment,
        "patient": assessment.patient,
        "age": sheet.age,
        "title": page.title_of(assessment),
        "program": _(name_of(assessment.program)) if assessment.program else "",
        "rails": rails,
        "progress": page.progress(rails),
        "due": clocks.due_dates(assessment),
        "answers": [(rail, _answers(sheet, rail.section, hidden)) for rail in rails],
        "facts": sensitive.without_hidden(
            assessment.facts.select_related("confirmed_by").order_by("pk"), request.user, hidden=hidden
        ),
        "results": [
            (shelf.title_of(row.instrument), results.as_told(row, sheet))
            for row in assessment.results.exclude(tags__overlap=sorted(hidden)).order_by("instrument", "pk")
        ],
        "not_scored": sheet.not_scored,
        "needs": queries.needs_for(assessment.patient, day, hidden_tags=hidden, gone=True),
        "addenda": assessment.addenda.select_related("by").order_by("at"),
        "dangers": page.dangers(sheet),
        "learned": learned.of(assessment.patient, hidden_tags=hidden) if not assessment.stopped_at else [],
        "may_write": getattr(request, "break_glass", None) is None,
    }


def _answers(sheet, section, hidden: frozenset[str]) -> list[dict]:
    """The standing answers of a section, with those they replaced beneath."""
    rows = sheet.assessment.answers.filter(section=section).exclude(tags__overlap=sorted(hidden))
    found: dict[tuple[str, str], dict] = {}
    for row in rows.select_related("by").order_by("at", "pk"):
        if row.confirmed_at is None:
            continue
        instrument = shelf.find(row.instrument)
        item = instrument.by_link.get(row.link_id) if instrument else None
        line = found.setdefault(
            (row.instrument, row.link_id), {"question": item.text if item else row.link_id, "now": None, "before": []}
        )
        words = (row, value_words(instrument, row.link_id, row.value) if instrument and item else str(row.value))
        if row.replaced_at is None:
            line["now"] = words
        else:
            line["before"].append(words)
    return list(found.values())
