"""The lists of people: candidates for a program, and any part of the population that a number opened."""

from dataclasses import replace

from django.contrib import messages
from django.core.paginator import Page
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from carewright.access import guard
from carewright.audit import actions as audit
from carewright.kernel.errors import CannotDo
from carewright.knowledge.programs import PROGRAMS, name_of
from carewright.plumbing.exports import as_csv
from carewright.plumbing.lists import SIZES, address_of, page_of
from carewright.population import actions, forms, joined, labels, queries
from carewright.population.filters import AGES, BANDS, DOORS, MOVES, SORTS, STATES, VERDICTS, Filters
from carewright.population.models import Run, SavedFilter
from carewright.population.queries import Reader
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission

EXPORT_LIMIT = 20_000


@require_GET
@guard.requires(Permission.SEE_CANDIDATES)
def candidates(request: StaffRequest) -> HttpResponse:
    """Whom to call first: ranked, each with the reasons, and what was done about them."""
    return _list(request, template="population/candidates.html", state="waiting", home="population:candidates")


@require_GET
@guard.requires(Permission.SEE_POPULATION)
def people(request: StaffRequest) -> HttpResponse:
    """Everyone a number of the overview counted."""
    return _list(request, template="population/people.html", state="all", home="population:people")


def _list(request: StaffRequest, *, template: str, state: str, home: str) -> HttpResponse:
    run = queries.current_run()
    if run is None:
        return render(request, "population/no_run.html")
    reader = reader_of(request)
    chosen = queries.offered(reader, Filters.read(request.GET, state=state))
    rows = queries.people(reader, run, chosen)
    page = page_of(queries.ordered(rows, reader, chosen), request.GET)
    shown = list(page.object_list)
    ids = [row.patient_id for row in shown]
    if chosen == Filters(state="waiting"):
        request.user.waiting_counted = page.paginator.count  # type: ignore[attr-defined]
    elif home == "population:candidates":
        request.user.waiting_counted = queries.waiting_count(request.user)  # type: ignore[attr-defined]
    if (waiting := getattr(request.user, "waiting_counted", None)) is not None:
        request.user.just_counted = {"carewright.population.queries:waiting_count": waiting}  # type: ignore[attr-defined]
    context = _around(reader, run, chosen, home) | {
        "empty": {} if shown else _empty(reader, run, chosen),
        "page": page,
        "here": _here(chosen, home, page),
        "rows": rows_for(reader, run, shown),
        "first_run": not run.is_compared,
        "may_select": home == "population:candidates"
        and chosen.state not in ("hidden", "excluded", "led")
        and request.user.may(Permission.DECIDE_CANDIDATES),
        "may_export": request.user.may(Permission.EXPORT),
        "may_see_why": request.user.may(Permission.SEE_CANDIDATES),
    }
    audit.saw_list(ids, by=request.user, page=request.resolver_match.view_name)
    return render(request, template, context)


def _empty(reader: Reader, run: Run, chosen: Filters) -> dict[str, str]:
    return labels.empty_list(
        chosen,
        suggests_anybody=queries.suggests_anybody(reader, run),
        sees_anybody=not queries.sees_nobody(reader, run),
    )


def _here(chosen: Filters, home: str, page: Page) -> str:
    """The address of this page of the list, of what we know only: an address may carry anything else, at any length."""
    asked = {"page": page.number if page.number > 1 else "", "size": page.paginator.per_page}
    if asked["size"] == SIZES[0]:
        asked["size"] = ""
    query = "&".join(filter(None, [chosen.address(), address_of(asked)]))
    return reverse(home) + (f"?{query}" if query else "")


def reader_of(request: StaffRequest) -> Reader:
    """Who asks, today."""
    return Reader(request.user, timezone.localdate())


def rows_for(reader: Reader, run: Run, shown: list) -> list[dict]:
    """What each row of a list shows: the person, the reasons, the verdicts, the decision that stands."""
    ids = [row.patient_id for row in shown]
    queries.show_scores(reader, shown)
    reasons = queries.reasons_for(reader, run, ids)
    decisions = queries.decisions_for(ids)
    verdicts = queries.verdicts_for(reader, run, ids, decisions)
    # Whoever sees everyone has asked already which records were joined: mostly none, and then no row is asked.
    since = joined.joined_since(run, ids) if reader.patients is not None or reader.joined else set()
    return [
        {
            "score": row,
            "patient": row.patient,
            "name": labels.name_of(row.patient, reader),
            "small": labels.about(row, reader),
            "reasons": reasons.get(row.patient_id, [])[:4],
            "more": max(0, len(reasons.get(row.patient_id, [])) - 4),
            "verdicts": [
                (program, verdicts.get(row.patient_id, {}).get(program.code, "unknown")) for program in PROGRAMS
            ],
            "decision": decisions.get(row.patient_id),
            "joined_since": row.patient_id in since,
            "back": (kept := decisions.get(row.patient_id)) is not None and not kept.holds_on(reader.on),
            "may_accept": bool(getattr(row, f"{reader.prefix}programs")) and not row.excluded_because,
            "ruled_out": labels.RULED_OUT.get(row.excluded_because, ""),
        }
        for row in shown
    ]


def _around(reader: Reader, run: Run, chosen: Filters, home: str) -> dict:
    """What stands around the rows: banners, filters, choices."""
    hidden = queries.hidden_counts(reader, run) if home == "population:candidates" else {}
    conditions = labels.conditions(reader)
    query = chosen.address()
    return {
        "run": run,
        "reader": reader,
        "chosen": chosen,
        "home": reverse(home),
        "query": f"{query}&" if query else "",
        "address": query,
        "narrowed": [
            (words, f"?{replace(chosen, **{name: ''}).address()}")
            for name, words in chosen.words(conditions, labels.provider_names([chosen.pcp]))
        ],
        "programs": PROGRAMS,
        "choices": {
            "bands": BANDS.items(),
            "ages": AGES,
            "conditions": sorted(conditions.items(), key=lambda found: found[1]),
            "moves": MOVES.items(),
            "sorts": SORTS,
            "states": STATES.items(),
            "doors": DOORS.items(),
            "verdicts": VERDICTS.items(),
        }
        | queries.choices_of(run.pk),
        "data_state": queries.data_state(run),
        "hidden": [(labels.hidden_word(name), number) for name, number in hidden.items()],
        "state_counts": _state_counts(reader, run, sum(hidden.values())) if home == "population:candidates" else {},
        "hidden_total": sum(hidden.values()),
        "moved": queries.moved_counts(reader, run),
        "saved": queries.saved_filters(reader.user, reader.on),
        "not_now": forms.NotNow(),
        "exclude": forms.Exclude(),
        "save": forms.SaveFilter(teams=labels.teams_of(reader)),
    }


def _state_counts(reader: Reader, run: Run, hidden: int) -> dict[str, int]:
    """The numbers on the chips; how many wait was counted for the sidebar of this page."""
    waiting = getattr(reader.user, "waiting_counted", None)
    return queries.state_counts(reader, run, hidden=hidden) | ({} if waiting is None else {"waiting": waiting})


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.SEE_CANDIDATES, Permission.EXPORT)
def export(request: StaffRequest) -> HttpResponse:
    """The list as it is filtered, as a CSV file, once its purpose is stated."""
    run, reader = queries.current_run(), reader_of(request)
    if run is None:
        return render(request, "population/no_run.html")
    chosen = queries.offered(reader, Filters.read(request.GET, state="waiting"))
    rows = queries.people(reader, run, chosen)
    form = forms.Purpose(request.POST or None)
    if not form.is_valid():
        context = {"form": form, "total": rows.count(), "address": chosen.address(), "limit": EXPORT_LIMIT}
        return render(request, "population/export.html", context, status=422 if request.method == "POST" else 200)
    found = list(queries.ordered(rows, reader, chosen)[:EXPORT_LIMIT])
    audit.exported(
        "candidates", by=request.user, purpose=form.cleaned_data["purpose"], rows=len(found),
        patient_ids=[row.patient_id for row in found], page="population:export",
    )  # fmt: skip
    response = StreamingHttpResponse(
        as_csv(labels.export_header(reader), labels.export_rows(reader, run, found)),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="candidates-{run.as_of.isoformat()}.csv"'
    return response  # type: ignore[return-value]


@require_POST
@guard.requires(Permission.SEE_CANDIDATES)
def save_filter(request: StaffRequest) -> HttpResponse:
    """Keep the filters of the list under a name."""
    reader = reader_of(request)
    form = forms.SaveFilter(request.POST, teams=labels.teams_of(reader))
    address = Filters.read(_query(request)).address()
    if form.is_valid():
        try:
            actions.save_filter(
                name=form.cleaned_data["name"], query=address, team=form.cleaned_data["team"], by=request.user,
                at=timezone.now(),
            )  # fmt: skip
            messages.success(request, _("Saved. You find it above the list."))
        except CannotDo as refusal:
            messages.error(request, str(refusal))
    else:
        messages.error(request, _("Give the filter a name."))
    return redirect(f"{reverse('population:candidates')}?{address}")


@require_POST
@guard.requires(Permission.SEE_CANDIDATES)
def forget_filter(request: StaffRequest, pk: int) -> HttpResponse:
    """Remove a saved filter of one's own."""
    found = SavedFilter.objects.filter(pk=pk, user=request.user).first()
    if found is not None:
        actions.forget_filter(saved=found, by=request.user)
        messages.success(request, _("Removed."))
    return redirect("population:candidates")


def _query(request: StaffRequest):
    from django.http import QueryDict

    return QueryDict(request.POST.get("query", ""))


__all__ = ["candidates", "export", "forget_filter", "name_of", "people", "reader_of", "rows_for", "save_filter"]
