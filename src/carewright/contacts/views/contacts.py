"""A patient's contacts: the list, the form that logs one, and its correction."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from carewright.access import guard
from carewright.channel import queries as channel
from carewright.contacts import actions, forms, queries
from carewright.contacts.models import Contact
from carewright.registry.models import Patient
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.tasks.models import Task
from carewright.tasks.returning import back_of, did

A_PAGE = 50


@require_GET
@guard.requires(Permission.WORK_TASKS)
def of_patient(request: StaffRequest, public_id) -> HttpResponse:
    """Every contact about a patient, the newest first, with the counts of calls and of times somebody was reached."""
    patient = guard.open_patient(request, public_id)
    at = timezone.now()
    page = Paginator(queries.contacts_of(patient), A_PAGE).get_page(request.GET.get("page"))
    page.object_list = queries.without_held(page.object_list)
    return render(request, "contacts/of_patient.html", {
        "patient": patient, "page": page, "counts": queries.counted(Contact.objects.filter(patient=patient)),
        "minutes": queries.minutes_of_month(patient, timezone.localdate(at)), "today": timezone.localdate(at),
        "stops": channel.standing_stops(patient, at), "tab": "contacts",
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.WORK_TASKS)
def new(request: StaffRequest, public_id) -> HttpResponse:
    """Log one contact: what follows from it happens at once."""
    patient = guard.open_patient(request, public_id)
    back = back_of(request, reverse("contacts:of_patient", args=[public_id]))
    task = _task(request, patient)
    now = timezone.localtime().strftime(forms.TYPED)
    form = forms.LogContact(
        request.POST if request.method == "POST" else None,
        patient=patient,
        initial={"started_at": now, "ended": "reached"}
        | ({"with_whom": "provider"} if task and task.kind == "ask_pcp" else {}),
    )
    if request.method == "POST" and form.is_valid():
        kept: list[actions.Recorded] = []
        if did(form, lambda: kept.append(_record(request, patient, task, form.cleaned_data))):
            _say(request, kept[0])
            return redirect(back)
    may = {kind: channel.may(patient, kind, timezone.now()) for kind in ("call", "sms")}
    context = {"patient": patient, "form": form, "back": back, "task": task, "may": may}
    return render(request, "contacts/new.html", context, status=422 if form.errors else 200)


def _task(request: StaffRequest, patient: Patient) -> Task | None:
    """The task this contact is logged for, when one is named and it is about this patient."""
    from uuid import UUID

    asked = (request.POST if request.method == "POST" else request.GET).get("task", "")
    try:
        return Task.objects.open().filter(patient=patient, public_id=UUID(asked)).first()
    except ValueError:
        return None


def _record(request: StaffRequest, patient: Patient, task: Task | None, given: dict) -> actions.Recorded:
    following = None
    if given["next_at"]:
        reached = given["ended"] in Contact.REACHED
        kind = "call_back" if given["ended"] == "call_back" else ("follow_up_call" if reached else "outreach_call")
        following = actions.Next(kind=kind, due_at=given["next_at"], why=given["next_why"])
    same = (
        "kind", "direction", "with_whom", "contact_point", "related_person", "ended", "started_at", "ended_at",
        "books_minutes", "interpreter", "interpreter_name", "note", "note_template", "late_because",
    )  # fmt: skip
    return actions.record(
        patient=patient, task=task, next_task=following, by=request.user, at=timezone.now(),
        **{name: given[name] for name in same},
    )  # fmt: skip


def _say(request: StaffRequest, kept: actions.Recorded) -> None:
    said = [_("Kept.")]
    if kept.closed:
        said.append(ngettext("%(n)d task closed.", "%(n)d tasks closed.", len(kept.closed)) % {"n": len(kept.closed)})
    if kept.flagged_wrong:
        said.append(_("The number is flagged as wrong and is not offered again."))
    if kept.minutes is not None:
        said.append(_("The minutes are booked."))
    if kept.next_task is not None:
        said.append(_("The next call is on your list."))
    messages.success(request, " ".join(said))
    if kept.reported_death:
        messages.warning(request, _("All contact has stopped. A task to confirm the death is open."))


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.WORK_TASKS)
def correct(request: StaffRequest, public_id) -> HttpResponse:
    """Mend a contact: another row says how it was; the first stays."""
    contact = guard.one_of(request, Contact.objects.select_related("patient").filter(public_id=public_id))
    if contact is None:
        raise Http404
    patient = guard.open_patient(request, contact.patient.public_id)
    back = reverse("contacts:of_patient", args=[patient.public_id])
    names = ("ended", "with_whom", "direction", "started_at", "ended_at")
    initial = {name: getattr(contact, name) for name in names}
    form = forms.Correct(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        facts = {name: form.cleaned_data[name] for name in names if name in form.changed_data}
        because = form.cleaned_data["because"]
        if did(form, lambda: actions.correct(
            contact=contact, facts=facts, because=because, by=request.user, at=timezone.now()
        )):  # fmt: skip
            messages.success(request, _("Corrected. What stood there before stays readable."))
            return redirect(back)
    context = {"contact": contact, "patient": patient, "form": form, "back": back}
    return render(request, "contacts/correct.html", context, status=422 if form.errors else 200)
