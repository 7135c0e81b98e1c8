"""A supervisor knows that two records are one person: she finds the other, looks at both, joins them, and takes it back."""

import os
from datetime import date

import pytest
from playwright.sync_api import expect

from carewright.registry.models import Join, Patient
from tests.browser import axe, scrolls_sideways, sign_in
from tests.factories.access import TieFactory
from tests.factories.registry import AddressFactory, ContactPointFactory, CoverageFactory, PatientFactory


@pytest.fixture
def lead(clinic):
    """A supervisor who sees everyone."""
    user = clinic.person("supervisor", first_name="Priya", last_name="Nair")
    with clinic.inside():
        TieFactory(user=user, population="everyone")
    return user


@pytest.fixture
def two(clinic):
    """One woman, known before and after she married, far from anybody else's name."""
    with clinic.inside():
        one = PatientFactory(given_name="Wilhelmina", family_name="Quarterman", person_id=f"q{os.urandom(4).hex()}")
        other = PatientFactory(given_name="Mina", family_name="Zimmerle-Brandt", born_on=date(1950, 2, 5))
        for patient, member_id in ((one, "M-778812"), (other, "M-990113")):
            CoverageFactory(patient=patient, member_id=member_id)
            ContactPointFactory(patient=patient, value="413-555-0133")
        AddressFactory(patient=other, line="2200 Mountain View Boulevard, Apartment 14")
    return one, other


@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_two_records_are_joined_by_hand_and_taken_apart_again(clinic, lead, two, open_window, phone):
    one, other = two
    page = open_window(clinic, phone=phone, dark=phone)
    sign_in(page, lead)
    page.goto(f"/patients/{one.public_id}")
    with page.expect_navigation():
        page.get_by_role("link", name="Same person as…").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wilhelmina Quarterman is the same person as…")
    read(page)

    page.get_by_label("Name, date of birth or member ID of the second record").fill("zimmerl")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "zimmerl" not in page.url
    read(page)
    with page.expect_navigation():
        page.locator(f'a.btn[href$="{other.public_id}"]').click()  # an earlier walk left one of her name
    read(page)

    join = page.get_by_role("button", name="Join Wilhelmina Quarterman and Mina Zimmerle-Brandt")
    join.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("This field is required").first, "nothing is joined without a reason").to_be_visible()
    read(page)
    page.get_by_label("Mina Zimmerle-Brandt", exact=True).check()
    page.get_by_label("How do you know that they are one person?").fill("She brought her marriage certificate")
    with page.expect_navigation():
        join.click()
    expect(page.get_by_text("She brought her marriage certificate").first).to_be_visible()
    read(page)
    with clinic.inside():
        assert Join.objects.standing().get(other=one).patient == other

    page.get_by_label("How do you know that they are two people?").fill("The certificate was her sister's")
    with page.expect_navigation():
        page.get_by_role("button", name="Undo the join").click()
    expect(page.get_by_text("Undone.").first).to_be_visible()
    with clinic.inside():
        assert Patient.objects.filter(pk__in=[one.pk, other.pk]).count() == 2


def read(page) -> None:
    """The page as it stands can be read by everyone, in the window as it is."""
    axe(page)
    assert not scrolls_sideways(page), page.url
