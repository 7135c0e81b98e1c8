"""The whole list by keyboard; and off for who wants it off."""

from playwright.sync_api import expect

from tests.browser import sign_in


def walk_in(clinic, open_window, **preferences):
    page = open_window(clinic)
    sign_in(page, clinic.person("administrator", preferences=preferences))
    page.goto("/administration/people")
    return page


def test_rows_dialogs_and_places_by_key(clinic, open_window):
    page = walk_in(clinic, open_window)
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.querySelectorAll('tr')[2].contains(document.activeElement)")
    page.keyboard.press("k")
    assert page.evaluate("document.querySelectorAll('tr')[1].contains(document.activeElement)")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/administration/people/*")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/imports*")


def test_letters_rest_while_one_types(clinic, open_window):
    page = walk_in(clinic, open_window)
    page.goto("/administration/people/add")
    field = page.get_by_label("First name")
    field.click()
    page.keyboard.type("gaj?")
    expect(field).to_have_value("gaj?")
    assert page.url.endswith("/people/add")


def test_letters_can_be_turned_off(clinic, open_window):
    page = walk_in(clinic, open_window, keys="off")
    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_timeout(300)
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    assert page.url.endswith("/administration/people")


def test_the_slash_finds_a_patient(clinic, open_window):
    page = open_window(clinic)
    sign_in(page, clinic.person("care_manager"))
    page.keyboard.press("/")
    page.keyboard.type("nobody at all")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search")
    expect(page.get_by_text("Nobody found")).to_be_visible()


def test_the_first_stop_is_skip_to_content(clinic, open_window):
    page = walk_in(clinic, open_window)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
