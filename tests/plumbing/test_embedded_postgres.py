"""The embedded database: killed at any moment it loses nothing it acknowledged, and two homes never meet."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import psycopg
import pytest

from carewright.plumbing.embedded_postgres import Server
from carewright.plumbing.home import Home

KILLS = int(os.environ.get("CAREWRIGHT_KILLS", "4"))

WRITER = """
import sys, psycopg
connection = psycopg.connect(sys.argv[1], autocommit=True)
number = int(sys.argv[2])
while True:
    connection.execute("insert into ledger values (%s)", [number])
    print(number, flush=True)      # said only after the database said yes
    number += 1
"""


@pytest.fixture
def server(tmp_path):
    server = Server(Home(tmp_path / "home"))
    server.start()
    yield server
    server.remove()


def address(server):
    return " ".join(f"{key}={value}" for key, value in server.url().items())


def processes_of(server):
    parent = server.pid()
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False)
    return [parent, *map(int, found.stdout.split())]


def test_killing_it_at_any_moment_loses_nothing_acknowledged(server):
    dice = random.Random(20261123)
    with psycopg.connect(**server.url(), autocommit=True) as connection:
        connection.execute("create table ledger (number bigint primary key)")
    acknowledged, first = set(), 0
    for _ in range(KILLS):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, address(server), str(first)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        heard = writer.stdout.readline()  # on a busy machine it takes long to begin
        time.sleep(dice.uniform(0.0, 0.5))
        victims = processes_of(server)
        for victim in [victims[0]] if dice.random() < 0.5 else victims:
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                continue
        said, _ = writer.communicate(timeout=30)
        numbers = [int(line) for line in (heard + said).split()]
        acknowledged.update(numbers)
        first = max(acknowledged, default=-1) + 1_000
        server.start()
        with psycopg.connect(**server.url()) as connection:
            stored = {number for (number,) in connection.execute("select number from ledger")}
        assert acknowledged <= stored, f"{len(acknowledged - stored)} acknowledged rows are lost"
    assert acknowledged, "the writer never got a word in"


def test_a_second_start_finds_the_running_server(server):
    before = server.pid()
    started = time.monotonic()
    Server(server.home).start()
    assert server.pid() == before
    assert time.monotonic() - started < 2


def test_two_homes_never_meet(server, tmp_path):
    other = Server(Home(tmp_path / "other"))
    other.start()
    try:
        assert other.socket != server.socket
        assert other.data != server.data
        wrong = server.url() | {"password": other.home.secret("postgres")}
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(**wrong)
    finally:
        other.remove()


def test_it_listens_to_nobody_on_the_network(server):
    with psycopg.connect(**server.url()) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
        assert connection.execute("show password_encryption").fetchone() == ("scram-sha-256",)


def test_stop_is_clean_and_the_next_start_is_itself_again(server):
    with psycopg.connect(**server.url(), autocommit=True) as connection:
        connection.execute("create table kept (word text); insert into kept values ('here')")
    assert server.stop()
    assert server.pid() is None
    assert not server.stop()
    server.start()
    with psycopg.connect(**server.url()) as connection:
        assert connection.execute("select word from kept").fetchone() == ("here",)


def test_statements_with_patients_in_them_never_reach_its_log(server):
    with psycopg.connect(**server.url(), autocommit=True) as connection, pytest.raises(psycopg.Error):
        connection.execute("select 1/0 as abernathy_ruth_1954", prepare=False)
    assert "abernathy" not in server.log.read_text().lower()


def test_a_home_deleted_while_its_server_ran_leaves_the_path_usable(tmp_path):
    """As root the data lie outside the home: the next home at this path must not meet the server of the last one."""
    home = Home(tmp_path / "home")
    first = Server(home)
    first.start()
    with psycopg.connect(**first.url(), autocommit=True) as connection:
        connection.execute("create table theirs (number int)")
    old = first.pid()
    shutil.rmtree(home.path)
    second = Server(Home(tmp_path / "home"))
    try:
        second.start()
        with psycopg.connect(**second.url()) as connection:
            assert connection.execute("select to_regclass('theirs')").fetchone() == (None,)
    finally:
        second.remove()
        for earlier in second.folder.parent.glob(f"{second.key}.earlier-*"):
            shutil.rmtree(earlier)
        with contextlib.suppress(ProcessLookupError):
            os.kill(old, signal.SIGKILL)
