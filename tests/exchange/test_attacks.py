"""Files made to harm: each gets its sentence, nothing of it is left lying about, and nothing behind it waits."""

import gzip
import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from carewright.exchange import actions, receiving, waiting
from carewright.exchange.fhir import documents, large
from carewright.exchange.files import set_aside
from carewright.exchange.models import Delivery
from carewright.kernel.errors import BadInput
from carewright.plumbing.home import Home
from tests.exchange.conftest import AT, CLAIM
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
CLAIMS = (",".join(CLAIM) + "\n" + ",".join(CLAIM.values()) + "\n").encode()


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


def left_in_scratch(home: Home) -> list[Path]:
    return list((home.path / "scratch").glob("zip-*"))


def test_a_zip_in_a_zip_is_opened_and_no_deeper(receive, sent, home):
    once = zipped(**{"claims.csv": CLAIMS})
    assert receive(sent("two.zip", zipped(**{"march.zip": once}))).rows_kept == 1
    deep = zipped(**{"c.zip": zipped(**{"b.zip": zipped(**{"a.zip": once})})})
    report = receive(sent("deep.zip", deep))
    assert "ZIP files within ZIP files" in report.problem
    assert not left_in_scratch(home)


def test_a_zip_that_unpacks_to_more_than_the_disk_holds_is_refused_unread(receive, sent, home, monkeypatch):
    bomb = zipped(**{"claims.csv": b"\0" * (1 << 20)})
    usage = type("Usage", (), {"free": 1 << 20})
    monkeypatch.setattr(receiving.shutil, "disk_usage", lambda _folder: usage)
    assert "room left on this disk" in receive(sent("bomb.zip", bomb)).problem


@pytest.mark.parametrize("name", ["../../evil.csv", "/etc/evil.csv", "folder\\evil.csv", "a/" * 200 + "x.csv", "n" * 300 + ".csv"])  # fmt: skip
def test_a_member_is_written_where_we_say_whatever_it_is_called(receive, sent, home, tmp_path, name):
    before = {path for path in tmp_path.rglob("*") if home.path not in path.parents}
    report = receive(sent("named.zip", zipped(**{name: CLAIMS})))
    assert report.rows_kept == 1
    after = {path for path in tmp_path.rglob("*") if home.path not in path.parents}
    assert {path.name for path in after - before} <= {"named.zip", "sent", "home"}
    assert not list(home.path.rglob("*evil*"))


def test_a_zip_whose_content_is_damaged_gets_a_sentence(receive, sent):
    data = bytearray(zipped(**{"claims.csv": CLAIMS * 500}))
    for place in range(60, 90):
        data[place] ^= 0xFF
    assert "a damaged ZIP file" in receive(sent("bad.zip", bytes(data))).problem


def test_a_name_that_is_no_text_stops_nothing(receive, sent, home, tmp_path):
    folder = tmp_path / "from-windows"
    folder.mkdir()
    path = os.fsencode(folder) + b"/M\xfcller \x1b[31m.csv"
    with open(path, "wb") as file:
        file.write(CLAIMS)
    report = receive(folder)
    assert report.rows_kept == 1
    assert "M?ller" in report.path


def test_a_watched_folder_and_a_file_with_names_that_are_no_text_are_read_and_taken_out(home):
    feed = os.fsencode(home.folder("inbox")) + b"/M\xfcller"
    os.mkdir(feed)
    path = feed + b"/cl\xe4ims.csv"
    with open(path, "wb") as file:
        file.write(CLAIMS)
    os.utime(path, (AT.timestamp() - 300, AT.timestamp() - 300))
    [report] = actions.sweep_inbox(by="system:test", at=AT, home=home)
    assert report.rows_kept == 1
    assert not os.path.exists(path)


def test_what_fails_by_our_fault_holds_up_nothing_behind_it(home, monkeypatch):
    person = UserFactory(role="analyst")
    for name in ("first.csv", "second.csv"):
        waiting.keep_upload(home, [CLAIMS + name.encode()], file_name=name, source="x", by=person, at=AT)
    read, real = [], actions.ingest

    def ingest(given, **how):
        if given[0].name == "first.csv":
            raise KeyError("a fault of ours")
        read.append(given[0].name)
        return real(given, **how)

    monkeypatch.setattr(actions, "ingest", ingest)
    with pytest.raises(KeyError):
        actions.sweep_inbox(by="system:test", at=AT, home=home)
    assert read == ["second.csv"]
    assert [asked.file_name for _folder, asked in waiting.asked(home)] == ["first.csv"]


def test_a_column_whose_name_holds_nul_is_written_down(receive, tmp_path, home):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({name: [value] for name, value in CLAIM.items()} | {"pl\0an": ["p"], "back\\u0000slash": ["p"]})
    pq.write_table(table, tmp_path / "nul.parquet")
    report = receive(tmp_path / "nul.parquet")
    assert report.rows_kept == 1
    assert {"plan", "back\\u0000slash"} <= {column["found"] for column in Delivery.objects.get().columns}


@pytest.mark.django_db(transaction=True)  # what was written down before the failure must stay, as it does outside tests
def test_a_file_over_which_we_fail_stops_no_other(receive, sent, home, monkeypatch, landed):
    """A fault of ours in one file of a batch: the others land, it is refused and says so, and nothing waits for it."""
    from carewright.exchange import ingesting

    real = ingesting._close
    poison = sent("poison.csv", {"claim_id": "poison"})

    def close(home, batch, reports, **how):
        if any(file.name.endswith("poison.csv") for file in batch.files):
            raise KeyError("a fault of ours")
        real(home, batch, reports, **how)

    monkeypatch.setattr(ingesting, "_close", close)
    with pytest.raises(KeyError):
        receive(sent("one.csv", {"claim_id": "one"}), poison, sent("two.csv", {"claim_id": "two"}))
    assert receive(sent("three.csv", {"claim_id": "three"})).rows_kept == 1
    states = dict(Delivery.objects.values_list("file_name", "state"))
    assert states == {"one.csv": "landed", "two.csv": "landed", "three.csv": "landed", "poison.csv": "refused"}
    assert "fault of ours" in Delivery.objects.get(file_name="poison.csv").problem
    assert {row["claim_id"] for row in landed("medical_claim")} == {"one", "two", "three"}
    monkeypatch.setattr(ingesting, "_close", real)
    assert receive(poison).rows_kept == 1, "after a mended program it is read"


def test_an_upload_that_breaks_off_leaves_nothing_and_the_next_one_works(home):
    person = UserFactory(role="analyst")

    def half():
        yield CLAIMS[:20]
        raise OSError("the line was cut")

    with pytest.raises(OSError, match="cut"):
        waiting.keep_upload(home, half(), file_name="claims.csv", source="x", by=person, at=AT)
    assert waiting.asked(home) == []
    assert not list(home.folder("uploads").iterdir())
    waiting.keep_upload(home, [CLAIMS], file_name="claims.csv", source="x", by=person, at=AT)
    [report] = actions.sweep_inbox(by="system:test", at=AT, home=home)
    assert report.rows_kept == 1


@pytest.mark.parametrize("odd", ["line\rbreak", "x" * 140_000, 'a "quote', "\0"])
def test_a_file_that_names_its_feed_is_read_whatever_stands_in_another_field(receive, sent, odd):
    """The feed is looked for before rows are read one by one; an odd row must not stop that."""
    columns = [*CLAIM, "data_source", "plan"]
    row = {**CLAIM, "data_source": "north", "plan": "p"}
    lines = [",".join(columns)] + [",".join({**row, "claim_id": f"c{n}"}[c] for c in columns) for n in range(3)]
    lines.append(",".join({**row, "claim_id": "odd", "plan": odd}[c] for c in columns))
    report = receive(sent("claims.csv", "\n".join(lines) + "\n"))
    assert (report.rows_kept >= 3, report.source) == (True, "north")


def test_a_packed_line_without_an_end_does_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "AT_ONCE", 1 << 18)
    monkeypatch.setattr(large, "LARGEST", 1 << 20)
    path = tmp_path / "bomb.ndjson.gz"
    with gzip.open(path, "wb") as file:
        file.write(json.dumps({"resourceType": "Patient", "id": "1"}).encode() + b"\n{")
        for _megabyte in range(5):
            file.write(b" " * (1 << 20))
    found = list(documents.read(path, "bomb.ndjson.gz"))
    assert isinstance(found[0], documents.Single)
    assert all(isinstance(each, BadInput) for each in found[1:])


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", " =1+1", "\t=1", "＝1+1", "\n=1"])
def test_no_row_set_aside_starts_a_formula(cell):
    assert set_aside.safe(cell).startswith("'")


@pytest.mark.parametrize("cell", ["-12.50", "+3", "12", "", "plain"])
def test_a_number_set_aside_stays_a_number(cell):
    assert set_aside.safe(cell) == cell
