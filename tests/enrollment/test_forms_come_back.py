"""A small form that is refused comes back with everything that was typed, open, and with the sentence where it belongs."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from carewright.enrollment import consenting, reaching
from carewright.enrollment.referring import receive
from carewright.knowledge import consent as words
from tests.enrollment.test_doors import SELF
from tests.factories.enrollment import EnrollmentFactory
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
TODAY = date.today()
PAST, AHEAD = (TODAY - timedelta(days=3)).isoformat(), (TODAY + timedelta(days=30)).isoformat()
SPOKEN = {"how": "verbal", "language": "es", "interpreter": "Ana 4471"}


def form_of(page: str, action: str, *, of: str = "") -> str:
    """The one form of a page that is sent to an address (and holds a name), as it stands."""
    found = [
        each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'action="{action}"' in each and of in each
    ]
    assert len(found) == 1, f"{len(found)} forms go to {action}"
    return found[0]


def refused(client, address: str, given: dict, *, of: str = "") -> tuple[str, str]:
    """What comes back for something that is refused: the form, and what stands before it on the page."""
    answer = client.post(address, given)
    assert answer.status_code == 422
    page = answer.content.decode()
    form = form_of(page, address, of=of)
    assert "data-focus" in form, "what is wrong takes the focus"
    return form, page[: page.index(form)]


def said_at(form: str, name: str, sentence: str) -> bool:
    """Whether a sentence stands at the field of that name."""
    parts = re.split(r'(?=<div class="field|<fieldset class="field)', form)
    return any(f'name="{name}"' in part and sentence in part for part in parts)


ON_CONSENT = {
    "decline": ("decline", {"program": "complex_care", "because": "Sin tiempo", **SPOKEN, "how": "shouted"}, "how", "Select a valid choice", ("Sin tiempo", "Ana 4471")),
    "withdraw": ("withdraw", {"program": "complex_care", "how": " ", "words": "Basta, por favor"}, "how", "This field is required", ("Basta, por favor",)),
    "share without a signature": ("share", {**SPOKEN, "recipient_class": "community", "categories": ["general", "part2"], "purpose": "Comida", "expires_on": AHEAD}, "signed_name", "must be signed", ("Comida", AHEAD, "Ana 4471")),
    "share until a day that is past": ("share", {**SPOKEN, "recipient_class": "community", "categories": ["general"], "purpose": "Comida", "expires_on": PAST}, "expires_on", "The last day is past", ("Comida", PAST)),
    "share nothing": ("share", {**SPOKEN, "recipient_class": "community", "purpose": "Comida"}, "categories", "This field is required", ("Comida",)),
    "disclose without a ground": ("disclose", {"recipient_class": "community", "recipient": "Food Bank", "categories": ["general"], "what": "The name", "purpose": "Food", "basis": "consent"}, "basis", "No consent in force", ("Food Bank", "The name")),
}  # fmt: skip


@pytest.mark.parametrize("case", ON_CONSENT)
def test_what_stands_on_the_consent_page(client, nurse, patient, case):
    name, given, field, sentence, typed = ON_CONSENT[case]
    client.force_login(nurse)
    form, before = refused(client, reverse(f"enrollment:{name}", args=[patient.public_id]), given)
    assert said_at(form, field, sentence), form
    assert all(each in form for each in typed)
    for code in given.get("categories", []):
        assert re.search(rf'value="{code}"[^>]*checked', form), "what was ticked stays ticked"
    assert before.rstrip().endswith("</summary>") is False or "open><summary" in before[-400:], "it stands open"


def test_the_links_of_a_page_that_came_back_lead_on(client, nurse, patient):
    client.force_login(nurse)
    address = reverse("enrollment:withdraw", args=[patient.public_id])
    page = client.post(address, {"how": ""}).content.decode()
    assert not re.findall(r'href="\?[^"]*"', page), "an address by itself would lead to where only a form may go"


def test_a_no_that_nobody_may_open_yet_and_a_consent_taken_back(client, nurse, patient):
    client.force_login(nurse)
    spoken = {"how": "verbal", "language": "en"}
    consenting.decline(
        patient=patient, program="complex_care", because="", by=nurse, on=TODAY, at=timezone.now(), **spoken
    )
    address = reverse("enrollment:reopen", args=[patient.public_id])
    form, _before = refused(client, address, {"program": "complex_care", "why": " "})
    assert said_at(form, "why", "This field is required")
    for purpose in ("Food", "Housing"):
        consenting.share(patient=patient, recipient_class="community", recipient=purpose, categories=["general"], purpose=purpose, by=nurse, on=TODAY,
                         at=timezone.now(), **spoken)  # fmt: skip
    first, second = patient.sharing_consents.order_by("pk")
    address = reverse("enrollment:revoke", args=[patient.public_id, first.public_id])
    form, before = refused(client, address, {"how": "x" * 201})
    assert "x" * 201 in form and "open><summary" in before[-200:]
    other = reverse("enrollment:revoke", args=[patient.public_id, second.public_id])
    page = client.post(address, {"how": "x" * 201}).content.decode()
    assert "x" * 201 not in form_of(page, other), "only the one that was sent"


def test_joining_resting_leaving_and_leading(client, supervisor, patient):
    first = EnrollmentFactory(patient=patient, starts_on=TODAY - timedelta(days=9))
    EnrollmentFactory(patient=patient, program="transitional_care", starts_on=TODAY)
    client.force_login(supervisor)
    whom = [patient.public_id, first.public_id]
    form, before = refused(
        client, reverse("enrollment:pause", args=whom), {"because": "hospital", "until": PAST, "words": "Heart failure"}
    )
    assert "Heart failure" in form and PAST in form and "open><summary" in before[-200:]
    assert said_at(form, "until", "before"), form
    form, _before = refused(
        client, reverse("enrollment:end", args=whom), {"reason": "transferred", "words": "Moved to her son"}
    )
    assert said_at(form, "transferred_to", "Say who takes over") and "Moved to her son" in form
    assert re.search(r'value="transferred" selected', form)
    form, _before = refused(client, reverse("enrollment:lead", args=whom), {"lead": ""}, of="<select")
    assert said_at(form, "lead", "This field is required")
    consenting.agree(patient=patient, program="chronic_care", elements=[each.code for each in words.elements_for("chronic_care")],
                     how="verbal", language="en", by=supervisor, at=timezone.now())  # fmt: skip
    form, _before = refused(
        client, reverse("enrollment:enroll", args=[patient.public_id]), {"program": "chronic_care", "starts_on": PAST}
    )
    assert said_at(form, "starts_on", "they cannot have joined before") and PAST in form


def test_a_lead_who_may_not_is_said_at_the_choice(client, supervisor, patient):
    enrolled = EnrollmentFactory(patient=patient)
    unlicensed = UserFactory(role="care_manager")
    unlicensed.licences.create(kind="RN", state="TX", expires_on=TODAY + timedelta(days=300))
    client.force_login(supervisor)
    address = reverse("enrollment:lead", args=[patient.public_id, enrolled.public_id])
    form, before = refused(client, address, {"lead": unlicensed.pk}, of="<select")
    assert said_at(form, "lead", "No licence for IL") and f'value="{unlicensed.pk}" selected' in form
    assert "open><summary" in before[-200:]


def test_a_death_and_what_somebody_knows_of_it(client, nurse, patient):
    client.force_login(nurse)
    address = reverse("enrollment:death", args=[patient.public_id])
    form, _before = refused(client, address, {"source": "family", "died_on": AHEAD, "words": "Her son called"})
    assert said_at(form, "died_on", "The day of death is in the future") and "Her son called" in form
    client.post(address, {"source": "family"})
    form, _before = refused(client, address, {"confirm": "1", "died_on": AHEAD, "words": "The obituary"})
    assert said_at(form, "died_on", "in the future") and "The obituary" in form


@pytest.fixture
def item(nurse):
    return receive(door="self", at=timezone.now(), by="system:public_form", **SELF).referral.item


def test_who_a_referral_is_about(client, nurse, item):
    client.force_login(nurse)
    address = reverse("enrollment:say_who", args=[item.public_id])
    given = {
        "add": "1",
        "given_name": "Alberta",
        "family_name": "Quintero",
        "born": AHEAD,
        "phone": "312 555 0199",
        "language": "vi",
    }
    form, before = refused(client, address, given, of='name="add"')
    assert said_at(form, "born", "The date of birth is in the future")
    assert all(each in form for each in ("Alberta", "Quintero", AHEAD, "312 555 0199", 'value="vi" selected'))
    assert "open><summary" in before[-200:]


@pytest.mark.parametrize(
    ("given", "field", "sentence", "typed"),
    [
        ({"decision": "accept", "program": "complex_care", "owner": "", "note": "Calls at noon"}, "owner", "This field is required", "Calls at noon"),
        ({"decision": "not_now", "until": PAST, "because": "life_event", "note": "A new child"}, "until", "is past. Choose today or a later day", "A new child"),
        ({"decision": "exclude", "because": "", "note": "Asked twice"}, "because", "This field is required", "Asked twice"),
        ({"decision": "ask_pcp", "note": "y" * 1001}, "note", "at most 1000", "y" * 1001),
    ],
    ids=lambda given: given["decision"] if isinstance(given, dict) else "",
)  # fmt: skip
def test_decisions_of_triage(client, nurse, patient, item, given, field, sentence, typed):
    client.force_login(nurse)
    client.post(reverse("enrollment:say_who", args=[item.public_id]), {"person": str(patient.public_id)})
    address = reverse("enrollment:decide", args=[item.public_id])
    form, _before = refused(client, address, given, of=f'value="{given["decision"]}"')
    assert said_at(form, field, sentence), form
    assert typed in form


def test_how_an_attempt_ended_and_who_calls_instead(client, nurse, patient):
    episode = reaching.start(
        patient=patient, program="complex_care", owner=nurse, by=nurse, on=TODAY, at=timezone.now()
    )
    client.force_login(nurse)
    address = reverse("enrollment:record_attempt", args=[episode.public_id])
    point = patient.contact_points.get()
    form, _before = refused(client, address, {"point": point.pk, "ended": "call_back", "call_back_at": f"{PAST}T10:00"})
    assert said_at(form, "call_back_at", "still to come") and f"{PAST}T10:00" in form
    assert re.search(r'value="call_back" selected', form)
    assert not patient.contacts.exists(), "nothing of it is kept"
    form, before = refused(client, reverse("enrollment:hand_over", args=[episode.public_id]), {"to": ""})
    assert said_at(form, "to", "This field is required") and "open><summary" in before[-200:]


def test_what_a_lead_brings_and_a_licence_and_a_move(client, nurse, supervisor, patient):
    EnrollmentFactory(patient=patient, lead=nurse)
    client.force_login(supervisor)
    address = reverse("enrollment:describe", args=[nurse.pk])
    form, _before = refused(
        client, address, {"languages": "es vi", "places": "606", "minutes_a_week": "9000"}, of="minutes_a_week"
    )
    assert said_at(form, "minutes_a_week", "3600") and "es vi" in form
    form, before = refused(
        client, address, {"licence": "1", "kind": "LCSW", "state": "ILLINOIS", "expires_on": AHEAD}, of='name="licence"'
    )
    assert said_at(form, "state", "at most 7") and "LCSW" in form and "open><summary" in before[-200:]
    address = reverse("enrollment:caseload", args=[nurse.pk])
    answer = client.post(
        address, {"enrollment": [str(patient.enrollments.get().public_id)], "lead": "", "because": "Her leave"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422 and "Her leave" in page and said_at(page, "lead", "This field is required")
    assert re.search(r'name="enrollment"[^>]* checked', page), "whoever was selected stays selected"


def test_what_cannot_be_done_any_more_says_so_with_every_word(client, nurse, patient):
    consenting.agree(patient=patient, program="complex_care", elements=[each.code for each in words.elements_for("complex_care")],
                     how="verbal", language="en", by=nurse, at=timezone.now())  # fmt: skip
    client.force_login(nurse)
    given = {"program": "complex_care", "because": "Too many calls", "how": "verbal", "language": "en"}
    answer = client.post(reverse("enrollment:decline", args=[patient.public_id]), given)
    page = answer.content.decode()
    assert answer.status_code == 422 and "Write down a withdrawal instead" in page and "Too many calls" in page
    assert page.count("data-focus") == 1
