"""
`run`: start everything, and stop everything cleanly on Ctrl-C.

The database, the web server and the worker. An empty home becomes a demo unless told otherwise. Each step says how
long it took, because the first start should show a login page within a minute.
"""

import ctypes
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from carewright.kernel.errors import CannotDo
from carewright.plumbing import embedded_postgres, home

SIZES = ("none", "small", "medium", "large")


def add(subparsers) -> None:
    parser = subparsers.add_parser("run", help="start everything: database, web server, worker")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: this machine only)")
    parser.add_argument(
        "--mllp-port", type=int, default=2575,
        help="the port of the ADT listener, which comes with transitions and does not listen yet",
    )  # fmt: skip
    parser.add_argument("--demo", choices=SIZES, default="small", help="invented people, only into an empty home")
    parser.set_defaults(run=run, database=False)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say what is being done, and how many seconds it took."""
    started = time.monotonic()
    print(f"  {name} …", file=sys.stderr, flush=True)
    yield
    print(f"  {name}: {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)


def run(args) -> int:
    """Start what is needed and stay until Ctrl-C."""
    from carewright.cli.main import prepare_django

    started = time.monotonic()
    here = home.current()
    _refuse_twice(here, args.port, args.host)
    ran_before = not os.environ.get("DATABASE_URL") and embedded_postgres.Server(here).pid() is not None
    with step("database"):
        prepare_django()
    from carewright.cli import upgrade

    with step("tables"):
        upgrade.upgrade(report=lambda what: print(f"    {what}", file=sys.stderr))
    if args.demo != "none" and _is_empty(here):
        from carewright.cli import demo

        with step(f"demo population ({args.demo})"):
            demo.make(args.demo)
    processes = start_processes(here, args)
    (here.path / "server.json").write_text(json.dumps({"pid": os.getpid(), "port": args.port}), encoding="ascii")
    try:
        with step("web server"):
            wait_for(args, processes)
        _greet(here, args, time.monotonic() - started)
        return _stay(processes)
    finally:
        # A second Ctrl-C must not leave half of it running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stop_processes(processes)
        (here.path / "server.json").unlink(missing_ok=True)
        if not ran_before and not os.environ.get("DATABASE_URL"):
            embedded_postgres.Server(here).stop()
        print("  Everything is stopped.", file=sys.stderr)


PORT_PATIENCE = 3.0
"""Seconds to wait for a port that a server just stopped still holds."""


def _refuse_twice(here: home.Home, port: int, host: str) -> None:
    deadline, said = time.monotonic() + PORT_PATIENCE, False
    while (refusal := _refusal(port, host)) is not None:
        if refusal.errno != errno.EADDRINUSE or time.monotonic() > deadline:
            why = f"Port {port} cannot be used ({refusal.strerror}). Choose another: ./run --port {port + 1}."
            raise CannotDo(why)
        if not said:
            print(f"  Port {port} is still in use; waiting a moment …", file=sys.stderr, flush=True)
        said = True
        time.sleep(0.1)


def _refusal(port: int, host: str) -> OSError | None:
    import socket

    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((host, port))
        except OSError as refusal:
            return refusal
    return None


def _is_empty(here: home.Home) -> bool:
    """Nobody can sign in and nothing was received."""
    from carewright.staff.models import User

    return not here.is_demo and not User.objects.exists() and not any(here.received.iterdir())


def _end_with_parent() -> None:
    """Ask the kernel to end this process when the one that started it is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def web_command(host: str, port: int, *, workers: str) -> list[str]:
    """How the web server is started: by `run`, by the bench and by the tests alike."""
    return [
        sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws", "--host", host, "--port", str(port),
        "--workers", workers, "--no-access-log", "--respawn-failed-workers", "carewright.asgi:application",
    ]  # fmt: skip


def start_processes(here: home.Home, args) -> list[subprocess.Popen]:
    environment = os.environ | {
        "CAREWRIGHT_HOME": str(here.path),
        "CAREWRIGHT_POOL": "10",
        "CAREWRIGHT_HOSTS": os.environ.get("CAREWRIGHT_HOSTS", "localhost,127.0.0.1,[::1]"),
        "OMP_NUM_THREADS": "1",
        "CAREWRIGHT_IS_UP_TO_DATE": "1",  # `run` brought the tables up to date; the worker need not look again
    }
    shutil.rmtree(here.folder("metrics"), ignore_errors=True)  # what the processes of before counted
    environment["PROMETHEUS_MULTIPROC_DIR"] = str(here.folder("metrics"))
    logs = here.folder("logs")
    web = web_command(args.host, args.port, workers=os.environ.get("CAREWRIGHT_WORKERS", "2"))
    worker = [sys.executable, "-m", "carewright.cli", "worker"]
    started = []
    for name, command, extra in (("web", web, {}), ("worker", worker, {"CAREWRIGHT_POOL": ""})):
        with (logs / f"{name}.log").open("ab") as log:
            started.append(
                subprocess.Popen(
                    command,
                    env=environment | extra,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=_end_with_parent,
                )
            )
    return started


def wait_for(args, processes: list[subprocess.Popen]) -> None:
    from urllib.error import URLError
    from urllib.request import urlopen

    deadline = time.monotonic() + 60
    host = "127.0.0.1" if args.host == "0.0.0.0" else args.host  # noqa: S104 (compared, not bound)
    while time.monotonic() < deadline:
        if processes[0].poll() is not None:
            raise CannotDo(f"The web server stopped at once; {home.current().path / 'logs' / 'web.log'} says why.")
        try:
            with urlopen(f"http://{host}:{args.port}/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise CannotDo(f"The web server does not answer; {home.current().path / 'logs' / 'web.log'} may say why.")


def _greet(here: home.Home, args, seconds: float) -> None:
    print(f"\n  Carewright is ready after {seconds:.0f} s:  http://{args.host}:{args.port}/", file=sys.stderr)
    if here.is_demo:
        from carewright.cli import demo

        print(
            "  This is a demo; everyone in it is invented. Who can sign in (role, sign-in, password):", file=sys.stderr
        )
        for user in demo.users():
            print(f"    {user['role']:<32} {user['sign_in']:<38} {user['password']}", file=sys.stderr)
    else:
        from carewright.staff.models import User

        if not User.objects.exists():
            print(
                f"  Set it up at /set-up with this set-up code, which works once: {here.secret('setup')}",
                file=sys.stderr,
            )
    print("  Ctrl-C stops everything.\n", file=sys.stderr, flush=True)


def _stay(processes: list[subprocess.Popen]) -> int:
    def stop(*_) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        while True:
            for process in processes:
                if process.poll() is not None:
                    logs = Path(home.current().path) / "logs"
                    raise CannotDo(f"A part of the server stopped by itself (process {process.pid}); see {logs}.")
            time.sleep(0.5)
    except KeyboardInterrupt:
        return 0


def stop_processes(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
