"""The chain over the access log: it covers every entry once, and shows whoever changed one behind our back."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from carewright.audit import actions as audit
from carewright.audit.models import Entry, Seal, SealedEntry, WaitingEntry
from carewright.cli import audit as cli
from tests.factories.audit import behind_our_back

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
DB = pytest.mark.django_db


def write(*words) -> list[Entry]:
    return [audit.happened(word, by="system:test", after={"n": 1}) for word in words]


@DB
def test_nothing_waiting_makes_no_seal():
    assert audit.seal(NOW) is None
    verdict = audit.verify()
    assert (verdict.entries, verdict.seals, verdict.digest) == (0, 0, "")


@DB
def test_a_seal_covers_everything_that_waits_once():
    write("one", "two")
    first = audit.seal(NOW)
    write("three")
    second = audit.seal(NOW)
    assert (first.entries, second.entries, second.last_position) == (2, 1, 3)
    assert not WaitingEntry.objects.exists()
    assert audit.seal(NOW) is None
    verdict = audit.verify()
    assert (verdict.entries, verdict.sealed, verdict.seals, verdict.unsealed) == (3, 3, 2, 0)
    assert verdict.digest == second.digest


@DB
def test_the_unsealed_tail_is_said():
    write("one")
    audit.seal(NOW)
    write("two", "three")
    verdict = audit.verify()
    assert verdict.unsealed == 2 and "2 wait for the next seal" in str(verdict)


@DB
def test_a_gap_in_the_numbers_is_no_break():
    write("one")
    with connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence('audit_entry', 'id'))")
    write("two")
    audit.seal(NOW)
    assert audit.verify().sealed == 2


@pytest.mark.django_db(transaction=True)
def test_an_entry_committed_late_is_sealed_by_the_next_seal():
    written, may_commit = threading.Event(), threading.Event()
    late: list[int] = []

    def slow_request():
        try:
            with transaction.atomic():
                late.append(write("late")[0].pk)
                written.set()
                may_commit.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=slow_request)
    thread.start()
    assert written.wait(10)
    (early,) = write("early")
    audit.seal(NOW)
    may_commit.set()
    thread.join()
    assert late[0] < early.pk
    assert list(SealedEntry.objects.values_list("entry_id", flat=True)) == [early.pk]
    assert audit.verify().unsealed == 1
    audit.seal(NOW)
    assert list(SealedEntry.objects.order_by("position").values_list("entry_id", flat=True)) == [early.pk, late[0]]
    assert audit.verify().unsealed == 0


BROKEN = {
    "changed": ("update audit_entry set why = 'something else' where id = {1}", "entry {1}: the entry is not what was"),
    "backdated": ("update audit_entry set at = at - interval '1 day' where id = {1}", "entry {1}: the entry is not"),
    "given to another": ("update audit_entry set patient_ids = '{{7}}' where id = {1}", "entry {1}: the entry is not"),
    "taken away": ("delete from audit_entry where id = {1}", "entry {1}: the entry is gone"),
    "link taken away": ("delete from audit_sealedentry where entry_id = {1}", "place 2: a place in the chain is miss"),
    "link changed": ("update audit_sealedentry set digest = 'x' where entry_id = {2}", "entry {2}: the entry is not"),
    "seal changed": ("update audit_seal set digest = 'x' where id = {seal}", "does not fit the entries"),
    "seal taken away": ("delete from audit_seal where id = {seal}", "broken at entry"),
    "all taken away": ("truncate audit_seal", "the seal over this entry is gone"),
    "off the waiting list": ("delete from audit_waitingentry", "neither sealed nor waiting"),
}


@DB
@pytest.mark.parametrize("what", BROKEN)
def test_whoever_does_it_behind_our_back_is_found(what):
    statement, said = BROKEN[what]
    ids = [entry.pk for entry in write("one", "two", "three")]
    seal = audit.seal(NOW)
    write("four")
    audit.seal(NOW)
    write("five")
    behind_our_back(statement.format(*ids, seal=seal.pk))
    with pytest.raises(audit.BrokenLog) as broken:
        audit.verify()
    assert said.format(*ids) in str(broken.value)


@DB
def test_a_digest_kept_outside_proves_that_nothing_was_written_anew():
    write("one")
    kept = audit.seal(NOW).digest
    write("two")
    audit.seal(NOW)
    assert audit.verify(expecting=kept.upper()).sealed == 2
    behind_our_back("truncate audit_seal, audit_sealedentry, audit_entry, audit_waitingentry")
    write("another story")
    audit.seal(NOW)
    assert audit.verify().sealed == 1
    with pytest.raises(audit.BrokenLog, match="does not pass through"):
        audit.verify(expecting=kept)


@DB
def test_the_command_says_it_in_words_and_as_values():
    import argparse

    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    cli.add(parser.add_subparsers())
    write("one")
    digest = audit.seal(NOW).digest
    said = cli.run(argparse.Namespace(what="verify", expect="", json=False))
    assert "unbroken: 1 entries under 1 seals" in said and digest in said
    assert cli.run(argparse.Namespace(what="verify", expect=digest, json=True))["sealed"] == 1
    assert parser.parse_args(["audit", "verify", "--expect", "ab"]).expect == "ab"


@DB
def test_a_seal_reads_as_itself():
    write("one")
    seal = audit.seal(NOW)
    assert str(Seal.objects.get()) == f"Seal {seal.pk} of 1 entries"
