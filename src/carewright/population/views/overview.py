"""The population in numbers, what the order is worth, and how fresh the data is."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.views.decorators.http import require_GET

from carewright.access import guard
from carewright.knowledge import ranking
from carewright.plumbing.charts import Point
from carewright.population import labels, overview, queries, worth
from carewright.population.models import Freshness, FreshnessMonth, UnknownCode
from carewright.population.views.lists import reader_of
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission


@require_GET
@guard.requires(Permission.SEE_POPULATION)
def numbers(request: StaffRequest) -> HttpResponse:
    """How many, by what is worth knowing; every number opens its list."""
    run, reader = queries.current_run(), reader_of(request)
    if run is None:
        return render(request, "population/no_run.html")
    whole, blocks = overview.blocks(reader, run)
    context = {
        "run": run,
        "reader": reader,
        "whole": whole,
        "blocks": blocks,
        "by_code": {block.code: block for block in blocks},
        "verdict_on_worth": worth.verdict(overview.worth(run)),
        "worth": [block for block in overview.worth(run) if not block["too_few"]],
        "worth_too_few": [block for block in overview.worth(run) if block["too_few"]],
        "data_state": queries.data_state(run),
        "moved": queries.moved_counts(reader, run),
        "sees_nobody": labels.sees_nobody() if queries.sees_nobody(reader, run) else None,
        "small": overview.SMALL,
        "ranking": ranking,
    }
    return render(request, "population/overview.html", context)


@require_GET
@guard.requires_one_of(Permission.SEE_POPULATION, Permission.SEE_CANDIDATES)
def freshness(request: StaffRequest) -> HttpResponse:
    """How we know how complete the claims are: each feed, month by month."""
    run = queries.current_run()
    if run is None:
        return render(request, "population/no_run.html")
    state = queries.data_state(run)
    months: dict[str, list[FreshnessMonth]] = {}
    for row in FreshnessMonth.objects.filter(run=run).order_by("feed", "month"):
        months.setdefault(row.feed, []).append(row)
    feeds = [_feed(feed, months.get(feed.feed, [])[-24:]) for feed in state.feeds]
    kinds = list(UnknownCode.objects.filter(run=run).order_by("code_system", "table"))
    context = {
        "run": run,
        "data_state": state,
        "feeds": [one for one in feeds if one["is_known"]],
        "others": [one for one in feeds if not one["is_known"]],
        "unknown_codes": kinds,
        "unnamed_codes": [row for row in kinds if row.share is None],
    }
    return render(request, "population/freshness.html", context)


def _feed(feed: Freshness, months: list[FreshnessMonth]) -> dict:
    """One feed: its months for the table, and the latest of them as a picture where any completeness is known."""
    points = [_point(row) for row in months]
    return {
        "feed": feed,
        "months": months,
        "points": points[-13:],
        "is_known": any(point.value is not None for point in points),
    }


def _point(row: FreshnessMonth) -> Point:
    value = None if row.completeness is None else round(min(row.completeness, 1.0) * 100)
    kind = "bad" if row.is_short else "mid" if value is not None and value < 90 else "low"
    return Point(date_format(row.month, "M y"), value, kind if value is not None else "")


__all__ = ["freshness", "labels", "numbers"]
