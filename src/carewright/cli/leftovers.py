"""`leftovers`: databases on this machine whose home is not there; each is deleted only on a person's word."""

import sys

from carewright.cli import asking
from carewright.kernel.errors import CannotDo
from carewright.plumbing import home, leftovers


def add(subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "leftovers",
        help="name databases whose home is not there or not known, and delete those you say",
        description="A server started as root keeps its data outside the home. This names what has no home any more.",
    )
    parser.add_argument(
        "--delete", metavar="NAME", nargs="+", default=[], help="delete these for good, without asking (for scripts)"
    )
    parser.set_defaults(run=run, database=False)


def run(args) -> object:
    """What was found and what was deleted. A person is asked about each; a script names what it wants deleted."""
    here = home.current()
    found = leftovers.found(here)
    unknown = sorted(set(args.delete) - {each.name for each in found})
    if unknown:
        raise CannotDo(f"There is no database without a home called {', '.join(unknown)}. Nothing was deleted.")
    asks = asking.is_watched() and not args.delete and not args.json
    rows = []
    for each in found:
        print(described(each), file=sys.stderr)
        wanted = each.name in args.delete or (asks and _is_wanted(each))
        if wanted:
            leftovers.delete(each, here=here)
        rows.append(
            {
                "name": each.name,
                "home": each.home or None,
                "why": each.said,
                "last_used": each.last_used.isoformat() if each.last_used else None,
                "running": each.pid,
                "deleted": wanted,
            }
        )
    if not found:
        return {"leftovers": []} if args.json else "Every database on this machine has its home."
    return {"leftovers": rows} if args.json else _sum(rows)


def described(each: leftovers.Leftover) -> str:
    """One database for a person: its name, what is known of its home, when it was last used, how large it is."""
    when = f"last used {each.last_used:%B %-d, %Y}" if each.last_used else "never used"
    runs = f"; it runs now (process {each.pid})" if each.pid else ""
    return f"{each.name}: {each.said}; {when}, {each.bytes / 1e6:,.0f} MB{runs}."


def _is_wanted(each: leftovers.Leftover) -> bool:
    """Ask for the whole name: what is deleted here comes back from a backup only."""
    said = asking.ask(f"  To delete it for good, type {each.name}; Enter keeps it:")
    return said == each.name


def _sum(rows: list[dict]) -> str:
    deleted = sum(row["deleted"] for row in rows)
    kept = len(rows) - deleted
    if deleted:
        return f"{deleted} deleted, {kept} kept."
    return f"{kept} kept, none deleted. A script deletes with --delete NAME."
