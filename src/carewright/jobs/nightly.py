"""Every night: the population is understood anew from everything received so far."""

import logging
from datetime import datetime

from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.assessment import reminders as assessment
from carewright.enrollment import watching as enrollment
from carewright.exchange import actions as exchange
from carewright.kernel.errors import NotNow
from carewright.plumbing import home, jobs
from carewright.population import actions as population
from carewright.population import queries
from carewright.registry.matching import actions as matching
from carewright.staff import clock

log = logging.getLogger("carewright.jobs")
TRIED_AGAIN_AFTER = 20
"""Seconds after which a run that another held up is tried again."""


@jobs.every("10 6 * * *", "stratify")
def stratify(at: datetime) -> None:
    """
    Run the warehouse as of today, and publish it in one transaction. The hour is UTC: night in America.

    While somebody's run is at work, the night's waits in the queue: what landed since that one began is not in it.
    """
    clock.set_clock()
    _publish_in_turn(at=at, who="the nightly run", unless_open=False)


@jobs.task(population.RUN_SOON, attempts=4)
def stratify_soon(unless_open: bool) -> None:
    """Make a run now, or when the one at work has finished; with `unless_open`, only while the lists are closed."""
    clock.set_clock()
    if unless_open and queries.current_run():
        return
    who = "the run that opens the closed lists" if unless_open else "the nightly run"
    if _publish_in_turn(at=timezone.now(), who=who, unless_open=unless_open) and unless_open:
        # The papers written while the lists were closed lack what the run tells.
        jobs.defer(exchange.PAPER, once=exchange.PAPER, timestamp=int(timezone.now().timestamp()))


def _publish_in_turn(*, at: datetime, who: str, unless_open: bool) -> bool:
    """Make a run, unless another is at work: then it is asked for again in a while. Whether it was made."""
    here = home.current()
    exchange.finish_taking_back(by="system:nightly", at=at)
    try:
        with acting_as("system:nightly"), exchange.around_a_run(here, by="system:nightly", at=at):
            population.stratify(here, as_of=timezone.localdate(at), at=at, by="system:nightly", who=who)
    except population.RunAtWork as busy:
        log.info("%s After it comes %s.", busy, who)
        word = f"{population.RUN_SOON}:{'closed' if unless_open else 'night'}"
        jobs.defer(population.RUN_SOON, once=word, in_seconds=TRIED_AGAIN_AFTER, unless_open=unless_open)
        return False
    return True


@jobs.every("10 5 * * *", "match_people")
def match_people(at: datetime) -> None:
    """
    Compare everybody who looks alike: sure pairs are joined, others wait for a person.

    An hour before the night's run, which counts those it joins as one. Whom that run makes known is compared after it.
    """
    clock.set_clock()
    with acting_as("system:matching"):
        try:
            matching.find_matches(by="system:matching", at=at)
        except NotNow:  # newcomers are being compared at this moment: everybody's turn is after them
            jobs.defer(matching.SOON, newer_than=0)


@jobs.every("40 9 * * *", "watch_enrollment_nightly")
def watch_enrollment_nightly(at: datetime) -> None:
    """Give up where everything was tried, end pauses whose last day is over, compare coverage with enrollment."""
    clock.set_clock()
    with acting_as("system:nightly"):
        enrollment.each_night(at=at, on=timezone.localdate(at), by="system:nightly")


@jobs.every("50 9 * * *", "remind_of_assessments")
def remind_of_assessments(at: datetime) -> None:
    """Bring what is due of assessments onto somebody's day."""
    clock.set_clock()
    with acting_as("system:nightly"):
        assessment.each_night(on=timezone.localdate(at), at=at, by="system:nightly")
