"""One demo world for all tests here: 20,000 members, seed 1, ending November 24, 2026."""

from datetime import date
from pathlib import Path

import pytest

from carewright.demo import world
from tests.demo import reading

AS_OF = date(2026, 11, 24)
MEMBERS = 20_000
SEED = 1


@pytest.fixture(scope="session")
def demo_files(tmp_path_factory) -> world.Summary:
    """The world, written."""
    folder = tmp_path_factory.mktemp("demo") / "files"
    return world.write(folder, members=MEMBERS, seed=SEED, as_of=AS_OF)


@pytest.fixture(scope="session")
def read_world(demo_files):
    """The world, read again by the obvious reading."""
    con = reading.connect(demo_files.folder, AS_OF)
    yield con
    con.close()


@pytest.fixture(scope="session")
def folder(demo_files) -> Path:
    """Where the files lie."""
    return demo_files.folder
