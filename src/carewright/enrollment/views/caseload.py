"""Who leads whom: loads in minutes, moving patients, the handover list, licences, and caseload files with a preview."""

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from carewright.access import guard
from carewright.enrollment import caseload as files
from carewright.enrollment import enrolling, leads, queries
from carewright.enrollment.forms import inside as forms
from carewright.enrollment.models import LeadProfile, Licence
from carewright.enrollment.views.doing import done, with_form
from carewright.knowledge.programs import name_of
from carewright.staff.models import User
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.tasks import queries as tasks

DID = {
    "enroll": "Enroll",
    "end": "End",
    "lead": "Change the lead",
    "same": "Nothing to do",
    "nothing": "Cannot be applied",
}


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
        "unassigned": [(each, name_of(each.program)) for each in unassigned],
        "deaths": waiting,
    }
    return render(request, "enrollment/loads.html", context)


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.SEE_TEAM)
def caseload(request: StaffRequest, pk: int) -> HttpResponse:
    """One lead's patients; several can go to another lead at once."""
    user, today = _user(pk), timezone.localdate()
    mine = queries.caseload(user, on=today)
    patients = guard.patients_for(request.user, on=today)
    if patients.query.where:
        mine = mine.filter(patient__in=patients)
    rows = list(mine.prefetch_related("pauses"))
    form = forms.Reassign(request.POST or None)
    if request.method == "POST":
        wanted = set(request.POST.getlist("enrollment"))
        chosen = rows if "all" in request.POST else [each for each in rows if str(each.public_id) in wanted]
        if not chosen:
            messages.error(request, _("Select at least one patient first."))
        elif not form.is_valid():
            messages.error(request, _("Choose who takes over, and say why."))
        else:
            moved = done(
                request,
                lambda: enrolling.reassign(
                    enrollments=chosen, to=form.cleaned_data["lead"], because=form.cleaned_data["because"],
                    by=request.user, on=today, at=timezone.now(),
                ),
                ngettext("%(n)d patient moved, with the open work.", "%(n)d patients moved, with the open work.", len(chosen))
                % {"n": len(chosen)},
            )  # fmt: skip
            if moved:
                return redirect("enrollment:caseload", pk=user.pk)
    guard.saw_list(request, [each.patient for each in rows])
    [load] = leads.loads(on=today, users=[user])
    profile = LeadProfile.objects.filter(user=user).first()
    context = {
        "lead": user,
        "load": load,
        "rows": [(each, name_of(each.program), leads.is_paused(each)) for each in rows],
        "form": form,
        "licences": Licence.objects.filter(user=user),
        "today": today,
        "profile": forms.Profile(
            initial={
                "languages": " ".join(profile.languages), "places": " ".join(profile.places), "skills": profile.skills,
                "minutes_a_week": profile.minutes_a_week, "takes_new": profile.takes_new,
            } if profile else {"minutes_a_week": load.capacity, "takes_new": True}, auto_id="profile_%s",
        ),
        "licence": forms.LicenceForm(initial={"expires_on": forms.a_year_on(today)}, auto_id="licence_%s"),
    }  # fmt: skip
    return render(request, "enrollment/caseload.html", context)


@require_POST
@guard.requires(Permission.SEE_TEAM)
def describe(request: StaffRequest, pk: int) -> HttpResponse:
    """What a lead brings, or a licence."""
    user = _user(pk)
    if "licence" in request.POST:
        return with_form(
            request, forms.LicenceForm(request.POST),
            lambda given: enrolling.keep_licence(user=user, by=request.user, **given), _("Kept."), "enrollment:caseload",
            pk=user.pk,
        )  # fmt: skip
    return with_form(
        request, forms.Profile(request.POST),
        lambda given: enrolling.describe_lead(
            user=user, languages=given["languages"].split(), places=given["places"].split(), skills=given["skills"],
            minutes_a_week=given["minutes_a_week"], takes_new=given["takes_new"], by=request.user,
        ),
        _("Kept."), "enrollment:caseload", pk=user.pk,
    )  # fmt: skip


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
        {"enrollment": each, "program": name_of(each.program), "due": by_patient.pop(each.patient_id, []),
         "phones": each.patient.contact_points.right().phones().in_dialing_order()[:2]}
        for each in rows
    ]  # fmt: skip
    guard.saw_list(request, [line["enrollment"].patient for line in lines])
    context = {"lead": user, "lines": lines, "others": [row for rest in by_patient.values() for row in rest], "days": days,
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
        "lines": [{"line": line, "program": name_of(line.program), "would": DID[line.would]} for line in lines[:200]],
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
