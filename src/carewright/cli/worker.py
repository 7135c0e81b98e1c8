"""`worker`: do the jobs that wait, until stopped."""


def add(subparsers) -> None:
    parser = subparsers.add_parser("worker", help="do the jobs that wait (./run starts one)")
    parser.add_argument("--once", action="store_true", help="stop when nothing waits")
    parser.set_defaults(run=run)


def run(args) -> None:
    """Work through the queue; with --once, return when it is empty."""
    from carewright.plumbing import jobs

    jobs.work(wait=not args.once)
