"""What the walks along the unhappy paths share: a nurse who leads a patient with open work, and how a page is read."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from tests.browser import PHONE, WIDE, axe, scrolls_sideways


def read(page: Page) -> None:
    """Readable by everyone on a wide screen and on a phone, and never wider than the window."""
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        axe(page)
        assert not scrolls_sideways(page), f"{page.url} at {size['width']}"
    page.set_viewport_size(WIDE)


def lines(page: Page):
    """The rows of My Day."""
    return page.locator("tr[data-line]")


@pytest.fixture
def followed(clinic):
    """A nurse who leads a patient with open work and a number, and a supervisor."""
    from tests.factories.access import TieFactory
    from tests.factories.registry import AddressFactory, ContactPointFactory, PatientFactory
    from tests.web import making

    nurse, supervisor = clinic.person("care_manager", credential="RN"), clinic.person("supervisor")
    with clinic.inside():
        TieFactory(user=supervisor, population="everyone")
        rosa = PatientFactory(given_name="Rosa", family_name=new_name("Quintero"), born_on=date(1951, 5, 4))
        TieFactory(user=nurse, patient=rosa)
        ContactPointFactory(patient=rosa, value=new_number(), is_safe_for_message=True)
        AddressFactory(patient=rosa, line="4 Elm Street", city="Chicago", state="IL", zip_code="60601")
        making.enrolled(rosa, nurse, since=timezone.localdate() - timedelta(days=30))
        making.task(rosa, nurse, kind="follow_up_call", title="Ask about the new pills", due=timedelta(hours=2))
    return nurse, supervisor, rosa


def new_number() -> str:
    from itertools import count

    new_number.at = getattr(new_number, "at", count(int(datetime.now().timestamp()) % 9_000 + 1_000))
    return f"312-556-{next(new_number.at) % 10_000:04d}"


def new_name(name: str) -> str:
    """A family name nobody else in the clinic has."""
    return f"{name}-{datetime.now():%M%S%f}"[:24]
