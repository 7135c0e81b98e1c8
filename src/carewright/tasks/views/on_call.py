"""The roster: a week of days, who is on call in which hours, and the hours nobody covers."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from carewright.access import guard
from carewright.channel import actions as channel
from carewright.channel.models import Pager
from carewright.kernel.errors import CannotDo
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.tasks import forms
from carewright.tasks import on_call as doing
from carewright.tasks.models import OnCallShift
from carewright.tasks.returning import did

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Part:
    """A stretch of one day: somebody's, or nobody's; where it begins and how long it is, in hundredths of a day."""

    starts_at: datetime
    ends_at: datetime
    shift: OnCallShift | None
    begins: float
    width: float
    tone: str


@dataclass(frozen=True)
class Day:
    """One row of the week."""

    on: date
    is_today: bool
    parts: list[Part]


def week_of(first: date, today: date) -> list[Day]:
    """Seven days from one on, each cut into the stretches of the roster and the gaps between them."""
    edges = [_midnight(first + number * DAY) for number in range(8)]
    shifts = doing.shifts_between(edges[0], edges[7])
    tones = {user: ("", "alt", "info", "note")[number % 4] for number, user in enumerate(dict.fromkeys(
        shift.user_id for shift in shifts))}  # fmt: skip
    return [
        Day(
            first + number * DAY, first + number * DAY == today, _parts(shifts, edges[number], edges[number + 1], tones)
        )
        for number in range(7)
    ]


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _parts(shifts: list[OnCallShift], since: datetime, until: datetime, tones: dict[int, str]) -> list[Part]:
    held = [
        (max(shift.starts_at, since), min(shift.ends_at, until), shift)
        for shift in shifts
        if shift.starts_at < until and shift.ends_at > since
    ]
    gaps = doing.uncovered([(start, end) for start, end, _shift in held], since=since, until=until)
    whole = until - since
    parts = held + [(gap.starts_at, gap.ends_at, None) for gap in gaps]
    return [
        Part(start, end, shift, round((start - since) / whole * 100, 2), round((end - start) / whole * 100, 2),
             tones[shift.user_id] if shift else "bad")
        for start, end, shift in sorted(parts, key=lambda part: part[0])
    ]  # fmt: skip


@require_GET
@guard.requires(Permission.WORK_TASKS)
def on_call(request: StaffRequest) -> HttpResponse:
    """Who is on call, seven days from today or from a day."""
    return _roster(request)


@require_POST
@guard.requires(Permission.MANAGE_ON_CALL)
def add_shift(request: StaffRequest) -> HttpResponse:
    """Put somebody on the roster; what is missing is said on the same page."""
    form = forms.Shift(request.POST)
    if form.is_valid() and did(form, lambda: doing.add_shift(by=request.user, **form.cleaned_data)):
        messages.success(request, _("The shift is on the roster."))
        return redirect("tasks:on_call")
    return _roster(request, form)


def _roster(request: StaffRequest, form: forms.Shift | None = None) -> HttpResponse:
    now, today = timezone.now(), timezone.localdate()
    first, gaps = _first(request.GET.get("from", ""), today), doing.gaps_ahead(now)
    initial: dict[str, str] = {}
    if gaps:
        ends_at = min(gaps[0].ends_at, gaps[0].starts_at + DAY)
        initial = {"starts_at": forms.as_typed(gaps[0].starts_at), "ends_at": forms.as_typed(ends_at)}
    pager = Pager.objects.filter(user=request.user).first()
    reached = {"kind": pager.kind, "value": pager.value} if pager else {"kind": "sms"}
    context = {
        "week": week_of(first, today), "first": first, "last": first + 6 * DAY, "earlier": first - 7 * DAY,
        "later": first + 7 * DAY, "gaps": gaps, "now": doing.at(now), "form": form or forms.Shift(initial=initial),
        "manages": request.user.may(Permission.MANAGE_ON_CALL), "pager": pager,
        "pager_form": forms.PagerForm(initial=reached),
    }  # fmt: skip
    return render(request, "tasks/on_call.html", context, status=422 if form is not None else 200)


def _first(asked: str, today: date) -> date:
    """The first of the seven days shown: the one asked for, else today, because what matters is ahead."""
    try:
        return date.fromisoformat(asked)
    except ValueError:
        return today


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.MANAGE_ON_CALL)
def change_shift(request: StaffRequest, pk: int) -> HttpResponse:
    """Change one shift."""
    shift = get_object_or_404(OnCallShift.objects.select_related("user", "backup_user"), pk=pk)
    initial = {"user": shift.user_id, "backup_user": shift.backup_user_id,
               "starts_at": forms.as_typed(shift.starts_at), "ends_at": forms.as_typed(shift.ends_at)}  # fmt: skip
    form = forms.Shift(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if shift.starts_at.replace(second=0, microsecond=0) == given["starts_at"]:
            given["starts_at"] = shift.starts_at
        if did(form, lambda: doing.change_shift(shift=shift, by=request.user, at=timezone.now(), **given)):
            messages.success(request, _("The shift is changed."))
            return redirect("tasks:on_call")
    return render(request, "tasks/shift.html", {"shift": shift, "form": form}, status=422 if form.errors else 200)


@require_POST
@guard.requires(Permission.MANAGE_ON_CALL)
def end_shift(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a shift off the roster, or end the one that runs."""
    shift = OnCallShift.objects.filter(pk=pk).first()
    if shift is None:
        raise Http404
    try:
        doing.end_shift(shift=shift, by=request.user, at=timezone.now())
        messages.success(request, _("Those hours are open now."))
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    return redirect("tasks:on_call")


@require_POST
@guard.requires(Permission.WORK_TASKS)
def pager(request: StaffRequest) -> HttpResponse:
    """Say where one is reached when on call."""
    form = forms.PagerForm(request.POST)
    if form.is_valid() and did(
        form, lambda: channel.set_pager(user=request.user, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, _("You will be reached there."))
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("tasks:on_call")
