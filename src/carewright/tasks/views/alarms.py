"""The page of alarms: who may be in danger, who has taken it on, and the signature that closes one."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from carewright.access import guard
from carewright.channel import gate
from carewright.channel.queries import CALL
from carewright.kernel.errors import CannotDo
from carewright.knowledge import minors
from carewright.registry import relating
from carewright.registry.models import Patient
from carewright.staff import licences
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.tasks import alarms as doing
from carewright.tasks import forms, on_call, queries
from carewright.tasks.models import Alarm
from carewright.tasks.returning import did

CLOSED_SHOWN = 20


@require_GET
@guard.requires(Permission.WORK_TASKS)
def alarms(request: StaffRequest) -> HttpResponse:
    """Every open alarm of the people this reader may see, those nobody accepted first; below, those closed lately."""
    at = timezone.now()
    seen = guard.patients_for(request.user, on=timezone.localdate(at))
    found = list(queries.open_alarms(at=at).filter(patient__in=seen))
    closed = Alarm.objects.filter(closed_at__isnull=False, patient__in=seen).select_related("patient")
    lately = list(closed.order_by("-closed_at")[:CLOSED_SHOWN])
    guard.saw_list(request, {alarm.patient for alarm in [*found, *lately]})
    return render(request, "tasks/alarms.html", {
        "alarms": found, "closed": lately, "shift": on_call.at(at), "gap_now": on_call.at(at) is None, "at": at,
        "hears": queries.hears_alarms(request.user),
    })  # fmt: skip


def _alarm(request: StaffRequest, public_id) -> Alarm:
    found = Alarm.objects.select_related("patient", "accepted_by", "closed_by", "raised_by").filter(public_id=public_id)
    alarm = guard.one_of(request, found)
    if alarm is None:
        raise Http404
    alarm.patient = guard.open_patient(request, alarm.patient.public_id)
    return alarm


def _is_child(patient: Patient) -> bool:
    born_on = patient.born_on
    return born_on is not None and timezone.localdate() < minors.of_age_on(born_on, relating.state_of(patient))


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.WORK_TASKS)
def alarm(request: StaffRequest, public_id) -> HttpResponse:
    """One alarm: what was said, what to do now, who was told; and the form that closes it."""
    found = _alarm(request, public_id)
    form = forms.CloseAlarm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if did(form, lambda: doing.close_alarm(alarm=found, by=request.user, at=timezone.now(), **form.cleaned_data)):
            messages.success(request, _("The alarm is closed, in your name."))
            return redirect("tasks:alarms")
        found = _alarm(request, public_id)
    pagings = found.pagings.select_related("user", "message").order_by("step")
    is_open_to_reader = queries.hears_alarms(request.user)
    context = {
        "alarm": found,
        "patient": found.patient,
        "form": form,
        "pagings": pagings,
        "is_open_to_reader": is_open_to_reader,
        "is_child": _is_child(found.patient),
        "places": found.patient.addresses.exclude(line="", zip_code="").order_by("use"),
        "phones": found.patient.contact_points.right().phones().in_dialing_order(),
        "no_calls": gate.standing_stop(found.patient, CALL, timezone.now()) is not None,
        "on_file": licences.of(request.user, on=timezone.localdate()),
    }
    return render(request, "tasks/alarm.html", context, status=422 if form.errors else 200)


@require_POST
@guard.requires(Permission.WORK_TASKS)
def accept(request: StaffRequest, public_id) -> HttpResponse:
    """Take an alarm on, or over."""
    found = _alarm(request, public_id)
    try:
        doing.accept(alarm=found, by=request.user, at=timezone.now())
        messages.success(request, _("It is yours. Nobody else is told any more."))
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    return redirect("tasks:alarm", public_id=public_id)
