"""`stratify`: run the warehouse, then publish into the record in one transaction."""

import sys
import time
from datetime import date

from carewright.kernel.errors import CannotDo


def add(subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("stratify", help="rank the population: run the warehouse and publish the lists")
    parser.add_argument("--as-of", metavar="DATE", help="the last day that counts (default: today)")
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb", help="what runs the steps")
    parser.set_defaults(run=run)


def _day(text: str) -> date:
    """A day as it was typed; what is no day is said in a sentence."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise CannotDo(
            f"--as-of {text} is not a day of the calendar. Write year, month and day, such as --as-of 2026-11-20."
        )
    return found


def run(args) -> dict:
    """Run every step and receive what it publishes; answers rows and seconds per step."""
    from django.utils import timezone

    from carewright.exchange.fhir import catching_up
    from carewright.plumbing import home
    from carewright.population import actions

    if args.engine == "spark":
        raise CannotDo(
            "Running the steps on Spark comes later; every step already transpiles to it. Leave out --engine spark."
        )
    as_of = _day(args.as_of) if args.as_of else timezone.localdate()
    began = time.perf_counter()
    steps: list[dict] = []
    clock = {"at": began}

    def built(step) -> None:
        steps.append({"step": step.table, "rows": step.rows, "seconds": round(step.seconds, 2)})
        _say(f"{step.number:3}/{step.total} {step.table:<34} {step.rows:>12,} rows {step.seconds:8.2f} s")
        clock["at"] = time.perf_counter()

    def received(table: str, rows: int) -> None:
        seconds = time.perf_counter() - clock["at"]
        clock["at"] = time.perf_counter()
        steps.append({"step": f"record.{table}", "rows": rows, "seconds": round(seconds, 2)})
        _say(f"        record.{table:<27} {rows:>12,} rows {seconds:8.2f} s")

    here = home.current()
    with catching_up.those_made_known(here, by="system:stratify"):
        done, kept = actions.stratify(
            here,
            as_of=as_of,
            at=timezone.now(),
            by="system:stratify",
            report=built,
            received=received,
        )
    return {
        "run": done.run_id,
        "as_of": kept.as_of.isoformat(),
        "steps": steps,
        "candidates": kept.rows.get("candidate", 0),
        "seconds": round(time.perf_counter() - began, 1),
    }


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
