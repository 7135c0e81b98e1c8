"""`restore FILE`: bring a backup back into an empty home."""

import sys
from pathlib import Path

from carewright.kernel.errors import CannotDo


def add(subparsers) -> None:
    parser = subparsers.add_parser("restore", help="bring a backup back (into an empty home)")
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", type=Path, help="a file with the key it was sealed with")
    parser.add_argument("--replace", action="store_true", help="over what this home holds now")
    parser.set_defaults(run=run, database=False)


def run(args) -> dict:
    """Check the whole backup first; only then put it in place."""
    from carewright.cli import down
    from carewright.plumbing import backup, home, restoring

    here = home.current()
    if pid := down.used_by(here):
        raise CannotDo(f"./run uses this home (process {pid}). Stop it with Ctrl-C first, then restore.")
    secret = backup.secret_of(here, args.key)
    return restoring.restore(
        here, args.file, secret=secret, replace=args.replace, report=lambda what: print(f"  {what} …", file=sys.stderr)
    )
