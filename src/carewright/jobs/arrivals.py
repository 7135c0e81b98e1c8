"""What people who have just become known are looked at for, as soon as a worker is free."""

from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.plumbing import jobs
from carewright.registry.matching import actions as matching
from carewright.staff import clock


@jobs.task(matching.SOON, attempts=6)
def match_newcomers(newer_than: int) -> None:
    """Compare those who arrived with everybody who looks like them. Safe to run twice; tried again while the night's look runs."""
    clock.set_clock()
    with acting_as("system:matching"):
        matching.find_matches(by="system:matching", at=timezone.now(), newer_than=newer_than)
