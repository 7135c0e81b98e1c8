"""Which codes are kept closer, and that the list says so however a code is written."""

import re

import pytest

from carewright.knowledge import sensitivity
from carewright.staff import roles


@pytest.mark.parametrize(
    ("system", "code", "tags"),
    [
        ("icd10cm", "F32.9", {"behavioral"}),
        ("icd10cm", "f329", {"behavioral"}),
        ("icd10cm", "F11.20", {"behavioral"}),
        ("icd10cm", "F17.210", set()),  # tobacco
        ("icd10cm", "T40.2X1A", {"behavioral"}),
        ("icd10cm", "R45.851", {"behavioral"}),
        ("icd10cm", "B20", {"hiv"}),
        ("icd10cm", "Z21", {"hiv"}),
        ("icd10cm", "O98.711", {"hiv", "reproductive"}),
        ("icd10cm", "Z30.011", {"reproductive"}),
        ("icd10cm", "A54.00", {"reproductive"}),
        ("icd10cm", "F64.0", {"behavioral", "reproductive"}),
        ("icd10cm", "T74.11XA", {"safety"}),
        ("icd10cm", "Y07.01", {"safety"}),
        ("icd10cm", "Z69.11", {"safety"}),
        ("icd10cm", "Z63.0", {"safety"}),
        ("icd10cm", "Z91.411", {"safety"}),
        ("icd10cm", "E11.9", set()),
        ("icd10cm", "Z63.4", set()),
        ("icd10cm", "T78.1", set()),
        ("icd10cm", "", set()),
        ("icd9cm", "296.20", {"behavioral"}),
        ("icd9cm", "305.1", set()),
        ("icd9cm", "042", {"hiv"}),
        ("hcpcs", "H0020", {"behavioral"}),
        ("hcpcs", "90837", {"behavioral"}),
        ("hcpcs", "99213", set()),
        ("hcpcs", "86703", {"hiv"}),
        ("revenue", "0124", {"behavioral"}),
        ("revenue", "0120", set()),
        ("drg", "885", {"behavioral"}),
        ("drg", "291", set()),
        ("loinc", "56888-1", {"hiv"}),
        ("loinc", "4548-4", set()),
        ("nobody", "F32.9", set()),
    ],
)
def test_tags_of_a_code(system, code, tags):
    assert sensitivity.tags_for(system, code) == tags


def test_a_diagnosis_is_never_part_2():
    assert all(line.tag in sensitivity.BY_CODE for line in sensitivity.sensitive_codes())


def test_every_tag_is_one_that_roles_know():
    assert set(sensitivity.TAGS) == roles.ALWAYS_HIDDEN | roles.SENSITIVE


def test_no_line_stands_twice_and_every_line_says_where_it_is_from():
    import csv

    with sensitivity.CODES.open(encoding="utf-8") as file:
        file.readline()
        rows = list(csv.DictReader(file))
    keys = [(row["code_system"], row["code"], row["tag"]) for row in rows]
    assert len(keys) == len(set(keys))
    assert all(row["source"] and row["label"] and row["match"] in ("prefix", "exact") for row in rows)
    assert all(row["code"] == sensitivity.plain(row["code"]) for row in rows)


@pytest.mark.parametrize("system", sensitivity.systems())
@pytest.mark.parametrize("tag", sensitivity.BY_CODE)
def test_the_pattern_finds_what_the_table_says(system, tag):
    """Many codes are searched at once; that must find what one lookup finds, and nothing inside another code."""
    pattern = sensitivity.pattern(system, tag)
    lines = [line for line in sensitivity.sensitive_codes() if line.code_system == system and line.tag == tag]
    assert bool(pattern) == bool(lines)
    for line in lines:
        assert re.search(pattern, line.code)
        assert re.search(pattern, f"XX00 {line.code} XX01")
        assert not re.search(pattern, f"XX{line.code}")
        assert bool(re.search(pattern, f"{line.code}9")) == (tag in sensitivity.tags_for(system, f"{line.code}9"))
