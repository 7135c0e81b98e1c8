"""The pages: who sees what, numbers that open lists of their length, protected facts, and exports."""

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from carewright.access.models import BreakGlass
from carewright.audit.models import Entry
from carewright.population import overview, queries, worth
from carewright.population.filters import STATES, Filters
from carewright.population.marks import mark
from carewright.population.models import CandidateDecision, EdVisit, Freshness, ProgramSetting, Score
from carewright.population.queries import Reader
from carewright.population.templatetags import population_words
from carewright.registry.models import ContactPoint
from carewright.staff.models import User
from carewright.web import navigation
from tests.population.conftest import NOW

pytestmark = pytest.mark.django_db
CANDIDATES = "/candidates"
WHY = 48
SIDEBAR = 18  # questions asked for the numbers beside the sidebar, for a supervisor, who has the most


def names_in(response) -> list[str]:
    return [row["name"] for row in response.context["rows"]]


def test_before_the_first_run_every_page_says_so(as_role, client):
    as_role("supervisor")
    for address in (CANDIDATES, "/population", "/population/people", "/population/freshness"):
        assert "Nothing ranked yet" in client.get(address).content.decode()


def test_candidates_come_in_the_order_of_their_score_with_reasons(run, as_role, client):
    as_role("care_manager")
    response = client.get(CANDIDATES)
    assert names_in(response) == ["Abernathy, Ada", "Fay, Test", "Eve, Test", "Cyn, Test"]
    page = response.content.decode()
    assert "2 hospital stays" in page
    assert "Claims are complete through" in page
    assert "has died 1" in page
    assert Entry.objects.filter(did="saw_list", page="population:candidates").count() == 1


def test_a_list_that_looks_back_says_so_first(run, as_role, client):
    as_role("supervisor")
    for address in ("/candidates", "/population"):
        run.received_at = datetime(2026, 11, 20, 12, tzinfo=UTC)
        run.save()
        page = client.get(address).content.decode()
        assert "Ranked as of Nov 20, 2026." in page
        assert "counts.</strong>" not in page
        run.received_at = datetime(2026, 11, 23, 12, tzinfo=UTC)
        run.save()
        page = client.get(address).content.decode()
        assert "<strong>Ranked on Nov 23, 2026 as of Nov 20, 2026: nothing after Nov 20, 2026 counts.</strong>" in page
        assert "Ranked as of" not in page


def test_a_stranger_to_everyone_sees_nobody(run, as_role, client, patient):
    as_role("care_manager", population=None)
    assert names_in(client.get(CANDIDATES)) == []
    assert client.get(reverse("population:why", args=[patient("ada").public_id])).status_code == 404


def test_a_tie_to_one_payer_shows_that_payer_s_people_only(run, as_role, client):
    as_role("care_manager", population="payer:Plan B")
    assert names_in(client.get(CANDIDATES)) == ["Cyn, Test"]


@pytest.mark.parametrize("role", ["supervisor", "care_manager", "analyst", "quality"])
def test_every_number_of_the_overview_is_the_length_of_its_list(run, as_role, client, role):
    as_role(role)
    response = client.get("/population")
    blocks = response.context["blocks"]
    numbers = [number for block in blocks for number in block.numbers]
    assert len(numbers) > 35
    assert blocks[1].code == "band"
    for number in numbers:
        listed = client.get(f"/population/people?{number.address}")
        assert listed.context["page"].paginator.count == number.people, number
        assert len(listed.context["rows"]) == min(number.people, 25)
    assert response.context["whole"] == 6


def test_the_sidebar_count_is_the_list_s_length(run, as_role, client):
    user = as_role("care_manager")
    assert queries.waiting_count(user) == client.get(CANDIDATES).context["page"].paginator.count == 4


def test_a_role_without_protected_facts_reads_the_world_without_them(run, as_role, client, patient):
    """Ada's second stay, Fay's depression and Eve's need are protected: verdicts, reasons and lists do without."""
    user = as_role("pharmacist")
    response = client.get(CANDIDATES)
    assert names_in(response) == ["Abernathy, Ada", "Cyn, Test"]
    page = response.content.decode()
    assert "2 hospital stays" not in page
    assert "Safety" not in page
    ada = next(row for row in response.context["rows"] if row["name"] == "Abernathy, Ada")
    assert {program.code: said for program, said in ada["verdicts"]}["complex_care"] == "no"
    why = client.get(reverse("population:why", args=[patient("ada").public_id])).content.decode()
    assert "2 unplanned hospital stays" not in why
    assert "Major depression" not in why or "behavioral" not in queries.Reader(user, NOW.date()).hidden


@pytest.mark.parametrize("role", ["supervisor", "pharmacist", "analyst"])
@pytest.mark.parametrize("person", ["ada", "ben", "eve", "fay"])
def test_the_parts_shown_add_up_to_the_score_shown_for_every_role(run, as_role, client, patient, role, person):
    as_role(role)
    context = client.get(reverse("population:why", args=[patient(person).public_id])).context
    assert sum(part.points for part in context["parts"]) == context["row"].score
    whole = Score.objects.get(run=run, patient=patient(person)).score
    assert context["row"].score == whole if role == "supervisor" else context["row"].score <= whole


def test_an_analyst_sees_no_names_and_no_zip_codes(run, as_role, client, patient):
    as_role("analyst")
    page = client.get(CANDIDATES).content.decode()
    assert "Abernathy" not in page
    assert "ZIP" not in page
    assert "Abernathy" not in client.get(reverse("population:why", args=[patient("ada").public_id])).content.decode()
    # A filter that would single out a ZIP code changes nothing for them.
    assert client.get("/population/people?zip=99999").context["page"].paginator.count == 6


def test_a_condition_s_list_leaves_out_who_has_it_by_protected_facts(run, as_role, client):
    as_role("care_manager")
    assert client.get("/population/people?condition=depressn").context["page"].paginator.count == 1
    as_role("analyst")
    assert client.get("/population/people?condition=depressn").context["page"].paginator.count == 0


def test_the_why_page_opens_lines_parts_and_what_stands_behind_them(run, as_role, client, patient):
    as_role("supervisor")
    ada = patient("ada")
    page = client.get(reverse("population:why", args=[ada.public_id])).content.decode()
    for words in ("Why is Ada Abernathy here?", "2 unplanned hospital stays in 12 months", "Home since Nov 6, 2026.",
                  "Unknown is not no", "About the area, not about the person", "Dr. Ellen Park", "Heart failure"):  # fmt: skip
        assert words in page
    assert Entry.objects.filter(did="saw", patient_ids=[ada.pk], page="population:why").exists()


def test_facts_open_only_what_the_record_itself_names(run, as_role, client, patient):
    """An evidence id in the address opens nothing by itself, and a protected line opens less for who may see less."""
    as_role("supervisor")
    address = reverse("population:facts", args=[patient("ada").public_id])
    assert client.get(f"{address}?of=nothing:here").status_code == 404
    assert client.get(address).status_code == 404
    assert client.get(f"{address}?of=line:complex_care:unplanned_stays").context["asked"] == 2
    as_role("analyst")
    assert client.get(f"{address}?of=line:complex_care:unplanned_stays").context["asked"] == 1
    assert client.get(f"{address}?of=part:unplanned_stays_protected").status_code == 404


def test_addresses_say_neither_a_diagnosis_nor_a_stay(run, as_role, client, patient):
    """Every link to facts opens, and what it is about stands in it only as a mark."""
    as_role("supervisor")
    page = client.get(reverse("population:why", args=[patient("ada").public_id])).content.decode()
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*facts[?]of=[^"]+)"', page)}
    kinds = {unquote(link.partition("of=")[2]).partition(":")[0] for link in links}
    assert {"condition", "part", "line"} <= kinds
    for link in links:
        kind, _colon, rest = unquote(link.partition("of=")[2]).partition(":")
        if kind not in ("line", "provider"):
            assert re.fullmatch("[0-9a-f]{16}", rest)
        assert client.get(link).status_code == 200


def test_the_cost_chart_shows_every_one_of_24_months(run, as_role, client, patient):
    Freshness.objects.filter(run=run).update(complete_through=date(2026, 9, 30))
    as_role("supervisor")
    spending = client.get(reverse("population:why", args=[patient("ada").public_id])).context["spending"]
    assert len(spending["labels"]) == 24
    assert spending["labels"][-1] == f"{run.as_of:%b %y}"
    assert {len(series.values) for series in spending["series"]} == {24}
    assert spending["partial"] == [22, 23]


def _block(**caught: float) -> dict:
    methods = {name: [SimpleNamespace(top_share=0.05, caught=value)] for name, value in caught.items()}
    return {
        "scored_on": date(2026, 5, 1), "group": "medicare", "stays": 100, "too_few": False, "is_complete": True,
        "methods": methods,
    }  # fmt: skip


def test_the_worth_of_the_order_is_said_in_one_sentence():
    assert "better than Charlson in 1 of 1" in worth.verdict([_block(carewright=60, charlson=30)])
    assert "not reliably different from CMS-HCC V28" in worth.verdict([_block(carewright=32, cms_hcc=30)])
    assert "worse than Charlson for the first 5 % of people with Medicare on May 1, 2026" in worth.verdict(
        [_block(carewright=10, charlson=40)]
    )
    assert worth.verdict([_block(carewright=60, charlson=30) | {"too_few": True}]).startswith("Too few yet")


@pytest.mark.parametrize("role", ["quality", "pharmacist"])
def test_rules_and_freshness_open_to_who_sees_numbers_or_candidates(run, as_role, client, role):
    as_role(role)
    assert client.get(reverse("population:programs")).status_code == 200
    assert client.get(reverse("population:freshness")).status_code == 200


def test_deciding_from_the_list_without_scripts(run, as_role, client, patient):
    as_role("care_manager")
    ada, cyn = patient("ada"), patient("cyn")
    asked = {"person": [ada.public_id, cyn.public_id], "decision": "not_now", "back": "/candidates?band=high"}
    page = client.post("/candidates/decide", asked)
    assert page.status_code == 200
    assert "Until" in page.content.decode()
    assert not CandidateDecision.objects.exists()
    wrong = client.post("/candidates/decide", asked | {"decide": "1", "until": "2020-01-01", "because": "no_capacity"})
    assert wrong.status_code == 422
    assert "is past" in wrong.content.decode()
    far = client.post("/candidates/decide", asked | {"decide": "1", "until": "2099-01-01", "because": "no_capacity"})
    assert "12 months ahead" in far.content.decode()
    soon = (timezone.localdate() + timedelta(days=30)).isoformat()
    assert f'value="{soon}"' in page.content.decode()
    done = client.post("/candidates/decide", asked | {"decide": "1", "until": soon, "because": "no_capacity"})
    assert (done.status_code, done["Location"]) == (302, "/candidates?band=high")
    assert CandidateDecision.objects.filter(decision="not_now").count() == 2


def test_nobody_decides_about_someone_else_s_people_or_is_sent_away(run, as_role, client, patient):
    as_role("care_manager", population="payer:Plan B")
    asked = {"person": [patient("ada").public_id], "decision": "accepted", "back": "https://elsewhere.example/"}
    done = client.post("/candidates/decide", asked)
    assert done["Location"] == CANDIDATES
    assert not CandidateDecision.objects.exists()


def test_a_file_needs_a_purpose_and_is_written_down_with_everyone_in_it(run, as_role, client, patient):
    user = as_role("care_manager")
    assert client.post("/candidates/export", {"purpose": ""}).status_code == 422
    response = client.post("/candidates/export?state=all", {"purpose": "Weekly triage, November 23"})
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert len(rows) == 6
    assert all(not row["person"].startswith("=") for row in rows)
    assert any(row["person"].startswith("'=cmd") for row in rows)
    entry = Entry.objects.get(did="exported")
    assert (entry.by, entry.purpose, len(entry.patient_ids)) == (user.email, "Weekly triage, November 23", 6)


def test_an_analyst_s_file_has_no_names_and_only_open_reasons(run, as_role, client):
    as_role("analyst")
    response = client.post("/candidates/export?state=all", {"purpose": "Study of reasons"})
    text = b"".join(response.streaming_content).decode()
    assert "Abernathy" not in text
    assert "2 hospital stays" not in text
    assert "Safety" not in text


def test_a_supervisor_sets_a_number_and_a_nurse_cannot(run, as_role, client):
    as_role("supervisor")
    page = client.get("/programs").content.decode()
    assert "not yet reviewed by a clinician" in page
    given = {"program": "complex_care", "key": "stays_at_least", "value": "0", "from_on": "2026-12-01", "because": "x"}
    assert client.post("/programs/set", given).status_code == 422
    assert client.post("/programs/set", given | {"value": "3"}).status_code == 302
    assert ProgramSetting.objects.get().value == "3"
    as_role("care_manager")
    assert client.post("/programs/set", given | {"value": "1"}).status_code == 403


def test_filters_we_do_not_know_are_left_out_and_never_break_the_page(run, as_role, client):
    as_role("supervisor")
    bad = "program=x&band=%00&age=abc&stays=-1&ed=99999&state=zzz&sort=paid&page=oops&size=10000&zip=%27--&moved=x"
    assert client.get(f"{CANDIDATES}?{bad}").status_code in (200, 400)
    assert Filters.read({"band": "purple", "stays": "two"}) == Filters()


@pytest.mark.parametrize(
    ("address", "most"), [(CANDIDATES, 23), ("/population/people?state=all", 20), ("/population", 20)]
)
def test_pages_ask_the_database_a_bounded_number_of_questions(
    run, as_role, client, django_assert_max_num_queries, address, most
):
    """A page's own questions; what the numbers beside the sidebar ask is bounded for itself."""
    reader = as_role("supervisor")
    client.get(address)
    with CaptureQueriesContext(connection) as beside:
        navigation.links_for(reader, path=address)
    assert len(beside) <= SIDEBAR
    with django_assert_max_num_queries(most + len(beside)):
        client.get(address)


def test_why_asks_the_database_a_bounded_number_of_questions(run, as_role, client, patient):
    reader, address = as_role("supervisor"), reverse("population:why", args=[patient("ada").public_id])
    client.get(address)
    with CaptureQueriesContext(connection) as beside:
        navigation.links_for(reader, path=address)
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    assert len(asked) - len(beside) <= WHY


def test_no_page_names_a_diagnosis_in_its_title_or_link(run, as_role, client, patient):
    as_role("supervisor")
    page = client.get(reverse("population:why", args=[patient("ada").public_id])).content.decode()
    assert "Ada" not in re.search(r"<title>(.*?)</title>", page, re.S)[1]


def test_small_groups_are_marked(run, as_role):
    user = as_role("supervisor")
    assert isinstance(user, User)
    _whole, blocks = overview.blocks(Reader(user, NOW.date()), run)
    assert all(number.is_small for block in blocks for number in block.numbers if number.people)


def test_the_dead_are_not_accepted_and_the_page_says_so(run, as_role, client, patient):
    as_role("supervisor")
    dov, ada = patient("dov"), patient("ada")
    asked = {"person": [dov.public_id, ada.public_id], "decision": "accepted", "back": CANDIDATES}
    page = client.post("/candidates/decide", asked, follow=True).content.decode()
    assert "1 person accepted." in page
    assert "This person died on May 1, 2026 and cannot be accepted." in page
    assert [made.patient for made in CandidateDecision.objects.all()] == [ada]
    why = client.get(reverse("population:why", args=[dov.public_id])).content.decode()
    assert "Died on May 1, 2026." in why
    assert 'value="accepted"' not in why
    assert 'value="accepted"' in client.get(reverse("population:why", args=[patient("cyn").public_id])).content.decode()
    hidden = client.get(f"{CANDIDATES}?state=hidden").content.decode()
    assert 'name="person"' not in hidden


def test_that_someone_is_ruled_out_stays_visible_beside_any_decision(run, as_role, client, patient):
    user = as_role("supervisor")
    CandidateDecision.objects.create(patient=patient("dov"), decision="accepted", because="fits", by=user, at=NOW)
    page = client.get(f"{CANDIDATES}?state=accepted").content.decode()
    assert "Has died" in page
    assert "Accepted" in page


def test_accepting_is_undone_from_the_message_without_scripts(run, as_role, client, patient):
    as_role("care_manager")
    asked = {"person": [patient("ada").public_id], "decision": "accepted", "back": CANDIDATES}
    page = client.post("/candidates/decide", asked, follow=True).content.decode()
    made_at = re.search(r'name="made_at" value="([^"]+)"', page)[1]
    assert client.post("/candidates/undo", {"made_at": "yesterday"}).status_code == 404
    again = client.post("/candidates/undo", {"made_at": made_at, "back": CANDIDATES}, follow=True)
    assert "Undone: 1 person waits again." in again.content.decode()
    assert "Abernathy, Ada" in names_in(again)


def test_an_emergency_is_for_reading(run, as_role, client, patient):
    user = as_role("care_manager", population="payer:Plan B")
    ada = patient("ada")
    BreakGlass.objects.create(
        user=user, patient=ada, reason="medical_emergency", words="she fell and calls", starts_at=timezone.now(),
        ends_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    page = client.get(reverse("population:why", args=[ada.public_id])).content.decode()
    assert "Emergency access is for reading." in page
    assert 'name="decision"' not in page
    asked = {"person": [ada.public_id], "decision": "accepted", "back": CANDIDATES}
    said = client.post("/candidates/decide", asked, follow=True).content.decode()
    assert "Emergency access is for reading." in said
    assert "Select at least one person first." not in said
    assert not CandidateDecision.objects.exists()


def test_a_person_is_known_by_birth_date_member_id_and_phone_to_who_sees_such_things(run, as_role, client, patient):
    ada = patient("ada")
    ContactPoint.objects.create(patient=ada, kind="phone", value="503-555-0142")
    member = ada.coverages.first().member_id
    born = f"{ada.born_on:%b} {ada.born_on.day}, {ada.born_on.year}"
    address = reverse("population:why", args=[ada.public_id])
    as_role("care_manager")
    page = client.get(address).content.decode()
    assert all(f"<strong>{words}</strong>" in page for words in (born, member, "503-555-0142"))
    assert "503-555-0142" in exported(client)
    as_role("analyst")
    page = client.get(address).content.decode()
    assert not any(f"<strong>{words}</strong>" in page for words in (born, member, "503-555-0142"))
    assert "503-555-0142" not in exported(client)
    assert ada.born_on.isoformat() not in exported(client)


def exported(client) -> str:
    response = client.post("/candidates/export?state=all", {"purpose": "Weekly triage"})
    return b"".join(response.streaming_content).decode()


def test_a_no_is_no_firmer_than_what_the_reader_may_see(run, as_role, client, patient):
    """For everyone alike: Ben has no protected fact, and his "no" reads the same."""
    firm = "No, on what you may see"
    as_role("analyst")
    for name in ("ada", "ben"):
        assert firm in client.get(reverse("population:why", args=[patient(name).public_id])).content.decode()
    assert firm in client.get("/population/people?state=all").content.decode()
    assert firm in client.get("/population").content.decode()
    as_role("supervisor")
    for address in ("/population/people?state=all", "/population"):
        assert firm not in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("state", "said"),
    [("accepted", "Nobody accepted yet"), ("not_now", "Nobody set aside"), ("excluded", "Nobody excluded")],
)
def test_an_empty_list_says_what_it_is_a_list_of(run, as_role, client, state, said):
    as_role("supervisor")
    page = client.get(f"{CANDIDATES}?state={state}").content.decode()
    assert said in page
    assert "Nobody waits" not in page


def test_chips_count_each_list_and_the_door_is_a_filter(run, as_role, client, patient):
    user = as_role("supervisor")
    CandidateDecision.objects.create(patient=patient("ada"), decision="accepted", because="fits", by=user, at=NOW)
    response = client.get(CANDIDATES)
    counts = {"waiting": 3, "led": 0, "accepted": 1, "not_now": 0, "excluded": 0, "hidden": 1, "all": 6}
    assert response.context["state_counts"] == counts
    assert 'name="door"' in response.content.decode()


@pytest.mark.parametrize("role", ["supervisor", "pharmacist", "analyst"])
@pytest.mark.parametrize("population", ["everyone", "payer:Plan A"])
def test_every_chip_s_number_is_the_length_of_its_list(run, as_role, client, patient, role, population):
    user = as_role(role, population)
    CandidateDecision.objects.create(patient=patient("ada"), decision="accepted", because="fits", by=user, at=NOW)
    CandidateDecision.objects.create(patient=patient("fay"), decision="excluded", because="moved", by=user, at=NOW)
    for here in ("waiting", "hidden", "all"):
        response = client.get(f"{CANDIDATES}?state={here}")
        counts, page = response.context["state_counts"], response.content.decode()
        assert set(counts) == set(STATES)
        for state, number in counts.items():
            assert client.get(f"{CANDIDATES}?state={state}").context["page"].paginator.count == number, state
            if state != here:
                assert re.search(rf'href="\?state={state}">[^<]*<b>{number}</b>', page), state


def test_what_is_ruled_out_says_because_of_what(run, as_role, client, patient):
    as_role("supervisor")
    page = client.get(reverse("population:why", args=[patient("dov").public_id])).content.decode()
    assert "Ruled out because this person died on May 1, 2026." in page
    assert "Alive —" not in page
    lines = [SimpleNamespace(code="covered", text="Coverage ended on 2026-03-31."),
             SimpleNamespace(code="no_hospice", text="In hospice, by a hospice claim or the enrollment file.")]  # fmt: skip
    assert population_words.ruled_out_because(lines) == (
        "Ruled out because their coverage ended on Mar 31, 2026, and because they are in hospice, by a hospice claim or "
        "the enrollment file."
    )


def test_observation_and_places_are_said(run, as_role, client, patient):
    as_role("supervisor")
    fay = patient("fay")
    EdVisit.objects.filter(run=run, patient=fay, observation=False).update(facility="", facility_npi="1999999984")
    page = client.get(reverse("population:why", args=[fay.public_id])).content.decode()
    assert page.count(">observation<") == 1
    assert "<td>NPI 1999999984, name not given</td>" in page
    visit = EdVisit.objects.get(run=run, patient=fay, observation=True)
    address = reverse("population:facts", args=[fay.public_id])
    opened = client.get(address, {"of": f"visit:{mark(visit.visit_id)}"})
    assert opened.context["title"] == "ED visit with observation on Jun 5, 2026"
    EdVisit.objects.filter(run=run, patient=fay).update(facility="", facility_npi="")
    assert "<td>place not given</td>" in client.get(reverse("population:why", args=[fay.public_id])).content.decode()


def test_one_stay_is_not_one_stays(run, patient):
    assert Score.objects.get(run=run, patient=patient("ada")).tie_break.startswith("1 stay, 0 ED visits in 6 months")
    assert Score.objects.get(run=run, patient=patient("fay")).tie_break.startswith("0 stays, 1 ED visit in 6 months")


def test_a_list_nobody_is_suggested_for_does_not_say_that_all_were_decided_about(client, run, as_role):
    from carewright.population.models import Score

    as_role("supervisor")
    assert "No program suggests anybody" not in client.get("/candidates").content.decode()
    Score.objects.filter(run=run).update(programs=[], open_programs=[])
    page = client.get("/candidates").content.decode()
    assert "No program suggests anybody" in page
    assert "has been decided about" not in page
