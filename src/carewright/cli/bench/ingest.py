"""
ingest: how long from a file to landed and reported, beside plain tools that only read and write the same bytes.

The same invented medical claims are read as CSV.gz and as Parquet, each into a scratch home, beside DuckDB's
`read_csv`/`read_parquet` copied into Parquet; then a folder of small FHIR bundles, beside `orjson.loads` of the same
files; last one large bundle and one four times as large, with the peak memory of a process that does nothing else,
because memory must not grow with the file. Every figure is the median of several rounds in one run; each round starts with an empty home. Processor seconds
(this process's, without the database server's) stand beside the seconds: on a busy machine only they tell anything.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

import duckdb
import orjson

WHO_ASKS = "system:bench"
GOAL = 3.0


class Took(NamedTuple):
    """How long something took: by the clock on the wall, and of the processor."""

    seconds: float
    processor: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the bench."""
    parser.add_argument("--members", type=int, default=5_000, help="how many members' claims to invent")
    parser.add_argument("--bundles", type=int, default=10_000, help="how many FHIR bundles to invent")
    parser.add_argument("--large-mb", type=int, default=60, help="size of the one large FHIR bundle; 0 leaves it out")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured; the median is shown")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same files")


def run(args: argparse.Namespace) -> dict:
    """Invent the files, measure each round, and answer seconds, rates and ratios."""
    folder = Path(tempfile.mkdtemp(prefix="carewright-bench-"))
    os.environ["CAREWRIGHT_HOME"] = str(folder / "home")
    from carewright.cli.main import prepare_django

    prepare_django()
    from carewright.cli import upgrade

    try:
        upgrade.upgrade(report=_say)
        csv_path, parquet_path, lines = _claims(folder / "claims", args.members, args.seed)
        bundles = _bundles(folder / "bundles", args.bundles, args.seed)
        plain = {
            "claims, CSV.gz": lambda: _duckdb(f"read_csv('{csv_path}')", folder),
            "claims, Parquet": lambda: _duckdb(f"read_parquet('{parquet_path}')", folder),
            "FHIR bundles": lambda: _orjson(bundles),
            "FHIR bundles, and the chart": lambda: _orjson(bundles),
        }
        given = {
            "claims, CSV.gz": (csv_path, csv_path.stat().st_size, lines),
            "claims, Parquet": (parquet_path, parquet_path.stat().st_size, lines),
        }
        of_bundles = (bundles, sum(path.stat().st_size for path in bundles.iterdir()), args.bundles)
        given |= {"FHIR bundles": of_bundles, "FHIR bundles, and the chart": of_bundles}
        measured: list[dict] = []
        for name, (path, size, items) in given.items():
            _say(f"{name}, {args.rounds} rounds")
            homes = folder / f"homes-{len(measured)}"
            measured.append(_measure(name, path, size, items, plain[name], args.rounds, homes))
        answer = {
            "rounds": args.rounds,
            "members": args.members,
            "measured": measured,
            "goal": f"at most {GOAL} × each",
        }
        sizes = (args.large_mb, 4 * args.large_mb) if args.large_mb else ()
        return answer | {"large_bundles": [_memory_of(folder, megabytes, args.seed) for megabytes in sizes]}
    finally:
        from carewright.plumbing import embedded_postgres, home

        if not os.environ.get("DATABASE_URL"):
            embedded_postgres.Server(home.current()).remove()
        shutil.rmtree(folder, ignore_errors=True)


def _measure(
    name: str, path: Path, size: int, items: int, plain: Callable[[], Took], rounds: int, folder: Path
) -> dict:
    ours, theirs = [], []
    for number in range(rounds):
        theirs.append(plain())
        ours.append(_ingest(path, folder / f"round-{number}", into_chart=name.endswith("chart")))
    seconds, against = median(took.seconds for took in ours), median(took.seconds for took in theirs)
    processor, against_processor = median(took.processor for took in ours), median(took.processor for took in theirs)
    return {
        "what": name,
        "megabytes": round(size / 1e6, 1),
        "items": items,
        "seconds": round(seconds, 2),
        "against_seconds": round(against, 2),
        "ratio": round(seconds / against, 2),
        "processor": round(processor, 2),
        "processor_ratio": round(processor / against_processor, 2),
        "items_per_second": round(items / seconds),
    }


def _memory_of(folder: Path, megabytes: int, seed: int) -> dict:
    """Seconds and peak memory of a process that takes in one bundle of this size, many people together."""
    _say(f"one bundle of {megabytes} MB")
    path, chance, number = folder / "large.json", random.Random(seed), 0  # noqa: S311 (invented people, not secrets)
    with path.open("wb") as file:
        file.write(b'{"resourceType": "Bundle", "type": "collection", "entry": [')
        while file.tell() < megabytes * 1_000_000:
            entries = orjson.dumps(_bundle(number, chance)["entry"])[1:-1]
            file.write(b", " + entries if number else entries)
            number += 1
        file.write(b"]}")
    began = time.perf_counter()
    command = [sys.executable, "-m", "carewright.cli", "ingest", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return {
        "megabytes": megabytes, "people": number, "seconds": round(time.perf_counter() - began, 1),
        "processor": round(usage.ru_utime + usage.ru_stime, 1), "peak_memory_mb": usage.ru_maxrss // 1024,
    }  # fmt: skip


def _took(work: Callable[[], object]) -> Took:
    wall, busy = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - busy)


def _ingest(path: Path, scratch: Path, *, into_chart: bool) -> Took:
    """
    How long one ingest takes into an empty home. The home is removed at the very end: ext4 does not give out again at
    once what was just deleted, and looks for every new file past all of it, so that removing ten thousand files made
    the next round ten times as slow at making them.
    """
    from django.utils import timezone

    from carewright.exchange import actions
    from carewright.exchange.batch import FileReport
    from carewright.exchange.models import Delivery
    from carewright.plumbing.home import Home

    reports: list[FileReport] = []
    took = _took(
        lambda: reports.extend(
            actions.ingest([path], by=WHO_ASKS, at=timezone.now(), home=Home(scratch), into_chart=into_chart)
        )
    )
    wrong = [report.problem for report in reports if report.problem or not report.rows_kept]
    if wrong:
        raise RuntimeError(f"The bench's own file could not be read: {wrong[0]}")
    Delivery.objects.filter(delivery_id__in=[report.delivery_id for report in reports]).delete()
    return took


def _duckdb(source: str, folder: Path) -> Took:
    """How long DuckDB alone takes to turn the same file into Parquet, with two threads and 4 GB."""
    out = folder / "plain.parquet"
    with duckdb.connect() as con:
        con.execute("set threads = 2; set memory_limit = '4GB'")
        took = _took(lambda: con.execute(f"copy (select * from {source}) to '{out}' (format parquet)"))
    out.unlink()
    return took


def _orjson(folder: Path) -> Took:
    """How long orjson alone takes to parse the same bundles, one after the other."""

    def work() -> None:
        for path in sorted(folder.iterdir()):
            orjson.loads(path.read_bytes())

    return _took(work)


def _claims(folder: Path, members: int, seed: int) -> tuple[Path, Path, int]:
    """Invented medical claims as one CSV.gz and one Parquet file, as a payer would send them: every column as text."""
    from django.utils import timezone

    from carewright.demo import world

    _say(f"inventing the claims of {members:,} members")
    world.write(folder / "world", members=members, seed=seed, as_of=timezone.localdate())
    files = [str(path) for path in (folder / "world").rglob("*medical*.parquet")]
    csv_path, parquet_path = folder / "medical_claim.csv.gz", folder / "medical_claim.parquet"
    with duckdb.connect() as con:
        con.execute("set threads = 2; set memory_limit = '4GB'")
        rows = f"read_parquet({files}, union_by_name = true)"
        con.execute(f"copy (select * from {rows}) to '{parquet_path}' (format parquet)")
        con.execute(f"copy (select * from {rows}) to '{csv_path}' (format csv, header, compression gzip)")
        [[lines]] = con.execute(f"select count(*) from read_parquet('{parquet_path}')").fetchall()
    shutil.rmtree(folder / "world")
    return csv_path, parquet_path, lines


def _bundles(folder: Path, count: int, seed: int) -> Path:
    """Small FHIR R4 bundles, one person each: a visit, two conditions, four measurements, a medicine."""
    _say(f"inventing {count:,} FHIR bundles")
    folder.mkdir()
    chance = random.Random(seed)  # noqa: S311 (invented people, not secrets)
    for number in range(count):
        (folder / f"{number:06}.json").write_bytes(orjson.dumps(_bundle(number, chance)))
    return folder


def _bundle(number: int, chance: random.Random) -> dict:
    person, visit = f"person-{number}", f"visit-{number}"
    day = date(2026, 1, 1) + timedelta(days=chance.randrange(300))
    subject = {"reference": f"Patient/{person}"}
    resources: list[dict] = [
        {
            "resourceType": "Patient", "id": person, "gender": chance.choice(["female", "male"]),
            "birthDate": (date(1930, 1, 1) + timedelta(days=chance.randrange(25_000))).isoformat(),
            "name": [{"family": f"Family{number}", "given": ["Given"]}],
            "address": [{"line": ["1 Main St"], "city": "Riverside", "state": "CA", "postalCode": "92501"}],
        },
        {
            "resourceType": "Encounter", "id": visit, "status": "finished", "class": {"code": "AMB"}, "subject": subject,
            "period": {"start": f"{day}T09:00:00-05:00", "end": f"{day}T09:30:00-05:00"},
        },
    ]  # fmt: skip
    for place, (code, words) in enumerate((("E11.9", "Type 2 diabetes mellitus"), ("I10", "Hypertension"))):
        resources.append(
            {
                "resourceType": "Condition", "id": f"condition-{number}-{place}", "subject": subject,
                "clinicalStatus": {"coding": [{"code": "active"}]}, "recordedDate": day.isoformat(),
                "encounter": {"reference": f"Encounter/{visit}"},
                "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": code, "display": words}]},
            }
        )  # fmt: skip
    for place, (code, words, unit, low, high) in enumerate(
        (("8480-6", "Systolic blood pressure", "mm[Hg]", 100, 180), ("8462-4", "Diastolic blood pressure", "mm[Hg]", 60, 110),
         ("29463-7", "Body weight", "kg", 50, 120), ("4548-4", "Hemoglobin A1c", "%", 5, 11))
    ):  # fmt: skip
        resources.append(
            {
                "resourceType": "Observation", "id": f"observation-{number}-{place}", "status": "final",
                "subject": subject, "effectiveDateTime": f"{day}T09:10:00-05:00",
                "category": [{"coding": [{"code": "laboratory" if unit == "%" else "vital-signs"}]}],
                "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": words}]},
                "valueQuantity": {"value": chance.randint(low, high), "unit": unit, "code": unit},
            }
        )  # fmt: skip
    resources.append(
        {
            "resourceType": "MedicationRequest", "id": f"medicine-{number}", "status": "active", "intent": "order",
            "subject": subject, "authoredOn": day.isoformat(),
            "medicationCodeableConcept": {
                "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "860975"}],
                "text": "Metformin 500 MG",
            },
        }
    )  # fmt: skip
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in resources]}


def _say(what: str) -> None:
    print(f"  {what}", file=sys.stderr, flush=True)
