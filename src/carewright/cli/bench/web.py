"""
web: how quickly the pages answer while people use them, each one request every five seconds.

A scratch home is filled with the invented population through the same ingest and stratify as any home, the real web
server is started on it, and supervisors, each signed in, ask for pages in turn. Beside it, in the same run, the rows
of the candidate list by one plain query and `json.dumps`: what the database alone would need.
"""

import argparse
import http.client
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PORT = 8477


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=int, default=20_000, help="how many people the scratch database holds")
    parser.add_argument("--users", type=int, default=20, help="how many use it at once")
    parser.add_argument("--seconds", type=int, default=60, help="how long they use it")
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between two requests of one person")
    parser.add_argument("--keep", type=Path, help="a folder for the scratch home, kept and used again")


def run(args: argparse.Namespace) -> dict:
    """Fill, serve, ask, and answer with p50, p95 and errors per page."""
    folder = args.keep or Path(tempfile.mkdtemp(prefix="carewright-bench-"))
    os.environ["CAREWRIGHT_HOME"] = str(folder.resolve())
    from carewright.cli.main import prepare_django

    prepare_django()
    try:
        built = _fill(args.people)
        cookies, addresses = _people_who_ask(args.users), _addresses()
        figures, memory = _ask(cookies, addresses, args)
        return {"people": args.people, "users": args.users, "built_in_seconds": built, "pages": figures,
                "plain_query_ms": _plain(), "server_memory_mb": memory}  # fmt: skip
    finally:
        if not args.keep:
            from carewright.plumbing import embedded_postgres, home

            if not os.environ.get("DATABASE_URL"):
                embedded_postgres.Server(home.current()).remove()
            shutil.rmtree(folder, ignore_errors=True)


def _say(what: str) -> None:
    print(f"  {what}", file=sys.stderr, flush=True)


def _fill(people: int) -> float:
    """The invented population, through the same doors as anyone's files; nothing when the home has it already."""
    from carewright.cli import demo, upgrade
    from carewright.population import queries

    upgrade.upgrade(report=_say)
    if queries.current_run() is not None:
        return 0.0
    return float(str(demo.make("large", members=people)["seconds"]))


def _people_who_ask(count: int) -> list[str]:
    """So many supervisors with a tie to everyone, each with a session; answers their cookies."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from carewright.access.models import EVERYONE, Tie
    from carewright.staff.models import User

    cookies = []
    for number in range(count):
        user, is_new = User.objects.get_or_create(
            email=f"bench{number}@example.org",
            defaults={"first_name": "Bench", "last_name": f"No. {number}", "role": "supervisor"},
        )
        if is_new:
            user.set_unusable_password()
            user.save()
            Tie.objects.create(user=user, population=EVERYONE, because="oversight", starts_on=timezone.localdate())
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
    return cookies


def _addresses() -> dict[str, list[str]]:
    """Each page, and the addresses it is asked for by."""
    from django.urls import reverse

    from carewright.population.models import Score
    from carewright.registry.models import Patient

    listed = reverse("population:candidates")
    some = list(Score.objects.select_related("patient").order_by("pk")[:400])
    names = list(Patient.objects.order_by("pk").values_list("family_name", flat=True)[:200])
    return {
        "candidates": [listed, f"{listed}?page=2", f"{listed}?page=7"],
        "candidates, filtered": [f"{listed}?band=high", f"{listed}?program=chronic_care", f"{listed}?language=es"],
        "why is this person here": [reverse("population:why", args=[row.patient.public_id]) for row in some],
        "population": [reverse("population:overview")],
        "search": [f"{reverse('web:search')}?q={name[:4]}" for name in names if name.isascii() and name.isalpha()],
    }


def _ask(cookies: list[str], addresses: dict[str, list[str]], args) -> tuple[list[dict], int]:
    from types import SimpleNamespace

    from carewright.cli import run as start
    from carewright.plumbing import home

    here = home.current()
    processes = start.start_processes(here, SimpleNamespace(host="127.0.0.1", port=PORT))
    took: dict[str, list[float]] = {page: [] for page in addresses}
    errors: dict[str, int] = dict.fromkeys(addresses, 0)
    lock = threading.Lock()
    try:
        start.wait_for(SimpleNamespace(host="127.0.0.1", port=PORT), processes)
        _once(cookies[0], addresses)  # templates are read once per process; nobody measures that
        until = time.monotonic() + args.seconds
        _say(f"{len(cookies)} people use it for {args.seconds} s")

        def use(number: int) -> None:
            dice = random.Random(number)  # noqa: S311 (which page, not a secret)
            time.sleep(dice.uniform(0, args.pause))
            line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
            while time.monotonic() < until:
                page = dice.choice(list(addresses))
                seconds, is_good = _get(line, dice.choice(addresses[page]), cookies[number])
                with lock:
                    took[page].append(seconds)
                    errors[page] += not is_good
                time.sleep(max(0.0, args.pause - seconds))

        with ThreadPoolExecutor(len(cookies)) as pool:
            list(pool.map(use, range(len(cookies))))
        memory = _memory([process.pid for process in processes])
    finally:
        start.stop_processes(processes)
    return [_figures(page, took[page], errors[page]) for page in addresses], memory


def _once(cookie: str, addresses: dict[str, list[str]]) -> None:
    line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    for _ in range(4):
        for some in addresses.values():
            _get(line, some[0], cookie)


def _get(line: http.client.HTTPConnection, address: str, cookie: str) -> tuple[float, bool]:
    started = time.monotonic()
    try:
        line.request("GET", address, headers={"Cookie": cookie})
        answer = line.getresponse()
        answer.read()
        is_good = answer.status == 200
    except (OSError, http.client.HTTPException):
        line.close()
        is_good = False
    return time.monotonic() - started, is_good


def _figures(page: str, took: list[float], errors: int) -> dict:
    many = sorted(took)
    at = {
        "p50_ms": round(1000 * statistics.median(many)) if many else None,
        "p95_ms": round(1000 * many[min(len(many) - 1, int(0.95 * len(many)))]) if many else None,
    }
    return {"page": page, "requests": len(many), **at, "errors": errors}


def _plain() -> float:
    """The rows of one page of candidates by one query and `json.dumps`, median of twenty, in milliseconds."""
    from django.db import connection

    query = (
        "select s.*, p.sort_name, p.born_on from population_score s join registry_patient p on p.id = s.patient_id"
        " order by s.rank limit 25"
    )
    took = []
    for _ in range(20):
        started = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(query)
            json.dumps(cursor.fetchall(), default=str)
        took.append(time.monotonic() - started)
    return round(1000 * statistics.median(took), 2)


def _memory(parents: list[int]) -> int:
    """Resident megabytes of the web server, the worker and their children."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            said = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if int(status.parent.name) in parents or int(said.get("PPid", "0")) in parents:
            total += int(said.get("VmRSS", "0 kB").split()[0])
    return total // 1024
