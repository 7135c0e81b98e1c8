"""
Questions about who looked at whom: one patient's log, and the emergency access that waits for review.

The reviewing person need not have a tie to the patients in question (`Permission.REVIEW_ACCESS`), so these questions
are asked by the house (`system:access_review`), and the names in the answers are shown as the reader's role allows.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.access.models import BreakGlass
from carewright.audit.models import Entry
from carewright.registry.joining import records_of
from carewright.registry.models import Patient


def log_of(
    patient: Patient, *, since: date | None = None, until: date | None = None, by: str = "", did: str = ""
) -> QuerySet[Entry]:
    """
    Every line of the log about one patient, newest first: what was seen, changed, taken out, and who was not let in.

    Also of the records that were joined into theirs: who looked at one of those looked at this person.
    `since` and `until` are days, inclusive; `by` a part of a name or email; `did` one verb.
    """
    records = _records_of(patient)
    named = [f"patient {public_id}" for public_id in records.values()]
    lines = Entry.objects.filter(Q(patient_ids__overlap=list(records)) | Q(what__in=named))
    if since:
        lines = lines.filter(at__gte=start_of(since))
    if until:
        lines = lines.filter(at__lt=start_of(until + timedelta(1)))
    if by:
        lines = lines.filter(Q(by_name__icontains=by) | Q(by__icontains=by))
    if did:
        lines = lines.filter(did=did)
    return lines.order_by("-id")


def _records_of(patient: Patient) -> dict[int, UUID]:
    """Every record that stands for a patient, by id; nobody has a tie to one that was joined away, so the house asks."""
    with acting_as("system:access_review"):
        rows = Patient.every_record.filter(pk__in=records_of(patient))
        return dict(rows.values_list("pk", "public_id"))


def open_reviews() -> QuerySet[BreakGlass]:
    """Emergency access nobody has reviewed yet, the oldest first."""
    return BreakGlass.objects.filter(reviewed_at__isnull=True).select_related("user", "patient").order_by("starts_at")


def reviewed(*, since: datetime) -> QuerySet[BreakGlass]:
    """Emergency access reviewed since a moment, the latest first."""
    glasses = BreakGlass.objects.filter(reviewed_at__gte=since)
    return glasses.select_related("user", "patient", "reviewed_by").order_by("-reviewed_at")


def review_count(user) -> int:
    """How many emergency accesses wait for this person's review; their own wait for somebody else."""
    with acting_as("system:access_review"):
        return open_reviews().exclude(user_id=user.pk).count()


def patients_by_id(ids: Iterable[int]) -> dict[int, Patient]:
    """The patients of these ids, past the reader's wall; only for pages whose permission was checked."""
    with acting_as("system:access_review"):
        return {patient.pk: patient for patient in Patient.objects.filter(pk__in=set(ids))}


def start_of(day: date) -> datetime:
    """The first moment of a day in the organization's time zone."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())
