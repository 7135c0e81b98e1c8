"""Who looks at which patient, on which day, and what stays closed to them; asked for once and handed to every part."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import Model, Prefetch, QuerySet

from carewright.access import sensitive
from carewright.enrollment.models import Enrollment, Pause
from carewright.registry.models import ContactPoint, Identifier, Patient
from carewright.staff.models import User
from carewright.staff.roles import Permission
from carewright.web.patient import on_file


@dataclass(frozen=True)
class Sight:
    """The eyes of one reader on one patient."""

    user: User
    patient: Patient
    on: date
    at: datetime
    is_emergency: bool = False
    part2_is_open: bool = False  # to somebody who looks after them, in a medical emergency
    also_hidden: frozenset[str] = frozenset()  # closed because of who else hears it: a child's parent on the line

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The sensitivity tags closed to this reader for this patient, an open glass considered."""
        asks = self.is_emergency or self.part2_is_open
        return sensitive.hidden_tags(self.user, self.patient if asks else None, at=self.at) | self.also_hidden

    @property
    def clinical(self) -> bool:
        """Whether the reader's work includes diagnoses, medicines and results at all."""
        return sensitive.sees_clinical(self.user)

    @property
    def safety(self) -> bool:
        """Whether concerns about safety at home are open to the reader."""
        return "safety" not in self.hidden

    @property
    def works(self) -> bool:
        """Whether the reader may act here: it is their work, and they did not come in by breaking the glass."""
        return not self.is_emergency and self.user.may(Permission.WORK_TASKS)

    @cached_property
    def on_file(self) -> frozenset[str]:
        """The tables that hold anything about this patient; asked once for all parts of a page."""
        return on_file.on_file(self.patient)

    def has(self, *models: type[Model]) -> bool:
        """Whether anything about this patient stands in one of these tables."""
        tables = {model._meta.db_table for model in models}
        if not tables <= on_file.TABLES:
            raise ValueError(f"web_on_file does not look into {tables - on_file.TABLES}.")
        return not tables.isdisjoint(self.on_file)

    def of(self, rows: QuerySet) -> QuerySet:
        """Of the rows of a table, those about this patient; a table that holds none of them is not asked."""
        is_known = rows.model._meta.db_table in on_file.TABLES
        return rows.none() if is_known and not self.has(rows.model) else rows.filter(patient=self.patient)

    def facts(self, rows: QuerySet) -> QuerySet:
        """Of facts about this patient, those this reader may see and nobody has taken back."""
        found = sensitive.without_hidden(self.of(rows), self.user, hidden=self.hidden)
        names = {field.name for field in rows.model._meta.concrete_fields}
        return found.filter(retracted_at__isnull=True) if "retracted_at" in names else found

    @cached_property
    def enrollments(self) -> list[Enrollment]:
        """Every stay of this patient in a program, with who leads it and its pauses."""
        rows = self.of(Enrollment.objects.select_related("lead")).order_by("pk")
        return list(rows.prefetch_related(Prefetch("pauses", self.of(Pause.objects.all()))))

    @cached_property
    def phones(self) -> list[ContactPoint]:
        """Every number, the one to try first on top, those known to be wrong among them."""
        return list(ContactPoint.objects.filter(patient=self.patient).phones().in_dialing_order())

    @cached_property
    def identifiers(self) -> list[Identifier]:
        """Every number others know this patient by, in the order they came."""
        return list(Identifier.objects.filter(patient=self.patient).order_by("pk"))
