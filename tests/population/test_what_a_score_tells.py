"""A score, its parts and an age tell a reader no more than the facts they may see."""

import csv
import io
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from carewright.population import queries
from carewright.population.models import Criterion, HccPart, Movement, SavedFilter, Score, ScorePart

pytestmark = pytest.mark.django_db
FEWER = ["analyst", "pharmacist"]


def why_of(client, who) -> str:
    return client.get(reverse("population:why", args=[who.public_id])).content.decode()


def words_of(page: str) -> list[str]:
    """The words a person reads, without tags and what they carry."""
    return re.sub(r"<[^>]*>", " ", page).split()


def opened(run, who) -> int:
    return sum(ScorePart.objects.filter(run=run, patient=who, tags=[]).values_list("points", flat=True))


def said_age(role: str, words: str) -> str:
    return queries.without_great_age(words) if role == "analyst" else words


@pytest.mark.parametrize("role", FEWER)
def test_protected_facts_change_nothing_a_reader_of_fewer_sees_of_a_score(run, as_role, client, patient, role):
    """Ada's why page and row, before and after protected points are taken from her, are the same."""
    ada = patient("ada")
    whole = Score.objects.get(run=run, patient=ada).score
    assert opened(run, ada) < whole, "the world must hold something to hide"
    HccPart.objects.filter(run=run).exclude(tags=[]).update(tags=["behavioral", "safety"])
    as_role(role)

    def seen():
        listed = client.get("/candidates?state=all").context["rows"]
        row = next(row["score"] for row in listed if row["patient"] == ada)
        return (row.score, row.band, row.rank, row.tie_break), words_of(why_of(client, ada))

    before = seen()
    row = Score.objects.get(run=run, patient=ada)
    assert before[0] == (opened(run, ada), row.open_band, row.open_rank, said_age(role, row.open_tie_break))
    ScorePart.objects.filter(run=run, patient=ada).exclude(tags=[]).delete()
    HccPart.objects.filter(run=run, patient=ada).exclude(tags=[]).delete()
    Score.objects.filter(run=run, patient=ada).update(
        score=opened(run, ada), band="steady", rank=6, tie_break="0 stays"
    )
    assert seen() == before


def test_who_sees_every_fact_sees_the_whole_score(run, as_role, client, patient):
    as_role("supervisor")
    page = why_of(client, patient("ada"))
    whole = Score.objects.get(run=run, patient=patient("ada"))
    for words in (f"Score {whole.score}", "of everyone", "Among equal scores", "0.659"):
        assert words in page


@pytest.mark.parametrize("role", FEWER)
def test_payment_weights_stand_without_total_or_remainder(run, as_role, client, patient, role):
    HccPart.objects.filter(run=run, label="Major depression").update(tags=["safety"], points=Decimal("0.414"))
    as_role(role)
    for person in ("ada", "ben"):
        page = why_of(client, patient(person))
        assert "0.360" in page
        for told in ("0.659", "0.414", "0.299", "Other parts", "Major depression"):
            assert told not in page, told


def test_what_an_address_carries_beyond_the_filters_stands_nowhere_on_the_page(run, as_role, client, patient):
    as_role("supervisor")
    long = "z" * 7000
    for address in ("/candidates?band=high&page=1&size=50", reverse("population:why", args=[patient("ada").public_id])):
        page = client.get(f"{address}{'&' if '?' in address else '?'}strange={long}").content.decode()
        assert "zzzz" not in page
        assert "strange" not in page
    assert (
        'name="back" value="/candidates?band=high&amp;state=waiting&amp;size=50"'
        in client.get("/candidates?band=high&size=50&strange=1").content.decode()
    )


@pytest.mark.parametrize("number", ["²", "99999999999999999999", "-1", "1.0", ""])
def test_an_odd_number_of_a_provider_opens_nothing(run, as_role, client, patient, number):
    as_role("supervisor")
    address = reverse("population:facts", args=[patient("ada").public_id])
    assert client.get(address, {"of": f"provider:{number}"}).status_code == 404


@pytest.mark.parametrize("role", FEWER)
def test_bands_are_those_of_open_facts(run, as_role, client, patient, role):
    """A filter for a band, from a saved filter as well, asks for the band that unprotected facts make."""
    user = as_role(role)
    Score.objects.filter(run=run).update(band="high", open_band="steady")
    Score.objects.filter(run=run, patient=patient("cyn")).update(band="steady", open_band="high")
    Movement.objects.create(run=run, patient=patient("ada"), program="", change="rose", seen="all",
                            reasons=["From steady (3) to high (47)."])  # fmt: skip
    SavedFilter.objects.create(user=user, name="High", query="state=all&band=high", at=timezone.now())
    listed = client.get("/candidates?state=all&band=high")
    assert [row["patient"] for row in listed.context["rows"]] == [patient("cyn")]
    assert 'href="?state=all&amp;band=high"' in listed.content.decode()
    assert client.get("/candidates?state=all&moved=rose").context["page"].paginator.count == 0
    assert "(47)" not in why_of(client, patient("ada"))


@pytest.mark.parametrize("role", [*FEWER, "supervisor"])
def test_everything_follows_the_order_that_is_the_reader_s_own(run, as_role, client, patient, role):
    """The list, its pages, the places said, the next person, the file: one order, of facts the reader may see."""
    people = [patient(name) for name in ("ada", "ben", "cyn", "dov", "eve", "fay")]
    for place, who in enumerate(people, start=1):
        Score.objects.filter(run=run, patient=who).update(open_rank=place, rank=7 - place)
    as_role(role)
    mine = people if role in FEWER else people[::-1]
    for address in ("/candidates?state=all", "/candidates?state=all&sort=rank", "/population/people?state=all"):
        response = client.get(address)
        if response.status_code == 200:
            assert [row["patient"] for row in response.context["rows"]] == mine
            assert [row["score"].rank for row in response.context["rows"]] == [1, 2, 3, 4, 5, 6]
    page = client.get(reverse("population:why", args=[mine[2].public_id]) + "?state=all")
    assert (page.context["before"].patient, page.context["after"].patient) == (mine[1], mine[3])
    assert "place 3 of everyone" in " ".join(words_of(page.content.decode()))
    if role != "pharmacist":
        file = client.post("/candidates/export?state=all", {"purpose": "Who comes first"})
        rows = list(csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode())))
        assert [row["public_id"] for row in rows] == [str(who.public_id) for who in mine]


@pytest.mark.parametrize("column", ["rank", "open_rank"])
def test_the_first_page_in_order_is_read_from_an_index(run, column):
    """Twenty-five of a hundred thousand people are not found by sorting them all, in either order."""
    programs = "open_programs" if column == "open_rank" else "programs"
    with connection.cursor() as cursor:
        cursor.execute("set local enable_sort = off; set local enable_seqscan = off")
        for only in ("", f"and not ({programs} = '{{}}')"):
            cursor.execute(
                f"explain select * from population_score where run_id = %s {only} order by {column} limit 25", [run.pk]
            )
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Index" in plan and "Sort" not in plan, plan


def test_the_file_of_an_analyst_has_the_score_on_open_facts_only(run, as_role, client, patient):
    as_role("analyst")
    response = client.post("/candidates/export?state=all", {"purpose": "Study of scores"})
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    ada = next(row for row in rows if row["public_id"] == str(patient("ada").public_id))
    assert ada["score_on_what_you_may_see"] == str(opened(run, patient("ada")))
    row = Score.objects.get(run=run, patient=patient("ada"))
    assert (ada["rank_on_what_you_may_see"], ada["band_on_what_you_may_see"]) == (str(row.open_rank), row.open_band)
    assert "rank" not in ada


def test_nobody_over_89_has_an_age_for_who_sees_no_names(run, as_role, client, patient):
    ada = patient("ada")
    Score.objects.filter(run=run, patient=ada).update(
        age=91, tie_break="4 stays, 1 ED visit in 6 months, age 91", open_tie_break="4 stays, in 6 months, age 91"
    )
    Criterion.objects.filter(run=run, patient=ada, kind="need").update(text="Age 91. Enough.", open_text="Age 91.")
    assert ScorePart.objects.filter(run=run, patient=ada, code="age").update(label="Age 91") == 1
    as_role("supervisor")
    assert why_of(client, ada).count("ge 91") >= 3
    as_role("analyst")
    page = why_of(client, ada)
    assert "90+" in page
    assert "91" not in re.findall(r"\w+", " ".join(words_of(page)))
