"""Looking for records that are one person, joining the sure ones, and putting the others before a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from carewright.audit import actions as audit
from carewright.kernel.errors import CannotDo
from carewright.registry import joining
from carewright.registry.matching import likelihood, records, rules
from carewright.registry.matching.described import Described
from carewright.registry.matching.rules import Verdict
from carewright.registry.models import Join, Patient, PossibleMatch

LOCK = 4_021_981
"""Two machines never match at once."""


@dataclass(frozen=True)
class Found:
    """What came of one look at everybody: how many records, how many pairs joined, how many now wait for a person."""

    records: int
    joined: int
    waiting: int


def find_matches(*, by: str, at: datetime) -> Found:
    """
    Compare everybody with everybody who looks alike; join the sure pairs, let the unsure ones wait.

    A record is joined at most once per look: what it became is compared anew the next time. Pairs that a person decided
    are left alone. Each pair stands or falls by itself: one that cannot be joined waits instead.
    """
    everyone = records.everyone()
    decided = set(
        PossibleMatch.objects.exclude(state=PossibleMatch.State.WAITING).values_list("patient", "other")
    )  # fmt: skip
    joined: set[int] = set()
    count = waiting = 0
    for pair, verdict in judged(everyone.values(), everyone):
        if pair in decided or joined & set(pair):
            continue
        if verdict.kind == rules.SAME and join_pair(pair, verdict, by=by, at=at):
            joined |= set(pair)
            count += 1
        elif verdict.kind != rules.DIFFERENT:
            waiting += let_wait(pair, verdict.reasons, score=verdict.score, by=by, at=at)
    audit.happened("looked_for_matches", by=by, after={"records": len(everyone), "joined": count, "waiting": waiting})
    return Found(len(everyone), count, waiting)


def judged(people: Iterable[Described], by_id: dict[int, Described]) -> Iterable[tuple[tuple[int, int], Verdict]]:
    """Every pair that splink finds likely, with what the rules say of it; the likeliest first."""
    likely = sorted(likelihood.likely_pairs(people), key=lambda pair: (-pair[2], pair[0], pair[1]))
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
