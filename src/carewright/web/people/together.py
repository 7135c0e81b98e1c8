"""
Making two records one because somebody knows that they are: from a patient's page, find the other, look at both, decide.

No machine has a part in it: whoever may match people says why, with both names in sight. What is done is a join like any
other, listed, and undone where joins are undone.
"""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from carewright.access import guard
from carewright.access.actor import acting_as
from carewright.audit import actions as audit
from carewright.kernel.errors import CannotDo
from carewright.registry import joining, queries
from carewright.registry.matching import records, rules
from carewright.registry.models import Join, Patient, PossibleMatch
from carewright.staff.requests import StaffRequest
from carewright.web.people import compared, forms
from carewright.web.people.matching import HOUSE, matching_people

SHOWN = 20


@matching_people
@require_http_methods(["GET", "HEAD", "POST"])
def same(request: StaffRequest, public_id) -> HttpResponse:
    """Find the record that is the same person; what is typed stands in no address and no log."""
    patient = guard.open_patient(request, public_id)
    asked = request.POST.get("q", "").replace("\0", "").strip()[:100]
    found: list[Patient] = []
    if asked:
        among = guard.patients_for(request.user, on=timezone.localdate()).exclude(pk=patient.pk)
        names = request.user.described_role.sees_direct
        found = queries.find(asked, among=among, names=names, limit=SHOWN + 1)
    shown = found[:SHOWN]
    if shown:
        audit.saw_list([one.pk for one in shown], by=request.user, page="people:same", why="searched")
    return render(
        request, "people/same.html",
        {"patient": patient, "asked": asked, "found": shown, "more": len(found) > SHOWN, "shown": SHOWN},
    )  # fmt: skip


@matching_people
@require_http_methods(["GET", "HEAD", "POST"])
def together(request: StaffRequest, public_id, other_id) -> HttpResponse:
    """Two records side by side that somebody knows to be one person; joined with a reason, by their decision alone."""
    if public_id == other_id:
        messages.error(request, _("These are the same record. Find the second one."))
        return redirect("people:same", public_id=public_id)
    one = guard.open_patient(request, public_id)
    in_emergency = request.break_glass is not None
    if (elsewhere := _joined_already(request, one, other_id)) is not None:
        return elsewhere
    other = guard.open_patient(request, other_id)
    in_emergency = in_emergency or request.break_glass is not None
    lines, (first, second) = compared.lines_of(one, other), _told_apart(one, other)
    form = forms.Together(
        request.POST or None, first=first, second=second,
        takeable=[line.field for line in lines if line.may_be_taken],
    )  # fmt: skip
    status = 200
    if request.method == "POST":
        if form.is_valid() and (join := _joined(request, one, other, form)) is not None:
            return redirect("people:join", pk=join.pk)
        status = 422
    return render(
        request, "people/together.html",
        {"one": one, "other": other, "first": first, "second": second, "lines": lines, "form": form,
         "reasons": compared.reasons_in_words(_reasons(one, other)), "kept_apart": _kept_apart(one, other),
         "read_only": in_emergency},
        status=status,
    )  # fmt: skip


def _joined(request: StaffRequest, one: Patient, other: Patient, form: forms.Together) -> Join | None:
    said = form.cleaned_data
    keep, gone = (one, other) if said["keep"] == forms.FIRST else (other, one)
    try:
        with acting_as(HOUSE):
            join = joining.merge(
                keep=keep, other=gone, why=said["why"], by=request.user, at=timezone.now(), take=said["take"]
            )
    except CannotDo as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.success(request, _("Joined. It stands in the list of joins, and can be undone here."))
    return join


def _joined_already(request: StaffRequest, one: Patient, other_id) -> HttpResponse | None:
    """Where to go when the second record was joined before: to that join, or to the record it is read on now."""
    with acting_as(HOUSE):
        record = Patient.every_record.filter(public_id=other_id, merged_into__isnull=False).first()
        if record is None:
            return None
        join = Join.objects.standing().filter(other=record).first()
        while record.merged_into_id is not None:
            record = Patient.every_record.get(pk=record.merged_into_id)
    if not guard.patients_for(request.user, on=timezone.localdate()).filter(pk=record.pk).exists():
        guard.note_refusal(request, what=f"patient {other_id}", why="no tie")
        raise Http404
    if record.pk == one.pk and join is not None:
        messages.info(request, _("These two were joined already."))
        return redirect("people:join", pk=join.pk)
    messages.info(request, _("The second record was joined into another one already; this is that one."))
    return redirect("people:together", public_id=one.public_id, other_id=record.public_id)


def _reasons(one: Patient, other: Patient) -> list[str]:
    """What speaks for one person and what against, by the rules the machine goes by; here they only inform."""
    known = records.everyone([one.pk, other.pk])
    return rules.judge(known[one.pk], known[other.pk]).reasons


def _kept_apart(one: Patient, other: Patient) -> PossibleMatch | None:
    low, high = sorted((one.pk, other.pk))
    return PossibleMatch.objects.filter(
        patient=low, other=high, state=PossibleMatch.State.KEPT_APART
    ).first()  # fmt: skip


def _told_apart(one: Patient, other: Patient) -> tuple[str, str]:
    """What each record is called on the page: its name, and as much more as it takes to tell the two apart."""
    names, dated = (one.name, other.name), (_dated(one), _dated(other))
    if names[0] != names[1]:
        return names
    if dated[0] != dated[1]:
        return dated
    return _("%s (first record)") % dated[0], _("%s (second record)") % dated[1]


def _dated(patient: Patient) -> str:
    born_on = patient.born_on
    born = date_format(born_on, "M j, Y") if born_on else _("birth date unknown")
    return f"{patient.name}, {born}"
