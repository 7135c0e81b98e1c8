"""The numbers for an operator's monitoring: who may ask, what they say, and that they say nothing about people."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from carewright.audit import actions as audit
from carewright.exchange.models import Delivery
from carewright.plumbing import jobs
from carewright.web import metrics

pytestmark = pytest.mark.django_db


def read(answer) -> dict[tuple, float]:
    """Each number by its name and labels."""
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.content.decode())
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


def test_requests_are_counted_with_how_long_they_took(client):
    before = read(client.get("/metrics")).get(("carewright_request_seconds_count", "GET", "200"), 0)
    assert [client.get("/health").status_code for _ in range(2)] == [200, 200]
    found = read(client.get("/metrics"))
    assert found["carewright_request_seconds_count", "GET", "200"] == before + 2
    assert found["carewright_request_seconds_sum", "GET", "200"] > 0


def test_jobs_deliveries_and_the_seal_are_told(client):
    Delivery.objects.create(
        sha256="a" * 64,
        delivery_id="a" * 12,
        file_name="a.csv",
        state="waiting",
        received_seq=1,
        received_at=timezone.now(),
    )
    jobs.defer("seal_access_log")
    audit.happened("tried", "metrics", by="system:test")
    found = read(client.get("/metrics"))
    assert found["carewright_deliveries", "waiting"] == 1
    assert found["carewright_deliveries", "reading"] == 0
    assert found["carewright_jobs", "todo"] == 1
    assert found["carewright_jobs", "failed"] == 0
    assert found["carewright_unsealed_entries",] >= 1
    assert found["carewright_seal_age_seconds",] > 0
    audit.seal(at=timezone.now())
    assert read(client.get("/metrics"))["carewright_seal_age_seconds",] == 0


def test_a_job_waits_from_when_it_is_due():
    now = timezone.now()
    assert jobs.waiting_seconds(now) == 0
    jobs.defer("seal_access_log", in_seconds=60)
    assert jobs.waiting_seconds(now) == 0
    assert jobs.waiting_seconds(now + timedelta(seconds=90)) == pytest.approx(30, abs=5)


@pytest.mark.parametrize(
    ("line", "headers", "allowed", "status"),
    [
        ("127.0.0.1", {}, "", 200),
        ("::1", {}, "", 200),
        ("::ffff:127.0.0.1", {}, "", 200),
        ("192.0.2.7", {}, "", 404),
        ("192.0.2.7", {}, "192.0.2.0/24", 200),
        ("192.0.3.7", {}, "192.0.2.0/24", 404),
        ("127.0.0.1", {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}, "", 404),
        ("127.0.0.1", {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, "", 404),
        ("127.0.0.1", {"HTTP_FORWARDED": "for=203.0.113.9"}, "", 404),
        ("203.0.113.9", {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}, "192.0.2.0/24", 404),
        ("", {}, "", 404),
    ],
)
def test_only_this_machine_and_who_was_allowed_may_ask(client, settings, line, headers, allowed, status):
    settings.METRICS_FROM = [ip_network(allowed)] if allowed else []
    assert client.get("/metrics", REMOTE_ADDR=line, **headers).status_code == status


def test_numbers_name_no_page_and_nobody(client):
    client.get("/patients/3f0c2b1e-0000-4000-8000-000000000001")
    client.generic("STEAL", "/patients/Marquez")
    text = client.get("/metrics").content.decode()
    assert "3f0c2b1e" not in text
    assert "Marquez" not in text
    assert "STEAL" not in text


def test_each_process_counts_and_whoever_is_asked_adds_up(tmp_path, monkeypatch, client):
    """What `run` sets: numbers of other processes lie in a folder."""
    monkeypatch.setenv(metrics.FOLDER, str(tmp_path))
    found = read(client.get("/metrics"))
    assert ("carewright_jobs", "todo") in found
    assert not [name for name in found if name[0].startswith("carewright_request")]
