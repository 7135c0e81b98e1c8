"""
population: how long it takes from landed claims to a ranked list in the record, and with how much memory.

A scratch home is filled with the invented population through the same ingest as any home (timed apart), then
`stratify` runs as a process of its own, so that its memory is its own. Beside it, on the same machine and files, the
scan it is compared with: reading all landed medical claims, sorted by person and day, and writing them out again.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the bench."""
    parser.add_argument("--members", type=int, default=100_000, help="how many members to invent")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same people")
    parser.add_argument("--as-of", type=date.fromisoformat, metavar="DATE", help="the last day (default: today)")
    parser.add_argument("--keep", type=Path, help="a folder for the scratch home, kept and used again")
    parser.add_argument("--no-scan", action="store_true", help="leave out the scan it is compared with")


def run(args: argparse.Namespace) -> dict:
    """Fill, stratify, scan; answers seconds per step, their sum against the scan, and the memory of stratify."""
    folder = args.keep or Path(tempfile.mkdtemp(prefix="carewright-bench-"))
    os.environ["CAREWRIGHT_HOME"] = str(folder.resolve())
    from carewright.cli.main import prepare_django

    prepare_django()
    from django.utils import timezone

    as_of = args.as_of or timezone.localdate()
    try:
        filled = _fill(args.members, args.seed, as_of)
        done, seconds, memory = _stratify(as_of)
        scanned = None if args.no_scan else _scan(folder)
        return _figures(args.members, filled, done, seconds, memory, scanned)
    finally:
        if not args.keep:
            from carewright.plumbing import embedded_postgres, home

            if not os.environ.get("DATABASE_URL"):
                embedded_postgres.Server(home.current()).remove()
            shutil.rmtree(folder, ignore_errors=True)


def _fill(members: int, seed: int, as_of: date) -> dict:
    """The invented population, landed; nothing is done again when the home has it already."""
    from carewright.cli import demo, upgrade
    from carewright.plumbing import home
    from carewright.warehouse import landing

    here = home.current()
    upgrade.upgrade(report=_say)
    if landing.manifests(here):
        return {}
    made = demo.make("huge", members=members, seed=seed, as_of=as_of, ranked=False)
    shutil.rmtree(here.path / "demo" / "files", ignore_errors=True)
    seconds = {step["step"]: step["seconds"] for step in made["steps"]}  # type: ignore[attr-defined]
    return {"generated_in_seconds": seconds["files"], "ingested_in_seconds": seconds["ingest"]}


def _stratify(as_of: date) -> tuple[dict, float, int]:
    """Run `stratify` as a user would; answers what it said, its seconds, and its peak memory in megabytes."""
    _say("running the warehouse and publishing")
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "carewright.cli", "stratify", "--as-of", as_of.isoformat(), "--json"],
        stdout=subprocess.PIPE,
    )
    said = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return json.loads(said), time.perf_counter() - began, usage.ru_maxrss // 1024


def _scan(folder: Path) -> tuple[float, int]:
    """Seconds of the sorted copy of all landed medical claims, and how many lines they are."""
    import duckdb

    _say("the scan to compare with")
    out = folder / "scan.parquet"
    with duckdb.connect() as con:
        con.execute("set threads = 2; set memory_limit = '4GB'; set preserve_insertion_order = false")
        con.execute(f"set temp_directory = '{folder / 'scan.tmp'}'")
        lines = f"read_parquet('{folder / 'landed' / 'medical_claim' / '*.parquet'}', union_by_name = true)"
        [[count]] = con.execute(f"select count(*) from {lines}").fetchall()
        began = time.perf_counter()
        con.execute(f"copy (select * from {lines} order by person_id, claim_start_date) to '{out}' (format parquet)")
        took = time.perf_counter() - began
    out.unlink(missing_ok=True)
    shutil.rmtree(folder / "scan.tmp", ignore_errors=True)
    return took, count


def _figures(
    members: int, filled: dict, done: dict, seconds: float, memory: int, scanned: tuple[float, int] | None
) -> dict:
    warehouse = sum(step["seconds"] for step in done["steps"] if not step["step"].startswith("record."))
    record = sum(step["seconds"] for step in done["steps"] if step["step"].startswith("record."))
    slowest = sorted(done["steps"], key=lambda step: -step["seconds"])[:12]
    answer = (
        {"members": members}
        | filled
        | {
            "stratify_seconds": round(seconds, 1),
            "warehouse_seconds": round(warehouse, 1),
            "record_seconds": round(record, 1),
            "seconds_per_1000_members": round(seconds / members * 1000, 3),
            "stratify_peak_memory_mb": memory,
            "candidates": done["candidates"],
        }
    )
    if scanned:
        took, lines = scanned
        answer |= {
            "medical_lines": lines,
            "lines_per_member": round(lines / members, 1),
            "scan_seconds": round(took, 1),
            "warehouse_over_scan": round(warehouse / took, 2),
            "goal": "warehouse at most 4 × scan; 1,000,000 members under 600 s and 6 GB",
        }
    return answer | {"slowest": slowest}


def _say(what: str) -> None:
    print(f"  {what}", file=sys.stderr, flush=True)
