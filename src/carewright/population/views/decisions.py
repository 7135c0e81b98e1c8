"""What a person does about a candidate: accept, not now until a day, exclude with a reason, take a decision back."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from carewright.access import guard
from carewright.kernel.errors import CannotDo
from carewright.population import actions, forms, labels
from carewright.population.models import CandidateDecision
from carewright.population.views.lists import reader_of
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission

MOST_AT_ONCE = 200


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.SEE_CANDIDATES, Permission.DECIDE_CANDIDATES)
def decide(request: StaffRequest) -> HttpResponse:
    """
    Decide about one person or several at once.

    A list sends `person` (public ids) and `decision`. What is missing, such as the day and the reason without scripts,
    is asked on a page of its own, which comes back here.
    """
    asked = request.POST if request.method == "POST" else request.GET
    decision = asked.get("decision", "")
    if decision not in forms.FORMS:
        raise Http404
    patients = _chosen(request, asked.getlist("person"))
    back = _back(request, asked.get("back", ""))
    if not patients:
        messages.error(request, _("Select at least one person first."))
        return redirect(back)
    form = forms.FORMS[decision](request.POST if request.method == "POST" and "decide" in request.POST else None)
    if request.method == "POST" and (decision == "accepted" or form.is_bound):
        form = form if form.is_bound else forms.FORMS[decision](request.POST)
        if form.is_valid() and _decided(request, patients, decision, form):
            return redirect(back)
    reader = reader_of(request)
    context = {
        "form": form,
        "decision": decision,
        "title": str(CandidateDecision.Decision(decision).label),
        "people": [{"id": patient.public_id, "name": labels.name_of(patient, reader)} for patient in patients],
        "back": back,
    }
    return render(request, "population/decide.html", context, status=422 if form.errors else 200)


def _decided(request: StaffRequest, patients: list, decision: str, form) -> bool:
    given = form.cleaned_data
    try:
        made = actions.decide_many(
            patients=patients, decision=decision, until=given.get("until"), because=given.get("because", ""),
            note=given.get("note", ""), on=timezone.localdate(), by=request.user, at=timezone.now(),
        )  # fmt: skip
    except CannotDo as refusal:
        form.add_error(None, str(refusal))
        return False
    except ValidationError as refusal:
        form.add_error(None, " ".join(refusal.messages))
        return False
    said = {
        "accepted": ngettext("%(n)d person accepted.", "%(n)d people accepted.", len(made)),
        "not_now": ngettext("%(n)d person set aside.", "%(n)d people set aside.", len(made)),
        "excluded": ngettext("%(n)d person excluded.", "%(n)d people excluded.", len(made)),
    }[decision]
    messages.success(request, said % {"n": len(made)})
    return True


def _chosen(request: StaffRequest, public_ids: list[str]) -> list:
    """The people named, as far as they are this reader's; anyone else does not exist for them."""
    ids = [one for one in public_ids[:MOST_AT_ONCE] if _is_uuid(one)]
    patients = guard.patients_for(request.user, on=timezone.localdate()).filter(public_id__in=ids)
    return list(patients.order_by("sort_name", "pk"))


def _is_uuid(text: str) -> bool:
    from uuid import UUID

    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _back(request: StaffRequest, address: str) -> str:
    safe = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if safe and address.startswith("/") else reverse("population:candidates")


@require_POST
@guard.requires(Permission.SEE_CANDIDATES, Permission.DECIDE_CANDIDATES)
def lift(request: StaffRequest, public_id) -> HttpResponse:
    """Take back the decision that stands about someone, with a reason."""
    patient = guard.open_patient(request, public_id)
    back = redirect("population:why", public_id=patient.public_id)
    found = CandidateDecision.objects.standing().filter(patient=patient).first()
    form = forms.Lift(request.POST)
    if found is None:
        messages.error(request, _("No decision stands about this person any more."))
    elif not form.is_valid():
        messages.error(request, _("Say why the decision is taken back."))
    else:
        try:
            actions.lift(decision=found, because=form.cleaned_data["because"], by=request.user, at=timezone.now())
            messages.success(request, _("Taken back. The rules decide again."))
        except CannotDo as refusal:
            messages.error(request, str(refusal))
    return back
