"""What is done as soon as a worker is free with what has just become known: people, and questionnaires."""

from django.utils import timezone

from carewright.access.actor import acting_as
from carewright.assessment import loading
from carewright.exchange.fhir import answers_again
from carewright.plumbing import home, jobs
from carewright.registry.matching import actions as matching
from carewright.staff import clock


@jobs.task(matching.SOON, attempts=6)
def match_newcomers(newer_than: int) -> None:
    """Compare those who arrived with everybody who looks like them. Safe to run twice; tried again while the night's look runs."""
    clock.set_clock()
    with acting_as("system:matching"):
        matching.find_matches(by="system:matching", at=timezone.now(), newer_than=newer_than)


@jobs.task(loading.LOADED)
def take_answers_again(code: str) -> None:
    """Take in the answers that came before their questionnaire was loaded; dangers among them are raised now."""
    clock.set_clock()
    with acting_as("system:ingest"):
        answers_again.take_again(home.current(), code, by="system:ingest", at=timezone.now())
