"""The same again changes nothing; a correction lands; whoever is killed half way is finished by the next."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carewright.cli.ingest import said
from carewright.exchange import actions, ingesting
from carewright.exchange.models import Delivery
from carewright.kernel.errors import NotNow
from carewright.plumbing.home import Home
from carewright.warehouse import landing
from tests.exchange.conftest import AT, COVERAGE

pytestmark = pytest.mark.django_db


def test_the_same_file_twice_changes_nothing(receive, sent, landed, home):
    path = sent("claims.csv", {}, {"claim_id": "c2", "claim_start_date": "x"})
    first = receive(path)
    files = sorted(home.landed.rglob("*.parquet"))
    again = receive(path)
    assert (again.rows_read, again.rows_kept, again.rows_rejected, again.duplicates) == (first.rows_read, 0, 0, 2)
    assert "Received before, on Nov 23, 2026 as claims.csv; nothing changed." in again.problem
    assert sorted(home.landed.rglob("*.parquet")) == files
    assert Delivery.objects.count() == 1
    assert len(landed("medical_claim")) == 1


def test_the_same_bytes_twice_in_one_folder_are_read_once(receive, sent, landed):
    sent("in/a.csv", {})
    reports = receive(sent("in/b.csv", {}).parent)
    assert [report.rows_kept for report in reports] == [1, 0]
    assert "The same bytes as a.csv" in reports[1].problem
    assert len(landed("medical_claim")) == 1


def test_the_same_rows_in_another_file_are_the_same_again(receive, sent, landed):
    receive(sent("march.csv", {}, {"claim_id": "c2"}))
    report = receive(sent("april.csv", {"claim_id": "c3"}, {"claim_id": "c2"}, {}))
    assert (report.rows_read, report.rows_kept, report.duplicates) == (3, 1, 2)
    assert [row["claim_id"] for row in landed("medical_claim")] == ["c1", "c2", "c3"]


def test_rows_repeated_within_a_file_land_once(receive, sent, landed):
    report = receive(sent("march.csv", {}, {"claim_id": "c2"}, {}, {}))
    assert (report.rows_kept, report.duplicates) == (2, 2)
    assert [row["line"] for row in landed("medical_claim")] == [2, 3]


def test_a_corrected_claim_lands_whole_even_where_a_line_is_unchanged(receive, sent, landed):
    """The latest delivery of a claim counts as a whole, so its unchanged lines must be there too."""
    receive(sent("march.csv", {}, {"claim_line_number": "2"}))
    report = receive(sent("april.csv", {}, {"claim_line_number": "2", "paid_amount": "99.00"}))
    assert (report.rows_kept, report.duplicates) == (2, 0)
    latest = max(row["received_seq"] for row in landed("medical_claim"))
    assert [str(row["paid_amount"]) for row in landed("medical_claim") if row["received_seq"] == latest] == [
        "12.50",
        "99.00",
    ]


@pytest.mark.parametrize("lines", [1, 2, 3, 4])
def test_what_changed_alike_on_every_line_of_a_claim_is_a_correction(receive, sent, landed, lines):
    """What a bill says of itself stands on each of its lines, so a correction changes them all in the same way."""
    numbers = [{"claim_line_number": str(number)} for number in range(1, lines + 1)]
    receive(sent("march.csv", *numbers))
    report = receive(sent("april.csv", *(row | {"diagnosis_code_1": "E11.9"} for row in numbers)))
    assert (report.rows_kept, report.duplicates) == (lines, 0)
    assert receive(sent("may.csv", *reversed([row | {"diagnosis_code_1": "E11.9"} for row in numbers]))).rows_kept == 0


def test_a_claim_that_lost_a_line_is_a_correction(receive, sent):
    receive(sent("march.csv", {}, {"claim_line_number": "2"}))
    assert receive(sent("april.csv", {})).rows_kept == 1


def test_what_went_back_to_what_it_was_lands_again(receive, sent):
    receive(sent("1.csv", {}, base=COVERAGE))
    receive(sent("2.csv", {"enrollment_end_date": "2026-06-30"}, base=COVERAGE))
    assert receive(sent("3.csv", {}, {"person_id": "ben"}, base=COVERAGE)).rows_kept == 2


def test_another_feed_saying_the_same_is_no_repetition(receive, sent):
    receive(sent("march.csv", {}), source="north")
    assert receive(sent("april.csv", {}, {"claim_id": "c2"}), source="south").rows_kept == 2


def test_an_empty_column_more_makes_no_difference(receive, sent):
    receive(sent("march.csv", {}, {"claim_id": "c2"}))
    report = receive(sent("april.csv", {"plan": ""}, {"claim_id": "c2"}, {"claim_id": "c3"}))
    assert (report.rows_kept, report.duplicates) == (1, 2)


def test_later_files_have_later_numbers(receive, sent, landed):
    receive(sent("b.csv", {}))
    receive(sent("a.csv", {"claim_id": "c2"}))
    rows = landed("medical_claim")
    assert [row["claim_id"] for row in rows] == ["c1", "c2"]
    assert rows[0]["received_seq"] < rows[1]["received_seq"]


def test_the_feed_is_what_the_file_says_or_what_it_is(receive, sent):
    assert receive(sent("1.csv", {"data_source": "meridian cclf"})).source == "meridian cclf"
    assert receive(sent("2.csv", {"data_source": "a"}, {"data_source": "b"})).source == "claims"
    assert receive(sent("3.csv", {"claim_id": "c9"}), source="north").source == "north"


def test_two_at_once_are_told_to_wait(home, sent, db):
    with landing.alone(home), pytest.raises(NotNow, match="Another ingest is reading into this home"):
        actions.ingest([sent("claims.csv", {})], by="system:test", at=AT, home=home)


def test_ten_thousand_small_files_become_few(receive, sent, landed, home):
    """300 of them here; the bench takes 10,000."""
    for number in range(300):
        sent(f"many/{number // 50}/{number:04}.csv", {"claim_id": f"c{number}"})
    reports = receive(home.path.parent / "sent" / "many")
    assert [report.rows_kept for report in reports] == [1] * 300
    assert len({row["claim_id"] for row in landed("medical_claim")}) == 300
    assert len(list((home.landed / "medical_claim").glob("*.parquet"))) == 1
    assert Delivery.objects.filter(state="landed").count() == 300


def left_half_done(home, sent, monkeypatch, step):
    """An ingest that dies at a step, as if it were killed there."""

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed

    path = sent("claims.csv", {}, {"claim_id": "c2"})
    with monkeypatch.context() as patch:
        patch.setattr(step, die)
        with pytest.raises(Killed):
            actions.ingest([path], by="system:test", at=AT, home=home)
    return path


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "step",
    [
        "carewright.exchange.ingesting.Reader.read",
        "carewright.exchange.files.duplicates.write_down",
        "carewright.exchange.ingesting._close",
        "carewright.warehouse.landing.finish",
        "carewright.exchange.ingesting.write_down",
    ],
)
def test_the_next_ingest_finishes_what_was_left(home, sent, receive, landed, monkeypatch, step):
    left_half_done(home, sent, monkeypatch, step)
    assert Delivery.objects.get().state == "reading"
    report = receive(sent("april.csv", {"claim_id": "c3"}))
    assert report.rows_kept == 1
    first = Delivery.objects.get(file_name="claims.csv")
    assert (first.state, first.rows_kept) == ("landed", 2)
    assert sorted(row["claim_id"] for row in landed("medical_claim")) == ["c1", "c2", "c3"]
    assert sorted(path.name for path in (home.landed / "medical_claim").glob(".*")) == []


@pytest.mark.django_db(transaction=True)
def test_who_gives_the_same_file_after_a_kill_is_told_that_it_was_finished(home, sent, receive, monkeypatch):
    path = left_half_done(home, sent, monkeypatch, "carewright.warehouse.landing.finish")
    report = receive(path)
    assert (report.state, report.rows_read, report.rows_kept, report.duplicates) == ("landed", 2, 2, 0)
    assert "it was finished now" in said(report) and "Received before" not in said(report)
    assert receive(path).problem.startswith("Received before")


RUN = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
from django.conf import settings
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from pathlib import Path
from datetime import UTC, datetime
from carewright.cli.ingest import said
from carewright.exchange import actions, ingesting
from carewright.plumbing.home import Home
print("go", flush=True)
actions.ingest([sys.argv[3]], by="system:test", at=datetime(2026, 11, 23, tzinfo=UTC), home=Home(Path(sys.argv[2])))
print("done", flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_killed_at_random_moments_nothing_is_lost_or_doubled(tmp_path, sent, landed, home):
    from django.db import connection

    rows = [{"claim_id": f"c{n // 3}", "claim_line_number": str(n % 3 + 1)} for n in range(60_000)]
    folder = sent("in/1.csv", *rows[:30_000]).parent
    sent("in/2.csv", *rows[30_000:])
    script = tmp_path / "run.py"
    script.write_text(RUN)
    chance, environment = random.Random(20261123), os.environ | {"PYTHONPATH": f"{os.getcwd()}:{os.getcwd()}/src"}
    kills, said = 0, ""
    for attempt in range(1, 5):  # a quick machine must not be done before the first kill
        command = [sys.executable, str(script), connection.settings_dict["NAME"], str(home.path), str(folder)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert process.stdout.readline() == "go\n"
        time.sleep(chance.uniform(0, 0.2 * attempt))
        process.send_signal(signal.SIGKILL)
        said = process.communicate()[0]
        kills += "done" not in said
        if "done" in said:
            break
    if "done" not in said:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert "done" in done.stdout, done.stderr
    assert kills
    lines = [(row["claim_id"], row["claim_line_number"]) for row in landed("medical_claim")]
    assert len(lines) == len(set(lines)) == 60_000
    assert [d.rows_kept for d in Delivery.objects.order_by("file_name")] == [30_000, 30_000]
    assert all(delivery.state == "landed" for delivery in Delivery.objects.all())


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=4000), name=st.sampled_from(["x.csv", "x.csv.gz", "x.json", "x.parquet", "x"]))
def test_no_bytes_ever_crash_it(tmp_path_factory, django_db_blocker, data, name):
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / name).write_bytes(data)
    with django_db_blocker.unblock():
        [report] = actions.ingest([folder / name], by="system:test", at=AT, home=Home(folder / "home"))
    assert report.adds_up
    assert report.problem or report.rows_read >= 0


cells = st.text(max_size=12) | st.sampled_from(
    ["", "NULL", "2026-01-01", "c1", "1", "professional", "I10", '"', "1E+5", "12.5"]
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.lists(cells, min_size=5, max_size=9), max_size=8), quoted=st.booleans())
def test_no_row_ever_crashes_it_and_every_row_is_accounted_for(tmp_path_factory, django_db_blocker, rows, quoted):
    import csv

    folder = tmp_path_factory.mktemp("fuzz")
    names = [
        "claim_id",
        "claim_line_number",
        "claim_type",
        "person_id",
        "claim_start_date",
        "paid_amount",
        "diagnosis_code_1",
    ]
    with (folder / "claims.csv").open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
        writer.writerow(names)
        writer.writerows(rows)
    home = Home(folder / "home")
    with django_db_blocker.unblock():
        Delivery.objects.filter(file_name="claims.csv").delete()
        [report] = actions.ingest([folder / "claims.csv"], by="system:test", at=AT, home=home)
    assert report.adds_up
    written = [row for row in rows if any(row)]
    assert report.rows_read >= len([row for row in written if len(row) == len(names)])
    json.dumps(report.__dict__, default=str)


def test_a_file_is_finished_when_it_is_finished_and_not_when_it_began(tmp_path, sent, monkeypatch):
    ticks = iter([100.0, 190.0])
    monkeypatch.setattr(ingesting, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    actions.ingest([sent("march.csv", {})], by="system:test", home=Home(tmp_path / "home"), at=AT)
    assert Delivery.objects.get().finished_at == AT + timedelta(seconds=90)


def test_what_killed_processes_had_begun_to_write_is_not_left_lying_about(home, sent, receive):
    """Rows about people, which nobody would finish and no page shows."""
    yesterday = AT.timestamp() - 90_000
    begun = [home.received / ".77.receiving", home.set_aside / ".0123456789ab.77"]
    begun += [
        home.folder("uploads", "cut") / "file",
        home.folder("landed", "_again-x", "condition") / "b.parquet",
        home.folder("landed", "_roomy-x") / "kept",
    ]
    at_work = [home.folder("uploads", "now") / "file", home.folder("landed", "_again-y") / "b.parquet"]
    asked = home.folder("uploads", "asked") / "about.json"
    for path in (*begun, *at_work, asked):
        path.write_bytes(b"ada,1948-05-02")
        for each in (path, path.parent, path.parent.parent):
            os.utime(each, (yesterday, yesterday))
    for path in at_work:
        os.utime(path, (AT.timestamp(), AT.timestamp()))
    receive(sent("claims.csv", {}))
    assert [path for path in begun if path.exists()] == []
    assert all(path.exists() for path in (*at_work, asked))
