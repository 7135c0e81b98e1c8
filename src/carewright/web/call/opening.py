"""The sealed mark of a call: with whom it was begun, by whom, when, and, when they called us, who was on the line."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.core import signing
from django.utils.translation import gettext as _

from carewright.kernel.errors import NotNow
from carewright.registry.models import Patient
from carewright.staff.models import User

SALT = "carewright.web.call"
LASTS = 12 * 3600


@dataclass(frozen=True)
class Opened:
    """
    One call that was begun; `identified_by` names what fitted the record, never the values.

    `anyway` is why somebody is called who is not to be contacted, in words; empty for everybody else.
    """

    patient: str
    user: int
    started: str
    direction: str = "out"
    task: str = ""
    with_whom: str = ""
    caller: str = ""
    related_person: int | None = None
    identified_by: tuple[str, ...] = ()
    anyway: str = ""

    @property
    def started_at(self) -> datetime:
        """When it began."""
        return datetime.fromisoformat(self.started)

    @property
    def is_incoming(self) -> bool:
        """Whether they called us."""
        return self.direction == "in"


def seal(opened: Opened) -> str:
    """The mark as it stands in the form; nobody can change it without breaking the seal."""
    return signing.dumps(asdict(opened), salt=SALT, compress=True)


def read(sealed: str, *, patient: Patient, user: User) -> Opened:
    """
    The call a form belongs to. Refused when it was begun with another patient, by somebody else, or is too old.

    Whoever has two records open in two windows cannot save one person's call into the other's record.
    """
    try:
        known = signing.loads(sealed, salt=SALT, max_age=LASTS)
    except signing.BadSignature as broken:
        raise NotNow(_("This page is too old or was changed. Nothing was saved. Open the call again.")) from broken
    opened = Opened(**(known | {"identified_by": tuple(known["identified_by"])}))
    if opened.patient != str(patient.public_id):
        raise NotNow(
            _(
                "This call was begun with another patient than the one on the screen. Nothing was saved; go back to that call."
            )
        )
    if opened.user != user.pk:
        raise NotNow(_("This call was begun by somebody else. Nothing was saved."))
    return opened
