"""An administrator lets a nurse in, gives her a team, and closes her account again."""

import pytest
from playwright.sync_api import expect

from tests.browser import axe, scrolls_sideways, sign_in

PAGES = ("people", "people/add", "teams", "teams/add", "ties", "ties/add", "roles", "organization")


@pytest.fixture(scope="module")
def administrator(clinic):
    return clinic.person("administrator", first_name="Alex", last_name="Kim")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["wide", "phone"])
def test_its_pages_can_be_read_by_everyone(clinic, administrator, open_window, phone, dark):
    page = open_window(clinic, phone=phone, dark=dark)
    sign_in(page, administrator)
    for name in (*PAGES, f"people/{administrator.pk}"):
        page.goto(f"/administration/{name}")
        axe(page)
        assert not scrolls_sideways(page), name


def test_from_invitation_to_farewell(clinic, administrator, open_window):
    boss = open_window(clinic)
    sign_in(boss, administrator)
    boss.goto("/administration/people/add")
    boss.get_by_label("First name").fill("Tomás")
    boss.get_by_label("Last name").fill("Núñez")
    boss.get_by_label("Work email").fill("Tomas.Nunez@example.org")
    boss.get_by_label("Role").select_option("care_manager")
    boss.get_by_role("button", name="Add and make the link").click()
    link = boss.get_by_label("Link").input_value()
    axe(boss)

    nurse = open_window(clinic)
    nurse.goto(link)
    axe(nurse)
    nurse.get_by_label("Password").fill("tomas.nunez")
    nurse.get_by_label("The same again").fill("tomas.nunez")
    nurse.get_by_role("button", name="Keep this password").click()
    expect(nurse.get_by_text("too short").first).to_be_visible()
    nurse.get_by_label("Password").fill("seven slow bicycles")
    nurse.get_by_label("The same again").fill("seven slow bicycles")
    nurse.get_by_role("button", name="Keep this password").click()
    nurse.wait_for_url("**/sign-in")
    nurse.get_by_label("Email").fill("tomas.nunez@example.org")
    nurse.get_by_label("Password").fill("seven slow bicycles")
    nurse.get_by_role("button", name="Sign in", exact=True).click()
    nurse.wait_for_url(lambda url: "/sign-in" not in url)
    nurse.goto(link)
    expect(nurse.get_by_text("This link is over"), "an invitation opens once").to_be_visible()

    boss.get_by_role("link", name="Done").click()
    boss.get_by_label("Role", exact=True).select_option("supervisor")
    boss.get_by_role("button", name="Change role").click()
    expect(boss.get_by_text("is Supervisor now")).to_be_visible()
    expect(boss.get_by_text("Changed role")).to_be_visible()

    nurse.goto("/administration/people")
    expect(nurse.get_by_role("heading", name="This page is not for your role")).to_be_visible()

    boss.get_by_role("button", name="Close account").click()
    boss.get_by_text("This account is closed.").wait_for()
    nurse.goto("/account/")
    assert "/sign-in" in nurse.url, "a closed account is outside with the next click"


def test_a_team_and_whom_it_may_see(clinic, administrator, open_window):
    nurse = clinic.person("care_manager", last_name="Whitaker")
    page = open_window(clinic)
    sign_in(page, administrator)
    page.goto("/administration/teams/add")
    page.get_by_label("Name").fill("Complex care, East")
    page.get_by_role("button", name="Add team").click()
    page.get_by_label("Person").select_option(str(nurse.pk))
    page.get_by_role("button", name="Add to team").click()
    expect(page.get_by_role("link", name=nurse.full_title)).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Add", exact=True).click()
    page.get_by_label("May see").select_option("candidates")
    page.get_by_label("Because").select_option("triage")
    page.get_by_role("button", name="Add tie").click()
    expect(page.get_by_role("cell", name="Everyone some program suggests").first).to_be_visible()
    axe(page)
    page.goto(f"/administration/people/{nurse.pk}")
    expect(page.get_by_text("through Complex care, East")).to_be_visible()
    with clinic.inside():
        from carewright.access.models import Tie
        from carewright.audit.models import Entry

        tie = Tie.objects.get(team__name="Complex care, East")
        assert tie.population == "candidates"
        assert Entry.objects.filter(did="tied", what=f"tie:{tie.pk}", by=administrator.email).exists()


def test_the_last_administrator_stays(clinic, open_window, administrator):
    with clinic.inside():
        from carewright.staff.models import User

        others = User.objects.filter(role="administrator").exclude(pk=administrator.pk)
        kept = list(others.values_list("pk", flat=True))
        others.update(is_active=False)
    try:
        page = open_window(clinic)
        sign_in(page, administrator)
        page.goto(f"/administration/people/{administrator.pk}")
        page.get_by_label("Role", exact=True).select_option("analyst")
        page.get_by_role("button", name="Change role").click()
        expect(page.get_by_text("is the last administrator").first).to_be_visible()
    finally:
        with clinic.inside():
            User.objects.filter(pk__in=kept).update(is_active=True)
