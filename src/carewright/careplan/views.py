"""The pages of the plan: one click, one action."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from carewright.access import guard, sensitive
from carewright.assessment.queries import NeedSeen, needs_for
from carewright.careplan import actions, forms, queries
from carewright.enrollment.models import Enrollment
from carewright.kernel.errors import CannotDo
from carewright.registry.models import Patient
from carewright.staff import roles
from carewright.staff.models import User
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission

BOTH = ("GET", "HEAD", "POST")


@require_GET
@guard.requires(Permission.PLAN_CARE)
def plan(request: StaffRequest, public_id) -> HttpResponse:
    """The whole plan: problems, goals in the patient's words, next steps."""
    patient, today = guard.open_patient(request, public_id), timezone.localdate()
    hidden = _hidden(request, patient)
    shown = queries.plan_of(patient, without=queries.closed_to(hidden))
    context = {
        "patient": patient,
        "plan": shown,
        "offered": queries.beside_answers(shown, patient, on=today, hidden_tags=hidden),
        "today": today,
        "read_only": request.break_glass is not None,
    }
    return render(request, "careplan/plan.html", context)


def _hidden(request: StaffRequest, patient: Patient) -> frozenset[str]:
    """The sensitivity tags closed to this reader, an open glass considered."""
    return sensitive.hidden_tags(request.user, patient if request.break_glass or request.part2_until else None)


def _closed(request: StaffRequest, patient: Patient) -> frozenset[str]:
    """The needs whose problems, goals and steps are not there for this reader, whatever address asks for them."""
    return queries.closed_to(_hidden(request, patient))


@require_GET
@guard.requires(Permission.PLAN_CARE)
def printed(request: StaffRequest, public_id) -> HttpResponse:
    """The plan on paper, for the patient: what they want, and what happens next; nothing that must not be found there."""
    patient, today = guard.open_patient(request, public_id), timezone.localdate()
    without = _closed(request, patient) | queries.CONCEALED
    context = {
        "patient": patient,
        "plan": queries.plan_of(patient, without=without),
        "leads": Enrollment.objects.at_work(today).filter(patient=patient, lead__isnull=False).select_related("lead"),
        "phone": settings.CHANNEL.phone,
        "today": today,
    }
    return render(request, "careplan/print.html", context)


@require_http_methods(BOTH)
@guard.requires(Permission.PLAN_CARE)
def add_problem(request: StaffRequest, public_id) -> HttpResponse:
    """A form for one problem; from a need, it begins with its name and the answers that show it."""
    patient = guard.open_patient(request, public_id)
    seen = _need(request, patient)
    first = {"title": seen.need.label, "because": queries.because_of(seen)} if seen else {}
    form = forms.ProblemForm(request.POST or None, initial=first)
    code = seen.need.code if seen else ""
    if form.is_valid() and _did(
        form,
        lambda: actions.add_problem(
            patient=patient, need_code=code, by=request.user, at=timezone.now(), **form.cleaned_data
        ),
    ):
        return _back(request, patient, _("The problem is on the plan."))
    about = seen.need.words if seen else ""
    return _form(request, patient, form, _("Add a problem"), _("Add problem"), about=about, hidden={"need": code})


@require_http_methods(BOTH)
@guard.requires(Permission.PLAN_CARE)
def leave_off(request: StaffRequest, public_id) -> HttpResponse:
    """Why a need that the answers show stays off the plan."""
    patient = guard.open_patient(request, public_id)
    seen = _need(request, patient)
    if seen is None:
        messages.info(request, _("The answers do not show this need any more."))
        return redirect("careplan:plan", patient.public_id)
    form = forms.LeaveOffForm(request.POST or None)
    if form.is_valid() and _did(
        form,
        lambda: actions.leave_off(
            patient=patient, title=seen.need.label, need_code=seen.need.code, because=queries.because_of(seen),
            by=request.user, at=timezone.now(), **form.cleaned_data,
        ),
    ):  # fmt: skip
        return _back(request, patient, _("It stays off the plan; the reason is under “What has ended”."))
    return _form(
        request, patient, form, _("Leave a need off the plan"), _("Leave it off"), about=seen.need.label,
        hidden={"need": seen.need.code},
    )  # fmt: skip


def _need(request: StaffRequest, patient: Patient) -> NeedSeen | None:
    """The need a problem is opened from: one that stands, and that this reader may see."""
    code = request.POST.get("need") or request.GET.get("need") or ""
    hidden = _hidden(request, patient)
    found = needs_for(patient, timezone.localdate(), hidden_tags=hidden) if code else ()
    return next((one for one in found if one.need.code == code), None)


@require_http_methods(BOTH)
@guard.requires(Permission.PLAN_CARE)
def resolve_problem(request: StaffRequest, public_id, problem_id) -> HttpResponse:
    """Why a problem is off the list."""
    patient = guard.open_patient(request, public_id)
    problem = get_object_or_404(queries.problems_of(patient, without=_closed(request, patient)), public_id=problem_id)
    form = forms.ResolveForm(request.POST or None)
    if form.is_valid() and _did(
        form, lambda: actions.resolve_problem(problem=problem, by=request.user, at=timezone.now(), **form.cleaned_data)
    ):
        return _back(request, patient, _("Resolved. It stays under “What has ended”."))
    return _form(request, patient, form, _("Resolve a problem"), _("Resolve"), about=problem.title)


@require_http_methods(BOTH)
@guard.requires(Permission.PLAN_CARE)
def set_goal(request: StaffRequest, public_id) -> HttpResponse:
    """A form for one goal, hanging on the problem it was opened from."""
    patient = guard.open_patient(request, public_id)
    asked = _uuid(request.GET.get("problem") or request.POST.get("problem") or "")
    open_ones = queries.problems_of(patient, without=_closed(request, patient)).filter(resolved_at__isnull=True)
    problem = open_ones.filter(public_id=asked).first() if asked else None
    form = forms.GoalForm(request.POST or None)
    if form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "seen"}
        if _did(
            form,
            lambda: actions.set_goal(patient=patient, problem=problem, by=request.user, at=timezone.now(), **given),
        ):
            return _back(request, patient, _("The goal is on the plan."))
    about = problem.title if problem else ""
    return _form(
        request,
        patient,
        form,
        _("Set a goal"),
        _("Set goal"),
        about=about,
        hidden={"problem": asked if problem else ""},
    )


@require_http_methods(BOTH)
@guard.requires(Permission.PLAN_CARE)
def reword_goal(request: StaffRequest, public_id, goal_id) -> HttpResponse:
    """Change a goal as the patient now says it."""
    patient = guard.open_patient(request, public_id)
    goal = get_object_or_404(queries.goals_of(patient, without=_closed(request, patient)), public_id=goal_id)
    now = timezone.now()
    first = {name: getattr(goal, name) for name in ("words", "target", "target_on", "in_the_way", "confidence")}
    form = forms.GoalForm(request.POST or None, initial=first | {"seen": now.isoformat()})
    if form.is_valid() and _did(form, lambda: actions.reword_goal(goal=goal, by=request.user, **form.cleaned_data)):
        return _back(request, patient, _("The goal says it the new way."))
    return _form(request, patient, form, _("Change a goal"), _("Save goal"))


@require_http_methods(BOTH)
@guard.requires(Permission.PLAN_CARE)
def end_goal(request: StaffRequest, public_id, goal_id) -> HttpResponse:
    """How a goal ended."""
    patient = guard.open_patient(request, public_id)
    goal = get_object_or_404(queries.goals_of(patient, without=_closed(request, patient)), public_id=goal_id)
    form = forms.EndGoalForm(request.POST or None)
    if form.is_valid() and _did(
        form, lambda: actions.end_goal(goal=goal, by=request.user, at=timezone.now(), **form.cleaned_data)
    ):
        return _back(request, patient, _("The goal has ended. It stays under “What has ended”."))
    return _form(request, patient, form, _("End a goal"), _("End goal"), about=goal.words)


@require_http_methods(BOTH)
@guard.requires(Permission.PLAN_CARE)
def add_step(request: StaffRequest, public_id) -> HttpResponse:
    """A form for the next step, hanging on the goal it was opened from."""
    patient = guard.open_patient(request, public_id)
    asked = _uuid(request.GET.get("goal") or request.POST.get("goal") or "")
    open_ones = queries.goals_of(patient, without=_closed(request, patient)).filter(ended_at__isnull=True)
    goal = open_ones.filter(public_id=asked).first() if asked else None
    colleagues = User.objects.filter(is_active=True, role__in=[r.code for r in roles.who_may(Permission.WORK_TASKS)])
    first = {"who": "staff", "owner": request.user.pk, "goal": goal.public_id if goal else None}
    form = forms.InterventionForm(
        request.POST or None, initial=first, colleagues=colleagues.order_by("last_name", "first_name")
    )
    if form.is_valid():
        given = form.cleaned_data | {"goal": goal}
        if _did(form, lambda: actions.add_step(patient=patient, by=request.user, at=timezone.now(), **given)):
            return _back(request, patient, _("The step is on the plan."))
    return _form(request, patient, form, _("Add a step"), _("Add step"), about=goal.words if goal else "")


@require_POST
@guard.requires(Permission.PLAN_CARE)
def finish_step(request: StaffRequest, public_id, step_id) -> HttpResponse:
    """It was done."""
    patient = guard.open_patient(request, public_id)
    step = get_object_or_404(queries.steps_of(patient, without=_closed(request, patient)), public_id=step_id)
    try:
        actions.finish_step(step=step, by=request.user, at=timezone.now())
    except CannotDo as refusal:
        messages.error(request, str(refusal))
        return redirect("careplan:plan", patient.public_id)
    return _back(request, patient, _("Done, and written down."))


@require_http_methods(BOTH)
@guard.requires(Permission.PLAN_CARE)
def drop_step(request: StaffRequest, public_id, step_id) -> HttpResponse:
    """It will not be done, and why."""
    patient = guard.open_patient(request, public_id)
    step = get_object_or_404(queries.steps_of(patient, without=_closed(request, patient)), public_id=step_id)
    form = forms.DropForm(request.POST or None)
    if form.is_valid() and _did(
        form, lambda: actions.drop_step(step=step, by=request.user, at=timezone.now(), **form.cleaned_data)
    ):
        return _back(request, patient, _("Dropped, with its reason."))
    return _form(request, patient, form, _("Drop a step"), _("Drop step"), about=step.words)


def _did(form, action) -> bool:
    """Carry it out; a refusal is shown on the form, as written."""
    try:
        action()
    except CannotDo as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _uuid(given: str) -> UUID | None:
    try:
        return UUID(given)
    except ValueError:
        return None


def _back(request: StaffRequest, patient: Patient, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("careplan:plan", patient.public_id)


def _form(
    request, patient: Patient, form, title: str, button: str, *, about: str = "", hidden: dict | None = None
) -> HttpResponse:
    context = {
        "patient": patient,
        "form": form,
        "title": title,
        "button": button,
        "about": about,
        "hidden": hidden or {},
    }
    return render(request, "careplan/form.html", context, status=422 if form.errors else 200)
