"""The cost chart and the Charlson index open down to what they are made of, from the run's own files."""

import re
from urllib.parse import unquote

import duckdb
import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_each_month_of_the_cost_chart_opens_down_to_its_claims(run, as_role, client, patient, monkeypatch, tmp_path):
    """Also from the table below it; the Charlson index opens the same way. Not for whom amounts are not shown."""
    duckdb.execute(
        "copy (select 'ada' as person_id, date '2026-11-01' as month, 'inpatient' as kind, 'a:7' as evidence, 9.0 as paid "
        "union all select 'ada', date '2026-11-01', 'other', 'a:9', 10.0 "
        "union all select 'ada', date '2026-10-01', 'other', 'a:8', 1.0 "
        f"union all select 'ben', date '2026-11-01', 'other', 'b:1', 1.0) to '{tmp_path}/marts.paid_claim.parquet'"
    )
    duckdb.execute(
        "copy (select 'ada' as person_id, 'chf' as condition, 1 as weight_1987, 'a:3;a:4' as evidence) "
        f"to '{tmp_path}/marts.comorbidity_condition.parquet'"
    )
    monkeypatch.setattr("carewright.population.person.run_folder", lambda run: tmp_path)
    monkeypatch.setattr("carewright.population.opened.run_folder", lambda run: tmp_path)
    asked: list[list[str]] = []
    monkeypatch.setattr(
        "carewright.population.views.why.evidence.open_rows", lambda home, ids, **how: asked.append(list(ids)) or []
    )
    as_role("supervisor")
    page = client.get(reverse("population:why", args=[patient("ada").public_id])).content.decode()
    links = re.findall(r'href="([^"]*of=month[^"]+)"', page)
    latest = next(link for link in links if unquote(link).endswith(":2026-11"))
    assert links.count(latest) == 2, "from the column and from the table"
    asked.clear()
    found = client.get(latest)
    assert "Paid for care in Nov 2026" in found.content.decode()
    assert asked == [["a:9", "a:7"]]
    asked.clear()
    client.get(reverse("population:facts", args=[patient("ada").public_id]) + "?of=charlson")
    assert asked == [["a:3", "a:4"]]
    for wrong in ("month:2019-01", "month:soon"):
        assert (
            client.get(reverse("population:facts", args=[patient("ada").public_id]), {"of": wrong}).status_code == 404
        )
    as_role("community_health_worker")
    for of in ("month:2026-11", "charlson"):
        assert client.get(reverse("population:facts", args=[patient("ada").public_id]), {"of": of}).status_code in (
            403,
            404,
        )
