"""`status`: what runs, where it lives, and how it stands. It starts nothing."""

import os

from carewright import __version__
from carewright.plumbing import embedded_postgres, home, leftovers


def add(subparsers) -> None:
    parser = subparsers.add_parser("status", help="say what runs and how it stands")
    parser.set_defaults(run=run, database=False)


def run(args) -> dict:
    """The database, its process and size, the home and its disk; never anything about people."""
    here = home.current()
    external = os.environ.get("DATABASE_URL")
    server = embedded_postgres.Server(here)
    pid = None if external else server.pid()
    answer: dict[str, object] = {
        "version": __version__,
        "home": str(here.path),
        "demo": here.is_demo,
        "database": "external (DATABASE_URL)" if external else str(server.data),
        "running": bool(external) or pid is not None,
        "pid": pid,
    }
    current = here.path / "warehouse" / "current"
    answer["warehouse_run"] = current.read_text().strip() if current.exists() else None
    answer["disk_free_gb"] = _free_gigabytes(here)
    if without_home := leftovers.found(here):
        answer["leftovers"] = (
            f"{len(without_home)} databases whose home is not there or not known; ./carewright leftovers names them"
        )
    return answer


def _free_gigabytes(here: home.Home) -> float:
    there = here.path
    while not there.exists():
        there = there.parent
    stats = os.statvfs(there)
    return round(stats.f_bavail * stats.f_frsize / 1e9, 1)
