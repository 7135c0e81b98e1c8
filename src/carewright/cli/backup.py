"""`backup FILE`: everything in the home, sealed and checked."""

import sys
from pathlib import Path

from django.utils import timezone


def add(subparsers) -> None:
    parser = subparsers.add_parser("backup", help="everything in the home into one sealed, checked file")
    parser.add_argument("file", type=Path, nargs="?", help="where to write it (default: the organization's folder)")
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
    secret, at = backup.secret_of(here, args.key), timezone.now()
    if args.check:
        if args.file is None:
            raise CannotDo("Say which backup to check: ./carewright backup FILE --check.")
        return backup.check(args.file, secret=secret)
    file = args.file or _folder() / f"carewright-{at:%Y%m%d-%H%M%S}.cwb"
    done = backup.write(here, file, secret=secret, at=at, report=_say)
    print(
        "Keep its key apart from it (./carewright backup --show-key): without the key nobody can restore it.",
        file=sys.stderr,
    )
    return done


def _folder() -> Path:
    """The place for backups that the organization named in its set-up."""
    from carewright.kernel.errors import CannotDo
    from carewright.staff.models import Organization

    named = Organization.objects.values_list("backup_folder", flat=True).first()
    if not named:
        raise CannotDo(
            "Say where to write the backup: ./carewright backup FILE. An administrator may also name a folder for "
            "backups under Organization; then it goes there without being told."
        )
    return Path(named)


def _say(what: str) -> None:
    print(f"  {what} …", file=sys.stderr)
