"""
What changed for people since a file came: who entered or left a program's list, or rose or fell a band, in the run that
was the first to count the file.

A run counts everything that has landed, and the days that passed. So what changed is the run's, and the page says how
many other files that run was the first to count. Only of the current run is it told: the lists of earlier ones are gone.
"""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import ngettext

from carewright.exchange.models import Delivery
from carewright.knowledge.programs import name_of
from carewright.population.models import Movement, Run
from carewright.population.queries import Reader, moved_counts
from carewright.population.wording import translated


@dataclass(frozen=True)
class Moved:
    """One line: how many people, in words, by which programs, and the list of them."""

    people: int
    said: str
    programs: str
    href: str


@dataclass(frozen=True)
class Changed:
    """What the report says about people."""

    run: Run | None = None
    """The first run that counted the file; None while none has."""
    others: int = 0
    """How many other files that run was the first to count."""
    lines: list[Moved] = field(default_factory=list)

    @property
    def is_followed(self) -> bool:
        """Whether a later run has taken that run's place."""
        return self.run is not None and not self.run.is_current


def since(delivery: Delivery, reader: Reader) -> Changed | None:
    """What the first run that counted this file changed; None for a file of which nothing landed."""
    if delivery.state != Delivery.State.LANDED or not delivery.rows_kept or delivery.finished_at is None:
        return None
    run = Run.objects.filter(received_at__gt=delivery.finished_at).order_by("received_at", "pk").first()
    if run is None or not run.is_current or run.closed_at:
        return Changed(run)
    return Changed(run, _others(run, delivery), _lines(run, reader))


def _others(run: Run, delivery: Delivery) -> int:
    counted = Delivery.objects.landed().filter(finished_at__lt=run.received_at, rows_kept__gt=0).exclude(pk=delivery.pk)
    return (counted.filter(finished_at__gte=run.before.received_at) if run.before else counted).count()


def _lines(run: Run, reader: Reader) -> list[Moved]:
    people = moved_counts(reader, run)
    rows = reader.visible(Movement.objects.filter(run=run, seen=reader.seen, change__in=("entered", "left")))
    by_program: dict[str, list[str]] = {}
    for row in rows.values("change", "program").annotate(people=Count("patient")).order_by("-people", "program"):
        by_program.setdefault(row["change"], []).append(f"{translated(name_of(row['program']))} {row['people']:,}")
    return [
        Moved(count, _said(change, count), ", ".join(by_program.get(change, ())), _address(change))
        for change in ("entered", "left", "rose", "fell")
        if (count := people.get(change, 0))
    ]


def _address(change: str) -> str:
    return f"{reverse('population:candidates')}?{urlencode({'state': 'all', 'moved': change})}"


def _said(change: str, count: int) -> str:
    match change:
        case "entered":
            said = ngettext("%(n)s person entered a program's list", "%(n)s people entered a program's list", count)
        case "left":
            said = ngettext("%(n)s person left a program's list", "%(n)s people left a program's list", count)
        case "rose":
            said = ngettext("%(n)s person rose a band", "%(n)s people rose a band", count)
        case _:
            said = ngettext("%(n)s person fell a band", "%(n)s people fell a band", count)
    return said % {"n": f"{count:,}"}
