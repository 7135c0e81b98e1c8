"""What a person does about a candidate: accept, not now until a day, exclude with a reason, take a decision back."""

from collections import Counter
from datetime import datetime, timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
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
        messages.error(request, _nobody(request, asked.getlist("person")))
        return redirect(back)
    form = forms.FORMS[decision](
        request.POST if request.method == "POST" and "decide" in request.POST else None,
        initial={"until": timezone.localdate() + timedelta(days=forms.DAYS_NOT_NOW)} if decision == "not_now" else None,
    )
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
    given, now = form.cleaned_data, timezone.now()
    try:
        done = actions.decide_many(
            patients=patients, decision=decision, until=given.get("until"), because=given.get("because", ""),
            note=given.get("note", ""), on=timezone.localdate(), by=request.user, at=now,
        )  # fmt: skip
    except CannotDo as refusal:
        form.add_error(None, str(refusal))
        return False
    except ValidationError as refusal:
        form.add_error(None, " ".join(refusal.messages))
        return False
    number = len(done.made)
    said = {
        "accepted": ngettext("%(n)d person accepted.", "%(n)d people accepted.", number),
        "not_now": ngettext("%(n)d person set aside.", "%(n)d people set aside.", number),
        "excluded": ngettext("%(n)d person excluded.", "%(n)d people excluded.", number),
    }[decision] % {"n": number}
    if number and decision == "accepted":
        undo = {"made_at": now.isoformat(), "back": _back(request, request.POST.get("back", ""))}
        messages.success(request, format_html("{} {}", said, render_to_string("population/_undo.html", undo, request)))
    elif number:
        messages.success(request, said)
    if done.refused:
        messages.error(request, _not_accepted(done.refused))
    return True


def _not_accepted(refused: list) -> str:
    """Who was left out, in words: the sentence for one, the number by each reason for several."""
    if len(refused) == 1:
        return refused[0][1].sentence
    reasons = Counter(refusal.short for _patient, refusal in refused)
    said = "; ".join(f"{reason} ({number})" for reason, number in reasons.most_common())
    return _("%(n)d people were not accepted: %(why)s.") % {"n": len(refused), "why": said}


def _nobody(request: StaffRequest, public_ids: list[str]) -> str:
    """Why nobody is left to decide about: none chosen, or a patient opened in an emergency, who is there to read only."""
    for one in public_ids[:MOST_AT_ONCE]:
        if _is_uuid(one) and (glass := guard.open_glass(request.user, one)):
            guard.note_refusal(
                request, what=f"patient {one}", why="break-glass is read-only", patient_ids=[glass.patient_id]
            )
            return _("Emergency access is for reading. Someone who looks after this person decides.")
    return _("Select at least one person first.")


@require_POST
@guard.requires(Permission.SEE_CANDIDATES, Permission.DECIDE_CANDIDATES)
def undo(request: StaffRequest) -> HttpResponse:
    """Take back what one accepted a moment ago."""
    try:
        made_at = datetime.fromisoformat(request.POST.get("made_at", ""))
    except ValueError as wrong:
        raise Http404 from wrong
    if timezone.is_naive(made_at):
        raise Http404
    try:
        found = actions.take_back(made_at=made_at, by=request.user, at=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    else:
        said = ngettext("Undone: %(n)d person waits again.", "Undone: %(n)d people wait again.", len(found))
        messages.success(request, said % {"n": len(found)})
    return redirect(_back(request, request.POST.get("back", "")))


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
