"""
The pages of messages: what was sent to a patient and what stopped it, the outbox of demo homes, the gateway's door.
"""

import hmac
import json

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from carewright.access import guard
from carewright.access.actor import acting_as
from carewright.channel import actions, forms, gate, queries
from carewright.channel.carriers import letters
from carewright.channel.models import Kind, Message
from carewright.kernel.errors import CannotDo
from carewright.registry.models import Patient
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission

A_PAGE = 50
LONGEST_TEXT = 2000
MOST_FROM_GATEWAY = 64 * 1024


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.WORK_TASKS)
def of_patient(request: StaffRequest, public_id) -> HttpResponse:
    """Everything sent or stopped for a patient, and what may be sent now."""
    patient = guard.open_patient(request, public_id)
    at = timezone.now()
    form = forms.Send(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        _send(request, patient, form.cleaned_data["template"])
        return redirect("channel:of_patient", public_id=public_id)
    page = Paginator(queries.messages_of(patient), A_PAGE).get_page(request.GET.get("page"))
    page.object_list = queries.without_held(page.object_list)
    ways = [(name, queries.may(patient, kind, at)) for kind, name in forms.WAYS]
    stops = queries.standing_stops(patient, at)
    return render(request, "channel/of_patient.html", {
        "patient": patient, "page": page, "ways": ways, "stops": stops, "form": form, "tab": "messages", "at": at,
        "texts": queries.texts_without_held(queries.texts_from(patient)[:A_PAGE]),
        "stop_form": forms.StopContact(auto_id="stop_%s"), "allow_form": forms.AllowContact(auto_id="allow_%s"),
    }, status=422 if form.errors else 200)  # fmt: skip


def _send(request: StaffRequest, patient: Patient, template) -> None:
    kind, at = next(iter(template.kinds)), timezone.now()
    to = queries.contact_point_for(patient, kind, at)
    if to is None:
        messages.error(request, queries.may(patient, kind, at).why)
        return
    known = {"name": patient.name, "staff": request.user.name}
    try:
        message = actions.send(
            to=to, kind=kind, template=template.code, by=request.user, at=at,
            values={name: known[name] for name in template.values if name in known},
        )  # fmt: skip
    except (CannotDo, ValidationError) as refusal:
        messages.error(request, str(refusal))
        return
    if message.state == Message.State.QUEUED:
        messages.success(request, _("On its way."))
    else:
        messages.warning(request, _("%(state)s: %(why)s") % {"state": message.get_state_display(), "why": message.told})


@require_POST
@guard.requires(Permission.WORK_TASKS)
def stop_contact(request: StaffRequest, public_id) -> HttpResponse:
    """From now on a patient is not contacted."""
    patient, form = guard.open_patient(request, public_id), forms.StopContact(request.POST)
    if form.is_valid():
        actions.stop_contact(patient=patient, by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("From now on nothing is sent. What was waiting is stopped."))
    else:
        messages.error(request, _("Say why."))
    return redirect("channel:of_patient", public_id=public_id)


@require_POST
@guard.requires(Permission.WORK_TASKS)
def allow_contact(request: StaffRequest, public_id) -> HttpResponse:
    """A patient may be contacted again; a report of a death is taken back where deaths are confirmed, not here."""
    patient, form = guard.open_patient(request, public_id), forms.AllowContact(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why."))
        return redirect("channel:of_patient", public_id=public_id)
    standing = {stop.because for stop in queries.standing_stops(patient, timezone.now())}
    lifted = standing - {"reported_dead", "withdrew"}
    try:
        if not lifted:
            raise CannotDo(_("What stops contact here is decided elsewhere: a reported death, or a withdrawal."))
        for because in sorted(lifted):
            actions.allow_contact(
                patient=patient, why=form.cleaned_data["why"], by=request.user, at=timezone.now(), because=because
            )
        messages.success(request, _("They may be contacted again."))
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    return redirect("channel:of_patient", public_id=public_id)


@require_POST
@guard.requires(Permission.WORK_TASKS)
def returned(request: StaffRequest, public_id) -> HttpResponse:
    """Write down that a letter came back."""
    message = _message(request, public_id)
    try:
        actions.note_returned(message=message, by=request.user, at=timezone.now())
        messages.success(request, _("Kept: it came back. A task to find an address follows."))
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    return redirect("channel:of_patient", public_id=message.patient.public_id)  # type: ignore[union-attr]


def _message(request: StaffRequest, public_id) -> Message:
    """A message about a patient this reader may see, or a 404."""
    found = Message.objects.select_related("patient").filter(public_id=public_id, patient__isnull=False)
    message = guard.one_of(request, found)
    if message is None:
        raise Http404
    guard.open_patient(request, message.patient.public_id)  # type: ignore[union-attr]
    return message


@require_GET
@guard.requires(Permission.WORK_TASKS)
def letter(request: StaffRequest, public_id) -> HttpResponse:
    """A letter or a fax as the PDF that is mailed."""
    message = _message(request, public_id)
    if message.kind not in (Kind.LETTER, Kind.FAX):
        raise Http404
    answer = HttpResponse(letters.pdf_of(message), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{message.kind}-{message.public_id}.pdf"'
    return answer


@require_GET
@guard.requires(Permission.WORK_TASKS)
def outbox(request: StaffRequest) -> HttpResponse:
    """What would be sent: only in a demo or a development home, where nothing leaves."""
    if not gate.sending().shows_only:
        raise Http404
    seen = guard.patients_for(request.user, on=timezone.localdate())
    found = Message.objects.filter(patient__in=seen).select_related("patient", "user").order_by("-asked_at", "-pk")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    page.object_list = queries.without_held(page.object_list)
    guard.saw_list(request, {message.patient_id for message in page if message.patient_id})
    return render(request, "channel/outbox.html", {"page": page})


@login_not_required
@csrf_exempt
@require_POST
def public_gateway(request: HttpRequest) -> HttpResponse:
    """
    Where the text gateway hands in texts and receipts: `event` is `text`, `delivered` or `failed`.

    Everybody can reach this address, so it answers only who knows the secret (`CAREWRIGHT_GATEWAY_SECRET`), takes
    little, and tells nothing: not whether a number is known, nor whether a message is.
    """
    secret = gate.sending().gateway_secret
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        return HttpResponse(status=404)
    if int(request.headers.get("Content-Length") or 0) > MOST_FROM_GATEWAY:
        return HttpResponse(status=413)
    told = _told(request)
    event, at = str(told.get("event", "text")), timezone.now()
    try:
        with acting_as("system:gateway"):
            if event == "text":
                actions.received_text(
                    number=str(told.get("from", "")), words_said=str(told.get("text", ""))[:LONGEST_TEXT],
                    carrier_id=str(told.get("id", ""))[:200], by="system:gateway", at=at,
                )  # fmt: skip
            else:
                actions.note_receipt(
                    carrier_id=str(told.get("id", "")), what=event, said=str(told.get("why", ""))[:500],
                    by="system:gateway", at=at,
                )  # fmt: skip
    except CannotDo as refusal:
        return JsonResponse({"error": str(refusal)}, status=422)
    return JsonResponse({"kept": True})


def _told(request: HttpRequest) -> dict:
    """What the gateway said, as JSON or as a form."""
    if request.content_type == "application/json":
        try:
            found = json.loads(request.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
    return request.POST.dict()
