"""
The unhappy paths about people: no interpreter, a child and a parent, protected records, a phone somebody else has, too few
and too many patients. See `test_unhappy.py` for those about what happened.
"""

from datetime import date, datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from carewright.web.day.views import STEP
from tests.browser import sign_in
from tests.journeys.unhappy import lines, new_name, new_number, read

pytestmark = pytest.mark.django_db


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
            kim = PatientFactory(given_name="Kim", family_name=new_name("Tran"), born_on=date(today.year - age, 1, 2))
            TieFactory(user=nurse, patient=kim)
            ContactPointFactory(patient=kim, value=new_number())
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

    def unfold(words: str, box):
        if not box.is_visible():  # what was refused comes back open, with everything typed
            page.get_by_text(words).click()

    def asked(how: str, name: str = ""):
        box = page.locator("form[action$='/sharing']")
        unfold("Ask for consent to share", box)
        box.get_by_label("Substance use treatment").check()
        box.get_by_label("What for").fill("Joint treatment")
        box.get_by_label("How", exact=True).select_option(label=how)
        box.get_by_label("Name typed to sign").fill(name)
        box.get_by_role("button", name="Keep this consent").click()

    def told(ground: str):
        box = page.locator("form[action$='/disclosures']")
        unfold("Write down that something was told", box)
        box.get_by_label("Substance use treatment").check()
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

        shared = new_number()
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
    expect(page.get_by_text("leave no message", exact=True)).to_be_visible()
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
    name = new_name("Friday")
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
        from tests.web import making

        TieFactory(user=supervisor, population="everyone")
        making.caseload(nurse, names=[f"Fourhundred{number:03}" for number in range(400)])
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
    sheet.get_by_role("button", name="Move all 400").click()
    expect(sheet.get_by_text("0 of 400 done")).to_be_visible()
    with clinic.inside():
        from carewright.enrollment import moving
        from carewright.enrollment.models import CaseloadMove

        # as the worker goes on, step by step; that it comes to its end is tried in tests/enrollment/test_moving.py
        move = CaseloadMove.objects.get(before=nurse)
        moving.carry_out(move=move, on=timezone.localdate(), at=timezone.now())
    expect(sheet.get_by_text("20 of 400 done")).to_be_visible()
    read(sheet)
    page.goto("/day")
    expect(page.get_by_text("380 people need you now.")).to_be_visible()
    with clinic.inside():
        assert Task.objects.open().filter(owner_user=to, kind="follow_up_call").count() == 20
