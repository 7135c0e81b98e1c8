"""Chronic conditions: hand-worked cases, and the thirty rules against a second transcription on random claims."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from carewright.knowledge.table import rows
from tests.knowledge import reshape
from tests.shared import shared
from tests.warehouse.clinical.rows import TODAY, World

STEPS = ("marts.chronic_condition_ccw30", "marts.chronic_condition_ccir", "marts.chronic_condition")


def conditions(world: World, scheme: str = "ccw30") -> set[str]:
    world.run(*STEPS)
    return {name for (name,) in world.rows(f"select condition from marts.chronic_condition where scheme = '{scheme}'")}


def ada(*claims: dict, as_of: date = TODAY) -> World:
    world = World(as_of)
    world.person()
    for claim in claims:
        world.claim(**claim)
    return world


def test_one_hospital_claim_is_enough():
    assert conditions(ada({"codes": "I10", "kind": "IP"})) == {"hypert"}


def test_one_office_claim_is_not_enough_and_two_on_the_same_day_are_one():
    office = {"codes": "I10", "kind": "CAR", "on": date(2026, 1, 5)}
    assert conditions(ada(office)) == set()
    assert conditions(ada(office, office)) == set()
    assert conditions(ada(office, {**office, "kind": "OP", "on": date(2026, 1, 6)})) == {"hypert"}


def test_the_look_back_ends_on_the_day_of_the_run_and_begins_after_the_same_day_two_years_ago():
    claim = {"codes": "I10", "kind": "IP"}
    assert conditions(ada({**claim, "on": TODAY})) == {"hypert"}
    assert conditions(ada({**claim, "on": TODAY + timedelta(days=1)})) == set()
    assert conditions(ada({**claim, "on": date(2024, 7, 1)})) == {"hypert"}
    assert conditions(ada({**claim, "on": date(2024, 6, 30)})) == set()


def test_a_heart_attack_looks_back_one_year_and_needs_a_hospital():
    assert conditions(ada({"codes": "I214", "kind": "IP", "on": date(2025, 7, 1)})) >= {"ami"}
    assert "ami" not in conditions(ada({"codes": "I214", "kind": "IP", "on": date(2025, 6, 30)}))
    offices = [{"codes": "I214", "kind": "OP", "on": date(2026, month, 1)} for month in (1, 2, 3)]
    assert "ami" not in conditions(ada(*offices))


def test_cataract_needs_one_office_claim_and_no_hospital_counts():
    assert conditions(ada({"codes": "H2510", "kind": "CAR", "on": TODAY})) == {"cataract"}
    assert conditions(ada({"codes": "H2510", "kind": "IP", "on": TODAY})) == set()


def test_a_head_injury_on_the_same_claim_voids_a_stroke():
    stroke = {"codes": "I639", "kind": "IP", "on": TODAY}
    assert conditions(ada(stroke)) == {"strketia"}
    assert conditions(ada({**stroke, "codes": "I639 S060X0A"})) == set()
    # The injury on another claim voids nothing.
    assert conditions(ada(stroke, {**stroke, "codes": "S060X0A"})) == {"strketia"}


def test_hospice_claims_and_records_do_not_count_for_the_warehouse():
    for kind in ("HOSPICE", "CLINICAL"):
        assert conditions(ada({"codes": "I10", "kind": kind}, {"codes": "I10", "kind": kind, "on": TODAY})) == set()


def test_codes_newer_than_the_edition_are_known():
    assert conditions(ada({"codes": "G20A1", "kind": "IP"})) == {"parkinsn"}
    assert conditions(ada({"codes": "F02B0", "kind": "IP"})) == {"nonaddem"}


def test_first_and_latest_evidence():
    world = ada(
        {"codes": "I10", "on": date(2023, 1, 1), "key": 1},
        {"codes": "I10", "on": date(2025, 2, 1), "key": 2},
        {"codes": "I10", "on": date(2025, 8, 1), "key": 3},
        {"codes": "I10", "on": date(2026, 5, 1), "key": 4},
    )
    world.run(*STEPS)
    assert world.rows(
        "select label, first_on, latest_on, claims, evidence from marts.chronic_condition where scheme = 'ccw30'"
    ) == [("Hypertension", date(2023, 1, 1), date(2026, 5, 1), 3, "claims:4;claims:2")]


def test_protected_facts_do_not_count_and_tags_travel():
    claim = {"codes": "F329", "kind": "IP"}
    assert conditions(ada({**claim, "tags": "behavioral;part2"})) == set()
    world = ada({**claim, "tags": "behavioral"})
    world.run(*STEPS)
    assert world.rows("select distinct tags from marts.chronic_condition") == [("behavioral",)]


def test_one_disease_is_one_chronic_condition_however_it_is_coded():
    world = ada({"codes": "E119 E1165 E1122"}, {"codes": "E119", "on": date(2026, 1, 1)}, {"codes": "J069"})
    world.run(*STEPS)
    assert world.rows("select condition, label, claims from marts.chronic_condition where scheme = 'ccir'") == [
        ("E11", "Type 2 diabetes mellitus", 2)
    ]


def test_the_indicator_counts_records_too_but_nothing_older_than_two_years():
    assert conditions(ada({"codes": "E119", "kind": "CLINICAL"}), "ccir") == {"E11"}
    assert conditions(ada({"codes": "E119", "on": date(2024, 6, 30)}), "ccir") == set()


# ── The second transcription: Public Health Seattle & King County, read on its own ──


@dataclass(frozen=True)
class Claim:
    person: str
    kind: int  # 1 inpatient, 2 nursing facility, 3 home health, 4 hospital outpatient, 5 carrier
    on: date
    codes: tuple[str, ...]


KINDS = {1: "IP", 2: "SNF", 3: "HHA", 4: "OP", 5: "CAR"}


def king_county(claims: Iterable[Claim], as_of: date, different_days: bool) -> set[tuple[str, str]]:
    """
    Who has what, by King County's table of rules and list of codes.

    Its text asks for "2 HOP or Carrier claims" and is silent on their days; `different_days` adds that two claims of one
    day are one.
    """
    codes: dict[str, set[str]] = {}
    for row in reshape.reference("chronic/ccw_codes_kingcounty.csv"):
        codes.setdefault(row["ccw_abbrev"], set()).add(row["dx"])
    claims = list(claims)
    found = set()
    for rule in reshape.reference("chronic/ccw_rules_kingcounty_2017plus.csv"):
        name = rule["ccw_abbrev"]
        if "exclu" in name or name == "alzheimer_related":  # exclusion lists, and a category the 2017 list replaced
            continue
        back = int(rule["lookback_months"]) // 12
        since = as_of.replace(year=as_of.year - back)
        excluded = codes.get(f"{name}_exclude", set()) | codes.get(f"{name}_exclude1", set())
        first = {int(kind) for kind in rule["claim_type_1"].split(";")}
        second = {int(kind) for kind in filter(None, rule["claim_type_2"].split(";"))}
        ones: dict[str, int] = {}
        twos: dict[str, list[date]] = {}
        for claim in claims:
            if not since < claim.on <= as_of or not codes[name] & set(claim.codes) or excluded & set(claim.codes):
                continue
            if claim.kind in first:
                ones[claim.person] = ones.get(claim.person, 0) + 1
            if claim.kind in second:
                twos.setdefault(claim.person, []).append(claim.on)
        found |= {(person, name) for person in ones}
        if rule["condition_type"] == "2":
            found |= {
                (person, name)
                for person, days in twos.items()
                if len(days) >= 2 and (not different_days or len(set(days)) >= 2)
            }
    return found


@pytest.fixture(scope="module")
def compared() -> tuple[list[Claim], set[tuple[str, str]]]:
    """4,000 people's random claims, with codes that both transcriptions list, and our answer in King County's names."""
    shared("reference/chronic/ccw_codes_kingcounty.csv")
    chance = random.Random(30)
    listed = [row for row in rows("conditions/ccw30_code.csv.gz") if row["listed_by"] == "king_county;usc"]
    by_condition: dict[str, list[str]] = {}
    for row in listed:
        by_condition.setdefault(row["condition"], []).append(row["code"])
    voiding = [r["code"] for r in rows("conditions/ccw30_exclusion.csv.gz") if r["listed_by"] == "king_county;usc"]
    claims = []
    for number in range(4000):
        # A few conditions each, so that claims of one condition meet; every condition gets its hundreds of people.
        mine = chance.sample(sorted(by_condition), 2)
        for _ in range(chance.randint(1, 5)):
            some = [chance.choice(by_condition[chance.choice(mine)]) for _ in range(chance.randint(1, 2))]
            if chance.random() < 0.15:
                some.append(chance.choice(voiding))
            on = TODAY - timedelta(days=chance.choice([0, 0, -1, 364, 365, 366, 729, 730, 731, *range(1, 900, 45)]))
            claims.append(Claim(f"p{number:04d}", chance.choice([1, 2, 3, 4, 4, 5, 5]), on, tuple(dict.fromkeys(some))))
    world = World()
    for key, claim in enumerate(claims):
        world.claim(" ".join(claim.codes), claim.person, claim.on, KINDS[claim.kind], key)
    world.run("marts.chronic_condition_ccw30")
    ours = {
        (person, reshape.KING_COUNTY[condition])
        for person, condition in world.rows("select person_id, condition from marts.chronic_condition_ccw30")
    }
    return claims, ours


def test_both_transcriptions_find_the_same_people(compared):
    claims, ours = compared
    theirs = king_county(claims, TODAY, different_days=True)
    assert ours == theirs
    assert len({name for _, name in ours}) == 30
    assert len(ours) > 2500


def test_the_one_difference_is_two_claims_on_one_day(compared):
    claims, ours = compared
    theirs = king_county(claims, TODAY, different_days=False)
    assert ours < theirs
    for person, _ in theirs - ours:
        days = [claim.on for claim in claims if claim.person == person]
        assert len(set(days)) < len(days)


def test_the_rules_of_both_transcriptions_agree():
    shared("reference/chronic/ccw_rules_kingcounty_2017plus.csv")
    theirs = {
        rule["ccw_abbrev"]: (
            rule["lookback_months"],
            rule["claim_type_1"],
            rule["claim_type_2"],
            rule["condition_type"],
        )
        for rule in reshape.reference("chronic/ccw_rules_kingcounty_2017plus.csv")
    }
    numbers = {kind: str(number) for number, kind in KINDS.items()}
    for row in rows("conditions/ccw30_rule.csv"):
        ours = (
            row["months"],
            ";".join(numbers[kind] for kind in row["one_group"].split(";")),
            ";".join(numbers[kind] for kind in filter(None, row["two_group"].split(";"))),
            "2" if row["two_group"] else "1",
        )
        assert ours == theirs[reshape.KING_COUNTY[row["condition"]]], row["condition"]


def test_what_only_one_transcription_lists_is_accounted_for():
    only = [row for row in rows("conditions/ccw30_code.csv.gz") if "usc" not in row["listed_by"]]
    # Codes that ICD-10-CM began after February 2022: none of them is in the 2022 edition's list, all are codes today.
    known = {row["code"] for row in rows("value_sets/icd10cm.csv.gz")}
    assert {row["code"] for row in only} <= known
    # What only the USC list has: skull fractures (S02) beside a stroke, which King County's reference table leaves out.
    usc = [row for row in rows("conditions/ccw30_exclusion.csv.gz") if row["listed_by"] == "usc"]
    assert {row["code"][:3] for row in usc} <= {"S02", "S06"}
    assert not [row for row in rows("conditions/ccw30_code.csv.gz") if row["listed_by"] == "usc"]
