"""The day a patient died, as a person confirmed it or found it wrong; how that is decided belongs to enrollment."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from carewright.audit import actions as audit
from carewright.kernel.errors import CannotDo
from carewright.registry.models import FieldSource, Patient
from carewright.staff.models import User


def set_death(*, patient: Patient, died_on: date | None, by: User | str, at: datetime, why: str) -> Patient:
    """
    Write down the day of death that a person confirmed, or take away one that was wrong.

    A confirmed day is ours: no file overwrites it. A day taken away is not, because a later file may be right.
    """
    if not why.strip():
        raise CannotDo(_("Say how you know."))
    with audit.change(patient, by=by, did="set_death" if died_on else "took_away_death", why=why.strip()):
        patient.died_on = died_on
        if died_on is not None and isinstance(by, User):
            FieldSource.objects.update_or_create(
                patient=patient, field="died_on", defaults={"said_by": by, "said_at": at}
            )  # fmt: skip
        else:
            FieldSource.objects.filter(patient=patient, field="died_on").delete()
    return patient
