"""
Why a patient does not open any more to somebody who knew them: a tie or an emergency access is over, a record was joined.

Whether someone is our patient is itself private, so whoever never saw this patient gets the page everybody gets. These
three things the reader knows already, and a page that says so is no riddle in the middle of work.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from carewright.access.actor import acting_as
from carewright.access.models import BreakGlass, Tie
from carewright.registry.models import Patient

REMEMBERED = timedelta(hours=12)
"""So long after its end somebody is told that it was their emergency access that ended."""
TIE_REMEMBERED = timedelta(days=30)
"""The same for somebody's own tie."""


class Gone(Http404):
    """
    Nothing is here for this reader any more: what the page says, and what the log.

    `now_at` is the record that is read instead, when there is one.
    """

    def __init__(self, said: str, *, logged: str, now_at: UUID | None = None):
        self.said, self.logged, self.now_at = said, logged, now_at
        super().__init__(said)


def why(user, public_id, *, seen: QuerySet[Patient], at: datetime) -> Gone | None:
    """What this reader may know of why this patient does not open; `seen` are the patients they may see."""
    today, of_them = timezone.localdate(at), {"user": user, "patient__public_id": public_id}
    since = today - TIE_REMEMBERED
    with acting_as("system:break_glass"):
        ended = BreakGlass.objects.filter(ends_at__lte=at, ends_at__gt=at - REMEMBERED, **of_them)
        glass = ended.order_by("-ends_at").first()
        tie = Tie.objects.filter(ends_on__lt=today, ends_on__gte=since, **of_them).order_by("-ends_on").first()
        record = Patient.every_record.filter(public_id=public_id).select_related("merged_into").first()
        while record is not None and record.merged_into is not None:
            record = record.merged_into
    if glass is not None:
        said = _("Your emergency access ended at %s.") % date_format(timezone.localtime(glass.ends_at), "g:i A")
        return Gone(said, logged="break-glass is over")
    if tie is not None and tie.ends_on is not None:
        said = _("You could see this person until %s. Ask your supervisor if your work with them goes on.")
        return Gone(said % date_format(tie.ends_on, "F j"), logged="tie is over")
    if record is not None and record.public_id != public_id and seen.filter(pk=record.pk).exists():
        said = _("This record was joined with another one of the same person.")
        return Gone(said, logged="joined record", now_at=record.public_id)
    return None
