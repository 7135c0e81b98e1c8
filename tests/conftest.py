"""What every test stands on; `tests/settings.py` makes its home and its database."""

import gc
import os
import shutil

import psycopg
import pytest
from hypothesis import HealthCheck, settings

import tests.settings  # noqa: F401  (makes the home before pytest-xdist starts processes that share it)
from carewright.plumbing import embedded_postgres, home
from tests.made_once import DEMO, MIGRATED, made_once, remove_homes

# What is tried in CI is the same each time, so that a change is judged by what it changed; elsewhere the search goes on.
settings.register_profile(
    "day",
    max_examples=50,
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("night", max_examples=5_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "day"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    """Start the database. Every process copies one migrated database; who needs it first makes it. Walks copy it too."""
    from django.core.management import call_command
    from django.db import connection

    embedded_postgres.start(home.current())
    with django_db_blocker.unblock():
        known = connection.settings_dict
        outside = {key.lower(): known[key] for key in ("HOST", "USER", "PASSWORD", "PORT") if known[key]}

        def migrate() -> None:
            with psycopg.connect(dbname="postgres", autocommit=True, **outside) as keeper:
                if not os.environ.get("DATABASE_URL"):
                    # Nothing in it has to outlive a power cut: tests of that have servers of their own.
                    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                        keeper.execute(f"alter system set {setting} = off")
                    keeper.execute("select pg_reload_conf()")
                keeper.execute(f'create database "{MIGRATED}"')
            name, known["NAME"] = known["NAME"], MIGRATED
            connection.close()
            call_command("migrate", verbosity=0, interactive=False)
            connection.close()
            known["NAME"] = name

        made_once("database", migrate)
        known["TEST"]["TEMPLATE"] = MIGRATED


@pytest.fixture
def made_up():
    """The reader has a made-up language: what a translation is asked for stands ⟦between brackets⟧."""
    from tests.made_up_language import made_up_language

    with made_up_language():
        yield


@pytest.fixture(autouse=True)
def _jobs_end_with_their_test(request, django_db_blocker):
    """What a test committed is flushed by Django, but for the queue, whose tables are not Django's own."""
    yield
    marked = request.node.get_closest_marker("django_db")
    if marked and marked.kwargs.get("transaction"):
        from django.db import connection

        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("truncate procrastinate_jobs cascade")


def pytest_collection_finish(session):
    """What was imported and collected stays to the end; looking through it for rubbish again and again takes time."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config):
    """Leave nothing behind: neither a server nor a folder."""
    if hasattr(config, "workerinput"):
        return
    remove_homes()
    if os.environ.get("DATABASE_URL"):
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as keeper:
            for made in (DEMO, MIGRATED):
                keeper.execute(f'drop database if exists "{made}" with (force)')
    else:
        embedded_postgres.Server(home.current()).remove()
    shutil.rmtree(os.environ["CAREWRIGHT_TEST_HOME"], ignore_errors=True)
