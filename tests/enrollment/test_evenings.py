"""In the evening the clock of the world is a day ahead of the one on the wall: what counts is the day where people live."""

from datetime import UTC, date, datetime

import pytest

from carewright.channel import actions as channel
from carewright.channel import gate
from carewright.enrollment import consenting, reaching
from carewright.kernel.errors import NotNow
from carewright.knowledge import consent as words
from carewright.knowledge.outreach import Part
from carewright.population import actions as population
from carewright.population.models import CandidateDecision
from tests.factories.registry import ContactPointFactory

pytestmark = pytest.mark.django_db
EVENING = datetime(2026, 3, 3, 1, 30, tzinfo=UTC)  # Monday, March 2, half past seven in the evening in Chicago
MONDAY = date(2026, 3, 2)


def test_a_call_in_the_evening_counts_on_its_day_and_in_its_part_of_the_day(patient, called):
    called(EVENING)
    attempt = reaching.attempts_of(patient)[0]
    assert (attempt.at.date(), attempt.part) == (MONDAY, Part.EVENING)


def test_a_number_found_wrong_on_the_evening_of_a_call_was_not_known_bad_before(patient, called):
    point = ContactPointFactory(patient=patient, value="(312) 555-0199", wrong_since_on=MONDAY)
    called(EVENING, "left_message", point=point)
    assert not reaching.attempts_of(patient)[0].to_known_bad


def test_a_yes_on_the_last_evening_of_a_no_opens_the_no(patient, nurse):
    no = consenting.decline(
        patient=patient, program="complex_care", because="No time", how="verbal", language="en", by=nurse, on=MONDAY,
        at=EVENING,
    )  # fmt: skip
    no.final_until = MONDAY
    no.save()
    consenting.agree(
        patient=patient, program="complex_care", elements=[one.code for one in words.elements_for("complex_care")],
        how="verbal", language="en", by=nurse, at=EVENING,
    )  # fmt: skip
    no.refresh_from_db()
    assert no.reopened_at == EVENING


def test_whoever_was_excluded_until_today_is_excluded_this_evening_too(patient, nurse):
    CandidateDecision.objects.create(
        patient=patient, decision="excluded", because="hospice", until=MONDAY, at=datetime(2026, 3, 1, 15, tzinfo=UTC), by=nurse,
    )  # fmt: skip
    assert CandidateDecision.objects.in_force(MONDAY).filter(patient=patient).exists()
    with pytest.raises(NotNow, match="xclude"):
        population.accept_referred(patient=patient, by=nurse, at=EVENING)


def test_what_was_said_in_the_evening_is_dated_by_the_day_on_the_wall(patient, nurse):
    consenting.decline(
        patient=patient, program="complex_care", because="No time", how="verbal", language="en", by=nurse, on=MONDAY,
        at=EVENING,
    )  # fmt: skip
    with pytest.raises(NotNow, match="said no on March 2, 2026"):
        reaching.start(patient=patient, program="complex_care", owner=nurse, by=nurse, on=MONDAY, at=EVENING)
    channel.stop_contact(patient=patient, because="asked", by=nurse, at=EVENING)
    stop = gate.standing_stop(patient, "call", EVENING)
    assert stop is not None and "Mar 2, 2026" in gate.said_stop(stop)
