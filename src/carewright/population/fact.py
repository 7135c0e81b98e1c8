"""A landed row in words: its day, its code, what the code says, where it was, and which of its cells decide."""

from collections.abc import Iterable
from datetime import date, datetime

from django.utils import formats
from django.utils.translation import gettext as _

from carewright.population import codes
from carewright.population.deciding import EMERGENCY_ROOM, NOTHING, OBSERVATION, Deciding
from carewright.population.models import ProviderName, Run

_DAYS = ("claim_start_date", "claim_line_start_date", "dispensing_date", "recorded_date", "onset_date", "start_date",
         "enrollment_start_date", "result_datetime", "encounter_start_date")  # fmt: skip
_CODES = ("diagnosis_code_1", "source_code", "normalized_code", "ndc_code", "hcpcs_code", "drg_code",
          "revenue_center_code")  # fmt: skip
_SAID = ("admit_type_code", "discharge_disposition_code")
_PLACES = (
    "facility_name",
    "facility_npi",
    "facility_id",
    "billing_name",
    "rendering_name",
    "billing_npi",
    "billing_id",
    "dispensing_provider_npi",
)
_NUMBERS = ("_npi", "facility_id", "billing_id", "rendering_id", "provider_id")
_HAPPENED_SOMEWHERE = ("medical_claim", "encounter")


def names_on_file(run: Run, rows: Iterable) -> dict[str, str]:
    """The names of the hospitals and providers that landed rows give by number, as the run's data call them."""
    wanted = {
        str(value)
        for row in rows
        for name, value in row.row.items()
        if name.endswith(_NUMBERS) and codes.is_npi(str(value or ""))
    }
    return dict(ProviderName.objects.filter(run=run, npi__in=wanted).values_list("npi", "name")) if wanted else {}


def fact_of(row, names: dict[str, str], decide: Deciding = NOTHING) -> dict:
    """
    The first glance at a landed row: its number, day, code in words and where. `names` says who an NPI is.

    Of several diagnoses the one that decides is shown. What every bill says (its type, the room's revenue center, the
    group it is paid by) is left to the row itself, unless nothing else tells what the line is about.
    """
    cells = row.row

    def first(columns: tuple[str, ...]):
        return next((cells[name] for name in columns if cells.get(name) not in (None, "")), "")

    code = str(decide.code(cells) or first(_CODES))
    said = [
        codes.in_words(code)
        or codes.cell_in_words("ndc_code", cells.get("ndc_code"))
        or str(
            cells.get("source_description") or cells.get("normalized_description") or cells.get("ndc_description") or ""
        )
    ]
    said += [_label(name, words) for name in _SAID if (words := codes.cell_in_words(name, cells.get(name)))]
    room = str(cells.get("revenue_center_code") or "")
    if room in EMERGENCY_ROOM | OBSERVATION:
        said.append(_room(room))
    if not said[0]:
        said[0] = codes.cell_in_words("drg_code", cells.get("drg_code")) or (_room(room) if len(said) < 2 else "")
    if row.table == "eligibility":
        said = [str(cells.get(name) or "") for name in ("payer", "plan")]
    where = first(_PLACES)
    number = cells.get("claim_id") or cells.get("condition_id") or cells.get("encounter_id") or ""
    line = cells.get("claim_line_number")
    return {
        "number": f"{number} · {line}" if number and line not in (None, "") else number or row.evidence_id,
        "on": first(_DAYS),
        "day": _day(first(_DAYS)),
        "code": codes.dotted(code),
        "words": "; ".join(filter(None, said)),
        "where": _where(str(where), names, row.table),
    }


def _where(place: str, names: dict[str, str], table: str) -> str:
    """The name of a place; a bare number is said to be one, and a claim or visit without a place says so."""
    if codes.is_npi(place):
        return codes.named(names.get(place, ""), place)
    return place or (_("place not given") if table in _HAPPENED_SOMEWHERE else "")


def cells_of(cells: list[tuple[str, object]], names: dict[str, str], decide: Deciding) -> list[dict]:
    """The cells of a row to read: days as people write them, codes with their words, and whether each one decides."""
    return [
        {
            "name": name,
            "value": _day(value) if isinstance(value, date) else codes.dotted(value) if "diagnosis" in name else value,  # type: ignore[arg-type]
            "words": codes.cell_in_words(name, value) or names.get(str(value), ""),
            "decides": decide.holds(name, value),
        }
        for name, value in cells
    ]


def as_landed(cells: list[tuple[str, object]]) -> str:
    """A row as it landed, one cell a line, days in ISO form."""
    return "\n".join(f"{name} = {value.isoformat() if isinstance(value, date) else value}" for name, value in cells)


def in_order(row) -> tuple:
    """What rows are sorted by: their day, then claim and line."""
    on = next((row.row[name] for name in _DAYS if row.row.get(name) not in (None, "")), "")
    line = row.row.get("claim_line_number") or 0
    return str(on)[:10], str(row.row.get("claim_id") or ""), int(line) if str(line).isdigit() else 0


def _room(code: str) -> str:
    """A revenue center in words, without the words that say only that no part of it was named."""
    return (
        codes.cell_in_words("revenue_center_code", code)
        .lower()
        .partition("general classification")[0]
        .strip(" -–,")
        .capitalize()
    )


def _label(column: str, words: str) -> str:
    if column == "admit_type_code":
        return _("admission: %s") % words
    if column == "discharge_disposition_code":
        return _("discharged to: %s") % words
    return words


def _day(value: object) -> str:
    if isinstance(value, datetime):
        return formats.date_format(value, "M j, Y, g:i a")
    return formats.date_format(value, "M j, Y") if isinstance(value, date) else str(value)
