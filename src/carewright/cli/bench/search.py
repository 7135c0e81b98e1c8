"""
search: how quickly a person is found among a million, behind row-level security.

A scratch database is filled with invented people by SQL, and asked as two colleagues: one with a tie to everyone, one
with a caseload of sixty. Each question goes through the guard and the registry's search, as the page's does.
"""

import argparse
import random
import statistics
import time
from datetime import date
from pathlib import Path

from carewright.cli.bench.scratch import scratch_home
from carewright.registry.matching.invented import FAMILIES, MEN, WOMEN

TAIL = (
    "ber",
    "son",
    "ic",
    "ova",
    "mann",
    "ski",
    "ez",
    "ado",
    "eau",
    "ley",
    "wick",
    "ford",
    "etti",
    "akis",
    "enko",
    "sen",
)
FILL = """
insert into registry_patient (public_id, given_name, family_name, name_suffix, sort_name, given_key, born_on, sex, race,
    ethnicity, language, payer, identity_in_doubt, evidence, run_id)
select gen_random_uuid(), given, family, '', lower(family || ' ' || given), lower(given),
    date '1928-01-01' + (random() * 35000)::int, 'female', '', '', 'en', 'Payer ' || (n %% 5), false, '', ''
from (
    select n, (%(given)s::text[])[1 + floor(-ln(1 - random() * 0.98) / 4.0 * array_length(%(given)s::text[], 1))::int] as given,
        (%(family)s::text[])[1 + floor(-ln(1 - random() * 0.98) / 4.0 * array_length(%(family)s::text[], 1))::int]
        || case when n %% 3 = 0 then ' ' || (%(family)s::text[])[1 + floor(random() * array_length(%(family)s::text[], 1))::int]
           when n %% 3 = 1 then (%(tail)s::text[])[1 + floor(random() * array_length(%(tail)s::text[], 1))::int] else '' end
        as family
    from generate_series(1, %(people)s) n
) drawn
"""
MORE = (
    "insert into registry_contactpoint (patient_id, kind, value, best_time) select id, 'phone',"
    " '413-' || lpad((200 + id % 700)::text, 3, '0') || '-' || lpad(((id * 7919) % 10000)::text, 4, '0'), '' from registry_patient",
    "insert into registry_identifier (patient_id, system, assigner, value) select id, 'mrn', 'General', 'H' || (10000000 + id)"
    " from registry_patient",
    "insert into registry_coverage (patient_id, payer, payer_type, plan, member_id, dual_status_code, starts_on, source)"
    " select id, payer, '', '', 'M' || (50000000 + id), '', date '2024-01-01', 'bench' from registry_patient",
    "vacuum analyze registry_patient, registry_nameword, registry_contactpoint, registry_identifier, registry_coverage",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=int, default=1_000_000, help="how many people")
    parser.add_argument("--questions", type=int, default=100, help="how many of each kind")
    parser.add_argument("--keep", type=Path, help="a folder for the scratch home, kept and used again")


def run(args: argparse.Namespace) -> dict:
    """Fill, ask, and answer with p50 and p95 in milliseconds per kind of question."""
    with scratch_home(args.keep):
        started = time.monotonic()
        _fill(args.people)
        filled = round(time.monotonic() - started, 1)
        everyone, few = _colleagues()
        return {
            "people": args.people, "filled_in_seconds": filled,
            "a tie to everyone": _ask(everyone, args.questions, few=None),
            "a caseload of sixty": _ask(few, args.questions, few=few),
        }  # fmt: skip


def _fill(people: int) -> None:
    from django.db import connection

    from carewright.cli import upgrade
    from carewright.registry.models import Patient

    upgrade.upgrade(report=lambda line: None)
    if Patient.objects.exists():
        return
    names = {"given": sorted({*WOMEN, *MEN}, key=lambda name: hash_of(name)), "family": FAMILIES, "tail": list(TAIL)}
    plain = {kind: [name for name in listed if name.isascii() and name.isalpha()] for kind, listed in names.items()}
    with connection.cursor() as cursor:
        cursor.execute("select setseed(0.42)")
        cursor.execute(FILL, plain | {"people": people})
        for statement in MORE:
            cursor.execute(statement)


def hash_of(name: str) -> int:
    """An order of names that is neither the alphabet's nor another one on another day."""
    return sum(ord(letter) * 31**place for place, letter in enumerate(name)) % 1009


def _colleagues() -> tuple:
    from carewright.access.models import EVERYONE, Tie
    from carewright.registry.models import Patient
    from carewright.staff.models import User

    found = []
    for email in ("everyone@example.org", "few@example.org"):
        user, is_new = User.objects.get_or_create(
            email=email, defaults={"first_name": "Bench", "last_name": "One", "role": "supervisor", "password": "!"}
        )
        if is_new and email.startswith("everyone"):
            Tie.objects.create(user=user, population=EVERYONE, because="oversight", starts_on=date(2024, 1, 1))
        elif is_new:
            few = Patient.objects.order_by("public_id")[:60]
            Tie.objects.bulk_create(
                Tie(user=user, patient=patient, because="caseload", starts_on=date(2024, 1, 1)) for patient in few
            )
        found.append(user)
    return tuple(found)


def _ask(user, questions: int, *, few) -> list[dict]:
    from django.utils import timezone

    from carewright.access import guard
    from carewright.access.actor import acting_as
    from carewright.registry import queries
    from carewright.registry.models import Patient

    draw = random.Random(7)  # noqa: S311 - which questions are asked
    theirs = Patient.objects.filter(ties__user=few).order_by("pk") if few else Patient.objects.order_by("public_id")
    sample = list(theirs[: max(questions, 60)])
    today = timezone.localdate()
    answers = []
    for kind, ask in KINDS.items():
        times, found = [], 0
        for _ in range(questions):
            asked = ask(draw, draw.choice(sample))
            with acting_as(user):
                started = time.perf_counter()
                people = queries.find(asked, among=guard.patients_for(user, on=today))
                times.append((time.perf_counter() - started) * 1000)
            found += bool(people)
        answers.append({"asked by": kind, "p50_ms": round(statistics.median(times), 1),
                        "p95_ms": round(sorted(times)[int(0.95 * len(times)) - 1], 1), "found": f"{found} of {questions}"})  # fmt: skip
    return answers


def _slip(draw: random.Random, name: str) -> str:
    at = draw.randrange(1, len(name))
    return name[:at] + draw.choice("aeiortn") + name[at + 1 :]


def _phone(patient) -> str:
    return patient.contact_points.first().value if patient.pk else ""


KINDS = {
    "two letters of a family name": lambda draw, p: p.family_name[:2],
    "four letters of a family name": lambda draw, p: p.family_name[:4],
    "family name": lambda draw, p: p.family_name,
    "second family name": lambda draw, p: p.family_name.split()[-1],
    "given name": lambda draw, p: p.given_name,
    "given and family name": lambda draw, p: f"{p.given_name} {p.family_name}",
    "family, given": lambda draw, p: f"{p.family_name}, {p.given_name[:3]}",
    "a slip of the pen in both": lambda draw, p: f"{_slip(draw, p.given_name)} {_slip(draw, p.family_name.split()[0])}",
    "a slip of the pen in one": lambda draw, p: _slip(draw, p.family_name.split()[0]),
    "nobody of that name": lambda draw, p: f"{p.given_name} qqzx",
    "birth date": lambda draw, p: f"{p.born_on:%m/%d/%Y}",
    "name and birth date": lambda draw, p: f"{p.family_name[:3]} {p.born_on:%m/%d/%Y}",
    "phone": lambda draw, p: _phone(p),
    "record number": lambda draw, p: f"H{10_000_000 + p.pk}",
    "beginning of a member number": lambda draw, p: f"M{50_000_000 + p.pk}"[:7],
}
