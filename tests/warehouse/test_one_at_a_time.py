"""One run at a time in a home: whoever comes second is told who is at work, and no lock outlives its process."""

import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from carewright.warehouse import one_at_a_time

SINCE = datetime(2026, 11, 23, 6, 10, tzinfo=UTC)
AT_WORK = """
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from carewright.warehouse import one_at_a_time

def told(other):
    print("waits for", other.who, flush=True)

home, who, waits = SimpleNamespace(warehouse=Path(sys.argv[1])), sys.argv[2], sys.argv[3] == "waits"
with one_at_a_time.alone(home, who=who, at=datetime.fromisoformat(sys.argv[4]), waits=told if waits else None):
    print("at work", flush=True)
    sys.stdin.readline()
"""


@dataclass
class Here:
    warehouse: Path


@pytest.fixture
def here(tmp_path):
    return Here(tmp_path / "warehouse")


@pytest.fixture
def process(here):
    """Another process that makes a run until a line is written to it, or until it is killed."""
    started = []

    def start(who: str, *, waits: bool = False) -> subprocess.Popen:
        words = [
            sys.executable,
            "-c",
            AT_WORK,
            str(here.warehouse),
            who,
            "waits" if waits else "stops",
            SINCE.isoformat(),
        ]
        found = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(found)
        return found

    yield start
    for one in started:
        one.kill()
        one.communicate()


def ours(here):
    return one_at_a_time.alone(here, who="we", at=SINCE)


def test_the_second_is_told_who_is_at_work_since_when_and_in_which_process(here, process):
    other = process("the nightly run")
    assert other.stdout.readline() == "at work\n"
    with pytest.raises(one_at_a_time.OneIsAtWork) as busy, ours(here):
        pass
    assert busy.value.other == one_at_a_time.AtWork("the nightly run", other.pid, SINCE)
    other.communicate("done\n")
    with ours(here):
        pass


def test_a_run_that_was_killed_holds_nothing(here, process):
    other = process("the nightly run")
    assert other.stdout.readline() == "at work\n"
    other.kill()
    other.wait()
    with ours(here):
        pass


def test_whoever_waits_is_told_once_and_comes_next(here, process):
    first, second = process("the nightly run"), None
    assert first.stdout.readline() == "at work\n"
    second = process("./carewright stratify", waits=True)
    assert second.stdout.readline() == "waits for the nightly run\n"
    first.kill()
    assert second.stdout.readline() == "at work\n"
    with pytest.raises(one_at_a_time.OneIsAtWork) as busy, ours(here):
        pass
    assert busy.value.other.who == "./carewright stratify"


def test_two_in_one_process_are_held_apart_as_well(here):
    """The worker does two jobs at a time."""
    with ours(here), pytest.raises(one_at_a_time.OneIsAtWork), ours(here):
        pass


def test_who_has_just_begun_is_not_known_yet(here, process):
    other = process("the nightly run")
    assert other.stdout.readline() == "at work\n"
    (here.warehouse / one_at_a_time.FILE).write_text("")
    with pytest.raises(one_at_a_time.OneIsAtWork) as busy, ours(here):
        pass
    assert busy.value.other == one_at_a_time.AtWork()
