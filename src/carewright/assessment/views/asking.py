"""
Asking: one section on a page, each answer saved by itself; without scripts the whole section by one button.

A safety question is not on the page while a caregiver answers. What a colleague has answered meanwhile is shown, and what
was typed is kept.
"""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from carewright.access import guard, sensitive
from carewright.assessment import actions, clocks, forms, page, queries, results
from carewright.assessment.models import Answer, Assessment, RecordedFact
from carewright.assessment.wording import PROBLEMS
from carewright.kernel.errors import BadInput, CannotDo
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission

GRACE = ("patient", "caregiver")


def opened(request: StaffRequest, public_id) -> Assessment:
    """The assessment and its patient, written down as looked at; 404 for one that is not theirs."""
    asked = Assessment.objects.select_related("patient", "started_by").filter(public_id=public_id)
    found = guard.one_of(request, asked)
    if found is None:
        raise Http404
    guard.open_patient(request, found.patient.public_id)
    return _not_closed(request, found)


def held(request: StaffRequest, public_id) -> Assessment:
    """The assessment for one answer: the same tie, without a line in the log for each key pressed (the change is logged)."""
    found = Assessment.objects.select_related("patient", "started_by").filter(public_id=public_id).first()
    mine = guard.patients_for(request.user, on=timezone.localdate())
    if found is None or not mine.filter(pk=found.patient_id).exists():
        raise Http404
    return _not_closed(request, found)


def _not_closed(request: StaffRequest, assessment: Assessment) -> Assessment:
    """The assessment, unless it as a whole is closed to this reader: it came from a protected source."""
    if assessment.tags and sensitive.is_hidden(assessment.tags, request.user, assessment.patient):
        raise Http404
    return assessment


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.ASSESS)
def section(request: StaffRequest, public_id, code: str) -> HttpResponse:
    """One section: its questions, what the records say, and what it comes to; a POST saves one answer or all of them."""
    assessment = held(request, public_id) if request.method == "POST" else opened(request, public_id)
    if not assessment.sections.filter(code=code).exists():
        raise Http404
    is_to_read = not assessment.is_open or getattr(request, "break_glass", None) is not None
    if is_to_read and request.method == "GET":
        return redirect("assessment:summary", public_id)
    if request.method == "GET":
        return render(request, "assessment/section.html", _context(request, assessment, code))
    only = request.POST.get("only", "")
    before = _asked(assessment, code, request)
    problems = _save(request, assessment, code, only)
    if request.htmx and only:
        return _one_saved(request, assessment, code, only, problems, before)
    if problems:
        return render(request, "assessment/section.html", _context(request, assessment, code, problems), status=422)
    messages.success(request, _("Saved."))
    return redirect(_here(assessment, code, request))


@require_GET
@guard.requires(Permission.ASSESS)
def changes(request: StaffRequest) -> HttpResponse:
    """What colleagues, or the same person in another window, have answered meanwhile; a page asks this by itself."""
    if not request.GET.get("of"):
        return JsonResponse({"others": [], "answers": {}})
    try:
        assessment = held(request, UUID(request.GET["of"]))
    except ValueError:
        raise Http404 from None
    section = assessment.sections.filter(code=request.GET.get("section", "")).first()
    if section is None:
        raise Http404
    rows = assessment.answers.standing().filter(section=section).select_related("by")
    return JsonResponse(
        {
            "others": [page.here_too(row) for row in queries.others_here(assessment, request.user, timezone.now())],
            "answers": {
                f"{row.instrument}:{row.link_id}": {"seen": str(row.public_id), "said": page.answered_meanwhile(row)}
                for row in rows
                if not (_who(request) == "caregiver" and page.is_private(row))
            },
        }
    )


@require_POST
@guard.requires(Permission.ASSESS)
def close(request: StaffRequest, public_id, code: str) -> HttpResponse:
    """Close a section, or open it again, and go on to the next one."""
    assessment = held(request, public_id)
    if not assessment.sections.filter(code=code).exists():
        raise Http404
    form = forms.CloseForm(request.POST)
    problems = {} if form.is_valid() else {"": _("Say how this section is closed.")}
    if form.is_valid() and form.cleaned_data["status"] == "done":
        problems = _save(request, assessment, code, "")
    try:
        if not problems:
            actions.set_section(
                assessment=assessment, code=code, status=form.cleaned_data["status"],
                because=form.cleaned_data["because"], by=request.user, at=timezone.now(),
            )  # fmt: skip
            return redirect(_next(assessment, code))
    except CannotDo as refusal:
        problems = {"": str(refusal)}
    return render(request, "assessment/section.html", _context(request, assessment, code, problems), status=422)


@require_POST
@guard.requires(Permission.ASSESS)
def fact(request: StaffRequest, public_id, fact) -> HttpResponse:
    """One fact from the records: still right, changed, or not sure."""
    assessment = held(request, public_id)
    found = get_object_or_404(RecordedFact.objects.select_related("section"), assessment=assessment, public_id=fact)
    if not request.htmx:
        _save(request, assessment, found.section.code, "")
    try:
        actions.confirm_fact(
            fact=found, response=request.POST.get("response", ""), words=request.POST.get(f"words:{found.public_id}", ""),
            by=request.user, at=timezone.now(),
        )  # fmt: skip
    except CannotDo as refusal:
        found.refresh_from_db()
        context = _context(request, assessment, found.section.code) | {"wrong": found, "fact_problem": str(refusal)}
        template = "assessment/_facts.html" if request.htmx else "assessment/section.html"
        return render(request, template, context, status=422)
    if request.htmx:
        return render(request, "assessment/_facts.html", _context(request, assessment, found.section.code))
    return redirect(_here(assessment, found.section.code, request))


@require_POST
@guard.requires(Permission.ASSESS)
def confirm(request: StaffRequest, public_id, answer) -> HttpResponse:
    """What the record answers is right."""
    assessment = held(request, public_id)
    found = get_object_or_404(
        Answer.objects.select_related("section", "assessment"), assessment=assessment, public_id=answer
    )
    _save(request, assessment, found.section.code, "")
    found.refresh_from_db()
    try:
        actions.confirm_answer(answer=found, by=request.user, at=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    return redirect(_here(assessment, found.section.code, request))


def _save(request: StaffRequest, assessment: Assessment, code: str, only: str) -> dict[str, str]:
    """Save what was typed; what did not save, by question, in a sentence."""
    problems = {}
    sheet = results.sheet_of(assessment, on=timezone.localdate())
    for one in sheet.asked(code, also=_also(request)):
        key = one.key
        if (only and key != only) or (not only and f"seen:{key}" not in request.POST):
            continue
        try:
            saved = actions.answer(
                assessment=assessment, instrument=one.instrument.code, link_id=one.item.link_id,
                value=_typed(request, one, sheet), source=_who(request), seen=request.POST.get(f"seen:{key}") or None,
                by=request.user, at=timezone.now(),
            )  # fmt: skip
        except (CannotDo, BadInput) as refusal:
            problems[key] = PROBLEMS.said(refusal)
            continue
        if saved.kept_aside is not None and saved.answer is not None:
            problems[key] = page.overlooked(saved.answer, request.user)
    return problems


def _typed(request: StaffRequest, one, sheet) -> object:
    given = [value for value in request.POST.getlist(f"a:{one.key}") if value.strip()]
    if page.DECLINE in given:
        return {"declined": True}
    if one.item.repeats:
        return given or None
    if one.item.kind == "open-choice" and (row := sheet.standing.get((one.instrument.code, one.item.link_id))):
        # one of the list and words of their own: what was not there before is what was just said
        given = [value for value in given if value != str(row.value)] or given
    return given[-1] if given else None


def _one_saved(request, assessment, code, only, problems, before) -> HttpResponse:
    """After one answer: who saved it and when, what it comes to, and the questions anew when others are asked now."""
    context = _context(request, assessment, code, problems)
    questions = [question for card in context["cards"] for question in card.questions]
    now = [question.key for question in questions]
    saved = next((question for question in questions if question.key == only), None)
    if saved is not None:
        # what to do at once is said where one is looking, not only on top of the page
        saved.dangers = [one for one in context["dangers"] if not one.is_closed and one.is_shown_by(saved.asked)]
    if now != before or problems:
        response = render(request, "assessment/_after_all.html", context)
        response["HX-Retarget"], response["HX-Reswap"] = "#questions", "outerHTML"
        return response
    context["question"] = saved
    return render(request, "assessment/_after_one.html", context)


def _asked(assessment: Assessment, code: str, request) -> list[str]:
    sheet = results.sheet_of(assessment, on=timezone.localdate())
    hidden = _who(request) == "caregiver"
    return [one.key for one in sheet.asked(code, also=_also(request)) if not (hidden and one.item.is_safety)]


def _context(request: StaffRequest, assessment: Assessment, code: str, problems: dict[str, str] | None = None) -> dict:
    assessment.refresh_from_db()
    sheet = results.sheet_of(assessment, on=timezone.localdate())
    section = assessment.sections.select_related("by").get(code=code)
    rails = page.rails(sheet, code, also=_also(request))
    alone = _who(request) != "caregiver"
    cards = page.cards(sheet, code, also=_also(request), who=_who(request), problems=problems)
    closing = [rail for rail in rails if rail.section.pk != section.pk and not rail.section.is_closed]
    return {
        "assessment": assessment,
        "patient": assessment.patient,
        "age": sheet.age,
        "title": page.title_of(assessment),
        "section": section,
        "kind": sheet.section_kind(code),
        "cards": cards,
        "translated": [card.title for card in cards if card.wording],
        "in_english": any(card.wording is None for card in cards),
        "problem": (problems or {}).get("", ""),
        "facts": page.facts_of(section, request.user),
        "is_age_open": sheet.is_age_open,
        "adult": forms.AdultForm(auto_id="adult_%s"),
        "too_young_for": sheet.too_young_for(code),
        "unopened": [feed for feed in sheet.section_kind(code).feeds if feed.after and not sheet.is_opened(feed)],
        "rails": rails,
        "progress": page.progress(rails),
        "panels": page.panels(sheet, code),
        "needs": [seen for seen in queries.needs_in(sheet, code) if alone or not seen.need.is_concealed],
        "dangers": [one for one in page.dangers(sheet) if alone or not one.alert.is_concealed],
        "others": [page.here_too(row) for row in queries.others_here(assessment, request.user, timezone.now())],
        "due": clocks.due_dates(assessment),
        "who": _who(request),
        "also": ",".join(sorted(_also(request))),
        "has_private": any(item.is_safety for feed, items in sheet.feeds(code) for top in items for item in top.walk()),
        "is_last": not closing,
        "may_write": getattr(request, "break_glass", None) is None,
        "decline": page.DECLINE,
    }


@require_POST
@guard.requires(Permission.ASSESS)
def adult(request: StaffRequest, public_id) -> HttpResponse:
    """Somebody says how they know that this is an adult, though the birth date is unknown."""
    assessment, form = held(request, public_id), forms.AdultForm(request.POST)
    try:
        because = form.cleaned_data["because"] if form.is_valid() else ""
        actions.confirm_adult(assessment=assessment, because=because, by=request.user, at=timezone.now())
        messages.success(request, _("Kept. What was made for adults is asked from now on."))
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    following = queries.next_section(assessment)
    return (
        redirect("assessment:section", public_id, following) if following else redirect("assessment:summary", public_id)
    )


def _who(request: StaffRequest) -> str:
    said = request.POST.get("who") or request.GET.get("who") or "patient"
    return said if said in GRACE else "patient"


def _also(request: StaffRequest) -> frozenset[str]:
    said = request.POST.get("also") or request.GET.get("also") or ""
    return frozenset(part for part in said.split(",") if part)


def _here(assessment: Assessment, code: str, request: StaffRequest) -> str:
    address = reverse("assessment:section", args=[assessment.public_id, code])
    return f"{address}?who=caregiver" if _who(request) == "caregiver" else address


def _next(assessment: Assessment, code: str) -> str:
    """The next open section after this one, or the page to finish."""
    sections = list(assessment.sections.order_by("pk"))
    here = next((number for number, one in enumerate(sections) if one.code == code), 0)
    for one in sections[here + 1 :] + sections[:here]:
        if not one.is_closed:
            return reverse("assessment:section", args=[assessment.public_id, one.code])
    return reverse("assessment:finish", args=[assessment.public_id])
