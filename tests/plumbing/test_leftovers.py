"""Databases whose home is not there are named, with what is known of them; none is deleted on a guess."""

import argparse
import hashlib
import os
import shutil

import pytest

from carewright.cli import leftovers as command
from carewright.kernel.errors import CannotDo, NotNow
from carewright.plumbing import embedded_postgres, leftovers
from carewright.plumbing.embedded_postgres import Server
from carewright.plumbing.home import Home


@pytest.fixture
def shared(tmp_path, monkeypatch):
    folder = tmp_path / "var"
    folder.mkdir()
    monkeypatch.setattr(embedded_postgres, "SHARED_FOLDER", folder)
    monkeypatch.setenv("CAREWRIGHT_HOME", str(tmp_path / "here"))
    return folder


@pytest.fixture
def database(shared):
    """A home, and the folder of its database as the server leaves it."""

    def make(path, *, noted=True, name=""):
        home = Home(path)
        folder = shared / (name or Server(home).key)
        (folder / "data" / "global").mkdir(parents=True)
        (folder / "data" / "PG_VERSION").write_text("18\n")
        (folder / "data" / "global" / "pg_control").write_bytes(b"x" * 100)
        (folder / "home").write_text(hashlib.sha256(home.secret("postgres").encode()).hexdigest())
        if noted:
            (folder / "path").write_text(str(path))
        return folder

    return make


def kinds(tmp_path):
    return {each.folder: each.kind for each in leftovers.found(Home(tmp_path / "here"))}


def test_a_database_with_its_home_is_left_alone(tmp_path, database):
    database(tmp_path / "here")
    database(tmp_path / "other")
    assert kinds(tmp_path) == {}


def test_a_home_that_is_not_there_is_not_said_to_be_deleted_when_its_disk_may_be_away(tmp_path, database):
    deleted = database(tmp_path / "a" / "clinic")
    shutil.rmtree(tmp_path / "a" / "clinic")
    away = database(tmp_path / "disk" / "clinic")
    shutil.rmtree(tmp_path / "disk")
    unknown = database(tmp_path / "old", noted=False)
    set_aside = database(tmp_path / "again", name="abc.earlier-1795445833")
    assert kinds(tmp_path) == {deleted: "gone", away: "away", unknown: "unknown", set_aside: "earlier"}
    said = [command.described(each) for each in leftovers.found(Home(tmp_path / "here"))]
    assert any(
        str(tmp_path / "disk" / "clinic") in line and "perhaps on a disk that is not mounted" in line for line in said
    )
    assert all("last used" in line for line in said)


def test_what_runs_beside_the_homes_is_no_database(shared, tmp_path):
    (shared / "binaries-12345678").mkdir()
    assert kinds(tmp_path) == {}


def run(*names, as_json=False):
    return command.run(argparse.Namespace(delete=list(names), json=as_json))


def test_a_script_deletes_only_what_it_names(tmp_path, database):
    one, two = database(tmp_path / "a" / "1"), database(tmp_path / "a" / "2")
    shutil.rmtree(tmp_path / "a" / "1")
    shutil.rmtree(tmp_path / "a" / "2")
    assert run() == "2 kept, none deleted. A script deletes with --delete NAME."
    assert one.exists() and two.exists()
    with pytest.raises(CannotDo, match="no database without a home called nothing"):
        run(one.name, "nothing")
    assert one.exists()
    assert run(one.name) == "1 deleted, 1 kept."
    assert not one.exists() and two.exists()


def test_a_person_types_the_name(tmp_path, database, monkeypatch):
    folder = database(tmp_path / "a" / "1")
    shutil.rmtree(tmp_path / "a" / "1")
    monkeypatch.setattr(command.asking, "is_watched", lambda: True)
    for answer in ("", "y", "yes"):
        monkeypatch.setattr(command.asking, "ask", lambda question, answer=answer: answer)
        run()
        assert folder.exists(), answer
    monkeypatch.setattr(command.asking, "ask", lambda question: folder.name)
    run()
    assert not folder.exists()


def test_a_home_that_came_back_in_the_meantime_keeps_its_database(tmp_path, database):
    path = tmp_path / "a" / "1"
    folder = database(path)
    path.rename(tmp_path / "elsewhere")
    [left] = leftovers.found(Home(tmp_path / "here"))
    (tmp_path / "elsewhere").rename(path)
    with pytest.raises(NotNow, match="has its home again"):
        leftovers.delete(left, here=Home(tmp_path / "here"))
    assert folder.exists()


def test_what_runs_is_not_deleted_while_its_disk_may_be_away(tmp_path, database, monkeypatch):
    folder = database(tmp_path / "disk" / "1")
    shutil.rmtree(tmp_path / "disk")
    monkeypatch.setattr(leftovers, "_pid", lambda folder: os.getpid())
    [left] = leftovers.found(Home(tmp_path / "here"))
    with pytest.raises(NotNow, match="somebody may use it"):
        leftovers.delete(left, here=Home(tmp_path / "here"))
    assert folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only a server started as root keeps its data outside the home")
def test_the_folder_says_whose_it_is(tmp_path, shared):
    server = Server(Home(tmp_path / "clinic"))
    server._set_strangers_aside()
    assert (server.folder / "path").read_text() == str(tmp_path / "clinic")
