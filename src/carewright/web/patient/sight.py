"""Who looks at which patient, on which day, and what stays closed to them; asked for once and handed to every part."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.db.models import QuerySet

from carewright.access import sensitive
from carewright.registry.models import Patient
from carewright.staff.models import User
from carewright.staff.roles import Permission


@dataclass(frozen=True)
class Sight:
    """The eyes of one reader on one patient."""

    user: User
    patient: Patient
    on: date
    at: datetime
    is_emergency: bool = False
    also_hidden: frozenset[str] = frozenset()  # closed because of who else hears it: a child's parent on the line

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The sensitivity tags closed to this reader for this patient, an open glass considered."""
        return (
            sensitive.hidden_tags(self.user, self.patient if self.is_emergency else None, at=self.at) | self.also_hidden
        )

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

    def facts(self, rows: QuerySet) -> QuerySet:
        """Of facts about this patient, those this reader may see and nobody has taken back."""
        found = sensitive.without_hidden(rows.filter(patient=self.patient), self.user, hidden=self.hidden)
        names = {field.name for field in rows.model._meta.concrete_fields}
        return found.filter(retracted_at__isnull=True) if "retracted_at" in names else found
