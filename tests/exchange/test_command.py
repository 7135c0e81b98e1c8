"""`./carewright ingest`: its columns, its exit status, and one sentence when it could not be done."""

import json

import pytest

from carewright.cli import main as cli
from carewright.cli.main import main
from tests.exchange.test_pages import OTHER

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CAREWRIGHT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(cli, "prepare_django", lambda: None)

    def ingest(*words):
        status = main(["ingest", *map(str, words)])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return status, said.out, said.err

    return ingest


def test_the_promised_columns(run, sent):
    status, out, err = run(sent("march.csv", {}, {"claim_id": "c2", "claim_start_date": "5/2/2026"}), "--json")
    assert status == 0, "rows set aside are no failure"
    [file] = json.loads(out)["files"]
    assert {key: file[key] for key in ("kind", "rows_read", "rows_kept", "rows_rejected", "duplicates", "first_date", "last_date")} == {
        "kind": "medical_claim", "rows_read": 2, "rows_kept": 1, "rows_rejected": 1, "duplicates": 0,
        "first_date": "2026-03-02", "last_date": "2026-03-02",
    }  # fmt: skip
    assert file["path"].endswith("march.csv")
    assert file["rejects_path"].endswith(".csv")
    assert file["reasons"][0]["what"] == "Date is not a date"
    assert "MB read in" in err


def test_what_a_person_reads(run, sent):
    status, out, _ = run(sent("march.csv", {}, {"claim_id": "c2", "claim_start_date": "5/2/2026"}))
    assert status == 0
    assert "2 rows read = 1 kept + 0 the same again + 1 set aside" in out
    assert "Date is not a date, column claim_start_date, first on line 3." in out
    assert "1 file: 1 rows kept, 0 the same again, 1 set aside." in out


def test_the_same_file_twice_is_done(run, sent):
    path = sent("march.csv", {})
    run(path)
    status, out, _ = run(path, "--json")
    assert status == 0
    assert json.loads(out)["files"][0]["duplicates"] == 1


@pytest.mark.parametrize("name", ["letter.txt", "empty.csv", "visits.csv"])
def test_what_nobody_recognizes_is_exit_2_and_names_what_is_understood(run, sent, name):
    text = {"letter.txt": "hello there", "empty.csv": b"", "visits.csv": OTHER}[name]
    status, out, err = run(sent(name, text))
    assert (status, out) == (2, "")
    if name != "empty.csv":
        assert "Understood are: Tuva Input Layer tables" in err


def test_a_path_that_is_not_there(run, tmp_path):
    status, _, err = run(tmp_path / "nowhere.csv")
    assert status == 2
    assert "expected a file or a folder, found 'nothing there'. Check the path." in err


def test_an_empty_folder(run, tmp_path):
    (tmp_path / "empty").mkdir()
    status, _, err = run(tmp_path / "empty")
    assert status == 2
    assert "found an empty folder" in err


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_in_a_mixed_folder_the_others_go_on_and_who_was_left_behind_is_named_last(run, sent, words):
    sent("in/letter.txt", "hello there")
    sent("in/empty.csv", b"")
    status, out, err = run(sent("in/march.csv", {}).parent, *words)
    assert status == 0
    assert "without a header of column names" in out
    last = err.strip().splitlines()[-1]
    assert last == "2 of 3 files could not be read: empty.csv, letter.txt. Why stands with each of them."
    assert "could not be read" not in out


def test_of_very_many_files_that_could_not_be_read_the_first_are_named(run, sent):
    for number in range(23):
        sent(f"in/letter-{number:02}.txt", f"hello {number}")
    _, _, err = run(sent("in/march.csv", {}).parent)
    last = err.strip().splitlines()[-1]
    assert last.startswith("23 of 24 files could not be read: letter-00.txt, letter-01.txt, ")
    assert "letter-19.txt and 3 files more. Why" in last
    assert "letter-20" not in last


def test_where_every_file_was_read_nothing_more_is_said(run, sent):
    _, _, err = run(sent("march.csv", {}))
    assert "could not be read" not in err


def test_columns_that_nobody_reads_are_named_when_they_hold_something(run, sent):
    _, out, _ = run(sent("a.csv", {"cost_center": "17", "remark": ""}))
    assert "Columns with values that nobody reads: cost_center." in out
    _, out, _ = run(sent("b.csv", {"claim_id": "c9", "shelf": "9"}), "--json")
    assert json.loads(out)["files"][0]["columns_not_read"] == ["shelf"]
