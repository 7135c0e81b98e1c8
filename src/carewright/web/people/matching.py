"""
Matching review: pairs that may be one person, every join there ever was, and undoing one.

A pair is shown to whoever may match people and may see both. Joining moves rows that no single person may write, so it
is done as the house, by the person who decided.
"""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from carewright.access import guard
from carewright.access.actor import acting_as
from carewright.kernel.errors import CannotDo
from carewright.registry import joining
from carewright.registry.models import Join, Patient, PossibleMatch
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.web.people import compared, forms

HOUSE = "system:matching"
PAGE = 25

matching_people = guard.requires(Permission.MATCH_PEOPLE)


def _waiting_for(user):
    seen = guard.patients_for(user, on=timezone.localdate())
    return PossibleMatch.objects.waiting().filter(patient__in=seen, other__in=seen).select_related("patient", "other")


def waiting_count(user) -> int:
    """How many pairs wait for this person."""
    return _waiting_for(user).count()


@matching_people
@require_GET
def waiting(request: StaffRequest) -> HttpResponse:
    """The pairs that wait, the likeliest first, each with what speaks for and against."""
    page = Paginator(_waiting_for(request.user), PAGE).get_page(request.GET.get("page"))
    rows = [(match, compared.reasons_in_words(match.reasons)) for match in page]
    guard.saw_list(request, [patient for match, _said in rows for patient in (match.patient, match.other)])
    return render(request, "people/waiting.html", {"page": page, "rows": rows, "tab": "waiting"})


@matching_people
@require_http_methods(["GET", "HEAD", "POST"])
def side_by_side(request: StaffRequest, pk: int) -> HttpResponse:
    """Two records side by side; one decision: one person (which record is kept, what is taken over) or two."""
    seen = guard.patients_for(request.user, on=timezone.localdate())
    pairs = PossibleMatch.objects.filter(patient__in=seen, other__in=seen)
    match = get_object_or_404(pairs.select_related("patient", "other"), pk=pk)
    lines = compared.lines_of(match.patient, match.other)
    form = forms.Decision(request.POST or None, takeable=[line.field for line in lines if line.may_be_taken])
    status = 200
    if request.method == "POST":
        if form.is_valid() and _decided(request, match, form):
            return redirect("people:waiting")
        status = 422
    guard.saw_list(request, [match.patient, match.other])
    return render(
        request, "people/match.html",
        {"match": match, "lines": lines, "form": form, "reasons": compared.reasons_in_words(match.reasons)},
        status=status,
    )  # fmt: skip


def _decided(request: StaffRequest, match: PossibleMatch, form: forms.Decision) -> bool:
    said = form.cleaned_data
    try:
        if said["decision"] == forms.TWO:
            joining.keep_apart(match=match, because=said["why"], by=request.user, at=timezone.now())
            messages.success(request, _("Kept apart. The machine will not suggest them again."))
            return True
        keep, other = match.patient, match.other
        if said["decision"] == forms.ONE_KEEP_SECOND:
            keep, other = other, keep
        with acting_as(HOUSE):
            join = joining.merge(
                keep=keep, other=other, why=said["why"], by=request.user, at=timezone.now(), take=said["take"],
                score=match.score,
            )  # fmt: skip
        messages.success(request, _("Joined. It stands in the list of joins, and can be undone there."))
        request.session["joined_last"] = join.pk
    except CannotDo as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


@matching_people
@require_GET
def joins(request: StaffRequest) -> HttpResponse:
    """Every join there ever was, the latest first: by whom, why, and whether it still stands."""
    found = _joins_for(request.user)
    who, state = request.GET.get("by", ""), request.GET.get("state", "")
    if who in ("machine", "person"):
        found = found.filter(by_machine=who == "machine")
    if state in ("standing", "undone"):
        found = found.filter(undone_at__isnull=state == "standing")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    names = _names([join.other_id for join in page])
    rows = [(join, names.get(join.other_id, "")) for join in page]
    guard.saw_list(request, [join.patient for join, _name in rows])
    choices = [
        ("", "", _("All")),
        ("machine", "", _("By the machine")),
        ("person", "", _("By a person")),
        ("", "undone", _("Undone")),
    ]
    return render(
        request, "people/joins.html",
        {"page": page, "rows": rows, "tab": "joins", "choices": choices, "who": who, "state": state,
         "query": f"by={who}&state={state}&"},
    )  # fmt: skip


@matching_people
@require_http_methods(["GET", "HEAD", "POST"])
def one_join(request: StaffRequest, pk: int) -> HttpResponse:
    """One join: what it moved, what came since, and undoing it."""
    join = get_object_or_404(_joins_for(request.user), pk=pk)
    form = forms.Undoing(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid() and _undone(request, join, form):
            return redirect(reverse("people:join", args=[join.pk]))
        status = 422
    guard.saw_list(request, [join.patient])
    with acting_as(HOUSE):
        later = compared.later_than(join) if join.undone_at is None else []
        moved = compared.moved_by(join)
    return render(
        request, "people/join.html",
        {"join": join, "other": _names([join.other_id]).get(join.other_id, ""), "form": form, "later": later,
         "moved": moved, "ticked": request.POST.getlist("later")},
        status=status,
    )  # fmt: skip


def _undone(request: StaffRequest, join: Join, form: forms.Undoing) -> bool:
    try:
        with acting_as(HOUSE):
            later = compared.chosen_later(join, request.POST.getlist("later"))
            joining.unmerge(
                join=join, because=form.cleaned_data["because"], by=request.user, at=timezone.now(), later=later
            )
        messages.success(request, _("Undone. These are two records again, and the machine will not join them."))
    except CannotDo as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _joins_for(user):
    return Join.objects.filter(patient__in=_all_records(user)).select_related("patient", "undone_by")


def _all_records(user):
    """Those one may see, and those that were joined into one of them since: their joins stay listed."""
    seen = guard.patients_for(user, on=timezone.localdate())
    return Patient.every_record.filter(pk__in=seen) | Patient.every_record.filter(merged_into__in=seen)


def _names(ids: list[int]) -> dict[int, str]:
    """The names of records that were joined away, which nobody has a tie to any more."""
    with acting_as(HOUSE):
        return {record.pk: record.name for record in Patient.every_record.filter(pk__in=ids)}
