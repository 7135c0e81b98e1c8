"""The digest that lies outside the database: it shows a log whose end was cut off as a whole, seals and all."""

import argparse
from datetime import UTC, datetime

import pytest

from carewright.audit import actions as audit
from carewright.audit.models import Entry, Seal
from carewright.cli import audit as cli
from carewright.jobs import minutely
from carewright.plumbing import home
from carewright.plumbing.home import Home
from tests.factories.audit import behind_our_back

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
CUT = """
delete from audit_entry where id > {last};
delete from audit_sealedentry where entry_id > {last};
delete from audit_seal where id > {seal};
delete from audit_waitingentry where entry_id > {last}
"""


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path) -> Home:
    """A home of its own, so that the anchor of another test is not ours."""
    alone = Home(tmp_path)
    monkeypatch.setattr(home, "current", lambda: alone)
    return alone


def sealed(*words: str) -> Seal:
    for word in words:
        audit.happened(word, by="system:test")
    minutely.seal_access_log(NOON)
    return Seal.objects.latest("id")


def verify(expect: str = "") -> str:
    return cli.run(argparse.Namespace(what="verify", expect=expect, json=False))


def test_each_seal_is_kept_outside_the_database(here):
    assert not here.seal.exists()
    first = sealed("one", "two")
    assert here.seal.read_text().strip() == first.digest
    assert "unbroken" in verify()
    second = sealed("three")
    assert here.seal.read_text().strip() == second.digest != first.digest


def test_an_end_that_was_cut_off_with_its_seals_is_found_by_the_anchor(here):
    first = sealed("one", "two")
    last = Entry.objects.latest("id").pk
    sealed("what nobody should know")
    behind_our_back(CUT.format(last=last, seal=first.pk))
    assert audit.verify().sealed == 2, "inside the database nothing is amiss"
    with pytest.raises(audit.BrokenLog, match="does not pass through"):
        verify()


def test_an_end_that_was_written_anew_is_found_too(here):
    first = sealed("one")
    last = Entry.objects.latest("id").pk
    sealed("what nobody should know")
    kept = here.seal.read_text()
    behind_our_back(CUT.format(last=last, seal=first.pk))
    audit.happened("something harmless", by="system:test")
    audit.seal(NOON)
    assert here.seal.read_text() == kept, "whoever can write to the database cannot write here"
    with pytest.raises(audit.BrokenLog, match="taken away or written anew"):
        verify()


def test_an_anchor_that_is_missing_is_said_in_a_sentence(here, capsys):
    seal = sealed("one")
    here.seal.unlink()
    assert "unbroken" in verify()
    said = capsys.readouterr().err
    assert "access-log-seal is missing" in said and "cannot be told" in said
    assert "unbroken" in verify(expect=seal.digest)
    sealed("two")
    capsys.readouterr()
    verify()
    assert capsys.readouterr().err == ""


def test_a_log_that_was_never_sealed_needs_no_anchor(here, capsys):
    audit.happened("one", by="system:test")
    assert "1 wait for the next seal" in verify()
    assert "missing" not in capsys.readouterr().err
