"""Every night: the population is understood anew from everything received so far."""

from datetime import datetime

from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.plumbing import home, jobs
from carewright.population import actions as population


@jobs.every("10 6 * * *", "stratify")
def stratify(at: datetime) -> None:
    """Run the warehouse as of today, and publish it in one transaction. The hour is UTC: night in America."""
    with acting_as("system:nightly"):
        population.stratify(home.current(), as_of=timezone.localdate(at), at=at, by="system:nightly")
