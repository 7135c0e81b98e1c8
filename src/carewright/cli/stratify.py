"""`stratify`: run the warehouse, then publish into the record in one transaction."""

import sys
import time
from datetime import date, timedelta

from carewright.cli import asking
from carewright.kernel.errors import CannotDo


def add(subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser("stratify", help="rank the population: run the warehouse and publish the lists")
    parser.add_argument("--as-of", metavar="DATE", help="the last day that counts (default: today)")
    parser.add_argument(
        "--replace",
        action="store_true",
        help="do not ask before a list as of an earlier day takes the place of a later",
    )
    parser.add_argument("--engine", choices=("duckdb", "spark"), default="duckdb", help="what runs the steps")
    parser.add_argument(
        "--wait", action="store_true", help="when another run is at work, wait for it and then run, instead of stopping"
    )
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

    from carewright.exchange import actions as exchange
    from carewright.plumbing import home
    from carewright.population import actions, queries

    if args.engine == "spark":
        raise CannotDo(
            "Running the steps on Spark comes later; every step already transpiles to it. Leave out --engine spark."
        )
    as_of = _day(args.as_of) if args.as_of else timezone.localdate()
    before = queries.current_run()
    if before is not None and as_of < before.as_of:
        _agree_to_go_back(as_of, before.as_of, is_agreed=args.replace)
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

    def again(why: str) -> None:
        steps.clear()
        _say(why)

    here = home.current()
    exchange.finish_taking_back(by="system:stratify", at=timezone.now())
    with exchange.around_a_run(here, by="system:stratify", at=timezone.now()):
        done, kept = actions.stratify(
            here,
            as_of=as_of,
            at=timezone.now(),
            by="system:stratify",
            who=f"./carewright stratify of OS user {asking.os_user()}",
            waits=(lambda said: _say(f"{said} This one comes after it.")) if args.wait else None,
            report=built,
            received=received,
            again=again,
        )
    candidates = kept.rows.get("candidate", 0)
    if not candidates:
        _say(_nobody(as_of, queries.latest_month(kept)))
    return {
        "run": done.run_id,
        "as_of": kept.as_of.isoformat(),
        "steps": steps,
        "programs": queries.verdict_counts(kept),
        "candidates": candidates,
        "seconds": round(time.perf_counter() - began, 1),
    }


def _agree_to_go_back(as_of: date, in_force: date, *, is_agreed: bool) -> None:
    """
    A list as of an earlier day takes the place of the one people work from: a person is asked first, a script is told.
    """
    said = (
        f"The list in force is as of {in_force:%B %-d, %Y}. This one counts nothing after {as_of:%B %-d, %Y} and takes its"
        " place for everyone, until the next run."
    )
    if is_agreed or not asking.is_watched():
        _say(f"{said} ./carewright stratify brings today's back.")
    elif asking.ask(f"{said} Replace it? [y/N]").lower() not in ("y", "yes"):
        raise CannotDo(f"The list as of {in_force:%B %-d, %Y} stays in force; nothing was changed.")


def _nobody(as_of: date, latest: date | None) -> str:
    """Why a list may be empty, and what to try."""
    said = f"No program says yes to anybody as of {as_of:%B %-d, %Y}; the table below counts each verdict."
    if latest is None:
        return f"{said} No claims were received, so most of it is unknown. Bring claims in with ./carewright ingest."
    if (as_of - latest).days > 120:
        last = (latest.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return (
            f"{said} The latest claims are of {latest:%B %Y}. To rank as of then: ./carewright stratify --as-of {last}"
        )
    return f'{said} The page Candidates, under "Hidden, and why", shows what rules each person out.'


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
