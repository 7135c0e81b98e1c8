"""A nurse asks the first assessment: by keyboard, on a wide screen and a phone, with a danger on the way."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser import axe, scrolls_sideways, sign_in
from tests.factories.access import TieFactory
from tests.factories.registry import PatientFactory
from tests.factories.staff import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk(clinic, open_window):
    """A nurse, a patient, and an assessment that has just been begun; the answer opens a window."""
    nurse = clinic.person("care_manager")
    with clinic.inside():
        from carewright.assessment import actions

        patient = PatientFactory(language="es")
        TieFactory(user=nurse, patient=None, population="everyone", starts_on=timezone.localdate())
        made = actions.start(
            patient=patient, kind="comprehensive", by=nurse, at=timezone.now(), program="complex_care",
            eligible_on=timezone.localdate(), mode="video", language="Spanish",
        )  # fmt: skip

    def opened(**window):
        page = open_window(clinic, **window)
        sign_in(page, nurse)
        return page

    return opened, made


def answers(clinic, made):
    with clinic.inside():
        return {(row.instrument, row.link_id): row.value for row in made.answers.standing()}


def test_answers_save_themselves_and_a_danger_is_shown_at_once(clinic, walk):
    opened, made = walk
    page = opened()
    page.goto(f"/assessments/{made.public_id}/section/mood")
    axe(page)
    page.locator("#q-phq-2-44250-9 input").first.focus()
    page.keyboard.press("4")
    page.locator("#note-q-phq-2-44250-9 .ok").wait_for()
    page.keyboard.press("4")
    page.locator("#q-phq-9-44260-8").wait_for()
    page.locator("#q-phq-9-44260-8").get_by_label("Several days").check()
    page.locator("#danger").get_by_text("call or text 988").wait_for()
    expect(page.locator("#danger").get_by_text("call 911")).to_be_visible()
    expect(page.locator("#note-q-phq-9-44260-8").get_by_text("call or text 988")).to_be_in_viewport()
    page.evaluate("scrollTo(0, 0)")  # where the fixed bar on top covers half of an answer, its size cannot be judged
    axe(page)
    assert not scrolls_sideways(page)
    given = answers(clinic, made)
    assert given["phq-2", "/44250-9"] == "LA6571-9" and given["phq-9", "/44260-8"] == "LA6569-3"
    with clinic.inside():
        assert made.patient.alarms.filter(closed_at__isnull=True).count() == 1
    page.reload()
    assert page.locator("#q-phq-9-44260-8").get_by_label("Several days").is_checked()


def test_an_answer_given_while_other_questions_arrive_stays_on_the_page(clinic, walk):
    opened, made = walk
    page = opened()
    page.goto(f"/assessments/{made.public_id}/section/mood")
    page.locator("#q-phq-2-44250-9").get_by_label("Nearly every day").check()
    page.locator("#note-q-phq-2-44250-9 .ok").wait_for()
    # As a quick hand does: the next answer is given before the page knows that the second one asks nine questions more.
    page.evaluate(
        """() => ["#q-phq-2-44255-8", "#q-gad-7-69725-0"].forEach(
            (question) => document.querySelector(`${question} input[data-number="4"]`).click())"""
    )
    page.locator("#q-phq-9-44260-8").wait_for()
    page.locator("#note-q-gad-7-69725-0 .ok").wait_for()
    expect(page.locator("#q-gad-7-69725-0").get_by_label("Nearly every day")).to_be_checked()
    assert answers(clinic, made)["gad-7", "/69725-0"] == "LA6571-9"


def test_an_answer_the_network_lost_is_sent_again(clinic, walk, browser):
    _opened, made = walk
    # A window of its own: the browser itself complains of the lost network, and rightly.
    window = browser.new_context(base_url=clinic.address)
    page = window.new_page()
    with clinic.inside():
        nurse = made.started_by
    sign_in(page, nurse)
    page.goto(f"/assessments/{made.public_id}/section/goals")
    window.set_offline(True)
    page.get_by_label("What matters most to you?").fill("To see the sea")
    page.get_by_label("What matters most to you?").blur()
    page.locator("fieldset[data-unsent]").wait_for()
    assert ("cw-goals", "matters") not in answers(clinic, made)
    window.set_offline(False)
    page.locator("#note-q-cw-goals-matters .ok").wait_for()
    assert answers(clinic, made)["cw-goals", "matters"] == "To see the sea"
    window.close()


def test_on_a_phone_without_scripts_the_button_saves(clinic, walk):
    opened, made = walk
    page = opened(phone=True, scripts=False)
    page.goto(f"/assessments/{made.public_id}/section/goals")
    page.get_by_label("What matters most to you?").fill("My garden")
    page.get_by_role("button", name="Save", exact=True).last.click()
    assert answers(clinic, made)["cw-goals", "matters"] == "My garden"


@pytest.mark.parametrize("dark", [False, True])
def test_every_page_reads_well_on_a_phone(walk, dark):
    opened, made = walk
    page = opened(phone=True, dark=dark)
    for path in ("section/communication", "section/social", "finish", ""):
        page.goto(f"/assessments/{made.public_id}/{path}".rstrip("/"))
        assert not scrolls_sideways(page), path
        axe(page)
    person = f"/patients/{made.patient.public_id}"
    for path in (
        "/assessments", f"{person}/assessments", "/assessments/blank/comprehensive", "/assessments/questionnaires",
        f"{person}/plan", f"{person}/plan/problem", f"{person}/plan/print",
    ):  # fmt: skip
        page.goto(path)
        assert not scrolls_sideways(page), path
        axe(page)


def test_from_the_first_section_to_the_verdict(clinic, walk):
    opened, made = walk
    page = opened()
    page.goto(f"/assessments/{made.public_id}/section/communication")
    page.get_by_role("button", name="Still right").click()
    assert answers(clinic, made)["cw-communication", "language"] == "Spanish"
    for number in range(14):
        page.get_by_text("Leave this section out, with a reason").click()
        page.get_by_label("Why", exact=True).fill(f"Asked last week {number}")
        page.get_by_role("button", name="Leave it out").click()
        page.wait_for_load_state()
    assert page.url.endswith("/finish")
    page.get_by_label("Belongs in the program", exact=True).check()
    page.get_by_label("What speaks for it").fill("Two stays since May, lives alone")
    page.get_by_role("button", name="Finish the assessment").click()
    page.get_by_text("Belongs in the program.").wait_for()
    axe(page)


def window_of(browser, clinic, person):
    """A window of one person; its own complaints about a lost session or network are right and do not count."""
    context = browser.new_context(base_url=clinic.address)
    page = context.new_page()
    sign_in(page, person)
    return context, page


def test_two_people_see_each_other_and_no_answer_is_lost(clinic, walk, browser):
    _opened, made = walk
    with clinic.inside():
        nurse = made.started_by
    colleague = clinic.person("social_worker", first_name="Ana", last_name="Ruiz")
    with clinic.inside():
        TieFactory(user=colleague, patient=None, population="everyone", starts_on=timezone.localdate())
    first, mine = window_of(browser, clinic, nurse)
    second, theirs = window_of(browser, clinic, colleague)
    for page in (mine, theirs):
        page.goto(f"/assessments/{made.public_id}/section/social")
    theirs.locator("#q-ahc-hrsn-core-93030-5").get_by_label("No", exact=True).check()
    expect(theirs.locator("#note-q-ahc-hrsn-core-93030-5 .ok")).to_be_visible()
    # without a reload, the nurse sees who else is here and what was answered
    expect(mine.locator("#others")).to_contain_text("Ana Ruiz")
    expect(mine.locator("#note-q-ahc-hrsn-core-93030-5")).to_contain_text("Meanwhile answered: No (Ana Ruiz")
    axe(mine)
    mine.locator("#q-ahc-hrsn-core-93030-5").get_by_label("Yes", exact=True).check()
    expect(mine.locator("#q-ahc-hrsn-core-93030-5")).to_contain_text("Ana Ruiz answered this at")
    expect(mine.locator("#q-ahc-hrsn-core-93030-5").get_by_label("No", exact=True)).to_be_checked()
    assert answers(clinic, made)["ahc-hrsn-core", "/93030-5"] == "LA32-8"
    with clinic.inside():
        assert [row.value for row in made.answers.filter(set_aside=True)] == ["LA33-6"]
    mine.locator("#q-ahc-hrsn-core-93030-5").get_by_label("Yes", exact=True).check()
    expect(mine.locator("#note-q-ahc-hrsn-core-93030-5 .ok")).to_contain_text(nurse.name)
    assert answers(clinic, made)["ahc-hrsn-core", "/93030-5"] == "LA33-6"
    first.close()
    second.close()


def test_in_a_second_tab_nothing_is_overwritten_unseen(clinic, walk, browser):
    _opened, made = walk
    with clinic.inside():
        nurse = made.started_by
    context, one = window_of(browser, clinic, nurse)
    other = context.new_page()
    for page in (one, other):
        page.goto(f"/assessments/{made.public_id}/section/goals")
    one.get_by_label("What matters most to you?").fill("To see the sea")
    one.get_by_label("What matters most to you?").blur()
    expect(one.locator("#note-q-cw-goals-matters .ok")).to_be_visible()
    other.get_by_label("What matters most to you?").fill("My grandchildren")
    other.get_by_label("What matters most to you?").blur()
    expect(other.locator("#q-cw-goals-matters")).to_contain_text("You answered this in another window")
    assert answers(clinic, made)["cw-goals", "matters"] == "To see the sea"
    with clinic.inside():
        assert [row.text for row in made.answers.filter(set_aside=True)] == ["My grandchildren"]
    context.close()


def test_an_answer_typed_after_the_session_ended_is_kept_and_sent_after_signing_in_again(clinic, walk, browser):
    _opened, made = walk
    with clinic.inside():
        nurse = made.started_by
    context, page = window_of(browser, clinic, nurse)
    page.goto(f"/assessments/{made.public_id}/section/goals")
    context.clear_cookies()  # what the end of a session leaves
    page.get_by_label("What matters most to you?").fill("To sleep at home")
    page.get_by_label("What matters most to you?").blur()
    page.locator("[data-part=ended]").wait_for()
    assert ("cw-goals", "matters") not in answers(clinic, made)
    with context.expect_page() as opened:
        page.get_by_role("link", name="Sign in again").click()
    again = opened.value
    again.get_by_label("Email").fill(nurse.email)
    again.get_by_label("Password").fill(PASSWORD)
    again.get_by_role("button", name="Sign in", exact=True).click()
    again.wait_for_url(lambda url: "/sign-in" not in url)
    page.get_by_role("button", name="I am back").click()
    expect(page.locator("#note-q-cw-goals-matters .ok")).to_be_visible()
    assert answers(clinic, made)["cw-goals", "matters"] == "To sleep at home"
    context.close()


def test_done_waits_for_the_answer_that_is_being_saved(clinic, walk):
    opened, made = walk
    page = opened()
    page.goto(f"/assessments/{made.public_id}/section/goals")
    held = []
    page.route(
        f"**/assessments/{made.public_id}/section/goals",
        # the network takes its time with an answer; what the window then calls an error fails the walk
        lambda route: held.append(route) if route.request.headers.get("hx-request") else route.continue_(),
    )
    with page.expect_request(lambda request: "hx-request" in request.headers):
        page.locator("#q-cw-goals-matters-text").fill("My garden")
        page.get_by_role("button", name="Done, ").click()
    expect(page.locator("#ask")).to_have_attribute("aria-busy", "true")
    held[0].continue_()
    page.wait_for_url("**/section/goals/close")
    assert answers(clinic, made)["cw-goals", "matters"] == "My garden"
