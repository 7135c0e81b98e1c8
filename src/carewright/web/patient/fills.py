"""
What pharmacies billed: a second source beside the lists of medicines, never merged with them.

A fill is a bill, not a swallowed tablet, and cash, samples, the VA and what is bought over the counter send no bill: a
medicine that does not stand here may be taken, and one that does may not be. Every line says until when its supply lasts
if it is taken as filled, and leaves the rest to the question one asks.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from carewright.population.marks import mark
from carewright.population.models import DispensedProduct, Dispensing, Freshness, ProviderName, Run
from carewright.staff.roles import Permission
from carewright.web.patient.sight import Sight

FILLS = 10
PHARMACY = " (pharmacy)"
"""How the feeds of pharmacy claims are named."""

NO_NUMBER = ("00000000000", "99999999999")
"""What is written where a claim names no product; fills of several medicines may share it."""


@dataclass(frozen=True)
class Fill:
    """One product: what it is called and who says so, when it was last filled, and how long that lasts."""

    name: str
    is_named: bool
    """False where only the number is known."""
    named_by_claim: bool
    ndc: str
    latest_on: date
    days_supply: int | None
    lasts_to: date | None
    days_12: int
    prescriber: str
    pharmacy: str
    quantity: float | None
    filled_on: tuple[date, ...]
    supply: str
    """Until when the supply lasts, in words."""
    is_over: bool
    """Whether it ended, and claims are known further than that."""
    href: str = ""


@dataclass(frozen=True)
class Filled:
    """
    All that claims tell of a person's medicines.

    `is_told` is False where the latest run was made before fills were listed: then nothing is known here, not none.
    """

    is_told: bool
    fills: list[Fill] = field(default_factory=list)
    through: date | None = None
    """The day through which pharmacy claims are complete, where that is known; the slowest feed counts."""
    as_of: date | None = None
    any_claims: bool = True
    """Whether the run has pharmacy claims of anybody at all."""

    @property
    def lately(self) -> list[Fill]:
        """Those filled in the last twelve months."""
        return [one for one in self.fills if one.days_12]


def filled(sight: Sight, run: Run | None) -> Filled | None:
    """What this reader may see of it; nothing before the first run, or for who sees no medicines at all."""
    if run is None or not sight.clinical:
        return None
    if "dispensing" not in run.rows:
        return Filled(is_told=False)
    rows = list(sight.facts(Dispensing.objects.filter(run=run)).order_by("-latest_on", "product"))
    through, any_claims = complete_through(run), bool(run.rows["dispensing"])
    opens = sight.user.may(Permission.SEE_CANDIDATES)
    names = Names(run, rows)
    shown = [_fill(row, names, sight.on, through, sight.patient.public_id if opens else None) for row in rows]
    return Filled(True, shown, through, run.as_of, any_claims)


def short(told: Filled | None) -> dict:
    """What a page with little room shows of it, by the names `patient/_fills.html` uses; how many more there are is said."""
    shown = told.lately[:FILLS] if told else []
    return {"filled": told, "fills": shown, "more_fills": len(told.fills) - len(shown) if told and shown else 0}


def on_paper(rows: QuerySet[Dispensing], run: Run) -> dict[int, list[str]]:
    """
    By patient, what was filled in the last twelve months, a line each; `rows` are those the reader may see.

    Paper lies around: what carries any tag is not printed, whoever reads, and a number without a name neither. In as many questions for four hundred people as for one.
    """
    if "dispensing" not in run.rows:
        return {}
    found = list(rows.filter(run=run, days_12__gt=0, tags=[]).order_by("patient", "-latest_on", "product"))
    names = Names(run, found)
    lines: dict[int, list[str]] = defaultdict(list)
    for row in found:
        day = date_format(row.latest_on, "M j, Y")
        lines[row.patient_id].append(_("%(name)s: last filled %(day)s") % {"name": names.of(row)[0], "day": day})
    return lines


def complete_through(run: Run) -> date | None:
    """The day through which every feed of pharmacy claims is complete; nothing where one of them is not known."""
    feeds = list(Freshness.objects.filter(run=run, feed__endswith=PHARMACY).values_list("complete_through", flat=True))
    return min(feeds) if feeds and all(feeds) else None  # type: ignore[type-var]


class Names:
    """What products, prescribers and pharmacies are called, asked for all rows at once."""

    def __init__(self, run: Run, rows: Iterable[Dispensing]):
        rows = list(rows)
        wanted, npis = {row.product for row in rows}, {row.prescriber_npi for row in rows} - {""}
        npis |= {row.pharmacy_npi for row in rows} - {""}
        products = DispensedProduct.objects.filter(run=run, product__in=wanted) if wanted else ()
        people = ProviderName.objects.filter(run=run, npi__in=npis) if npis else ()
        self.products = {row.product: row.name for row in products}
        self.people = {row.npi: row.name for row in people}

    def of(self, row: Dispensing) -> tuple[str, bool, bool]:
        """A product's name, whether it is one, and whether the claim alone gives it."""
        if name := self.products.get(row.product):
            return name, True, False
        if row.said:
            return row.said, True, True
        if row.ndc in NO_NUMBER:
            return _("A medicine the claim does not name (its number is %s)") % row.ndc, False, False
        return _("NDC %s: a name is not on file for this number") % row.ndc, False, False

    def person(self, npi: str) -> str:
        """Who an NPI is; the number where no source gives a name."""
        return (self.people.get(npi) or _("NPI %s") % npi) if npi else ""


def _fill(row: Dispensing, names: Names, on: date, through: date | None, public_id) -> Fill:
    name, is_named, named_by_claim = names.of(row)
    is_over = bool(row.lasts_to and row.lasts_to < on and through and row.lasts_to < through)
    address = reverse("population:facts", args=[public_id]) if public_id else ""
    return Fill(
        name=name,
        is_named=is_named,
        named_by_claim=named_by_claim,
        ndc=row.ndc,
        latest_on=row.latest_on,
        days_supply=row.days_supply,
        lasts_to=row.lasts_to,
        days_12=row.days_12,
        prescriber=names.person(row.prescriber_npi),
        pharmacy=names.person(row.pharmacy_npi),
        quantity=row.quantity,
        filled_on=tuple(sorted(row.filled_on, reverse=True)),
        supply=_supply(row.lasts_to, on, through),
        is_over=is_over,
        href=f"{address}?{urlencode({'of': f'fill:{mark(row.product)}'})}" if address else "",
    )


def _supply(lasts_to: date | None, on: date, through: date | None) -> str:
    """
    Until when the latest fill lasts if it is taken as filled, in words; what is left from earlier fills is not counted.

    Where claims are not known to reach past that day, a later fill may simply not have come yet.
    """
    if lasts_to is None:
        return _("days' supply unknown")
    day = date_format(lasts_to, "M j, Y")
    if lasts_to >= on:
        return _("lasts to %s if taken as filled") % day
    ago = (on - lasts_to) // timedelta(days=1)
    since = ngettext("%(n)s day ago", "%(n)s days ago", ago) % {"n": f"{ago:,}"}
    if through and lasts_to < through:
        return _("ran out %(day)s, %(since)s, if taken as filled; no later fill in the claims") % {
            "day": day,
            "since": since,
        }
    return _("ran out %(day)s if taken as filled; a later fill may not have come yet") % {"day": day}
