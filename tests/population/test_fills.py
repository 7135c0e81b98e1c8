"""What pharmacies billed stands beside the lists of medicines, says what it cannot tell, and hides what a role may not see."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from carewright.access.actor import acting_as
from carewright.population.marks import mark
from carewright.population.models import Dispensing, Freshness, Utilization
from carewright.population.models import Run as AnyRun
from carewright.web.patient import fills
from carewright.web.patient.sight import Sight
from carewright.web.printouts import sheet
from tests.factories.access import TieFactory
from tests.factories.staff import UserFactory

GLANCE, MEDICINES = "patient:glance", "patient:medicines"
LISINOPRIL, BUPRENORPHINE, BIKTARVY = "lisinopril 20 MG Oral Tablet", "buprenorphine 8 MG", "[Biktarvy]"
NAMELESS = "NDC 00003196401: a name is not on file for this number"


@pytest.fixture
def ada(run, patient):
    return patient("ada")


def page(client, ada, name=MEDICINES) -> str:
    return re.sub(r"\s+", " ", client.get(reverse(name, args=[ada.public_id])).content.decode())


def sight(user, ada, **more) -> Sight:
    at = timezone.now()
    return Sight(user, ada, timezone.localdate(at), at, **more)


# --- what stands there ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [GLANCE, MEDICINES, "call:out"])
def test_fills_stand_beside_the_lists_with_source_day_and_supply(client, as_role, ada, name):
    as_role("care_manager")
    shown = page(client, ada, name)
    assert "Filled at pharmacies" in shown and "from claims" in shown
    assert "No source has sent a list" in shown or "No list is on file" in shown  # the two are never one
    for words in (LISINOPRIL, BUPRENORPHINE, BIKTARVY, NAMELESS, "Nov 10, 2026", "Cash, samples, the VA", "Ask."):
        assert words in shown
    assert "not listed here yet" not in shown
    assert ("and 1 more, filled longer ago" in shown) == (name != MEDICINES)
    assert shown.index(LISINOPRIL) < shown.index(BUPRENORPHINE) < shown.index(BIKTARVY), "the latest first"
    assert ("Reyataz 300" in shown) == (name == MEDICINES), (
        "a fill of more than a year ago stands on the whole list only"
    )


def test_the_whole_list_says_who_prescribed_how_often_and_whose_names_these_are(client, as_role, ada):
    as_role("care_manager")
    shown = page(client, ada)
    for words in ("Dr. Ellen Park", "4 fills", "90 days", "30 units", "as the claim calls it", "RxNorm",
                  "National Library of Medicine", "days&#x27; supply unknown"):  # fmt: skip
        assert words in shown


def test_each_opens_to_the_claim_lines_and_its_address_names_no_medicine(client, as_role, ada):
    as_role("care_manager")
    shown = page(client, ada)
    address = next(one for one in re.findall(r'href="([^"]+)"', shown) if mark("rxcui:1010604") in one)
    assert "1010604" not in address and "buprenorphine" not in address
    opened = client.get(address)
    assert opened.status_code == 200
    assert "Fills of buprenorphine 8 MG" in opened.content.decode()
    assert client.get(address.replace(mark("rxcui:1010604"), "0" * 16)).status_code == 404


def test_a_run_made_before_fills_were_listed_says_so_and_never_none(client, as_role, ada):
    as_role("care_manager")
    run = AnyRun.objects.get(is_current=True)
    run.rows.pop("dispensing")
    run.save()
    for name in (GLANCE, MEDICINES):
        shown = page(client, ada, name)
        assert "is listed from the next run on" in shown
        assert "Pharmacy claims show 4 different medicines filled" in shown
        assert "not the same as none" not in shown and "No pharmacy claims" not in shown
    Utilization.objects.filter(patient=ada).update(medicines_12=0)
    assert "Pharmacy claims show" not in page(client, ada)


def test_no_fill_is_not_no_medicine_and_no_claims_at_all_is_said(client, as_role, ada, patient):
    as_role("care_manager")
    assert "That is not the same as none." in page(client, patient("ben"))
    assert "No pharmacy claims have come, of anybody." not in page(client, patient("ben"))
    run = AnyRun.objects.get(is_current=True)
    run.rows["dispensing"] = 0
    run.save()
    assert "No pharmacy claims have come, of anybody." in page(client, patient("ben"))


def test_how_far_pharmacy_claims_reach_is_that_of_the_slowest_feed_of_them(run, client, as_role, ada):
    as_role("care_manager")
    assert "how far pharmacy claims are complete is not known yet" in page(client, ada)
    Freshness.objects.create(run=run, feed="a (pharmacy)", complete_through=date(2026, 9, 30))
    Freshness.objects.create(run=run, feed="b (pharmacy)", complete_through=date(2026, 7, 31))
    Freshness.objects.create(run=run, feed="c", complete_through=date(2026, 3, 31))
    assert "Pharmacy claims are complete through Jul 2026, read up to Nov 20, 2026." in page(client, ada)
    Freshness.objects.create(run=run, feed="d (pharmacy)", complete_through=None)
    assert "not known yet" in page(client, ada)


DAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("lasts_to", "through", "words"),
    [
        (None, None, "days' supply unknown"),
        (DAY, None, "lasts to Nov 24, 2026 if taken as filled"),
        (DAY + timedelta(days=30), DAY, "lasts to Dec 24, 2026 if taken as filled"),
        (DAY - timedelta(days=1), None, "ran out Nov 23, 2026 if taken as filled; a later fill may not have come yet"),
        (date(2026, 7, 31), date(2026, 7, 31), "ran out Jul 31, 2026 if taken as filled; a later fill may not have come yet"),
        (date(2026, 7, 30), date(2026, 7, 31),
         "ran out Jul 30, 2026, 117 days ago, if taken as filled; no later fill in the claims"),
        (date(2024, 2, 29), date(2026, 7, 31),
         "ran out Feb 29, 2024, 999 days ago, if taken as filled; no later fill in the claims"),
    ],
)  # fmt: skip
def test_until_when_it_lasts_is_said_in_words_and_no_more_than_claims_can_know(lasts_to, through, words):
    with translation.override("en"):
        assert fills._supply(lasts_to, DAY, through) == words


# --- who sees what --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["community_health_worker", "billing", "referral_coordinator"])
@pytest.mark.parametrize("name", [GLANCE, MEDICINES])
def test_roles_without_medicines_see_no_fill_and_no_word_of_fills(client, as_role, ada, role, name):
    as_role(role)
    shown = page(client, ada, name)
    for words in (LISINOPRIL, BUPRENORPHINE, "Filled at pharmacies", "Pharmacy claims"):
        assert words not in shown


@pytest.mark.parametrize(
    ("hidden", "seen"),
    [
        (frozenset(), 5),
        ({"safety", "part2"}, 5),
        ({"behavioral"}, 2),
        ({"hiv"}, 2),
        ({"reproductive"}, 3),
        ({"behavioral", "hiv", "reproductive"}, 1),
    ],
)
def test_a_closed_tag_closes_the_line_the_number_of_lines_and_unknown_numbers(run, ada, hidden, seen):
    """What a child's parent on the line may not hear is closed in this way too (`also_hidden`)."""
    nurse = UserFactory(role="care_manager")
    told = fills.filled(sight(nurse, ada, also_hidden=frozenset(hidden)), run)
    assert len(told.fills) == seen
    assert [one.name for one in told.fills if one.name.startswith("lisinopril")] == [LISINOPRIL]
    assert bool(hidden & {"behavioral"}) == (not any("buprenorphine" in one.name for one in told.fills))
    assert bool(hidden & {"hiv"}) == (not any("Biktarvy" in one.name for one in told.fills))
    if hidden & {"behavioral", "hiv", "reproductive"}:
        assert not any(one.ndc.startswith("000031964") for one in told.fills), "a number nobody knows may be anything"


def test_who_studies_lists_cannot_open_the_claims_of_a_closed_medicine(client, as_role, ada):
    as_role("analyst")
    facts = reverse("population:facts", args=[ada.public_id])
    assert client.get(facts, {"of": f"fill:{mark('rxcui:314077')}"}).status_code == 200
    for closed in ("rxcui:1010604", "rxcui:1999673", "ndc:00003196401"):
        assert client.get(facts, {"of": f"fill:{mark(closed)}"}).status_code == 404


def test_the_database_itself_shows_fills_only_of_patients_one_has_a_tie_to(run, ada, patient):
    nurse = UserFactory(role="care_manager")
    TieFactory(user=nurse, patient=patient("ben"))
    with acting_as(nurse):
        assert not Dispensing.objects.exists()
    TieFactory(user=nurse, patient=ada)
    with acting_as(nurse):
        assert Dispensing.objects.count() == 5


# --- on paper -------------------------------------------------------------------------------------------------------------


def test_the_sheet_says_that_it_is_from_claims_and_asks_no_more_for_more_people(run, ada, patient):
    nurse, at = UserFactory(role="care_manager"), timezone.now()
    [row] = sheet.rows_of(nurse, [ada], reader=nurse, at=at)
    assert row.filled == [f"{LISINOPRIL}: last filled Nov 10, 2026"], "paper lies around: nothing that is kept closer"
    assert row.filled_until == run.as_of
    assert row.medicines == []
    counselor = UserFactory(role="community_health_worker")
    assert sheet.rows_of(nurse, [ada], reader=counselor, at=at)[0].filled == []
    asked = []
    for people in ([ada], [ada, patient("ben"), patient("fay")]):
        with connection.execute_wrapper(lambda execute, *call: asked.append(1) or execute(*call)):
            sheet.rows_of(nurse, people, reader=nurse, at=at)
        asked.append(0)
    assert asked.index(0) == len(asked) - asked.index(0) - 2
