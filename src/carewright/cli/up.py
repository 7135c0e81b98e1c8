"""`up`: start the embedded database and bring it up to date."""

from carewright.plumbing import embedded_postgres, home


def add(subparsers) -> None:
    parser = subparsers.add_parser("up", help="start the embedded database")
    parser.set_defaults(run=run, database=False)


def run(args) -> dict:
    """Start it, or find it running; say where it is."""
    server = embedded_postgres.Server(home.current())
    embedded_postgres.start(server.home)
    return {"running": True, "pid": server.pid(), "home": str(server.home.path), "data": str(server.data)}
