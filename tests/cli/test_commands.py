"""The command line as others' scripts use it: exit status, one sentence, JSON, and a home that comes back from a backup."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from carewright.cli import bench
from carewright.plumbing import embedded_postgres
from carewright.plumbing.home import Home
from tests.made_once import copy_home

ROOT = Path(__file__).resolve().parents[2]


def carewright(home, *words, **options):
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    environment |= {"CAREWRIGHT_HOME": str(home), "PYTHONPATH": str(ROOT / "src")} | options.pop("env", {})
    return subprocess.run(
        [sys.executable, "-m", "carewright.cli", *words],
        env=environment, capture_output=True, text=True, check=False, timeout=300, cwd=ROOT, **options,
    )  # fmt: skip


def answer(home, *words, **options):
    done = carewright(home, *words, "--json", **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def upgraded(path: Path) -> None:
    """A home made from nothing, at rest."""
    assert answer(path, "upgrade")["migrations"] > 0
    assert answer(path, "down")["stopped"]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    path = tmp_path_factory.mktemp("cli") / "home"
    copy_home(path, upgraded)
    yield path
    embedded_postgres.Server(Home(path)).remove()


@pytest.fixture
def other_home(tmp_path):
    path = tmp_path / "other"
    yield path
    embedded_postgres.Server(Home(path)).remove()


def test_a_second_upgrade_has_nothing_to_do(home):
    assert answer(home, "upgrade")["migrations"] == 0


def test_status_starts_nothing(other_home):
    assert answer(other_home, "status")["running"] is False
    assert answer(other_home, "status")["running"] is False


def test_up_and_down(other_home):
    up = answer(other_home, "up")
    assert up["running"]
    assert answer(other_home, "up")["pid"] == up["pid"]
    assert answer(other_home, "status")["pid"] == up["pid"]
    assert answer(other_home, "down")["stopped"]
    assert answer(other_home, "status")["running"] is False


def test_a_backup_comes_back_in_another_home(home, other_home, tmp_path):
    (home / "received").mkdir(exist_ok=True)
    (home / "received" / "abc").write_bytes(b"exactly as it came")
    file = tmp_path / "backup.cwb"
    made = answer(home, "backup", str(file))
    assert made["checked"]
    key = tmp_path / "key"
    key.write_text(carewright(home, "backup", "--show-key").stdout)
    restored = answer(other_home, "restore", str(file), "--key", str(key))
    assert restored["files"] == made["files"]
    assert (other_home / "received" / "abc").read_bytes() == b"exactly as it came"
    assert answer(other_home, "upgrade")["migrations"] == 0
    assert carewright(other_home, "audit", "verify").returncode == 0


def test_a_restore_never_overwrites_a_home_by_accident(home, tmp_path):
    file = tmp_path / "backup.cwb"
    answer(home, "backup", str(file))
    (home / "received" / "later").write_bytes(b"came after the backup")
    refused = carewright(home, "restore", str(file))
    assert refused.returncode == 2
    assert "is not empty" in refused.stderr
    assert (home / "received" / "later").exists()
    answer(home, "restore", str(file), "--replace")
    assert not (home / "received" / "later").exists()


def test_a_wrong_key_and_a_broken_backup_change_nothing(home, other_home, tmp_path):
    file = tmp_path / "backup.cwb"
    answer(home, "backup", str(file))
    wrong = carewright(other_home, "restore", str(file), env={"CAREWRIGHT_BACKUP_PASSPHRASE": "not the right words"})
    assert (wrong.returncode, "sealed with key" in wrong.stderr) == (2, True)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    key = tmp_path / "key"
    key.write_text(carewright(home, "backup", "--show-key").stdout)
    broken = carewright(other_home, "restore", str(file), "--key", str(key))
    assert broken.returncode == 2
    assert "Traceback" not in broken.stderr
    assert not (other_home / "received").exists()


def test_the_worker_works_and_stops_when_it_is_told(home):
    environment = os.environ | {"CAREWRIGHT_HOME": str(home), "PYTHONPATH": str(ROOT / "src")}
    environment.pop("DATABASE_URL", None)
    environment["DJANGO_SETTINGS_MODULE"] = "carewright.settings"
    worker = subprocess.Popen(
        [sys.executable, "-m", "carewright.cli", "worker"], env=environment, stderr=subprocess.PIPE, text=True, cwd=ROOT
    )
    time.sleep(5)
    assert worker.poll() is None, worker.stderr.read()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=30) in (0, -signal.SIGTERM)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("ingest", "/nowhere/at/all.csv"), "all.csv"),
        (("restore", "/nowhere/at/all.cwb"), "does not exist"),
        (("bench", "nothing"), "There is no bench"),
        (("bench", "copies"), "There is no bench"),
        (("demo", "users"), "demo"),
        (("export", "nothing"), "nothing"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_2(home, words, sentence):
    done = carewright(home, *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_every_bench_that_is_listed_measures_and_says_what():
    listed = bench.run(argparse.Namespace(list=True, name=None))
    assert {"population", "hcc", "ingest", "web"} <= {row["bench"] for row in listed}
    assert all(row["what"] for row in listed)


def test_every_command_has_help(home):
    for command in (
        "run",
        "up",
        "down",
        "status",
        "demo",
        "ingest",
        "stratify",
        "export",
        "audit",
        "backup",
        "restore",
    ):
        assert carewright(home, command, "--help").returncode == 0, command


@pytest.mark.parametrize("words", [("status",), ("dev", "docs", "--check"), ("dev", "night"), ("dev", "screenshots")])
def test_every_command_takes_home_and_json_even_one_inside_another(words):
    from carewright.cli import main

    args = main._parser().parse_args([*words, "--home", "/somewhere", "--json"])
    assert (args.home, args.json) == ("/somewhere", True)
    args = main._parser().parse_args([*words])
    assert (args.home, args.json) == (None, False)
    if len(words) > 1:
        args = main._parser().parse_args([words[0], "--home", "/somewhere", *words[1:]])
        assert args.home == "/somewhere"


@pytest.mark.django_db
def test_commands_count_days_in_the_time_zone_of_the_organization(monkeypatch):
    from django.utils import timezone

    from carewright.cli import main
    from carewright.staff import clock
    from tests.factories.staff import OrganizationFactory

    OrganizationFactory(time_zone="Pacific/Honolulu")
    monkeypatch.setattr(main.embedded_postgres, "start", lambda home: None)
    clock.forget()
    try:
        main.prepare_django()
        assert str(timezone.get_current_timezone()) == "Pacific/Honolulu"
    finally:
        timezone.deactivate()
        clock.forget()
