"""Pages of a nurse's day ask the database few questions, and not more when there is more to show."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.access import TieFactory
from tests.factories.registry import ContactPointFactory, PatientFactory
from tests.factories.staff import UserFactory
from tests.web import making

pytestmark = pytest.mark.django_db
SIDE = 7
"""What every page asks besides: who it is, the acting person, the alarms, which run counts, the numbers kept for the sidebar."""


@pytest.fixture
def maria(client):
    user = UserFactory(role="care_manager")
    client.force_login(user)
    return user


def led_by(nurse, number: int):
    patient = PatientFactory(family_name=f"Abern{number}")
    TieFactory(user=nurse, patient=patient, because="caseload")
    ContactPointFactory(patient=patient, kind="phone", value=f"555-010-{number:04}")
    making.enrolled(patient, nurse)
    making.task(patient, nurse, kind="follow_up_call")
    making.contact(patient, nurse)
    return patient


def asked_by(ask) -> int:
    """How many questions a page asks, once the sidebar's numbers are counted."""
    ask()
    with CaptureQueriesContext(connection) as questions:
        assert ask().status_code == 200
    return len(questions)


@pytest.mark.parametrize(("page", "most"), [("day", 19), ("glance", 24), ("call", 24), ("search", 11)])
def test_a_page_asks_a_bounded_number_of_questions_however_much_it_shows(client, maria, page, most):
    first = led_by(maria, 0)
    ask = {
        "day": lambda: client.get(reverse("day:day")),
        "glance": lambda: client.get(reverse("patient:glance", args=[first.public_id])),
        "call": lambda: client.get(reverse("call:out", args=[first.public_id])),
        "search": lambda: client.post(reverse("web:search"), {"q": "Abern"}),
    }[page]
    few = asked_by(ask)
    for number in range(1, 8):
        led_by(maria, number)
        making.task(first, maria, title=f"Task {number}")
        making.contact(first, maria)
        TieFactory(patient=first)
    assert asked_by(ask) <= few <= most + SIDE


def test_the_number_beside_my_day_is_the_length_of_the_list_on_the_page_even_while_older_numbers_are_kept(
    client, maria
):
    led_by(maria, 0)
    page = client.get(reverse("day:day")).content.decode()
    assert beside_my_day(page) == page.count("data-line=") == 1
    led_by(maria, 1)  # by somebody else: maria's numbers are kept
    page = client.get(reverse("day:day")).content.decode()
    assert beside_my_day(page) == page.count("data-line=") == 2


def beside_my_day(page: str) -> int:
    return int(re.search(r'data-go="D".*?<b class="count">(\d+)</b>', page, re.DOTALL)[1])
