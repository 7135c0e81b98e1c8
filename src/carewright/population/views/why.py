"""Why is this person here? Every line of every rule, the score's parts, and the claim lines behind each."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from carewright.access import guard, sensitive
from carewright.plumbing import home
from carewright.population import fact, forms, joined, opened, person, queries
from carewright.population.deciding import Deciding
from carewright.population.filters import Filters
from carewright.population.models import Score
from carewright.population.refusals import refusals
from carewright.population.views.lists import reader_of
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.warehouse import evidence

FACTS_SHOWN = 200


@require_GET
@guard.requires(Permission.SEE_CANDIDATES)
def why(request: StaffRequest, public_id) -> HttpResponse:
    """One person as of the latest run: rules, score, facts; opening it is written down."""
    patient = guard.open_patient(request, public_id)
    run, reader = queries.current_run(), reader_of(request)
    if run is None:
        return render(request, "population/no_run.html")
    counted = joined.how_counted(run, patient)
    row = Score.objects.filter(run=run, patient=patient).first()
    if row is None:
        return render(request, "population/not_in_run.html", {"patient": patient, "run": run, "counted": counted})
    chosen = queries.offered(reader, Filters.read(request.GET, state="waiting"))
    neighbors = _neighbors(reader, run, row, chosen)
    context = person.everything(reader, run, patient, row, on=timezone.localdate()) | neighbors
    may_decide = request.user.may(Permission.DECIDE_CANDIDATES) and request.break_glass is None
    context |= {
        "counted": counted,
        "may_decide": may_decide,
        "may_accept": may_decide and not refusals([patient], on=timezone.localdate()),
        "read_only": request.break_glass is not None,
        "may_lift": may_decide
        and (context["decision"] is None or context["decision"].decision != "excluded"
             or request.user.may(Permission.MANAGE_PROGRAMS)),
        "lift": forms.Lift(),
        "not_now": forms.NotNow(),
        "exclude": forms.Exclude(),
        "back": reverse("population:candidates") + (f"?{chosen.address()}" if chosen.address() else ""),
        "address": chosen.address(),
    }  # fmt: skip
    return render(request, "population/why.html", context)


def _neighbors(reader, run, row: Score, chosen: Filters) -> dict:
    """The previous and the next person of the list this one was opened from, in the order of the score."""
    rows = queries.people(reader, run, chosen).select_related("patient")
    rank = f"{reader.prefix}rank"
    before = rows.filter(**{f"{rank}__lt": getattr(row, rank)}).order_by(f"-{rank}").first()
    after = rows.filter(**{f"{rank}__gt": getattr(row, rank)}).order_by(rank).first()
    return {"before": before, "after": after}


@require_GET
@guard.requires(Permission.SEE_CANDIDATES)
def facts(request: StaffRequest, public_id) -> HttpResponse:
    """The landed rows behind one line, part or fact of this person: as they were sent, with file, line and day."""
    patient = guard.open_patient(request, public_id)
    run, reader = queries.current_run(), reader_of(request)
    if run is None:
        raise Http404
    found = opened.evidence_of(reader, run, patient, request.GET.get("of", ""), request.GET.get("id", ""))
    if found is None:
        raise Http404
    title, ids, decide = found
    # Amounts stand on every line of a claim: only whole claims add up to what a month cost.
    whole = request.GET.get("of", "").startswith("month:")
    rows = [
        one
        for one in evidence.open_rows(home.current(), ids[:FACTS_SHOWN], whole_claims=whole)
        if not (person.tags_of(one) & reader.hidden)
    ]
    names = fact.names_on_file(run, rows)
    context = {
        "patient": patient,
        "name": person.name_for(reader, patient),
        "title": title,
        "rows": [_shown(one, reader, names, decide) for one in sorted(rows, key=fact.in_order)],
        "asked": len(ids),
        "limit": FACTS_SHOWN,
        "run": run,
        "reader": reader,
    }
    return render(request, "population/facts.html", context)


def _shown(row, reader, names: dict[str, str], decide: Deciding) -> dict:
    """One landed row for the page: its cells by name, without who it is about for readers who see no names."""
    cells = [(name, value) for name, value in row.row.items() if value not in (None, "")]
    if not reader.sees_direct:
        cells = [(name, value) for name, value in cells if name not in person.DIRECT_COLUMNS]
    return {
        "id": row.evidence_id,
        "table": row.table,
        "source": row.source,
        "file": sensitive.file_name_shown(row.file_name, row.evidence_id.partition(":")[0], reader.user),
        "line": row.line,
        "is_taken_back": row.is_taken_back,
        "received_on": row.received_on if isinstance(row.received_on, date) else None,
        "cells": fact.cells_of(cells, names, decide),
        "raw": row.raw_line if reader.sees_direct else "",
        "landed": fact.as_landed(cells) if row.file_name.lower().endswith(".parquet") else "",
        "fact": fact.fact_of(row, names, decide),
    }
