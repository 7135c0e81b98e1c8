"""Jobs: queued with the data they are about, done once, found again when their worker dies."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, transaction

from carewright.plumbing import jobs

done: list[str] = []


@jobs.task("test_note")
def note(word: str) -> None:
    done.append(word)


def apart(function, *args):
    """Do something in a thread of its own: a browser test before this one may have left its loop in the main thread."""

    def do():
        try:
            return function(*args)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(do).result()


def work():
    apart(partial(jobs.work, wait=False))


@pytest.fixture(autouse=True)
def forget():
    done.clear()


@pytest.mark.django_db(transaction=True)
def test_a_deferred_job_is_done():
    jobs.defer("test_note", word="hello")
    work()
    assert done == ["hello"]


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_transaction_that_failed_never_was():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        jobs.defer("test_note", word="never")
        1 / 0  # noqa: B018
    work()
    assert done == []


@pytest.mark.django_db(transaction=True)
def test_once_means_once_while_it_waits():
    assert jobs.defer("test_note", once="this", word="first")
    assert not jobs.defer("test_note", once="this", word="second")
    work()
    assert done == ["first"]


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_died_is_queued_again():
    jobs.defer("test_note", word="again")
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers (last_heartbeat) values (now()) returning id")
        (worker,) = cursor.fetchone()
        cursor.execute("update procrastinate_jobs set status = 'doing', worker_id = %s", [worker])
    work()  # its worker lives; had it died already, the turn of a minute would take the job back here
    assert done == []
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_workers set last_heartbeat = now() - interval '10 minutes'")
    apart(async_to_sync(jobs.retry_stalled), 0)
    with connection.cursor() as cursor:
        cursor.execute("update procrastinate_jobs set scheduled_at = null")
    work()
    assert done == ["again"]


def test_the_worker_knows_everything_that_happens_by_itself():
    jobs.app.perform_import_paths()
    due = {each.task.name for each in jobs.app.periodic_registry.periodic_tasks.values()}
    assert {"seal_access_log", "sweep_inbox", "stratify", "retry_stalled"} <= due
