"""
A source declared to be protected after its files landed, and after a run counted them: nobody sees anything of it.

One walk through the real thing (files read, the warehouse run, pages opened by every role), then what may come between:
a run that was being made, another declaration, the end of one.
"""

import csv
import io
import json
import re
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from carewright.assessment import actions as assessing
from carewright.audit.models import Entry
from carewright.exchange import actions as exchange
from carewright.jobs import nightly
from carewright.kernel.errors import CannotDo, NotNow
from carewright.plumbing import home as homes
from carewright.population import actions, queries, receive, tables_out
from carewright.population.models import EdVisit, Movement, Run, Stay
from carewright.registry.queries import by_person_id
from carewright.warehouse import evidence, kept_closed, landing
from carewright.warehouse import run as warehouse
from carewright.web.navigation import links_for
from tests.factories.access import TieFactory
from tests.factories.staff import UserFactory
from tests.population.published import ordinary_world, write_run

TODAY = timezone.localdate()
NORTH = {"kind": "feed", "value": "north", "because": "An opioid treatment program."}
SECRET = re.compile(r"Riverside|1215930367|Pain in throat|R07\.?0|loratadine|north-", re.IGNORECASE)
"""What only the feed `north` says: where, by whom, why, what was handed out, the numbers of its claims."""


def ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


COVERAGE = {
    "person_id": "ada", "birth_date": "1948-05-02", "gender": "female", "enrollment_start_date": ago(700),
    "enrollment_end_date": ago(-300), "payer": "meridian", "payer_type": "medicare", "plan": "gold", "last_name": "Byron",
    "first_name": "Ada", "member_id": "m1",
}  # fmt: skip
LINE = {
    "claim_line_number": "1", "person_id": "ada", "claim_type": "institutional", "paid_amount": "900",
    "diagnosis_code_type": "icd-10-cm", "admit_type_code": "1", "discharge_disposition_code": "01",
}  # fmt: skip


def stay(claim_id: str, since: int, nights: int, **values) -> dict:
    own = {"claim_id": claim_id, "claim_start_date": ago(since), "claim_end_date": ago(since - nights),
           "admission_date": ago(since), "discharge_date": ago(since - nights), "bill_type_code": "111",
           "revenue_center_code": "0120"}  # fmt: skip
    return LINE | own | values


def visit(claim_id: str, since: int, **values) -> dict:
    own = {"claim_id": claim_id, "claim_start_date": ago(since), "claim_end_date": ago(since), "bill_type_code": "131",
           "revenue_center_code": "0450"}  # fmt: skip
    return LINE | own | values


NORTH_SAYS = {"facility_npi": "1215930367", "facility_name": "Riverside House", "diagnosis_code_1": "R070",
              "diagnosis_code_2": "E119"}  # fmt: skip
ACME_SAYS = {"facility_npi": "1234567893", "facility_name": "Mercy General", "diagnosis_code_1": "I509"}


CLINICAL_AND_NOT = ("behavioral_health_clinician", "analyst", "community_health_worker")
WHY = "/candidates/{ada}"
ADDRESSES = [
    "/candidates", "/candidates?state=all", "/candidates?moved=left&state=all", "/candidates/export", WHY, "/population",
    "/population/people?state=all&ed=3", "/population/people?state=all&stays=2", "/population/freshness", "/programs",
    "/patients/{ada}", "/patients/{ada}/story", "/patients/{ada}/medicines", "/patients/{ada}/call", "/caseload-sheet",
    "/triage", "/imports", "/team", "/",
]  # fmt: skip


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("CAREWRIGHT_HOME", str(tmp_path / "home"))
    return homes.current()


@pytest.fixture
def taken_in(here, tmp_path, db):
    """Two feeds about Ada: a hospital stay as `acme` bills it; two stays, three visits and fills that only `north` knows."""

    def file(name: str, rows: list[dict]):
        path = tmp_path / "sent" / name
        path.parent.mkdir(exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, list(dict.fromkeys(key for row in rows for key in row)))
            writer.writeheader()
            writer.writerows(rows)
        return path

    bea = COVERAGE | {"person_id": "bea", "last_name": "Bell", "first_name": "Bea", "member_id": "m2"}
    fill = {"claim_id": "north-f1", "claim_line_number": "1", "person_id": "ada", "dispensing_date": ago(30),
            "ndc_code": "45802065078", "days_supply": "30", "quantity": "30", "paid_amount": "12",
            "ndc_description": "loratadine 10"}  # fmt: skip
    acme = [stay("a1", 60, 4, **ACME_SAYS), visit("a2", 100, person_id="bea", **ACME_SAYS)]
    north = [stay("north-1", 40, 3, **NORTH_SAYS), stay("north-2", 20, 2, **NORTH_SAYS)]
    north += [visit(f"north-{n}", n * 10, **NORTH_SAYS) for n in (5, 7, 9)]
    for source, files in (
        ("acme", [file("eligibility.csv", [COVERAGE, bea]), file("a.csv", acme)]),
        ("north", [file("n.csv", north), file("nf.csv", [fill])]),
    ):
        reports = exchange.ingest(files, source=source, by="system:test", home=here)
        assert [(report.problem, report.rows_rejected) for report in reports] == [("", 0)] * len(files)
    return here


@pytest.fixture
def looking(client):
    """Open every page that shows what a run tells about Ada, as a role with a tie to everyone; answers the texts."""

    def look(role: str) -> dict[str, str]:
        user = UserFactory(role=role)
        TieFactory(user=user, patient=None, population="everyone", starts_on=TODAY - timedelta(days=1))
        client.force_login(user)
        ada = by_person_id("ada").public_id
        found = {}
        for address in ADDRESSES:
            answer = client.get(address.format(ada=ada), follow=True)
            assert answer.status_code in (200, 403, 404), (address, answer.status_code)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            found[address] = body.decode().replace("&#x27;", "'") if answer.status_code == 200 else ""
        for href in sorted(set(re.findall(r'href="([^"]*/facts\?[^"]+)"', found[WHY]))):
            found[href] = client.get(href.replace("&amp;", "&")).content.decode()
        taken = client.post(reverse("population:export") + "?state=all", {"purpose": "a test"})
        found["csv"] = b"".join(taken.streaming_content).decode() if taken.streaming else taken.content.decode()
        return found

    return look


def telling(found: dict[str, str]) -> set[str]:
    """Where anything of it is said."""
    return {address for address, text in found.items() if SECRET.search(text)}


@pytest.fixture
def asking(client):
    """What an assessment lays ready of Ada: the sections about health and about medicines, as a care manager reads them."""

    def begin():
        nurse = UserFactory(role="care_manager")
        TieFactory(user=nurse, patient=None, population="everyone", starts_on=TODAY - timedelta(days=1))
        made = assessing.start(patient=by_person_id("ada"), kind="comprehensive", by=nurse, at=timezone.now())
        known = made.facts.get(words__startswith="Heart failure")
        assessing.confirm_fact(fact=known, response="yes", by=nurse, at=timezone.now())

        def read() -> str:
            client.force_login(nurse)
            pages = [reverse("assessment:section", args=[made.public_id, code]) for code in ("health", "medicines")]
            return "".join(client.get(page).content.decode() for page in pages)

        return made, read

    return begin


def the_job() -> list[dict]:
    """The runs that wait for a worker."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select args from procrastinate_jobs where task_name = %s and status = 'todo'", [actions.RUN_SOON]
        )
        return [json.loads(args) for (args,) in cursor.fetchall()]


def taken_out(here, name: str) -> str:
    out = io.BytesIO()
    tables_out.write(here, name, kind="csv", out=None, ids=[], stream=out)
    return out.getvalue().decode()


def fact_ids() -> list[str]:
    return [one for stay in Stay.objects.all() for one in stay.evidence.split(";") if one]


def test_nobody_sees_anything_of_it_from_then_on(taken_in, looking, asking, client):
    """The whole way; one test, because files are read and the warehouse runs twice."""
    here, administrator = taken_in, UserFactory(role="administrator")
    nightly.stratify(timezone.now())
    first, ada = Run.objects.get(), by_person_id("ada")
    assert Stay.objects.filter(patient=ada).count() == 3 and EdVisit.objects.filter(patient=ada).count() == 3
    before = looking("supervisor")
    assert telling(before) >= {WHY, "/patients/{ada}", "/patients/{ada}/story", "/patients/{ada}/medicines"}
    assert [href for href in telling(before) if "/facts?" in href]
    assert before["csv"].count("Byron") == 1 and "Byron" in before["/population/people?state=all&stays=2"]
    assert "north-1" in taken_out(here, "stays")
    behind = fact_ids()
    paper = here.folder("paper") / "caseload-1.html"
    paper.write_text("loratadine")
    counted = {link.name: link.count for link in links_for(UserFactory(role="supervisor"), path="/")}
    assert "Candidates" in counted

    made, reads = asking()
    said = reads()
    assert "Diabetes" in said and said.count("Claim ") == 2 and "Heart failure" in said

    declared = exchange.declare_sensitive_source(**NORTH, by=administrator, at=timezone.now(), home=here)
    first.refresh_from_db()
    assert (queries.current_run(), first.closed_at) == (None, declared.declared_at)
    assert the_job() == [{"unless_open": True}], "the next run is asked for in the same transaction"
    assert Entry.objects.get(did="closed_lists").why == "Feed north was declared to be protected."
    assert not paper.exists(), "nor on the papers kept for days without screens"
    said = reads()
    assert "Diabetes" not in said and "Claim " not in said, "nor where a questionnaire was laid ready from claims"
    assert "Heart failure" in said, "what she said to us herself stands"
    assert set(made.facts.exclude(tags=["part2"]).values_list("response", flat=True)) == {"yes"}
    for role in CLINICAL_AND_NOT:
        found = looking(role)
        assert not telling(found), role
        assert (
            "Byron" not in found["csv"]
            and "Byron" not in found["/candidates"] + found["/population/people?state=all&stays=2"]
        )
    found = looking("supervisor")
    for address in ("/candidates", WHY, "/population", "/candidates/export", "csv"):
        assert "Closed until the next run: 2 people" in found[address], address
    for address in ("/patients/{ada}", "/patients/{ada}/story", "/patients/{ada}/medicines"):
        assert "Nothing standing here does not mean that there is none" in found[address], address
    client.force_login(administrator)
    assert "Closed until the next run: 2 people" in client.get("/imports/sources").content.decode()
    with pytest.raises(CannotDo, match="The lists are closed"):
        taken_out(here, "candidates")
    assert {row.tags for row in evidence.open_rows(here, behind) if row.source == "north"} == {"part2"}
    with pytest.raises(NotNow, match="was closed"):
        actions.receive_run(here, first.run_id, at=timezone.now(), by="system:test")

    nightly.stratify_soon(unless_open=True)
    second = queries.current_run()
    assert second is not None and second.before == first and not second.is_compared
    assert not Movement.objects.exists(), "what changed would tell what was there before"
    assert not Stay.objects.filter(run=first).exists(), "the rows of the closed run are gone"
    found = looking("supervisor")
    assert not telling(found)
    assert "Not compared with the run before, which was closed" in found["/candidates"]
    assert "Heart failure" in found[WHY] and "Heart failure" in found["/patients/{ada}/story"]
    assert "Closed until" not in "".join(found.values()) and "Nothing standing here" not in "".join(found.values())
    assert "north-1" not in taken_out(here, "stays") and "a1" in taken_out(here, "stays")
    nightly.stratify_soon(unless_open=True)
    assert queries.current_run() == second, "nothing is closed, so no run is made"

    exchange.end_sensitive_source(
        declared, because="It was another clinic.", by=administrator, at=timezone.now(), home=here
    )
    assert not telling(looking("supervisor")), "nothing opens before a run has counted it"
    assert {row.tags for row in evidence.open_rows(here, behind) if row.source == "north"} == {"part2"}


@pytest.fixture
def made_by_hand(here):
    """The ordinary world as a run of this home; what it kept closed is handed in."""

    def write(name: str, *protected: tuple[str, str]):
        folder = write_run(here.warehouse / "runs" / name, ordinary_world())
        kept_closed.write(folder, protected)
        return folder

    return write


def has_landed(monkeypatch):
    monkeypatch.setattr(landing, "has_landed", lambda *_: True)


@pytest.mark.django_db(transaction=True)
def test_a_run_that_was_being_received_shows_nothing_of_a_source_declared_meanwhile(here, made_by_hand, monkeypatch):
    """Declared at the last moment of loading, by another process: neither waits for the other for ever, and it is seen."""
    has_landed(monkeypatch)
    administrator = UserFactory(role="administrator")
    first = receive.receive(made_by_hand("20261120T030000-aaaa"), at=timezone.now(), by="system:test", home=here)
    later = made_by_hand("20261121T030000-bbbb")

    def declare():
        try:
            exchange.declare_sensitive_source(**NORTH, by=administrator, at=timezone.now(), home=here)
        finally:
            connection.close()

    def told(table, rows):
        if table == "movement":
            other = threading.Thread(target=declare)
            other.start()
            other.join(30)
            assert not other.is_alive(), "the declaration waits for a run to be loaded"

    with pytest.raises(receive.DeclaredMeanwhile):
        receive.receive(later, at=timezone.now(), by="system:test", home=here, report=told)
    first.refresh_from_db()
    assert queries.current_run() is None and first.closed_at is not None
    with pytest.raises(receive.DeclaredMeanwhile):
        receive.receive(later, at=timezone.now(), by="system:test", home=here)
    kept_closed.write(later, [("feed", "north")])
    assert receive.receive(later, at=timezone.now(), by="system:test", home=here).is_current


@pytest.mark.django_db
def test_a_run_begins_anew_when_a_source_was_declared_while_it_was_made(here, made_by_hand, monkeypatch):
    has_landed(monkeypatch)
    administrator, made, why = UserFactory(role="administrator"), [], []

    def run(home, **how):
        name = f"20261120T03000{len(made)}-aaaa"
        made.append(made_by_hand(name, *landing.part2_sources(home)))
        if len(made) == 1:
            exchange.declare_sensitive_source(**NORTH, by=administrator, at=timezone.now(), home=here)
        return warehouse.Run(name, TODAY, timezone.now(), made[-1], (), 0.0)

    monkeypatch.setattr(warehouse, "run", run)
    _, kept = actions.stratify(here, as_of=TODAY, at=timezone.now(), by="system:test", again=why.append)
    assert [kept_closed.of_run(folder) for folder in made] == [frozenset(), {("feed", "north")}]
    assert kept.run_id == made[1].name and kept.is_current and len(why) == 1


@pytest.mark.django_db
def test_a_source_of_which_nothing_landed_closes_nothing(here, made_by_hand):
    """Declared in time, as it should be: no list rests on it."""
    run = receive.receive(made_by_hand("20261120T030000-aaaa"), at=timezone.now(), by="system:test", home=here)
    exchange.declare_sensitive_source(**NORTH, by=UserFactory(role="administrator"), at=timezone.now(), home=here)
    assert queries.current_run() == run and not the_job()


@pytest.mark.django_db
def test_a_source_the_run_left_out_already_closes_nothing(here, made_by_hand, monkeypatch):
    has_landed(monkeypatch)
    folder = made_by_hand("20261120T030000-aaaa", ("feed", "north"))
    run = receive.receive(folder, at=timezone.now(), by="system:test", home=here)
    administrator = UserFactory(role="administrator")
    exchange.declare_sensitive_source(**NORTH, by=administrator, at=timezone.now(), home=here)
    assert queries.current_run() == run
    npi = NORTH | {"kind": "npi", "value": "1215930367"}
    exchange.declare_sensitive_source(**npi, by=administrator, at=timezone.now(), home=here)
    assert queries.current_run() is None and len(the_job()) == 1
    supervisor, ada = UserFactory(role="supervisor"), by_person_id("ada")
    with pytest.raises(NotNow, match="The lists are closed until the next run"):
        actions.accept(patient=ada, by=supervisor, at=timezone.now())
    other = NORTH | {"value": "south"}
    exchange.declare_sensitive_source(**other, by=administrator, at=timezone.now(), home=here)
    assert len(the_job()) == 1, "one run is enough"


@pytest.mark.django_db
def test_a_declaration_that_fails_closes_nothing(here, made_by_hand, monkeypatch):
    has_landed(monkeypatch)
    run = receive.receive(made_by_hand("20261120T030000-aaaa"), at=timezone.now(), by="system:test", home=here)
    monkeypatch.setattr(landing, "declare_part2", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        exchange.declare_sensitive_source(**NORTH, by=UserFactory(role="administrator"), at=timezone.now(), home=here)
    assert queries.current_run() == run and not the_job()


def test_what_ended_stays_closed_in_the_file_until_it_is_written_without_it(here):
    landing.declare_part2(here, [("feed", "a, b"), ("npi", "1215930367")], ended=[("feed", "old"), ("feed", "a, b")])
    assert landing.part2_sources(here) == (("feed", "a, b"), ("npi", "1215930367"))
    assert set(landing.closed_sources(here)) == {("feed", "a, b"), ("npi", "1215930367"), ("feed", "old")}


@pytest.mark.django_db
def test_a_source_taken_off_the_list_opens_when_a_run_has_counted_it(here, made_by_hand):
    administrator, at = UserFactory(role="administrator"), timezone.now()
    declared = exchange.declare_sensitive_source(**NORTH, by=administrator, at=at, home=here)
    receive.receive(made_by_hand("20261120T030000-aaaa", ("feed", "north")), at=at, by="system:test", home=here)
    with exchange.around_a_run(here, by="system:test", at=at):
        exchange.end_sensitive_source(declared, because="Another clinic.", by=administrator, at=at, home=here)
    assert landing.closed_sources(here) == (("feed", "north"),), "the run in force left it out"
    assert landing.part2_sources(here) == (), "the next one counts it"
    with exchange.around_a_run(here, by="system:test", at=at):
        later = at + timedelta(hours=1)
        receive.receive(made_by_hand("20261121T030000-bbbb"), at=later, by="system:test", home=here)
    assert landing.closed_sources(here) == ()
