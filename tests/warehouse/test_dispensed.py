"""What people were handed out, product by product: worked by hand, and against a second reading in plain Python."""

import random
from datetime import date, timedelta

import duckdb
import pytest

from carewright.knowledge import medicines
from carewright.knowledge.table import rows
from carewright.warehouse import evidence
from carewright.warehouse.step import STEPS, Step
from carewright.warehouse.tables import register_knowledge
from tests.warehouse.by_hand import TODAY, ByHand, day

LISINOPRIL, LISINOPRIL_TOO = "00143971301", "00143971310"  # two packages of one product
BUPRENORPHINE, PILL, ATAZANAVIR = "00378876716", "72189052828", "00003196401"
COLUMNS = "product, latest_on, days_supply, lasts_to, days_12"


@pytest.fixture
def home():
    home = ByHand()
    home.person()
    return home


def one(home, columns=COLUMNS, **more):
    [found] = home.table("marts.dispensed", columns, **more)
    return found if len(found) > 1 else found[0]


def test_packages_of_one_product_are_one_line_with_its_last_fill(home):
    home.fill("a", day(1, 10), ndc_code=LISINOPRIL, days_supply=30, prescribing_provider_npi="1000000001")
    home.fill("b", day(8, 12), ndc_code=LISINOPRIL_TOO, days_supply=90, quantity=90,
              prescribing_provider_npi="1000000002", dispensing_provider_npi="1000000009")  # fmt: skip
    assert one(home) == ("rxcui:314077", day(8, 12), 90, day(11, 9), 2)
    columns = "ndc, quantity, prescriber_npi, pharmacy_npi, first_on, filled_on"
    assert one(home, columns) == (
        LISINOPRIL_TOO, 90.0, "1000000002", "1000000009", day(1, 10), "2025-01-10;2025-08-12",
    )  # fmt: skip
    [name] = home.table("published.dispensed_product", "name, ingredients, strengths, dose_form, brand")
    assert name == ("lisinopril 20 MG Oral Tablet", "lisinopril", "20 MG", "Oral Tablet", "")


def test_a_number_nobody_knows_is_its_own_product_with_the_senders_words(home):
    home.fill("a", day(5, 1), ndc_code=ATAZANAVIR, ndc_description=" REYATAZ 300MG CAP ")
    assert one(home, "product, ndc, said") == (f"ndc:{ATAZANAVIR}", ATAZANAVIR, "REYATAZ 300MG CAP")
    assert home.table("published.dispensed_product", "product, name") == [(f"ndc:{ATAZANAVIR}", "")]


@pytest.mark.parametrize(
    ("on", "days", "lasts_to"),
    [
        (date(2024, 2, 28), 2, date(2024, 2, 29)),
        (date(2024, 2, 29), 1, date(2024, 2, 29)),
        (date(2024, 12, 31), 366, date(2025, 12, 31)),
        (date(2025, 12, 31), 30, date(2026, 1, 29)),
    ],
)
def test_it_lasts_to_its_last_day_leap_days_included(home, on, days, lasts_to):
    home.fill("a", on, days_supply=days)
    assert one(home, "lasts_to") == lasts_to


@pytest.mark.parametrize("days", [None, 0, -30, 367, 2_000_000_000])
def test_a_days_supply_that_is_none_or_a_slip_is_unknown(home, days):
    home.fill("a", day(5, 1), days_supply=days)
    assert one(home, "days_supply, lasts_to, days_12") == (None, None, 1)


@pytest.mark.parametrize("ndc", ["00000000000", "99999999999"])
def test_a_number_that_stands_for_none_says_nothing_of_supply(home, ndc):
    home.fill("a", day(5, 1), ndc_code=ndc)
    assert one(home) == (f"ndc:{ndc}", day(5, 1), None, None, 1)


def test_of_one_day_the_longest_supply_all_units_and_only_a_prescriber_that_all_name(home):
    home.fill("a", day(5, 1), days_supply=30, quantity=30, prescribing_provider_npi="1000000001")
    home.fill("b", day(5, 1), days_supply=None, quantity=60, prescribing_provider_npi="1000000002")
    assert one(home, "days_supply, quantity, prescriber_npi, days_12") == (30, 90.0, None, 1)


def test_what_was_reversed_cancelled_repeated_or_sent_again_is_not_there(home):
    home.fill("gone", day(9, 1), ndc_code=LISINOPRIL)
    home.fill("back", day(9, 1), ndc_code=LISINOPRIL, quantity=-30, paid_amount=-10)
    home.fill("void", day(10, 1), ndc_code=LISINOPRIL, claim_status="cancelled")
    home.fill("kept", day(5, 1), ndc_code=LISINOPRIL, delivery=1, days_supply=30)
    kept = home.fill("kept", day(5, 1), ndc_code=LISINOPRIL, delivery=2, days_supply=60)
    assert one(home, "latest_on, days_supply, days_12, filled_on, evidence") == (
        day(5, 1), 60, 1, "2025-05-01", kept,
    )  # fmt: skip


def test_only_fills_of_24_months_up_to_the_day_are_told(home):
    home.fill("old", date(2023, 12, 31))
    home.fill("first", date(2024, 1, 1))
    home.fill("edge", date(2024, 12, 31))
    home.fill("year", date(2025, 1, 1))
    home.fill("future", date(2026, 1, 1))
    columns = "first_on, latest_on, days_12, filled_on"
    assert one(home, columns) == (date(2024, 1, 1), date(2025, 1, 1), 1, "2024-01-01;2024-12-31;2025-01-01")


def test_two_numbers_of_one_person_are_one_persons_fills(home):
    home.person("ada-2")
    home.joined["ada-2"] = "ada"
    home.fill("a", day(5, 1))
    home.fill("b", day(6, 1), person_id="ada-2")
    assert one(home, "person_id, days_12") == ("ada", 2)


# --- what is kept closer --------------------------------------------------------------------------------------------------


def tags_by_product(home) -> dict[str, str]:
    return dict(home.table("marts.dispensed", "product, tags"))


def test_a_fill_carries_what_its_medicine_tells_and_what_it_landed_with(home):
    home.fill("a", day(5, 1), ndc_code=LISINOPRIL)
    home.fill("b", day(5, 1), ndc_code=BUPRENORPHINE)
    home.fill("c", day(5, 1), ndc_code=PILL, tags="minor;safety")
    home.fill("d", day(5, 1), ndc_code=ATAZANAVIR)
    assert tags_by_product(home) == {
        "rxcui:314077": "",
        "rxcui:1010604": "behavioral",
        "rxcui:240128": "minor;reproductive;safety",
        f"ndc:{ATAZANAVIR}": "behavioral;hiv;reproductive",
    }


def test_one_closed_fill_closes_the_line_of_its_product(home):
    home.fill("a", day(5, 1), ndc_code=LISINOPRIL)
    home.fill("b", day(6, 1), ndc_code=LISINOPRIL, tags="hiv")
    assert tags_by_product(home) == {"rxcui:314077": "hiv"}


@pytest.mark.parametrize("who", ["prescribing_provider_npi", "dispensing_provider_npi"])
def test_what_a_protected_program_gave_is_nowhere(home, who):
    home.fill("a", day(5, 1), ndc_code=BUPRENORPHINE, **{who: "1999999999"})
    home.fill("b", day(4, 1), ndc_code=BUPRENORPHINE)
    home.fill("c", day(4, 1), ndc_code=LISINOPRIL, tags="part2")
    home.land()
    (home.landed / "_part2_sources.csv").write_text("kind,value\nnpi,1999999999\n")
    assert one(home) == ("rxcui:1010604", day(4, 1), 30, day(4, 30), 1)
    assert [name for (name,) in home.table("published.dispensed_product", "product")] == ["rxcui:1010604"]
    counted = dict(home.table("core.dispensing", "claim_id, tags"))
    assert counted == {"a": "behavioral;part2", "b": "behavioral", "c": "part2"}


def test_numbers_of_medicines_for_everybody_count_only_what_is_open(home):
    """Who is not shown everything gets a count, a sum and claim lines that tell nothing of an HIV medicine."""
    plain = home.fill("a", day(5, 1), ndc_code=LISINOPRIL, paid_amount=8)
    home.fill("b", day(5, 1), ndc_code=ATAZANAVIR, paid_amount=900)
    today = "part = 'medicines' and scored_on = date '2025-12-31'"
    con = home.build("marts.score_value", "marts.score_fact")
    assert con.execute(f"select value, open_value from marts.score_value where {today}").fetchall() == [(2, 1)]
    of_part = "select evidence, open_evidence from marts.score_fact where part = 'medicines'"
    [(facts, opened)] = con.execute(of_part).fetchall()
    assert len(facts.split(";")) == 2 and opened == plain
    assert home.table("marts.utilization", "cast(paid_12 as integer), cast(paid_12_open as integer)") == [(908, 8)]


def test_the_claim_line_behind_a_fill_carries_the_same_tags(home):
    found = {}
    for number, ndc in enumerate((LISINOPRIL, BUPRENORPHINE, PILL, ATAZANAVIR), start=2):
        found[home.fill(f"c{number}", day(5, 1), ndc_code=ndc, tags="safety" if ndc == PILL else None)] = ndc
    counted = dict(home.table("core.dispensing", "evidence, tags"))
    home.received = home.path
    opened = {row.evidence_id: row.tags for row in evidence.open_rows(home, found)}
    assert opened == counted
    assert set(opened.values()) == {"", "behavioral", "reproductive;safety", "behavioral;hiv;reproductive"}


def test_numbers_have_the_same_tags_in_the_warehouse_and_on_the_page_of_facts():
    """Two readings of one list: the step in SQL, the pages in Python; every tenth product, and all that are not whole."""
    con = duckdb.connect()
    register_knowledge(con, {"medicine_product", "sensitive_medicine"})
    products = [
        row for number, row in enumerate(rows(medicines.PRODUCTS)) if number % 10 == 0 or row["is_whole"] == "0"
    ]
    billed = [row["ndcs"].split()[0] for row in products] + [ATAZANAVIR]
    con.execute("create schema landed")
    con.execute("create table landed.pharmacy_claim as select unnest(?) as ndc_code", [billed])
    told = dict(con.execute(f"select ndc, tags from ({Step(STEPS / 'core' / 'medicine.sql').sql})").fetchall())
    assert len(told) == len(billed)
    differ = {ndc: tags for ndc, tags in told.items() if set(filter(None, tags.split(";"))) != medicines.tags_of(ndc)}
    assert differ == {}
    assert len(set(told.values())) > 4


# --- a second reading -----------------------------------------------------------------------------------------------------

PRODUCT = {
    LISINOPRIL: "rxcui:314077",
    LISINOPRIL_TOO: "rxcui:314077",
    PILL: "rxcui:240128",
    ATAZANAVIR: f"ndc:{ATAZANAVIR}",
}


AGO = (-3, 0, 1, 200, 364, 365, 366, 500, 729, 730, 731, 760)
"""Few days, so that fills fall on one another, and those about the edges of the windows."""


def invented(seed: int) -> tuple[ByHand, dict]:
    """Fills of thirty people at random, some reversed and some sent again, and what should be told of them."""
    dice, home, kept = random.Random(seed), ByHand(), {}
    for number in range(30):
        person = f"p{number}"
        home.person(person)
        for turn in range(dice.randrange(0, 9)):
            on = TODAY - timedelta(days=dice.choice(AGO))
            ndc = dice.choice(list(PRODUCT))
            values = {
                "person_id": person, "ndc_code": ndc, "days_supply": dice.choice([30, 90, 7, 0, -5, None, 400]),
                "quantity": dice.choice([30, 0.5, None]), "prescribing_provider_npi": dice.choice([None, "1000000001", "1000000002"]),
            }  # fmt: skip
            claim, fate = (
                f"{person}-{turn}",
                dice.choice(["stands", "stands", "stands", "reversed", "again", "cancelled"]),
            )
            paid = (
                10 + number * 10 + turn
            )  # no two fills of one product and day are alike, or a reversal could mean either
            status = {"claim_status": "cancelled"} if fate == "cancelled" else {}
            proof = home.fill(claim, on, **values, paid_amount=paid, **status)
            if fate == "reversed":
                back = -abs(values["quantity"]) if values["quantity"] else values["quantity"]
                home.fill(
                    claim, on, **(values | {"quantity": back}), paid_amount=-paid, delivery=2, claim_line_number=2
                )
                home.fill(f"{claim}x", on, **values, paid_amount=paid, claim_status="cancelled")
                continue
            if fate == "again":
                values["days_supply"] = dice.choice([30, None])
                proof = home.fill(claim, on, **values, paid_amount=paid, delivery=3)
            if fate != "cancelled":
                kept.setdefault((person, PRODUCT[ndc]), []).append((on, values, proof))
    return home, kept


def told(fills: list) -> tuple | None:
    """One line of the table, in plain words of Python."""
    inside = [one for one in fills if date(2023, 12, 31) < one[0] <= TODAY]
    if not inside:
        return None
    latest = max(on for on, _, _ in inside)
    last = [values for on, values, _ in inside if on == latest]
    supplies = [values["days_supply"] for values in last if values["days_supply"] and 1 <= values["days_supply"] <= 366]
    days = max(supplies, default=None)
    units = [values["quantity"] for values in last if values["quantity"] and values["quantity"] > 0]
    who = {values["prescribing_provider_npi"] for values in last} - {None}
    each = {on for on, _, _ in inside}
    return (
        latest, days, latest + timedelta(days=days - 1) if days else None, sum(units) if units else None,
        who.pop() if len(who) == 1 else None, len([on for on in each if on > date(2024, 12, 31)]),
        ";".join(sorted(on.isoformat() for on in each)), ";".join(sorted(proof for _, _, proof in inside)),
    )  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_step_tells_what_a_second_reading_tells(seed):
    home, kept = invented(seed)
    columns = (
        "person_id, product, latest_on, days_supply, lasts_to, quantity, prescriber_npi, days_12, filled_on, evidence"
    )
    ours = {row[:2]: row[2:] for row in home.table("marts.dispensed", columns)}
    theirs = {key: line for key, fills in kept.items() if (line := told(fills))}
    assert len(theirs) > 40
    assert any(len(fills) > 2 for fills in kept.values())
    assert ours == theirs
