"""
A second, obvious reading of stays, emergency visits and readmissions, to compare the warehouse with.

It is slow and plain on purpose, and written another way than the steps: one person at a time, days as sets, pieces that
belong together found by walking from one to the next until nothing more belongs. It shares no code with the steps.
"""

from dataclasses import dataclass
from datetime import date, timedelta

ONE = timedelta(days=1)
LEFT_FOR_ANOTHER = {"02", "05", "09", "43", "62", "63", "65", "66", "69", "70"} | {
    "82", "85", "88", "90", "91", "93", "94", "95",
}  # fmt: skip
ACUTE_ELSEWHERE = {"02", "05", "09", "43", "66", "69", "82", "85", "88", "94"}
DEAD = {"20", "40", "41", "42"}


@dataclass(frozen=True)
class Bed:
    """One hospital bill: its days (both included), where, and how it ended."""

    claim_id: str
    start: date
    end: date
    facility: str | None
    status: str
    urgent: bool


@dataclass(frozen=True)
class Emergency:
    """One emergency bill: a facility's (with its place) or a doctor's (without), for the visit or for something else."""

    claim_id: str
    start: date
    end: date
    facility: str | None
    by_doctor: bool
    bills_visit: bool = True


@dataclass(frozen=True)
class Stay:
    claim_ids: frozenset[str]
    start: date
    end: date
    status: str


def days(start: date, end: date) -> set[date]:
    """Every day from start to end."""
    return {start + ONE * number for number in range((end - start).days + 1)}


def belongings(things: list, belong) -> list[list]:
    """Groups of things such that whatever belongs to a member is in the group too."""
    groups = []
    left = list(things)
    while left:
        group, fresh = [], [left.pop()]
        while fresh:
            member = fresh.pop()
            group.append(member)
            joining = [other for other in left if belong(member, other) or belong(other, member)]
            left = [other for other in left if other not in joining]
            fresh += joining
        groups.append(group)
    return groups


def carries_on(first: Bed, second: Bed) -> bool:
    """Whether the second bed is the same stay as the first one."""
    if days(first.start, first.end) & days(second.start, second.end):
        return True
    if second.start - first.end != ONE:
        return False
    if first.status in LEFT_FOR_ANOTHER or first.status == "30":
        return True
    return None not in (first.facility, second.facility) and first.facility != second.facility


def stays(beds: list[Bed], today: date) -> list[Stay]:
    """The stays of one person, in order. Beds of one day belong together even when only one of them was moved."""
    found = []
    for group in belongings(beds, carries_on):
        latest = max(group, key=lambda bed: (bed.end, bed.status != "30", bed.start, bed.claim_id))
        found.append(
            Stay(frozenset(bed.claim_id for bed in group), min(b.start for b in group), latest.end, latest.status)
        )
    return sorted(found, key=lambda stay: stay.start)


def is_over(stay: Stay, all_stays: list[Stay], today: date) -> bool:
    """Whether the person has left, as far as the bills tell."""
    if stay.status != "30":
        return True
    return today - stay.end > 60 * ONE or any(other.start > stay.end for other in all_stays)


def emergency_visits(bills: list[Emergency], stays_: list[Stay], today: date) -> list[tuple[frozenset[str], bool]]:
    """The emergency visits of one person: the bills of each, and whether it led to a stay."""
    places = belongings(
        [bill for bill in bills if not bill.by_doctor],
        lambda a, b: a.facility == b.facility and bool(days(a.start, a.end) & days(b.start, b.end)),
    )
    visits = [list(group) for group in places]

    def span(group):
        return min(bill.start for bill in group), max(bill.end for bill in group)

    spans = [(*span(group), group[0].facility) for group in visits]
    alone: dict[date, list[Emergency]] = {}
    for bill in (bill for bill in bills if bill.by_doctor):
        around = [number for number, (start, end, _) in enumerate(spans) if start <= bill.start <= end]
        if around:
            first = min(around, key=lambda number: (spans[number][0], spans[number][2]))
            visits[first].append(bill)
        else:
            alone.setdefault(bill.start, []).append(bill)
    spans = [(start, end) for start, end, _ in spans] + [(day, day) for day in alone]
    visits += list(alone.values())

    by_stay: dict[Stay, set[str]] = {}
    free = []
    for group, (start, end) in zip(visits, spans, strict=True):
        named = {bill.claim_id for bill in group}
        led_to = None
        for stay in stays_:
            leaves = stay.end if is_over(stay, stays_, today) else date.max
            came_in = bool(days(start, end) & {stay.start - ONE, stay.start}) or (start <= stay.start - ONE <= end)
            lies_in = stay.start < start < leaves
            if came_in or lies_in:
                led_to = stay
                break
        if led_to:
            by_stay.setdefault(led_to, set()).update(named)
        else:
            free.append((frozenset(named), False))
    said = {bill.claim_id for bill in bills if bill.bills_visit}
    return [one for one in free if one[0] & said] + [(frozenset(named), True) for named in by_stay.values()]


def readmissions(stays_: list[Stay], today: date) -> set[tuple[date, date, bool]]:
    """(discharge, return, thirty days are over) of one person who was always covered."""
    found = set()
    for stay in stays_:
        if stay.status in DEAD | ACUTE_ELSEWHERE | {"07"} or stay.status == "30":
            continue
        for number in range(1, 31):
            back = [other for other in stays_ if other.start == stay.end + ONE * number]
            if back:
                found.add((stay.end, back[0].start, stay.end + 30 * ONE <= today))
                break
    return found
