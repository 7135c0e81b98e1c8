"""
The pages of `docs/clinical`, written from the knowledge itself so that the two can never disagree.

`render()` gives every page; `dev docs` writes them, and the checks fail when a page on disk is not what is rendered.
"""

from collections.abc import Iterable, Sequence
from types import ModuleType

from carewright.knowledge import instrument_pages, medicines
from carewright.knowledge.comorbidity import charlson
from carewright.knowledge.conditions import ccir, ccw30
from carewright.knowledge.risk import cms_hcc
from carewright.knowledge.social import recorded_need
from carewright.knowledge.source import Source
from carewright.knowledge.table import origin, rows

GENERATED = "<!-- Written from src/carewright/knowledge by `dev docs`. Change it there. -->"
UNREVIEWED = "Nobody qualified has reviewed this yet."


def render() -> dict[str, str]:
    """Every page: its path under the repository, and its text (Markdown)."""
    return {
        "docs/clinical/cms-hcc.md": _cms_hcc(),
        "docs/clinical/chronic-conditions.md": _chronic_conditions(),
        "docs/clinical/comorbidity.md": _comorbidity(),
        "docs/clinical/social-needs-recorded.md": _social_needs(),
        "docs/clinical/medicines.md": _medicines(),
        "docs/clinical/sources.md": _sources(),
        **{path: _page(parts) for path, parts in instrument_pages.pages().items()},
    }


def _cms_hcc() -> str:
    points: dict[tuple[str, str, str], str] = {
        (row["model"], row["segment"], row["term"]): row["points"]
        for row in rows("risk/hcc_coefficient.csv.gz")
        if row["payment_year"] == "2026"
    }
    labels = rows("risk/hcc_label.csv")
    drops: dict[tuple[str, str], list[str]] = {}
    for row in rows("risk/hcc_hierarchy.csv"):
        drops.setdefault((row["model"], row["hcc"]), []).append(row["drops"])
    parts = [
        _opening("CMS-HCC risk scores", cms_hcc, cms_hcc.SOURCES),
        "## How a score is made\n\n" + _list(cms_hcc.HOW, numbered=True),
        "## Segments\n\n" + _grid(("Segment", "Who"), cms_hcc.segments().items()),
        "## Payment factors\n\n"
        "Raw scores are exact. Payment scores depend on these factors; read each remark before using one.\n\n"
        + _grid(
            ("Model", "Payment year", "Normalization", "Coding adjustment", "Share of payment", "Remark"),
            (
                (
                    factor.model,
                    str(factor.payment_year),
                    str(factor.normalization or "none held"),
                    str(factor.coding_adjustment if factor.coding_adjustment is not None else "none held"),
                    str(factor.blend_share),
                    factor.remark,
                )
                for factor in cms_hcc.factors()
            ),
        ),
    ]
    for model in cms_hcc.MODELS:
        of_model = [row for row in labels if row["model"] == model.code]
        parts.append(
            f"## {model.name}\n\n{model.statement} {len(of_model)} condition categories. Points are those of the"
            " community segment without Medicaid, 65 or older (CNA), payment year 2026.\n\n"
            + _grid(
                ("HCC", "Condition", "Points", "Drops"),
                (
                    (
                        row["hcc"],
                        row["label"],
                        points.get((model.code, "CNA", f"HCC{row['hcc']}"), ""),
                        ", ".join(drops.get((model.code, row["hcc"]), [])),
                    )
                    for row in of_model
                ),
            )
        )
        parts.append(
            f"### Conditions that weigh more together in {model.code}\n\n"
            "Where a segment has no points for a pair, the pair adds nothing there.\n\n"
            + _grid(
                ("Together", "Segments with points"),
                (
                    (
                        row["label"],
                        ", ".join(
                            f"{segment} {points[model.code, segment, row['interaction']]}"
                            for segment in cms_hcc.segments()
                            if (model.code, segment, row["interaction"]) in points
                        )
                        or "none",
                    )
                    for row in rows("risk/hcc_interaction.csv")
                    if row["model"] == model.code
                ),
            )
        )
    return _page(parts)


def _chronic_conditions() -> str:
    counts = ccw30.code_counts()
    marks = ccir.marks()
    return _page(
        [
            _opening("Chronic conditions", ccw30, (ccw30.SOURCE,)),
            "## The thirty rules\n\n"
            + _grid(
                ("Condition", "Stands with", "Codes", "Codes that void a claim"),
                (
                    (rule.label, rule.in_words(), str(counts[rule.condition][0]), str(counts[rule.condition][1]))
                    for rule in ccw30.rules()
                ),
            ),
            _opening("AHRQ's indicator", ccir, (ccir.SOURCE,), level=2),
            f"{marks['1']:,} codes are marked chronic, {marks['0']:,} not chronic, {marks['9']:,} undecided.",
        ]
    )


def _comorbidity() -> str:
    names = {illness.condition: illness.label for illness in charlson.illnesses()}
    return _page(
        [
            _opening("Charlson index", charlson, charlson.SOURCES),
            "## The illnesses\n\n"
            + _grid(
                ("Illness", "1987", "2011", "Replaces", "ICD-10 codes that begin with"),
                (
                    (
                        illness.label,
                        str(illness.weight_1987),
                        str(illness.weight_2011),
                        names.get(illness.outranks, ""),
                        ", ".join(illness.prefixes),
                    )
                    for illness in charlson.illnesses()
                ),
            ),
            "## Readmission index (Elixhauser, refined)\n\n" + _cite((charlson.ELIXHAUSER_SOURCE,)),
            _grid(
                ("Comorbidity", "Weight"),
                (
                    (row["comorbidity"], row["readmission_weight"])
                    for row in rows("comorbidity/elixhauser_weight.csv")
                    if row["readmission_weight"] != "0"
                ),
            ),
        ]
    )


def _social_needs() -> str:
    parts = [_opening("Social needs on record", recorded_need, recorded_need.SOURCES)]
    for domain, codes in recorded_need.domains().items():
        parts.append(
            f"## {domain}\n\n" + _grid(("Code", "Words"), ((f"{code[:3]}.{code[3:]}", said) for code, said in codes))
        )
    return _page(parts)


def _medicines() -> str:
    kept: dict[tuple[str, str], list[str]] = {}
    for line in medicines.sensitive():
        name = line.name if line.match == "ingredient" else f"every form that begins with “{line.name}”"
        kept.setdefault((line.tag, line.because), []).append(name)
    return _page(
        [
            _opening("Medicines by number", medicines, medicines.SOURCES),
            "## What is kept closer\n\n"
            + _grid(
                ("Tag", "Because", "Medicines"), ((tag, why, ", ".join(names)) for (tag, why), names in kept.items())
            ),
        ]
    )


TABLES = (
    "risk/hcc_code.csv.gz",
    "risk/hcc_hierarchy.csv",
    "risk/hcc_coefficient.csv.gz",
    "risk/hcc_edit.csv",
    "risk/hcc_label.csv",
    "risk/hcc_interaction.csv",
    "risk/hcc_interaction_group.csv",
    "risk/hcc_segment.csv",
    "risk/hcc_factor.csv",
    "risk/eligible_hcpcs.csv.gz",
    "conditions/ccw30_code.csv.gz",
    "conditions/ccw30_exclusion.csv.gz",
    "conditions/ccw30_rule.csv",
    "conditions/ccir.csv.gz",
    "comorbidity/charlson_code.csv",
    "comorbidity/charlson_weight.csv",
    "comorbidity/elixhauser_code.csv.gz",
    "comorbidity/elixhauser_weight.csv",
    "comorbidity/elixhauser_exclusion.csv",
    "medicines/medicine_product.csv.gz",
    "medicines/sensitive_medicine.csv",
    "social/social_need_code.csv",
    "social/svi_county.csv",
    "social/zip_county.csv.gz",
    "value_sets/icd10cm.csv.gz",
)


def _sources() -> str:
    return _page(
        [
            "# Sources of the clinical tables\n\nEach table says in its first line where it comes from. " + UNREVIEWED,
            _grid(
                ("Table", "Rows", "Source", "Edition", "Licence"),
                (
                    (
                        path,
                        f"{len(rows(path)):,}",
                        origin(path)["source"],
                        origin(path)["edition"],
                        origin(path)["licence"],
                    )
                    for path in TABLES
                ),
            ),
        ]
    )


def _page(parts: Iterable[str]) -> str:
    return GENERATED + "\n\n" + "\n\n".join(parts) + "\n"


def _opening(title: str, module: ModuleType, sources: Sequence[Source], level: int = 1) -> str:
    """A title, what the module says when read aloud, and where it comes from."""
    said = (module.__doc__ or "").strip()
    return f"{'#' * level} {title}\n\n{said}\n\n" + _cite(sources)


def _cite(sources: Sequence[Source]) -> str:
    lines = []
    for source in sources:
        named = ", ".join(part for part in (source.title, source.section, source.edition) if part)
        remarks = [] if source.confirmed else ["Not confirmed."]
        remarks += [source.remark] if source.remark else []
        remarks += [f"Licence: {source.licence}."] if source.licence else []
        remarks.append(
            f"Reviewed by {source.reviewed_by} on {source.reviewed_on}." if source.is_reviewed else UNREVIEWED
        )
        lines.append(f"{named}. {' '.join(remarks)}")
    return "Sources:\n\n" + _list(lines)


def _list(lines: Iterable[str], numbered: bool = False) -> str:
    return "\n".join(f"{f'{number}.' if numbered else '-'} {line}" for number, line in enumerate(lines, start=1))


def _grid(heads: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in body]
    return "\n".join(lines)
