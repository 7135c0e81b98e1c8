"""The imports pages: which files came and what became of them, uploading, rows set aside, and trying again."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from carewright.access import guard, sensitive
from carewright.access.actor import acting_as
from carewright.audit import actions as audit
from carewright.exchange import actions, forms, queries, showing, taking_back, waiting, what_changed, wording, words
from carewright.exchange.models import Delivery
from carewright.kernel.errors import CannotDo
from carewright.plumbing import home, lists
from carewright.population.queries import Reader
from carewright.staff.requests import StaffRequest
from carewright.staff.roles import Permission, role_of
from carewright.warehouse.layout import layouts

ROWS_SHOWN = 50


@dataclass(frozen=True)
class Bar:
    """One month of a chart: its name, its height in percent (None: unknown), its color."""

    label: str
    value: int | None
    kind: str
    text: str = ""
    href: str = ""


@require_GET
@guard.requires(Permission.SEE_IMPORTS)
def imports(request: StaffRequest) -> HttpResponse:
    """Every file received, the latest first, as filtered; above it what waits to be read."""
    form = forms.Filter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    found = queries.deliveries(**asked)
    feeds = queries.feeds()
    page = lists.page_of(found, request.GET)
    page.object_list = [showing.as_shown(delivery, request.user) for delivery in page]
    context = {
        "page": page,
        "asked": asked,
        "address": lists.address_of(asked),
        "feeds": feeds,
        "sources": sorted({feed["source"] for feed in feeds if feed["source"]}),
        "kinds": sorted(
            ((kind, words.kind_said(kind)) for kind in {feed["kind"] for feed in feeds if feed["kind"]}),
            key=lambda each: each[1],
        ),
        "states": Delivery.State.choices,
        "waiting": [
            sensitive.file_name_shown(each.file_name, str(number), request.user)
            for number, (_folder, each) in enumerate(waiting.asked(home.current()), start=1)
        ],
        "attention": queries.attention_count(request.user) or 0,
        "may_manage": request.user.may(Permission.MANAGE_IMPORTS),
    }
    return render(request, "exchange/imports.html", context)


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.MANAGE_IMPORTS)
def upload(request: StaffRequest) -> HttpResponse:
    """Bring a file in from this computer. It is written to disk as it arrives and read in the background."""
    form = forms.Upload(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            actions.upload(
                given.chunks(), file_name=given.name, source=form.cleaned_data["source"].strip(), by=request.user,
                at=timezone.now(),
            )  # fmt: skip
        except CannotDo as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, _("%(name)s is being read. Its report appears here.") % {"name": given.name})
            return redirect("exchange:imports")
    watched = waiting.feeds_watched(home.current())
    context = {"form": form, "watched": watched}
    return render(request, "exchange/upload.html", context, status=422 if form.errors else 200)


@require_GET
@guard.requires(Permission.SEE_IMPORTS)
def report(request: StaffRequest, delivery_id: str) -> HttpResponse:
    """What became of one file: its counts, why rows were set aside, its columns, and how complete its months are."""
    delivery = showing.as_shown(
        get_object_or_404(Delivery.objects.select_related("map"), delivery_id=delivery_id), request.user
    )
    months = queries.months_of(delivery)
    context = {
        "delivery": delivery,
        "kind": layouts().get(delivery.kind),
        "aside": [reason for reason in delivery.reasons if not reason["kept"]],
        "remarks": [reason for reason in delivery.reasons if reason["kept"]],
        "columns": queries.columns_read(delivery),
        "months": months,
        "points": [
            Bar(date_format(m.month, "M"), None if m.completeness is None else round(100 * m.completeness), _color(m))
            for m in months
        ],
        "changed": what_changed.since(delivery, Reader(request.user, timezone.localdate()))
        if request.user.may(Permission.SEE_CANDIDATES)
        else None,
        "may_manage": request.user.may(Permission.MANAGE_IMPORTS),
        "can_try_again": delivery.state in (Delivery.State.WAITING, Delivery.State.REFUSED),
        "backs": list(delivery.taken_back.select_related("by")),
    }
    return render(request, "exchange/report.html", context)


def _color(month) -> str:
    return "mid" if month.is_short or (month.completeness or 0) < 0.9 else "low"


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.SEE_IMPORTS)
def set_aside(request: StaffRequest, delivery_id: str) -> HttpResponseBase:
    """
    The rows set aside of one file, once it is said what for: on the page, or as a file the sender can act on.

    They hold people's data of nobody in particular yet (a row without a person, or with a wrong date), so the access
    log names the delivery. Roles that see no names get the rows without their values (`exchange.showing`).
    """
    delivery = showing.as_shown(get_object_or_404(Delivery, delivery_id=delivery_id), request.user)
    if not delivery.rejects_path:
        raise Http404
    role = role_of(request.user)
    form = forms.Purpose(request.POST or None)
    context = {"delivery": delivery, "form": form, "limit": ROWS_SHOWN, "sees_whole": showing.sees_whole(role)}
    if request.method == "POST" and form.is_valid():
        purpose, what = form.cleaned_data["purpose"], f"rows set aside of {audit.name_of(delivery)}"
        rows = queries.rows_set_aside(home.current(), delivery, role=role)
        page = guard.page_of(request)
        if "download" in request.POST:
            audit.exported(what, by=request.user, purpose=purpose, rows=delivery.rows_rejected, page=page)
            response = StreamingHttpResponse(_as_csv(rows), content_type="text/csv; charset=utf-8")
            response["Content-Disposition"] = f'attachment; filename="set-aside-{delivery.delivery_id}.csv"'
            return response
        audit.happened("saw_set_aside", what, by=request.user, purpose=purpose, page=page)
        context["header"] = wording.header_of_set_aside(next(rows, []), delivery.kind)
        context["rows"] = [
            wording.of_set_aside(row, delivery.kind) for row, _number in zip(rows, range(ROWS_SHOWN), strict=False)
        ]
    return render(request, "exchange/set_aside.html", context, status=422 if form.errors else 200)


def _as_csv(rows: Iterable[list[str]]) -> Iterator[bytes]:
    """Rows as a spreadsheet opens them, some at a time however many there are."""
    lines = io.StringIO("\ufeff")
    lines.seek(0, io.SEEK_END)
    writer = csv.writer(lines)
    for number, row in enumerate(rows, start=1):
        writer.writerow(row)
        if number % 500 == 0:
            yield lines.getvalue().encode()
            lines.seek(0)
            lines.truncate()
    yield lines.getvalue().encode()


@require_POST
@guard.requires(Permission.MANAGE_IMPORTS)
def try_again(request: StaffRequest, delivery_id: str) -> HttpResponse:
    """Have a file, or its rows set aside, read again from its kept bytes, after a column map or a program was mended."""
    delivery = get_object_or_404(Delivery, delivery_id=delivery_id)
    try:
        shown = showing.as_shown(delivery, request.user)
        actions.try_again(delivery, by=request.user, at=timezone.now())
        said = _("%(name)s is being read again.")
        if delivery.state == Delivery.State.LANDED:
            said = _("The rows set aside of %(name)s are being tried again. This page counts them when it is done.")
        messages.success(request, said % {"name": shown.shown_name})
    except CannotDo as refusal:
        messages.error(request, str(refusal))
    return redirect("exchange:report", delivery_id)


@require_http_methods(["GET", "POST"])
@guard.requires(Permission.MANAGE_IMPORTS)
def take_back(request: StaffRequest, delivery_id: str) -> HttpResponse:
    """Take a load back: asked once, with what will happen and what stays, and with the reason."""
    delivery = showing.as_shown(get_object_or_404(Delivery, delivery_id=delivery_id), request.user)
    form = forms.TakeBack(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            because = form.cleaned_data["because"]
            actions.take_back(delivery, because=because, by=request.user, at=timezone.now())
            messages.success(request, _("%(name)s is being taken back.") % {"name": delivery.shown_name})
        except CannotDo as refusal:
            messages.error(request, str(refusal))
        return redirect("exchange:report", delivery_id)
    if delivery.state != Delivery.State.LANDED:
        messages.error(request, _("Only a file that has landed can be taken back."))
        return redirect("exchange:report", delivery_id)
    with acting_as("system:imports"):  # everybody's facts, not only those of one's own patients; only counts are shown
        told = taking_back.consequences(home.current(), delivery)
    context = {
        "delivery": delivery,
        "form": form,
        "will": words.what_taking_back_does(told, shows_lists=request.user.may(Permission.SEE_CANDIDATES)),
        "stays": words.what_stays(told, kind=delivery.kind),
    }
    return render(request, "exchange/take_back.html", context, status=422 if form.errors else 200)
