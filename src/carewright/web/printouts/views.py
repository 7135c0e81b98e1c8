"""The caseload sheet as a page that prints."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from carewright.access import guard
from carewright.audit import actions as audit
from carewright.staff.models import User
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.web.printouts import sheet

working = guard.requires(Permission.WORK_TASKS)


@require_GET
@working
def caseload(request: StaffRequest, pk: int | None = None) -> HttpResponse:
    """One's own caseload on paper, or, for who leads a team, a colleague's. Each sheet is written down as taken out."""
    lead = request.user
    if pk is not None and pk != lead.pk:
        found = User.objects.filter(pk=pk).first()
        if found is None or not request.user.may(Permission.SEE_TEAM):
            raise Http404
        lead = found
    at = timezone.now()
    seen = guard.patients_for(request.user, on=timezone.localdate(at))
    patients = sheet.caseload_of(lead, on=timezone.localdate(at)).filter(pk__in=seen.values("pk"))
    rows = sheet.rows_of(lead, patients, reader=request.user, at=at)
    ids = [row.patient.pk for row in rows]
    if ids:
        audit.exported("caseload sheet", by=request.user, purpose="paper for an outage", rows=len(ids), patient_ids=ids,
                       page="printouts:caseload")  # fmt: skip
    return render(request, "printouts/caseload.html", {"rows": rows, "lead": lead, "at": at})
