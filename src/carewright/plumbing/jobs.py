"""
Work that happens later or again and again. The only file that knows procrastinate.

A job lives in the same database as the data, so it is queued in the same transaction as what it is about: either
both are there or neither. Every job is safe to run twice.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

from django.db import transaction
from django.db.models import Count, Min
from django.db.models.functions import Coalesce
from procrastinate import RetryStrategy
from procrastinate import exceptions as refusals
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob

log = logging.getLogger("carewright.jobs")

SECONDS_WITHOUT_HEARTBEAT = 60


def task(name: str, *, attempts: int = 3) -> Callable[[Callable], Callable]:
    """Make a function a job of that name. It is tried again, later and later, when it fails."""
    retry = RetryStrategy(max_attempts=attempts, exponential_wait=5)

    def register(function: Callable) -> Callable:
        app.task(name=name, retry=retry, queue="carewright")(function)
        return function

    return register


def every(cron: str, name: str) -> Callable[[Callable[[datetime], None]], Callable]:
    """Run a function at the times that `cron` says; it is handed the moment it was due."""

    def register(function: Callable[[datetime], None]) -> Callable:
        def due(timestamp: int) -> None:
            function(datetime.fromtimestamp(timestamp, tz=UTC))

        app.periodic(cron=cron)(app.task(name=name, queueing_lock=name, queue="carewright")(due))
        return function

    return register


def defer(name: str, *, once: str | None = None, in_seconds: int | None = None, **kwargs) -> bool:
    """
    Queue a job by its name; with `once`, not when one with the same word already waits; `in_seconds` it is done.

    Returns whether it was queued.
    """
    try:
        # In a savepoint: finding it queued already must not end the caller's transaction.
        with transaction.atomic():
            later = None if in_seconds is None else {"seconds": in_seconds}
            app.configure_task(name, queueing_lock=once, queue="carewright", schedule_in=later).defer(**kwargs)
    except refusals.AlreadyEnqueued:
        return False
    return True


def work(*, wait: bool = True, concurrency: int = 2) -> None:
    """Do jobs until stopped; without `wait`, until none is left."""
    with app.replace_connector(cast(DjangoConnector, app.connector).get_worker_connector()) as worker:
        worker.run_worker(
            wait=wait,
            concurrency=concurrency,
            install_signal_handlers=wait,
            listen_notify=wait,
            delete_jobs="successful",
        )


def counts() -> dict[str, int]:
    """How many jobs there are of each status that procrastinate knows; those done well are not kept."""
    found = dict(ProcrastinateJob.objects.values_list("status").annotate(count=Count("pk")))
    return {status: found.get(status, 0) for status in ("todo", "doing", "failed")} | found


def waiting_seconds(at: datetime) -> float:
    """How long the oldest job that is due has been waiting; 0 when none is."""
    due = ProcrastinateJob.objects.filter(status="todo").annotate(
        since=Coalesce("scheduled_at", Min("procrastinateevent__at"))
    )
    since = due.filter(since__lte=at).aggregate(oldest=Min("since"))["oldest"]
    return max(0.0, (at - since).total_seconds()) if since else 0.0


@app.periodic(cron="* * * * *")
@app.task(name="retry_stalled", queueing_lock="retry_stalled", queue="carewright")
async def retry_stalled(timestamp: int) -> None:
    """Jobs whose worker died are given back to the queue."""
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SECONDS_WITHOUT_HEARTBEAT))
    for job in stalled:
        await app.job_manager.retry_job(job)
    if stalled:
        log.warning("%s jobs had lost their worker and were queued again", len(stalled))
