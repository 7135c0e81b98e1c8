"""
What goes wrong on a real day: a death told and untold, the wrong two records joined, a change of mind, a shared phone.

Each walk is one of the unhappy paths every scenario must survive (acceptance scenarios, 6.9), as far as it touches
outreach, consent, enrollment, assessment and the day. Every page on the way is read by axe.
"""

import re
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from carewright.web.day.views import STEP
from tests.browser import PHONE, WIDE, axe, scrolls_sideways, sign_in

pytestmark = pytest.mark.django_db


def read(page: Page) -> None:
    """Readable by everyone on a wide screen and on a phone, and never wider than the window."""
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        axe(page)
        assert not scrolls_sideways(page), f"{page.url} at {size['width']}"
    page.set_viewport_size(WIDE)


def lines(page: Page):
    """The rows of My Day."""
    return page.locator("tr[data-line]")


@pytest.fixture
def followed(clinic):
    """A nurse who leads a patient with open work and a number, and a supervisor."""
    from tests.factories.access import TieFactory
    from tests.factories.registry import AddressFactory, ContactPointFactory, PatientFactory
    from tests.web import making

    nurse, supervisor = clinic.person("care_manager", credential="RN"), clinic.person("supervisor")
    with clinic.inside():
        TieFactory(user=supervisor, population="everyone")
        rosa = PatientFactory(given_name="Rosa", family_name=_new_name("Quintero"), born_on=date(1951, 5, 4))
        TieFactory(user=nurse, patient=rosa)
        ContactPointFactory(patient=rosa, value=_new_number(), is_safe_for_message=True)
        AddressFactory(patient=rosa, line="4 Elm Street", city="Chicago", state="IL", zip_code="60601")
        making.enrolled(rosa, nurse, since=timezone.localdate() - timedelta(days=30))
        making.task(rosa, nurse, kind="follow_up_call", title="Ask about the new pills", due=timedelta(hours=2))
    return nurse, supervisor, rosa


def _new_number() -> str:
    from itertools import count

    _new_number.at = getattr(_new_number, "at", count(int(datetime.now().timestamp()) % 9_000 + 1_000))
    return f"312-556-{next(_new_number.at) % 10_000:04d}"


def _new_name(name: str) -> str:
    """A family name nobody else in the clinic has."""
    return f"{name}-{datetime.now():%M%S%f}"[:24]


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


# --- no interpreter --------------------------------------------------------------------------------------------------


def test_without_the_interpreter_nothing_counts_as_a_talk_and_another_try_is_planned(clinic, open_window, followed):
    nurse, _supervisor, rosa = followed
    with clinic.inside():
        from carewright.registry import reaching

        reaching.set_preference(
            patient=rosa, facts={"spoken_language": "Spanish", "needs_interpreter": True}, by=nurse, at=timezone.now()
        )
    page = open_window(clinic)
    sign_in(page, nurse)
    page.wait_for_url("**/day")
    page.get_by_role("link", name="Call: Ask about the new pills").click()
    expect(page.get_by_text("Spanish: interpreter needed")).to_be_visible()
    page.get_by_label("Full name").check()
    page.get_by_label("Date of birth").check()
    page.get_by_label("Reached them").check()
    page.get_by_role("button", name="Complete call").click()
    expect(page.get_by_text("They need an interpreter: say how you spoke.")).to_be_visible()
    read(page)
    page.get_by_text("Something else").click()
    page.get_by_label("Language barrier").check()
    page.get_by_role("button", name="Complete call").click()
    expect(page.get_by_text("Call written down.")).to_be_visible()
    expect(page.get_by_text("Next contact")).to_be_visible()
    expect(lines(page).filter(has_text="Ask about the new pills")).to_have_count(1)


# --- a child and a parent --------------------------------------------------------------------------------------------


@pytest.fixture
def child(clinic):
    """Somebody of thirteen in Massachusetts with a mother who is the personal representative, and a medicine on a list."""
    from carewright.chart.models import MedicationListing
    from carewright.registry import relating
    from tests.factories.access import TieFactory
    from tests.factories.registry import AddressFactory, ContactPointFactory, PatientFactory
    from tests.web import making

    nurse = clinic.person("care_manager")
    today = timezone.localdate()

    def made(age: int):
        with clinic.inside():
            kim = PatientFactory(given_name="Kim", family_name=_new_name("Tran"), born_on=date(today.year - age, 1, 2))
            TieFactory(user=nurse, patient=kim)
            ContactPointFactory(patient=kim, value=_new_number())
            AddressFactory(patient=kim, state="MA", zip_code="01103")
            making.reported(MedicationListing, kim, "albuterol", kind="ordered")
            mother = relating.add_related_person(
                patient=kim, given_name="Linh", family_name="Tran", relationship="mother", phone="", email="", by=nurse,
                at=timezone.now(),
            )  # fmt: skip
            relating.give_authority(
                person=mother, kind="personal_representative", starts_on=today, ends_on=date(today.year - age + 18, 1, 1),
                document="birth certificate", by=nurse, at=timezone.now(),
            )  # fmt: skip
        return nurse, kim

    return made


@pytest.mark.parametrize(("age", "hears"), [(7, True), (13, False)])
def test_a_parent_on_the_line_hears_what_the_childs_age_allows(clinic, open_window, child, age, hears):
    nurse, kim = child(age)
    page = open_window(clinic)
    sign_in(page, nurse)
    page.goto(f"/patients/{kim.public_id}/call/identify")
    page.get_by_label("Proxy", exact=False).first.check()
    page.get_by_label("The caller's name").fill("Linh Tran")
    page.get_by_label("Full name").fill(f"Kim {kim.family_name}")
    page.get_by_label("Date of birth").fill(f"{kim.born_on:%m/%d/%Y}")
    page.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/call/incoming")
    expect(page.get_by_text("Under age" if hears else "Listen only")).to_be_visible()
    expect(page.get_by_text("albuterol")).to_have_count(1 if hears else 0)
    read(page)


# --- records of a substance use program ------------------------------------------------------------------------------


def test_part_2_is_shared_by_a_signed_consent_and_in_no_other_way(clinic, open_window, followed):
    nurse, _supervisor, rosa = followed
    page = open_window(clinic)
    sign_in(page, nurse)
    page.goto(f"/patients/{rosa.public_id}/consent")

    def asked(how: str, name: str = ""):
        page.get_by_text("Ask for consent to share").click()
        box = page.locator("form[action$='/sharing']")
        box.get_by_label(re.compile("^Substance use treatment")).check()
        box.get_by_label("What for").fill("Joint treatment")
        box.get_by_label("How", exact=True).select_option(label=how)
        box.get_by_label("Name typed to sign").fill(name)
        box.get_by_role("button", name="Keep this consent").click()

    def told(ground: str):
        page.get_by_text("Write down that something was told").click()
        box = page.locator("form[action$='/disclosures']")
        box.get_by_label(re.compile("^Substance use treatment")).check()
        box.get_by_label("Name").fill("Dr Shah")
        box.get_by_label("What was told or sent").fill("The treatment plan")
        box.get_by_label("What for").fill("Treatment")
        box.get_by_label("On which ground").select_option(label=ground)
        box.get_by_role("button", name="Keep it in the ledger").click()

    told("Treatment, payment or operations under HIPAA")
    expect(page.get_by_text("Part 2 records are shared by consent, or in a medical emergency")).to_be_visible()
    asked("Said aloud")
    expect(page.get_by_text("must be signed, on paper or on the screen")).to_be_visible()
    asked("Signed on the screen", "Rosa Quintero")
    expect(page.get_by_text("Kept: this may be shared.")).to_be_visible()
    told("The person's consent")
    expect(page.get_by_text("Kept in the ledger.")).to_be_visible()
    expect(page.get_by_text("with the Part 2 notice")).to_be_visible()
    read(page)


def test_a_restricted_note_is_read_by_few_and_its_being_there_tells_nothing(clinic, open_window, followed):
    nurse, _supervisor, rosa = followed
    visitor = clinic.person("community_health_worker")
    with clinic.inside():
        from carewright.contacts import actions as contacts
        from tests.factories.access import TieFactory

        TieFactory(user=visitor, patient=rosa)
        contacts.write_note(
            patient=rosa, text="Goes to the Tuesday group since spring", level="restricted", by=nurse, at=timezone.now()
        )
    page = open_window(clinic)
    sign_in(page, nurse)
    page.goto(f"/patients/{rosa.public_id}/notes")
    expect(page.get_by_text("Tuesday group")).to_be_visible()
    other = open_window(clinic)
    sign_in(other, visitor)
    for path in ("", "/notes", "/story", "/call"):
        other.goto(f"/patients/{rosa.public_id}{path}")
        expect(other.get_by_text("Tuesday group")).to_have_count(0)
    read(other)


# --- a phone that somebody dangerous also has ------------------------------------------------------------------------


def test_the_number_of_somebody_held_away_vanishes_everywhere(clinic, open_window, followed):
    nurse, _supervisor, rosa = followed
    with clinic.inside():
        from carewright.registry import reaching, relating

        shared = _new_number()
        reaching.add_contact_point(patient=rosa, kind="phone", value=shared, by=nurse)
        relating.add_related_person(
            patient=rosa, given_name="Carl", family_name="Stone", relationship="husband", phone=shared, email="", by=nurse,
            at=timezone.now(),
        )  # fmt: skip
    page = open_window(clinic)
    sign_in(page, nurse)
    page.goto(f"/patients/{rosa.public_id}/call")
    expect(page.get_by_text(shared).first).to_be_visible()
    page.goto(f"/patients/{rosa.public_id}/contact")
    page.get_by_text("Hold away for safety").click()
    page.locator("form", has=page.get_by_role("button", name="Hold away")).get_by_label("Why").fill("She fears him")
    page.get_by_role("button", name="Hold away").click()
    for path in ("", "/call", "/story", "/contacts/new"):
        page.goto(f"/patients/{rosa.public_id}{path}")
        expect(page.get_by_text(shared)).to_have_count(0)
        expect(page.get_by_text("Carl Stone")).to_have_count(0)
    for path in ("/day", "/caseload-sheet"):
        page.goto(path)
        expect(page.get_by_text(shared)).to_have_count(0)
    page.goto("/calls/incoming")
    page.get_by_label("Number or name").fill(shared)
    page.get_by_role("button", name="Find").last.click()
    expect(page.get_by_text("Nobody you may see answers to this")).to_be_visible()
    read(page)
    with clinic.inside():
        from carewright.channel import actions as channel

        text = channel.received_text(
            number=shared, words_said="I am fine, stop calling", by="system:gateway", at=timezone.now()
        )
        assert text.patient is None, "whoever has that phone is not taken for her"


def test_where_no_message_is_safe_none_is_left(clinic, open_window, followed):
    nurse, _supervisor, rosa = followed
    with clinic.inside():
        rosa.contact_points.update(is_safe_for_message=False)
    page = open_window(clinic)
    sign_in(page, nurse)
    page.wait_for_url("**/day")
    page.get_by_role("link", name="Call: Ask about the new pills").click()
    expect(page.get_by_text("leave no message")).to_be_visible()
    page.get_by_label("Left message").check()
    page.get_by_role("button", name="Complete call").click()
    expect(page.get_by_text("It is not safe to leave a message at this number.")).to_be_visible()
    read(page)
    page.get_by_label("No answer").check()
    page.get_by_role("button", name="Complete call").click()
    expect(page.get_by_text("Call written down.")).to_be_visible()


# --- Friday, ten to five, before a holiday ---------------------------------------------------------------------------


def test_a_referral_on_a_friday_evening_before_a_holiday_is_promised_in_working_days(clinic, open_window):
    supervisor = clinic.person("supervisor")
    name = _new_name("Friday")
    with clinic.inside():
        from carewright.enrollment import actions as enrollment
        from tests.factories.access import TieFactory

        TieFactory(user=supervisor, population="everyone")
        # Friday September 4, 2026, 4:50 PM; Monday is Labor Day: two business days later is Wednesday, September 9.
        at = timezone.make_aware(datetime(2026, 9, 4, 16, 50))
        enrollment.receive(
            door="provider", at=at, by="system:public_form", person_name=name, person_phone="312-555-0100",
            how_soon="two_days", sender_name="Dr Shah", sender_organization="Oakwood",
        )  # fmt: skip
    page = open_window(clinic)
    sign_in(page, supervisor)
    page.goto("/triage")
    row = page.locator("tr", has_text=name)
    expect(row).to_contain_text("Sep 9")
    expect(row).to_contain_text("late")
    row.get_by_role("link", name=name).click()
    expect(page.get_by_text("we answer by Sep 9", exact=False)).to_be_visible()
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


# --- nobody, and four hundred ----------------------------------------------------------------------------------------


def test_a_caseload_of_nobody_says_so_on_every_page(clinic, open_window):
    nurse = clinic.person("care_manager")
    page = open_window(clinic)
    sign_in(page, nurse)
    for path, words in (
        ("/day", "Nothing is due"),
        ("/outreach", "Nobody to call here"),
        ("/assessments", ""),
        ("/caseload-sheet", ""),
        ("/alarms", ""),
    ):
        page.goto(path)
        if words:
            expect(page.get_by_text(words)).to_be_visible()
        read(page)


def test_a_caseload_of_four_hundred_is_one_list_one_sheet_and_one_move(clinic, open_window):
    nurse, to, supervisor = clinic.person("care_manager"), clinic.person("care_manager"), clinic.person("supervisor")
    with clinic.inside():
        from carewright.tasks.models import Task
        from tests.factories.access import TieFactory
        from tests.factories.registry import PatientFactory
        from tests.web import making

        TieFactory(user=supervisor, population="everyone")
        for number in range(400):
            patient = PatientFactory(given_name="Ana", family_name=f"Fourhundred{number:03}")
            TieFactory(user=nurse, patient=patient, because="caseload")
            making.enrolled(patient, nurse)
            making.task(patient, nurse, due=timedelta(hours=number), title="Weekly call")
    page = open_window(clinic)
    sign_in(page, nurse)
    page.goto("/day")
    expect(page.get_by_text("400 people need you now.")).to_be_visible()
    expect(lines(page)).to_have_count(STEP)
    read(page)
    page.goto("/caseload-sheet")
    expect(page.get_by_text("Fourhundred399")).to_have_count(1)
    sheet = open_window(clinic)
    sign_in(sheet, supervisor)
    sheet.goto(f"/leads/{nurse.pk}")
    expect(sheet.locator("input[name=enrollment]")).to_have_count(400)
    sheet.get_by_label("Who leads?").select_option(value=str(to.pk))
    sheet.get_by_label("Why").fill("Maternity leave")
    # Four hundred patients, each with a tie, a task, a letter and their lines in the log: a minute on a busy machine.
    sheet.get_by_role("button", name="Move all 400").click(timeout=240_000)
    expect(sheet.get_by_text("400 patients moved, with the open work.")).to_be_visible(timeout=240_000)
    page.goto("/day")
    expect(page.get_by_text("Nothing is due")).to_be_visible()
    with clinic.inside():
        assert Task.objects.open().filter(owner_user=to, kind="follow_up_call").count() == 400
