"""`audit verify`: say whether the access log is what was sealed, from its first entry to its last."""

from argparse import ArgumentParser
from dataclasses import asdict


def add(subparsers) -> None:
    parser: ArgumentParser = subparsers.add_parser("audit", help="check that the access log is unbroken")
    parser.add_argument("what", choices=["verify"], help="verify: walk the whole chain of seals")
    parser.add_argument(
        "--expect", default="", metavar="DIGEST", help="a digest written down earlier; the chain must pass through it"
    )
    parser.set_defaults(run=run)


def run(args) -> dict | str:
    """The verdict; a broken log is a refusal, which the command line turns into one sentence and exit status 2."""
    from carewright.audit import actions as audit

    verdict = audit.verify(expecting=args.expect)
    if args.json:
        return asdict(verdict)
    keep = f"Keep this digest outside the house to prove it later: {verdict.digest}" if verdict.digest else ""
    return f"{verdict}\n{keep}".strip()
