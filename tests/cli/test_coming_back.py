"""
Backup, restore, upgrade and the access log's anchor, as an operator meets them on a bad day.

Whatever is killed at whatever moment: the next command says what happened, and the home is whole again or as it was.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from carewright.plumbing import embedded_postgres
from carewright.plumbing.home import Home
from tests.cli.test_commands import ROOT, answer, carewright, upgraded
from tests.made_once import copy_home

KILLED = -signal.SIGKILL

ADA = """
from carewright.access import people
from carewright.audit import actions as audit
from datetime import UTC, datetime
person = people.add_person(email="ada@example.org", first_name="Ada", last_name="Hale", role="administrator", by="system:test")
audit.seal(datetime(2026, 11, 24, 15, 0, tzinfo=UTC))
"""
NAME = "from carewright.staff.models import User; print(User.objects.get().first_name)"


def inside(home: Path, code: str, *, then: tuple[str, ...] = ()) -> subprocess.CompletedProcess:
    """Run a piece of Python in a home as the command line would, and then, in the same process, a command."""
    prepare = "from carewright.cli import main\n" + ("" if then else "main.prepare_django()\n")
    finish = f"\nimport sys\nsys.exit(main.main({list(then)!r}))" if then else ""
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    environment |= {"CAREWRIGHT_HOME": str(home), "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        [sys.executable, "-c", prepare + code + finish],
        env=environment, capture_output=True, text=True, check=False, timeout=300, cwd=ROOT,
    )  # fmt: skip


def said(home: Path, code: str) -> str:
    done = inside(home, code)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def die(where: str) -> str:
    """Python that lets a function of ours kill its process instead of doing its work."""
    module, _dot, name = where.rpartition(".")
    return f"import os, {module}\n{module}.{name} = lambda *a, **k: os.kill(os.getpid(), 9)\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home in which Ada works and one file was received; its log is sealed."""
    path = tmp_path_factory.mktemp("back") / "home"
    copy_home(path, upgraded)
    said(path, ADA)
    (path / "received").mkdir(exist_ok=True)
    (path / "received" / "abc").write_bytes(b"exactly as it came")
    yield path
    embedded_postgres.Server(Home(path)).remove()


@pytest.fixture(scope="module")
def backup(home, tmp_path_factory):
    """A backup of that home, and the file with its key."""
    folder = tmp_path_factory.mktemp("kept")
    answer(home, "backup", str(folder / "ada.cwb"))
    (folder / "key").write_text(carewright(home, "backup", "--show-key").stdout)
    return folder / "ada.cwb", folder / "key"


@pytest.fixture(scope="module")
def other_home(tmp_path_factory):
    """Where it is brought back, again and again; something else is in it each time."""
    path = tmp_path_factory.mktemp("other") / "home"
    yield path
    embedded_postgres.Server(Home(path)).remove()


@pytest.fixture(autouse=True)
def something_else(other_home):
    """A file that no backup holds, so that bringing one back has something to replace."""
    (other_home / "received").mkdir(parents=True, exist_ok=True)
    (other_home / "received" / "abc").write_bytes(b"something else")
    (other_home / "received" / "else").write_bytes(b"something else")


def restoring(backup) -> tuple[str, ...]:
    return "restore", str(backup[0]), "--key", str(backup[1]), "--replace"


def is_whole(home: Path) -> None:
    assert said(home, NAME) == "Ada"
    assert {path.name: path.read_bytes() for path in (home / "received").iterdir()} == {"abc": b"exactly as it came"}
    assert not (home / "restore-under-way").exists() and not list((home / "scratch").glob("*"))


def test_killed_while_it_unpacks_nothing_has_changed_and_the_next_command_says_so(backup, other_home):
    done = inside(other_home, die("carewright.plumbing.restoring.agree"), then=restoring(backup))
    assert done.returncode == KILLED
    assert list((other_home / "scratch").rglob("*")), "it had begun"
    after = carewright(other_home, "audit", "verify")
    assert "interrupted before it changed anything" in after.stderr and after.returncode == 0
    assert not list((other_home / "scratch").glob("*")), "nothing about people is left lying about"
    assert (other_home / "received" / "abc").read_bytes() == b"something else"


@pytest.mark.parametrize(
    "where",
    ["_replace_database", "files_of", "_forget"],
    ids=["at the database", "before the files", "at the very end"],
)
def test_killed_later_the_next_command_finishes_it(backup, other_home, where):
    done = inside(other_home, die(f"carewright.plumbing.restoring.{where}"), then=restoring(backup))
    assert done.returncode == KILLED
    after = carewright(other_home, "audit", "verify")
    assert "was interrupted. It is being finished now" in after.stderr and after.returncode == 0, after.stderr
    is_whole(other_home)


def test_killed_between_two_files_the_rest_follows(backup, other_home):
    half = """
import os
from pathlib import Path
moved, place = [], Path.replace
def counted(self, target):
    if "scratch/restore/" in str(self):
        moved.append(target)
        if len(moved) == 3:
            os.kill(os.getpid(), 9)
    return place(self, target)
Path.replace = counted
"""
    assert inside(other_home, half, then=restoring(backup)).returncode == KILLED
    assert carewright(other_home, "status").returncode == 0, "what opens no database is not held up"
    assert carewright(other_home, "audit", "verify").returncode == 0
    is_whole(other_home)


def test_what_was_unpacked_may_be_gone_too(backup, other_home):
    inside(other_home, die("carewright.plumbing.restoring._replace_database"), then=restoring(backup))
    shutil.rmtree(other_home / "scratch")
    refused = carewright(other_home, "audit", "verify")
    assert refused.returncode == 2 and f"Run ./carewright restore {backup[0]} --replace" in refused.stderr
    answer(other_home, *restoring(backup))
    is_whole(other_home)


def test_what_the_database_holds_besides_the_backup_goes(backup, other_home):
    answer(other_home, *restoring(backup))
    said(
        other_home,
        "from django.db import connection\n"
        "connection.cursor().execute('create table newer (user_id bigint references staff_user); create type mood as enum "
        "(''calm''); create function later(mood) returns int return 1')".replace("''", "\\'"),
    )
    answer(other_home, *restoring(backup))
    assert said(
        other_home, "from django.db import connection as c; print('newer' in c.introspection.table_names())"
    ) == ("False")
    is_whole(other_home)


def test_a_home_that_is_used_is_not_restored_over(backup, other_home):
    (other_home / "server.json").write_text(json.dumps({"pid": os.getpid(), "port": 1}))
    for words in (restoring(backup), ("upgrade",)):
        refused = carewright(other_home, *words)
        assert refused.returncode == 2 and "./run uses this home" in refused.stderr
    (other_home / "server.json").unlink()


def test_what_the_machine_refuses_is_one_sentence(home, backup, tmp_path):
    for words in (
        ("backup", str(tmp_path)),
        ("backup", "/proc/nowhere/x.cwb"),
        ("restore", str(tmp_path)),
        ("restore", str(backup[0]), "--key", "/nowhere/key"),
    ):
        refused = carewright(home, *words)
        assert refused.returncode == 2 and len(refused.stderr.strip().splitlines()) == 1, refused.stderr
        assert refused.stderr.strip().endswith(".")


def test_a_database_that_does_not_answer_is_one_sentence(tmp_path):
    refused = carewright(tmp_path / "h", "audit", "verify", env={"DATABASE_URL": "postgresql://x:secret@127.0.0.1:1/x"})
    assert refused.returncode == 2 and "does not answer" in refused.stderr
    assert "secret" not in refused.stderr and "Traceback" not in refused.stderr


CHANGE_IT = """
from carewright.cli import upgrade
pending = upgrade.pending
upgrade.pending = lambda: ["staff.9999_rename"] if not changed else pending()
changed = []
def change():
    from django.db import connection
    connection.cursor().execute("update staff_user set first_name = 'Changed'")
    connection.cursor().execute("create table half_done (user_id bigint references staff_user)")
    changed.append(True)
    AFTERWARDS
upgrade._migrate = change
"""
FAIL = CHANGE_IT.replace("AFTERWARDS", "raise RuntimeError('a migration that does not work')")
DIE = CHANGE_IT.replace("AFTERWARDS", "import os; os.kill(os.getpid(), 9)")
TABLES = "from django.db import connection as c; print('half_done' in c.introspection.table_names())"


def test_an_upgrade_that_fails_is_undone(home):
    refused = inside(home, FAIL, then=("upgrade",))
    assert refused.returncode == 2 and "failed and was undone" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert (said(home, NAME), said(home, TABLES)) == ("Ada", "False")
    assert answer(home, "upgrade")["migrations"] == 0


def test_an_upgrade_whose_check_fails_is_undone(home):
    broken = CHANGE_IT.replace("AFTERWARDS", "upgrade._check = lambda: 1 / 0")
    refused = inside(home, broken, then=("upgrade",))
    assert refused.returncode == 2 and "failed and was undone" in refused.stderr
    assert (said(home, NAME), said(home, TABLES)) == ("Ada", "False")


def test_an_upgrade_that_was_killed_is_gone_on_with_and_still_goes_back_to_what_was_before_it(home):
    assert inside(home, DIE, then=("upgrade",)).returncode == KILLED
    refused = carewright(home, "audit", "verify")
    assert refused.returncode == 2 and "An upgrade was interrupted here. Run ./carewright upgrade" in refused.stderr
    again = "from carewright.cli import upgrade\nupgrade._check = lambda: 1 / 0\n"
    undone = inside(home, again, then=("upgrade",))
    assert "going on with it" in undone.stderr and "failed and was undone" in undone.stderr
    assert (said(home, NAME), said(home, TABLES)) == ("Ada", "False")


def test_an_upgrade_killed_while_it_goes_back_is_still_undone(home):
    kill = FAIL + die("carewright.plumbing.restoring._replace_database")
    assert inside(home, kill, then=("upgrade",)).returncode == KILLED
    after = carewright(home, "upgrade")
    assert "It is being finished now" in after.stderr and after.returncode == 0, after.stderr
    assert (said(home, NAME), said(home, TABLES)) == ("Ada", "False")
    assert carewright(home, "audit", "verify").returncode == 0
