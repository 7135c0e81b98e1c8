"""The end of a session: warned of, prolonged, and, when it came, without the loss of a single word."""

import pytest
from playwright.sync_api import expect

from tests.browser import axe, running_clinic, sign_in
from tests.factories.staff import PASSWORD


@pytest.fixture(scope="module")
def impatient_clinic(django_db_setup, django_db_blocker):
    """A session ends after 12 idle seconds; the warning comes after 8."""
    with running_clinic(
        django_db_blocker, name="impatient", CAREWRIGHT_IDLE_MINUTES="0.2", CAREWRIGHT_SECOND_FACTOR_ROLES="none"
    ) as running:
        running.person("administrator")
        yield running


def test_one_is_warned_and_may_stay(impatient_clinic, open_window):
    page = open_window(impatient_clinic)
    sign_in(page, impatient_clinic.person("administrator"))
    page.goto("/account/")
    dialog = page.get_by_role("dialog", name="Are you still there?")
    dialog.wait_for(timeout=15_000)
    axe(page)
    with page.expect_response("**/session") as answer:
        dialog.get_by_role("button", name="Stay signed in").click()
    assert answer.value.json()["seconds_left"] > 8
    dialog.wait_for(state="hidden")
    page.wait_for_timeout(5_000)
    page.goto("/account/")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_what_was_typed_outlives_the_session(impatient_clinic, open_window):
    boss = impatient_clinic.person("administrator")
    page = open_window(impatient_clinic)
    sign_in(page, boss)
    page.goto("/administration/teams/add")
    page.get_by_label("What it is for").fill("a long and careful description")
    page.get_by_label("Name").fill("A team typed too slowly")
    page.locator("[data-part=ended]").wait_for(timeout=30_000)
    assert page.locator(".app.curtain").count() == 1, "what is on the page is hidden from the next passer-by"

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in again").click()
    other = opened.value
    other.get_by_label("Email").fill(boss.email)
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in", exact=True).click()
    other.wait_for_url(lambda url: "/sign-in" not in url)

    page.get_by_role("button", name="I am back").click()
    page.get_by_role("dialog").wait_for(state="hidden")
    page.get_by_role("button", name="Add team").click()
    expect(page.get_by_role("heading", name="A team typed too slowly")).to_be_visible()
