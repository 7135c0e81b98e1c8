"""My Day, click by click: the list, what arrived since, snooze, bring back, close."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from carewright.access import guard
from carewright.enrollment import leads
from carewright.enrollment import queries as enrollment
from carewright.kernel.errors import CannotDo
from carewright.plumbing.lists import address_of
from carewright.population import queries as population
from carewright.staff.models import User
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.tasks import actions, queries
from carewright.tasks.models import Task
from carewright.web import sessions
from carewright.web.day import choosing, snoozing, worklist
from carewright.web.day.beside import beside
from carewright.web.day.live import BESIDE
from carewright.web.day.worklist import Line

STEP = 25
CONSEQUENCES = {
    "1": gettext_lazy("Little: it can wait a week"),
    "2": gettext_lazy("Something, after some days"),
    "3": gettext_lazy("Something, with each day"),
    "4": gettext_lazy("Much, with each day"),
    "5": gettext_lazy("A life, or a promise to them"),
}
"""What may be lost by waiting, as somebody says it who disagrees with the place of a line."""

working = guard.requires(Permission.WORK_TASKS)


@require_GET
@working
def day(request: StaffRequest) -> HttpResponse:
    """Everything that needs this person now."""
    context = _day(request, at=timezone.now())
    guard.saw_list(request, {line.patient.pk for line in context["page"] if line.patient})
    return render(request, "day/page.html", context)


@require_GET
@working
def changes(request: StaffRequest) -> HttpResponse:
    """What a page that is open asks every few seconds: nothing when nothing changed, else the list as it is now."""
    at = timezone.now()
    return _changes(request, worklist.lines_of(request.user, at=at), at=at)


@require_GET
@working
def live(request: StaffRequest) -> HttpResponse:
    """
    The same for a stream that an open page holds (`web.day.live`): it is told whose it is and when to ask again.

    Asked by anything else it answers as `changes` does.
    """
    at = timezone.now()
    lines = worklist.lines_of(request.user, at=at)
    if (stream := request.META.get(BESIDE)) is not None:
        turns = worklist.changes_at(request.user, lines, at=at)
        left, _most = sessions.seconds_left(request.session, at=at)
        stream.let_in(
            person=request.user.pk,
            session=sessions.mark_of(request.session),
            have=worklist.fingerprint(lines),
            again_in=1 + min(left, (turns - at).total_seconds()),
        )
    return _changes(request, lines, at=at)


def _changes(request: StaffRequest, lines: list[Line], *, at: datetime) -> HttpResponse:
    if worklist.fingerprint(lines) == request.GET.get("have"):
        return HttpResponse(status=204)
    context = _day(request, at=at, lines=lines) | {"alarm_count": queries.alarm_count(request.user)}
    guard.saw_list(request, {line.patient.pk for line in context["page"] if line.patient})
    return render(request, "day/_list.html", context)


@require_POST
@working
def snooze(request: StaffRequest, task_id) -> HttpResponse:
    """Put one task off to a moment, with a reason."""
    task, at = _task(request, task_id), timezone.now()
    until = snoozing.moment_of(task, request.POST.get("until", ""), at=at)
    because = request.POST.get("words", "").strip() or request.POST.get("because", "")
    if until is None:
        messages.error(request, _("Choose how long it can wait."))
        return _back(request)
    return _did(
        request, lambda: actions.snooze(task=task, until=until, because=because, by=request.user, at=at),
        _("Snoozed until %s.") % date_format(timezone.localtime(until), "D M j, g:i A"),
    )  # fmt: skip


@require_POST
@working
def bring_back(request: StaffRequest, task_id) -> HttpResponse:
    """Let a snoozed or paused task be seen again."""
    task = _task(request, task_id)
    return _did(
        request, lambda: actions.resume(task=task, by=request.user, at=timezone.now()), _("It is back on the list.")
    )


@require_POST
@working
def close(request: StaffRequest, task_id) -> HttpResponse:
    """Close a task that no call fulfills: done, or not needed, with words."""
    task, because = _task(request, task_id), request.POST.get("because", "")
    if because not in (Task.Closed.DONE, Task.Closed.NOT_NEEDED):
        messages.error(request, _("Say whether it is done or not needed."))
        return _back(request)
    words = request.POST.get("words", "").strip()
    if because == Task.Closed.NOT_NEEDED and not words:
        messages.error(request, _("Say why it is not needed."))
        return _back(request)
    return _did(
        request,
        lambda: actions.close(task=task, because=because, by=request.user, at=timezone.now(), words=words),
        _("Closed: %s.") % task.said_title,
    )


@require_POST
@working
def weigh(request: StaffRequest, task_id) -> HttpResponse:
    """Disagree with the place of a line: how much is lost by waiting, and why."""
    task, said = _task(request, task_id), request.POST.get("consequence", "")
    if said not in CONSEQUENCES:
        messages.error(request, _("Choose how much is lost by waiting."))
        return _back(request)
    because = request.POST.get("words", "")[:500]
    return _did(
        request,
        lambda: actions.weigh(task=task, consequence=int(said), because=because, by=request.user, at=timezone.now()),
        _("It stands where you put it: %s.") % task.said_title,
    )


def _task(request: StaffRequest, task_id) -> Task:
    """One of this person's tasks, or of somebody they may see when they lead a team; 404 for any other."""
    task = guard.one_of(request, Task.objects.open().select_related("patient").filter(public_id=task_id))
    if task is None:
        raise Http404
    teams = request.user.memberships.on(timezone.localdate()).values_list("team", flat=True)
    mine = task.owner_user_id == request.user.pk or task.owner_team_id in set(teams)
    if not mine and not request.user.may(Permission.SEE_TEAM):
        raise Http404
    if task.patient is not None:
        guard.open_patient(request, task.patient.public_id)
    return task


def _did(request: StaffRequest, action, said: str) -> HttpResponse:
    try:
        action()
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return _back(request)


def _back(request: StaffRequest) -> HttpResponse:
    """The list as it was chosen."""
    keep = {name: request.POST.get(name, "") for name in ("show", "order", "page")}
    return redirect(f"{reverse('day:day')}?{address_of(keep)}".rstrip("?"))


def _day(request: StaffRequest, *, at: datetime, lines: list[Line] | None = None) -> dict:
    user, show, order = request.user, request.GET.get("show", ""), request.GET.get("order", "")
    lines = worklist.lines_of(user, at=at) if lines is None else lines
    user.just_counted = {"carewright.web.day.worklist:count": len(lines)}  # type: ignore[attr-defined]
    away = worklist.snoozed_due(user, at=at)
    shown = (
        worklist.snoozed_lines(user, at=at)
        if show == "snoozed"
        else choosing.in_order(choosing.chosen(lines, show), order)
    )
    page = Paginator(shown, STEP).get_page(request.GET.get("page"))
    rows = [shown_as(line, user, at=at) for line in page]
    selected = next((line for line in page if line.key == request.GET.get("row")), page[0] if len(page) else None)
    counts = choosing.counts(lines)
    return {
        "at": at,
        "page": page,
        "rows": rows,
        "lines": lines,
        "people": len({line.patient.pk for line in lines if line.patient}),
        "away": len(away),
        "counts": counts,
        "chips": [(code, name, counts[code]) for code, name in choosing.CHIPS.items() if not code or counts[code]],
        "show": show,
        "order": order,
        "orders": choosing.ORDERS.items(),
        "selected": selected,
        "beside": beside(selected, user, at=at) if selected else None,
        "reasons": snoozing.REASONS,
        "consequences": CONSEQUENCES.items(),
        "fingerprint": worklist.fingerprint(lines),
        "load": leads.own_load(user, on=timezone.localdate(at)),
        "next_due": away[0] if away else None,
        "address": address_of({"show": show, "order": order}),
        "elsewhere": [] if lines else _elsewhere(user, at=at),
        "incoming_href": _page("call:incoming") if user.may(Permission.SEE_CHART) else "",
        "sheet_href": _page("printouts:caseload"),
        "minutes": worklist.minutes_today(user, on=timezone.localdate(at)),
    }


def _elsewhere(user: User, *, at: datetime) -> list[tuple[str, str, int]]:
    """What waits for somebody with an empty day on pages that are nobody's own: words, page, how many."""
    on, found = timezone.localdate(at), []
    if user.may(Permission.DECIDE_CANDIDATES):
        found.append((_("Referrals to decide on"), _page("enrollment:triage"), enrollment.triage_count(user)))
    if user.may(Permission.SEE_CANDIDATES):
        said = _("Candidates to decide on") if user.may(Permission.DECIDE_CANDIDATES) else _("Candidates on the list")
        found.append((said, _page("population:candidates"), population.waiting_count(user) or 0))
    if user.may(Permission.SEE_TEAM):
        found.append(
            (_("Patients nobody leads"), _page("enrollment:loads"), enrollment.unassigned(user, on=on).count())
        )
    return [each for each in found if each[2]]


@dataclass(frozen=True)
class Shown:
    """One line as the page shows it: what can be done about it, and how long it may be put off."""

    line: Line
    words: str
    href: str
    is_call: bool
    snoozes: list[snoozing.Until]

    @property
    def elapsed(self) -> int:
        """How much of the time from its opening to its end has gone, 0 to 100."""
        whole = (self.line.due_at - self.line.since).total_seconds()
        gone = (timezone.now() - self.line.since).total_seconds()
        return 100 if whole <= 0 else max(4, min(100, round(100 * gone / whole)))

    @property
    def level(self) -> int:
        """The color of the clock: 3 late, 2 soon, 1 calm."""
        return {"over": 3, "soon": 2}.get(self.line.state, 1)


def shown_as(line: Line, user: User, *, at: datetime) -> Shown:
    """A line with what this reader can do about it."""
    words, href, is_call = offer(line, user)
    return Shown(line, words, href, is_call, snoozing.choices(line.task, at=at) if line.task else [])


def offer(line: Line, user: User) -> tuple[str, str, bool]:
    """What can be done about a line: the words of the button, where it leads, and whether it is a call."""
    if line.task is not None and line.group == "messages":
        return (_("Read"), _address("tasks:task", line.task.public_id), False)
    if line.patient is None:
        return (_("Open"), _address("tasks:task", line.task.public_id), False) if line.task else ("", "", False)
    public_id = line.patient.public_id
    chart = reverse("patient:glance", args=[public_id]) if user.may(Permission.SEE_CHART) else ""
    if line.alarm is not None:
        return (_("Open"), _address("tasks:alarm", line.alarm.public_id) or chart, False)
    if line.group == "calls" and line.task is not None:
        called = _address("call:out", public_id)
        return (_("Call"), f"{called}?task={line.task.public_id}", True) if called else (_("Open"), chart, False)
    words, url_name, permission, about = _place_of(line)
    href = _address(url_name, about or public_id) if url_name and user.may(permission) else ""
    return (words, href, False) if href else (_("Open"), chart, False)


def _place_of(line: Line) -> tuple[str, str, Permission, UUID | None]:
    """Where the work of a line is done: words, page, what it takes, and which thing, when it is not the patient."""
    kind = line.task.kind if line.task else ""
    about = line.task.about_public_id if line.task else None
    match kind:
        case "outreach_letter" if about:
            return (_("Letter"), "enrollment:episode", Permission.WORK_TASKS, about)
        case "ask_pcp" if about:
            return (_("Decide"), "enrollment:triage_item", Permission.DECIDE_CANDIDATES, about)
        case "ask_pcp":
            return (_("Open"), "tasks:task", Permission.WORK_TASKS, line.task.public_id if line.task else None)
        case "repair_contact":
            return (_("Find one"), "people:contact", Permission.WORK_TASKS, None)
        case "confirm_death":
            return (_("Settle"), "enrollment:enrollment", Permission.TAKE_CONSENT, None)
        case "enroll_agreed":
            return (_("Enroll"), "enrollment:enrollment", Permission.TAKE_CONSENT, None)
        case "coverage_lost":
            return (_("Enrollment"), "enrollment:enrollment", Permission.TAKE_CONSENT, None)
        case "review_plan" | "plan_step":
            return (_("Plan"), "careplan:plan", Permission.PLAN_CARE, None)
    return {
        "assessments": (_("Assess"), "assessment:of_patient", Permission.ASSESS, None),
        "renewals": (_("Consent"), "enrollment:consent", Permission.TAKE_CONSENT, None),
    }.get(line.group, (_("Open"), "", Permission.SEE_CHART, None))


def _page(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _address(url_name: str, public_id) -> str:
    try:
        return reverse(url_name, args=[public_id])
    except NoReverseMatch:
        return ""
