"""The clinical tables we ship: where they come from, what they hold, and that nobody edited them by hand."""

import re

import pytest

from carewright.knowledge import pages
from carewright.knowledge.table import FOLDER, origin, rows
from tests.knowledge import reshape, reshape_medicines
from tests.shared import shared

ROWS = {
    "risk/hcc_code.csv.gz": 36898,
    "risk/hcc_hierarchy.csv": 221,
    "risk/hcc_coefficient.csv.gz": 4552,
    "risk/hcc_edit.csv": 429,
    "risk/hcc_label.csv": 201,
    "risk/hcc_interaction.csv": 33,
    "risk/hcc_segment.csv": 9,
    "risk/hcc_factor.csv": 4,
    "risk/eligible_hcpcs.csv.gz": 20212,
    "conditions/ccw30_rule.csv": 30,
    "conditions/ccir.csv.gz": 74549,
    "comorbidity/charlson_code.csv": 289,
    "comorbidity/charlson_weight.csv": 17,
    "comorbidity/elixhauser_weight.csv": 38,
    "medicines/medicine_product.csv.gz": 15216,
    "social/social_need_code.csv": 117,
    "social/svi_county.csv": 3144,
}
OURS = ("risk", "conditions", "comorbidity", "medicines", "social")


def test_every_table_of_ours_is_listed_on_the_page_of_sources():
    found = {
        str(path.relative_to(FOLDER))
        for folder in OURS
        for path in (FOLDER / folder).iterdir()
        if path.name.endswith((".csv", ".csv.gz"))
    }
    assert found | {"value_sets/icd10cm.csv.gz"} == set(pages.TABLES)


@pytest.mark.parametrize("path", pages.TABLES)
def test_the_first_line_names_source_edition_and_licence(path):
    said = origin(path)
    assert all(said[key] for key in ("source", "edition", "licence"))


@pytest.mark.parametrize("path", pages.TABLES)
def test_codes_are_text_without_dots_and_keep_their_zeros(path):
    table = rows(path)
    for column in ("code", "prefix", "county_fips", "zip_code"):
        if column in table[0]:
            assert all(re.fullmatch(r"[A-Z0-9]{3,8}", row[column]) for row in table)
    if "county_fips" in table[0]:
        assert {len(row["county_fips"]) for row in table} == {5}
        assert any(row["county_fips"].startswith("0") for row in table)
    if "zip_code" in table[0]:
        assert {len(row["zip_code"]) for row in table} == {5}


@pytest.mark.parametrize("path", ROWS)
def test_row_counts(path):
    assert len(rows(path)) == ROWS[path]


@pytest.mark.parametrize("path", pages.TABLES)
def test_no_row_stands_twice(path):
    table = [tuple(row.items()) for row in rows(path)]
    assert len(set(table)) == len(table)


def test_procedure_numbers_come_without_any_words():
    table = rows("risk/eligible_hcpcs.csv.gz")
    assert set(table[0]) == {"payment_year", "code"}
    assert all(re.fullmatch(r"[A-Z0-9]{5}", row["code"]) for row in table)
    # No other table of ours holds CPT numbers: five digits, or four and a letter, beside words.
    for path in pages.TABLES:
        if "description" in rows(path)[0] or "label" in rows(path)[0]:
            assert not any(re.fullmatch(r"\d{4}[0-9FTUM]", row.get("code", "")) for row in rows(path)), path


@pytest.mark.parametrize("path", reshape.TABLES)
def test_a_table_is_what_the_reference_says_it_is(path):
    shared(reshape_medicines.FOLDER if path.startswith("medicines/") else "reference")
    assert reshape.shipped(path) == reshape.text(path)


def test_nothing_we_may_not_pass_on_is_here():
    # reference/README, "Ship / do not ship" and "Decided": no NYU, NUCC, ZIP to ZCTA, no value sets with SNOMED or CPT words.
    names = " ".join(str(path.relative_to(FOLDER)).lower() for path in FOLDER.rglob("*"))
    assert not re.search(r"nyu|johnston|nucc|taxonomy|zcta|snomed|ruralurban|2027", names)


# ── CMS-HCC ──


def test_every_category_a_code_maps_to_has_a_label_and_points():
    labels = {(row["model"], row["hcc"]) for row in rows("risk/hcc_label.csv")}
    points = {(row["model"], row["term"]) for row in rows("risk/hcc_coefficient.csv.gz") if row["segment"] == "CNA"}
    for row in rows("risk/hcc_code.csv.gz"):
        assert (row["model"], row["hcc"]) in labels
        assert (row["model"], f"HCC{row['hcc']}") in points


def test_every_coefficient_is_a_term_the_steps_know():
    interactions = {(row["model"], row["interaction"]) for row in rows("risk/hcc_interaction.csv")}
    cell = r"(NE)?[FM](0_34|35_44|45_54|55_59|60_64|65(_69)?|6[6-9]|70_74|75_79|80_84|85_89|90_94|95_GT)"
    known = re.compile(
        rf"({cell}|N?MCAID_N?ORIGDIS_{cell}|HCC\d+|D[1-9]|D10P|OriginallyDisabled_(Female|Male)|LTIMCAID|ORIGDS)"
    )
    for row in rows("risk/hcc_coefficient.csv.gz"):
        assert known.fullmatch(row["term"]) or (row["model"], row["term"]) in interactions, row
        # Institutional ORIGDS is the one term the steps leave out: its value is zero in both models.
        assert row["term"] != "ORIGDS" or row["points"] == "0.000"


def test_every_age_and_sex_cell_of_every_segment_has_points():
    held = {
        (row["model"], row["payment_year"], row["segment"], row["term"]) for row in rows("risk/hcc_coefficient.csv.gz")
    }
    young, old = (
        ("0_34", "35_44", "45_54", "55_59", "60_64"),
        ("65_69", "70_74", "75_79", "80_84", "85_89", "90_94", "95_GT"),
    )
    for model in ("V24", "V28"):
        for year in ("2025", "2026"):
            for sex in "FM":
                for segment in ("CNA", "CFA", "CPA", "INS"):
                    assert all((model, year, segment, f"{sex}{band}") in held for band in old)
                for segment in ("CND", "CFD", "CPD", "INS"):
                    assert all((model, year, segment, f"{sex}{band}") in held for band in young)
                for segment in ("NE", "SNPNE"):
                    for band in (*young, "65", "66", "67", "68", "69", *old[1:]):
                        for medicaid in ("MCAID", "NMCAID"):
                            assert (model, year, segment, f"{medicaid}_NORIGDIS_NE{sex}{band}") in held
                            if band not in young:
                                assert (model, year, segment, f"{medicaid}_ORIGDIS_NE{sex}{band}") in held


def test_every_interaction_group_names_categories_of_its_model():
    labels = {(row["model"], row["hcc"]) for row in rows("risk/hcc_label.csv")}
    groups: dict[tuple[str, str], set[str]] = {}
    for row in rows("risk/hcc_interaction_group.csv"):
        assert (row["model"], row["hcc"]) in labels
        groups.setdefault((row["model"], row["interaction"]), set()).add(row["group_number"])
    assert {key: str(len(found)) for key, found in groups.items()} == {
        (row["model"], row["interaction"]): row["groups"] for row in rows("risk/hcc_interaction.csv")
    }


def test_the_interactions_agree_with_the_reference():
    ours: dict[tuple[str, str], list[set[str]]] = {}
    for row in rows("risk/hcc_interaction_group.csv"):
        found = ours.setdefault((row["model"], row["interaction"]), [set(), set()])
        found[int(row["group_number"]) - 1].add(row["hcc"])

    def spread(text: str) -> set[str]:
        numbers: set[str] = set()
        for part in filter(None, text.split(",")):
            first, _, latest = part.partition("-")
            numbers |= {str(number) for number in range(int(first), int(latest or first) + 1)}
        return numbers

    shared("reference/hcc/interactions.csv")
    for row in reshape.reference("hcc/interactions.csv"):
        theirs = [spread(row["hcc_group_a"]), spread(row["hcc_group_b"])]
        mine = ours[row["model"], row["interaction"]]
        assert mine in (theirs, theirs[::-1]), row


def test_a_code_is_edited_at_most_one_way():
    table = [(row["model"], row["code"]) for row in rows("risk/hcc_edit.csv")]
    assert len(table) == len(set(table))


def test_each_factor_carries_its_remark():
    for row in rows("risk/hcc_factor.csv"):
        assert row["remark"]
        assert row["status"] in ("check", "none", "confirmed")
        assert bool(row["normalization"]) == (row["status"] != "none")


@pytest.mark.parametrize("model", ["V24", "V28"])
def test_the_mapping_of_2025_agrees_with_an_independent_one(model):
    shared("reference/hcc/dx_to_hcc_tuva_2019_2025.parquet")
    column = f"cms_hcc_{model.lower()}"
    theirs: dict[str, set[str]] = {}
    for code, hcc in reshape.parquet(
        "hcc/dx_to_hcc_tuva_2019_2025.parquet",
        f"select diagnosis_code, {column} from t where payment_year = '2025' and {column} <> '' and {column}_flag = 'Yes'",
    ):
        theirs.setdefault(code, set()).add(hcc)
    ours: dict[str, dict[str, set[str]]] = {"2025": {}, "2026": {}}
    for row in rows("risk/hcc_code.csv.gz"):
        if row["model"] == model:
            ours[row["payment_year"]].setdefault(row["code"], set()).add(row["hcc"])
    both = theirs.keys() & ours["2025"].keys()
    assert len(both) > 7700
    assert {code for code in both if theirs[code] != ours["2025"][code]} == set()
    # Only theirs: codes that began in October 2024. Ours has them from 2026 on, with the same categories.
    late = theirs.keys() - ours["2025"].keys()
    assert {code for code in late if theirs[code] != ours["2026"].get(code)} == set()
    # Only ours: codes that were split into finer ones, kept for claims that still carry them.
    assert len(ours["2025"].keys() - theirs.keys()) <= 10


# ── Pages ──


def test_pages_say_where_things_come_from_and_that_nobody_has_reviewed_them():
    for path, text in pages.render().items():
        assert path.startswith("docs/clinical/")
        assert pages.UNREVIEWED in text
        assert "\n# " in text


def test_the_factors_page_never_hides_that_a_factor_is_recalled():
    assert "recalled" in pages.render()["docs/clinical/cms-hcc.md"]
