"""Coming in and going out."""

import pytest
from playwright.sync_api import expect

from tests.browser import axe, scrolls_sideways, sign_in


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_the_first_page_can_be_read_by_everyone(clinic, open_window, phone, dark):
    page = open_window(clinic, phone=phone, dark=dark)
    page.goto("/sign-in")
    axe(page)
    assert not scrolls_sideways(page)
    page.get_by_role("link", name="I cannot sign in").click()
    axe(page)
    assert not scrolls_sideways(page)


def test_a_stranger_is_sent_to_the_door_and_brought_back(clinic, open_window):
    nurse = clinic.person("administrator")
    page = open_window(clinic)
    page.goto("/account/")
    assert "/sign-in" in page.url
    page.get_by_label("Email").fill(nurse.email)
    page.get_by_label("Password").fill("correct horse battery staple")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/account/")
    axe(page)


def test_signing_out_ends_it(clinic, open_window):
    page = open_window(clinic)
    sign_in(page, clinic.person("administrator"))
    page.goto("/account/")
    page.get_by_title("Your menu").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url("**/sign-in*")
    page.goto("/account/")
    assert "/sign-in" in page.url


def test_without_scripts_it_works_too(clinic, open_window):
    page = open_window(clinic, scripts=False)
    sign_in(page, clinic.person("administrator"))
    page.goto("/account/")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_five_wrong_passwords_close_the_door_even_for_the_right_one(clinic, open_window):
    nurse = clinic.person("care_manager")
    page = open_window(clinic)
    for attempt in range(5):
        sign_in(page, nurse, password=f"wrong {attempt}")
        expect(page.get_by_text("do not belong together").first).to_be_visible()
    sign_in(page, nurse)
    expect(page.get_by_text("Too many wrong passwords").first).to_be_visible()
    axe(page)


def test_a_closed_account_stays_outside_and_is_told_so(clinic, open_window):
    page = open_window(clinic)
    sign_in(page, clinic.person("care_manager", is_active=False))
    assert "/sign-in" in page.url
    expect(page.get_by_text("account is closed").first).to_be_visible()


def test_how_one_likes_to_read_is_remembered(clinic, open_window):
    page = open_window(clinic)
    sign_in(page, clinic.person("administrator"))
    page.goto("/account/")
    page.get_by_title("Your menu").click()
    with page.expect_response("**/preferences"):
        page.get_by_role("button", name="Dark", exact=True).click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    axe(page)
