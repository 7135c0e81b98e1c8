"""
Everything the board counts, asked for once: reminders, contacts, caseloads and alarms of the people who lead patients.

`entries` answers each list by its name in the address; every number on the board is the length of one of them.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carewright.access import sensitive
from carewright.contacts.models import Contact
from carewright.enrollment import leads
from carewright.enrollment.models import Enrollment
from carewright.knowledge import task_kinds
from carewright.knowledge.programs import name_of
from carewright.registry.models import Patient
from carewright.staff.models import User
from carewright.tasks.models import Alarm, Task
from carewright.web.day.worklist import group_of

AHEAD, LATELY, NEAR = timedelta(days=14), timedelta(days=30), timedelta(hours=4)
FULL = 100

LISTS = {
    "people": gettext_lazy("People"),
    "due": gettext_lazy("Due today"),
    "overdue": gettext_lazy("Late"),
    "ahead": gettext_lazy("Clocks that end in the next 14 days"),
    "assess": gettext_lazy("Assessments due within 14 days"),
    "tried": gettext_lazy("People we tried to reach, 30 days"),
    "reached": gettext_lazy("People reached, 30 days"),
    "near": gettext_lazy("Clocks that end within four hours, or have ended"),
    "unassigned": gettext_lazy("In a program, and nobody leads"),
    "unheld": gettext_lazy("Team work that nobody holds"),
    "alarms": gettext_lazy("Alarms nobody has taken on"),
    "left": gettext_lazy("Left a program, 90 days"),
    "funnel": gettext_lazy("On the way, 12 months"),
}
"""The lists a number may open, and what each is called."""


@dataclass(frozen=True)
class Entry:
    """One line of a list: about whom, what, when, whose."""

    patient: Patient | None
    what: str
    more: str = ""
    when: datetime | date | None = None
    owner: str = ""


@dataclass(frozen=True)
class Asked:
    """Which list: its name, of whom, and of which kind, day, step or reason."""

    what: str
    who: int | None = None
    kind: str = ""

    @property
    def address(self) -> str:
        """The list as it stands in an address."""
        from carewright.plumbing.lists import address_of

        return address_of({"what": self.what, "who": self.who or "", "kind": self.kind})


@dataclass
class Work:
    """What the people who lead patients have before them, as one reader may see it at one moment."""

    reader: User
    at: datetime

    @property
    def on(self) -> date:
        """The day it is."""
        return timezone.localdate(self.at)

    @cached_property
    def loads(self) -> list[leads.Load]:
        """Everyone who leads patients with their load, the fullest first."""
        return leads.loads(on=self.on)

    @cached_property
    def enrollments(self) -> list[Enrollment]:
        """Everyone who is worked with in a program now; who left today is no longer among them."""
        found = Enrollment.objects.at_work(self.on).select_related("patient").prefetch_related("lead")
        return list(found.order_by("patient__sort_name", "pk"))

    @cached_property
    def led(self) -> dict[int | None, list[Enrollment]]:
        """The same by who leads; each list of the board reads only the part it is about."""
        return _by(self.enrollments, lambda one: one.lead_id)

    @cached_property
    def tasks(self) -> list[Task]:
        """Open reminders of those people, and those of teams that nobody holds."""
        found = Task.objects.open().select_related("patient").prefetch_related("owner_user", "owner_team")
        found = found.order_by("due_at", "pk")  # few own many: owners are read once, not with each reminder
        people = {load.user.pk for load in self.loads}
        return [task for task in found if task.owner_team_id or task.owner_user_id in people]

    @cached_property
    def owned(self) -> dict[int | None, list[Task]]:
        """The same by who owns them."""
        return _by(self.tasks, lambda task: task.owner_user_id)

    @cached_property
    def due_on(self) -> dict[int, date]:
        """The day each reminder is due, by its key."""
        return {task.pk: timezone.localdate(task.due_at) for task in self.tasks}

    @cached_property
    def contacts(self) -> list[Contact]:
        """What they tried in thirty days to reach patients or who speaks for them."""
        found = Contact.objects.standing().filter(
            direction=Contact.Direction.OUT, started_at__gte=self.at - LATELY, started_at__lte=self.at,
            with_whom__in=[Contact.With.PATIENT, Contact.With.PROXY, Contact.With.FAMILY],
            by__in=[load.user.pk for load in self.loads],
        )  # fmt: skip
        return list(found.select_related("patient").prefetch_related("by").order_by("-started_at"))

    @cached_property
    def tried(self) -> dict[int | None, list[Contact]]:
        """The same by who tried."""
        return _by(self.contacts, lambda one: one.by_id)

    def entries(self, asked: Asked) -> list[Entry]:
        """One list, whole."""
        return self._makers[asked.what](asked) if asked.what in self._makers else []

    @property
    def _makers(self) -> dict[str, Callable[[Asked], list[Entry]]]:
        return {
            "people": self._people,
            "due": lambda asked: self._of_tasks(asked, lambda task: self._is_today(task) and task.due_at >= self.at),
            "overdue": lambda asked: self._of_tasks(asked, lambda task: task.due_at < self.at),
            "ahead": lambda asked: self._of_tasks(asked, self._is_ahead(asked), by_kind=False),
            "assess": lambda asked: self._of_tasks(asked, self._is_assessment),
            "near": lambda asked: self._of_tasks(asked, lambda task: bool(task.clock) and task.due_at < self.at + NEAR),
            "unheld": lambda asked: self._of_tasks(asked, lambda task: task.owner_user_id is None),
            "tried": lambda asked: self._of_contacts(asked, lambda one: True),
            "reached": lambda asked: self._of_contacts(asked, lambda one: one.was_reached),
            "unassigned": lambda asked: [self._of_enrollment(one) for one in self.enrollments if one.lead_id is None],
            "alarms": lambda asked: self._alarms(),
            "left": self._left,
        }

    def _people(self, asked: Asked) -> list[Entry]:
        by_patient: dict[int, list[Enrollment]] = {}
        for one in self.enrollments if asked.who is None else self.led.get(asked.who, []):
            if one.lead_id is not None:
                by_patient.setdefault(one.patient_id, []).append(one)
        return [
            Entry(found[0].patient, ", ".join(_(name_of(one.program)) for one in found), when=found[0].starts_on,
                  owner=found[0].lead.name if found[0].lead else "")
            for found in by_patient.values()
        ]  # fmt: skip

    def _of_tasks(self, asked: Asked, wanted: Callable[[Task], bool], *, by_kind: bool = True) -> list[Entry]:
        return [
            Entry(
                task.patient, task.said_title, task.said_clock or _(task_kinds.kind_named(task.kind).name), task.due_at,
                task.owner_user.name if task.owner_user else task.owner_team.name,  # type: ignore[union-attr]
            )
            for task in (self.tasks if asked.who is None else self.owned.get(asked.who, []))
            if (not by_kind or not asked.kind or task.kind == asked.kind) and wanted(task)
        ]  # fmt: skip

    def _is_today(self, task: Task) -> bool:
        return self.due_on[task.pk] == self.on

    def _is_ahead(self, asked: Asked) -> Callable[[Task], bool]:
        def wanted(task: Task) -> bool:
            if not task.clock or not self.at <= task.due_at < self.at + AHEAD:
                return False
            return not asked.kind or asked.kind == self.due_on[task.pk].isoformat()

        return wanted

    def _is_assessment(self, task: Task) -> bool:
        return group_of(task_kinds.kind_named(task.kind)) == "assessments" and task.due_at < self.at + AHEAD

    def _of_contacts(self, asked: Asked, wanted: Callable[[Contact], bool]) -> list[Entry]:
        seen: dict[int, Contact] = {}
        for one in self.contacts if asked.who is None else self.tried.get(asked.who, []):
            if wanted(one):
                seen.setdefault(one.patient_id, one)
        return [
            Entry(one.patient, str(one.get_ended_display()), str(one.get_kind_display()), one.started_at,
                  one.by.name if one.by else "")
            for one in seen.values()
        ]  # fmt: skip

    def _of_enrollment(self, one: Enrollment) -> Entry:
        return Entry(one.patient, _(name_of(one.program)), when=one.starts_on)

    def _alarms(self) -> list[Entry]:
        if not sensitive.sees_clinical(self.reader):
            return []
        found = Alarm.objects.not_accepted().select_related("patient").order_by("raised_at")
        return [
            Entry(alarm.patient, alarm.because, str(alarm.get_severity_display()), alarm.raised_at) for alarm in found
        ]

    @cached_property
    def ended(self) -> list[Enrollment]:
        """Enrollments that ended in ninety days."""
        found = Enrollment.objects.filter(ends_on__gte=self.on - timedelta(days=90), ends_on__lte=self.on)
        return list(found.select_related("patient", "lead").order_by("-ends_on", "pk"))

    def _left(self, asked: Asked) -> list[Entry]:
        return [
            Entry(one.patient, f"{_(name_of(one.program))}: {one.get_end_reason_display()}", one.end_words, one.ends_on,
                  one.lead.name if one.lead else "")
            for one in self.ended
            if not asked.kind or one.end_reason == asked.kind
        ]  # fmt: skip

    def next_breach(self, who: int) -> Task | None:
        """The clock of somebody that ends next."""
        return next((task for task in self.owned.get(who, []) if task.clock and task.due_at >= self.at), None)

    def late_kinds(self) -> list[tuple[str, str]]:
        """The kinds of work of which some is late: code and name."""
        late = {task.kind for task in self.tasks if task.due_at < self.at}
        return sorted(((code, task_kinds.kind_named(code).name) for code in late), key=lambda pair: pair[1])

    def reasons_left(self) -> list[tuple[str, str]]:
        """Why people left in ninety days: code and words."""
        return [
            (code, _(str(name)))
            for code, name in Enrollment.EndReason.choices
            if any(one.end_reason == code for one in self.ended)
        ]


def _by(rows: list, key: Callable) -> dict:
    """Rows by a key, in their order: a board of a hundred leads does not read everybody's rows a hundred times."""
    found: dict = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found
