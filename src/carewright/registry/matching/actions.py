"""
Looking for records that are one person, joining the sure ones, and putting the others before a person.

Every night everybody is compared. When files make people known, those are compared at once by the numbers they share
(`on_arrival`), and soon after by likelihood, in a job of their own (`SOON`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from carewright.audit import actions as audit
from carewright.kernel.errors import CannotDo, NotNow
from carewright.plumbing import jobs
from carewright.registry import joining
from carewright.registry.matching import likelihood, records, rules
from carewright.registry.matching.described import Described
from carewright.registry.matching.rules import Verdict
from carewright.registry.models import Join, Patient, PossibleMatch

LOCK = 4_021_981
"""Two machines never match at once."""

SOON = "match_newcomers"
"""The job that compares those who arrived with everybody who looks like them."""

TOO_MANY = 50_000
"""So many newcomers are a first load of a whole plan: the night compares them, when nobody works."""

SAME_MEMBER = """
select distinct least(a.patient_id, b.patient_id), greatest(a.patient_id, b.patient_id)
from registry_coverage a
inner join registry_coverage b on b.member_id = a.member_id and b.payer = a.payer and b.patient_id <> a.patient_id
inner join registry_patient p on p.id = a.patient_id and p.merged_into_id is null
inner join registry_patient q on q.id = b.patient_id and q.merged_into_id is null
    and q.sort_name = p.sort_name and q.born_on = p.born_on
where a.member_id <> '' and a.patient_id > %s
order by 1, 2
"""
"""Newcomers who have a member number, a name and a birth date of somebody else; whether they are one, the rules say."""


@dataclass(frozen=True)
class Found:
    """What came of one look at everybody: how many records, how many pairs joined, how many now wait for a person."""

    records: int
    joined: int
    waiting: int


@contextmanager
def on_arrival(*, by, at: datetime) -> Iterator[None]:
    """
    Around whatever makes people known: those who are new are compared with everybody they may be.

    At once by the member numbers they share, so that the sure ones are one person from the start; by likelihood soon
    after, in a job. Nothing happens when nobody was new.
    """
    newest = newest_record()
    yield
    arrived = Patient.objects.filter(pk__gt=newest).count()
    if arrived:
        join_by_member_number(newer_than=newest, by=by, at=at)
        if arrived <= TOO_MANY:
            transaction.on_commit(lambda: jobs.defer(SOON, once=SOON, newer_than=newest))


def newest_record() -> int:
    """The key of the youngest record; what comes later has a larger one."""
    return Patient.every_record.aggregate(newest=Max("pk"))["newest"] or 0


def join_by_member_number(*, newer_than: int, by, at: datetime) -> int:
    """
    Join newcomers who share a member number, the name and the birth date with somebody else, and nothing speaks against it.

    Answers how many. No likelihood is asked: the rules alone decide, and two whom a person kept apart stay apart.
    """
    with connection.cursor() as cursor:
        cursor.execute(SAME_MEMBER, [newer_than])
        pairs = [(low, high) for low, high in cursor.fetchall()]
    known = records.everyone({one for pair in pairs for one in pair}) if pairs else {}
    decided = _decided()
    joined: set[int] = set()
    for low, high in pairs:
        if (low, high) in decided or joined & {low, high}:
            continue
        verdict = rules.judge(known[low], known[high])
        if verdict.kind == rules.SAME and join_pair((low, high), verdict, by=_machine(by), at=at):
            joined |= {low, high}
    return len(joined) // 2


def _machine(by) -> str:
    """Who joins is the house, whoever brought the file: a join that no person decided is the machine's."""
    return by if isinstance(by, str) else "system:matching"


def find_matches(*, by: str, at: datetime, newer_than: int | None = None) -> Found:
    """
    Compare everybody with everybody who looks alike; join the sure pairs, let the unsure ones wait.

    A record is joined at most once per look: what it became is compared anew the next time. Pairs that a person decided
    are left alone. Each pair stands or falls by itself: one that cannot be joined waits instead. With `newer_than` only
    pairs with a newcomer (a larger key) are looked at. Raises NotNow while another look is under way.
    """
    with _alone():
        return _find(by=by, at=at, newer_than=newer_than)


def _find(*, by: str, at: datetime, newer_than: int | None) -> Found:
    everyone = records.everyone(None if newer_than is None else records.beside_newcomers(newer_than))
    decided = _decided()
    joined: set[int] = set()
    count = waiting = 0
    for pair, verdict in judged(everyone.values(), everyone, of=Patient.objects.count()):
        if pair in decided or joined & set(pair) or (newer_than is not None and max(pair) <= newer_than):
            continue
        if verdict.kind == rules.SAME and join_pair(pair, verdict, by=by, at=at):
            joined |= set(pair)
            count += 1
        elif verdict.kind != rules.DIFFERENT:
            waiting += let_wait(pair, verdict.reasons, score=verdict.score, by=by, at=at)
    audit.happened("looked_for_matches", by=by, after={"records": len(everyone), "joined": count, "waiting": waiting})
    return Found(len(everyone), count, waiting)


def _decided() -> set[tuple[int, int]]:
    """The pairs that somebody, or a join, has decided."""
    rows = PossibleMatch.objects.exclude(state=PossibleMatch.State.WAITING)
    return set(rows.values_list("patient", "other"))


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the looking for matches for one process at a time."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise NotNow(_("Somebody is looking for matches right now. What arrived meanwhile is looked at next."))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [LOCK])


def judged(
    people: Iterable[Described], by_id: dict[int, Described], *, of: int | None = None
) -> Iterable[tuple[tuple[int, int], Verdict]]:
    """Every pair that splink finds likely, with what the rules say of it; the likeliest first."""
    likely = sorted(likelihood.likely_pairs(people, of=of), key=lambda pair: (-pair[2], pair[0], pair[1]))
    for one, other, score in likely:
        yield (one, other), rules.judge(by_id[one], by_id[other], score=score)


def join_pair(pair: tuple[int, int], verdict: Verdict, *, by: str, at: datetime) -> Join | None:
    """Join one sure pair into the older record; nothing when it cannot be, and then it waits for a person."""
    keep, other = Patient.objects.filter(pk__in=pair).order_by("pk")
    try:
        with transaction.atomic():
            return joining.merge(keep=keep, other=other, why=verdict.why, by=by, at=at, score=verdict.score)
    except CannotDo:
        return None


def let_wait(pair: tuple[int, int], reasons: list[str], *, by: str, at: datetime, score: float | None = None) -> int:
    """Put a pair before a person; answers 1 when it did not wait already. What a person decided stays decided."""
    low, high = sorted(pair)
    match = PossibleMatch.objects.filter(patient_id=low, other_id=high).first()
    if match is None:
        match = PossibleMatch(patient_id=low, other_id=high, found_at=at, reasons=reasons, score=score)
        with audit.change(match, by=by, did="suggest_match"):
            pass
        return 1
    if match.state == PossibleMatch.State.WAITING and (match.reasons != reasons or match.score != score):
        with audit.change(match, by=by, did="suggest_match"):
            match.reasons, match.score = reasons, score
    return 0
