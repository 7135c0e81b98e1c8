"""The pages on which somebody says how files are read: column maps, and the sources protected by 42 CFR Part 2."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from carewright.access import guard
from carewright.audit import actions as audit
from carewright.exchange import actions, forms, mapping, queries, showing
from carewright.exchange.files.checking import DIRECT, FORMATS
from carewright.exchange.files.recognize import fingerprint
from carewright.exchange.models import ColumnMap, Delivery, SensitiveSource
from carewright.exchange.wording import PROBLEMS
from carewright.kernel.errors import BadInput, CannotDo
from carewright.plumbing import home
from carewright.population import queries as population
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission
from carewright.warehouse.layout import layouts


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.MANAGE_IMPORTS)
def map_columns(request: StaffRequest, delivery_id: str) -> HttpResponse:
    """
    Say what the columns of a waiting file mean, see its first 100 rows as they would land, and save that as a map.

    The values shown are people's data; opening the page is written into the access log.
    """
    delivery = showing.as_shown(get_object_or_404(Delivery, delivery_id=delivery_id), request.user)
    if delivery.state != Delivery.State.WAITING:
        messages.error(request, _("%(name)s does not wait for a column map.") % {"name": delivery.shown_name})
        return redirect("exchange:report", delivery_id)
    path = home.current().received / delivery.sha256
    try:
        sample = mapping.sample(path, delivery.file_name)
    except BadInput as problem:
        messages.error(request, PROBLEMS.worded(problem))
        return redirect("exchange:report", delivery_id)
    known = ColumnMap.objects.filter(fingerprint=fingerprint(sample.names)).order_by("-version").first()
    given = request.POST if request.method == "POST" else None
    form = forms.MapName(given, initial=_initial(delivery, known))
    table = (
        (given["table"] if given and "table" in given else "")
        or (known.table if known else "")
        or request.GET.get("table", "")
    )
    table = table if table in layouts() else "medical_claim"
    columns = (
        forms.columns_from(forms.without_nul(given), sample.names, table) if given else (known.columns if known else [])
    )
    tried = None
    if given and forms.holds_nul(given):
        form.add_error(
            None, _("A field holds the character NUL, which no file and no code has. Type that field again.")
        )
    if given and form.is_valid():
        if "save" in given and (saved := _save(request, form, sample.names, columns)):
            actions.try_again(delivery, by=request.user, at=timezone.now())
            messages.success(request, _("%(map)s is saved, and the file is being read with it.") % {"map": saved})
            return redirect("exchange:imports")
        today = timezone.localdate()
        tried = mapping.preview(path, delivery.file_name, table=table, columns=columns, received_on=today)
    audit.happened(
        "saw_preview", audit.name_of(delivery), by=request.user, purpose="operations", page=guard.page_of(request)
    )
    context = {
        "delivery": delivery,
        "form": form,
        "known": known,
        "rows": list(_mapping_rows(sample, table, columns, is_new=not given and not known)),
        "ours": layouts()[table].columns,
        "constants": _constants(table, columns),
        "formats": list(FORMATS),
        "preview": tried,
    }
    return render(request, "exchange/map.html", context, status=422 if form.errors else 200)


def _initial(delivery: Delivery, known: ColumnMap | None) -> dict:
    if known:
        return {"name": known.name, "table": known.table, "source": known.source}
    return {"name": delivery.file_name.split(".")[0], "table": "medical_claim", "source": delivery.source}


def _save(request: StaffRequest, form: forms.MapName, names: tuple[str, ...], columns: list[dict]) -> ColumnMap | None:
    try:
        return actions.save_column_map(
            **form.cleaned_data, header=names, columns=columns, by=request.user, at=timezone.now()
        )
    except ValidationError as refusal:
        form.add_error(None, " ".join(refusal.messages))
        return None


def _mapping_rows(sample: mapping.Sample, table: str, columns: list[dict], *, is_new: bool):
    """One line of the form per column of theirs."""
    said = {column["theirs"]: column for column in columns if column["theirs"]}
    suggested = mapping.suggestions(table, sample.names) if is_new else {}
    for number, (name, values) in enumerate(zip(sample.names, sample.values, strict=True)):
        column = said.get(name, {})
        yield {
            "number": number,
            "name": name,
            "values": values,
            "means": column.get("ours", suggested.get(name, "")),
            "format": column.get("date_format", ""),
            "codes": "; ".join(f"{theirs}={ours}" for theirs, ours in column.get("codes", ())),
            "money": "dollars" if column.get("dollars") else "cents" if column.get("cents") else "",
        }


def _constants(table: str, columns: list[dict]) -> list[dict]:
    """
    Our needed columns that none of theirs fills: each may have the same value for every row, unless it names someone, or
    tells the rows apart: that one may be made of what the row says.
    """
    said = {column["ours"]: column for column in columns}
    return [
        {
            "column": column,
            "value": said.get(column.name, {}).get("constant", ""),
            "is_number": column.name == layouts()[table].numbered_by,
            "is_of_row": bool(said.get(column.name, {}).get("of_row")),
        }
        for column in layouts()[table].columns
        if (column.needed and column.name not in DIRECT and not said.get(column.name, {}).get("theirs"))
        or said.get(column.name, {}).get("constant")
    ]


@require_GET
@guard.requires(Permission.SEE_IMPORTS)
def maps(request: StaffRequest) -> HttpResponse:
    """The column maps in force."""
    context = {"maps": queries.maps_in_force(), "may_manage": request.user.may(Permission.MANAGE_IMPORTS)}
    return render(request, "exchange/maps.html", context)


@require_POST
@guard.requires(Permission.MANAGE_IMPORTS)
def retire_map(request: StaffRequest, pk: int) -> HttpResponse:
    """Stop reading files by a map."""
    saved = get_object_or_404(ColumnMap, pk=pk)
    try:
        actions.retire_column_map(saved, by=request.user, at=timezone.now())
        messages.success(request, _("%(map)s is retired.") % {"map": saved})
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    return redirect("exchange:maps")


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.MANAGE_IMPORTS)
def sources(request: StaffRequest) -> HttpResponse:
    """The providers and feeds protected by 42 CFR Part 2: declare one, or say that one is not protected any more."""
    form = forms.DeclareSource(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            declared = actions.declare_sensitive_source(**form.cleaned_data, by=request.user, at=timezone.now())
        except ValidationError as refusal:
            form.add_error("value", " ".join(refusal.messages))
        else:
            messages.success(request, _("%(source)s is protected from now on.") % {"source": declared})
            if population.closed_run():
                messages.warning(request, _("The lists are closed to everyone until a new run has counted without it."))
            return redirect("exchange:sources")
    every = SensitiveSource.objects.select_related("declared_by")
    context = {
        "form": form,
        "in_force": [_with_form(each) for each in every if not each.ended_at],
        "ended": [each for each in every if each.ended_at],
        "closed": population.closed_run(),
    }
    return render(request, "exchange/sources.html", context, status=422 if form.errors else 200)


def _with_form(declared: SensitiveSource) -> SensitiveSource:
    """A declared source with the form that takes it off the list, its field named so that each stands once on the page."""
    declared.form = forms.EndSource(auto_id=f"{declared.pk}-%s")  # type: ignore[attr-defined]
    return declared


@require_POST
@guard.requires(Permission.MANAGE_IMPORTS)
def end_source(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a source off the list, with the reason."""
    declared = get_object_or_404(SensitiveSource, pk=pk)
    form = forms.EndSource(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why it is no longer protected."))
        return redirect("exchange:sources")
    try:
        because = form.cleaned_data["because"]
        actions.end_sensitive_source(declared, because=because, by=request.user, at=timezone.now())
        said = _("%(source)s is no longer protected. What came from it opens with the next run.")
        messages.success(request, said % {"source": declared})
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    return redirect("exchange:sources")
