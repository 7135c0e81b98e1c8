"""A phone that shows six digits, and the day it is lost."""

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from tests.browser import axe, running_clinic, scrolls_sideways, sign_in

PERIOD = 30


def six_digits(secret: str) -> str:
    """What the phone shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD))


def set_up(page) -> tuple[str, list[str]]:
    """Read the code with the phone, type what it shows; the secret and the recovery codes."""
    secret = page.locator(".qr-letters").inner_text().strip()
    assert page.locator("img.qr").evaluate("picture => picture.complete && picture.naturalWidth > 0"), "it can be read"
    axe(page)
    page.get_by_label("Six digits").fill(six_digits(secret))
    page.get_by_role("button", name="Turn it on").click()
    page.wait_for_url("**/account/recovery-codes")
    axe(page)
    return secret, page.locator(".codes li").all_inner_texts()


@pytest.fixture(scope="module")
def strict_clinic(django_db_setup, django_db_blocker):
    """Where administrators must use a second factor."""
    with running_clinic(django_db_blocker, name="strict", CAREWRIGHT_SECOND_FACTOR_ROLES="administrator") as running:
        running.person("administrator")
        yield running


def test_a_phone_then_a_recovery_code(clinic, open_window):
    nurse = clinic.person("administrator")
    page = open_window(clinic)
    sign_in(page, nurse)
    page.goto("/account/")
    page.get_by_role("link", name="Set up").click()
    secret, codes = set_up(page)
    assert len(codes) == 10

    phone = open_window(clinic, phone=True)
    sign_in(phone, nurse)
    assert "/sign-in/code" in phone.url
    axe(phone)
    assert not scrolls_sideways(phone)
    phone.get_by_label("Code").fill("000000")
    phone.get_by_role("button", name="Sign in").click()
    expect(phone.get_by_text("Incorrect code").first).to_be_visible()

    # A code is good once, so the one used while setting up is not tried again: the recovery code opens.
    phone.get_by_label("Code").fill(codes[0])
    phone.get_by_role("button", name="Sign in").click()
    phone.wait_for_url(lambda url: "/sign-in" not in url)

    again = open_window(clinic)
    sign_in(again, nurse)
    again.get_by_label("Code").fill(codes[0])
    again.get_by_role("button", name="Sign in").click()
    expect(again.get_by_text("Incorrect code").first, "a recovery code opens once").to_be_visible()
    assert secret not in clinic.log.read_text()


def test_a_role_that_must_have_one_gets_nowhere_without_it(strict_clinic, open_window):
    boss = strict_clinic.person("administrator")
    page = open_window(strict_clinic)
    sign_in(page, boss)
    for address in ("/", "/administration/people", "/administration/organization"):
        page.goto(address)
        assert "/account/second-factor/set-up" in page.url
    set_up(page)
    page.goto("/administration/people")
    expect(page.get_by_role("heading", name="People", exact=True)).to_be_visible()
    page.goto("/account/second-factor/remove")
    page.get_by_role("button", name="Remove it").click()
    page.goto("/account/")
    expect(page.get_by_text("Required"), "whoever must have one cannot drop it").to_be_visible()


def test_the_secret_in_the_database_is_not_the_one_of_the_phone(clinic, open_window):
    nurse = clinic.person("administrator")
    page = open_window(clinic)
    sign_in(page, nurse)
    page.goto("/account/second-factor/set-up")
    secret, _codes = set_up(page)
    with clinic.inside():
        from allauth.mfa.models import Authenticator

        stored = Authenticator.objects.get(user=nurse, type=Authenticator.Type.TOTP).data["secret"]
    assert secret not in stored
    assert len(stored) > len(secret)
