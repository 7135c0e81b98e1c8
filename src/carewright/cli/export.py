"""`export NAME`: one table of the latest run as CSV, Parquet or NDJSON; every row can be asked why."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from carewright.cli import asking
from carewright.kernel.errors import CannotDo

NO_PURPOSE = "run by a script as OS user {who}, no purpose given"


def add(subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("export", help="a table of the latest run, as CSV, Parquet or NDJSON")
    parser.add_argument("name", metavar="NAME", help="members, stays, candidates, … or evidence")
    parser.add_argument("--format", choices=("csv", "parquet", "ndjson"), default="csv")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write it (default: standard output)")
    parser.add_argument(
        "--purpose",
        default="",
        help="what the file is for; written into the access log (default: CAREWRIGHT_EXPORT_PURPOSE, else you are asked)",
    )
    parser.add_argument("--id", nargs="+", default=[], metavar="ID", help="evidence ids, for `export evidence`")
    parser.set_defaults(run=run)


def run(args) -> dict | int:
    """Write the table; without --out it goes to standard output and nothing else does, with --json as one object."""
    from django.db import transaction

    from carewright.audit import actions as audit
    from carewright.plumbing import home
    from carewright.population import tables_out

    if args.name == "evidence" and not args.id:
        raise CannotDo("Say which: ./carewright export evidence --id ID…")
    kind = "json" if args.json and args.out is None else args.format
    if args.out is None and kind == "parquet":
        raise CannotDo("A Parquet file needs a place: add --out FILE.")
    purpose = purpose_of(args.purpose, os.environ)
    with transaction.atomic():
        done = tables_out.write(
            home.current(), args.name, kind=kind, out=args.out, ids=args.id, stream=sys.stdout.buffer
        )
        audit.exported(args.name, by="system:export", purpose=purpose, rows=done, page="cli:export")
    if args.out is None:
        return 0
    return {"name": args.name, "rows": done, "file": str(args.out)}


def purpose_of(said: str, environment: Mapping[str, str]) -> str:
    """
    What the file is for: as the command says it, as the environment says it, or as the person at the terminal answers.

    A script that says nothing is not stopped, since scripts were promised so; the log then says that nobody said.
    """
    stated = said.strip() or environment.get("CAREWRIGHT_EXPORT_PURPOSE", "").strip()
    if stated:
        return stated
    if asking.is_watched():
        answered = asking.ask("What is this file for? It is written into the access log:")
        if not answered:
            raise CannotDo("Every file that leaves says what it is for; nothing was written. Say it, or add --purpose.")
        return answered
    silence = NO_PURPOSE.format(who=asking.os_user())
    print(
        f'No purpose was given; the access log says: "{silence}". Add --purpose "…", or set CAREWRIGHT_EXPORT_PURPOSE.',
        file=sys.stderr,
    )
    return silence
