"""A start right after a stop waits until the port is free, and says so; one that stays taken is refused."""

import socket
import threading

import pytest

from carewright.cli import run
from carewright.kernel.errors import CannotDo
from carewright.plumbing import home


@pytest.fixture
def taken():
    """A port that somebody listens on."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder


def test_a_port_that_is_just_being_left_is_waited_for(taken, capsys):
    port = taken.getsockname()[1]
    leaving = threading.Timer(0.3, taken.close)
    leaving.start()
    run._refuse_twice(home.current(), port, "127.0.0.1")
    leaving.join()
    assert capsys.readouterr().err.count("is still in use; waiting a moment") == 1


def test_a_port_that_stays_taken_is_refused_with_another_one(taken, monkeypatch):
    monkeypatch.setattr(run, "PORT_PATIENCE", 0.2)
    port = taken.getsockname()[1]
    with pytest.raises(CannotDo, match=rf"Port {port} cannot be used .*--port {port + 1}"):
        run._refuse_twice(home.current(), port, "127.0.0.1")
