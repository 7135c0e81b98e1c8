"""Two runs at the same time are held apart: a person is told, the night comes after."""

import json
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone

from carewright.cli import stratify
from carewright.jobs import nightly
from carewright.plumbing import home as homes
from carewright.population import actions
from carewright.population.models import Run
from carewright.warehouse import one_at_a_time

AT = timezone.now()
SAID = "A run is being made in this home already: the nightly run (process "

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("CAREWRIGHT_HOME", str(tmp_path / "home"))
    return homes.current()


def waiting_jobs() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("select args, queueing_lock from procrastinate_jobs where task_name = %s", [actions.RUN_SOON])
        return [(json.loads(args), lock) for args, lock in cursor.fetchall()]


def test_a_person_at_the_command_line_is_told_in_one_sentence_and_stops_with_status_two(here):
    asked = SimpleNamespace(as_of=None, engine="duckdb", replace=False, wait=False)
    with one_at_a_time.alone(here, who="the nightly run", at=AT), pytest.raises(actions.RunAtWork) as refusal:
        stratify.run(asked)
    since = timezone.localtime(AT)
    assert str(refusal.value).startswith(SAID)
    assert f"since {since:%B %-d, %-I:%M %p}. Try again when it has finished" in str(refusal.value)
    assert "./carewright stratify --wait" in str(refusal.value)
    assert not (here.warehouse / "runs").exists() and not Run.objects.exists()


def test_the_night_gives_way_to_a_run_at_work_and_comes_after_it(here):
    with one_at_a_time.alone(here, who="./carewright stratify of OS user ann", at=AT):
        nightly.stratify(AT)
        nightly.stratify(AT)
        nightly.stratify_soon(unless_open=False)
        nightly.stratify_soon(unless_open=True)
    assert waiting_jobs() == [
        ({"unless_open": False}, "stratify_soon:night"), ({"unless_open": True}, "stratify_soon:closed"),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from procrastinate_jobs where task_name = %s and scheduled_at > now()", [actions.RUN_SOON]
        )
        assert cursor.fetchone() == (2,), "not at once, again and again"


def test_a_run_says_who_it_is_while_it_works(here, monkeypatch):
    said = []
    told = here.warehouse / one_at_a_time.FILE
    monkeypatch.setattr(actions.warehouse, "run", lambda *_, **__: said.append(json.loads(told.read_text())) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.stratify(here, as_of=AT.date(), at=AT, by="system:test", who="the nightly run")
    assert said[0]["who"] == "the nightly run" and said[0]["since"] == AT.isoformat()
    with one_at_a_time.alone(here, who="next", at=AT):
        pass
