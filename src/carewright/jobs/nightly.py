"""Every night: the population is understood anew from everything received so far."""

from datetime import datetime

from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.exchange.fhir import catching_up
from carewright.plumbing import home, jobs
from carewright.population import actions as population
from carewright.staff import clock


@jobs.every("10 6 * * *", "stratify")
def stratify(at: datetime) -> None:
    """Run the warehouse as of today, and publish it in one transaction. The hour is UTC: night in America."""
    clock.set_clock()
    here = home.current()
    with acting_as("system:nightly"), catching_up.those_made_known(here, by="system:nightly"):
        population.stratify(here, as_of=timezone.localdate(at), at=at, by="system:nightly")
