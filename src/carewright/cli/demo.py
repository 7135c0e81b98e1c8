"""
`demo SIZE` and `demo users`: an invented population to look around in, and who can sign in to it.

Generates the files, takes them in as anybody's, ranks the population, and adds people to sign in as. Killed half way,
the same command goes on where it was. Exit status 2 in a home that holds anything real.
"""

import argparse
import csv
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from carewright.kernel.errors import CannotDo

SIZES = {"small": 5_000, "medium": 20_000, "large": 50_000, "huge": 1_000_000}
BY = "system:demo"


def add(subparsers) -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "demo",
        help="make an invented population, or list who can sign in to it",
        description="small 5,000 · medium 20,000 · large 50,000 · huge 1,000,000 members (files and warehouse only)",
    )
    parser.add_argument("what", metavar="SIZE|users", choices=[*SIZES, "users"], help=f"{', '.join(SIZES)}, or users")
    parser.add_argument("--seed", type=int, default=1, help="another number gives other people (default: 1)")
    parser.add_argument("--as-of", type=date.fromisoformat, metavar="DATE", help="the last day (default: today)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> object:
    """Make the demo, or list its users."""
    if args.what == "users":
        return users()
    return make(args.what, seed=args.seed, as_of=args.as_of)


def users() -> list[dict[str, str]]:
    """Who can sign in to this demo home; refused where people are real."""
    from carewright.demo import users as workers
    from carewright.plumbing import home

    here = home.current()
    if not here.is_demo:
        raise CannotDo(
            f"{here.path} is not a demo home, so it has no demo users. Make one with `./carewright demo small`."
        )
    return workers.listed()


def make(
    size: str, *, members: int | None = None, seed: int = 1, as_of: date | None = None, ranked: bool = True
) -> dict[str, object]:
    """
    Fill an empty home with invented people; answers rows and seconds of each step.

    `members` asks for another number of people than the size has; without `ranked` the files are taken in and nobody
    is ranked yet. Refuses a home that holds anything but this very demo.
    """
    from django.utils import timezone

    from carewright.demo import users as workers
    from carewright.plumbing import home

    here = home.current()
    as_of = as_of or _begun(here.path) or timezone.localdate()
    plan = {"size": size, "members": members or SIZES[size], "seed": seed, "as_of": as_of.isoformat()}
    _refuse_what_is_not_ours(here, plan)
    clock = _Clock()
    here.mark_as_demo(size)
    here.folder("demo")
    _plan_file(here.path).write_text(json.dumps(plan), encoding="utf-8")
    with clock.step("files"):
        files = _files(here, plan, as_of)
    with clock.step("people to sign in as"):
        workers.add_staff(on=as_of - timedelta(days=400), by=BY)
        _declare_protected(files)
    with clock.step("ingest"):
        reports = _ingest(here, files)
    candidates = 0
    if ranked:
        with clock.step("stratify"):
            candidates = _stratify(here, size, as_of)
    if ranked and size != "huge":
        with clock.step("caseloads, calls, plans, referrals"):
            _work(here, as_of)
    return {
        **plan,
        "home": str(here.path),
        "files": len(reports),
        "rows": sum(report.rows_kept for report in reports),
        "set_aside": sum(report.rows_rejected for report in reports),
        "candidates": candidates,
        "steps": clock.steps,
        "seconds": clock.seconds,
    }


class _Clock:
    """Says what is being done and how long it took, and remembers."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.steps: list[dict[str, object]] = []

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return round(time.perf_counter() - self.began, 1)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One step, said on standard error."""
        started = time.perf_counter()
        yield
        seconds = round(time.perf_counter() - started, 1)
        self.steps.append({"step": name, "seconds": seconds})
        print(f"    {name}: {seconds:.1f} s", file=sys.stderr, flush=True)


def _plan_file(folder: Path) -> Path:
    return folder / "demo" / "plan.json"


def _begun(folder: Path) -> date | None:
    """The last day of a demo that was begun here, so that an interrupted one goes on with it."""
    path = _plan_file(folder)
    return date.fromisoformat(json.loads(path.read_text(encoding="utf-8"))["as_of"]) if path.exists() else None


def _refuse_what_is_not_ours(here, plan: dict[str, object]) -> None:
    from carewright.staff.models import User

    if here.is_demo:
        path = _plan_file(here.path)
        begun = json.loads(path.read_text(encoding="utf-8")) if path.exists() else plan
        if begun != plan:
            raise CannotDo(
                f"{here.path} holds the demo {begun['size']!r} (seed {begun['seed']}, to {begun['as_of']}) already. "
                "Give another one a home of its own: --home DIR."
            )
    elif User.objects.exists() or any(here.received.iterdir()):
        raise CannotDo(
            f"{here.path} is not empty, and what it holds is not a demo. A demo is only made in an empty home: --home DIR."
        )


def _files(here, plan: dict[str, object], as_of: date) -> Path:
    """Write the files, or find those that were written before."""
    import shutil

    from carewright.demo import users as workers
    from carewright.demo import world
    from carewright.plumbing.progress import Bar

    folder, whole = here.path / "demo" / "files", here.path / "demo" / "files_are_whole"
    if whole.exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    members = int(str(plan["members"]))
    bar = Bar(members, "people")
    world.write(
        folder, members=members, seed=int(str(plan["seed"])), as_of=as_of, leads=workers.leads(), report=bar.reach
    )
    bar.close()
    whole.touch()
    return folder


def _declare_protected(files: Path) -> None:
    """Declare the opioid treatment program of the demo as protected by 42 CFR Part 2, before anything lands."""
    from django.utils import timezone

    from carewright.audit import actions as audit
    from carewright.exchange.models import SensitiveSource
    from carewright.plumbing import home
    from carewright.staff.models import User
    from carewright.warehouse import landing

    administrator = User.objects.filter(role="administrator").order_by("pk").first()
    with (files / "part2_sources.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if SensitiveSource.objects.filter(kind=row["kind"], value=row["value"], ended_at=None).exists():
            continue
        source = SensitiveSource(
            kind=row["kind"],
            value=row["value"],
            because=row["because"],
            declared_at=timezone.now(),
            declared_by=administrator,
        )
        with audit.change(source, by=administrator, did="declared_protected_source"):
            pass
    declared = SensitiveSource.objects.filter(ended_at=None).values_list("kind", "value")
    landing.declare_part2(home.current(), list(declared))


def _ingest(here, files: Path) -> list:
    """Take the files in, delivery by delivery, each on the day it was sent."""
    from django.utils import timezone

    from carewright.demo.deliveries import SENDERS
    from carewright.exchange import actions

    deliveries = sorted((folder.name, folder.parent.name, folder) for folder in files.glob("*/*") if folder.is_dir())
    reports = []
    for day, feed, folder in deliveries:
        at = timezone.make_aware(datetime.combine(date.fromisoformat(day), datetime.min.time().replace(hour=2)))
        reports += actions.ingest([folder], source=SENDERS[feed], by=BY, at=min(at, timezone.now()), home=here)
    return reports


def _stratify(here, size: str, as_of: date) -> int:
    """Rank the population; the huge one stays in the warehouse."""
    from django.utils import timezone

    if size == "huge":
        from carewright.warehouse import run as warehouse

        settings: list[tuple[str, str, str]] = []
        done = warehouse.run(here, as_of=as_of, program_settings=settings, at=timezone.now())
        return done.rows("published.candidate")
    from carewright.exchange import actions as exchange
    from carewright.population import actions

    with exchange.around_a_run(here, by=BY, at=timezone.now()):
        _, kept = actions.stratify(here, as_of=as_of, at=timezone.now(), by=BY)
    return kept.rows.get("candidate", 0)


def _work(here, as_of: date) -> None:
    """Let the invented colleagues do what they would have done, up to now."""
    from django.utils import timezone

    from carewright.demo import work

    work.begin(here, on=as_of, at=timezone.now())
