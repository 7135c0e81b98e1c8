"""`down`: stop the embedded database cleanly."""

from carewright.plumbing import embedded_postgres, home


def add(subparsers) -> None:
    parser = subparsers.add_parser("down", help="stop the embedded database")
    parser.set_defaults(run=run, database=False)


def run(args) -> dict:
    """Stop it when it runs; nothing happens when it does not."""
    stopped = embedded_postgres.Server(home.current()).stop()
    return {"running": False, "stopped": stopped}
