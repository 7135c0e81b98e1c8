"""How people, conditions and reasons are called on the population pages, for the reader at hand."""

from collections.abc import Iterable, Iterator
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carewright.knowledge import table
from carewright.knowledge.programs import PROGRAMS
from carewright.population import queries
from carewright.population.models import AttributedProvider, Run, Score
from carewright.population.queries import Reader
from carewright.staff.models import Team

RULED_OUT = {
    "alive": gettext_lazy("Has died"),
    "covered": gettext_lazy("Coverage ended"),
    "no_hospice": gettext_lazy("In hospice"),
}
HIDDEN = RULED_OUT | {
    "not_now": gettext_lazy("Not now, until a day"),
    "excluded": gettext_lazy("Excluded by a decision"),
}
SEXES = {"female": "F", "male": "M"}
SENSITIVE_CONDITIONS = frozenset({"depressn"})
"""Conditions whose own name is protected; offered as a filter only to readers who see such facts."""


@cache
def ccw_labels() -> dict[str, str]:
    """The Chronic Conditions Warehouse's conditions: short name to words."""
    return {row["condition"]: row["label"] for row in table.rows("conditions/ccw30_rule.csv")}


def conditions(reader: Reader) -> dict[str, str]:
    """The conditions this reader may filter by."""
    labels = ccw_labels()
    if reader.sees_all:
        return labels
    return {condition: label for condition, label in labels.items() if condition not in SENSITIVE_CONDITIONS}


def provider_names(npis: Iterable[str]) -> dict[str, str]:
    """Names of primary care providers by NPI, as the latest run knows them."""
    wanted = [npi for npi in npis if npi and npi != "none"]
    if not wanted:
        return {"none": _("none found")}
    found = AttributedProvider.objects.filter(npi__in=wanted).exclude(provider_name="")
    return dict(found.values_list("npi", "provider_name").distinct()[:50]) | {"none": _("none found")}


def name_of(patient, reader: Reader) -> str:
    """How this reader sees the person named: last name first, or a number for who sees no names."""
    if not reader.sees_direct:
        return patient.masked_name
    parts = [part for part in (patient.family_name, patient.given_name) if part]
    return ", ".join(parts) or _("Name not given")


def about(row: Score, reader: Reader) -> str:
    """The line under a name: age, sex, payer. Ages over 89 are one group for who sees no names."""
    age = row.age
    if age is not None and age > 89 and not reader.sees_direct:
        said = "90+"
    else:
        said = _("age unknown") if age is None else str(age)
    return f"{said} {SEXES.get(row.sex, '')}".strip() + (f" · {row.payer}" if row.payer else "")


def hidden_word(name: str) -> str:
    """Why somebody is hidden, in words."""
    return str(HIDDEN.get(name, name))


def teams_of(reader: Reader):
    """The teams this reader belongs to today."""
    return Team.objects.filter(pk__in=reader.user.memberships.on(reader.on).values("team"))


EXPORT_HEADER = (
    "person", "rank", "score", "band", "age", "sex", "payer", "language", "pcp", "unplanned_stays_12", "ed_visits_12",
    "programs", *(program.code for program in PROGRAMS), "reasons", "decision", "until", "public_id",
)  # fmt: skip


def export_rows(reader: Reader, run: Run, rows: list[Score]) -> Iterator[tuple]:
    """The rows of the file, as this reader may see them; names only for who sees names."""
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        ids = [row.patient_id for row in part]
        reasons = queries.reasons_for(reader, run, ids)
        verdicts = queries.verdicts_for(reader, run, ids)
        decisions = queries.decisions_for(ids)
        for row in part:
            decision = decisions.get(row.patient_id)
            stands = decision if decision and decision.holds_on(reader.on) else None
            age = row.age if reader.sees_direct or row.age is None or row.age < 90 else "90+"
            yield (
                name_of(row.patient, reader), row.rank, row.score, row.band, age, row.sex, row.payer, row.language,
                row.pcp_name or row.pcp_npi, getattr(row, f"{reader.prefix}stays_12"),
                getattr(row, f"{reader.prefix}ed_visits_12"), getattr(row, f"{reader.prefix}programs"),
                *(verdicts.get(row.patient_id, {}).get(program.code, "unknown") for program in PROGRAMS),
                [reason.words for reason in reasons.get(row.patient_id, [])],
                stands.decision if stands else "", stands.until if stands else None, str(row.patient.public_id),
            )  # fmt: skip
