"""A bundle too large to hold is read entry by entry, and says exactly what it would have said held whole."""

import gzip
import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carewright.exchange.fhir import contents, documents, ingest, large, reading
from tests.exchange.fhir import examples as ex

CLAIM = {"resourceType": "Claim", "id": "cl1", "status": "active", "patient": {"reference": "Patient/p1"}}
LATER = ex.CONDITION | {"meta": {"lastUpdated": "2026-03-09T00:00:00Z"}}
EARLIER = ex.CONDITION | {"meta": {"lastUpdated": "2026-03-01T00:00:00Z"}, "code": {"text": "an older word"}}
BROKEN = ex.CONDITION | {"id": "bad", "recordedDate": "2026-02-30"}
EVERYTHING = (*ex.EVERY, LATER, EARLIER, BROKEN, CLAIM, {"resourceType": "Nonsense", "id": "n"})


def addressed(*resources):
    """A bundle whose entries name each other by their addresses, as record systems write them."""
    entries = [{"fullUrl": f"urn:uuid:{n:04}-{r['id']}", "resource": r} for n, r in enumerate(resources)]
    by_name = {f"{r['resourceType']}/{r['id']}": e["fullUrl"] for r, e in zip(resources, entries, strict=True)}
    text = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries, "id": "b"})
    for name, address in by_name.items():
        text = text.replace(f'"reference": "{name}"', f'"reference": "{address}"')
    return text


def read(folder, name, content, monkeypatch, *, at_once):
    monkeypatch.setattr(documents, "AT_ONCE", at_once)
    home, [report] = ex.land(folder, ex.received(folder, name, content))
    tables = ("resource", "person", "encounter", "condition", "observation", "lab_result", "medication", "procedure",
              "eligibility", "medical_claim", "practitioner", "appointment")  # fmt: skip
    aside = home.set_aside / f"{report.delivery_id}.csv"
    return report, {table: ex.rows(home, table) for table in tables}, aside.read_text() if aside.exists() else ""


def both(tmp_path, name, content, monkeypatch, *, at_once=100):
    """What is said of a file held whole, and of the same file read entry by entry."""
    if name.endswith(".gz") and isinstance(content, str):
        content = gzip.compress(content.encode(), mtime=0)
    held = read(tmp_path / "held", name, content, monkeypatch, at_once=1 << 30)
    seen = []
    monkeypatch.setattr(contents, "Lazily", lambda *given: seen.append(given) or large.Lazily(*given))
    lazily = read(tmp_path / "lazily", name, content, monkeypatch, at_once=at_once)
    return held, lazily, bool(seen)


def same(held, lazily):
    (whole, rows, aside), (parts, own_rows, own_aside) = held, lazily
    for name in (
        "rows_read",
        "rows_kept",
        "rows_rejected",
        "duplicates",
        "first_date",
        "last_date",
        "reasons",
        "notes",
    ):
        assert getattr(whole, name) == getattr(parts, name), name
    assert bool(whole.problem) == bool(parts.problem)
    assert rows == own_rows
    assert aside == own_aside


@pytest.mark.parametrize("window", [7, 1 << 20])
@pytest.mark.parametrize("name", ["one.json", "one.json.gz"])
@pytest.mark.parametrize(
    "content",
    [
        json.dumps(ex.bundle(*EVERYTHING)),
        json.dumps(ex.bundle(*EVERYTHING, kind="history"), indent=2),
        "\ufeff" + json.dumps(ex.bundle(*EVERYTHING), indent=1),
        addressed(*ex.EVERY, BROKEN, CLAIM),
    ],
    ids=["one line", "history, many lines", "byte order mark", "by address"],
)
def test_it_says_what_it_would_have_said_held_whole(tmp_path, monkeypatch, content, name, window):
    monkeypatch.setattr(large, "WINDOW", window)
    held, lazily, was_lazy = both(tmp_path, name, content, monkeypatch)
    assert was_lazy
    assert held[0].rows_kept > 20
    assert held[0].rows_rejected > 0
    same(held, lazily)


@pytest.mark.parametrize(
    "content",
    [
        '{"resourceType": "Bundle", "entry": [{"resource": 1}, 5, {"resource": {}}]}' + " " * 200,
        '{"resourceType": "Bundle", "entry": ["a word", {"resource": {}}]}' + " " * 200,
        '{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "a"}} {"b": 1}]}'
        + " " * 99,
        '{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "a"}},]}' + " " * 99,
        '{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "a"}}], "entry": [{"a": 1}]}',
        '{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": "a' + "x" * 200,
        '{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "id": nul}}]}' + " " * 99,
        '{"resourceType": "Bundle", "entry": []}' + " " * 200,
        '{"resourceType": "Bundle", "note": "entry", "other": [{"entry": [{"a": 1}]}]}' + " " * 200,
        '{"resourceType": "Patient", "id": "a", "entry": [{"b": 1}]}' + " " * 200,
        json.dumps(ex.bundle(ex.PATIENT)) + "\n" + json.dumps(ex.bundle(ex.CONDITION | {"id": "x"})) + "\n",
        json.dumps(ex.bundle(ex.PATIENT)) + "\n\n" + "{broken",
        "\n" + json.dumps(ex.bundle(ex.PATIENT)) + "\n" + json.dumps(ex.PATIENT | {"id": "p2"}),
    ],
)
def test_whatever_is_no_such_bundle_is_read_the_ordinary_way(tmp_path, monkeypatch, content):
    held, lazily, _ = both(tmp_path, "odd.json", content, monkeypatch)
    same(held, lazily)


def test_a_packed_bundle_that_breaks_off_says_so(tmp_path, monkeypatch):
    data = gzip.compress(json.dumps(ex.bundle(*ex.EVERY)).encode())[:-40]
    held, lazily, _ = both(tmp_path, "cut.json.gz", data, monkeypatch)
    assert "gzip file that ends too early" in lazily[0].problem
    same(held, lazily)


def test_facts_of_one_large_bundle_are_put_down_as_they_come(tmp_path, monkeypatch):
    monkeypatch.setattr(ingest, "AT_ONCE", 3)
    monkeypatch.setattr(reading, "AT_TIMES", 2)
    put = []
    before = ingest.Progress.put_down
    monkeypatch.setattr(ingest.Progress, "put_down", lambda self, facts: put.append(len(facts)) or before(self, facts))
    _, lazily, was_lazy = both(tmp_path, "one.json", json.dumps(ex.bundle(*ex.EVERY)), monkeypatch)
    assert was_lazy
    assert lazily[0].rows_kept == len(ex.EVERY)
    assert sum(count > 0 for count in put[-10:]) >= 4


words = st.text(st.sampled_from('ab{}[]",:\\ \n\u00e9'), max_size=12)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@given(
    listed=st.lists(st.dictionaries(words, json_values, max_size=3), min_size=1, max_size=6),
    around=st.dictionaries(words.filter(lambda w: w not in ("entry", "resourceType")), json_values, max_size=3),
    indent=st.sampled_from([None, 1]), window=st.integers(1, 60),
)  # fmt: skip
def test_entries_are_found_whatever_stands_in_and_around_them(tmp_path_factory, listed, around, indent, window):
    document = around | {"resourceType": "Bundle", "entry": listed} | {"z": around}
    path = tmp_path_factory.getbasetemp() / "entries.json"
    path.write_text(json.dumps(document, indent=indent), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched, path.open("rb") as file:
        patched.setattr(large, "WINDOW", window)
        # what stands between two entries is read in one piece, however small the window
        patched.setattr(large, "_is_between", lambda *_, **__: True) if window < 4 else None
        bundle, entries = large.entries_of(file, orjson.loads, path.parent)
        whole = orjson.loads(
            path.read_bytes()
        )  # what reading it in one piece gives: a very large number is rounded there too
        assert list(entries) == whole["entry"]
        assert bundle == whole | {"entry": []}


@given(st.binary(max_size=200), st.integers(1, 40))
def test_no_bytes_make_it_fail(tmp_path_factory, data, window):
    path = tmp_path_factory.getbasetemp() / "bytes.json"
    path.write_bytes(b'{"resourceType": "Bundle", "entry": [' + data)
    with pytest.MonkeyPatch.context() as patched, path.open("rb") as file:
        patched.setattr(large, "WINDOW", window)
        try:
            _bundle, entries = large.entries_of(file, orjson.loads, path.parent)
        except large.NoBundle as why:
            assert str(why)
        else:
            assert 37 <= entries.ends <= len(data) + 37


LINES = [
    json.dumps(ex.bundle(ex.PATIENT, ex.ENCOUNTER, ex.CONDITION, BROKEN)),
    "",
    json.dumps(ex.LAB),
    json.dumps(ex.bundle(ex.LAB | {"id": "o2"}, CLAIM)),
    "{broken",
    "not " + "a bundle " * 40,
    json.dumps(ex.CONDITION | {"id": "c9", "note": [{"text": "long " * 60}]}),
    json.dumps(ex.CONDITION | {"id": "c8"}),
]


@pytest.mark.parametrize("start", [0, 1, 2, 4])
@pytest.mark.parametrize("name", ["all.ndjson", "all.ndjson.gz"])
def test_lines_too_long_to_hold_are_read_entry_by_entry(tmp_path, monkeypatch, name, start):
    monkeypatch.setattr(large, "LARGEST", 2_000)
    ended = "\n".join(LINES[start:] + LINES[:start]) + "\n"
    held, lazily, was_lazy = both(tmp_path, name, ended, monkeypatch, at_once=900)
    assert was_lazy
    assert held[0].rows_kept >= 6
    same(held, lazily)


def test_a_piece_too_large_that_is_no_bundle_is_set_aside_and_what_follows_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(large, "LARGEST", 3_000)
    too_large = json.dumps(ex.CONDITION | {"id": "c9", "note": [{"text": "long " * 900}]})
    content = "\n".join([json.dumps(ex.PATIENT), too_large, json.dumps(ex.CONDITION)])
    report, rows, aside = read(tmp_path, "all.ndjson", content, monkeypatch, at_once=1_000)
    assert (report.rows_read, report.rows_kept, report.rows_rejected) == (3, 2, 1)
    assert [row["condition_id"] for row in rows["condition"]] == ["c1"]
    assert "in one piece, which does not read as a bundle: it has no list of entries" in report.reasons[0].what + aside


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (json.dumps(ex.bundle(*EVERYTHING))[:-40], "it breaks off before its end"),
        (json.dumps(ex.bundle(*EVERYTHING)).replace('"c1"', "c1"), "its entry 3 is no JSON"),
        (json.dumps(ex.PATIENT | {"text": "long " * 900}), "it has no list of entries"),
    ],
)
def test_a_file_too_large_that_is_neither_bundle_nor_lines_says_why(tmp_path, monkeypatch, content, why):
    monkeypatch.setattr(large, "LARGEST", 3_000)
    report, rows, _ = read(tmp_path, "all.json", content, monkeypatch, at_once=1_000)
    assert why in report.problem
    assert not rows["resource"]


def test_a_packed_file_the_disk_has_no_room_for_says_so(tmp_path, monkeypatch):
    def no_room(*_):
        raise large.NoRoom

    monkeypatch.setattr(large, "unpacked", no_room)
    data = gzip.compress(json.dumps(ex.bundle(*EVERYTHING), indent=1).encode())
    report, _, _ = read(tmp_path, "all.json.gz", data, monkeypatch, at_once=1_000)
    assert "Make room on the disk" in report.problem
