"""The small forms of a reminder, used from wherever it is shown: new, close, snooze, pause, move, hand over, escalate."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from carewright.access import guard
from carewright.channel import gate
from carewright.channel import queries as channel
from carewright.knowledge import task_kinds
from carewright.registry.models import Patient
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.tasks import actions, forms, queries
from carewright.tasks.models import Task
from carewright.tasks.returning import back_of, did
from carewright.tasks.views.arrived import Arrived, arrived


@dataclass(frozen=True)
class Step:
    """One thing that can be done with an open task: its name, its form, and what it does with what was filled in."""

    title: str | Promise
    button: str | Promise
    said: str | Promise
    form: Callable[[StaffRequest, Task], Form]
    act: Callable[[Task, dict, StaffRequest, datetime], object]
    icon: str


def _form(kind: type[Form], **initial) -> Callable[[StaffRequest, Task], Form]:
    def made(request: StaffRequest, task: Task) -> Form:
        more = {"task": task} if kind is forms.Until else {}
        values = {name: value(task) if callable(value) else value for name, value in initial.items()}
        return kind(request.POST if request.method == "POST" else None, initial=values, **more)  # type: ignore[arg-type]

    return made


def _tomorrow(task: Task) -> str:
    at = timezone.localtime(timezone.now() + timedelta(days=1)).replace(hour=9, minute=0)
    if task.clock and timezone.now() < task.due_at < at:
        return forms.as_typed(task.due_at)
    return forms.as_typed(at)


def _to(given: dict) -> dict:
    owner = given.get("owner") or {}
    return {"to_user": owner.get("user"), "to_team": owner.get("team")}


STEPS: dict[str, Step] = {
    "close": Step(
        _l("Close a task"), _l("Close the task"), _l("Closed."), _form(forms.Close),
        lambda task, given, request, at: actions.close(task=task, by=request.user, at=at, **given), "circle-check",
    ),
    "snooze": Step(
        _l("Snooze a task"), _l("Snooze"), _l("Snoozed; it comes back by itself."), _form(forms.Until, until=_tomorrow),
        lambda task, given, request, at: actions.snooze(task=task, by=request.user, at=at, **given), "clock",
    ),
    "pause": Step(
        _l("Let a task rest"), _l("Let it rest"), _l("It rests until then."), _form(forms.Until, until=_tomorrow),
        lambda task, given, request, at: actions.pause(task=task, by=request.user, at=at, **given), "clock",
    ),
    "move": Step(
        _l("Agree on another moment"), _l("Move it"), _l("Moved."), _form(forms.Move, due_at=_tomorrow),
        lambda task, given, request, at: actions.move(task=task, by=request.user, at=at, **given), "calendar",
    ),
    "hand-over": Step(
        _l("Hand a task over"), _l("Hand it over"), _l("Handed over."), _form(forms.HandOver),
        lambda task, given, request, at: actions.hand_over(
            task=task, because=given["because"], by=request.user, at=at, **_to(given)
        ), "arrow-right",
    ),
    "escalate": Step(
        _l("Escalate a task"), _l("Escalate"), _l("It stands at the top now."), _form(forms.Escalate),
        lambda task, given, request, at: actions.escalate(
            task=task, because=given["because"], by=request.user, at=at, **_to(given)
        ), "alert-triangle",
    ),
    "resume": Step(
        _l("Bring a task back"), _l("Bring it back"), _l("It is in sight again."), _form(Form),
        lambda task, given, request, at: actions.resume(task=task, by=request.user, at=at), "arrow-right",
    ),
}  # fmt: skip


def _task(request: StaffRequest, public_id) -> tuple[Task, Patient | None]:
    """A task of somebody this reader may see; 404 for any other. The look is written down."""
    found = Task.objects.select_related("patient", "owner_user", "owner_team").filter(public_id=public_id)
    task = guard.one_of(request, found)
    if task is None:
        raise Http404
    if task.patient is None:
        return task, None
    return task, guard.open_patient(request, task.patient.public_id)


def _arrived(request: StaffRequest, task: Task, at: datetime) -> Arrived | None:
    """What came in or failed. The words of a text from nobody we know are for whose task it is, and who leads a team."""
    on = timezone.localdate(at)
    if task.patient is None and not request.user.may(Permission.SEE_TEAM):
        mine = Task.objects.owned_by(request.user, queries.teams_of(request.user, on))
        if not mine.filter(pk=task.pk).exists():
            return None
    found = arrived(task, among=guard.patients_for(request.user, on=on))
    if found is not None and found.people:
        guard.saw_list(request, found.people)
    return found


@require_GET
@guard.requires(Permission.WORK_TASKS)
def task(request: StaffRequest, public_id) -> HttpResponse:
    """One task: why it is there, what is lost by waiting, and what can be done with it."""
    found, patient = _task(request, public_id)
    at = timezone.now()
    offered = [
        (name, step)
        for name, step in STEPS.items()
        if found.is_open
        and (name != "resume" or found.paused_until or found.snoozed_until)
        and (name != "move" or not found.clock)
    ]
    return render(request, "tasks/task.html", {
        "task": found, "patient": patient, "row": queries.row_of(found, at=at), "steps": offered,
        "back": back_of(request), "late": found.was_missed(at), "here": request.get_full_path(),
        "arrived": _arrived(request, found, at),
        "no_calls": patient is not None and gate.standing_stop(patient, channel.CALL, at) is not None,
        "may_call": request.user.may(Permission.SEE_CHART) and bool(task_kinds.kind_named(found.kind).kept_by & task_kinds.CALLS),
    })  # fmt: skip


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.WORK_TASKS)
def step(request: StaffRequest, public_id, name: str) -> HttpResponse:
    """Do one thing with a task; the form says what is missing."""
    if name not in STEPS:
        raise Http404
    found, patient = _task(request, public_id)
    chosen, back = STEPS[name], back_of(request, reverse("tasks:task", args=[public_id]))
    form = chosen.form(request, found)
    if (
        request.method == "POST"
        and form.is_valid()
        and did(form, lambda: chosen.act(found, form.cleaned_data, request, timezone.now()))
    ):
        messages.success(request, str(chosen.said))
        return redirect(back)
    context = {"task": found, "patient": patient, "form": form, "step": chosen, "back": back, "name": name,
               "row": queries.row_of(found, at=timezone.now())}  # fmt: skip
    return render(request, "tasks/step.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.WORK_TASKS)
def new(request: StaffRequest) -> HttpResponse:
    """Open a task, for a patient or for nobody."""
    asked = request.POST if request.method == "POST" else request.GET
    patient = _named(request, asked.get("patient", ""))
    kind = task_kinds.kind_named(asked.get("kind", "follow_up_call"))
    back = back_of(request)
    form = forms.NewTask(
        request.POST if request.method == "POST" else None,
        initial={"kind": kind.code, "due_at": forms.as_typed(timezone.now() + kind.within)},
    )
    if request.method == "POST" and form.is_valid() and did(form, lambda: _open(request, patient, form.cleaned_data)):
        messages.success(request, _("The task is open."))
        return redirect(back)
    context = {"form": form, "patient": patient, "back": back}
    return render(request, "tasks/new.html", context, status=422 if form.errors else 200)


def _named(request: StaffRequest, public_id: str) -> Patient | None:
    from uuid import UUID

    if not public_id:
        return None
    try:
        UUID(public_id)
    except ValueError as wrong:
        raise Http404 from wrong
    return guard.open_patient(request, public_id)


def _open(request: StaffRequest, patient: Patient | None, given: dict) -> Task:
    owner = given["owner"]
    return actions.open_task(
        kind=given["kind"], title=given["title"], why=given["why"], due_at=given["due_at"], patient=patient,
        owner_user=owner.get("user"), owner_team=owner.get("team"), by=request.user, at=timezone.now(),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.WORK_TASKS, Permission.SEE_TEAM)
def hand_over_all(request: StaffRequest) -> HttpResponse:
    """Give all open tasks of one person to another, or to a team: for leave, and for those who left."""
    back = back_of(request)
    form = forms.HandOverAll(request.POST if request.method == "POST" else None, initial=request.GET.dict())
    given: list[Task] = []
    if request.method == "POST" and form.is_valid():

        def act() -> None:
            data = form.cleaned_data
            given.extend(actions.hand_over_all(
                from_user=data["from_user"], because=data["because"], by=request.user, at=timezone.now(), **_to(data)
            ))  # fmt: skip

        if did(form, act):
            said = ngettext("%(n)d task handed over.", "%(n)d tasks handed over.", len(given)) % {"n": len(given)}
            messages.success(request, said)
            # Whoever has it now may be the same person; what is left is of patients out of this reader's sight.
            given_back = form.cleaned_data["owner"].get("user") == form.cleaned_data["from_user"]
            if not given_back and (left := queries.open_count_of_all(form.cleaned_data["from_user"])):
                messages.warning(request, _left(left))
            return redirect(back)
    return render(request, "tasks/hand_over_all.html", {"form": form, "back": back}, status=422 if form.errors else 200)


def _left(number: int) -> str:
    return ngettext(
        "%(n)d more is about a patient you may not see and stays where it is. Somebody who may see them hands it over.",
        "%(n)d more are about patients you may not see and stay where they are. Somebody who may see them hands them over.",
        number,
    ) % {"n": number}
