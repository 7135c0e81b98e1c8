"""`down`: stop the embedded database cleanly."""

import json
import os

from carewright.kernel.errors import CannotDo
from carewright.plumbing import embedded_postgres, home


def add(subparsers) -> None:
    parser = subparsers.add_parser("down", help="stop the embedded database")
    parser.add_argument("--force", action="store_true", help="also while ./run uses it")
    parser.set_defaults(run=run, database=False)


def run(args) -> dict:
    """Stop it when it runs; nothing happens when it does not."""
    if (pid := used_by(home.current())) and not args.force:
        raise CannotDo(
            f"./run uses this database (process {pid}). Stop it with Ctrl-C first, or add --force to stop it here."
        )
    stopped = embedded_postgres.Server(home.current()).stop()
    return {"running": False, "stopped": stopped}


def used_by(here: home.Home) -> int | None:
    """The process of the `./run` that works in this home, if one does."""
    try:
        pid = int(json.loads((here.path / "server.json").read_text())["pid"])
        os.kill(pid, 0)
    except (OSError, ValueError, KeyError):
        return None
    return pid
