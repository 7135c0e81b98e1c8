"""
The command line: finds the command, prepares what it needs, and turns what it answers into output.

A command is a module in this folder with `add(subparsers)` and `run(args)`. What `run` returns is the result: a
number is the exit status; anything else is printed (with --json as one JSON object) and the exit status is 0.
A refusal (`CannotDo`, `BadInput`) becomes one sentence on standard error and exit status 2.
"""

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from django.db.utils import OperationalError

from carewright import __version__
from carewright.kernel.errors import CannotDo, CarewrightError
from carewright.plumbing import embedded_postgres, home, restoring

# In the order of the help page: what an operator needs first.
COMMANDS = (
    "run", "up", "down", "status", "leftovers", "demo", "ingest", "stratify", "export", "score", "audit", "backup", "restore",
    "upgrade", "worker", "bench", "dev",
)  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status is 0 (done) or 2 (it could not be done, one sentence says why)."""
    args = _parser().parse_args(argv)
    if args.home:
        os.environ["CAREWRIGHT_HOME"] = os.path.abspath(args.home)  # noqa: PTH100 (keeps a missing folder as it is)
    try:
        if getattr(args, "database", True):
            prepare_django()
            _bring_up_to_date(args)
        return _say(args.run(args), as_json=args.json)
    except CarewrightError as refusal:
        print(str(refusal), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as refusal:  # no room, no right, no such folder: the machine's refusal, not a fault of ours
        where = f" ({refusal.filename})" if refusal.filename else ""
        print(f"This machine refused: {refusal.strerror or refusal}{where}.", file=sys.stderr)
        return 2
    except OperationalError as refusal:
        said = str(refusal).strip().splitlines()
        print(f"The database does not answer: {said[0] if said else type(refusal).__name__}", file=sys.stderr)
        return 2


def prepare_django() -> None:
    """Start the database when needed, let Django read its settings, and count days as the organization does."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carewright.settings")
    restoring.finish_interrupted(home.current(), report=lambda what: print(f"  {what}", file=sys.stderr))
    embedded_postgres.start(home.current())
    import django

    django.setup()
    from django.db import DatabaseError

    from carewright.staff import clock

    # A home never brought up, or a database that does not answer, is for the command itself to speak of.
    with suppress(DatabaseError):
        clock.set_clock()


def _bring_up_to_date(args: argparse.Namespace) -> None:
    """A new home is made ready; one with data is upgraded only when somebody says so."""
    from carewright.cli import upgrade

    if args.run is upgrade.run or os.environ.get("CAREWRIGHT_IS_UP_TO_DATE"):
        return
    waiting = upgrade.pending()
    if upgrade.interrupted(home.current()):
        raise CannotDo("An upgrade was interrupted here. Run ./carewright upgrade; it goes on with it, or goes back.")
    if not waiting:
        return
    if upgrade.has_data():
        raise CannotDo(
            f"This version brings {upgrade.counted(waiting, 'change')} that the database has not seen. "
            "Run ./carewright upgrade first; it backs up, applies what is new, and goes back if that fails."
        )
    upgrade.upgrade(report=lambda what: print(f"  {what}", file=sys.stderr))


def _parser() -> argparse.ArgumentParser:
    every = argparse.ArgumentParser(add_help=False)
    # Suppressed, so that a command of a command (`dev docs`) does not take back what was said before it.
    unsaid = argparse.SUPPRESS
    where = "the folder of this installation (default: CAREWRIGHT_HOME, or .carewright)"
    every.add_argument("--home", default=unsaid, help=where)
    every.add_argument("--json", action="store_true", default=unsaid, help="print the result as one JSON object")
    parser = argparse.ArgumentParser(prog="carewright", description="Runs a care management program.")
    parser.set_defaults(home=None, json=False)
    parser.add_argument("--version", action="version", version=f"Carewright {__version__}")
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    # Every command takes --home and --json, without saying so itself.
    subparsers._parser_class = partial(argparse.ArgumentParser, parents=[every])  # type: ignore[assignment]
    for name in COMMANDS:
        try:
            module = importlib.import_module(f"carewright.cli.{name}")
        except ModuleNotFoundError as missing:
            if missing.name != f"carewright.cli.{name}":
                raise
            continue
        module.add(subparsers)
    return parser


def _say(result: object, *, as_json: bool) -> int:
    if result is None or isinstance(result, int):
        return int(result or 0)
    if as_json:
        print(json.dumps(result, default=str, ensure_ascii=False))
    elif isinstance(result, str):
        print(result)
    elif isinstance(result, list):
        print(table(result))
    elif isinstance(result, dict):
        for key, value in result.items():
            print(f"{key}:\n{table(value)}" if isinstance(value, list) else f"{key}: {value}")
    return 0


def table(rows: list[dict]) -> str:
    """Rows as aligned columns, the way a person reads them."""
    if not rows:
        return "(none)"
    heads = list(rows[0])
    cells = [[_cell(row.get(head)) for head in heads] for row in rows]
    widths = [max(len(head), *(len(line[i]) for line in cells)) for i, head in enumerate(heads)]
    numeric = [all(isinstance(row.get(head), int | float | None) for row in rows) for head in heads]

    def line(values: list[str]) -> str:
        pairs = zip(values, widths, numeric, strict=True)
        return "  ".join(v.rjust(w) if right else v.ljust(w) for v, w, right in pairs).rstrip()

    return "\n".join([line(heads), *map(line, cells)])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.3f}"
    return str(value)
