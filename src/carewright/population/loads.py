"""
How each published table becomes rows of the record: which columns, in which words of SQL.

An expression is DuckDB SQL over the published table `t`; `patient_id` comes from matching `person_id`. Lists leave the
warehouse as `;`-joined text and arrive as PostgreSQL arrays.
"""

from dataclasses import dataclass, field

from django.db import models

from carewright.population.models import (
    AttributedProvider,
    Candidate,
    ChronicCondition,
    Comorbidity,
    Criterion,
    DispensedProduct,
    Dispensing,
    EdVisit,
    Eligibility,
    Freshness,
    FreshnessMonth,
    HccPart,
    HccScore,
    JoinedNumber,
    Neighborhood,
    ProviderName,
    Readmission,
    Score,
    ScorePart,
    SocialNeed,
    SpendingMonth,
    Stay,
    UnknownCode,
    Utilization,
    Worth,
)


def array(column: str) -> str:
    """A `;`-joined text as a PostgreSQL array literal; the codes we store hold no quotes or commas."""
    return f"'{{' || replace(coalesce({column}, ''), ';', ',') || '}}'"


def text(column: str) -> str:
    """Text that is empty rather than missing."""
    return f"coalesce(t.{column}, '')"


TAGS = {"tags": array("t.tags")}
EVIDENCE = {"evidence": text("evidence")}


@dataclass(frozen=True)
class Load:
    """One published table: its model, and expressions for columns that are not simply the column of that name."""

    model: type[models.Model]
    table: str
    words: dict[str, str] = field(default_factory=dict)
    source: str = ""

    @property
    def is_about_patients(self) -> bool:
        """Whether its rows name a person."""
        return any(column.attname == "patient_id" for column in self.model._meta.local_fields)

    @property
    def columns(self) -> list[str]:
        """The columns it fills, in order; the run and the patient come first and from elsewhere."""
        given = {"run_id", "patient_id"}
        return [found.column for found in self.model._meta.local_concrete_fields if found.column not in given]  # type: ignore[misc]

    def select(self, run_pk: int, path: str) -> str:
        """The query whose rows are copied; `receiving.person(person_id, patient_id)` is there."""
        chosen = [f"{int(run_pk)} as run_id"]
        if self.is_about_patients:
            chosen.append("who.patient_id")
        for column in self.columns:
            words = self.words.get(column, f't."{column}"')
            chosen.append(f'{words} as "{column}"')
        rows = self.source.format(path=path) if self.source else f"read_parquet('{path}')"
        join = " inner join receiving.person as who on t.person_id = who.person_id" if self.is_about_patients else ""
        return f"select {', '.join(chosen)} from {rows} as t{join}"

    def filled(self) -> list[str]:
        """All columns it fills, as `copy` names them."""
        return ["run_id"] + (["patient_id"] if self.is_about_patients else []) + self.columns


def _when_protected(*columns: str) -> dict[str, str]:
    """`open_…` columns are kept only where something is protected; elsewhere they say the same."""
    return {column: f"case when coalesce(t.tags, '') <> '' then t.{column} end" for column in columns}


def _joined(column: str) -> str:
    """One column of a person's months, in their order, as a PostgreSQL array literal."""
    return f"'{{{{' || list_aggregate([cast(x.{column} as varchar) for x in months], 'string_agg', ',') || '}}}}'"


# The months of a person are sorted once, as whole rows, and taken apart after.
MONTHS = f"""(
    select person_id, {", ".join(f"{_joined(name)} as {name}" for name in ("month", "inpatient", "ed", "pharmacy", "other", "stays", "ed_visits"))}
    from (
        select
            person_id,
            list_sort(list(struct_pack(
                month := month,
                inpatient := cast(round(coalesce(inpatient_paid, 0)) as bigint),
                ed := cast(round(coalesce(ed_paid, 0)) as bigint),
                pharmacy := cast(round(coalesce(pharmacy_paid, 0)) as bigint),
                other := cast(round(coalesce(other_paid, 0)) as bigint),
                stays := coalesce(stays, 0),
                ed_visits := coalesce(ed_visits, 0)
            ))) as months
        from read_parquet('{{path}}')
        group by person_id
    )
)"""

LOADS: tuple[Load, ...] = (
    Load(
        Score,
        "score",
        {name: array(f"t.{name}") for name in ("programs", "open_programs", "hidden_programs", "open_hidden_programs")},
    ),
    Load(Eligibility, "eligibility"),
    Load(
        Criterion,
        "criterion",
        TAGS | EVIDENCE | _when_protected("open_verdict", "open_text", "open_chip", "open_evidence"),
    ),
    Load(ScorePart, "score_part", TAGS | EVIDENCE),
    Load(Candidate, "candidate"),
    Load(Worth, "worth"),
    Load(ProviderName, "provider"),
    Load(
        Stay,
        "stay",
        TAGS
        | EVIDENCE
        | {
            name: text(name)
            for name in ("discharge_status", "drg_code", "principal_diagnosis", "facility_npi", "facility")
        },
    ),
    Load(
        EdVisit,
        "ed_visit",
        TAGS | EVIDENCE | {name: text(name) for name in ("facility_npi", "facility", "principal_diagnosis")},
    ),
    Load(Readmission, "readmission", {"readmission_stay_id": text("readmission_stay_id")}),
    Load(ChronicCondition, "condition", TAGS | EVIDENCE),
    Load(HccPart, "hcc", TAGS | EVIDENCE),
    Load(HccScore, "hcc_score", TAGS | {"segment": text("segment"), "remark": text("remark")}),
    Load(Comorbidity, "comorbidity", TAGS | EVIDENCE | {"charlson_conditions": text("charlson_conditions")}),
    Load(
        Utilization,
        "utilization",
        {
            "open_stays_12": "t.stays_12_open",
            "open_ed_visits_12": "t.ed_visits_12_open",
            "open_paid_12": "t.paid_12_open",
        },
    ),
    Load(SpendingMonth, "month", {"months": "t.month"}, source=MONTHS),
    Load(AttributedProvider, "attribution", EVIDENCE | {"provider_name": text("provider_name")}),
    Load(
        Dispensing,
        "dispensing",
        TAGS
        | EVIDENCE
        | {"filled_on": array("t.filled_on")}
        | {name: text(name) for name in ("said", "prescriber_npi", "pharmacy_npi")},
    ),
    Load(DispensedProduct, "dispensed_product"),
    Load(SocialNeed, "social_need", TAGS | EVIDENCE | {"source": text("source")}),
    Load(Neighborhood, "neighborhood", {"edition": text("edition")}),
    Load(
        Freshness,
        "freshness",
    ),
    Load(FreshnessMonth, "freshness_month"),
    Load(JoinedNumber, "joined_number", {"counted_as": "t.person_id"}),
    Load(UnknownCode, "unknown_code", {"table": 't."table"', "examples": text("examples")}),
)
