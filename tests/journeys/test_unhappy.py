"""
What goes wrong on a real day: a death told and untold, the wrong two records joined, a change of mind, a shared phone.

Each walk is one of the unhappy paths every scenario must survive (acceptance scenarios, 6.9), as far as it touches
outreach, consent, enrollment, assessment and the day. Every page on the way is read by axe.
"""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser import sign_in
from tests.journeys.unhappy import lines, read

pytestmark = pytest.mark.django_db


# --- a patient dies -------------------------------------------------------------------------------------------------


def test_a_death_told_on_a_call_stops_everything_and_leaves_a_word_of_condolence(clinic, open_window, followed):
    nurse, _supervisor, rosa = followed
    page = open_window(clinic)
    sign_in(page, nurse)
    page.wait_for_url("**/day")
    page.get_by_role("link", name="Call: Ask about the new pills").click()
    page.get_by_text("Something else").click()
    page.get_by_label("We were told they died").check()
    page.get_by_role("button", name="Complete call").click()
    expect(page.get_by_text("All outreach stopped")).to_be_visible()
    expect(lines(page)).to_have_count(1)
    expect(lines(page)).to_contain_text("Confirm a reported death")
    read(page)
    page.goto(f"/patients/{rosa.public_id}/messages")
    expect(page.get_by_text("Reported as deceased").first).to_be_visible()
    page.goto("/day")
    lines(page).get_by_role("link", name="Settle").click()
    expect(page.get_by_role("heading", name="A death was reported")).to_be_visible()
    read(page)
    page.get_by_label("Day of death").fill(f"{timezone.localdate():%Y-%m-%d}")
    page.get_by_label("How do you know?").fill("Her daughter, and the notice in the paper")
    page.get_by_role("button", name="It is true").click()
    expect(page.get_by_text("One reminder is left: to write to the family.")).to_be_visible()
    read(page)
    page.goto("/day")
    expect(lines(page)).to_have_count(1)
    expect(lines(page)).to_contain_text("Write to the family")
    page.goto(f"/patients/{rosa.public_id}")
    expect(page.get_by_text("Nobody is called and nothing is sent.")).to_be_visible()
    expect(page.get_by_role("link", name="Call", exact=True)).to_have_count(0)
    read(page)


def test_a_death_that_was_told_wrongly_leaves_everything_as_it_was(clinic, open_window, followed):
    nurse, _supervisor, rosa = followed
    page = open_window(clinic)
    sign_in(page, nurse)
    page.goto(f"/patients/{rosa.public_id}/enrollment")
    page.get_by_text("Report a death").click()
    page.get_by_label("Who says so?").select_option(label="A file or message we received")
    page.get_by_role("button", name="Report", exact=True).click()
    expect(page.get_by_text("Everything stands still until this is confirmed.")).to_be_visible()
    page.goto("/day")
    expect(lines(page)).to_have_count(1)
    page.goto(f"/patients/{rosa.public_id}/call")
    expect(page.get_by_text("Reported as deceased").first).to_be_visible()
    page.goto(f"/patients/{rosa.public_id}/enrollment")
    page.get_by_label("How do you know?").fill("She answered the phone")
    page.get_by_role("button", name="It was wrong: they live").click()
    expect(page.get_by_text("everything goes on where it was")).to_be_visible()
    read(page)
    page.goto("/day")
    expect(lines(page)).to_have_count(1)
    expect(lines(page)).to_contain_text("Ask about the new pills")
    page.goto(f"/patients/{rosa.public_id}/messages")
    expect(page.get_by_text("Reported as deceased")).to_have_count(0)


# --- a change of mind in the middle of the month ---------------------------------------------------------------------


def test_consent_withdrawn_mid_month_holds_from_that_minute_and_an_alarm_stays(clinic, open_window, followed):
    nurse, _supervisor, rosa = followed
    with clinic.inside():
        from carewright.enrollment import actions as enrollment
        from carewright.tasks import alarms

        now = timezone.now()
        alarms.raise_alarm(patient=rosa, code="phq9_item9", because="Answered: several days", by=nurse, at=now)
        enrollment.share(
            patient=rosa, recipient_class="community", categories=["general"], purpose="Food", how="verbal", language="en",
            by=nurse, on=timezone.localdate(), at=now,
        )  # fmt: skip
    page = open_window(clinic)
    sign_in(page, nurse)
    page.goto(f"/patients/{rosa.public_id}/consent")
    page.get_by_text("Withdraw", exact=True).click()
    page.get_by_label("How they told us").last.fill("On the phone")
    page.get_by_label("In their words").fill("I have had enough calls")
    page.get_by_role("button", name="Withdraw now").click()
    expect(page.get_by_text("Withdrawn. Reminders, calls and sharing stopped")).to_be_visible()
    expect(page.get_by_text("Revoked", exact=True)).to_be_visible()
    read(page)
    page.goto("/day")
    expect(lines(page)).to_have_count(1)
    expect(lines(page)).to_contain_text("Answered: several days")
    page.goto(f"/patients/{rosa.public_id}")
    expect(page.get_by_text("In no program")).to_be_visible()
    expect(page.get_by_text("Do not contact: any way")).to_be_visible()
    expect(page.get_by_text(nurse.email)).to_have_count(0)
    page.goto(f"/patients/{rosa.public_id}/messages")
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("Withdrew consent").first).to_be_visible()
    with clinic.inside():
        sent = rosa.messages.filter(state__in=["queued", "sending", "sent", "delivered"], user__isnull=True)
        assert not sent.exists(), "pages about the alarm go to colleagues; to her goes nothing"


# --- the wrong two records -------------------------------------------------------------------------------------------


def test_two_records_joined_wrongly_come_apart_again_with_every_note_where_it_was(clinic, open_window, followed):
    nurse, supervisor, rosa = followed
    with clinic.inside():
        from carewright.contacts import actions as contacts
        from carewright.registry.models import PossibleMatch
        from tests.factories.registry import PatientFactory

        twin = PatientFactory(given_name="Rosalia", family_name=rosa.family_name, born_on=rosa.born_on)
        from tests.factories.access import TieFactory

        TieFactory(user=nurse, patient=twin)
        contacts.write_note(patient=twin, text="Lives with her brother in Gary", by=nurse, at=timezone.now())
        first, second = sorted((rosa, twin), key=lambda one: one.pk)
        PossibleMatch.objects.create(
            patient=first, other=second, reasons=["same_name"], found_at=timezone.now(), score=0.93
        )
    page = open_window(clinic)
    sign_in(page, supervisor)
    page.goto("/people/matching")
    page.locator("tr", has_text=rosa.family_name).get_by_role("link", name="Compare").click()
    read(page)
    page.get_by_label("One person: keep the first record").check()
    page.get_by_label("How do you know?").fill("Same name and birth date")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Joined. It stands in the list of joins")).to_be_visible()
    page.goto(f"/patients/{rosa.public_id}/notes")
    expect(page.get_by_text("Lives with her brother in Gary")).to_be_visible()
    expect(page.get_by_text(nurse.name).first).to_be_visible()
    page.goto("/people/joins")
    page.locator("tr", has_text="Rosalia").get_by_role("link").first.click()
    read(page)
    page.get_by_label("How do you know that they are two people?").fill("Two sisters; I spoke with both")
    page.get_by_role("button", name="Undo the join").click()
    expect(page.get_by_text("These are two records again")).to_be_visible()
    page.goto(f"/patients/{rosa.public_id}/notes")
    expect(page.get_by_text("Lives with her brother in Gary")).to_have_count(0)
    page.goto(f"/patients/{twin.public_id}/notes")
    expect(page.get_by_text("Lives with her brother in Gary")).to_be_visible()
    expect(page.get_by_text(nurse.name).first).to_be_visible()
    read(page)


# --- two people at one goal ------------------------------------------------------------------------------------------


def test_two_care_managers_at_the_same_goal_and_neither_overwrites_the_other(clinic, open_window, followed):
    nurse, supervisor, rosa = followed
    with clinic.inside():
        from carewright.careplan import actions as plans

        goal = plans.set_goal(
            patient=rosa, words="Walk to church", target="400 m", target_on=timezone.localdate() + timedelta(days=60),
            by=nurse, at=timezone.now(),
        )  # fmt: skip
    first, second = open_window(clinic), open_window(clinic)
    for page, person in ((first, nurse), (second, supervisor)):
        sign_in(page, person)
        page.goto(f"/patients/{rosa.public_id}/plan")
        page.get_by_role("link", name="Change the goal Walk to church").click()
    second.get_by_label(re.compile("words")).fill("Walk to church and back")
    second.get_by_role("button").filter(has_text=re.compile("Keep|Save|Change")).last.click()
    expect(second.get_by_text("Walk to church and back")).to_be_visible()
    first.get_by_label(re.compile("words")).fill("Walk around the block")
    first.get_by_role("button").filter(has_text=re.compile("Keep|Save|Change")).last.click()
    expect(first.get_by_text("Somebody changed this goal while you were writing")).to_be_visible()
    expect(first.get_by_label(re.compile("words"))).to_have_value("Walk around the block")
    read(first)
    with clinic.inside():
        goal.refresh_from_db()
        assert goal.words == "Walk to church and back"


# --- coverage taken back ---------------------------------------------------------------------------------------------


def test_coverage_that_ended_long_ago_is_seen_and_the_enrollment_ends_with_its_reason(clinic, open_window, followed):
    nurse, _supervisor, rosa = followed
    with clinic.inside():
        from carewright.enrollment import watching
        from tests.factories.registry import CoverageFactory

        today = timezone.localdate()
        # A file said today that the coverage had ended six weeks ago.
        CoverageFactory(patient=rosa, starts_on=today - timedelta(days=300), ends_on=today - timedelta(days=42))
        watching.each_night(at=timezone.now(), on=today, by="system:nightly")
    page = open_window(clinic)
    sign_in(page, nurse)
    page.wait_for_url("**/day")
    row = lines(page).filter(has_text="Coverage has ended")
    expect(row).to_contain_text("No coverage on file runs today")
    row.get_by_role("link", name="Enrollment").click()
    page.get_by_text("End", exact=True).click()
    page.get_by_label("Why").last.select_option(label="Lost coverage")
    page.get_by_role("button", name="End today").click()
    expect(page.get_by_text("The enrollment ended today.")).to_be_visible()
    expect(page.get_by_text("Lost coverage").first).to_be_visible()
    read(page)
    page.goto("/day")
    expect(lines(page)).to_have_count(0)
    expect(page.get_by_text("Nothing is due")).to_be_visible()
    read(page)


# --- a rule changed, and changed back --------------------------------------------------------------------------------


def test_an_attempt_rule_that_is_changed_and_changed_back_keeps_both_in_sight(clinic, open_window, followed):
    nurse, supervisor, rosa = followed
    with clinic.inside():
        from carewright.enrollment import actions as enrollment

        enrollment.start(
            patient=rosa, program="social_needs", owner=nurse, by=nurse, on=timezone.localdate(), at=timezone.now()
        )
    page, calls = open_window(clinic), open_window(clinic)
    sign_in(page, supervisor)
    sign_in(calls, nurse)

    def set_to(value: str, why: str):
        page.goto("/programs")
        row = page.locator("#social_needs tr", has_text="Outreach: calls, at least")
        row.get_by_text("Change…").click()
        row.get_by_label("New value").fill(value)
        row.get_by_label("From").fill(f"{timezone.localdate():%Y-%m-%d}")
        row.get_by_label("Why").fill(why)
        row.get_by_role("button", name="Set").click()
        expect(page.get_by_text("Set. The next run uses it")).to_be_visible()

    def rule_says(words: str):
        calls.goto("/outreach?whose=all")
        for state in ("Call now", "Call later"):
            calls.get_by_role("link", name=state).first.click()
            if calls.get_by_role("link", name=rosa.name).count():
                break
        calls.get_by_role("link", name=rosa.name).click()
        expect(calls.get_by_text(words)).to_be_visible()

    rule_says("0 of 3 attempts")
    set_to("4", "We reach more with a fourth call")
    rule_says("0 of 4 attempts")
    set_to("3", "It did not help")
    rule_says("0 of 3 attempts")
    row = page.locator("#social_needs tr", has_text="Outreach: calls, at least")
    expect(row).to_contain_text("We reach more with a fourth call")
    expect(row).to_contain_text("It did not help")
    read(calls)
