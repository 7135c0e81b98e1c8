"""A fresh, real installation: nobody works here yet."""

import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser import axe, running_clinic, scrolls_sideways


@pytest.fixture
def empty_clinic(django_db_setup, django_db_blocker):
    """A real home without a single person."""
    with running_clinic(django_db_blocker, name="empty") as running:
        yield running


def fill(page, clinic, *, token: str, backups: str) -> None:
    page.get_by_label("Set-up code").fill(token)
    page.get_by_label("Name of the organization").fill("Riverside Care")
    page.get_by_label("Folder for backups").fill(backups)
    page.get_by_label("Your first name").fill("Alex")
    page.get_by_label("Your last name").fill("Kim")
    page.get_by_label("Your work email").fill("alex@riverside.example.org")
    page.get_by_label("Password").fill("four quiet herons standing")
    page.get_by_label("The same again").fill("four quiet herons standing")
    page.get_by_role("button", name="Set up").click()


def test_whoever_holds_the_code_sets_it_up_and_nobody_does_so_again(empty_clinic, open_window, tmp_path):
    clinic = empty_clinic
    code = clinic.home / "secrets" / "setup"
    page = open_window(clinic)
    page.goto("/")
    assert page.url.endswith("/set-up"), "the first page leads to the set-up"
    axe(page)

    fill(page, clinic, token="a guess", backups=str(tmp_path))
    expect(page.get_by_text("This is not the code")).to_be_visible()
    token = code.read_text().strip()

    fill(page, clinic, token=token, backups=str(tmp_path / "missing"))
    expect(page.get_by_text("There is no such folder")).to_be_visible()
    axe(page)

    fill(page, clinic, token=token, backups=str(tmp_path))
    page.wait_for_url("**/account/second-factor/set-up")
    with clinic.inside():
        from carewright.audit.models import Entry
        from carewright.staff.models import Organization, User

        assert User.objects.get().role == "administrator"
        assert Organization.objects.get().backup_folder == str(tmp_path)
        assert Entry.objects.filter(by="system:first_run", did="set_up_organization").exists()

    with pytest.raises(urllib.error.HTTPError) as closed:
        urllib.request.urlopen(f"{clinic.address}/set-up")
    assert closed.value.code == 404

    phone = open_window(clinic, phone=True)
    phone.goto("/sign-in")
    expect(phone.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    assert not scrolls_sideways(phone)
    assert phone.get_by_text("Who do you want to be?").count() == 0, "a real home shows no demo users"
