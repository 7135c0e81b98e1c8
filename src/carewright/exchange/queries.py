"""What the imports pages ask: which files came, how full their columns usually are, what was set aside."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from django.db.models import Count, Max, QuerySet, Sum

from carewright.exchange import showing, words
from carewright.exchange.models import ColumnMap, Delivery
from carewright.plumbing.home import Home
from carewright.population.models import FreshnessMonth, Run
from carewright.staff.roles import Role
from carewright.warehouse import landing
from carewright.warehouse.layout import layouts

USUAL_OF = 6
"""How many earlier files of a feed say what is usual."""
DROPPED_BY = 0.05


def attention_count(user) -> int | None:
    """How many files wait for somebody, for the sidebar; nothing when there are none."""
    return Delivery.objects.needs_attention().count() or None


def deliveries_by_state() -> dict[str, int]:
    """How many files there are of each state, those of none too."""
    found = dict(Delivery.objects.order_by().values_list("state").annotate(count=Count("pk")))
    return {state: found.get(state, 0) for state in Delivery.State.values}


def deliveries(*, source: str = "", kind: str = "", state: str = "") -> QuerySet[Delivery]:
    """Files received, the latest first, as filtered."""
    found = Delivery.objects.all()
    if source:
        found = found.filter(source=source)
    if kind:
        found = found.filter(kind=kind)
    return found.filter(state=state) if state else found


def feeds() -> list[dict]:
    """Each feed and kind: when it was last seen, how many files and rows it has brought."""
    found = (
        Delivery.objects.landed()
        .values("source", "kind")
        .annotate(files=Count("id"), latest=Max("received_at"), kept=Sum("rows_kept"), aside=Sum("rows_rejected"))
        .order_by("source", "kind")
    )
    return [feed | {"kind_said": words.kind_said(feed["kind"])} for feed in found]


@dataclass(frozen=True)
class ColumnFilled:
    """How full a column is in this file, and how full it usually is in this feed."""

    found: str
    means: str
    words: str
    share: float | None
    usual: float | None
    unread: int = 0
    """How many rows were set aside for what stood in it."""

    @property
    def share_said(self) -> str:
        return _percent(self.share)

    @property
    def usual_said(self) -> str:
        return _percent(self.usual)

    @property
    def has_dropped(self) -> bool:
        return self.share is not None and self.usual is not None and self.share < self.usual - DROPPED_BY


def _percent(share: float | None) -> str:
    """A share in words; 99.96 % is not said to be all."""
    if share is None:
        return "—"
    return "100%" if share == 1 else f"{min(99.9, 100 * share):.1f}%"


def columns_read(delivery: Delivery) -> list[ColumnFilled]:
    """The columns of a file: those that fell below what is usual first, then as they stand; empty ones only if unusual."""
    earlier = (
        Delivery.objects.landed()
        .of_feed(delivery.source, delivery.kind)
        .filter(received_at__lt=delivery.received_at, rows_read__gt=0)
        .order_by("-received_at")[:USUAL_OF]
    )
    known = layouts()[delivery.kind].by_name if delivery.kind in layouts() else {}
    usual: dict[str, list[float]] = {}
    for each in earlier:
        for column in each.columns:
            if column["means"] and column["rows"]:
                usual.setdefault(column["means"], []).append(column["filled"] / column["rows"])
    unread: Counter[str] = Counter()
    for reason in delivery.reasons:
        unread[reason["column"]] += 0 if reason["kept"] else reason["rows"]
    found = []
    for column in delivery.columns:
        share = column["filled"] / column["rows"] if column["rows"] else None
        before = usual.get(column["means"])
        words = known[column["means"]].meaning if column["means"] in known else ""
        usually = median(before) if before else None
        line = ColumnFilled(column["found"], column["means"], words, share, usually, unread[column["found"]])
        if share or line.has_dropped:
            found.append(line)
    return sorted(_together(found), key=lambda line: (not line.has_dropped, not line.means))


def _together(lines: list[ColumnFilled]) -> Iterator[ColumnFilled]:
    """Numbered columns, such as twelve diagnoses, as one line: as full as the first of them."""
    first: dict[str, ColumnFilled] = {}
    last: dict[str, str] = {}
    for line in lines:
        stem = line.means.rstrip("0123456789")
        key = stem if stem.endswith("_") else line.found
        first.setdefault(key, line)
        last[key] = line.found
    for key, line in first.items():
        yield line if last[key] == line.found else replace(line, found=f"{line.found} … {last[key]}")


def months_of(delivery: Delivery) -> list[FreshnessMonth]:
    """How complete each of the last months of this feed is, by the run that is published; none before the first run."""
    run = Run.objects.in_force().first()
    if run is None:
        return []
    months = FreshnessMonth.objects.filter(run=run, feed=delivery.source).order_by("-month")[:8]
    return list(reversed(months))


def maps_in_force() -> list[ColumnMap]:
    """The latest version of each column map that is not retired."""
    latest: dict[str, ColumnMap] = {}
    for each in ColumnMap.objects.order_by("fingerprint", "-version").select_related("saved_by"):
        latest.setdefault(each.fingerprint, each)
    return sorted((each for each in latest.values() if not each.retired_at), key=lambda each: each.name.lower())


def rows_set_aside(home: Home, delivery: Delivery, *, role: Role | None) -> Iterator[list[str]]:
    """The file of rows set aside as somebody with this role may see it, header first; nothing when there is none."""
    path = home.set_aside / Path(delivery.rejects_path).name
    if not delivery.rejects_path or not path.exists():
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from showing.rows_shown(
            csv.reader(file), delivery, is_whole=showing.sees_whole(role), protected=landing.closed_sources(home)
        )
