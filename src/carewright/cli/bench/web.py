"""
web: how quickly the pages answer while people use them, each one request every five seconds.

A scratch home is filled with the invented population through the same ingest and stratify as any home (beyond 100,000
people their rows are copied inside the database: `bench.copies`), the real web server is started on it, and people, each
signed in, ask for the pages of their day in turn: three of four are nurses with sixty patients each (My Day, patient
page, call screen, search), the fourth a supervisor (candidates, why, the population, search). Beside it, in the same
run, the rows of the candidate list by one plain query and `json.dumps`: what the database alone would need.
"""

import argparse
import http.client
import json
import os
import random
import socket
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from carewright.cli.bench.scratch import scratch_home
from carewright.kernel.errors import CannotDo

CSRF = "0123456789abcdefghijklmnopqrstuv"
"""What a form and its cookie both carry, so that a search is taken for one of the house's own."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=int, default=20_000, help="how many people the scratch database holds")
    parser.add_argument("--users", type=int, default=20, help="how many use it at once")
    parser.add_argument("--seconds", type=int, default=60, help="how long they use it")
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between two requests of one person")
    parser.add_argument("--keep", type=Path, help="a folder for the scratch home, kept and used again")


def run(args: argparse.Namespace) -> dict:
    """Fill, serve, ask, and answer with p50, p95 and errors per page."""
    with scratch_home(args.keep):
        built = _fill(args.people)
        figures, spent, memory = _ask(_people_who_ask(args.users), args)
        asked = sum(int(figure["requests"]) for figure in figures) or 1
        return {"people": args.people, "users": args.users, "built_in_seconds": built, "pages": figures,
                "processor_ms_a_request": {part: round(1000 * took / asked, 1) for part, took in spent.items()},
                "plain_query_ms": _plain(), "server_memory_mb": memory}  # fmt: skip


def _say(what: str) -> None:
    print(f"  {what}", file=sys.stderr, flush=True)


def _fill(people: int) -> float:
    """The invented population, through the same doors as anyone's files; nothing when the home has it already."""
    from carewright.cli import demo, upgrade
    from carewright.cli.bench import copies
    from carewright.population import queries

    upgrade.upgrade(report=_say)
    started = time.monotonic()
    if queries.current_run() is None:
        demo.make("large", members=min(people, copies.INVENTED))
    if people > copies.INVENTED:
        _say(f"copies of everybody, up to {people:,} people")
        copies.multiply(people)
    return round(time.monotonic() - started, 1)


@dataclass(frozen=True)
class Asker:
    """Somebody signed in: their cookie, and by page the addresses they ask for; what is after `#` is searched for."""

    cookie: str
    addresses: dict[str, list[str]]


def _people_who_ask(count: int) -> list[Asker]:
    """So many people: every fourth a supervisor with a tie to everyone, the others nurses with a caseload each."""
    from django.utils import timezone

    from carewright.access.models import EVERYONE, Tie
    from carewright.cli.bench import caseloads
    from carewright.enrollment.models import Enrollment
    from carewright.staff.models import User

    users = []
    for number in range(count):
        role = "care_manager" if number % 4 else "supervisor"
        user, is_new = User.objects.get_or_create(
            email=f"bench{number}@example.org",
            defaults={"first_name": "Bench", "last_name": f"No. {number}", "role": role},
        )
        if is_new:
            user.set_unusable_password()
            user.save()
            if role == "supervisor":
                Tie.objects.create(user=user, population=EVERYONE, because="oversight", starts_on=timezone.localdate())
        users.append(user)
    nurses = [user for user in users if user.role == "care_manager"]
    caseloads.lead(nurses)
    led: dict[int, list] = {nurse.pk: [] for nurse in nurses}
    for enrollment in Enrollment.objects.running().filter(lead__in=nurses).select_related("patient"):
        led[enrollment.lead_id].append(enrollment.patient)
    if nurses and min(map(len, led.values())) < caseloads.PATIENTS:
        raise CannotDo(
            f"There are too few candidates for {len(nurses)} caseloads of {caseloads.PATIENTS}. Ask for more --people or fewer --users."
        )
    shared = _of_supervisors()
    return [Asker(_session(user), _of_a_nurse(led[user.pk]) if user.pk in led else shared) for user in users]


def _session(user) -> str:
    """A cookie of somebody who signed in."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={CSRF}"


def _of_a_nurse(patients: list) -> dict[str, list[str]]:
    """The pages of a nurse's day, for the patients they lead."""
    from django.urls import reverse

    return {
        "my day": [reverse("day:day")],
        "patient": [reverse("patient:glance", args=[each.public_id]) for each in patients],
        "call screen": [reverse("call:out", args=[each.public_id]) for each in patients],
        "search": [_search(each.family_name) for each in patients],
    }


def _of_supervisors() -> dict[str, list[str]]:
    """The pages of whoever answers for the list."""
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
        "search": [_search(name) for name in names if name.isascii() and name.isalpha()],
    }


def _search(name: str) -> str:
    from django.urls import reverse

    return f"{reverse('web:search')}#{name[:4]}"


def _ask(askers: list[Asker], args) -> tuple[list[dict], dict[str, float], int]:
    from types import SimpleNamespace

    from carewright.cli import run as start
    from carewright.plumbing import embedded_postgres, home

    here, where = home.current(), SimpleNamespace(host="127.0.0.1", port=_free_port())
    processes = start.start_processes(here, where)
    pages = list(dict.fromkeys(page for asker in askers for page in asker.addresses))
    took: dict[str, list[float]] = {page: [] for page in pages}
    errors: dict[str, list[str]] = {page: [] for page in pages}
    lock = threading.Lock()
    try:
        start.wait_for(where, processes)
        for asker in askers[:2]:
            _once(asker, where.port)  # templates are read once per process; nobody measures that
        parts = {"web": processes[0].pid, "database": embedded_postgres.Server(here).pid()}
        before = {part: _processor_seconds(pid) for part, pid in parts.items()}
        until = time.monotonic() + args.seconds
        _say(f"{len(askers)} people use it for {args.seconds} s")

        def use(number: int) -> None:
            asker, dice = askers[number], random.Random(number)  # noqa: S311 (which page, not a secret)
            time.sleep(dice.uniform(0, args.pause))
            line = http.client.HTTPConnection("127.0.0.1", where.port, timeout=60)
            while time.monotonic() < until:
                page = dice.choice(list(asker.addresses))
                seconds, wrong = _get(line, dice.choice(asker.addresses[page]), asker.cookie)
                with lock:
                    took[page].append(seconds)
                    errors[page] += [wrong] if wrong else []
                time.sleep(max(0.0, args.pause - seconds))

        with ThreadPoolExecutor(len(askers)) as pool:
            list(pool.map(use, range(len(askers))))
        spent = {part: _processor_seconds(pid) - before[part] for part, pid in parts.items()}
        memory = _memory([process.pid for process in processes])
    finally:
        start.stop_processes(processes)
    return [_figures(page, took[page], errors[page]) for page in pages], spent, memory


def _free_port() -> int:
    """A port nobody listens on: a second server on one port would answer half of the requests."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def _once(asker: Asker, port: int) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(4):
        for some in asker.addresses.values():
            _get(line, some[0], asker.cookie)


def _get(line: http.client.HTTPConnection, address: str, cookie: str) -> tuple[float, str]:
    """How long it took, and what went wrong: nothing, an answer's status, or what broke the line."""
    page, _hash, words = address.partition("#")
    asked = urlencode({"q": words, "csrfmiddlewaretoken": CSRF}) if words else None
    form = {"Content-Type": "application/x-www-form-urlencoded"} if asked else {}
    started = time.monotonic()
    try:
        line.request("POST" if asked else "GET", page, body=asked, headers={"Cookie": cookie} | form)
        answer = line.getresponse()
        answer.read()
        wrong = "" if answer.status == 200 else str(answer.status)
    except (OSError, http.client.HTTPException) as broken:
        line.close()
        wrong = type(broken).__name__
    return time.monotonic() - started, wrong


def _figures(page: str, took: list[float], errors: list[str]) -> dict:
    many = sorted(took)
    at = {
        "p50_ms": round(1000 * statistics.median(many)) if many else None,
        "p95_ms": round(1000 * many[min(len(many) - 1, int(0.95 * len(many)))]) if many else None,
    }
    return {"page": page, "requests": len(many), **at, "errors": len(errors), "which": ", ".join(sorted(set(errors)))}


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


def _processor_seconds(parent: int | None) -> float:
    """
    The processor time that a process and its children have taken, those that ended included; 0 for nobody.

    Says what pages cost on a machine that others use too, where seconds on the clock say little.
    """
    ticks = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            said = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(status.parent.name) == parent:
            ticks += sum(map(int, said[11:15]))
        elif int(said[1]) == parent:
            ticks += sum(map(int, said[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


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
