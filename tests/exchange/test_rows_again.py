"""Rows set aside are tried again: those that read now land from their own file and line, and nothing stands twice."""

import json
from datetime import timedelta

import pytest

from carewright.assessment import loading
from carewright.assessment.models import Assessment
from carewright.audit.models import Entry
from carewright.exchange import actions
from carewright.exchange.models import Delivery
from carewright.kernel.errors import NotNow
from carewright.registry.models import Patient
from carewright.warehouse import manifest
from tests.exchange.conftest import AT
from tests.exchange.fhir import examples as ex
from tests.exchange.fhir.test_responses import response
from tests.factories.staff import UserFactory
from tests.knowledge.test_site_instruments import RIDES, SCORING

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)
HEADER = ["MBR", "SVC", "DX", "PAID", "TYPE", "CLM", "LN"]
ROWS = "MBR,SVC,DX,PAID,TYPE,CLM,LN\n7,03/02/2026,I10,5.00,professional,a1,1\n8,03/14/2026,I10,6.00,professional,a2,1\n"
WRONG, MENDED = "DD/MM/YYYY", "MM/DD/YYYY"
MEANS = dict(
    zip(
        HEADER,
        [
            "person_id",
            "claim_start_date",
            "diagnosis_code_1",
            "paid_amount",
            "claim_type",
            "claim_id",
            "claim_line_number",
        ],
        strict=True,
    )
)


@pytest.fixture
def operator(db):
    return UserFactory(role="analyst")


@pytest.fixture
def map_of(operator):
    """Save a column map for the sender's file; `dates` says how dates are written."""

    def save(dates=WRONG):
        more = {"claim_start_date": {"date_format": dates}}
        columns = [{"theirs": theirs, "ours": ours} | more.get(ours, {}) for theirs, ours in MEANS.items()]
        return actions.save_column_map(
            name="other", table="medical_claim", source="other", header=HEADER, columns=columns, by=operator, at=AT
        )

    return save


@pytest.fixture
def again(home, operator):
    """Try a file's rows again, as the button and the next sweep do."""

    def run(name):
        delivery = Delivery.objects.get(file_name=name)
        actions.try_again(delivery, by=operator, at=LATER, home=home)
        actions.sweep_inbox(by="system:test", at=LATER, home=home)
        delivery.refresh_from_db()
        return delivery

    return run


def test_rows_that_a_better_map_reads_land_from_their_own_lines(receive, sent, map_of, again, landed, home):
    map_of()
    report = receive(sent("other.csv", ROWS))
    assert (report.rows_kept, report.rows_rejected) == (1, 1)
    before = manifest.deliveries(home)[report.delivery_id]
    better = map_of(MENDED)
    delivery = again("other.csv")
    assert (delivery.rows_kept, delivery.rows_rejected, delivery.rejects_path, delivery.reasons) == (2, 0, "", [])
    assert delivery.map == better
    assert delivery.finished_at >= LATER
    rows = landed("medical_claim")
    assert [(row["claim_id"], row["line"], str(row["claim_start_date"]), row["delivery_id"]) for row in rows] == [
        ("a1", 2, "2026-03-02", report.delivery_id),
        ("a2", 3, "2026-03-14", report.delivery_id),
    ]
    after = manifest.deliveries(home)[report.delivery_id]
    assert (after.received_seq, after.received_on) == (before.received_seq, before.received_on)


def test_it_is_written_down_and_there_is_nothing_left_to_try(receive, sent, map_of, again):
    map_of()
    receive(sent("other.csv", ROWS))
    map_of(MENDED)
    delivery = again("other.csv")
    assert Entry.objects.get(did="tried_rows_again").after == {"rows": 1}
    with pytest.raises(NotNow, match="nothing to try again"):
        actions.try_again(delivery, by=UserFactory(role="analyst"), at=LATER)


def test_what_still_does_not_read_changes_nothing(receive, sent, again, home, landed):
    receive(sent("march.csv", {}, {"claim_id": "c2", "claim_start_date": "x"}))
    files, rows = sorted(home.landed.rglob("*.*")), landed("medical_claim")
    delivery = again("march.csv")
    assert (delivery.rows_kept, delivery.rows_rejected) == (1, 1)
    assert sorted(home.landed.rglob("*.*")) == files
    assert landed("medical_claim") == rows
    assert (home.set_aside / delivery.rejects_path).exists()


def test_a_later_correction_still_counts(receive, sent, map_of, again, landed):
    """The file keeps its place in the order of receipt, however late its rows are tried again."""
    map_of()
    receive(sent("other.csv", ROWS))
    receive(sent("next.csv", ROWS.replace("5.00", "9.00")))
    map_of(MENDED)
    again("other.csv")
    latest = max(row["received_seq"] for row in landed("medical_claim"))
    own = [str(row["paid_amount"]) for row in landed("medical_claim") if row["claim_id"] == "a1"]
    assert own == ["5.00", "9.00"]
    assert [str(r["paid_amount"]) for r in landed("medical_claim") if r["received_seq"] == latest] == ["9.00"]


def test_a_file_whose_map_was_retired_stays_as_it_is(receive, sent, map_of, again, landed, operator):
    saved = map_of()
    receive(sent("other.csv", ROWS))
    actions.retire_column_map(saved, by=operator, at=LATER)
    delivery = again("other.csv")
    assert (delivery.state, delivery.rows_kept, delivery.rows_rejected) == ("landed", 1, 1)
    assert len(landed("medical_claim")) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "step",
    [
        "carewright.exchange.rereading.in_place",
        "carewright.warehouse.landing.finish",
        "carewright.exchange.rereading.write_down",
        "carewright.exchange.actions.waiting.done",
    ],
)
def test_killed_at_any_step_the_next_sweep_finishes_it(
    receive, sent, map_of, home, operator, landed, monkeypatch, step
):
    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed

    map_of()
    receive(sent("other.csv", ROWS))
    map_of(MENDED)
    actions.try_again(Delivery.objects.get(), by=operator, at=LATER, home=home)
    with monkeypatch.context() as patch:
        patch.setattr(step, die)
        with pytest.raises(Killed):
            actions.sweep_inbox(by="system:test", at=LATER, home=home)
    assert len({row["line"] for row in landed("medical_claim")}) == len(landed("medical_claim"))
    actions.sweep_inbox(by="system:test", at=LATER, home=home)
    assert sorted(row["line"] for row in landed("medical_claim")) == [2, 3]
    assert (Delivery.objects.get().rows_kept, Delivery.objects.get().rows_rejected) == (2, 0)
    assert not list((home.path / "uploads").glob("*"))
    assert not list((home.landed / "_reports").glob("*"))


def test_a_fault_of_ours_is_said_once_and_not_tried_for_ever(receive, sent, home, again, monkeypatch):
    receive(sent("march.csv", {}, {"claim_id": "c2", "claim_start_date": "x"}))
    monkeypatch.setattr("carewright.exchange.rereading.in_place", lambda *args, **how: 1 / 0)
    delivery = again("march.csv")
    assert "fault of ours" in delivery.notes[-1]
    assert not list((home.path / "uploads").glob("*"))


def test_answers_to_a_questionnaire_that_became_known_land(receive, tmp_path, again, home, monkeypatch):
    monkeypatch.setenv("CAREWRIGHT_HOME", str(home.path))
    rides = response(
        {"linkId": "car", "answer": [{"valueBoolean": True}]},
        {"linkId": "missed", "answer": [{"valueCoding": {"code": "s"}}]},
        questionnaire="https://riverside.example/Questionnaire/river-rides|3",
    )
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(ex.bundle(ex.PATIENT, rides)), encoding="utf-8")
    assert receive(path).rows_rejected == 1
    boss = UserFactory(role="administrator")
    loading.load(content=json.dumps(RIDES).encode(), name="rides.json", scoring=json.dumps(SCORING).encode(), by=boss)
    delivery = again("answers.json")
    assert (delivery.rows_kept, delivery.rows_rejected) == (2, 0)
    answers = Assessment.objects.get()
    assert (answers.kind, answers.evidence) == ("river-rides", f"{delivery.delivery_id}:2")
    assert Patient.objects.count() == 1
