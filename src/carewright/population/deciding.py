"""
Which cells of a landed row the fact that was opened rests on: only those are marked, not every cell of their kind.

A claim carries up to 25 diagnoses; of a condition's facts only the codes that mean this condition decide.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from carewright.knowledge import table

EMERGENCY_ROOM = frozenset({"0450", "0451", "0452", "0459", "0981", "450", "451", "452", "459", "981"})
OBSERVATION = frozenset({"0762", "762"})
EMERGENCY_VISIT = frozenset({"99281", "99282", "99283", "99284", "99285", "G0380", "G0381", "G0382", "G0383", "G0384"})
OBSERVATION_HOURS = frozenset({"G0378", "G0379"})
DIAGNOSES = ("diagnosis_code_", "source_code", "normalized_code", "primary_diagnosis_code")

Cells = Mapping[str, frozenset[str] | None]
"""Columns (a name ending in `_` begins several) and the values in them that decide; None: any value."""

STAY: Cells = dict.fromkeys(
    ("admit_type_code", "bill_type_code", "admission_date", "discharge_date", "discharge_disposition_code", "drg_code")
    + ("encounter_class", "encounter_start_date", "encounter_end_date")
)
VISIT: Cells = {
    "revenue_center_code": EMERGENCY_ROOM | OBSERVATION,
    "hcpcs_code": EMERGENCY_VISIT | OBSERVATION_HOURS,
    "place_of_service_code": frozenset({"23"}),
    "claim_start_date": None,
    "claim_line_start_date": None,
    "encounter_class": None,
    "encounter_start_date": None,
}
MEDICINE: Cells = dict.fromkeys(("ndc_code", "dispensing_date", "days_supply"))
PAID: Cells = dict.fromkeys(("paid_amount", "claim_start_date", "dispensing_date"))
PROVIDER: Cells = dict.fromkeys(("rendering_npi", "billing_npi"))
_PERSON: Mapping[str, Cells] = {
    "alive": {"death_date": None},
    "covered": dict.fromkeys(("enrollment_start_date", "enrollment_end_date", "payer")),
    "adult": {"birth_date": None},
    "age": {"birth_date": None},
    "payer": {"payer_type": None},
    "dual": dict.fromkeys(("payer_type", "dual_status_code")),
    "identity": dict.fromkeys(("first_name", "last_name", "birth_date")),
}
_STAYS = frozenset({"unplanned_stays", "recent_discharge", "home_lately", "not_in_hospital"})
_NAMED = {"heart_failure": "chf", "lung_disease": "copd", "kidney_disease": "ckd"}


@dataclass(frozen=True)
class Deciding:
    """The cells that decide; asked cell by cell."""

    cells: Cells

    def holds(self, column: str, value: object) -> bool:
        """Whether this cell decides."""
        for name, allowed in self.cells.items():
            if column == name or (name.endswith("_") and column.startswith(name)):
                return allowed is None or _bare(value) in allowed
        return False

    def code(self, row: Mapping[str, object]) -> object:
        """The first diagnosis of a row that decides; None when no certain diagnosis does."""
        return next((row[name] for name in row if name.startswith(DIAGNOSES) and self.holds(name, row[name])), None)


NOTHING = Deciding({})


def of_codes(codes: Iterable[str]) -> Deciding:
    """Diagnosis cells with one of these codes, written with or without the dot."""
    return Deciding(_diagnoses(codes))


def of_charlson() -> Deciding:
    """The diagnoses that mean a condition of the Charlson index."""
    return of_codes(_charlson())


def of_condition(scheme: str, condition: str) -> Deciding:
    """The diagnoses that show a chronic condition by its scheme."""
    return of_codes(_ccw30().get(condition, ()) if scheme == "ccw30" else _chronic(condition))


def of_hcc(model: str, payment_year: int, hcc: str) -> Deciding:
    """The diagnoses of one condition category; of every category for a part that several categories make."""
    known = _hcc()
    mine = known.get((model, str(payment_year), hcc))
    every = (codes for key, codes in known.items() if key[:2] == (model, str(payment_year)))
    return of_codes(mine if mine else frozenset().union(*every))


def of_line(code: str, *, conditions: Iterable[str], needs: Iterable[str]) -> Deciding:
    """
    What decides for a line of a rule or a part of the score; `conditions` and `needs` are those this person has.

    >>> of_line("unplanned_stays", conditions=[], needs=[]).holds("admit_type_code", "1")
    True
    """
    if code in _PERSON:
        return Deciding(_PERSON[code])
    if code in _STAYS:
        return Deciding(STAY)
    if code == "ed_visits":
        return Deciding(VISIT)
    if code == "medicines":
        return Deciding(MEDICINE)
    if code in ("social_need", "social_needs"):
        return of_codes(needs)
    if code in _NAMED:
        return of_condition("ccw30", _NAMED[code])
    if code == "lasting_conditions":
        return Deciding(_of_these(conditions, among=_lasting("lasts")))
    if code == "significant_risk":
        return Deciding({**STAY, **VISIT, **_of_these(conditions, among=_lasting("decompensates"))})
    return NOTHING


def _of_these(conditions: Iterable[str], *, among: frozenset[str]) -> Cells:
    return _diagnoses(one for name in conditions for one in _ccw30().get(name, ()) if name in among)


def _diagnoses(codes: Iterable[str]) -> Cells:
    return dict.fromkeys(DIAGNOSES, frozenset(_bare(code) for code in codes))


def _bare(value: object) -> str:
    return str(value or "").replace(".", "").strip().upper()


@cache
def _ccw30() -> dict[str, frozenset[str]]:
    """The codes of each condition of the Chronic Conditions Warehouse."""
    return _gathered((row["condition"], row["code"]) for row in table.rows("conditions/ccw30_code.csv.gz"))


@cache
def _lasting(mark: str) -> frozenset[str]:
    """The conditions that count as lasting (`lasts`), or as able to decompensate (`decompensates`)."""
    return frozenset(row["condition"] for row in table.rows("programs/lasting_condition.csv") if row[mark] == "1")


@cache
def _charlson() -> frozenset[str]:
    """The codes of the Charlson index: every ICD-10-CM code that begins with one of its signs."""
    begins = tuple({row["prefix"] for row in table.rows("comorbidity/charlson_code.csv")})
    return frozenset(row["code"] for row in table.rows("value_sets/icd10cm.csv.gz") if row["code"].startswith(begins))


@cache
def _chronic(category: str) -> frozenset[str]:
    """The codes of one three-sign category that AHRQ's indicator calls chronic."""
    rows = table.rows("conditions/ccir.csv.gz")
    return frozenset(row["code"] for row in rows if row["chronic"] == "1" and row["code"].startswith(category))


@cache
def _hcc() -> dict[tuple[str, str, str], frozenset[str]]:
    """The codes of each condition category, by model and payment year."""
    rows = table.rows("risk/hcc_code.csv.gz")
    return _gathered(((row["model"], row["payment_year"], row["hcc"]), row["code"]) for row in rows)


def _gathered(pairs: Iterable[tuple]) -> dict:
    found: dict = {}
    for key, code in pairs:
        found.setdefault(key, set()).add(code)
    return {key: frozenset(codes) for key, codes in found.items()}
