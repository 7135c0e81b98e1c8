"""The imports pages: what became of each file, for those who may see it; rows with people's data only for a reason."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.html import escape

from carewright.audit.models import Entry
from carewright.exchange import actions, taking_back, waiting
from carewright.exchange.models import ColumnMap, Delivery, SensitiveSource
from carewright.exchange.words import what_taking_back_does
from carewright.plumbing.home import Home
from carewright.warehouse import landing
from carewright.warehouse.layout import layouts
from tests.factories.staff import UserFactory
from tests.made_up_language import made_up_language

pytestmark = pytest.mark.django_db

OTHER = 'MBR_ID,SVC_DT,DX,AMT,TYPE,CLM,LN\n7,03/02/2026,i10,"$1,250.00",P,a1,1\n8,02/31/2026,E11.9,$5.00,H,a2,1\n'
MEANS = {"MBR_ID": "person_id", "SVC_DT": "claim_start_date", "DX": "diagnosis_code_1", "AMT": "paid_amount"} | {
    "TYPE": "claim_type", "CLM": "claim_id", "LN": "claim_line_number",
}  # fmt: skip


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The home of this test, as the pages find it."""
    monkeypatch.setenv("CAREWRIGHT_HOME", str(tmp_path / "home"))
    return Home((tmp_path / "home").resolve())


@pytest.fixture
def admin(client):
    user = UserFactory(role="analyst")
    client.force_login(user)
    return user


def sweep(here, later=60):
    return actions.sweep_inbox(by="system:test", at=timezone.now() + timedelta(seconds=later), home=here)


def uploaded(client, name, data, source=""):
    return client.post("/imports/upload", {"file": SimpleUploadedFile(name, data), "source": source})


def body(response):
    return response.content.decode()


def test_an_uploaded_file_is_read_and_reported(client, here, admin, sent):
    text = sent(
        "march.csv", {}, {"claim_id": "c2", "claim_start_date": "5/2/2026"}, {"claim_id": "c3", "hcpcs_code": "x"}
    )
    response = uploaded(client, "march.csv", text.read_bytes(), "meridian claims")
    assert response.status_code == 302
    assert "1 file is waiting to be read" in body(client.get("/imports"))
    [report] = sweep(here)
    assert (report.rows_kept, report.rows_rejected, report.source) == (2, 1, "meridian claims")
    assert not waiting.asked(here)
    delivery = Delivery.objects.get()
    assert (delivery.file_name, delivery.received_by) == ("march.csv", admin.email)
    listed = body(client.get("/imports"))
    assert "march.csv" in listed
    assert "Landed in part" in listed
    page = body(client.get(f"/imports/{delivery.delivery_id}"))
    for words in ("Landed, with 1 row set aside.", "3 = 2 + 0 + 1", "Date is not a date", "5/2/2026", "line 3", "Excel may have",
                  "Kept, with a remark", "Service code of the wrong shape", "Columns we read"):  # fmt: skip
        assert words in page, words


def test_a_file_of_which_nothing_landed_is_not_said_to_have_landed_in_part(client, here, admin, sent):
    actions.ingest([sent("odd.csv", {"claim_start_date": "46144"}, {"person_id": ""})], by="system:test", home=here)
    delivery = Delivery.objects.get(file_name="odd.csv")
    for page in (body(client.get("/imports")), body(client.get(f"/imports/{delivery.delivery_id}"))):
        assert "Landed in part" not in page and "Landed, with" not in page
    assert "All set aside" in body(client.get("/imports"))
    assert "All 2 rows were set aside; nothing has landed." in page
    assert page.count("1 set aside</span>") == 2, "a column whose value did not read is not said to be fine"


def test_rows_set_aside_need_a_purpose_and_are_written_down(client, here, sent):
    actions.ingest([sent("c.csv", {"birth_date": "5/2/1948"}, base=COVERAGE)], by="system:test", home=here)
    leader = UserFactory(role="supervisor")
    client.force_login(leader)
    delivery = Delivery.objects.get()
    address = f"/imports/{delivery.delivery_id}/set-aside"
    assert "5/2/1948" not in body(client.get(f"/imports/{delivery.delivery_id}")), "a birth date says who someone is"
    assert "Lovelace" not in body(client.get(address))
    assert client.post(address, {"download": "1", "purpose": ""}).status_code == 422
    assert not Entry.objects.filter(did="exported").exists()
    response = client.post(address, {"download": "1", "purpose": "send back to Meridian"})
    [row] = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")))
    assert (row["last_name"], row["line"]) == ("Lovelace", "2")
    entry = Entry.objects.get(did="exported")
    assert (entry.purpose, entry.by, entry.after) == ("send back to Meridian", leader.email, {"rows": 1})
    assert "Lovelace" in body(client.post(address, {"see": "1", "purpose": "look into it"}))
    assert Entry.objects.filter(did="saw_set_aside", purpose="look into it").exists()


def test_who_may_see_imports_may_not_change_them(client, here, sent):
    actions.ingest([sent("march.csv", {"claim_start_date": "x"})], by="system:test", home=here)
    delivery = Delivery.objects.get()
    client.force_login(UserFactory(role="supervisor"))
    assert "Date is not a date" in body(client.get(f"/imports/{delivery.delivery_id}"))
    for address in ("map", "again"):
        method = client.post if address == "again" else client.get
        assert method(f"/imports/{delivery.delivery_id}/{address}").status_code == 403
    for address in ("/imports/upload", "/imports/sources"):
        assert client.get(address).status_code == 403
    client.force_login(UserFactory(role="care_manager"))
    assert client.get("/imports").status_code == 403
    assert client.get(f"/imports/{delivery.delivery_id}/set-aside").status_code == 403


def test_a_file_nobody_recognizes_is_mapped_tried_and_read(client, here, admin, landed_in):
    uploaded(client, "visits.csv", OTHER.encode(), "riverside")
    sweep(here)
    delivery = Delivery.objects.get()
    assert delivery.state == "waiting"
    assert "1 file waits for you." in body(client.get("/imports"))
    address = f"/imports/{delivery.delivery_id}/map"
    page = body(client.get(address))
    assert "MBR_ID" in page
    assert "03/02/2026" in page
    assert Entry.objects.filter(did="saw_preview").exists()
    names = OTHER.splitlines()[0].split(",")
    form = {"name": "Riverside visits", "table": "medical_claim", "source": "riverside"}
    form |= {f"means-{number}": MEANS[name] for number, name in enumerate(names)}

    tried = body(client.post(address, form | {"try": "1"}))
    assert "0 of 2 would be kept" in tried
    assert "Date is not a date" in tried

    form |= {"format-1": "MM/DD/YYYY", "money-3": "dollars", "codes-4": "P=professional; H=institutional"}
    tried = body(client.post(address, form | {"try": "1"}))
    assert "1 of 2 would be kept" in tried
    assert not ColumnMap.objects.exists()

    client.post(address, form | {"save": "1"})
    saved = ColumnMap.objects.get()
    assert (saved.version, saved.table, saved.saved_by) == (1, "medical_claim", admin)
    sweep(here)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.kind, delivery.rows_kept, delivery.rows_rejected) == (
        "landed",
        "medical_claim",
        1,
        1,
    )
    assert delivery.map == saved
    [row] = landed_in(here, "medical_claim")
    assert (row["person_id"], str(row["paid_amount"]), row["claim_type"], row["diagnosis_code_1"], row["source"]) == (
        "7", "1250.00", "professional", "I10", "riverside",
    )  # fmt: skip
    [report] = actions.ingest(
        [write(here, OTHER.replace("a1", "b1").replace("02/31", "02/28"))], by="system:test", home=here
    )
    assert (report.rows_kept, report.rows_rejected) == (2, 0)


LABS = """Pt,LOINC,Result,Drawn On
ada,4548-4,7.1,03/02/2026
ada,4548-4,7.4,06/02/2026
ada,4548-4,7.4,06/02/2026
ben,4548-4,6.0,06/02/2026
"""


def test_rows_without_a_number_of_their_own_are_told_apart_by_what_they_say(client, here, admin, landed_in):
    """A practice's own table of results numbers nothing: each row is one result, and the same row again is known."""
    uploaded(client, "labs.csv", LABS.encode(), "oakwood")
    sweep(here)
    address = f"/imports/{Delivery.objects.get().delivery_id}/map"
    form = {
        "name": "Oakwood labs", "table": "lab_result", "source": "oakwood", "means-0": "person_id",
        "means-1": "source_component_code", "means-2": "result", "means-3": "collection_datetime",
        "format-3": "MM/DD/YYYY",
    }  # fmt: skip
    tried = body(client.post(address, form | {"try": "1"}))
    assert "0 of 4 would be kept" in tried, "no row can land without a number, and none is promised to"
    assert client.post(address, form | {"constant-lab_result_id": "x", "save": "1"}).status_code == 422
    form |= {"of-row-lab_result_id": "1"}
    assert "4 of 4 would be kept" in body(client.post(address, form | {"try": "1"}))
    client.post(address, form | {"save": "1"})
    sweep(here)
    first = Delivery.objects.get()
    assert (first.state, first.rows_kept, first.duplicates) == ("landed", 3, 1)
    assert len({row["lab_result_id"] for row in landed_in(here, "lab_result")}) == 3

    uploaded(client, "labs2.csv", LABS.replace("ben", "cal").encode(), "oakwood")
    sweep(here)
    assert Delivery.objects.latest("id").rows_kept == 1, "only the row that says something new"


@pytest.mark.parametrize(
    ("table", "column"), [("lab_result", "lab_result_id"), ("medical_claim", ""), ("person", ""), ("practitioner", "")]
)
def test_only_what_tells_facts_apart_may_be_made_of_a_row(table, column):
    assert layouts()[table].numbered_by == column


def test_a_map_without_a_needed_column_cannot_be_saved(client, here, admin):
    uploaded(client, "visits.csv", OTHER.encode())
    sweep(here)
    address = f"/imports/{Delivery.objects.get().delivery_id}/map"
    form = {"name": "x", "table": "medical_claim", "source": "", "means-0": "person_id", "save": "1"}
    response = client.post(address, form)
    assert response.status_code == 422
    assert "Still to be mapped, because no row can land without: claim_id" in body(response)
    assert not ColumnMap.objects.exists()


def test_a_map_saved_again_is_its_next_version_and_can_be_retired(client, here, admin):
    columns = [{"ours": ours, "theirs": theirs} for theirs, ours in MEANS.items()]
    how = {"table": "medical_claim", "source": "r", "header": list(MEANS), "by": admin, "at": timezone.now()}
    first = actions.save_column_map(name="a", columns=columns, **how)
    second = actions.save_column_map(name="a", columns=columns, **how)
    assert (first.version, second.version) == (1, 2)
    assert "v2" in body(client.get("/imports/maps"))
    client.post(f"/imports/maps/{second.pk}/retire")
    uploaded(client, "visits.csv", OTHER.encode())
    sweep(here)
    assert Delivery.objects.get().state == "waiting", "the version before does not come back"


def test_a_refused_file_is_seen_and_can_be_tried_again(client, here, admin):
    uploaded(client, "letter.txt", b"hello there")
    sweep(here)
    delivery = Delivery.objects.get()
    assert delivery.state == "refused"
    assert "without a header of column names" in body(client.get(f"/imports/{delivery.delivery_id}"))
    assert client.post(f"/imports/{delivery.delivery_id}/again").status_code == 302
    assert [each.again for _, each in waiting.asked(here)] == [delivery.sha256]
    sweep(here)
    assert Delivery.objects.get().state == "refused"
    assert not waiting.asked(here)


BROKEN = (
    "person_id,claim_id,claim_line_number,claim_type,claim_start_date,paid_amount,hcpcs_code\n"
    "ada,c1,1,professional,5/2/2026,12.50,99213\nada,c2,1,professional,2026-03-02,$12,99213\nada,c3\n"
    "ada,c4,1,professional,2026-03-02,12.50,992\n,c5,1,professional,2026-03-02,1,99213\n"
)


def test_why_rows_were_set_aside_is_said_in_the_reader_s_language(client, here, admin):
    uploaded(client, "claims.csv", BROKEN.encode())
    uploaded(client, "letter.txt", b"hello there")
    uploaded(client, "visits.csv", OTHER.encode())
    sweep(here)
    claims, letter, visits = (
        Delivery.objects.get(file_name=name) for name in ("claims.csv", "letter.txt", "visits.csv")
    )
    assert len(claims.reasons) == 5 and claims.rows_rejected == 4
    with made_up_language():
        report = body(client.get(f"/imports/{claims.delivery_id}"))
        refused = body(client.get(f"/imports/{letter.delivery_id}"))
        waits = body(client.get(f"/imports/{visits.delivery_id}"))
        tried = body(client.get(f"/imports/{visits.delivery_id}/map?table=medical_claim"))
        aside = body(client.post(f"/imports/{claims.delivery_id}/set-aside", {"purpose": "operations", "see": "1"}))
        given = client.post(f"/imports/{claims.delivery_id}/set-aside", {"purpose": "operations", "download": "1"})
        download = b"".join(given.streaming_content).decode("utf-8-sig")
    for reason in claims.reasons:
        assert f"⟦{reason['what']}⟧" in report
        assert escape(wording_of(reason["mend"])) in report
    assert ".txt: expected ⟦a file somebody here recognizes⟧, found &#x27;⟦text without a header" in refused
    assert (
        "⟦visits.csv: nobody recognizes its columns (MBR_ID, SVC_DT, DX, AMT, TYPE, CLM, … (7 columns)). ⟦Under"
        in waits
    )
    assert "claim_id *: ⟦" in tried and ">⟦Excel day number⟧</option>" in tried
    assert "⟦column claim_start_date: expected ⟦a date written YYYY-MM-DD⟧, found &#x27;5/2/2026&#x27;.⟧" in aside
    assert "⟦Row with too many or too few fields⟧." in aside
    for name in ("⟦Line⟧", "⟦What is wrong⟧", "⟦How to mend it⟧", "claim_start_date"):
        assert f'<th scope="col">{name}</th>' in aside
    assert "⟦" not in download, "the file is for the payer, in English"
    assert "column claim_start_date: expected a date written YYYY-MM-DD, found '5/2/2026'." in download


def wording_of(mend):
    """How to mend it in the made-up language: each sentence between brackets."""
    return "⟦" + mend.replace(". ", ".⟧ ⟦") + "⟧"


def test_a_watched_folder_is_read_when_nobody_writes_to_it(here, sent):
    inbox = here.folder("inbox", "meridian claims")
    (inbox / "march.csv").write_bytes(sent("a.csv", {}).read_bytes())
    (inbox / "april.csv.part").write_bytes(b"claim_id,")
    assert sweep(here, later=0) == []
    [report] = sweep(here, later=60)
    assert (report.source, report.rows_kept) == ("meridian claims", 1)
    assert [path.name for path in inbox.iterdir()] == ["april.csv.part"]


def test_the_watched_folder_waits_for_its_turn(here, sent):
    (here.folder("inbox") / "march.csv").write_bytes(sent("a.csv", {}).read_bytes())
    with landing.alone(here):
        assert sweep(here) == []
    assert len(sweep(here)) == 1


def test_part_2_sources_are_declared_and_taken_off(client, here, admin, sent, landed_in):
    form = {"kind": "npi", "value": "1234567893", "because": "Riverside opioid treatment program"}
    assert client.post("/imports/sources", form | {"value": "12"}).status_code == 422
    client.post("/imports/sources", form)
    declared = SensitiveSource.objects.get()
    assert landing.part2_sources(here) == (("npi", "1234567893"),)
    assert Entry.objects.filter(did="declared_part2_source", by=admin.email).exists()
    actions.ingest(
        [sent("march.csv", {}, {"claim_id": "c2", "billing_npi": "1999999992"})], by="system:test", home=here
    )
    assert [row["tags"] for row in landed_in(here, "medical_claim")] == ["part2", ""]
    assert client.post("/imports/sources", form).status_code == 422, "declared already"
    client.post(f"/imports/sources/{declared.pk}/end", {"because": ""})
    declared.refresh_from_db()
    assert declared.ended_at is None
    client.post(f"/imports/sources/{declared.pk}/end", {"because": "closed in May"})
    declared.refresh_from_db()
    assert declared.ended_because == "closed in May"
    assert landing.part2_sources(here) == ()


def test_a_column_that_is_emptier_than_usual_is_marked(client, here, admin, sent):
    for month in ("jan", "feb"):
        actions.ingest(
            [sent(f"{month}.csv", {"claim_id": month}, {"claim_id": month + "2"})], by="system:test", home=here
        )
    actions.ingest(
        [sent("mar.csv", {"claim_id": "m"}, {"claim_id": "m2", "billing_npi": ""})], by="system:test", home=here
    )
    page = body(client.get(f"/imports/{Delivery.objects.get(file_name='mar.csv').delivery_id}"))
    row = page[page.index(">billing_npi<") :][:400]
    assert "50.0%" in row
    assert "100%" in row
    assert "Dropped" in row


def test_lists_are_filtered_and_paged(client, here, admin, sent):
    for number in range(30):
        sent(f"in/{number}.csv", {"claim_id": f"c{number}"})
    actions.ingest([sent("in/x.csv", {}, base=COVERAGE).parent], by="system:test", home=here)
    assert "1–25 of 31" in body(client.get("/imports"))
    assert "26–31 of 31" in body(client.get("/imports?page=2"))
    assert "1–1 of 1" in body(client.get("/imports?kind=eligibility"))
    assert "No file matches" in body(client.get("/imports?state=refused"))


def test_nothing_of_somebody_s_is_in_a_page_s_title_or_address(client, here, admin, sent):
    actions.ingest([sent("march.csv", {})], by="system:test", home=here)
    page = body(client.get(f"/imports/{Delivery.objects.get().delivery_id}"))
    assert "ada" not in page.split("</title>")[0].lower()


def write(here, text):
    path = here.folder("sent") / "next.csv"
    path.write_text(text)
    return path


@pytest.fixture
def landed_in():
    import duckdb

    def read(here, table):
        rows = duckdb.sql(landing.view_sql(here, table)).to_arrow_table().to_pylist()
        return sorted(rows, key=lambda row: (row["received_seq"], row["line"]))

    return read


COVERAGE = {
    "person_id": "ada",
    "birth_date": "1948-05-02",
    "enrollment_start_date": "2026-01-01",
    "payer": "meridian",
    "last_name": "Lovelace",
}


def test_a_load_is_taken_back_after_one_question_and_may_be_loaded_again(client, here, admin, sent):
    text = sent("march.csv", {}, {"claim_id": "c2"}).read_bytes()
    uploaded(client, "march.csv", text)
    [landed] = sweep(here)
    address = f"/imports/{landed.delivery_id}"
    assert "Undo this load…" in body(client.get(address))
    asked = body(client.get(f"{address}/take-back"))
    assert "2 rows of this file stop counting." in asked
    assert "The same file can be loaded again, and then counts as received that day." in asked
    refused = client.post(f"{address}/take-back", {"because": " "})
    assert refused.status_code == 422
    assert Delivery.objects.get().state == "landed"
    assert client.post(f"{address}/take-back", {"because": "It was a test file."}).status_code == 302
    assert "This load is being taken back." in body(client.get(address))
    sweep(here)
    report = body(client.get(address))
    assert "Nothing of this load counts." in report
    assert f"Taken back by {admin.name} on " in report
    assert "because: It was a test file." in report
    assert "Undo this load" not in report
    assert client.get(f"{address}/take-back").status_code == 302
    client.post(f"{address}/again")
    [again] = sweep(here)
    assert again.rows_kept == 2
    report = body(client.get(address))
    assert "Undo this load…" in report
    assert "because: It was a test file." in report, "what happened before stays on the page"


def test_only_who_may_load_may_undo(client, here, sent, admin):
    uploaded(client, "march.csv", sent("march.csv", {}, {"claim_id": "c2", "claim_start_date": "x"}).read_bytes())
    [landed] = sweep(here)
    address = f"/imports/{landed.delivery_id}"
    assert "Try 1 row again" in body(client.get(address))
    client.force_login(UserFactory(role="supervisor"))
    report = body(client.get(address))
    assert "Undo this load" not in report and "Try 1 row again" not in report
    assert client.get(f"{address}/take-back").status_code == 403
    assert client.post(f"{address}/take-back", {"because": "x"}).status_code == 403
    assert Delivery.objects.get().state == "landed"


def test_who_may_see_no_candidates_is_told_of_no_list():
    told = taking_back.Consequences(rows=1, lists=[("Chronic care", 1)])
    assert any("Chronic care (1)" in each for each in what_taking_back_does(told, shows_lists=True))
    assert not any("Chronic care" in each for each in what_taking_back_does(told, shows_lists=False))
