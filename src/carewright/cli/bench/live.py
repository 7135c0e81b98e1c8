"""
Open pages of My Day that hear by themselves: what each costs, and how long from a commit to the page.

So many nurses with sixty patients and forty reminders each hold a stream; then a reminder comes for one of them, again
and again, and at last one that concerns all of them at once.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from carewright.cli.bench import web
from carewright.cli.bench.scratch import scratch_home

PATIENTS, TASKS = 60, 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--streams", type=int, default=200, help="how many pages are open at once")
    parser.add_argument("--rounds", type=int, default=30, help="how often something arrives for one of them")
    parser.add_argument("--rest", type=int, default=30, help="seconds in which nothing arrives")
    parser.add_argument("--keep", type=Path, help="a folder for the scratch home, kept and used again")


def run(args: argparse.Namespace) -> dict:
    """Fill, serve, hold the streams, and answer with memory, threads, processor time and seconds to the page."""
    with scratch_home(args.keep):
        from carewright.cli import run as start
        from carewright.cli import upgrade
        from carewright.plumbing import home

        upgrade.upgrade(report=web._say)
        nurses, cookies, tell_one, tell_all = _fill(args.streams)
        here, where = home.current(), SimpleNamespace(host="127.0.0.1", port=web._free_port())
        processes = start.start_processes(here, where)
        try:
            start.wait_for(where, processes)
            return asyncio.run(_measure(args, nurses, cookies, tell_one, tell_all, where.port, processes[0].pid))
        finally:
            start.stop_processes(processes)


def _fill(count: int) -> tuple[list, list[str], Callable, Callable]:
    """Nurses of one team with work, a cookie for each, and two ways to make something arrive."""
    from datetime import date

    from django.utils import timezone

    from carewright.access.models import Tie
    from carewright.registry.models import Patient
    from carewright.staff.models import Membership, Team, User
    from carewright.tasks.models import Task

    at, today = timezone.now(), timezone.localdate()
    team = Team.objects.create(name=f"Bench {at:%H%M%S}")
    patients = [
        Patient.objects.create(given_name="Bench", family_name=f"No. {number}", born_on=date(1950, 1, 1), sex="female")
        for number in range(PATIENTS)
    ]
    nurses = [
        User.objects.create(
            email=f"live{number}-{at:%H%M%S}@example.org",
            first_name="Live",
            last_name=f"No. {number}",
            role="care_manager",
        )
        for number in range(count)
    ]
    Membership.objects.bulk_create(Membership(team=team, user=nurse, starts_on=today) for nurse in nurses)
    Tie.objects.bulk_create(
        Tie(user=nurse, patient=patient, because="caseload", starts_on=today)
        for nurse in nurses
        for patient in patients
    )

    def task(number: int, **whose) -> Task:
        return Task(
            patient=patients[number % PATIENTS], kind="follow_up_call", title="Follow-up call", why="Weekly call",
            opened_at=at, due_at=at + timedelta(hours=30 + 7 * number), priority=3, **whose,
        )  # fmt: skip

    Task.objects.bulk_create(task(number, owner_user=nurse) for nurse in nurses for number in range(TASKS))
    return (
        nurses,
        [web._session(nurse) for nurse in nurses],
        lambda number: task(number, owner_user=nurses[number]).save(),
        lambda: task(0, owner_team=team).save(),
    )


async def _measure(args, nurses, cookies, tell_one, tell_all, port: int, server: int) -> dict:
    def counted() -> dict[str, int]:
        workers = _workers(server)
        return {"memory_mb": sum(map(_memory, workers)), "threads": sum(map(_threads, workers))}

    for _ in range(4):  # templates are read, and threads started, once per process
        await asyncio.gather(*[_whole(port, cookie) for cookie in cookies[:24]])
    before = counted()
    began = time.monotonic()
    pages = [Page(*await _open(port, cookie)) for cookie in cookies]
    hearing = [asyncio.create_task(page.hear()) for page in pages]
    for page in pages:
        await page.next()  # the list as it is: they said they had none
    opened, held = time.monotonic() - began, counted()
    web._say(f"{len(pages)} pages are open")
    spent = web._processor_seconds(server)
    await asyncio.sleep(args.rest)
    spent = web._processor_seconds(server) - spent
    one = []
    for number in range(args.rounds):
        began = time.monotonic()
        await asyncio.to_thread(tell_one, number % len(nurses))
        one.append(await pages[number % len(nurses)].next() - began)
    began = time.monotonic()
    await asyncio.to_thread(tell_all)
    everybody = sorted([await page.next() - began for page in pages])
    for task in hearing:
        task.cancel()
    return {
        "streams": len(pages), "opened_in_seconds": round(opened, 1), "before": before, "held": held,
        "processor_ms_a_second_at_rest": round(1000 * spent / args.rest, 1),
        "to_the_page_ms": {"p50": round(1000 * statistics.median(one)), "most": round(1000 * max(one))},
        "to_all_pages_s": {"first": round(everybody[0], 1), "half": round(statistics.median(everybody), 1),
                           "last": round(everybody[-1], 1)},
    }  # fmt: skip


class Page:
    """An open page: it notes when each list arrived."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.reader, self.writer = reader, writer
        self.arrived: asyncio.Queue[float] = asyncio.Queue()

    async def hear(self) -> None:
        while line := await self.reader.readline():
            if line == b"event: list\n":
                self.arrived.put_nowait(time.monotonic())

    async def next(self) -> float:
        async with asyncio.timeout(120):
            return await self.arrived.get()


async def _open(port: int, cookie: str, *, path: str = "/day/live?have=none"):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    closes = "" if "live" in path else "Connection: close\r\n"
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\nCookie: {cookie}\r\n{closes}\r\n".encode()
    )
    return reader, writer


async def _whole(port: int, cookie: str) -> None:
    reader, writer = await _open(port, cookie, path="/day")
    await reader.read()
    writer.close()


def _workers(server: int) -> list[int]:
    return [
        int(status.parent.name)
        for status in Path("/proc").glob("[0-9]*/stat")
        if int(status.read_text().rpartition(")")[2].split()[1]) == server
        and b"resource_tracker" not in (status.parent / "cmdline").read_bytes()
    ]


def _threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def _memory(pid: int) -> int:
    said = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return int(said["VmRSS"].split()[0]) // 1024
