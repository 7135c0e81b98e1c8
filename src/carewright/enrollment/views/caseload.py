"""Who leads whom: loads in minutes, moving patients, the handover list, licences, and caseload files with a preview."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Max, QuerySet
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from carewright.access import guard
from carewright.enrollment import caseload as files
from carewright.enrollment import enrolling, leads, moving, queries
from carewright.enrollment.forms import inside as forms
from carewright.enrollment.models import CaseloadMove, Enrollment, LeadProfile
from carewright.enrollment.views.doing import as_typed, status_of, with_form
from carewright.knowledge.programs import name_of
from carewright.population.codes import language_said, languages_of
from carewright.staff import licences as on_file
from carewright.staff.models import Licence, User
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.tasks import queries as tasks
from carewright.tasks.returning import did

DID = {
    "enroll": gettext_lazy("Enroll"),
    "end": gettext_lazy("End"),
    "lead": gettext_lazy("Change the lead"),
    "same": gettext_lazy("Nothing to do"),
    "nothing": gettext_lazy("Cannot be applied"),
}
SLOW = timedelta(minutes=2)
"""So long without a patient moved means that the worker stands still."""


@require_GET
@guard.requires(Permission.SEE_TEAM)
def loads(request: StaffRequest) -> HttpResponse:
    """Every lead with their load in minutes, the fullest first; patients without a lead; deaths to confirm."""
    today = timezone.localdate()
    unassigned = list(queries.unassigned(request.user, on=today)[:50])
    waiting = list(queries.death_reports(request.user, on=today)[:50])
    guard.saw_list(request, [each.patient for each in unassigned] + [each.patient for each in waiting])
    context = {
        "loads": leads.loads(on=today),
        "unassigned": [(each, _(name_of(each.program))) for each in unassigned],
        "deaths": waiting,
        "licences": len(on_file.to_settle(on=today)),
    }
    return render(request, "enrollment/loads.html", context)


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.SEE_TEAM)
def caseload(request: StaffRequest, pk: int) -> HttpResponse:
    """One lead's patients; several can go to another lead at once."""
    user = _user(pk)
    if request.method != "POST":
        return _caseload_page(request, user)
    form, wanted = forms.Reassign(request.POST, auto_id="move_%s"), set(request.POST.getlist("enrollment"))
    chosen = [each for each in _led_by(request, user) if "all" in request.POST or str(each.public_id) in wanted]
    if not chosen:
        form.add_error(None, _("Select at least one patient first."))
    asked: list[CaseloadMove] = []

    def ask(given: dict) -> None:
        asked.append(
            moving.ask(
                before=user, enrollments=chosen, to=given["lead"], because=given["because"], by=request.user,
                on=timezone.localdate(), at=timezone.now(),
            )
        )  # fmt: skip

    if form.is_valid() and did(form, lambda: ask(form.cleaned_data)):
        return redirect("enrollment:move", move_id=asked[0].public_id)
    return _caseload_page(request, user, form)


@require_GET
@guard.requires(Permission.SEE_TEAM)
def move(request: StaffRequest, move_id: UUID) -> HttpResponse:
    """How far patients have moved to another lead, and who could not be moved and why."""
    found = CaseloadMove.objects.select_related("before", "to", "asked_by").filter(public_id=move_id).first()
    if found is None:
        raise Http404
    now, lines = timezone.now(), found.lines.select_related("patient", "enrollment")
    standing = moving.standing(found)
    refused = list(lines.exclude(refused="").order_by("patient__sort_name"))
    guard.saw_list(request, [each.patient for each in refused])
    latest = lines.aggregate(at=Max("settled_at"))["at"] or found.asked_at
    context = {
        "move": found,
        "standing": standing,
        "refused": [(line, _(name_of(line.enrollment.program))) for line in refused],
        "no_letter": 0 if standing.waiting else moving.without_letter(found),
        "is_slow": standing.waiting > 0 and now - latest > SLOW,
    }
    return render(request, "enrollment/move.html", context)


def _led_by(request: StaffRequest, user: User) -> QuerySet[Enrollment]:
    """The enrollments somebody leads, of the patients this reader may see."""
    today = timezone.localdate()
    mine = queries.caseload(user, on=today)
    patients = guard.patients_for(request.user, on=today)
    return (mine.filter(patient__in=patients) if patients.query.where else mine).prefetch_related("pauses")


def _caseload_page(request: StaffRequest, user: User, kept: Form | None = None) -> HttpResponse:
    """The page, with what was selected and typed in the form that was refused."""
    today, rows = timezone.localdate(), list(_led_by(request, user))
    guard.saw_list(request, [each.patient for each in rows])
    [load] = leads.loads(on=today, users=[user])
    profile = LeadProfile.objects.filter(user=user).first()
    begins: dict[str, object] = {"minutes_a_week": load.capacity, "takes_new": True}
    if profile is not None:
        begins = {
            "languages": ", ".join(language_said(each) for each in profile.languages),
            "places": " ".join(profile.places), "skills": profile.skills,
            "minutes_a_week": profile.minutes_a_week, "takes_new": profile.takes_new,
        }  # fmt: skip
    context = {
        "lead": user,
        "load": load,
        "unseen": load.patients - len({each.patient_id for each in rows}),
        "rows": [(each, _(name_of(each.program)), leads.is_paused(each), str(each.public_id)) for each in rows],
        "form": as_typed(forms.Reassign(auto_id="move_%s"), kept),
        "selected": set(request.POST.getlist("enrollment")),
        "licences": Licence.objects.filter(user=user),
        "on_file": on_file.of(user, on=today),
        "today": today,
        "profile": as_typed(forms.Profile(initial=begins, auto_id="profile_%s"), kept),
        "licence": as_typed(
            forms.LicenceForm(initial={"expires_on": forms.a_year_on(today)}, auto_id="licence_%s"), kept
        ),
    }
    return render(request, "enrollment/caseload.html", context, status=status_of(kept))


@require_POST
@guard.requires(Permission.SEE_TEAM)
def describe(request: StaffRequest, pk: int) -> HttpResponse:
    """What a lead brings, or a licence."""
    user = _user(pk)
    form: Form
    if "licence" in request.POST:
        form = forms.LicenceForm(request.POST, auto_id="licence_%s")

        def keep(given: dict) -> object:
            return enrolling.keep_licence(user=user, by=request.user, **given)
    else:
        form = forms.Profile(request.POST, auto_id="profile_%s")

        def keep(given: dict) -> object:
            lists = {"languages": languages_of(given.pop("languages")), "places": given.pop("places").split()}
            return enrolling.describe_lead(user=user, by=request.user, **lists, **given)

    return with_form(
        request,
        form,
        keep,
        _("Kept."),
        lambda kept: _caseload_page(request, user, kept),
        "enrollment:caseload",
        pk=user.pk,
    )


@require_GET
@guard.requires(Permission.SEE_TEAM)
def handover(request: StaffRequest, pk: int) -> HttpResponse:
    """What somebody leaves behind while away: their patients and what falls due, on one sheet to print."""
    user, today, now = _user(pk), timezone.localdate(), timezone.now()
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isascii() and asked.isdigit() and 1 <= int(asked) <= 60 else 14
    rows = queries.caseload(user, on=today)
    due = tasks.handover_list(user, at=now, until=now + timedelta(days=days))
    patients = guard.patients_for(request.user, on=today)
    if patients.query.where:
        seen = set(patients.values_list("pk", flat=True))
        due = [row for row in due if row.task.patient_id is None or row.task.patient_id in seen]
        rows = rows.filter(patient__in=patients)
    by_patient: dict[int, list] = {}
    for row in due:
        by_patient.setdefault(row.task.patient_id or 0, []).append(row)
    lines = [
        {"enrollment": each, "program": _(name_of(each.program)), "due": by_patient.pop(each.patient_id, []),
         "phones": each.patient.contact_points.right().phones().in_dialing_order()[:2]}
        for each in rows
    ]  # fmt: skip
    guard.saw_list(request, [line["enrollment"].patient for line in lines])
    [load] = leads.loads(on=today, users=[user])
    context = {"unseen": load.patients - len({line["enrollment"].patient_id for line in lines}), "lead": user, "lines": lines, "others": [row for rest in by_patient.values() for row in rest], "days": days,
               "until": today + timedelta(days=days)}  # fmt: skip
    return render(request, "enrollment/handover.html", context)


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.SEE_TEAM)
def caseload_file(request: StaffRequest) -> HttpResponse:
    """What the caseload files would do, row by row; then the rows chosen are applied."""
    today = timezone.localdate()
    seen = guard.patients_for(request.user, on=today)
    allowed = set(seen.values_list("pk", flat=True)) if seen.query.where else None
    lines = [
        line for line in files.preview(settings.HOME, on=today)
        if allowed is None or line.patient is None or line.patient.pk in allowed
    ]  # fmt: skip
    if request.method == "POST":
        wanted = set(request.POST.getlist("row"))
        chosen = [line for line in lines if line.can_apply and ("all" in request.POST or line.evidence_id in wanted)]
        if not chosen:
            messages.error(request, _("Select at least one row first."))
        else:
            result = files.apply(lines=chosen, by=request.user, on=today, at=timezone.now())
            said = ngettext("%(n)d row applied.", "%(n)d rows applied.", result.rows) % {"n": result.rows}
            messages.success(request, said)
            for line, why in result.refused[:5]:
                messages.error(
                    request, _("Row %(row)s: %(why)s") % {"row": line.evidence_id.split(":")[-1], "why": why}
                )
        return redirect("enrollment:caseload_file")
    guard.saw_list(request, [line.patient for line in lines[:200] if line.patient])
    context = {
        "lines": [
            {"line": line, "program": _(name_of(line.program)), "would": DID[line.would]} for line in lines[:200]
        ],
        "total": len(lines),
        "can_apply": sum(1 for line in lines if line.can_apply),
        "problems": sum(1 for line in lines if line.problem),
    }
    return render(request, "enrollment/caseload_file.html", context)


def _user(pk: int) -> User:
    found = User.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
