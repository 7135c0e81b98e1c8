"""Whatever happens to a bundle on its way, nothing crashes, and every resource is kept, set aside or a duplicate."""

import copy
import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from carewright.exchange.fhir import documents
from tests.exchange.fhir import examples as ex

SCRAPS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=5), st.just([]), st.just({}), st.just([1, None]),
    st.just("2023-02-30"), st.just({"coding": [{}]}), st.just([{"coding": None}]), st.just({"reference": "#x"}),
)  # fmt: skip


def places(thing, path=()):
    """Every place inside a JSON value."""
    if path:
        yield path
    items = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    for key, value in items:
        yield from places(value, (*path, key))


def put(thing, path, scrap):
    for key in path[:-1]:
        thing = thing[key]
    if scrap == "gone":
        del thing[path[-1]]
    else:
        thing[path[-1]] = copy.deepcopy(scrap)


@st.composite
def mutated(draw):
    """One of the examples with up to three places replaced or removed."""
    resource = copy.deepcopy(draw(st.sampled_from(ex.EVERY)))
    for _ in range(draw(st.integers(1, 3))):
        where = list(places(resource))
        if where:
            put(resource, draw(st.sampled_from(where)), draw(st.one_of(st.just("gone"), SCRAPS)))
    return resource


def landed(content, name="m.json"):
    with tempfile.TemporaryDirectory() as folder:
        home, [report] = ex.land(Path(folder), ex.received(Path(folder), name, content))
        return report, ex.rows(home, "resource")


@given(st.lists(mutated(), min_size=1, max_size=6))
def test_whatever_a_bundle_holds_every_entry_is_accounted_for(resources):
    report, seen = landed(ex.bundle(*resources))
    assert report.adds_up
    assert report.rows_read == len(resources)
    assert report.rows_kept == len(seen)
    assert sum(reason.rows for reason in report.reasons) == report.rows_rejected


@given(st.lists(st.one_of(mutated(), SCRAPS), min_size=2, max_size=6))
def test_whatever_the_lines_of_ndjson_hold_every_line_is_accounted_for(lines):
    report, seen = landed(lines, "m.ndjson")
    assert report.adds_up
    if not report.problem:
        # a line that is a bundle counts its entries instead
        assert report.rows_read == len(lines)
        assert report.rows_kept == len(seen)


@given(st.binary(max_size=300), st.integers(0, 400))
def test_whatever_the_bytes_are_reading_ends_with_resources_or_a_sentence(noise, cut):
    whole = json.dumps(ex.bundle(ex.PATIENT)).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(whole[:cut] + noise + whole[cut:])
        found = list(documents.read(path, "x"))
    assert found
    assert all(str(each).startswith("x") for each in found if isinstance(each, documents.BadInput))


@settings(max_examples=6)
@given(st.permutations(list(ex.EVERY)))
def test_the_order_of_entries_does_not_matter(resources):
    with tempfile.TemporaryDirectory() as folder:
        home, [report] = ex.land(Path(folder), ex.received(Path(folder), "m.json", ex.bundle(*resources)))
        assert report.rows_rejected == 0
        for table in ("medication", "lab_result", "eligibility", "practitioner", "encounter"):
            rows = [{k: v for k, v in row.items() if k not in ("line", "delivery_id")} for row in ex.rows(home, table)]
            known = ORDERED.setdefault(table, sorted(map(repr, rows)))
            assert sorted(map(repr, rows)) == known


ORDERED: dict[str, list[str]] = {}
