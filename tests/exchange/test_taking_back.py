"""A load taken back: nothing of it counts, what it had corrected or made superfluous counts again, nothing else moves."""

import random
from datetime import timedelta

import duckdb
import pytest

from carewright.audit.models import Entry
from carewright.exchange import actions, taking_back
from carewright.exchange.models import Delivery, TakenBack
from carewright.jobs import nightly
from carewright.kernel.errors import NotNow
from carewright.warehouse import evidence, landing, manifest
from tests.exchange.conftest import AT, COVERAGE
from tests.factories.staff import UserFactory

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


@pytest.fixture
def operator(db):
    return UserFactory(role="analyst")


@pytest.fixture
def take_back(home, operator):
    """Take a file back by its name, and finish it as the next sweep does."""

    def run(name, because="The wrong month."):
        delivery = Delivery.objects.get(file_name=name)
        actions.take_back(delivery, because=because, by=operator, at=LATER, home=home)
        assert Delivery.objects.get(file_name=name).state == "leaving"
        actions.sweep_inbox(by="system:test", at=LATER, home=home)
        delivery.refresh_from_db()
        assert delivery.state == "taken_back"
        return delivery

    return run


@pytest.fixture
def counted(landed):
    """What counts of the claims: number, amount and file of each."""

    def read(table="medical_claim"):
        return sorted((row["claim_id"], str(row["paid_amount"]), row["delivery_id"]) for row in landed(table))

    return read


def of(name):
    return Delivery.objects.get(file_name=name).delivery_id


def test_nothing_of_a_load_taken_back_counts_and_everything_of_it_stays(
    receive, sent, home, take_back, landed, operator
):
    report = receive(sent("march.csv", {}, {"claim_id": "c2"}))
    parquet = sorted(home.landed.rglob("medical_claim/*.parquet"))
    delivery = take_back("march.csv")
    assert landed("medical_claim") == []
    assert sorted(home.landed.rglob("medical_claim/*.parquet")) == parquet
    assert (home.received / delivery.sha256).exists()
    assert (delivery.rows_read, delivery.rows_kept) == (report.rows_read, 2)
    back = delivery.taken_back.get()
    assert (back.rows, back.because, back.by, back.done_at) == (2, "The wrong month.", operator, LATER)
    assert [entry.why for entry in Entry.objects.filter(did="took_back_load")] == ["The wrong month."]
    assert delivery.delivery_id not in manifest.deliveries(home)
    [row] = evidence.open_rows(home, [f"{delivery.delivery_id}:2"])
    assert row.row["claim_id"] == "c1", "a list made before still opens down to the line"
    assert row.is_taken_back


def test_the_same_file_lands_anew_after_that(receive, sent, home, take_back, counted):
    path = sent("march.csv", {}, {"claim_id": "c2"})
    receive(path)
    first = take_back("march.csv")
    report = receive(path)
    assert (report.rows_kept, report.duplicates, report.problem) == (2, 0, "")
    assert [row[:2] for row in counted()] == [("c1", "12.50"), ("c2", "12.50")]
    again = Delivery.objects.get()
    assert again.state == "landed"
    assert again.received_seq > first.received_seq
    assert again.taken_back.count() == 1
    assert [row.is_taken_back for row in evidence.open_rows(home, [f"{again.delivery_id}:2"])] == [False]
    take_back("march.csv", "And once more.")
    assert counted() == []
    assert TakenBack.objects.count() == 2


def test_what_a_correction_had_replaced_stands_again(receive, sent, take_back, counted):
    receive(sent("march.csv", {}))
    receive(sent("april.csv", {"paid_amount": "99.00"}))
    take_back("april.csv")
    assert counted() == [("c1", "12.50", of("march.csv"))]


def test_rows_a_later_file_repeated_count_from_that_file(receive, sent, take_back, counted, home, landed):
    """They were left out as the same again, so without this file nobody would say them."""
    receive(sent("march.csv", {}, {"claim_id": "c2"}))
    receive(sent("april.csv", {}, {"claim_id": "c2"}, {"claim_id": "c3"}))
    receive(sent("may.csv", {"claim_id": "c2", "paid_amount": "50.00"}))
    before = {row["claim_id"]: row["received_seq"] for row in landed("medical_claim")}
    take_back("march.csv")
    april, may = of("april.csv"), of("may.csv")
    assert counted() == [("c1", "12.50", april), ("c2", "12.50", april), ("c2", "50.00", may), ("c3", "12.50", april)]
    seqs = {row["delivery_id"]: row["received_seq"] for row in landed("medical_claim")}
    assert seqs[april] == before["c3"] < seqs[may], "each file keeps its place in the order of receipt"
    delivery = Delivery.objects.get(file_name="april.csv")
    assert (delivery.rows_kept, delivery.duplicates, delivery.state) == (3, 0, "landed")
    assert receive(sent("june.csv", {"claim_id": "c3"}, {"claim_id": "c4"})).duplicates == 1


def test_three_files_that_say_the_same_are_said_once_by_the_earliest_left(receive, sent, take_back, counted):
    for name in ("1.csv", "2.csv", "3.csv"):
        receive(sent(name, {}, {"claim_id": name}))
    take_back("1.csv")
    assert counted() == [("2.csv", "12.50", of("2.csv")), ("3.csv", "12.50", of("3.csv")), ("c1", "12.50", of("2.csv"))]
    assert Delivery.objects.get(file_name="3.csv").duplicates == 1


def test_other_feeds_are_left_alone(receive, sent, take_back, counted):
    receive(sent("march.csv", {}), source="north")
    receive(sent("april.csv", {}, {"claim_id": "c2"}), source="south")
    files = Delivery.objects.get(file_name="april.csv").batch_id
    take_back("march.csv")
    assert Delivery.objects.get(file_name="april.csv").batch_id == files
    assert [row[0] for row in counted()] == ["c1", "c2"]


def test_one_file_of_a_batch_leaves_the_others(receive, sent, take_back, counted, home):
    sent("in/a.csv", {})
    sent("in/b.csv", {"claim_id": "c2"})
    receive(sent("in/c.csv", {"claim_id": "c3"}).parent)
    take_back("b.csv")
    assert [row[0] for row in counted()] == ["c1", "c3"]
    con = duckdb.connect()
    from carewright.warehouse.tables import register_landed

    register_landed(con, home, ["medical_claim"])
    assert con.sql("select count(*) from landed.medical_claim").fetchall() == [(2,)]
    take_back("a.csv")
    take_back("c.csv")
    assert counted() == []
    assert landing.files(home)["medical_claim"] == []


def test_only_what_has_landed_can_be_taken_back_and_only_once(receive, sent, home, operator, take_back):
    receive(sent("odd.csv", "A,B\n1,2\n"), keep_refused=True)
    with pytest.raises(NotNow, match="Only a file that has landed"):
        actions.take_back(Delivery.objects.get(), because="x", by=operator, at=LATER, home=home)
    receive(sent("march.csv", {}))
    delivery = Delivery.objects.get(file_name="march.csv")
    actions.take_back(delivery, because="x", by=operator, at=LATER, home=home)
    with pytest.raises(NotNow, match="Only a file that has landed"):
        actions.take_back(delivery, because="x", by=operator, at=LATER, home=home)


def test_what_repeated_it_must_be_readable(receive, sent, home, operator):
    receive(sent("march.csv", {}))
    receive(sent("april.csv", {}, {"claim_id": "c2"}))
    (home.received / Delivery.objects.get(file_name="april.csv").sha256).unlink()
    with pytest.raises(NotNow, match="its bytes are no longer here"):
        actions.take_back(Delivery.objects.get(file_name="march.csv"), because="x", by=operator, at=LATER, home=home)
    assert Delivery.objects.get(file_name="march.csv").state == "landed"


STEPS = [
    "carewright.exchange.rereading.in_place",
    "carewright.exchange.rereading.put_in_force",
    "carewright.exchange.files.duplicates.write_down",
    "carewright.warehouse.landing.finish",
    "carewright.exchange.rereading.write_down",
    "carewright.exchange.rereading.forget_reports",
    "carewright.exchange.taking_back._leave_the_charts",
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_next_ingest_finishes_it(receive, sent, home, operator, counted, monkeypatch, step):
    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed

    receive(sent("march.csv", {}))
    receive(sent("april.csv", {}, {"claim_id": "c2"}))
    march = Delivery.objects.get(file_name="march.csv")
    actions.take_back(march, because="x", by=operator, at=LATER, home=home)
    with monkeypatch.context() as patch:
        patch.setattr(step, die)
        with pytest.raises(Killed):
            actions.ingest([], by="system:test", at=LATER, home=home)
    assert {row[0] for row in counted()} == {"c1", "c2"}, "never both, never neither"
    assert len(counted()) == 2
    receive(sent("may.csv", {"claim_id": "c3"}))
    april = of("april.csv")
    assert [row for row in counted() if row[2] == april] == [("c1", "12.50", april), ("c2", "12.50", april)]
    assert {row[0] for row in counted()} == {"c1", "c2", "c3"}
    march.refresh_from_db()
    assert march.state == "taken_back"
    assert march.taken_back.get().done_at
    assert Delivery.objects.get(file_name="april.csv").duplicates == 0
    assert not list((home.landed / "_reports").glob("*"))


def test_a_fault_of_ours_is_said_and_holds_up_no_file(receive, sent, home, operator, counted, monkeypatch):
    receive(sent("march.csv", {}))
    march = Delivery.objects.get()
    actions.take_back(march, because="x", by=operator, at=LATER, home=home)
    with monkeypatch.context() as patch:
        patch.setattr(taking_back.rereading, "in_place", lambda *args, **how: 1 / 0)
        assert receive(sent("may.csv", {"claim_id": "c3"})).rows_kept == 1
    march.refresh_from_db()
    assert march.state == "leaving"
    assert "fault of ours" in march.taken_back.get().problem
    actions.finish_taking_back(by="system:test", at=LATER, home=home)
    assert [row[0] for row in counted()] == ["c3"]


def test_the_nights_run_counts_nothing_of_what_is_being_taken_back(receive, sent, operator, monkeypatch, home, counted):
    monkeypatch.setenv("CAREWRIGHT_HOME", str(home.path))
    receive(sent("march.csv", {}))
    actions.take_back(Delivery.objects.get(), because="x", by=operator, at=LATER, home=home)
    ran = []
    monkeypatch.setattr(nightly.population, "stratify", lambda *args, **how: ran.append(counted()))
    nightly.stratify(LATER)
    assert ran == [[]]


def test_a_file_given_while_it_is_taken_back_waits(receive, sent, home, operator, monkeypatch):
    path = sent("march.csv", {})
    receive(path)
    Delivery.objects.update(state="leaving")
    report = receive(path)
    assert (report.state, report.rows_kept) == ("again", 0)
    assert "Load it again when that is done" in report.problem


def test_coverage_of_a_load_taken_back_does_not_lengthen_anything(receive, sent, take_back, landed):
    receive(sent("1.csv", {}, base=COVERAGE))
    receive(sent("2.csv", {"enrollment_end_date": "2027-12-31"}, {"person_id": "ben"}, base=COVERAGE))
    take_back("2.csv")
    assert [(row["person_id"], str(row["enrollment_end_date"])) for row in landed("eligibility")] == [
        ("ada", "2026-12-31")
    ]


def test_what_it_would_do_is_counted_before(receive, sent, home):
    receive(sent("march.csv", {}))
    receive(sent("april.csv", {}, {"claim_id": "c2"}))
    told = taking_back.consequences(home, Delivery.objects.get(file_name="march.csv"))
    assert (told.rows, told.facts, told.read_again, told.lists) == (1, 0, 1, [])


@pytest.mark.parametrize("seed", range(8))
def test_in_any_order_it_is_as_if_the_file_had_never_come(receive, sent, take_back, landed, seed):
    """Of each claim the latest file that still counts says what it is: read off the files themselves."""
    chance = random.Random(seed)
    files: dict[str, dict[str, set]] = {}
    for folder in range(5):
        for number in range(chance.choice([1, 2])):
            name = f"{folder}-{number}.csv"
            said = {
                claim: {(str(line), chance.choice(["10.00", "20.00"])) for line in range(1, chance.choice([2, 2, 3]))}
                for claim in chance.sample(["c1", "c2", "c3"], chance.choice([1, 2, 3]))
            } | {name: {("1", "5.00")}}
            rows = [(claim, line, amount) for claim, lines in said.items() for line, amount in sorted(lines)]
            columns = ("claim_id", "claim_line_number", "paid_amount")
            path = sent(f"{folder}/{name}", *(dict(zip(columns, row, strict=True)) for row in rows))
            files[name] = said
        receive(path.parent)
    for name in chance.sample(sorted(files), 3):
        take_back(name)
        del files[name]
        latest = {claim: lines for said in files.values() for claim, lines in said.items()}
        found: dict[str, dict[int, set]] = {}
        for row in landed("medical_claim"):
            line = (str(row["claim_line_number"]), str(row["paid_amount"]))
            found.setdefault(row["claim_id"], {}).setdefault(row["received_seq"], set()).add(line)
        assert {claim: by_seq[max(by_seq)] for claim, by_seq in found.items()} == latest
