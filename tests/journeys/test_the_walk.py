"""
From a self-referral on a phone to an enrolled patient with a finished comprehensive assessment, without a dead end.

Three people walk: somebody who asks for help in Spanish on a small phone, the supervisor who decides, and the nurse who
calls, asks and assesses. Each finds the next step on the page they are on; after the first page nobody types an address.
Every page is read by axe.
"""

import re
from datetime import datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import axe, scrolls_sideways, sign_in

pytestmark = pytest.mark.django_db
SMALL = {"width": 320, "height": 640}
SECTIONS = 14


@pytest.fixture
def people(clinic):
    """A supervisor who answers for everyone, and a nurse who speaks Spanish."""
    from carewright.enrollment.models import LeadProfile
    from tests.factories.access import TieFactory

    supervisor = clinic.person("supervisor")
    nurse = clinic.person("care_manager", last_name=f"Vega{datetime.now():%M%S}")
    with clinic.inside():
        TieFactory(user=supervisor, population="everyone")
        LeadProfile.objects.create(user=nurse, languages=["es"], skills=["complex_care"], minutes_a_week=1200)
    return supervisor, nurse


def read(page: Page) -> None:
    """A page that everyone can read, no wider than its window."""
    axe(page)
    assert not scrolls_sideways(page), page.url


def place(page: Page, name: str) -> None:
    """Go to a page of the sidebar."""
    page.get_by_role("navigation").first.get_by_role("link", name=re.compile(rf"^{name}")).first.click()


def ask_for_help(page: Page, name: str) -> str:
    """Six questions in Spanish at 320 px, from the page everyone knows, without signing in; answers the code."""
    page.set_viewport_size(SMALL)
    page.goto("/sign-in")
    page.get_by_role("link", name="Español").click()
    read(page)
    page.get_by_role("button", name="Pedir una llamada").click()
    expect(page.get_by_role("alert")).to_contain_text("Por favor corrija")
    read(page)
    page.get_by_label("Nombre de la persona").fill(name)
    page.get_by_label("Para mí").check()
    page.get_by_label("Número de teléfono").fill("(312) 555-0147")
    page.get_by_label("Sí", exact=True).check()
    page.get_by_label("Mejor hora").select_option(label="En la tarde")
    page.get_by_label("Llegar a mis citas").check()
    page.get_by_role("button", name="Pedir una llamada").click()
    expect(page.get_by_role("heading", name="Lo recibimos")).to_be_visible()
    read(page)
    return page.locator(".big-code").inner_text().strip()


def how_far(page: Page, code: str, said: str) -> None:
    """Whoever asked types the code and is told how far it is."""
    page.goto("/sign-in")
    page.get_by_role("link", name="Español").click()
    page.goto("/referral-status?lang=es")
    page.get_by_label("Código").fill(code)
    page.get_by_role("button", name="Ver").click()
    expect(page.get_by_role("status")).to_contain_text(said)
    read(page)


def answer_everything(page: Page) -> None:
    """Answer each question of a section, one after the other as a person does, and those that an answer opened."""
    seen: set[str] = set()
    while True:
        there = page.locator("fieldset.question").evaluate_all("rows => rows.map(row => row.id)")
        waiting = [each for each in there if each not in seen]
        if not waiting:
            return
        seen.add(waiting[0])
        answer(page.locator(f"[id='{waiting[0]}']"))
        # It saves itself; what it opens or says is on the page once nothing is on its way any more.
        page.evaluate("document.activeElement.blur()")
        expect(page.locator(".htmx-request, fieldset[data-unsent]")).to_have_count(0)


def answer(question: Locator) -> None:
    """The first choice, or something of the kind that is asked for."""
    choices = question.locator(".ans label:not(.quiet):not(.other) input")
    number, day = question.locator("input[type=number]"), question.locator("input[type=date]")
    if choices.count():
        choices.first.check()
    elif number.count():
        number.fill(number.get_attribute("min") or "1")
    elif day.count():
        day.fill("2026-11-01")
    else:
        question.locator(".typed .long").fill("Está bien")


def test_from_a_self_referral_on_a_phone_to_a_finished_assessment(clinic, open_window, people):
    supervisor, nurse = people
    name = f"Maribel Santos R{datetime.now():%M%S%f}"
    phone = open_window(clinic)
    code = ask_for_help(phone, name)
    how_far(phone, code, "Lo recibimos")

    # The supervisor finds who asked, adds a person nobody knows yet, and takes them on.
    lead = open_window(clinic)
    sign_in(lead, supervisor)
    lead.wait_for_url("**/day")
    place(lead, "Triage")
    read(lead)
    lead.get_by_role("link", name=name).click()
    expect(lead.get_by_text("Nobody here has this phone, number, or name.")).to_be_visible()
    expect(lead.get_by_label("Given name")).to_have_value("Maribel")
    expect(lead.get_by_label("Language")).to_have_value("es")
    read(lead)
    lead.get_by_role("button", name="Add this person").click()
    expect(lead.get_by_text("Added.")).to_be_visible()
    read(lead)
    lead.get_by_label("Program").select_option(label="Complex care")
    lead.get_by_label("Who calls?").select_option(label=f"{nurse.name}, care manager")
    lead.get_by_role("button", name="Accept and plan the first call").click()
    expect(lead.get_by_text("Accepted. The first call is planned.")).to_be_visible()
    expect(lead.get_by_role("link", name="Open the outreach")).to_be_visible()
    read(lead)
    how_far(phone, code, "Estamos llamando")

    # The nurse finds whom to call, leaves a message; the next try plans itself; then the person is there.
    work = open_window(clinic)
    sign_in(work, nurse)
    work.wait_for_url("**/day")
    place(work, "Outreach")
    read(work)
    if not work.get_by_role("link", name=name).count():  # at night, or in the morning: they asked for the afternoon
        work.get_by_role("link", name="Call later").first.click()
    work.get_by_role("link", name=name).click()
    # after their afternoon is over the call is planned for the evening, and the sentence ends before the comma
    expect(work.get_by_text("First call of 3")).to_be_visible()
    read(work)
    work.get_by_role("link", name="Call", exact=True).click()
    expect(work.get_by_text("To offer the program")).to_be_visible()
    read(work)
    work.get_by_label("Left message").check()
    work.get_by_role("button", name="Complete call").click()
    expect(work.get_by_text("The next try is planned")).to_be_visible()
    place(work, "Outreach")
    work.get_by_role("link", name="Call later").first.click()
    work.get_by_role("link", name=name).click()
    expect(work.get_by_text("Call 2 of 3")).to_be_visible()
    expect(work.get_by_text("Left a message", exact=True).first).to_be_visible()
    work.get_by_role("link", name="Call", exact=True).click()
    work.get_by_label("Full name").check()
    work.get_by_label("Date of birth", exact=True).check()
    work.get_by_label("not on file").fill("1956-04-02")
    work.get_by_role("group", name=re.compile("Would you like that")).get_by_label("Yes").check()
    work.get_by_label("Bilingual colleague").check()
    work.get_by_label("Reached them").check()
    work.get_by_role("button", name="Complete call").click()

    # Who wishes to join hears each element, in Spanish; a yes of which one is missing keeps what was ticked.
    expect(work.get_by_role("heading", name="Say each of these, and tick it")).to_be_visible()
    expect(work.get_by_text("Usted puede decir que no.")).to_be_visible()
    read(work)
    work.get_by_label("What the program is").check()
    work.get_by_role("button", name="They say yes").click()
    expect(work.get_by_text("Not said yet:")).to_be_visible()
    expect(work.get_by_label("What the program is")).to_be_checked()
    read(work)
    for box in work.locator(".say input").all():
        box.check()
    work.get_by_role("button", name="They say yes").click()
    expect(work.get_by_text("Kept: they said yes.")).to_be_visible()
    read(work)
    work.get_by_role("button", name="Enroll").click()
    expect(work.get_by_text("Nobody leads yet", exact=True)).to_be_visible()
    read(work)

    # The supervisor accepts who leads; the reason says that they speak the language and know each other.
    place(lead, "Leads")
    read(lead)
    lead.get_by_role("link", name=name).click()
    best = lead.locator("tbody tr").first
    expect(best).to_contain_text("Speaks Spanish")
    expect(best).to_contain_text("Led or called them before")
    read(lead)
    lead.get_by_role("button", name=f"Accept {nurse.name}").click()
    expect(lead.get_by_text("Accepted: the lead sees the patient from today.")).to_be_visible()
    read(lead)

    # The nurse assesses: every section asked, the verdict said, the needs in sight.
    place(work, "Find a patient")
    work.get_by_role("searchbox").last.fill(name)
    work.keyboard.press("Enter")
    work.get_by_role("main").get_by_role("link", name=re.compile("Maribel")).first.click()
    read(work)
    work.get_by_role("link", name="Enrollment", exact=True).click()
    work.get_by_role("link", name="Assess", exact=True).click()
    read(work)
    work.get_by_label("Interpreter, name or number").fill("Bilingual, by herself")
    work.get_by_role("button", name="Begin").click()
    for _section in range(SECTIONS):
        expect(work.get_by_role("button", name=re.compile("^Done, "))).to_be_visible()
        read(work)
        here = work.url
        answer_everything(work)
        work.get_by_role("button", name=re.compile("^Done, ")).click()
        expect(work).not_to_have_url(here)
    work.wait_for_url("**/finish")
    expect(work.get_by_text("Still open")).to_have_count(0)
    read(work)
    work.get_by_label("Belongs in the program", exact=True).check()
    work.get_by_label("What speaks for it").fill("No ride to visits, many medicines, lives alone")
    work.get_by_role("button", name="Finish the assessment").click()
    expect(work.get_by_text("Belongs in the program.")).to_be_visible()
    expect(work.get_by_role("heading", name="Needs")).to_be_visible()
    read(work)
    with clinic.inside():
        from carewright.assessment import queries as assessment
        from carewright.enrollment.models import Enrollment
        from carewright.registry.models import Patient

        patient = Patient.objects.get(family_name=name.partition(" ")[2])
        enrolled = Enrollment.objects.running().get(patient=patient)
        assert (enrolled.lead, enrolled.program, enrolled.consent.language) == (nurse, "complex_care", "es")
        found = assessment.needs_for(patient, enrolled.starts_on)
        assert found, "whoever answers so has needs"
        label = found[0].need.label
    expect(work.get_by_text(label).first).to_be_visible()
    how_far(phone, code, "Ya hicimos nuestra parte")
