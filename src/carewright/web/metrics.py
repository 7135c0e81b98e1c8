"""
What an operator's monitoring asks every few seconds: requests, jobs, deliveries that wait, how old the seal is.

Prometheus text at `/metrics`, numbers only and nothing about people. It answers this machine, and the networks that
`CAREWRIGHT_METRICS_FROM` names; everybody else gets the page that says nothing is here. It is answered before sign-in
and the wall, so it is no page of the address list and opens no patient.

Each web process counts its own requests into a file of the folder `PROMETHEUS_MULTIPROC_DIR` names (`run` does), and
whichever process is asked adds them up; without that folder it tells its own.
"""

import ipaddress
import logging
import os
import time
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from carewright.access.middleware import address_of
from carewright.audit import actions as audit
from carewright.exchange import queries as exchange
from carewright.plumbing import jobs

ADDRESS = "/metrics"
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
log = logging.getLogger(__name__)
requests = Histogram(
    "carewright_request_seconds", "Requests answered, and how long each took.", ("method", "status"), buckets=SECONDS
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Measured:
    """Count each request and the time it took; answer the page of numbers."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == ADDRESS:
            return numbers(request)
        began = time.perf_counter()
        response = self.get_response(request)
        method = request.method if request.method in METHODS else "other"
        requests.labels(method, response.status_code).observe(time.perf_counter() - began)
        return response


def numbers(request: HttpRequest) -> HttpResponse:
    """The numbers as Prometheus text; 404 for whoever may not ask, 503 when the database does not answer."""
    if not may_ask(request):
        return HttpResponseNotFound("Nothing here.", content_type="text/plain")
    registry: CollectorRegistry = REGISTRY
    if os.environ.get(FOLDER):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    try:
        shown = generate_latest(registry) + generate_latest(_waiting())
    except DatabaseError:
        log.exception("The database did not answer the page of numbers.")
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain")
    return HttpResponse(shown, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def may_ask(request: HttpRequest) -> bool:
    """Whether this comes from this very machine, past no proxy, or from a network that was allowed."""
    line_from = _address(request.META.get("REMOTE_ADDR", ""))
    if line_from and line_from.is_loopback and not any(request.META.get(name) for name in FORWARDED):
        return True
    asked_from = _address(address_of(request))
    return asked_from is not None and any(asked_from in network for network in settings.METRICS_FROM)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _waiting() -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Waiting())
    return registry


class _Waiting(Collector):
    """What waits, asked anew each time."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = timezone.now()
        counted = GaugeMetricFamily("carewright_jobs", "Jobs by state: todo, doing, failed …", labels=("status",))
        for status, count in jobs.counts().items():
            counted.add_metric((status,), count)
        yield counted
        waits = jobs.waiting_seconds(now)
        yield GaugeMetricFamily("carewright_job_waiting_seconds", "How long the oldest job that is due waits.", waits)
        files = GaugeMetricFamily("carewright_deliveries", "Files received, by what became of them.", labels=("state",))
        for state, count in exchange.deliveries_by_state().items():
            files.add_metric((state,), count)
        yield files
        unsealed, oldest = audit.unsealed()
        yield GaugeMetricFamily(
            "carewright_unsealed_entries", "Entries of the access log no seal covers yet.", unsealed
        )
        age = (now - oldest).total_seconds() if oldest else 0.0
        yield GaugeMetricFamily("carewright_seal_age_seconds", "Age of the oldest entry no seal covers yet.", age)
