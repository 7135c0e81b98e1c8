"""`backup FILE`: everything in the home, sealed and checked."""

import sys
from pathlib import Path

from django.utils import timezone


def add(subparsers) -> None:
    parser = subparsers.add_parser("backup", help="everything in the home into one sealed, checked file")
    parser.add_argument("file", type=Path, nargs="?", help="where to write it")
    parser.add_argument("--key", type=Path, help="a file with the key to seal it with (default: the home's own)")
    parser.add_argument("--show-key", action="store_true", help="print the home's backup key, to keep somewhere safe")
    parser.add_argument("--check", action="store_true", help="only read an existing backup and say whether it is whole")
    parser.set_defaults(run=run)


def run(args) -> dict | str:
    """Write the backup, read it back, and say which key opens it."""
    from carewright.kernel.errors import CannotDo
    from carewright.plumbing import backup, home

    here = home.current()
    if args.show_key:
        return here.secret("backup")
    if args.file is None:
        raise CannotDo("Say where to write the backup: ./carewright backup FILE.")
    secret = backup.secret_of(here, args.key)
    if args.check:
        return backup.check(args.file, secret=secret)
    done = backup.write(here, args.file, secret=secret, at=timezone.now(), report=_say)
    print(
        "Keep its key apart from it (./carewright backup --show-key): without the key nobody can restore it.",
        file=sys.stderr,
    )
    return done


def _say(what: str) -> None:
    print(f"  {what} …", file=sys.stderr)
