"""
A morning of a nurse, in a browser: the list, a call without leaving the screen, a caller who says who they are.

Every page is read by axe, wide and on a phone, light and dark.
"""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser import PHONE, WIDE, axe, scrolls_sideways, sign_in

pytestmark = pytest.mark.django_db
MOST_CLICKS = 12
COUNTING = """
window.addEventListener("click", (event) => {
  if (event.isTrusted && event.detail > 0) sessionStorage.setItem("clicks", Number(sessionStorage.getItem("clicks") ?? 0) + 1);
}, true);
"""


@pytest.fixture
def morning(clinic):
    """A nurse with two patients and work, and a supervisor."""
    from tests.factories.access import TieFactory
    from tests.factories.registry import ContactPointFactory, PatientFactory
    from tests.web import making

    nurse, supervisor = clinic.person("care_manager"), clinic.person("supervisor")
    with clinic.inside():
        TieFactory(user=supervisor, population="everyone")
        luis = PatientFactory(given_name="Luis", family_name="Ortega", born_on=date(1952, 3, 9), sex="male")
        helga = PatientFactory(given_name="Helga", family_name="Brandt", born_on=date(1945, 1, 2))
        for patient in (luis, helga):
            TieFactory(user=nurse, patient=patient)
            making.enrolled(patient, nurse)
        ContactPointFactory(patient=luis, value=f"413-555-{timezone.now():%M%S}", best_time="8 to 11 AM")
        making.task(
            luis, nurse, kind="discharge_call", title="Call after a hospital stay", why="Home 4 days, not reached yet",
            due=timedelta(hours=3), priority=5, clock="First contact",
        )  # fmt: skip
        making.task(helga, nurse, kind="other", title="Order a walker", due=timedelta(days=3))
    return nurse, supervisor, luis, helga


def looked_at(page) -> None:
    """Readable by everyone, wide and on a phone, light and dark, and never wider than the window."""
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        for colors in ("light", "dark"):
            page.emulate_media(color_scheme=colors)
            axe(page)
        assert not scrolls_sideways(page), f"{page.url} at {size['width']}"
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")


def test_a_routine_call_is_written_down_in_at_most_twelve_clicks(clinic, open_window, morning):
    """From My Day to the saved call, with every question answered, without leaving the screen."""
    nurse, _supervisor, luis, _helga = morning
    page = open_window(clinic)
    page.add_init_script(COUNTING)
    sign_in(page, nurse)
    page.wait_for_url("**/day")
    page.evaluate("sessionStorage.setItem('clicks', 0)")
    page.locator("tr", has_text="Ortega, Luis").get_by_role("link", name="Call:").click()
    page.wait_for_url("**/call?task=*")
    looked_at(page)
    page.get_by_label("Full name").check()
    page.get_by_label("Date of birth").check()
    for answer in (
        "Yes",
        "Same or better",
        "Yes, all",
        "Yes, with a ride",
        "Yes, or nothing was ordered",
        "Said all the signs",
    ):
        page.get_by_label(answer, exact=True).check()
    page.get_by_label("Reached them").check()
    page.get_by_role("button", name="Complete call").click()
    page.wait_for_url("**/day")
    expect(page.get_by_text("Call written down.")).to_be_visible()
    assert 8 <= int(page.evaluate("sessionStorage.getItem('clicks')")) <= MOST_CLICKS
    with clinic.inside():
        from carewright.contacts.models import Contact, Note
        from carewright.tasks.models import Task

        made = Contact.objects.get(patient=luis)
        assert (made.ended, made.identified_by) == ("reached", ["born_on", "name"])
        assert "All medicines in the house: Yes, all." in Note.objects.get(contact=made).text
        assert not Task.objects.open().filter(patient=luis, kind="discharge_call").exists()
        assert Task.objects.open().filter(patient=luis, kind="follow_up_call").exists()


def test_my_day_by_keyboard_and_by_itself(clinic, open_window, morning):
    """J and K walk, S and a digit snooze, and what arrives appears without a click."""
    nurse, _supervisor, _luis, helga = morning
    page = open_window(clinic)
    sign_in(page, nurse)
    page.wait_for_url("**/day")
    looked_at(page)
    lines = page.locator("tr[data-line]")
    assert "Ortega" in lines.nth(0).inner_text()
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('tr').dataset.line") == lines.nth(1).get_attribute("data-line")
    page.keyboard.press("s")
    menu = page.locator(".menu:popover-open")
    menu.wait_for()
    axe(page)
    page.keyboard.press("1")
    expect(menu, "without a reason nothing is put off").to_be_visible()
    menu.get_by_label("Waiting for somebody's answer").check()
    page.keyboard.press("1")
    page.get_by_text("Snoozed until").wait_for()
    assert lines.count() == 1
    with clinic.inside():
        from tests.web import making

        making.task(helga, nurse, title="Tell about the scale", due=timedelta(hours=1), priority=5)
    page.locator("tr[data-line]", has_text="Tell about the scale").wait_for()
    expect(page.get_by_text("New on your list: 1")).to_be_visible()
    beside = page.locator(".side nav a", has_text="My day").locator(".count")
    expect(beside, "the number beside the sidebar is the length of the list").to_have_text("2")
    with clinic.inside():
        making.alarm(helga)
    page.locator("tr[data-line^=alarm]").wait_for()
    expect(page.locator(".side nav a", has_text="Alarms").locator(".count")).to_have_text("1")
    expect(beside).to_have_text("3")
    with clinic.inside():
        from django.contrib.sessions.models import Session

        assert Session.objects.filter(pk__in=[one["value"] for one in page.context.cookies()]).delete()[0] == 1
    expect(page.locator("#session-dialog"), "ended elsewhere, and the page knows it at once").to_be_visible()


def test_what_arrives_waits_while_a_menu_is_open(clinic, open_window, morning):
    """A second page of the same person shows it at once; the first when its menu is closed."""
    nurse, _supervisor, _luis, helga = morning
    page = open_window(clinic)
    sign_in(page, nurse)
    page.wait_for_url("**/day")
    other = page.context.new_page()
    other.goto("/day")
    page.bring_to_front()
    page.locator("tr", has_text="Brandt").get_by_role("button", name="Snooze or close").click()
    menu = page.locator(".menu:popover-open")
    menu.wait_for()
    menu.get_by_placeholder("In your words").fill("She has one")
    with clinic.inside():
        from tests.web import making

        making.task(helga, nurse, title="Tell about the scale", due=timedelta(hours=1), priority=5)
    new = "tr[data-line]:has-text('Tell about the scale')"
    other.locator(new).wait_for()
    expect(menu.get_by_placeholder("In your words")).to_have_value("She has one")
    expect(page.locator(new)).to_have_count(0)
    page.keyboard.press("Escape")
    page.locator(new).wait_for()


def test_my_day_works_without_scripts(clinic, open_window, morning):
    nurse, *_others = morning
    page = open_window(clinic, scripts=False)
    sign_in(page, nurse)
    page.goto("/day")
    page.locator("tr", has_text="Brandt").get_by_role("button", name="Snooze or close").click()
    menu = page.locator(".menu:popover-open")
    menu.get_by_label("Something more urgent comes first").check()
    menu.get_by_role("button", name="1 hour").click()
    expect(page.get_by_text("Snoozed until")).to_be_visible()


def test_a_caller_is_known_before_anything_is_said(clinic, open_window, morning):
    """By number, on a phone: two things fit, then the screen opens; the record says who it was."""
    nurse, _supervisor, luis, _helga = morning
    with clinic.inside():
        number = luis.contact_points.get().value
    page = open_window(clinic)
    sign_in(page, nurse)
    page.goto("/calls/incoming")
    looked_at(page)
    page.get_by_label("Number or name").fill(number)
    page.get_by_role("button", name="Find").last.click()
    page.get_by_role("link", name="Ask who is on the line").first.click()
    looked_at(page)
    page.get_by_label("The patient", exact=True).check()
    page.get_by_label("Full name").fill("Luis Ortega")
    page.get_by_label("Date of birth").fill("3/10/1952")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("alert").get_by_text("Two things must fit")).to_be_visible()
    page.get_by_label("Full name").fill("Luis Ortega")
    page.get_by_label("Date of birth").fill("3/9/1952")
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/call/incoming")
    looked_at(page)
    page.get_by_label("Why they called").fill("Wants a ride on Friday")
    page.get_by_label("Talked").check()
    page.get_by_role("button", name="Complete call").click()
    page.get_by_text("Call written down.").wait_for()
    page.goto(f"/patients/{luis.public_id}")
    expect(page.get_by_text("Wants a ride on Friday").first).to_be_visible()
    looked_at(page)
    page.goto(f"/patients/{luis.public_id}/story")
    looked_at(page)


def test_the_team_board_and_the_sheet(clinic, open_window, morning):
    _nurse, supervisor, _luis, _helga = morning
    page = open_window(clinic)
    sign_in(page, supervisor)
    page.goto("/team")
    looked_at(page)
    page.get_by_role("link", name="2", exact=True).first.click()
    page.wait_for_url("**/team/list*")
    looked_at(page)
    page.goto("/caseload-sheet")
    looked_at(page)
