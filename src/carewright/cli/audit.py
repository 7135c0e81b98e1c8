"""`audit verify`: say whether the access log is what was sealed, from its first entry to its last."""

import sys
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
    from datetime import timedelta

    from django.utils import timezone

    from carewright.audit import actions as audit
    from carewright.plumbing import home

    anchor = home.current().seal
    kept = anchor.read_text(encoding="ascii").strip() if anchor.exists() else ""
    verdict = audit.verify(expecting=kept)
    if verdict.seals and not kept:
        print(
            f"{anchor} is missing: the digest that is kept outside the database. What is there is unbroken, but whether "
            "the end of the log was cut off cannot be told. The next seal writes it again.",
            file=sys.stderr,
        )
    if args.expect:
        verdict = audit.verify(expecting=args.expect)
    if verdict.oldest_unsealed_at and timezone.now() - verdict.oldest_unsealed_at > timedelta(minutes=10):
        print(
            f"{verdict.unsealed} entries have waited for their seal since {verdict.oldest_unsealed_at:%B %-d, %H:%M} UTC: "
            "the worker does not run. ./run starts one; ./carewright worker does too.",
            file=sys.stderr,
        )
    if args.json:
        return asdict(verdict)
    keep = f"Keep this digest outside the house to prove it later: {verdict.digest}" if verdict.digest else ""
    return f"{verdict}\n{keep}".strip()
