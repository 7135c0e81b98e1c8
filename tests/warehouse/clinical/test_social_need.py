"""Social needs on record, and the neighborhood as a separate fact."""

from datetime import date
from decimal import Decimal

from carewright.knowledge.table import rows
from tests.warehouse.clinical.rows import World


def test_a_need_has_its_domain_its_latest_day_and_where_it_was_written():
    world = World()
    world.person()
    first = world.claim("I10 Z590", on=date(2025, 1, 1))
    world.claim("Z5901", on=date(2025, 1, 1))
    latest = world.claim("Z5901", on=date(2026, 2, 2), kind="CLINICAL")
    world.run("marts.social_need")
    assert world.rows('select domain, code, label, "on", source, evidence from marts.social_need') == [
        (
            "Housing and economic circumstances",
            "Z5901",
            "Sheltered homelessness",
            date(2026, 2, 2),
            "clinical record",
            f"{latest};claims:{int(first.split(':')[1]) + 2}",
        )
    ]


def test_old_and_protected_needs_are_not_shown_and_tags_travel():
    world = World()
    world.person()
    world.claim("Z5900", on=date(2024, 6, 30))
    world.claim("Z560", tags="part2")
    world.claim("Z630", tags="safety")
    world.run("marts.social_need")
    assert world.rows("select code, tags from marts.social_need") == [("Z630", "safety")]


def test_the_neighborhood_is_the_countys():
    world = World()
    world.person("cambridge", zip_code="02139")
    world.person("nine digits", zip_code="02139-4307")
    world.person("nowhere")
    world.person("hartford", zip_code="06103")
    world.run("marts.neighborhood")
    assert world.rows(
        "select person_id, county_fips, county, svi_percentile, edition from marts.neighborhood order by 1"
    ) == [
        ("cambridge", "25017", "Middlesex County, MA", Decimal("0.2854"), "CDC SVI 2022"),
        ("nine digits", "25017", "Middlesex County, MA", Decimal("0.2854"), "CDC SVI 2022"),
    ]


def test_nearly_every_zip_code_finds_its_county():
    counties = {row["county_fips"] for row in rows("social/svi_county.csv")}
    placed = rows("social/zip_county.csv.gz")
    assert {row["county_fips"] for row in placed} <= counties
    assert len(placed) > 41_000
    assert len({row["county_fips"] for row in placed}) > 3_100
