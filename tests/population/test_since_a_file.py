"""The report of a file says what the first run that counted it changed for people, and never more than is known."""

from datetime import timedelta

import pytest
from django.utils import timezone

from carewright.exchange import what_changed
from carewright.exchange.models import Delivery
from carewright.population import receive
from carewright.population.models import Run
from carewright.population.queries import Reader
from tests.population.conftest import NOW
from tests.population.published import write_run
from tests.population.test_receive import second_world

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def came(number, at, **said):
    """A file that landed at that moment."""
    return Delivery.objects.create(
        sha256=f"{number:012x}{0:052x}", delivery_id=f"{number:012x}", file_name=f"file-{number}.csv", path=f"file-{number}.csv",
        bytes=1, state="landed", kind="medical_claim", source="meridian", received_at=at, finished_at=at,
        received_by="system:test", rows_read=5, **({"rows_kept": 5, "duplicates": 0} | said),
    )  # fmt: skip


@pytest.fixture
def second(run, tmp_path):
    folder = write_run(tmp_path / "runs" / "20261121T030000-bbbb", second_world())
    return receive.receive(folder, at=NOW + 2 * HOUR, by="system:test")


def test_a_file_no_run_has_counted_says_so(run, as_role, client):
    as_role("analyst")
    file = came(1, NOW + HOUR)
    page = client.get(f"/imports/{file.delivery_id}").content.decode()
    assert "No run has counted this file yet." in page


def test_every_number_is_the_length_of_the_list_it_opens(second, as_role, client):
    user = as_role("supervisor")
    file = came(1, NOW + HOUR)
    assert "No other file was new to it" in client.get(f"/imports/{file.delivery_id}").content.decode()
    came(2, NOW + HOUR)
    came(3, NOW - HOUR)  # the run before counted it
    came(4, NOW + HOUR, rows_kept=0, duplicates=5)  # the same again: nothing of it landed
    changed = what_changed.since(file, Reader(user, timezone.localdate()))
    assert (changed.run, changed.others, changed.is_followed) == (second, 1, False)
    assert {"entered", "left"} <= {line.href.rpartition("moved=")[2] for line in changed.lines}
    for line in changed.lines:
        assert len(client.get(line.href).context["rows"]) == line.people, line.said
    page = client.get(f"/imports/{file.delivery_id}").content.decode()
    assert "was the first to count this file." in page
    assert "It counted 1 other new file as well" in page
    assert all(line.said.replace("'", "&#x27;") in page for line in changed.lines)


def test_whoever_may_not_see_candidates_is_told_nothing_of_them(second, as_role, client):
    as_role("administrator")
    file = came(1, NOW + HOUR)
    assert "What changed for people" not in client.get(f"/imports/{file.delivery_id}").content.decode()


def test_of_lists_that_are_gone_nothing_is_counted(second, as_role, client):
    user = as_role("analyst")
    file = came(1, NOW - HOUR)
    changed = what_changed.since(file, Reader(user, timezone.localdate()))
    assert changed.is_followed
    assert changed.lines == []
    assert "its lists are gone" in client.get(f"/imports/{file.delivery_id}").content.decode()


def test_the_first_run_has_nothing_to_compare_with(run, as_role, client):
    as_role("analyst")
    file = came(1, NOW - HOUR)
    assert "There was none before it" in client.get(f"/imports/{file.delivery_id}").content.decode()
    assert Run.objects.count() == 1


@pytest.mark.parametrize("said", [{"rows_kept": 0, "duplicates": 5}, {"rows_kept": 0, "rows_rejected": 5}])
def test_a_file_of_which_nothing_landed_changed_nothing(run, as_role, client, said):
    as_role("analyst")
    file = came(1, NOW + HOUR, **said)
    assert "What changed for people" not in client.get(f"/imports/{file.delivery_id}").content.decode()
