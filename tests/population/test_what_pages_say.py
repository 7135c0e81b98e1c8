"""What the pages say where something is missing: a tie, a name, months of claims."""

import re
from datetime import date

import pytest
from django.urls import reverse

from carewright.population.models import FreshnessMonth, Score

pytestmark = pytest.mark.django_db
CANDIDATES = "/candidates"


@pytest.mark.parametrize("role", ["supervisor", "analyst"])
def test_who_may_see_nobody_yet_is_told_so_and_not_that_there_is_nobody(client, run, as_role, role):
    as_role(role, population=None)
    for address in ("/candidates", "/candidates?state=all", "/population", "/population/people?state=all"):
        page = client.get(address).content.decode()
        assert "You see nobody yet" in page, address
        assert "No program suggests anybody" not in page
    as_role(role)
    assert "You see nobody yet" not in client.get("/candidates").content.decode()


def test_of_somebody_without_a_name_the_page_asks_why_this_person_is_here(client, run, as_role, patient):
    as_role("supervisor")
    ada = patient("ada")
    assert f"Why is {ada.name} here?" in client.get(reverse("population:why", args=[ada.public_id])).content.decode()
    type(ada).objects.filter(pk=ada.pk).update(given_name="", family_name="")
    page = client.get(reverse("population:why", args=[ada.public_id])).content.decode()
    assert "<h1>Why is this person here?" in page
    as_role("analyst")
    assert (
        f"Why is {ada.masked_name} here?"
        in client.get(reverse("population:why", args=[ada.public_id])).content.decode()
    )


def test_of_many_months_that_fell_short_the_banner_names_two_and_counts_the_rest(client, run, as_role):
    as_role("supervisor")
    for month in (4, 5, 6, 7):
        FreshnessMonth.objects.create(
            run=run, feed=f"plan {month}", month=date(run.as_of.year, month, 1), is_short=True
        )
    banner = " ".join(client.get(CANDIDATES).content.decode().split())
    how = " ".join(client.get(reverse("population:freshness")).content.decode().split())
    said = [f"plan {month}," in banner for month in (4, 5, 6, 7)]
    assert said.count(True) == 2
    assert "2 more months of feeds fell short." in banner
    assert all(f"plan {month}," in how for month in (4, 5, 6, 7)), "the page that says how we know names all"


def test_a_pcp_is_found_by_a_part_of_the_name_or_by_the_number(run, as_role, client, patient):
    Score.objects.filter(run=run).update(pcp_npi="", pcp_name="")
    Score.objects.filter(run=run, patient=patient("ada")).update(pcp_npi="2001000050", pcp_name="Stefan Zaleski")
    as_role("supervisor")
    for asked, many in (("zaleski", 1), ("2001000050", 1), ("Zal", 1), ("nobody", 0), ("200100005", 0)):
        found = client.get("/population/people", {"pcp": asked, "state": "all"}).content.decode()
        assert found.count("Abernathy") >= 1 if many else "Abernathy" not in found, asked


def test_of_codes_no_table_here_names_the_page_says_that_the_unknown_ones_are_not_none(client, run, as_role):
    as_role("supervisor")
    page = client.get("/population/freshness").content.decode()
    assert "HCPCS: 1,234 uses were billed. No table here names all codes of this kind" in page
    assert re.search(r"<td>HCPCS</td>.*?<td class=\"num\">not known</td><td class=\"num\">not known</td>", page)
    assert "The month of the latest payments counts as whole" in page
