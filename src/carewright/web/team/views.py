"""The team board, and the lists its numbers open."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from carewright.access import guard
from carewright.enrollment.leads import Load
from carewright.plumbing.charts import Point
from carewright.registry.models import Patient
from carewright.staff.models import User
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.tasks import rules
from carewright.tasks.models import Task
from carewright.web.team import funnel
from carewright.web.team.work import AHEAD, FULL, LISTS, Asked, Entry, Work

STEP = 50
leading = guard.requires(Permission.SEE_TEAM)


@dataclass(frozen=True)
class Number:
    """A number of the board and the list it opens."""

    n: int
    href: str


@dataclass(frozen=True)
class Lead:
    """One line of the board."""

    load: Load
    numbers: dict[str, Number]
    breach: Task | None
    breach_left: str

    @property
    def level(self) -> int:
        """The color of the load: 3 over, 2 nearly full, 1 with room."""
        return 3 if self.load.percent > FULL else 2 if self.load.percent >= 90 else 1

    @property
    def rate(self) -> int | None:
        """People reached of those tried, in percent; nothing when nobody was tried."""
        tried = self.numbers["tried"].n
        return round(100 * self.numbers["reached"].n / tried) if tried else None


@require_GET
@leading
def board(request: StaffRequest) -> HttpResponse:
    """Exceptions, loads, what is late, what will breach, and the way from identified to graduated."""
    work = Work(request.user, timezone.now())
    steps = funnel.steps(on=work.on)
    context = {
        "at": work.at,
        "leads": [_lead(work, load) for load in work.loads],
        "people": _number(work, Asked("people")),
        "needs": [
            (name, LISTS[name], number)
            for name in ("alarms", "near", "unassigned", "unheld")
            if (number := _number(work, Asked(name))).n
        ],
        "over": [load for load in work.loads if load.percent > FULL],
        "ahead": _number(work, Asked("ahead")),
        "days": _days(work),
        "late": [(name, _number(work, Asked("overdue", kind=code))) for code, name in work.late_kinds()],
        "late_all": _number(work, Asked("overdue")),
        "steps": [
            (step, _href(Asked("funnel", kind=step.code)), round(100 * step.count / max(1, steps[0].count)))
            for step in steps
        ],
        "left": [(name, _number(work, Asked("left", kind=code))) for code, name in work.reasons_left()],
        "left_all": _number(work, Asked("left")),
    }
    return render(request, "team/board.html", context)


@require_GET
@leading
def opened(request: StaffRequest) -> HttpResponse:
    """The list behind one number: as many lines as the number said."""
    work, what, who = Work(request.user, timezone.now()), request.GET.get("what", ""), request.GET.get("who", "")
    if not what:
        return redirect("team:board")
    if what not in LISTS:
        raise Http404
    asked = Asked(
        what, int(who) if who.isascii() and who.isdigit() and len(who) < 10 else None, request.GET.get("kind", "")
    )
    entries = _of_funnel(work, asked.kind) if what == "funnel" else work.entries(asked)
    page = Paginator(entries, STEP).get_page(request.GET.get("page"))
    guard.saw_list(request, {entry.patient.pk for entry in page if entry.patient})
    lead = User.objects.filter(pk=asked.who).first() if asked.who else None
    name = funnel.STEPS.get(asked.kind, LISTS[what]) if what == "funnel" else LISTS[what]
    return render(
        request,
        "team/list.html",
        {"page": page, "name": name, "lead": lead, "asked": asked, "query": f"{asked.address}&"},
    )


def _lead(work: Work, load: Load) -> Lead:
    who = load.user.pk
    names = ("people", "due", "overdue", "ahead", "assess", "tried", "reached")
    breach = work.next_breach(who)
    return Lead(
        load, {name: _number(work, Asked(name, who)) for name in names}, breach,
        rules.time_left(breach.due_at, work.at) if breach else "",
    )  # fmt: skip


def _number(work: Work, asked: Asked) -> Number:
    return Number(len(work.entries(asked)), _href(asked))


def _href(asked: Asked) -> str:
    return f"{reverse('team:list')}?{asked.address}"


def _days(work: Work) -> list[Point]:
    """The clocks of the next two weeks, a bar a day; each leads to its list."""
    days = [work.on + timedelta(days=number) for number in range(AHEAD.days + 1)]
    found = []
    for number, day in enumerate(days):
        counted = _number(work, Asked("ahead", kind=day.isoformat()))
        kind = "bad" if number < 2 else "mid" if number < 5 else "low"
        found.append(Point(f"{day:%-m/%-d}", counted.n, kind, href=counted.href if counted.n else ""))
    return found


def _of_funnel(work: Work, code: str) -> list[Entry]:
    step = next((one for one in funnel.steps(on=work.on) if one.code == code), None)
    if step is None:
        raise Http404
    patients = {patient.pk: patient for patient in Patient.objects.filter(pk__in=step.people)}
    found = [Entry(patients[pk], step.name, when=day) for pk, day in step.people.items() if pk in patients]
    return sorted(found, key=lambda entry: (entry.when, entry.patient.sort_name), reverse=True)  # type: ignore[union-attr, arg-type]
