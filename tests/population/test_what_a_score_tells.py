"""A score, its parts and an age tell a reader no more than the facts they may see."""

import csv
import io
import re
from decimal import Decimal

import pytest
from django.urls import reverse

from carewright.population.models import Criterion, HccPart, Movement, Score, ScorePart

pytestmark = pytest.mark.django_db
FEWER = ["analyst", "pharmacist"]


def why_of(client, who) -> str:
    return client.get(reverse("population:why", args=[who.public_id])).content.decode()


def words_of(page: str) -> list[str]:
    """The words a person reads, without tags and what they carry."""
    return re.sub(r"<[^>]*>", " ", page).split()


def opened(run, who) -> int:
    return sum(ScorePart.objects.filter(run=run, patient=who, tags=[]).values_list("points", flat=True))


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
    assert before[0] == (opened(run, ada), "", None, "")
    ScorePart.objects.filter(run=run, patient=ada).exclude(tags=[]).delete()
    HccPart.objects.filter(run=run, patient=ada).exclude(tags=[]).delete()
    Score.objects.filter(run=run, patient=ada).update(score=opened(run, ada), band="steady", tie_break="0 stays")
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
        for told in ("0.659", "0.414", "0.299", "Other parts", "Major depression", "place ", "Among equal"):
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
def test_bands_are_neither_offered_nor_obeyed(run, as_role, client, patient, role):
    as_role(role)
    Movement.objects.create(run=run, patient=patient("ada"), program="", change="rose", seen="open",
                            reasons=["From steady (3) to high (47)."])  # fmt: skip
    for asked in ("band=high", "moved=rose", "sort=rank"):
        response = client.get(f"/candidates?state=all&{asked}")
        assert response.context["page"].paginator.count == 6
        assert asked not in response.content.decode()
        assert 'name="band"' not in response.content.decode()
    assert "(47)" not in why_of(client, patient("ada"))


def test_the_file_of_an_analyst_has_the_score_on_open_facts_only(run, as_role, client, patient):
    as_role("analyst")
    response = client.post("/candidates/export?state=all", {"purpose": "Study of scores"})
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    ada = next(row for row in rows if row["public_id"] == str(patient("ada").public_id))
    assert ada["score_on_what_you_may_see"] == str(opened(run, patient("ada")))
    assert {(row["rank"], row["band"]) for row in rows} == {("", "")}


def test_nobody_over_89_has_an_age_for_who_sees_no_names(run, as_role, client, patient):
    ada = patient("ada")
    Score.objects.filter(run=run, patient=ada).update(age=91, tie_break="4 stays, 1 ED visit in 6 months, age 91")
    Criterion.objects.filter(run=run, patient=ada, kind="need").update(text="Age 91. Enough.", open_text="Age 91.")
    assert ScorePart.objects.filter(run=run, patient=ada, code="age").update(label="Age 91") == 1
    as_role("supervisor")
    assert why_of(client, ada).count("ge 91") >= 3
    as_role("analyst")
    page = why_of(client, ada)
    assert "90+" in page
    assert "91" not in re.findall(r"\w+", " ".join(words_of(page)))
